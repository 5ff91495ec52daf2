"""The one suite for every engine: what the ledger asks of a chain, asked of each profile that is present."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from ledger_node.bindings import pin_registry
from ledger_node.bindings.contract_errors import PinCallerNotAllowed, PinStreamUnknown
from ledger_node.chain.engine import Dynamic, Engine, Immediate, Legacy, StateFile, anvil_engine, url_engine
from ledger_node.chain.replies import Reply, meaning_of
from ledger_node.chain.rpc import Node
from ledger_node.chain.runner import Runner
from ledger_node.chain.signer import DemoSigner, SignedTransaction, Transaction
from ledger_node.errors import NodeAnswerWrong, RevertUnknown
from tests.support.chain import Chain, a_chain, a_clock, a_runner, encode_pin

STREAM = "market/zpk/engine-suite"


def a_transfer(engine: Engine, signer: DemoSigner, nonce: int, *, to: bytes = bytes(19) + b"\1") -> SignedTransaction:
    price = engine.fee.price if isinstance(engine.fee, Legacy) else 0
    return signer.sign_transaction(Transaction(13370, nonce, to, b"", 21_000, price))


@contextmanager
def an_empty_chain(engine_name: str, folder: Path, *, period_seconds: float = 0.1) -> Generator[Runner]:
    with a_runner(engine_name, folder, a_clock(), period_seconds=period_seconds) as runner:
        yield runner


def wait_for(node: Node, hashes: list[bytes], *, seconds: float = 30) -> None:
    limit = time.monotonic() + seconds
    while None in node.receipts_by_hash(hashes):
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_the_ledger_can_be_deployed(chain: Chain) -> None:
    assert all(chain.node.code(one.address) for one in chain.deployment.contracts)


def test_a_revert_comes_with_its_error_and_arguments(chain: Chain) -> None:
    unknown = b"\7" * 32
    data = pin_registry.encode_set_pinner(unknown, b"\1" * 20)
    with pytest.raises(PinCallerNotAllowed) as not_allowed:
        chain.node.call(chain.deployment.address("trace"), data, sender=b"\2" * 20)
    assert (not_allowed.value.caller, not_allowed.value.role) == (b"\2" * 20, 11)
    with pytest.raises(PinStreamUnknown) as error:
        chain.node.call(chain.deployment.address("trace"), data, sender=DemoSigner(chain.seed, "operator").address)
    assert error.value.stream == unknown


def test_estimating_gas_of_what_reverts_raises_the_same_error(chain: Chain) -> None:
    data = pin_registry.encode_set_pinner(b"\7" * 32, b"\1" * 20)
    with pytest.raises((PinCallerNotAllowed, RevertUnknown)):
        chain.node.estimate_gas(chain.deployment.address("trace"), data, b"\2" * 20)


def test_logs_come_by_block_hash_and_by_range_alike(chain: Chain) -> None:
    first, last = chain.deployment.first_block, chain.node.block_number()
    addresses = list(chain.deployment.addresses().values())
    by_range = chain.node.logs_by_range(first, last, addresses)
    headers = [header for header in chain.node.headers(list(range(first, last + 1))) if header]
    by_hash = [log for header in headers for log in chain.node.logs_by_hash(header.hash, addresses)]
    assert by_range == by_hash
    assert {log.address for log in by_range} >= {chain.deployment.address("device"), chain.deployment.address("trace")}


def test_headers_are_linked(chain: Chain) -> None:
    headers = chain.node.headers(list(range(chain.node.block_number() + 1)))
    kept = [header for header in headers if header is not None]
    assert len(kept) == len(headers)
    assert all(one.hash == two.parent_hash for one, two in pairwise(kept))
    assert all(one.time < two.time for one, two in pairwise(kept[1:]))


def test_receipts_of_a_block_come_in_order(chain: Chain) -> None:
    header = chain.node.header(chain.deployment.first_block)
    assert header is not None
    receipts = chain.engine.block_receipts(chain.node, header.hash)
    assert [one.tx_hash for one in receipts] == chain.node.block_tx_hashes(header.hash)
    assert [one.tx_index for one in receipts] == list(range(len(receipts)))


def test_receipts_of_a_block_that_is_not_there_are_an_error(chain: Chain) -> None:
    with pytest.raises(NodeAnswerWrong):
        chain.engine.block_receipts(chain.node, b"\7" * 32)


def test_a_nonce_gap_is_kept_and_filled(engine_name: str, tmp_path: Path) -> None:
    with an_empty_chain(engine_name, tmp_path) as runner:
        signer = DemoSigner("suite", "gap")
        runner.fund([signer.address])
        transfers = [a_transfer(runner.engine, signer, nonce) for nonce in range(3)]
        assert runner.node.send_raw([transfers[2].raw])[0].tx_hash == transfers[2].hash
        runner.mine()
        assert runner.node.nonce(signer.address) == 0
        assert all(one.refusal is None for one in runner.node.send_raw([transfers[0].raw, transfers[1].raw]))
        wait_for(runner.node, [one.hash for one in transfers])
        assert runner.node.nonce(signer.address) == 3


def test_known_bytes_are_known_and_used_up_nonces_are_not_taken_twice(engine_name: str, tmp_path: Path) -> None:
    with an_empty_chain(engine_name, tmp_path) as runner:
        signer = DemoSigner("suite", "again")
        runner.fund([signer.address])
        transfer = a_transfer(runner.engine, signer, 0)
        with runner.paused():
            runner.node.send_raw([transfer.raw])
            assert runner.node.known([transfer.hash, b"\7" * 32]) == [True, False]
            if engine_name != "ganache":  # it would carry them out twice: the submitter asks first
                refusal = runner.node.send_raw([transfer.raw])[0].refusal
                assert refusal is not None
                assert meaning_of(refusal.message) is Reply.KNOWN
        wait_for(runner.node, [transfer.hash])
        assert runner.node.known([transfer.hash]) == [True]
        assert runner.node.nonce(signer.address) == 1
        if engine_name != "ganache":
            refusal = runner.node.send_raw([transfer.raw])[0].refusal
            assert refusal is not None
            assert meaning_of(refusal.message) is Reply.NONCE_TOO_LOW


def test_two_hundred_wait_at_once_and_all_arrive(engine_name: str, tmp_path: Path) -> None:
    with an_empty_chain(engine_name, tmp_path) as runner:
        signer = DemoSigner("suite", "many")
        runner.fund([signer.address])
        transfers = [a_transfer(runner.engine, signer, nonce) for nonce in range(200)]
        outcomes = runner.node.send_raw([one.raw for one in transfers])
        assert all(one.refusal is None for one in outcomes)
        wait_for(runner.node, [one.hash for one in transfers])
        assert runner.node.nonce(signer.address) == 200


@pytest.mark.fault
def test_a_restart_with_a_full_pool_keeps_blocks_and_takes_the_same_bytes_again(
    engine_name: str, tmp_path: Path
) -> None:
    signer = DemoSigner("suite", "restart")
    with an_empty_chain(engine_name, tmp_path) as runner:
        runner.fund([signer.address])
        transfers = [a_transfer(runner.engine, signer, nonce) for nonce in range(20)]
        runner.node.send_raw([one.raw for one in transfers[:10]])
        wait_for(runner.node, [one.hash for one in transfers[:10]])
        runner.mine()
        runner.keep_now()
        genesis, head = runner.node.genesis_hash(), runner.node.header("latest")
        with runner.paused():
            runner.node.send_raw([one.raw for one in transfers[10:]])
            runner.kill()
    assert head is not None
    with an_empty_chain(engine_name, tmp_path) as runner:
        assert runner.node.genesis_hash() == genesis
        assert runner.node.header(head.number) == head
        assert runner.node.nonce(signer.address) == 10
        known = runner.node.known([one.hash for one in transfers])
        runner.node.send_raw([one.raw for one, is_known in zip(transfers, known, strict=True) if not is_known])
        wait_for(runner.node, [one.hash for one in transfers])
        assert runner.node.nonce(signer.address) == 20


def test_a_block_becomes_final_and_never_before_its_time(chain: Chain) -> None:
    head = chain.node.block_number()
    assert chain.engine.final_block(chain.node) <= head
    assert chain.finalise() >= head


def test_the_state_file_names_the_final_block(tmp_path: Path) -> None:
    with an_empty_chain("anvil", tmp_path) as runner, runner.paused():
        runner.keep_now()
        kept = runner.engine.final_block(runner.node)
        runner.mine(3)
        assert runner.engine.final_block(runner.node) == kept
        runner.keep_now()
        assert runner.engine.final_block(runner.node) == kept + 3


def test_no_state_file_no_final_block(chain: Chain, tmp_path: Path) -> None:
    assert anvil_engine(tmp_path / "none").final_block(chain.node) == 0
    torn = tmp_path / "torn"
    torn.write_bytes(b'{"block":{"num')
    assert anvil_engine(torn).final_block(chain.node) == 0


def test_other_nodes_are_as_they_are_configured(chain: Chain) -> None:
    head = chain.node.block_number()
    assert url_engine(finality=Immediate()).final_block(chain.node) >= head
    assert url_engine().final_block(chain.node) <= max(0, chain.node.block_number() - 12)
    assert url_engine(fee=Dynamic(cap=10)).fee == Dynamic(10)
    assert isinstance(anvil_engine(Path("x")).finality, StateFile)


def test_block_times_follow_the_ledgers_clock(engine_name: str, tmp_path: Path) -> None:
    clock = a_clock(behind_seconds=7200, speed=60)
    with a_runner(engine_name, tmp_path, clock) as runner:
        runner.mine()
        header = runner.node.header("latest")
        assert header is not None
        assert abs(header.time - clock.now_s()) < 120
        assert header.time < clock.real() // 1000 - 3600


def test_a_pin_is_simulated_at_the_ledgers_time_where_the_node_can(tmp_path: Path) -> None:
    with a_chain("anvil", tmp_path) as chain, chain.runner.paused():
        ahead = chain.clock.now_s() + 3600
        data = encode_pin("market/zpk/sale", 1, ahead)
        sender = chain.lanes[chain.lane_of("market/zpk/sale")].address
        with pytest.raises(Exception, match="PinTimeWrong"):
            chain.node.call(chain.deployment.address("trace"), data, sender=sender)
        chain.node.call(chain.deployment.address("trace"), data, sender=sender, time_s=ahead)
