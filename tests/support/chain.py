"""Real chains for tests: anvil and ganache with the ledger deployed and a small market founded on it.

A chain of the session is shared: tests that only add use `chain`; tests that undo, kill or restart take `a_chain`.
"""

import shutil
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ledger_node.bindings import device_registry, pin_registry
from ledger_node.chain.engine import Engine
from ledger_node.chain.rpc import Node
from ledger_node.chain.runner import AnvilRunner, GanacheRunner, Runner
from ledger_node.chain.signer import DEMO_CHAIN_ID, DemoSigner
from ledger_node.deployment.demo import all_accounts, deploy_demo, found_market, lane_names, lane_signers
from ledger_node.deployment.deployment import Deployment
from ledger_node.deployment.founding import FoundingDevice
from ledger_node.domain.clock import Clock, real_now_ms
from ledger_node.domain.device import DeviceClass
from ledger_node.domain.device_key import KeyType, SoftwareKey
from ledger_node.domain.digest import keccak256, sha256
from ledger_node.domain.typed_data import SigningDomain
from scripts.node_folder import free_ports

ENGINES = ("anvil", "ganache")
SEED = "tests"
MARKET = "zpk"
LANES = 2
EMPTY_ROOT = sha256(b"")


def a_clock(*, behind_seconds: int = 24 * 3600, speed: int = 60) -> Clock:
    """A demonstration's clock: it starts in the past, so that blocks made quickly never run ahead of it."""
    now = real_now_ms()
    return Clock(now - behind_seconds * 1000, now, speed)


def a_key(name: str, key_type: KeyType = KeyType.SECP256K1) -> SoftwareKey:
    """The key of a test's device, by the device's name."""
    return SoftwareKey(key_type, keccak256(b"key of " + name.encode()))


def a_device(
    name: str, device_class: DeviceClass = DeviceClass.SCALE, *, owner: str = "market", is_verified: bool = True
) -> FoundingDevice:
    """A device to enrol, called `urn:tidemark:device:{name}`, with the key `a_key(full name)`."""
    full = f"urn:tidemark:device:{name}"
    return FoundingDevice(full, device_class, 2, owner, a_key(full), is_verified=is_verified)


DEVICES: Sequence[FoundingDevice] = (
    a_device("zpk-node", DeviceClass.NODE, is_verified=False),
    a_device("zpk-ledger", DeviceClass.SYSTEM, is_verified=False),
    a_device("zpk-gw-01", DeviceClass.GATEWAY, is_verified=False),
    a_device("zpk-scale-001"),
    a_device("zpk-scale-002"),
    a_device("zpk-probe-001", DeviceClass.PROBE),
    a_device("zpk-tester-01", DeviceClass.TESTER, owner="lab"),
)


@dataclass
class Chain:
    """A running chain with the ledger and the market on it."""

    runner: Runner
    deployment: Deployment
    parties: dict[str, int]
    clock: Clock
    seed: str = SEED
    lanes: dict[str, DemoSigner] = field(default_factory=lambda: lane_signers(SEED, LANES))

    @property
    def node(self) -> Node:
        """The node."""
        return self.runner.node

    @property
    def engine(self) -> Engine:
        """Its profile."""
        return self.runner.engine

    @property
    def signing_domain(self) -> SigningDomain:
        """The domain of every signed record."""
        return SigningDomain(self.deployment.chain_id, self.deployment.address("device"))

    def mine(self, blocks: int = 1) -> None:
        """Makes blocks now."""
        self.runner.mine(blocks)

    def finalise(self) -> int:
        """Makes what is there final; the final block."""
        if isinstance(self.runner, GanacheRunner):
            self.runner.mine(13)
        else:
            self.runner.mine()
            self.runner.keep_now()
        return self.engine.final_block(self.node)

    def enrol(self, *devices: FoundingDevice) -> None:
        """Enrols more devices."""
        found_market(self.node, self.engine, self.deployment, seed=self.seed, devices=devices, lanes=LANES)

    def lane_of(self, stream: str) -> str:
        """The lane whose key pins a stream."""
        return lane_names(LANES)[int.from_bytes(keccak256(stream.encode()), "big") % LANES]

    def stream(self, stream: str) -> pin_registry.Stream:
        """A stream's head on chain."""
        data = pin_registry.encode_stream_at(keccak256(stream.encode()))
        return pin_registry.decode_stream_at_output(self.node.call(self.deployment.address("trace"), data))

    def device(self, name: str) -> device_registry.DeviceState:
        """A device's state on chain, by its whole name."""
        data = device_registry.encode_state_of(keccak256(name.encode()))
        return device_registry.decode_state_of_output(self.node.call(self.deployment.address("device"), data))

    def pin(self, stream: str, sequence: int, *, previous_root: bytes = EMPTY_ROOT, root: bytes | None = None) -> bytes:
        """Call data of a pin of one record, sealed now."""
        return encode_pin(stream, sequence, self.clock.now_s(), previous_root=previous_root, root=root)


