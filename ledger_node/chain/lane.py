"""One lane of the submitter: one key, one run of nonces, every transaction's bytes stored before they are sent.

Each of the methods that `step` calls is repeatable and has one commit point; a crash between any two of them, or a
thing done but reported as failed, is set right by the next step (`oracles.md` section 8).
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import structlog

from ledger_node.bindings.contract_errors import PinSequenceGap, PinTimeWrong
from ledger_node.chain.answers import Receipt
from ledger_node.chain.engine import Dynamic, Engine
from ledger_node.chain.replies import Reply, meaning_of
from ledger_node.chain.rpc import Node, Sent
from ledger_node.chain.signer import Signer, Transaction, sign_checked
from ledger_node.chain.tx_rules import (
    as_in_block,
    as_lost,
    as_sent,
    first_price,
    pin_of,
    raised_price,
    revert_trouble,
)
from ledger_node.chain.tx_store import Change, LaneLease, LaneTx, NewBytes, QueuedTx, Trouble, TxState, TxStore
from ledger_node.domain import fault
from ledger_node.domain.clock import Clock
from ledger_node.errors import ContractError, NodeUnreachable

IN_FLIGHT_LIMIT: Final = 50
PIN_GAS: Final = 300_000
OTHER_GAS: Final = 3_000_000
FILL_GAS: Final = 21_000
RESENDS_BEFORE_REPLACING: Final = 3
ALARM_AFTER: Final = 10
FOREIGN_AFTER: Final = 3
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 30.0
_ANVIL: Final = "anvil"
_log = structlog.get_logger(__name__)


@dataclass
class _Memory:
    """What this process remembers of a lane while it holds the lease; nothing here is needed after a crash."""

    first_nonce: int
    sent_at: dict[int, float] = field(default_factory=dict[int, float])
    unknown: dict[int, int] = field(default_factory=dict[int, int])
    foreign: dict[int, int] = field(default_factory=dict[int, int])
    pause_seconds: float = FIRST_PAUSE_SECONDS
    paused_until: float = 0.0


class Lane:
    """Carries one lane on while `lease` is held. `step` raises LeaseLost, and what a node raises."""

    def __init__(
        self,
        lease: LaneLease,
        store: TxStore,
        node: Node,
        engine: Engine,
        signer: Signer,
        clock: Clock,
        chain_id: int,
        resend_seconds: float,
    ) -> None:
        self._lease = lease
        self._store = store
        self._node = node
        self._engine = engine
        self._signer = signer
        self._clock = clock
        self._chain_id = chain_id
        self._resend_seconds = resend_seconds
        self._memory = _Memory(first_nonce=node.nonce(signer.address, "pending"))
        self.is_stopped = False

    def step(self) -> None:
        """Follows what is under way, signs what waits, sends what is due."""
        if self.is_stopped:
            return
        self.put_back()
        self.follow()
        if self.is_stopped:
            return
        self.sign_queued()
        self.send_due()

    # --- following ---

    def put_back(self) -> None:
        """What a vanished block held is sent again: after a reorganisation, or when the chain came back shorter."""
        counted = self._node.nonce(self._signer.address, "latest")
        changes: list[Change] = []
        troubles: list[Trouble] = []
        if counted < self._store.count_in_blocks(self._lease.lane):
            lost = self._store.from_nonce(self._lease.lane, counted)
            changes += [as_lost(one, "the chain came back shorter") for one in lost]
            final = [one for one in lost if one.state is TxState.FINAL]
            if final:
                words = f"{len(final)} final transactions, from nonce {final[0].nonce}, are in no block any more"
                troubles.append(Trouble("final-block-lost", self._lease.lane, words))
        gone = {change.tx_id for change in changes}
        mined = [one for one in self._store.mined(self._lease.lane) if one.id not in gone]
        kept = self._canonical({one.block for one in mined if one.block is not None})
        changes += [as_lost(one, "its block vanished") for one in mined if kept.get(one.block or 0) != one.block_hash]
        self._store.change(self._lease, changes, troubles)
        for change in changes:
            self._memory.sent_at.pop(change.tx_id, None)
        self._finalise([one for one in mined if kept.get(one.block or 0) == one.block_hash and one.id not in gone])

    def follow(self) -> None:
        """Records the receipts of what is in flight."""
        counted = self._node.nonce(self._signer.address, "latest")
        flying = self._store.in_flight(self._lease.lane)
        receipts = self._receipts(flying)
        if receipts:
            fault.reach("T5")
        changes: list[Change] = []
        troubles: list[Trouble] = []
        for one in flying:
            receipt = receipts.get(one.id)
            if receipt is not None:
                change, trouble = as_in_block(one, receipt)
                changes.append(change)
                troubles += [trouble] if trouble else []
                self._memory.foreign.pop(one.id, None)
            elif one.nonce < counted and self._is_foreign(one):
                self._stop(f"nonce {one.nonce} was used for a transaction that is not ours")
                return
        self._store.change(self._lease, changes, troubles)

    def _finalise(self, mined: Sequence[LaneTx]) -> None:
        if not mined:
            return
        fault.reach("T6")
        final = self._engine.final_block(self._node)
        done = [one for one in mined if one.block is not None and one.block <= final]
        self._store.change(self._lease, [Change(one.id, TxState.FINAL, f"block {one.block}") for one in done])

    def _canonical(self, numbers: set[int]) -> dict[int, bytes]:
        """The hashes of the node's blocks of these numbers."""
        ordered = sorted(numbers)
        headers = self._node.headers(ordered)
        return {number: header.hash for number, header in zip(ordered, headers, strict=True) if header is not None}

    def _receipts(self, flying: Sequence[LaneTx]) -> dict[int, Receipt]:
        asked = [(one.id, tx_hash) for one in flying for tx_hash in one.hashes]
        answers = self._node.receipts_by_hash([tx_hash for _, tx_hash in asked])
        return {tx_id: receipt for (tx_id, _), receipt in zip(asked, answers, strict=True) if receipt is not None}

    def _is_foreign(self, one: LaneTx) -> bool:
        """Its nonce is used up and none of its bytes has a receipt: seen several times, for nodes lag."""
        seen = self._memory.foreign.get(one.id, 0) + 1
        self._memory.foreign[one.id] = seen
        return seen >= FOREIGN_AFTER

    def _stop(self, why: str) -> None:
        trouble = Trouble("key-used-elsewhere", self._lease.lane, f"{why}: nothing more is sent in this lane")
        self._store.change(self._lease, (), (trouble,))
        self.is_stopped = True
        _log.error("a lane has stopped", lane=self._lease.lane, why=why)

    # --- signing ---

    def sign_queued(self) -> None:
        """Simulates what waits and gives nonce and bytes to what would succeed now."""
        flying = self._store.in_flight(self._lease.lane)
        room = IN_FLIGHT_LIMIT - len(flying)
        queued = self._store.queued(self._lease.lane, room) if room > 0 else []
        ready: list[QueuedTx] = []
        blocked: set[str] = set()
        ahead = {one.key for one in flying}
        for one in queued:
            stream = pin_of(one.key)[0]
            if stream and stream in blocked:
                continue
            verdict = self._simulate(one, ahead)
            if verdict is None:
                ready.append(one)
                ahead.add(one.key)
                continue
            blocked.add(stream)
            if isinstance(verdict, ContractError):
                self._fail(one, verdict)
        if ready:
            fault.reach("T1")
            self._store.assign(self._lease, ready, self._memory.first_nonce, self._make)
            fault.reach("T3")

    def _simulate(self, one: QueuedTx, ahead: set[str]) -> ContractError | str | None:
        """None when it would succeed; the revert; or a word when it has to wait."""
        # A node that can is asked as if the block had the ledger's time: the newest block may be a minute old.
        time_s = self._clock.now_s() if self._engine.name == _ANVIL else None
        try:
            self._node.call(one.to_address, one.data, sender=self._signer.address, time_s=time_s)
        except PinSequenceGap as gap:
            stream, sequence = pin_of(one.key)
            expected, given = gap.expected, gap.given
            waiting = all(f"pin/{stream}/{number}" in ahead for number in range(expected, sequence))
            return None if given == sequence and expected < given and waiting else gap
        except PinTimeWrong as wrong:
            is_ahead = max(wrong.last_at, wrong.sealed_at) > wrong.timestamp
            return "the chain's time is behind" if is_ahead else wrong
        except ContractError as error:
            return error
        return None

    def _fail(self, one: QueuedTx, error: ContractError) -> None:
        stream = pin_of(one.key)[0]
        trouble = revert_trouble(one.key, stream, str(error))
        self._store.change(self._lease, [Change(one.id, TxState.FAILED, str(error), {"reason": str(error)})], [trouble])

    def _make(self, one: QueuedTx, nonce: int) -> NewBytes:
        gas = PIN_GAS if pin_of(one.key)[0] else OTHER_GAS
        return self._signed(one.to_address, one.data, nonce, gas, first_price(self._engine))

    def _signed(self, to: bytes, data: bytes, nonce: int, gas: int, fee: dict[str, Any]) -> NewBytes:
        transaction = Transaction(
            chain_id=self._chain_id,
            nonce=nonce,
            to=to,
            data=data,
            gas=gas,
            gas_price=int(fee.get("gas_price", 0)),
            max_fee_per_gas=int(fee["max_fee_per_gas"]) if "max_fee_per_gas" in fee else None,
            max_priority_fee_per_gas=int(fee.get("max_priority_fee_per_gas", 0)),
        )
        return NewBytes(sign_checked(self._signer, transaction), gas, fee)

    def withdraw(self, lane_tx: LaneTx) -> None:
        """Gives up a transaction in flight: its nonce gets a transaction of ours to ourselves that does nothing.

        Where prices do not move, a node that has the old bytes keeps them, and they win.
        """
        self._fill(lane_tx.nonce, lane_tx, raised_price(lane_tx.fee))

    def _fill(self, nonce: int, lane_tx: LaneTx | None, fee: dict[str, Any]) -> None:
        new = self._signed(self._signer.address, b"", nonce, FILL_GAS, fee)
        if lane_tx is not None:  # should the node take the old bytes after all, the nonce is still ours
            new = replace(new, fee={**fee, "hashes_before": [tx_hash.hex() for tx_hash in lane_tx.hashes]})
        self._store.fill(self._lease, lane_tx, nonce, self._signer.address, new)

    # --- sending ---

    def send_due(self) -> None:
        """Sends what was never sent, and the same bytes again of what has been without a receipt for too long."""
        now = time.monotonic()
        if now < self._memory.paused_until:
            return
        flying = self._store.in_flight(self._lease.lane)
        # What stands at a used nonce is for `follow` to explain; ganache would even carry it out.
        counted = self._node.nonce(self._signer.address, "latest")
        flying = [one for one in self._fill_gap(flying, counted) if one.nonce >= counted]
        due = [one for one in flying if now - self._memory.sent_at.get(one.id, -1e9) >= self._resend_seconds]
        if not due:
            return
        try:
            known = self._node.known([one.hashes[-1] for one in due])
            missing = [one for one, is_known in zip(due, known, strict=True) if not is_known]
            waiting = [one for one, is_known in zip(due, known, strict=True) if is_known]
            outcomes = self._node.send_raw([one.raw for one in missing])
        except NodeUnreachable:
            self._back_off()
            raise
        if missing:
            fault.reach("T4")
        self._memory.pause_seconds = FIRST_PAUSE_SECONDS
        for one in due:
            self._memory.sent_at[one.id] = now
        self._store.change(self._lease, [as_sent(one, "the node has it") for one in waiting if one.state != "sent"])
        self._take_replies(missing, outcomes)
        self._replace_stuck(waiting)

    def _fill_gap(self, flying: list[LaneTx], counted: int) -> list[LaneTx]:
        """A nonce below all of ours that nobody has used, and that no stored transaction has, blocks the lane."""
        if not flying:
            return flying
        lowest = flying[0].nonce
        if counted >= lowest or self._store.count_in_blocks(self._lease.lane) > counted:
            return flying
        for nonce in range(counted, lowest):
            self._fill(nonce, None, first_price(self._engine))
        return self._store.in_flight(self._lease.lane)

    def _take_replies(self, sent: Sequence[LaneTx], outcomes: Sequence[Sent]) -> None:
        changes: list[Change] = []
        troubles: list[Trouble] = []
        for one, outcome in zip(sent, outcomes, strict=True):
            if outcome.refusal is None:
                changes.append(as_sent(one, ""))
                self._memory.unknown.pop(one.id, None)
                continue
            message = outcome.refusal.message
            reply = meaning_of(message)
            if reply in (Reply.KNOWN, Reply.NONCE_TOO_LOW):
                # A nonce that is used up: ours if there is a receipt, which `follow` finds out.
                changes.append(as_sent(one, message))
            elif reply is Reply.NONCE_TOO_HIGH:
                self._memory.sent_at.clear()
            elif reply is Reply.UNDERPRICED:
                self._underpriced(one, message, troubles)
            elif reply is Reply.REVERTED:
                self.withdraw(one)
                troubles.append(revert_trouble(one.key, pin_of(one.key)[0], message))
            elif reply is Reply.BUSY:
                self._back_off()
                self._memory.sent_at.pop(one.id, None)
            elif reply is Reply.UNAFFORDABLE:
                self._memory.paused_until = time.monotonic() + LONGEST_PAUSE_SECONDS
                troubles.append(Trouble("lane-unaffordable", self._lease.lane, message))
            else:
                self._count_unknown(one, message, troubles)
        self._store.change(self._lease, changes, troubles)

    def _underpriced(self, one: LaneTx, message: str, troubles: list[Trouble]) -> None:
        if self._node.known([one.hashes[-1]])[0]:  # ganache calls its own transaction underpriced
            return
        if not isinstance(self._engine.fee, Dynamic):
            self._count_unknown(one, message, troubles)
        elif not self._replace(one, self._engine.fee):
            troubles.append(Trouble("price-at-its-limit", self._lease.lane, message))

    def _replace_stuck(self, waiting: Sequence[LaneTx]) -> None:
        """Where prices move, what stays without a receipt after three resends pays more, at the same nonce."""
        if not isinstance(self._engine.fee, Dynamic):
            return
        for one in waiting:
            if one.sends <= RESENDS_BEFORE_REPLACING or not self._replace(one, self._engine.fee):
                self._store.change(self._lease, [as_sent(one, "still waiting")])

    def _replace(self, one: LaneTx, policy: Dynamic) -> bool:
        """Signs it anew at an eighth more; False when that would pass the limit."""
        fee = raised_price(one.fee)
        if fee["max_fee_per_gas"] > policy.cap:
            return False
        new = self._signed(one.to_address, one.data, one.nonce, one.gas, fee)
        kept = {**fee, "hashes_before": [tx_hash.hex() for tx_hash in one.hashes]}
        values = {"raw": new.signed.raw, "hash": new.signed.hash, "fee": kept, "sends": 0}
        self._store.change(self._lease, [Change(one.id, TxState.SIGNED, "pays an eighth more", values)])
        self._memory.sent_at.pop(one.id, None)
        return True

    def _count_unknown(self, one: LaneTx, message: str, troubles: list[Trouble]) -> None:
        seen = self._memory.unknown.get(one.id, 0) + 1
        self._memory.unknown[one.id] = seen
        self._memory.sent_at.pop(one.id, None)
        self._back_off()
        if seen == ALARM_AFTER:
            troubles.append(Trouble("reply-unknown", one.key, f"the node said {seen} times: {message}"))

    def _back_off(self) -> None:
        pause = self._memory.pause_seconds
        self._memory.paused_until = time.monotonic() + pause * random.uniform(0.8, 1.2)
        self._memory.pause_seconds = min(2 * pause, LONGEST_PAUSE_SECONDS)
