"""Writes the Alembic migration for what changed in the tables: `python -m scripts.make_migration NAME "message"`.

`--renew` in place of the message writes the first migration anew: allowed until a version has been released.
Compares `ledger_node/store/*.py` with a fresh database brought to the newest revision, so no server is needed.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command

from ledger_node.store.database import open_database, sqlite_url
from ledger_node.store.migrate import MIGRATIONS, alembic_config


def main(name: str, message: str) -> None:
    """Adds one revision to the migration line of database `name`."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(name, sqlite_url(Path(folder), name))
        config = alembic_config(database)
        line = MIGRATIONS / name
        if message == "--renew":
            for old in line.glob("*.py"):
                old.unlink()
            message = f"Create the tables of {name}"
        number = len(list(line.glob("*.py"))) + 1
        first = number == 1
        if not first:
            command.upgrade(config, f"{name}@head")
        command.revision(
            config,
            message=message,
            autogenerate=True,
            rev_id=f"{name}_{number:04d}",
            head="base" if first else f"{name}@head",
            branch_label=name if first else None,
            version_path=str(line),
            splice=first,
        )
        database.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
