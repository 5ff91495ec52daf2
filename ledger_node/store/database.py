"""One database of a node: its engine, its transactions, its schema.

SQLite runs WAL with `synchronous=FULL` (NORMAL loses acknowledged rows on power loss); a write takes the lock at its
start, so two writers queue instead of failing half-way. PostgreSQL keeps the same tables in one schema per database.
A failed commit means *unknown*: every write carries its own id and may be repeated.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

from ledger_node.store.journal import journal_metadata
from ledger_node.store.log import log_metadata
from ledger_node.store.projections import projections_metadata

METADATA: dict[str, MetaData] = {
    "journal": journal_metadata,
    "projections": projections_metadata,
    "log": log_metadata,
}
BUSY_TIMEOUT_SECONDS = 30
_CHECKPOINT_PAGES = 8_000
"""32 MiB of write-ahead log: pages that many transactions change are copied back once."""
_CACHE_KIB = 32_768

_CLIENT_LIMITS: Final[dict[str, int]] = {
    "connect_timeout": 5, "keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}  # fmt: skip
"""A PostgreSQL server that vanished without a word is noticed within half a minute, not after hours."""
_SERVER_LIMITS: Final = (
    "-cstatement_timeout=60000 -cidle_in_transaction_session_timeout=60000 -ctcp_keepalives_idle=10"
    " -ctcp_keepalives_interval=5 -ctcp_keepalives_count=3"
)
"""And a client that vanished inside a transaction does not keep its locks."""


@dataclass(frozen=True, slots=True)
class Database:
    """A named database (`journal`, `projections` or `log`) and how to open transactions on it."""

    name: str
    engine: Engine

    @property
    def is_sqlite(self) -> bool:
        """Whether the engine is SQLite (else PostgreSQL)."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Generator[Connection]:
        """A snapshot for reading; nothing is kept."""
        with self.engine.connect() as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def write(self) -> Generator[Connection]:
        """One transaction: committed at the end, rolled back when anything is raised."""
        with self.engine.connect().execution_options(tidemark_write=True) as connection, connection.begin():
            yield connection

    def dispose(self) -> None:
        """Closes all pooled connections."""
        self.engine.dispose()


@dataclass(frozen=True, slots=True)
class Stores:
    """The three databases of one node."""

    journal: Database
    projections: Database
    log: Database

    def dispose(self) -> None:
        """Closes all three."""
        for database in (self.journal, self.projections, self.log):
            database.dispose()


def sqlite_url(folder: Path, name: str) -> str:
    """Where a node keeps its database `name` when it uses SQLite."""
    return f"sqlite:///{folder / name}.sqlite"


def open_database(name: str, url: str, *, pool_size: int = 5) -> Database:
    """Opens `name` at `url`: `sqlite:///…` or `postgresql+psycopg://…`; on PostgreSQL in the schema called `name`."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, poolclass=QueuePool, pool_size=pool_size, max_overflow=20)
        _prepare_sqlite(engine)
    else:
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=pool_size,
            max_overflow=10,
            pool_pre_ping=True,
            connect_args={"options": f"-csearch_path={name} {_SERVER_LIMITS}", **_CLIENT_LIMITS},
        )
    return Database(name, engine)


def open_stores(folder: Path, database_url: str | None = None) -> Stores:
    """The three databases: SQLite files in `folder`, or schemas of the PostgreSQL database at `database_url`."""
    journal, projections, log = (
        open_database(name, database_url or sqlite_url(folder, name)) for name in ("journal", "projections", "log")
    )
    return Stores(journal, projections, log)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(dbapi_connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        # We begin transactions ourselves: the driver would begin them late and without the write lock.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
            "journal_size_limit=67108864",
            f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
            f"cache_size=-{_CACHE_KIB}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        writing = connection.get_execution_options().get("tidemark_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
