"""Embedded chains: anvil and ganache on the loopback, their blocks durable.

What they have in common, the process and the making of blocks, is in `chain.engine_process`.
"""

import gzip
import json
import platform
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import structlog

from ledger_node.chain.engine import Engine, anvil_engine, ganache_engine
from ledger_node.chain.engine_process import NODE_MODULES, Runner
from ledger_node.chain.state_file import STATE, newest_whole_state, write_state
from ledger_node.domain.clock import Clock
from ledger_node.durable_file import replace_file
from ledger_node.errors import ChainError, EngineFailed

__all__ = ["AnvilRunner", "GanacheRunner", "Runner", "anvil_program"]

BLOCK_GAS_LIMIT: Final = 100_000_000
_log = structlog.get_logger(__name__)


class AnvilRunner(Runner):
    """anvil, its whole state written to `state.json` soon after each block."""

    name = "anvil"

    def __init__(self, folder: Path, port: int, chain_id: int, clock: Clock, **settings: Any) -> None:
        super().__init__(folder, port, chain_id, clock, **settings)
        self._kept_block = -1
        self._kept_hash = b""
        self._next_keep_at = 0.0

    @property
    def engine(self) -> Engine:
        """The profile to use with this chain."""
        return anvil_engine(self.folder / STATE)

    def start(self) -> None:
        """Starts the process from the newest whole state and makes sure that its genesis is on disk."""
        super().start()
        self._kept_block, self._next_keep_at = -1, 0.0
        self.keep()

    def end(self) -> None:
        """Keeps the last blocks, then ends the process."""
        if self._process is not None and self._process.poll() is None:
            try:
                self.keep_now()
            except ChainError as error:
                _log.warning("the last blocks were not kept", why=str(error))
        super().end()

    def command(self) -> Sequence[str]:
        """anvil with free gas, no blocks of its own, and the last good state."""
        state = newest_whole_state(self.folder)
        shutil.rmtree(self.folder / "cache", ignore_errors=True)
        return [
            str(anvil_program(self.node_modules)), "--host", "127.0.0.1", "--port", str(self.port),
            "--chain-id", str(self.chain_id), "--hardfork", "shanghai", "--timestamp", str(self._genesis_time()),
            "--no-mining", "--accounts", "0", "--order", "fifo", "--gas-limit", str(BLOCK_GAS_LIMIT),
            "--gas-price", "0", "--block-base-fee-per-gas", "0", "--disable-min-priority-fee",
            "--no-request-size-limit", "--cache-path", str(self.folder / "cache"), "--quiet",
            *(["--load-state", str(state)] if state else []),
        ]  # fmt: skip

    def has_waiting(self) -> bool:
        """Whether transactions wait for a block."""
        status: dict[str, str] = self.node.request("txpool_status")
        return int(status["pending"], 16) > 0

    def keep(self) -> None:
        """Writes the state unless it is on disk; so seldom that it takes a fifth of the time at most."""
        if time.monotonic() >= self._next_keep_at:
            self.keep_now()

    def keep_now(self) -> None:
        """Writes the state unless it is on disk."""
        with self._making:
            head = self.node.header("latest")
            if head is None or (head.number == self._kept_block and head.hash == self._kept_hash):
                return
            begun = time.monotonic()
            packed: str = self.node.request("anvil_dumpState")
            write_state(self.folder, gzip.decompress(bytes.fromhex(packed.removeprefix("0x"))))
            self._kept_block, self._kept_hash = head.number, head.hash
            self._next_keep_at = time.monotonic() + 4 * (time.monotonic() - begun)

    def _genesis_time(self) -> int:
        """The second of block 0, chosen once: the genesis hash follows from it."""
        return _once(self.folder / "genesis.json", self.clock.now_s)


class GanacheRunner(Runner):
    """ganache, its blocks in a LevelDB of its own. Gas has a price there, so accounts must be given funds."""

    name = "ganache"

    @property
    def engine(self) -> Engine:
        """The profile to use with this chain."""
        return ganache_engine()

    def command(self) -> Sequence[str]:
        """ganache through node, no blocks of its own within a week (timers end at 24 days)."""
        program = self.node_modules / "ganache" / "dist" / "node" / "cli.js"
        node = shutil.which("node")
        if node is None or not program.exists():
            raise EngineFailed(self.name, "Node.js or the npm package ganache is missing: run scripts/set_up")
        (self.folder / "blocks").mkdir(exist_ok=True)
        begin = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(_once(self.folder / "genesis.json", self._now)))
        return [
            node, str(program), "--server.host", "127.0.0.1", "--server.port", str(self.port),
            "--chain.chainId", str(self.chain_id), "--chain.networkId", str(self.chain_id),
            "--chain.hardfork", "shanghai", "--chain.time", begin, "--miner.blockTime", "1000000",
            # One request at a time: a transaction that comes while a block is made would wait for ever.
            "--chain.asyncRequestProcessing", "false",
            "--miner.blockGasLimit", str(BLOCK_GAS_LIMIT), "--wallet.totalAccounts", "1",
            "--wallet.mnemonic", "tidemark", "--wallet.defaultBalance", "1000000000",
            "--database.dbPath", str(self.folder / "blocks"), "--logging.quiet", "true",
        ]  # fmt: skip

    def has_waiting(self) -> bool:
        """Always: ganache does not tell cheaply."""
        return True

    def fund(self, addresses: Sequence[bytes]) -> None:
        """Sends a million units to each account that has less than a thousand."""
        unit = 10**18
        poor = [address for address in addresses if self.node.balance(address) < 1000 * unit]
        if not poor:
            return
        wallet: str = self.node.request("eth_accounts")[0]
        for address in poor:
            gift = {"from": wallet, "to": f"0x{address.hex()}", "value": hex(1_000_000 * unit)}
            self.node.request("eth_sendTransaction", gift)
        self.mine()

    def _now(self) -> int:
        return self.clock.now_s()


def anvil_program(node_modules: Path = NODE_MODULES) -> Path:
    """anvil's own binary (npm's wrapper always exits 0 and leaves it running). Raises EngineFailed."""
    system = {"linux": "linux", "darwin": "darwin", "win32": "win32"}.get(sys.platform, sys.platform)
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    program = node_modules / "@foundry-rs" / f"anvil-{system}-{machine}" / "bin" / "anvil"
    if not program.exists():
        raise EngineFailed("anvil", f"{program} is missing: run scripts/set_up")
    return program


def _once(path: Path, choose: Callable[[], int]) -> int:
    """A number that is chosen once and stands in a file from then on."""
    if not path.exists():
        replace_file(path, json.dumps({"timestamp": choose()}).encode())
    row: dict[str, int] = json.loads(path.read_text())
    return row["timestamp"]
