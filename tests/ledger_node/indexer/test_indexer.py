"""The indexer on a real chain: what it follows, what it undoes, what stops it; after every fault a rebuild is equal."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, delete, func, select

from ledger_node.bindings import ledger_access, schema_registry
from ledger_node.chain.answers import Log
from ledger_node.chain.rpc import Node
from ledger_node.domain import fault
from ledger_node.domain.digest import keccak256
from ledger_node.errors import (
    ChainError,
    CursorMoved,
    EventUndecodable,
    NodeBehind,
    NodeRefused,
    NodeUnreachable,
    ReorganisedPastFinality,
    WrongChain,
)
from ledger_node.indexer import apply
from ledger_node.indexer.digest import differing_tables, digest_of_tables
from ledger_node.store import Database, Stores
from ledger_node.store import lease as leases
from ledger_node.store.journal import Alarm
from ledger_node.store.projections import BeforeImage, Block, Event, Pin, RoleMember, Schema, Stream
from ledger_node.store.projections import Lease as ProjectionsLease
from tests.ledger_node.indexer.world import Chain, Follower, Load, rebuilt

_BLOCK: Table = Block.__table__  # type: ignore[attr-defined]
_EVENT: Table = Event.__table__  # type: ignore[attr-defined]
_IMAGE: Table = BeforeImage.__table__  # type: ignore[attr-defined]
_LEASE: Table = ProjectionsLease.__table__  # type: ignore[attr-defined]
_PIN: Table = Pin.__table__  # type: ignore[attr-defined]
_ROLE: Table = RoleMember.__table__  # type: ignore[attr-defined]
_SCHEMA: Table = Schema.__table__  # type: ignore[attr-defined]
_STREAM: Table = Stream.__table__  # type: ignore[attr-defined]
_ALARM: Table = Alarm.__table__  # type: ignore[attr-defined]


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    started = Chain(tmp_path)
    yield started
    started.stop()


@pytest.fixture
def load(chain: Chain) -> Load:
    made = Load(chain)
    made.begin()
    return made


@pytest.fixture
def follower(chain: Chain, stores: Stores, tmp_path: Path) -> Follower:
    return Follower(chain, stores, tmp_path)


@pytest.fixture(autouse=True)
def _nothing_armed() -> Iterator[None]:
    yield
    fault.disarm()


def count(follower: Follower, table: Table) -> int:
    with follower.stores.projections.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def logs_on_chain(chain: Chain) -> list[tuple[int, int, bytes]]:
    addresses = [one.address for one in chain.deployment.contracts]
    logs = chain.node.logs_by_range(0, chain.node.block_number(), addresses)
    return [(log.block_number, log.log_index, log.block_hash) for log in logs]


def logs_stored(follower: Follower) -> list[tuple[int, int, bytes]]:
    query = select(_EVENT.c.block_number, _EVENT.c.log_index, _EVENT.c.block_hash)
    with follower.stores.projections.read() as connection:
        rows = connection.execute(query.order_by(_EVENT.c.block_number, _EVENT.c.log_index))
        return [(row.block_number, row.log_index, row.block_hash) for row in rows]


def test_every_event_of_our_contracts_is_stored_once_in_its_place(load: Load, follower: Follower) -> None:
    for _ in range(20):
        load.block()
    follower.settle(follower.indexer())
    assert follower.head() == load.chain.node.block_number()
    assert logs_stored(follower) == logs_on_chain(load.chain) != []
    follower.settle(follower.indexer())
    assert logs_stored(follower) == logs_on_chain(load.chain)
    follower.assert_rebuild_is_equal()


def test_a_pin_moves_its_streams_head(load: Load, follower: Follower) -> None:
    for _ in range(3):
        load.pin()
        load.chain.mine()
    follower.settle(follower.indexer())
    with follower.stores.projections.read() as connection:
        pins = connection.execute(select(_PIN).order_by(_PIN.c.sequence)).mappings().all()
        stream = connection.execute(select(_STREAM).where(_STREAM.c.sequence > 0)).mappings().one()
    assert [pin["sequence"] for pin in pins] == [1, 2, 3]
    assert (stream["sequence"], stream["root"], stream["sealed_at"]) == (3, pins[-1]["root"], pins[-1]["sealed_at"])
    assert (pins[0]["amount"], pins[0]["mass"], pins[1]["previous_root"]) == (3650, 1825, pins[0]["root"])


@pytest.mark.parametrize("depth", range(1, 9))
def test_reorganised_blocks_are_undone_and_followed_anew(load: Load, follower: Follower, depth: int) -> None:
    running = follower.indexer()
    for _ in range(12):
        load.block()
        load.role()
    load.pin()
    load.chain.mine()
    follower.settle(running)
    load.chain.reorganise(depth)
    for _ in range(3):
        load.pin()
        load.block()
        follower.settle(running)
    assert logs_stored(follower) == logs_on_chain(load.chain)
    follower.assert_rebuild_is_equal()


def _forget_before_images(connection: Connection, block_number: int) -> None:
    connection.execute(delete(_IMAGE).where(_IMAGE.c.block_number == block_number))


def test_an_indexer_that_keeps_no_before_images_ends_with_other_tables(
    load: Load, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: blocks and raw events are taken out, rows stay as the lost blocks left them."""
    monkeypatch.setattr(apply, "restore_before_images", _forget_before_images)
    running = follower.indexer()
    load.pin()
    load.role()
    load.chain.mine()
    follower.settle(running)
    load.chain.reorganise(1)
    load.chain.mine()
    follower.settle(running)
    assert logs_stored(follower) == logs_on_chain(load.chain)
    live = follower.stores.projections
    with rebuilt(follower, follower.head()) as fresh, fresh.read() as left, live.read() as right:
        assert {"pin", "stream"} <= set(differing_tables(left, right))


