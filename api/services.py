"""What routes and pages work with, built once by `create_app` and handed to each request."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, BinaryIO, Protocol, TypeVar

from fastapi import Depends, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from api.settings import ApiSettings
from ledger_node.content.cid import Cid
from ledger_node.domain.clock import Clock
from ledger_node.store.database import Database, Stores

Answer = TypeVar("Answer")


class ProofSource(Protocol):
    """Makes proof bundles: `ledger_node.proof.build.BundleBuilder`."""

    def record(self, record_hash: bytes, /) -> bytes:
        """The bundle of one record against the newest published checkpoint, as canonical JSON.

        Raises RecordNotFound where nothing has this hash, RecordNotYetProven before a checkpoint covers it.
        """
        ...

    def journey(self, records: Sequence[bytes], /) -> bytes:
        """One bundle for several records, the first being what it is about; raises as `record` does."""
        ...


class ContentSource(Protocol):
    """Gives bytes by content identifier, hashed again as they are read: what the API needs of a ContentStore."""

    def read(self, cid: Cid, *, limit_bytes: int) -> Iterator[bytes]:
        """Verified pieces of at most 1 MiB. ContentMissing, ContentAltered, ContentTooLarge."""
        ...

    def export(self, roots: Sequence[Cid], sink: BinaryIO) -> None:
        """The blocks of `roots` as a CARv1. ContentMissing, ContentAltered."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a request may use."""

    settings: ApiSettings
    stores: Stores
    network_bytes: bytes
    proofs: ProofSource
    content: ContentSource
    clock: Clock

    async def journal(self, ask: Callable[[Connection], Answer]) -> Answer:
        """The answer of a query on the journal."""
        return await _ask(self.stores.journal, ask)

    async def projections(self, ask: Callable[[Connection], Answer]) -> Answer:
        """The answer of a query on the projections."""
        return await _ask(self.stores.projections, ask)

    async def log(self, ask: Callable[[Connection], Answer]) -> Answer:
        """The answer of a query on the log."""
        return await _ask(self.stores.log, ask)

    async def together(self, ask: "Callable[[Views], Answer]") -> Answer:
        """The answer of a query that needs all three databases; always off the event loop, for it is the slow kind."""

        def work() -> Answer:
            with (
                self.stores.journal.read() as journal,
                self.stores.projections.read() as projections,
                self.stores.log.read() as log,
            ):
                return ask(Views(journal, projections, log))

        return await run_in_threadpool(work)


@dataclass(frozen=True, slots=True)
class Views:
    """A snapshot of each database."""

    journal: Connection
    projections: Connection
    log: Connection


async def _ask(database: Database, ask: Callable[[Connection], Answer]) -> Answer:
    def work() -> Answer:
        with database.read() as connection:
            return ask(connection)

    # A look-up in a local file is quicker than handing it to a thread; a server may make us wait.
    return work() if database.is_sqlite else await run_in_threadpool(work)


def services(request: Request) -> Services:
    """The services of the application that serves this request."""
    found: Services = request.app.state.services
    return found


ServicesDep = Annotated[Services, Depends(services)]
