"""Brings queued transactions into the chain, each once, whatever crashes: the lanes of one process and their leases.

A lane is one key; a key has one process at a time, which the lane's lease sees to. The rules of a lane are in
`chain.lane`, what is stored where in `ledger_node.store.tx`.
"""

import os
import secrets
import threading
import time
from collections.abc import Mapping

import structlog

from ledger_node.chain.engine import Engine
from ledger_node.chain.lane import Lane
from ledger_node.chain.rpc import Node
from ledger_node.chain.signer import Signer
from ledger_node.chain.tx_store import LaneLease, TxStore
from ledger_node.domain.clock import Clock
from ledger_node.errors import ChainError, LeaseLost

RENEW_SECONDS = 5.0
LEAST_RESEND_SECONDS = 10.0
PAUSE_SECONDS = 0.2
_log = structlog.get_logger(__name__)


class Submitter:
    """Works on every lane that it has a signer for and that no other process holds.

    `resend_seconds` is the real time after which the same bytes are sent again; by default three blocks, at least 10 s.
    """

    def __init__(
        self,
        store: TxStore,
        node: Node,
        engine: Engine,
        signers: Mapping[str, Signer],
        clock: Clock,
        *,
        chain_id: int,
        resend_seconds: float | None = None,
    ) -> None:
        self._store = store
        self._node = node
        self._engine = engine
        self._signers = signers
        self._clock = clock
        self._chain_id = chain_id
        three_blocks = 3 * float(engine.block_period_seconds)
        self._resend_seconds = max(three_blocks, LEAST_RESEND_SECONDS) if resend_seconds is None else resend_seconds
        self._holder = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._lanes: dict[str, Lane] = {}
        self._leases: dict[str, LaneLease] = {}
        self._renewed_at: dict[str, float] = {}

    def run(self, stop: threading.Event) -> None:
        """Works until `stop`; a node that does not answer is asked again."""
        try:
            while not stop.wait(PAUSE_SECONDS):
                self.step()
        finally:
            self.close()

    def step(self) -> None:
        """One round over all lanes. What goes wrong with the chain in one lane is logged and does not stop another."""
        for name in self._signers:
            try:
                lane = self._lane(name)
                if lane is not None:
                    lane.step()
            except LeaseLost as error:
                _log.warning("the lane was taken over", lane=name, why=str(error))
                self._forget(name)
            except ChainError as error:
                _log.warning("the lane waits", lane=name, why=str(error))

    def lane(self, name: str) -> Lane | None:
        """A lane that this process holds now, None for others."""
        return self._lanes.get(name)

    def close(self) -> None:
        """Gives all leases back."""
        for name, lease in list(self._leases.items()):
            self._store.release(lease)
            self._forget(name)

    def _lane(self, name: str) -> Lane | None:
        now = time.monotonic()
        if name not in self._leases or now - self._renewed_at[name] >= RENEW_SECONDS:
            lease = self._store.acquire(name, self._holder)
            if lease is None:
                self._forget(name)
                return None
            if self._leases.get(name) != lease:
                self._lanes.pop(name, None)
            self._leases[name] = lease
            self._renewed_at[name] = now
        if name not in self._lanes:
            self._lanes[name] = Lane(
                self._leases[name],
                self._store,
                self._node,
                self._engine,
                self._signers[name],
                self._clock,
                self._chain_id,
                self._resend_seconds,
            )
        return self._lanes[name]

    def _forget(self, name: str) -> None:
        self._lanes.pop(name, None)
        self._leases.pop(name, None)
        self._renewed_at.pop(name, None)
