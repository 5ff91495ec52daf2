"""Brings the schema of a database up to date with Alembic; each database has a migration line of its own."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from ledger_node.store.database import Database, Stores

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(database: Database) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(MIGRATIONS / database.name))
    config.attributes["database"] = database
    return config


def migrate(stores: Stores) -> None:
    """Upgrades all three databases to the newest schema; safe to call by several processes at once."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for database in (stores.journal, stores.projections, stores.log):
        if not database.is_sqlite:
            with database.write() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(7041001)"))
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {database.name}"))
        command.upgrade(alembic_config(database), f"{database.name}@head")
