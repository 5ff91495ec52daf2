"""Queued transactions reach the chain once each, whatever is cut off, lost, undone or done twice."""

import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ledger_node.chain.rpc import Node
from ledger_node.chain.signer import SignedTransaction, Transaction
from ledger_node.chain.submitter import Submitter
from ledger_node.chain.tx_store import NewBytes, TxState
from ledger_node.domain import fault
from ledger_node.errors import LeaseLost, NodeUnreachable, TxKeyReused
from ledger_node.store import Stores
from ledger_node.store.journal import journal_metadata
from ledger_node.store.tx import JournalTxStore, enqueue, pauses, resume_stream
from tests.ledger_node.chain.outbox import SALES, TESTS, Outbox
from tests.support.chain import Chain, a_chain, encode_pin

PAUSE = journal_metadata.tables["stream_pause"]


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture(autouse=True)
def disarmed() -> Generator[None]:
    yield
    fault.disarm()


@pytest.fixture
def outbox(chain: Chain, stores: Stores) -> Outbox:
    """On the shared chain; a test leaves nothing unfinished there."""
    return Outbox(chain, stores)


def kill() -> None:
    raise Killed


def test_pins_of_several_streams_are_pinned_once_and_become_final(outbox: Outbox) -> None:
    outbox.queue(SALES, 5)
    outbox.queue(TESTS, 3)
    outbox.settle(outbox.submitter())
    assert set(outbox.states()) == {"final"}
    assert outbox.history(1) == ["queued", "signed", "sent", "mined", "final"]
    assert outbox.alarms() == []
    outbox.check()


@pytest.mark.parametrize("label", ["T1", "T2", "T3", "T4", "T5", "T6"])
def test_killed_at_any_label_nothing_is_lost_or_doubled(outbox: Outbox, label: str) -> None:
    outbox.queue(SALES, 3)
    fault.arm(label, kill)
    with pytest.raises(Killed):
        outbox.settle(outbox.submitter())
    fault.disarm()
    outbox.settle(outbox.submitter())
    assert set(outbox.states()) == {"final"}
    outbox.check()


