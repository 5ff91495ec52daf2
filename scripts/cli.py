"""The command `tidemark`: every part of a node, and what people ask of it.

Commands import what they need when they run, so that `tidemark verify` starts without a server's libraries.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ledger_node.errors import ConfigurationWrong, LedgerError
from scripts.supervisor import EXIT_REFUSED

app = typer.Typer(
    name="tidemark",
    help="A permissioned traceability ledger: devices sign, oracles judge, a chain pins, anybody checks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_errors = Console(stderr=True, highlight=False)

DataFolder = Annotated[Path, typer.Option("--data", help="The node's folder.", show_default=True)]
DEFAULT_DATA = Path("data")


@app.command()
def run(
    data: DataFolder = DEFAULT_DATA,
    port: Annotated[int, typer.Option(help="Port of the pages and the API, on the loopback.")] = 8000,
    engine: Annotated[str, typer.Option(help="anvil, ganache or url.")] = "anvil",
    rpc_url: Annotated[str, typer.Option(help="With --engine url: the node's JSON-RPC address.")] = "",
    database_url: Annotated[str, typer.Option(help="PostgreSQL in place of SQLite files.")] = "",
    stalls: Annotated[int, typer.Option(min=1, max=1000, help="How many stalls the replayed market has.")] = 24,
    speed: Annotated[int, typer.Option(min=1, max=600, help="How many times as fast the past is replayed.")] = 60,
    seed: Annotated[str, typer.Option(help="What the demonstration's keys are made from.")] = "tidemark",
    workers: Annotated[int, typer.Option(min=0, max=64, help="Processes that check signatures; 0: none extra.")] = 0,
    fault: Annotated[
        list[str] | None, typer.Option(help="NAME=SHARE: what goes wrong on purpose, e.g. fork=0.001; repeatable.")
    ] = None,
) -> None:
    """Starts the whole system on this machine, with a realistic market replayed into it."""
    from scripts.run_command import RunOptions, run_node

    run_node(
        data,
        RunOptions(
            port=port,
            engine=engine,
            rpc_url=rpc_url,
            database_url=database_url or None,
            stalls=stalls,
            speed=speed,
            seed=seed,
            workers=workers,
            faults=read_faults(fault or []),
        ),
    )


def read_faults(given: Sequence[str]) -> dict[str, float]:
    """`NAME=SHARE` pairs; ConfigurationWrong for a name that is no fault or a share outside 0 to 1."""
    from oracles.simulate.fault_plan import FAULTS

    faults: dict[str, float] = {}
    for text in given:
        name, _, share = text.partition("=")
        try:
            faults[name] = float(share)
        except ValueError:
            faults[name] = -1.0
        if name not in FAULTS or not 0 <= faults[name] <= 1:
            raise ConfigurationWrong(f"--fault {text}", "not NAME=SHARE", f"Names are {', '.join(FAULTS)}; 0 to 1.")
    return faults


def _part_command(name: str, help_text: str) -> None:
    def command(data: DataFolder = DEFAULT_DATA) -> None:
        from scripts.node_folder import NodeFolder
        from scripts.part_process import run_part
        from scripts.parts import PARTS

        run_part(name, PARTS[name], NodeFolder(data))

    command.__doc__ = help_text
    app.command(name=name, help=help_text)(command)


for _name, _help in {
    "chain": "The embedded chain alone.",
    "broker": "The embedded MQTT broker alone.",
    "gateway": "The gateways of the market's zones alone.",
    "ingest": "Ingest alone: judges and journals what gateways send.",
    "seal": "The sealer alone: closes batches and queues their pins.",
    "submit": "The submitter alone: sends queued transactions and follows them.",
    "index": "The indexer alone: follows the chain into the projections.",
    "checkpoint": "The checkpoint log alone: takes in final events, signs and publishes tree heads.",
    "serve": "The API and the pages alone.",
    "simulate": "The replayed market alone.",
}.items():
    _part_command(_name, _help)


def main() -> None:
    """Runs the command line; expected failures end in one sentence, not in a traceback."""
    from ledger_node.errors import IdentityError
    from scripts import rebuild_command, verify_command

    verify_command.register(app)
    rebuild_command.register(app)
    try:
        app()
    except IdentityError as error:
        _errors.print(f"[red]refused:[/] {error}")
        sys.exit(EXIT_REFUSED)
    except LedgerError as error:
        _errors.print(f"[red]error:[/] {error}")
        sys.exit(1)


if __name__ == "__main__":
    main()
