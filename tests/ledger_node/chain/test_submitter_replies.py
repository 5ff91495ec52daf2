"""Each reply of a node is met as the table of `oracles.md` section 8 says, and prices are raised where gas has one."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ledger_node.chain.engine import Dynamic, Engine
from ledger_node.chain.lane import ALARM_AFTER, Lane
from ledger_node.chain.rpc import Node, Sent
from ledger_node.chain.submitter import Submitter
from ledger_node.errors import NodeRefused
from ledger_node.store import Stores, migrate, open_stores
from ledger_node.store.tx import enqueue
from tests.ledger_node.chain.outbox import SALES, TESTS, Outbox
from tests.support.chain import Chain, a_chain, encode_pin


class GrumblingNode(Node):
    """The real node, whose first answers to raw transactions are refusals in the given words."""

    def __init__(self, url: str, words: str, times: int, *, takes: bool = False) -> None:
        super().__init__(url)
        self.words = words
        self.times = times
        self.takes = takes

    def send_raw(self, raws: Sequence[bytes]) -> list[Sent]:
        """Refuses all while it grumbles; with `takes`, it takes them and still says no."""
        if not raws or self.times == 0:
            return super().send_raw(raws)
        self.times -= 1
        if self.takes:
            super().send_raw(raws)
        return [Sent(None, NodeRefused("eth_sendRawTransaction", -32000, self.words)) for _ in raws]


def a_lane(submitter: Submitter, outbox: Outbox, stream: str = SALES) -> Lane:
    submitter.step()
    lane = submitter.lane(outbox.chain.lane_of(stream))
    assert lane is not None
    return lane


@pytest.fixture
def outbox(chain: Chain, stores: Stores) -> Outbox:
    return Outbox(chain, stores)


@pytest.mark.parametrize(
    ("words", "takes"),
    [
        ("already known", True),
        ("nonce too high", False),
        ("txpool is full", False),
        ("queue limit reached", False),
        ("the moon is blue", False),
        ("time-out", True),
    ],
)
def test_what_passes_is_waited_out(outbox: Outbox, words: str, takes: bool) -> None:
    outbox.queue(SALES, 2)
    with GrumblingNode(outbox.chain.node.url, words, 2, takes=takes) as node:
        outbox.settle(outbox.submitter(node=node))
    assert outbox.alarms() == []
    outbox.check()


def test_a_reply_that_nobody_understands_ten_times_is_an_alarm(outbox: Outbox) -> None:
    outbox.queue(SALES)
    with GrumblingNode(outbox.chain.node.url, "the moon is blue", ALARM_AFTER) as node:
        submitter = outbox.submitter(node=node)
        lane = a_lane(submitter, outbox)
        while node.times:
            lane._memory.paused_until = 0
            submitter.step()
        outbox.settle(submitter)
    assert outbox.alarms() == ["reply-unknown"]
    outbox.check()


def test_a_lane_that_cannot_pay_rests_with_an_alarm(outbox: Outbox) -> None:
    outbox.queue(SALES)
    with GrumblingNode(outbox.chain.node.url, "insufficient funds for gas", 1) as node:
        submitter = outbox.submitter(node=node)
        lane = a_lane(submitter, outbox)
        while node.times:
            submitter.step()
        submitter.step()
        assert outbox.alarms() == ["lane-unaffordable"]
        assert outbox.states() == ["signed"]
        lane._memory.paused_until = 0
        outbox.settle(submitter)
    outbox.check()


def test_a_node_that_calls_signed_bytes_reverted_gets_the_nonce_filled(
    engine_name: str, stores: Stores, tmp_path: Path
) -> None:
    with a_chain(engine_name, tmp_path / "chain") as chain:
        outbox = Outbox(chain, stores)
        outbox.queue(SALES)
        with GrumblingNode(chain.node.url, "execution reverted", 1) as node:
            submitter = outbox.submitter(node=node)
            outbox.run_until(submitter, {"mined", "final", "replaced"})
        assert sorted(outbox.states()) == ["mined", "replaced"]
        assert outbox.alarms() == ["pin-reverted"]
        assert chain.node.nonce(chain.lanes[chain.lane_of(SALES)].address) == 1


def a_paying_engine(chain: Chain, cap: int = 40_000_000_000) -> Engine:
    """anvil as if its gas had a moving price; the lanes get funds."""
    for signer in chain.lanes.values():
        chain.node.request("anvil_setBalance", f"0x{signer.address.hex()}", hex(10**21))
    return replace(chain.engine, fee=Dynamic(cap=cap))


def test_a_price_too_low_is_raised_where_prices_move(stores: Stores, tmp_path: Path) -> None:
    with a_chain("anvil", tmp_path / "chain") as chain:
        outbox = Outbox(chain, stores)
        outbox.queue(SALES)
        with GrumblingNode(chain.node.url, "transaction underpriced", 1) as node:
            outbox.settle(outbox.submitter(node=node, engine=a_paying_engine(chain)))
        fee = outbox.rows()[0]["fee"]
        assert (fee["max_fee_per_gas"], fee["max_priority_fee_per_gas"]) == (11_250_000_000, 1_125_000_000)
        assert len(fee["hashes_before"]) == 1
        outbox.check()


def test_what_stays_in_the_pool_pays_more_after_three_resends_at_the_same_nonce(stores: Stores, tmp_path: Path) -> None:
    with a_chain("anvil", tmp_path / "chain") as chain:
        outbox = Outbox(chain, stores)
        submitter = outbox.submitter(resend_seconds=0, engine=a_paying_engine(chain))
        with chain.runner.paused():
            outbox.queue(SALES)
            for _ in range(6):
                submitter.step()
            row = outbox.rows()[0]
            assert row["fee"]["max_fee_per_gas"] == 11_250_000_000
            assert len(row["fee"]["hashes_before"]) == 1
        outbox.settle(submitter)
        assert outbox.rows()[0]["nonce"] == 0
        outbox.check()


def test_a_price_is_not_raised_past_its_limit(stores: Stores, tmp_path: Path) -> None:
    with a_chain("anvil", tmp_path / "chain") as chain:
        outbox = Outbox(chain, stores)
        outbox.queue(SALES)
        with GrumblingNode(chain.node.url, "transaction underpriced", 100) as node:
            submitter = outbox.submitter(node=node, engine=a_paying_engine(chain))
            while not outbox.alarms():
                submitter.step()
        assert outbox.alarms() == ["price-at-its-limit"]
        assert outbox.rows()[0]["fee"]["max_fee_per_gas"] <= 40_000_000_000
        assert len(set(outbox.rows()[0]["fee"]["hashes_before"])) > 5


def test_a_fixed_price_that_is_called_too_low_is_an_alarm_in_the_end(stores: Stores, tmp_path: Path) -> None:
    with a_chain("ganache", tmp_path / "chain") as chain:
        outbox = Outbox(chain, stores)
        outbox.queue(SALES)
        with GrumblingNode(chain.node.url, "transaction underpriced", ALARM_AFTER) as node:
            submitter = outbox.submitter(node=node)
            lane = a_lane(submitter, outbox)
            while node.times:
                lane._memory.paused_until = 0
                submitter.step()
            outbox.settle(submitter)
        assert outbox.alarms() == ["reply-unknown"]
        assert "hashes_before" not in outbox.rows()[0]["fee"]
        outbox.check()


def test_a_gap_that_somebody_left_is_filled(engine_name: str, stores: Stores, tmp_path: Path) -> None:
    with a_chain(engine_name, tmp_path / "chain") as chain:
        outbox = Outbox(chain, stores)
        submitter = outbox.submitter()
        lane = a_lane(submitter, outbox)
        lane._memory.first_nonce = 2  # the node counted two waiting transactions of this key, and lost them
        outbox.queue(SALES)
        outbox.settle(submitter)
        keys = [row["idempotency_key"].split("/")[0] for row in sorted(outbox.rows(), key=lambda row: row["nonce"])]
        assert keys == ["fill", "fill", "pin"]
        outbox.check()


def test_a_pin_that_reverts_on_chain_pauses_its_stream(engine_name: str, stores: Stores, tmp_path: Path) -> None:
    with a_chain(engine_name, tmp_path / "chain") as chain:
        outbox = Outbox(chain, stores)
        submitter = outbox.submitter()
        outbox.queue(TESTS)
        wrong = encode_pin(TESTS, 2, chain.clock.now_s() - 5, previous_root=b"\7" * 32)
        with stores.journal.write() as connection:
            enqueue(
                connection, key=f"pin/{TESTS}/2", lane=chain.lane_of(TESTS),
                to_address=chain.deployment.address("trace"), data=wrong, now_ms=1,
            )  # fmt: skip
        lane = a_lane(submitter, outbox, TESTS)
        outbox.run_until(submitter, {"mined", "final", "failed"})
        assert not lane.is_stopped
        assert sorted(outbox.states())[0] == "failed"
        assert outbox.alarms() == ["pin-reverted"]
        assert chain.stream(TESTS).sequence == 1


def test_a_pin_ahead_of_the_chains_time_waits(stores: Stores, tmp_path: Path) -> None:
    with a_chain("ganache", tmp_path / "chain") as chain:
        outbox = Outbox(chain, stores)
        submitter = outbox.submitter()
        with chain.runner.paused():
            ahead = encode_pin(SALES, 1, chain.clock.now_s() + 90)
            with stores.journal.write() as connection:
                enqueue(
                    connection, key=f"pin/{SALES}/1", lane=chain.lane_of(SALES),
                    to_address=chain.deployment.address("trace"), data=ahead, now_ms=1,
                )  # fmt: skip
            submitter.step()
            assert outbox.states() == ["queued"]
        outbox.heads[SALES] = 1
        outbox.settle(submitter)
        outbox.check()


@pytest.mark.fault
@pytest.mark.parametrize("label", ["T1", "T2", "T3", "T4", "T5", "T6"])
def test_killed_with_sigkill_at_any_label_nothing_is_lost_or_doubled(
    tmp_path: Path, database_url: str | None, label: str
) -> None:
    stores = open_stores(tmp_path, database_url)
    migrate(stores)
    with a_chain("anvil", tmp_path / "chain") as chain:
        outbox = Outbox(chain, stores)
        outbox.queue(SALES, 4)
        outbox.queue(TESTS, 2)
        clock = json.dumps(chain.clock.to_json())
        for nth in ("1", "1"):
            command = [sys.executable, "-m", "tests.ledger_node.chain.submit_process", str(tmp_path)]
            arguments = [database_url or "-", chain.node.url, "anvil", clock, label, nth]
            outbox.queue(SALES)
            done = subprocess.run([*command, *arguments], timeout=60, check=False)
            assert done.returncode == -9
            outbox.submitter()  # lets the dead one's leases lapse
        outbox.settle(outbox.submitter())
        assert set(outbox.states()) == {"final"}
        outbox.check()
    stores.dispose()


def test_a_demonstrations_engine_price_is_what_its_rows_say(chain: Chain, stores: Stores) -> None:
    outbox = Outbox(chain, stores)
    outbox.queue(SALES)
    outbox.settle(outbox.submitter())
    assert outbox.rows()[0]["fee"]["gas_price"] == (0 if chain.engine.name == "anvil" else 20_000_000_000)
    assert replace(chain.engine, name="x").fee == chain.engine.fee