@pytest.mark.parametrize("step", ["assign", "change", "send_raw", "receipts_by_hash", "known"])
@pytest.mark.parametrize("times", [1, 2])
def test_done_but_reported_as_failed_is_not_done_twice(outbox: Outbox, step: str, times: int) -> None:
    outbox.queue(SALES, 3)
    store, node = outbox.store(), Node(outbox.chain.node.url)
    submitter = outbox.submitter(store=store, node=node)
    left = times

    def reported_as_failed(done: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            result = done(*arguments, **named)
            if left:
                left -= 1
                raise NodeUnreachable("http://127.0.0.1", 0)
            return result

        return wrapped

    owner: Any = store if hasattr(store, step) else node
    setattr(owner, step, reported_as_failed(getattr(owner, step)))
    outbox.settle(submitter)
    assert left < times  # a step that was done is not asked for again
    assert set(outbox.states()) == {"final"}
    outbox.check()
    node.close()


class NaiveSender:
    """Asks the chain for the nonce, sends, and writes down afterwards that it did: the negative control."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._lane = outbox.chain.lane_of(SALES)
        self._signer = outbox.chain.lanes[self._lane]

    def step(self) -> None:
        chain, store = self._outbox.chain, self._outbox.store()
        lease = store.acquire(self._lane, "naive")
        assert lease is not None
        price = 0 if chain.engine.name == "anvil" else 20_000_000_000
        for one in store.queued(self._lane, 10):
            nonce = chain.node.nonce(self._signer.address, "pending")
            transaction = Transaction(13370, nonce, one.to_address, one.data, 300_000, price)
            signed = self._signer.sign_transaction(transaction)
            chain.node.send_raw([signed.raw])
            fault.reach("T4")
            store.assign(lease, [one], nonce, lambda _one, _nonce, signed=signed: _new(signed))


def _new(signed: SignedTransaction) -> NewBytes:
    return NewBytes(signed, 300_000, {})


def test_a_naive_sender_sends_twice(engine_name: str, stores: Stores, tmp_path: Path) -> None:
    with a_chain(engine_name, tmp_path / "chain") as chain:
        outbox = Outbox(chain, stores)
        outbox.queue(SALES)
        fault.arm("T4", kill)
        with pytest.raises(Killed):
            NaiveSender(outbox).step()
        fault.disarm()
        chain.mine()
        NaiveSender(outbox).step()
        chain.mine()
        with pytest.raises(AssertionError):
            outbox.check()


def test_of_two_submitters_one_works(outbox: Outbox) -> None:
    first = outbox.submitter()
    outbox.queue(SALES)
    first.step()
    second = another_submitter(outbox)
    outbox.queue(SALES, 2)
    second.step()
    assert second.lane(outbox.chain.lane_of(SALES)) is None
    assert outbox.states().count("queued") == 2
    outbox.settle(first)
    outbox.check()


def another_submitter(outbox: Outbox) -> Submitter:
    return Submitter(
        outbox.store(), outbox.chain.node, outbox.chain.engine, outbox.chain.lanes, outbox.chain.clock, chain_id=13370
    )


def test_a_submitter_whose_lease_lapsed_writes_nothing_more(outbox: Outbox) -> None:
    lane = outbox.chain.lane_of(SALES)
    first = outbox.submitter()
    first.step()
    held = first.lane(lane)
    assert held is not None
    second = outbox.submitter()
    outbox.queue(SALES)
    second.step()
    outbox.queue(SALES)
    with pytest.raises(LeaseLost):
        held.sign_queued()
    outbox.settle(second)
    outbox.check()


def test_a_pin_that_reverts_pauses_its_stream_and_spends_no_nonce(outbox: Outbox) -> None:
    good, bad = SALES, TESTS
    outbox.queue(good)
    wrong = encode_pin(bad, 1, outbox.chain.clock.now_s(), previous_root=b"\7" * 32)
    lane, address = outbox.chain.lane_of(bad), outbox.chain.deployment.address("trace")
    with outbox.stores.journal.write() as connection:
        head = outbox.chain.stream(bad).sequence
        for number in (1, 2):
            enqueue(connection, key=f"pin/{bad}/{head + number}", lane=lane, to_address=address, data=wrong, now_ms=1)
    nonce = outbox.chain.node.nonce(outbox.chain.lanes[lane].address)
    submitter = outbox.submitter()
    limit = time.monotonic() + 30
    while not {"mined", "final"} & set(outbox.states()):  # the good one is in its block: nothing is left behind
        assert time.monotonic() < limit
        submitter.step()
    rows = {row["idempotency_key"]: row for row in outbox.rows()}
    assert rows[f"pin/{bad}/{head + 1}"]["state"] == "failed"
    assert "Pin" in rows[f"pin/{bad}/{head + 1}"]["reason"]
    assert rows[f"pin/{bad}/{head + 2}"]["state"] == "queued"
    assert outbox.alarms() == ["pin-reverted"]
    with outbox.stores.journal.read() as connection:
        assert list(pauses(connection)) == [bad]
    if lane != outbox.chain.lane_of(good):
        assert outbox.chain.node.nonce(outbox.chain.lanes[lane].address) == nonce
    with outbox.stores.journal.write() as connection:
        assert resume_stream(connection, bad, now_ms=2) == 1
        assert connection.execute(select(PAUSE)).all() == []


def test_the_same_key_is_queued_once_and_never_for_something_else(stores: Stores) -> None:
    given: dict[str, Any] = {"key": "k", "lane": "lane-0", "to_address": b"\1" * 20, "now_ms": 1}
    with stores.journal.write() as connection:
        assert enqueue(connection, data=b"a", **given)
        assert not enqueue(connection, data=b"a", **given)
        with pytest.raises(TxKeyReused):
            enqueue(connection, data=b"b", **given)


def test_a_node_that_does_not_answer_is_asked_again(outbox: Outbox) -> None:
    outbox.queue(SALES, 2)
    nowhere = Node("http://127.0.0.1:9", timeout_seconds=0.2, connect_seconds=0.2)
    outbox.submitter(node=nowhere).step()
    assert outbox.states() == ["queued", "queued"]
    outbox.settle(outbox.submitter())
    outbox.check()
    nowhere.close()


@pytest.mark.fault
@pytest.mark.parametrize("depth", range(1, 9))
def test_a_reorganisation_loses_nothing(stores: Stores, tmp_path: Path, depth: int) -> None:
    with a_chain("anvil", tmp_path / "chain") as chain:
        outbox = Outbox(chain, stores)
        submitter = outbox.submitter()
        for _ in range(depth):
            outbox.queue(SALES)
            outbox.run_until(submitter, {"mined", "final"})
        before = chain.node.block_number()
        with chain.runner.paused():
            chain.mine(max(0, depth - 1))
            chain.node.request("anvil_reorg", depth, [])
        outbox.settle(submitter)
        assert chain.node.block_number() >= before
        outbox.check()


@pytest.mark.fault
def test_a_chain_set_back_to_an_older_state_gets_its_transactions_again(stores: Stores, tmp_path: Path) -> None:
    folder = tmp_path / "chain"
    with a_chain("anvil", folder) as chain:
        outbox = Outbox(chain, stores)
        chain.finalise()
        older = (folder / "state.json").read_bytes()
        outbox.queue(SALES, 4)
        outbox.settle(outbox.submitter())
        clock = chain.clock
    (folder / "state.json").write_bytes(older)
    with a_chain("anvil", folder, clock=clock) as chain:
        assert chain.stream(SALES).sequence == 0
        outbox.chain = chain
        submitter = outbox.submitter()
        submitter.step()
        outbox.settle(submitter)
        assert outbox.alarms() == ["final-block-lost"]
        assert chain.stream(SALES).sequence == 4
        outbox.check()


@pytest.mark.fault
@pytest.mark.parametrize("times", [3])
def test_an_engine_killed_under_load_loses_nothing(stores: Stores, tmp_path: Path, times: int) -> None:
    folder = tmp_path / "chain"
    clock = None
    outbox: Outbox | None = None
    for _ in range(times):
        with a_chain("anvil", folder, clock=clock) as chain:
            clock = chain.clock
            if outbox is None:
                outbox = Outbox(chain, stores)
            outbox.chain = chain
            submitter = outbox.submitter()
            outbox.queue(SALES, 3)
            outbox.queue(TESTS, 2)
            for _ in range(8):
                submitter.step()
                time.sleep(0.02)
            chain.runner.kill()
    with a_chain("anvil", folder, clock=clock) as chain:
        assert outbox is not None
        outbox.chain = chain
        outbox.settle(outbox.submitter())
        outbox.check()


def test_a_key_used_elsewhere_stops_its_lane_with_an_alarm(stores: Stores, tmp_path: Path, engine_name: str) -> None:
    with a_chain(engine_name, tmp_path / "chain") as chain:
        outbox = Outbox(chain, stores)
        submitter = outbox.submitter()
        lane = chain.lane_of(SALES)
        submitter.step()
        outbox.queue(SALES)
        held = submitter.lane(lane)
        assert held is not None
        while "queued" in outbox.states():
            held.sign_queued()
        signer = chain.lanes[lane]
        price = 0 if engine_name == "anvil" else 30_000_000_000
        foreign = Transaction(13370, chain.node.nonce(signer.address), bytes(19) + b"\1", b"", 21_000, price)
        chain.node.send_raw([signer.sign_transaction(foreign).raw])
        chain.mine()
        for _ in range(5):
            submitter.step()
        assert held.is_stopped
        assert outbox.alarms() == ["key-used-elsewhere"]


def test_a_withdrawn_transaction_leaves_no_gap(stores: Stores, tmp_path: Path, engine_name: str) -> None:
    with a_chain(engine_name, tmp_path / "chain") as chain:
        outbox = Outbox(chain, stores)
        submitter = outbox.submitter()
        submitter.step()
        outbox.queue(SALES, 2)
        held = submitter.lane(chain.lane_of(SALES))
        assert held is not None
        while "queued" in outbox.states():  # ganache's newest block may be too old for a pin at first
            held.sign_queued()
        last = outbox.store().in_flight(chain.lane_of(SALES))[1]
        held.withdraw(last)
        outbox.run_until(submitter, {"mined", "final", "replaced"})
        assert sorted(outbox.states()) == ["mined", "mined", "replaced"]
        assert chain.stream(SALES).sequence == 1
        assert chain.node.nonce(chain.lanes[chain.lane_of(SALES)].address) == 2


def test_more_than_the_limit_is_never_in_flight(outbox: Outbox) -> None:
    outbox.queue(SALES, 70)
    submitter = outbox.submitter()
    most = 0
    limit = time.monotonic() + 60
    while outbox.states().count("queued"):
        assert time.monotonic() < limit
        submitter.step()
        most = max(most, sum(state in ("signed", "sent") for state in outbox.states()))
    assert most <= 50
    outbox.settle(submitter, seconds=60)
    outbox.check()


def test_the_store_hands_out_no_nonce_twice(stores: Stores, chain: Chain) -> None:
    store = JournalTxStore(stores.journal, chain.clock)
    lease = store.acquire("lane-0", "me")
    assert lease is not None
    assert store.acquire("lane-0", "other") is None
    store.release(lease)
    assert store.acquire("lane-0", "other") is not None
    assert TxState("final") is TxState.FINAL
