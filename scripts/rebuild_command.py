"""`tidemark rebuild` and `tidemark content rebuild`: what can be made again is made again and compared.

What a command needs is imported when it runs, so that other commands start quickly.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

_console = Console(highlight=False)
DataFolder = Annotated[Path, typer.Option("--data", help="The node's folder; its chain must be running.")]


def rebuild_projections(
    into: Annotated[Path, typer.Option(help="An empty folder for the rebuilt tables.")],
    data: DataFolder = Path("data"),
) -> None:
    """Rebuilds the projections from block 0 into an empty folder and compares them with the live ones, row by row."""
    from ledger_node.chain.rpc import Node
    from ledger_node.deployment.deployment import Deployment
    from ledger_node.indexer.digest import differing_tables
    from ledger_node.indexer.indexer import Indexer
    from ledger_node.indexer.rebuild import rebuild
    from ledger_node.store import migrate, open_stores
    from scripts.founding_parts import engine_of
    from scripts.node_folder import NodeFolder

    folder = NodeFolder(data)
    deployment = Deployment.parse((folder / "deployment.json").read_bytes())
    node, live = Node(folder.settings.rpc_url), open_stores(folder.path, folder.settings.database_url)
    into.mkdir(parents=True, exist_ok=True)
    fresh = open_stores(into)
    migrate(fresh)
    last = node.block_number()
    indexer = Indexer(fresh, node, engine_of(folder), deployment, folder.clock, evidence=into, last_block=last)
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("blocks", total=last)
        rebuild(indexer, fresh.projections, last, progress=lambda block, _last: progress.update(task, completed=block))
    with live.projections.read() as one, fresh.projections.read() as other:
        unequal = differing_tables(one, other)
    if unequal:
        _console.print(f"[red]differ:[/] {', '.join(unequal)}. If blocks came in meanwhile, run it again.")
        raise typer.Exit(1)
    _console.print(f"All tables are equal up to block {last}.")


def rebuild_batch(
    stream: Annotated[str, typer.Argument(help="The stream's name, e.g. market/zpk/sale.")],
    sequence: Annotated[int, typer.Argument(help="The batch's number in the stream.")],
    data: DataFolder = Path("data"),
) -> None:
    """Makes a batch's file again from the journal and compares its content identifier with the pinned one."""
    from ledger_node.content.content_keys import KeyFolder
    from ledger_node.sealing.rebuild import BatchId, rebuild_batch_file
    from ledger_node.store import open_stores
    from ledger_node.store.pinned import pinned_content
    from scripts.node_folder import NodeFolder

    folder = NodeFolder(data)
    stores = open_stores(folder.path, folder.settings.database_url)
    cid, content = rebuild_batch_file(stores, BatchId(stream, sequence), KeyFolder(folder / "keys" / "content"))
    pinned = pinned_content(stores.projections, stream, sequence)
    if pinned != cid.digest:
        _console.print(f"[red]differs:[/] {cid} is not what the chain has pinned.")
        raise typer.Exit(1)
    _console.print(f"{cid}, {len(content):,} bytes, as pinned.")


def register(app: typer.Typer) -> None:
    """Adds both commands."""
    app.command("rebuild")(rebuild_projections)
    content = typer.Typer(help="The content store.", no_args_is_help=True)
    content.command("rebuild")(rebuild_batch)
    app.add_typer(content, name="content")