def test_a_chain_set_back_is_waited_for_and_then_followed(load: Load, follower: Follower) -> None:
    """The state file of an older moment: blocks are missing first, then others come in their place."""
    running = follower.indexer()
    snapshot = load.chain.node.request("evm_snapshot")
    for _ in range(3):
        load.pin()
        load.role()
        load.chain.mine()
    follower.settle(running)
    head = follower.head()
    load.chain.node.request("evm_revert", snapshot)
    assert load.chain.node.block_number() == head - 3
    assert running.step() is False
    assert follower.head() == head
    load.chain.mine()
    follower.settle(running)
    assert follower.head() == load.chain.node.block_number() == head - 2
    load.pin()
    load.chain.mine()
    follower.settle(running)
    assert logs_stored(follower) == logs_on_chain(load.chain)
    follower.assert_rebuild_is_equal()


def test_a_final_block_that_is_undone_stops_the_indexer_with_evidence(load: Load, follower: Follower) -> None:
    running = follower.indexer()
    for _ in range(4):
        load.pin()
        load.chain.mine()
    load.chain.make_final(load.chain.node.block_number() - 2)
    follower.settle(running)
    with follower.stores.projections.read() as connection:
        before = digest_of_tables(connection)
    load.chain.reorganise(4)
    load.chain.mine()
    with pytest.raises(ReorganisedPastFinality) as stopped:
        running.run(threading.Event())
    with follower.stores.projections.read() as connection:
        assert digest_of_tables(connection) == before
    [evidence] = (follower.folder / "evidence").glob("*.json")
    told = json.loads(evidence.read_text())
    assert told["kind"] == "chain_rewritten"
    assert told["parts"]["known"]["hash"] == f"0x{stopped.value.known_hash.hex()}"
    assert told["parts"]["found"]["hash"] == f"0x{(stopped.value.found_hash or b'').hex()}"
    with follower.stores.journal.read() as connection:
        assert connection.execute(select(_ALARM.c.code)).scalars().all() == ["ReorganisedPastFinality"]


def test_before_images_go_when_their_block_is_final(load: Load, follower: Follower) -> None:
    running = follower.indexer()
    for _ in range(4):
        load.pin()
        load.chain.mine()
    follower.settle(running)
    assert count(follower, _IMAGE) > 0
    head = load.chain.node.block_number()
    load.chain.make_final(head - 1)
    follower.settle(running)
    with follower.stores.projections.read() as connection:
        blocks = connection.execute(select(_BLOCK.c.number, _BLOCK.c.final)).all()
        images = set(connection.execute(select(_IMAGE.c.block_number)).scalars())
    assert all(final == (number <= head - 1) for number, final in blocks)
    assert images == {head}


