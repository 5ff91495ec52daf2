"""Databases for tests: SQLite files, and a throw-away PostgreSQL cluster on the loopback, both with our schema."""

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from functools import cache
from pathlib import Path

import psycopg
import pytest

from ledger_node.store import Stores, migrate, open_stores
from scripts.node_folder import free_ports

DATABASES = ("sqlite", "postgresql")


class PostgresCluster:
    """A PostgreSQL of Debian's, run as `postgres` (or as the caller when not root), gone with its folder afterwards."""

    def __init__(self) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not programs:
            pytest.skip("PostgreSQL's programs are missing: apt install postgresql")
        self._bin = programs[-1].parent
        self._folder = Path(tempfile.mkdtemp(prefix="tidemark-postgresql-"))
        self._as = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self.port = free_ports(1)[0]
        self._count = 0

    def start(self) -> None:
        """Makes the cluster and waits until it answers; durability is off, for these are tests of behaviour."""
        if self._as:
            os.chown(self._folder, self._as.pw_uid, self._as.pw_gid)
        self._run(
            "initdb", "-D", str(self._folder / "data"), "-U", "tidemark", "-A", "trust", "-E", "UTF8", "--locale=C"
        )
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder}"
            " -c fsync=off -c full_page_writes=off -c max_connections=200"
        )
        self._run(
            "pg_ctl", "-D", str(self._folder / "data"), "-w", "-l", str(self._folder / "log"), "-o", options, "start"
        )
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE template_tidemark")
        stores = open_stores(self._folder, self._url("template_tidemark"))
        migrate(stores)
        stores.dispose()

    def stop(self) -> None:
        """Ends the server and removes everything."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop", check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def restart(self) -> None:
        """Stops the server as a crash would and starts it again."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "-w", "restart")

    def new_database(self) -> str:
        """The URL of a fresh database with the newest schema."""
        self._count += 1
        name = f"test_{self._count}"
        for attempt in range(50):  # the template must have no other session at that moment
            try:
                with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
                    connection.execute(f"CREATE DATABASE {name} TEMPLATE template_tidemark")
                break
            except psycopg.errors.ObjectInUse:
                if attempt == 49:
                    raise
                time.sleep(0.1)
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://tidemark@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        command = [str(self._bin / program), *arguments]
        uid, gid = (self._as.pw_uid, self._as.pw_gid) if self._as else (None, None)
        done = subprocess.run(
            command, user=uid, group=gid, extra_groups=[] if self._as else None, cwd=self._folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
        if check and done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode(errors='replace')[-500:]}")


@pytest.fixture(scope="session")
def postgres_cluster() -> Generator[PostgresCluster]:
    """One cluster for all tests of this process."""
    cluster = PostgresCluster()
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str | None:
    """None for SQLite files, else a fresh PostgreSQL database: the same test on both."""
    if request.param == "sqlite":
        return None
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    return cluster.new_database()


@cache
def migrated_files() -> Path:
    """A folder with the three SQLite files, empty and with the newest schema: migrating takes longer than copying."""
    folder = Path(tempfile.mkdtemp(prefix="tidemark-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    opened = open_stores(folder)
    migrate(opened)
    for database in (opened.journal, opened.projections, opened.log):
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.dispose()
    return folder


def empty_stores(folder: Path, database_url: str | None = None) -> Stores:
    """Opened stores in a new folder (SQLite) or in a database made from the template."""
    if database_url is None:
        folder.mkdir(parents=True, exist_ok=True)
        for file in migrated_files().glob("*.sqlite"):
            shutil.copy(file, folder / file.name)
    return open_stores(folder, database_url)


@pytest.fixture
def stores(tmp_path: Path, database_url: str | None) -> Generator[Stores]:
    """Journal, projections and log with the newest schema, empty, on each kind of database in turn."""
    opened = empty_stores(tmp_path, database_url)
    yield opened
    opened.dispose()
