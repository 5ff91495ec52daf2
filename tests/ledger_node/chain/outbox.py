"""A journal with queued pins, submitters on it, and the checker of what the chain holds in the end."""

import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

from ledger_node.bindings import pin_registry
from ledger_node.chain.submitter import Submitter
from ledger_node.chain.tx_store import TxState
from ledger_node.domain.batch import pin_key
from ledger_node.domain.digest import keccak256
from ledger_node.store import Stores
from ledger_node.store.journal import journal_metadata
from ledger_node.store.tx import JournalTxStore, enqueue
from tests.support.chain import LANES, Chain, a_root, encode_pin

TX = journal_metadata.tables["tx"]
HISTORY = journal_metadata.tables["tx_history"]
LEASE = journal_metadata.tables["lease"]
ALARM = journal_metadata.tables["alarm"]
SALES = "market/zpk/sale"
TESTS = "market/zpk/test"


@dataclass
class Outbox:
    """Queues pins that follow one another in each stream, and runs submitters until all are final."""

    chain: Chain
    stores: Stores
    heads: dict[str, int] = field(default_factory=dict[str, int])
    first_nonces: dict[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        for lane, signer in self.chain.lanes.items():
            self.first_nonces[lane] = self.chain.node.nonce(signer.address)

    def store(self) -> JournalTxStore:
        return JournalTxStore(self.stores.journal, self.chain.clock)

    def submitter(self, **settings: Any) -> Submitter:
        """A submitter as a new process would make it, with any lease of a dead one lapsed."""
        with self.stores.journal.write() as connection:
            connection.execute(update(LEASE).values(expires_at_ms=0))
        given = {"chain_id": self.chain.deployment.chain_id, "resend_seconds": 0.3, **settings}
        store = given.pop("store", None) or self.store()
        node = given.pop("node", None) or self.chain.node
        engine = given.pop("engine", None) or self.chain.engine
        return Submitter(store, node, engine, self.chain.lanes, self.chain.clock, **given)

    def queue(self, stream: str = SALES, count: int = 1) -> None:
        with self.stores.journal.write() as connection:
            for _ in range(count):
                before = self.heads.get(stream) or self.chain.stream(stream).sequence
                data = encode_pin(
                    stream, before + 1, self.chain.clock.now_s() - 5, previous_root=self.root(stream, before)
                )
                enqueue(
                    connection, key=pin_key(stream, before + 1), lane=self.chain.lane_of(stream),
                    to_address=self.chain.deployment.address("trace"), data=data, now_ms=self.chain.clock.now_ms(),
                )  # fmt: skip
                self.heads[stream] = before + 1

    def root(self, stream: str, sequence: int) -> bytes:
        return a_root(stream, sequence)

    def rows(self) -> list[dict[str, Any]]:
        with self.stores.journal.read() as connection:
            return [dict(row) for row in connection.execute(select(TX).order_by(TX.c.id)).mappings()]

    def states(self) -> list[str]:
        return [row["state"] for row in self.rows()]

    def history(self, tx_id: int) -> list[str]:
        query = select(HISTORY.c.state).where(HISTORY.c.tx_id == tx_id).order_by(HISTORY.c.id)
        with self.stores.journal.read() as connection:
            return [row.state for row in connection.execute(query)]

    def alarms(self) -> list[str]:
        with self.stores.journal.read() as connection:
            return [row.code for row in connection.execute(select(ALARM.c.code).order_by(ALARM.c.id))]

    def run_until(self, submitter: Submitter, states: set[str], *, seconds: float = 30) -> None:
        """Steps until every row is in one of `states`."""
        limit = time.monotonic() + seconds
        while not set(self.states()) <= states:
            assert time.monotonic() < limit, self.rows()
            submitter.step()
            time.sleep(0.02)

    def settle(self, submitter: Submitter, *, seconds: float = 30) -> None:
        """Until all is final."""
        self.run_until(submitter, {TxState.MINED, TxState.FINAL, TxState.FAILED}, seconds=seconds)
        self.chain.finalise()
        self.run_until(submitter, {TxState.FINAL, TxState.FAILED}, seconds=seconds)

    def check(self) -> None:
        """Each queued pin stands on the chain once, and no lane sent more than its rows say."""
        first = self.chain.deployment.first_block
        address = self.chain.deployment.address("trace")
        logs = self.chain.node.logs_by_range(first, self.chain.node.block_number(), [address])
        events = [pin_registry.decode_event(log.topics, log.data) for log in logs]
        pins = [(one.stream, one.sequence) for one in events if isinstance(one, pin_registry.Pinned)]
        assert len(set(pins)) == len(pins)
        for stream, head in self.heads.items():
            found = sorted(number for one, number in pins if one == keccak256(stream.encode()))
            assert found == list(range(1, head + 1))
        for lane, signer in self.chain.lanes.items():
            rows = [row for row in self.rows() if row["lane"] == lane and row["nonce"] is not None]
            assert self.chain.node.nonce(signer.address) == self.first_nonces[lane] + len(rows)


def both_lanes_have_work(outbox: Outbox) -> None:
    assert {outbox.chain.lane_of(stream) for stream in outbox.heads} == {f"lane-{n}" for n in range(LANES)}