def test_nothing_is_written_when_the_chain_is_another(load: Load, follower: Follower, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    other = Chain(folder, timestamp=1_700_000_000)
    try:
        with pytest.raises(WrongChain):
            follower.indexer(node=other.node).run(threading.Event())
    finally:
        other.stop()
    assert count(follower, _LEASE) == count(follower, _BLOCK) == count(follower, _EVENT) == 0


def test_a_second_indexer_waits_until_the_lease_lapses(load: Load, follower: Follower) -> None:
    first, second = follower.indexer("one"), follower.indexer("two")
    follower.settle(first)
    load.block()
    assert second.step() is False
    assert follower.head() == load.chain.node.block_number() - 1
    follower.real_ms += 20_000
    follower.settle(second)
    assert follower.head() == load.chain.node.block_number()
    load.block()
    assert first.step() is False


def test_two_indexers_on_a_broken_lease_never_write_a_block_twice(
    load: Load, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everybody(connection: Connection, table: Table, name: str, holder: str, **_: object) -> leases.Held:
        return leases.Held(name, holder, 1)

    monkeypatch.setattr(leases, "acquire", everybody)
    monkeypatch.setattr(leases, "still_holds", lambda *_, **__: True)
    first, second = follower.indexer("one"), follower.indexer("two")
    follower.settle(first)
    load.pin()
    load.block()

    def the_other_is_faster() -> None:
        fault.disarm()
        follower.settle(second)

    fault.arm("X1", the_other_is_faster)
    with pytest.raises(CursorMoved):
        first.step()
    follower.settle(first)
    assert logs_stored(follower) == logs_on_chain(load.chain)
    follower.assert_rebuild_is_equal()


def test_far_behind_it_catches_up_by_ranges_to_the_same_tables(load: Load, follower: Follower) -> None:
    for _ in range(60):
        load.block()
    load.chain.node.request("anvil_mine", hex(700))
    for _ in range(10):
        load.block()
    load.chain.make_final(600)
    running = follower.indexer()
    follower.settle(running)
    assert count(follower, _BLOCK) == load.chain.node.block_number()
    assert logs_stored(follower) == logs_on_chain(load.chain)
    follower.assert_rebuild_is_equal()


class _Stingy(Node):
    """A node that shows at most 40 blocks' logs at once."""

    asked: int = 0

    def logs_by_range(self, first: int, last: int, addresses: Sequence[bytes]) -> list[Log]:
        self.asked += 1
        if last - first >= 40:
            raise NodeRefused("eth_getLogs", -32005, "query returned more than 10000 results")
        return super().logs_by_range(first, last, addresses)


def test_a_node_that_refuses_long_ranges_is_asked_for_shorter_ones(load: Load, follower: Follower) -> None:
    load.chain.node.request("anvil_mine", hex(600))
    node = _Stingy(load.chain.node.url)
    follower.settle(follower.indexer(node=node))
    node.close()
    assert node.asked > 3
    assert logs_stored(follower) == logs_on_chain(load.chain)


class _Lagging(Node):
    """A node whose log index is one question behind its headers."""

    behind: bool = True

    def logs_by_hash(self, block_hash: bytes, addresses: Sequence[bytes]) -> list[Log]:
        self.behind = not self.behind
        return super().logs_by_hash(block_hash, addresses) if self.behind else []


def test_logs_that_the_bloom_filter_promises_are_asked_for_again(load: Load, follower: Follower) -> None:
    for _ in range(10):
        load.block()
    node = _Lagging(load.chain.node.url)
    running = follower.indexer(node=node)
    refused = 0
    while follower_is_behind(follower):
        try:
            running.step()
        except NodeBehind:
            refused += 1
    node.close()
    assert refused > 0
    assert logs_stored(follower) == logs_on_chain(load.chain)


def follower_is_behind(follower: Follower) -> bool:
    return count(follower, _BLOCK) < follower.chain.node.block_number()


class Cut(ChainError):
    """The step was cut here."""


def _cut() -> None:
    fault.disarm()
    raise Cut


class _CutAfterCommit(Database):
    """A database whose next commit happens but is reported as failed."""

    cuts = 0

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with super().write() as connection:
            yield connection
            wrote_a_block = connection.execute(select(func.max(_BLOCK.c.number))).scalar() is not None
        if wrote_a_block and type(self).cuts:
            type(self).cuts -= 1
            raise Cut


class _NoLogs(Node):
    """A node that cannot be reached when it is asked for logs, once."""

    cuts: int = 1

    def logs_by_hash(self, block_hash: bytes, addresses: Sequence[bytes]) -> list[Log]:
        if self.cuts:
            self.cuts -= 1
            raise NodeUnreachable(self.url, 1)
        return super().logs_by_hash(block_hash, addresses)


@pytest.mark.parametrize("outcome", ["not_done", "done_but_reported_failed"])
@pytest.mark.parametrize("step", ["fetch_logs", "write_rows", "advance_cursor"])
def test_replay_after_failure_gives_the_same_tables(load: Load, follower: Follower, step: str, outcome: str) -> None:
    node, stores = load.chain.node, follower.stores
    follower.settle(follower.indexer())
    for _ in range(6):
        load.block()
        load.pin()
    load.chain.mine()
    match step, outcome:
        case "fetch_logs", "not_done":
            node = _NoLogs(node.url)
        case "fetch_logs", _:
            fault.arm("X1", _cut)
        case "write_rows", "not_done":
            fault.arm("X1", _cut)
        case "write_rows", _:
            fault.arm("X2", _cut)
        case _, "not_done":
            fault.arm("X2", _cut)
        case _:
            _CutAfterCommit.cuts = 1
            cutting = _CutAfterCommit(stores.projections.name, stores.projections.engine)
            stores = Stores(stores.journal, cutting, stores.log)
    running = follower.indexer(node=node, stores=stores)
    with pytest.raises(ChainError):
        follower.settle(running)
    follower.settle(running)
    assert logs_stored(follower) == logs_on_chain(load.chain)
    follower.assert_rebuild_is_equal()


def test_a_contract_listed_later_counts_from_the_event_after_its_listing(load: Load, follower: Follower) -> None:
    chain = load.chain
    late = chain.create("SchemaRegistry", schema_registry.encode_constructor())

    def register(text: str) -> None:
        data = schema_registry.encode_register(text, bytes(20), True)
        account = "0x" + chain.account.hex()
        message = {"from": account, "to": "0x" + late.hex(), "data": "0x" + data.hex(), "gas": hex(1_000_000)}
        chain.node.request("eth_sendTransaction", message)

    register("bytes32 before")
    chain.mine()
    code_hash = keccak256(chain.node.code(late))
    register("bytes32 same_block_before")
    chain.send("access", ledger_access.encode_list_contract(b"schema".ljust(32, b"\0"), late, code_hash))
    register("bytes32 same_block_after")
    chain.mine()
    register("bytes32 after")
    chain.mine()
    follower.settle(follower.indexer())
    with follower.stores.projections.read() as connection:
        texts = set(connection.execute(select(_SCHEMA.c.schema_text)).scalars())
    assert texts == {"bytes32 same_block_after", "bytes32 after"}
    follower.assert_rebuild_is_equal()
    chain.reorganise(3)
    chain.mine()
    register("bytes32 not_listed_any_more")
    chain.mine()
    follower.settle(follower.indexer())
    assert count(follower, _SCHEMA) == 0


def test_an_event_of_ours_that_does_not_decode_stops_the_indexer_by_name(load: Load, follower: Follower) -> None:
    chain = load.chain
    stranger = chain.create("SchemaRegistry", schema_registry.encode_constructor())
    code_hash = keccak256(chain.node.code(stranger))
    chain.send("access", ledger_access.encode_list_contract(b"party".ljust(32, b"\0"), stranger, code_hash))
    chain.mine()
    data = schema_registry.encode_register("bytes32 x", bytes(20), True)
    account = "0x" + chain.account.hex()
    chain.node.request(
        "eth_sendTransaction",
        {"from": account, "to": "0x" + stranger.hex(), "data": "0x" + data.hex(), "gas": hex(1_000_000)},
    )
    chain.mine()
    with pytest.raises(EventUndecodable) as stopped:
        follower.indexer().run(threading.Event())
    assert (stopped.value.noun, stopped.value.address) == ("party", stranger)
    assert follower.head() == chain.node.block_number() - 1
    with follower.stores.journal.read() as connection:
        assert connection.execute(select(_ALARM.c.code)).scalars().all() == ["EventUndecodable"]


def test_a_strangers_schema_that_is_no_text_is_kept_and_stops_nothing(load: Load, follower: Follower) -> None:
    good = schema_registry.encode_register("AAAA", bytes(20), True)
    load.chain.send("schema", good.replace(b"AAAA", b"\xff\xfe\xfd\xfc"))
    load.chain.mine()
    follower.settle(follower.indexer())
    with follower.stores.projections.read() as connection:
        names = connection.execute(select(_EVENT.c.name).where(_EVENT.c.noun == "schema")).scalars().all()
    assert names == [""]
    assert count(follower, _SCHEMA) == 0
    follower.assert_rebuild_is_equal()


def test_run_follows_until_it_is_stopped_and_gives_the_lease_back(load: Load, follower: Follower) -> None:
    stopping = threading.Event()
    running = follower.indexer()
    thread = threading.Thread(target=running.run, args=(stopping,))
    thread.start()
    while follower_is_behind(follower) and thread.is_alive():
        stopping.wait(0.01)
    load.block()
    running.woken.set()
    while follower_is_behind(follower) and thread.is_alive():
        stopping.wait(0.01)
    stopping.set()
    thread.join()
    assert follower.indexer("two").step() is False
    with follower.stores.projections.read() as connection:
        assert connection.execute(select(_LEASE.c.holder)).scalars().all() == ["two"]


def test_a_page_that_took_long_is_halved_and_a_quick_one_doubled(load: Load) -> None:
    from ledger_node.indexer.contracts import Contracts
    from ledger_node.indexer.reader import FIRST_PAGE, BlockReader

    load.chain.node.request("anvil_mine", hex(20))
    moments = iter([0.0, 31.0, 100.0, 101.0, 200.0, 210.0])
    reader = BlockReader(load.chain.node, seconds=lambda: next(moments))
    contracts = Contracts({one.address: one.noun for one in load.chain.deployment.contracts})
    pages = []
    for _ in range(3):
        reader.range(0, 20, contracts)
        pages.append(reader.page)
    assert pages == [FIRST_PAGE // 2, FIRST_PAGE, FIRST_PAGE]