def encode_pin(
    stream: str, sequence: int, now_s: int, *, previous_root: bytes = EMPTY_ROOT, root: bytes | None = None
) -> bytes:
    """Call data of a pin of one record of no amount, sealed at `now_s`."""
    header = pin_registry.PinHeader(
        root=root or a_root(stream, sequence), previous_root=previous_root, count=1, amount=0, mass=0,
        first_at=now_s, last_at=now_s, sealed_at=now_s,
        content=sha256(b"file %d" % sequence), lots=bytes(32), rules=bytes(32),
    )  # fmt: skip
    return pin_registry.encode_pin(keccak256(stream.encode()), sequence, header)


def a_root(stream: str, sequence: int) -> bytes:
    """The root that a test's pin carries; EMPTY_ROOT before the first."""
    return sha256(f"root {stream} {sequence}".encode()) if sequence else EMPTY_ROOT


@contextmanager
def a_runner(
    engine_name: str, folder: Path, clock: Clock, *, period_seconds: float = 0.1, chain_id: int = DEMO_CHAIN_ID
) -> Generator[Runner]:
    """An empty chain of one engine in `folder`; skipped where Node.js, which ganache needs, is missing."""
    if engine_name == "ganache" and shutil.which("node") is None:
        pytest.skip("ganache needs Node.js")
    kind = AnvilRunner if engine_name == "anvil" else GanacheRunner
    with kind(folder, free_ports(1)[0], chain_id, clock, period_seconds=period_seconds) as runner:
        yield runner


@contextmanager
def a_chain(
    engine_name: str,
    folder: Path,
    *,
    clock: Clock | None = None,
    period_seconds: float = 0.1,
    devices: Sequence[FoundingDevice] = DEVICES,
) -> Generator[Chain]:
    """A chain of its own with the ledger and the market, ended afterwards. `folder` may hold one from before."""
    clock = clock or a_clock()
    with a_runner(engine_name, folder, clock, period_seconds=period_seconds) as runner:
        yield founded(runner, clock, devices)


def founded(runner: Runner, clock: Clock, devices: Sequence[FoundingDevice] = DEVICES) -> Chain:
    """Puts the ledger and the market on a running chain, as far as they are not there."""
    runner.fund(all_accounts(SEED, LANES))
    deployment = deploy_demo(runner.node, runner.engine, SEED)
    parties = found_market(runner.node, runner.engine, deployment, seed=SEED, devices=devices, lanes=LANES)
    return Chain(runner, deployment, parties, clock)


@pytest.fixture(scope="session", params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The same test on each engine."""
    return str(request.param)


@pytest.fixture(scope="session")
def chain(engine_name: str) -> Generator[Chain]:
    """One chain an engine for all tests of this process; tests add to it and never undo."""
    folder = Path(tempfile.mkdtemp(prefix=f"tidemark-{engine_name}-"))
    try:
        with a_chain(engine_name, folder) as one:
            yield one
    finally:
        shutil.rmtree(folder, ignore_errors=True)
