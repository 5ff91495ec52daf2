"""Databases of a node: tables (SQLModel), transactions, leases, migrations (Alembic)."""

from ledger_node.store.database import Database, Stores, open_database, open_stores
from ledger_node.store.migrate import migrate

__all__ = ["Database", "Stores", "migrate", "open_database", "open_stores"]
