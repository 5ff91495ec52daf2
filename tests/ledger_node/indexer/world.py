"""A small real chain under the test's hand: anvil, some of our contracts, blocks mined and undone on demand.

Finality is whatever block the test names, in a state file as anvil's runner writes it.
"""

import dataclasses
import itertools
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select

from ledger_node.bindings import eas, ledger_access, party_registry, pin_registry, schema_registry
from ledger_node.bindings.artifact import load_artifact
from ledger_node.chain.engine import Engine, anvil_engine
from ledger_node.chain.rpc import Node
from ledger_node.deployment.deployment import DeployedContract, Deployment
from ledger_node.domain.clock import Clock
from ledger_node.domain.digest import keccak256
from ledger_node.domain.merkle import EMPTY_ROOT
from ledger_node.errors import NodeUnreachable
from ledger_node.indexer.digest import differing_tables, digest_of_tables
from ledger_node.indexer.indexer import Indexer
from ledger_node.indexer.rebuild import rebuild
from ledger_node.store import Database, Stores, migrate, open_stores
from ledger_node.store.projections import Block, Cursor, Event
from scripts.node_folder import free_ports

ANVIL = Path(__file__).resolve().parents[3] / "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
CHAIN_ID = 13370
GENESIS_TIME = 1_763_800_000
PARTY_ADMIN, STREAM_ADMIN = 1, 11
_BLOCK: Table = Block.__table__  # type: ignore[attr-defined]
_EVENT: Table = Event.__table__  # type: ignore[attr-defined]
_CURSOR: Table = Cursor.__table__  # type: ignore[attr-defined]


class Chain:
    """An anvil that mines when told, with its own unlocked account as every role's holder."""

    def __init__(self, folder: Path, *, timestamp: int = GENESIS_TIME) -> None:
        self.port = free_ports(1)[0]
        self.folder = folder
        self.state_file = folder / "state.json"
        self.node = Node(f"http://127.0.0.1:{self.port}")
        self.engine: Engine = dataclasses.replace(anvil_engine(self.state_file), block_period_seconds=1)
        self._timestamp = timestamp
        self._process = subprocess.Popen(
            [str(ANVIL), "--port", str(self.port), "--chain-id", str(CHAIN_ID), "--no-mining", "--silent",
             "--base-fee", "0", "--gas-price", "0", "--timestamp", str(timestamp), "--hardfork", "shanghai"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            self._await_start()
            self.account = bytes.fromhex(self.node.request("eth_accounts")[0][2:])
            self.deployment = self._deploy()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self.node.close()

    def mine(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            self.node.request("evm_mine")

    def make_final(self, number: int) -> None:
        self.state_file.write_text(f'{{"block":{{"number":"{hex(number)}"}}}}')

    def reorganise(self, depth: int) -> None:
        """The last `depth` blocks are replaced by empty ones."""
        self.node.request("anvil_reorg", depth, [])

    def address(self, noun: str) -> bytes:
        return next(one.address for one in self.deployment.contracts if one.noun == noun)

    def send(self, noun: str, data: bytes) -> None:
        """A transaction that waits for the next block."""
        self._send({"to": "0x" + self.address(noun).hex(), "data": "0x" + data.hex()})

    def create(self, name: str, arguments: bytes) -> bytes:
        """Deploys a contract in a block of its own."""
        sent = self._send({"data": "0x" + (load_artifact(name).bytecode + arguments).hex()})
        self.mine()
        receipt = self.node.receipts_by_hash([sent])[0]
        assert receipt is not None
        assert receipt.succeeded
        assert receipt.contract_address is not None
        return receipt.contract_address

    def _send(self, message: dict[str, str]) -> bytes:
        account = "0x" + self.account.hex()
        answer = self.node.request("eth_sendTransaction", {"from": account, "gas": hex(8_000_000), **message})
        return bytes.fromhex(answer[2:])

    def _deploy(self) -> Deployment:
        access = self.create("LedgerAccess", ledger_access.encode_constructor(self.account))
        party = self.create("PartyRegistry", party_registry.encode_constructor(access))
        trace = self.create("PinRegistry", pin_registry.encode_constructor(access, party))
        schema = self.create("SchemaRegistry", schema_registry.encode_constructor())
        attests = self.create("EAS", eas.encode_constructor(schema))
        made = {"access": access, "party": party, "trace": trace, "schema": schema, "eas": attests}
        contracts = tuple(
            self._deployed(noun, address, 1 + place) for place, (noun, address) in enumerate(made.items())
        )
        return Deployment(CHAIN_ID, self.node.genesis_hash(), "anvil", contracts, {}, {})

    def _deployed(self, noun: str, address: bytes, block: int) -> DeployedContract:
        code_hash = keccak256(self.node.code(address))
        return DeployedContract(noun, noun, address, block, code_hash, b"", "solc", "0x")

    def _await_start(self) -> None:
        deadline = time.monotonic() + 20
        while True:
            try:
                assert self.node.chain_id() == CHAIN_ID
                return
            except NodeUnreachable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


class Load:
    """Transactions of every kind that this chain's contracts take, by a seed; also right after blocks were undone."""

    def __init__(self, chain: Chain, seed: int = 7) -> None:
        self.chain = chain
        self._random = random.Random(seed)
        self._names = (f"market/zpk/kind-{number}" for number in itertools.count())

    def begin(self) -> None:
        """Roles, a party, three streams: what later transactions need."""
        chain = self.chain
        for role in (PARTY_ADMIN, STREAM_ADMIN):
            chain.send("access", ledger_access.encode_grant_role(role, chain.account, 0))
        chain.mine()
        chain.send("party", party_registry.encode_register_party(b"\1" * 32, 8 | 512, 156, 2**39))
        chain.mine()
        for _ in range(3):
            self.open_stream()
        chain.mine()

    def open_stream(self) -> None:
        stream = keccak256(next(self._names).encode())
        market = keccak256(b"market/zpk")
        self.chain.send("trace", pin_registry.encode_open_stream(stream, 1, market, self.chain.account, 0))

    def block(self) -> None:
        """One block with a few transactions."""
        for _ in range(self._random.randrange(4)):
            self._random.choice([self.role, self.party, self.status, self.schema, self.open_stream, self.pin])()
        self.chain.mine()

    def role(self) -> None:
        account = bytes([self._random.randrange(5)]) * 20
        change = self._random.choice(
            [ledger_access.encode_grant_role(42, account, 0), ledger_access.encode_revoke_role(42, account)]
        )
        self.chain.send("access", change)

    def party(self) -> None:
        identity = self._random.randbytes(32)
        self.chain.send("party", party_registry.encode_register_party(identity, 16, 156, 2**39))

    def status(self) -> None:
        self.chain.send("party", party_registry.encode_set_verification(1, 2**38 + self._random.randrange(2**30)))

    def schema(self) -> None:
        text = f"bytes32 lot,uint128 n{self._random.randrange(2**40)}"
        self.chain.send("schema", schema_registry.encode_register(text, bytes(20), True))

    def pin(self) -> None:
        """A pin of the first stream, if no other waits; wrong ones revert and emit nothing, as it happens."""
        stream = keccak256(b"market/zpk/kind-0")
        answer = self.chain.node.call(self.chain.address("trace"), pin_registry.encode_stream_at(stream))
        at = pin_registry.decode_stream_at_output(answer)
        header = self.chain.node.header(self.chain.node.block_number())
        assert header is not None
        self.chain.send("trace", pin_registry.encode_pin(stream, at.sequence + 1, a_header(at.root, header.time)))


def a_header(previous_root: bytes, time_s: int) -> pin_registry.PinHeader:
    """A pin of one record worth 36.50 for 1,825 g."""
    return pin_registry.PinHeader(
        root=keccak256(previous_root),
        previous_root=previous_root,
        count=1,
        amount=3650,
        mass=1825,
        first_at=time_s,
        last_at=time_s,
        sealed_at=time_s,
        content=keccak256(b"content"),
        lots=EMPTY_ROOT,
        rules=bytes(32),
    )


@dataclass
class Follower:
    """The indexer under test on one set of databases."""

    chain: Chain
    stores: Stores
    folder: Path
    real_ms: int = 1_763_900_000_000

    def indexer(self, holder: str = "one", **changes: Any) -> Indexer:
        """An indexer process as it starts."""
        return Indexer(
            changes.pop("stores", self.stores),
            changes.pop("node", self.chain.node),
            self.chain.engine,
            self.chain.deployment,
            Clock(real=lambda: self.real_ms),
            evidence=self.folder / "evidence",
            network="demo",
            holder=holder,
            **changes,
        )

    def settle(self, indexer: Indexer) -> None:
        """Steps until nothing is due."""
        while indexer.step():
            pass

    def head(self) -> int:
        with self.stores.projections.read() as connection:
            return connection.execute(select(_CURSOR.c.block_number)).scalar_one()

    def events(self) -> int:
        with self.stores.projections.read() as connection:
            return connection.execute(select(func.count()).select_from(_EVENT)).scalar_one()

    def assert_rebuild_is_equal(self) -> dict[str, str]:
        """Projections rebuilt from block 0 into an empty database equal the live ones row for row."""
        with rebuilt(self, self.head()) as fresh, fresh.read() as left, self.stores.projections.read() as right:
            assert differing_tables(left, right) == []
            return digest_of_tables(right)


@contextmanager
def rebuilt(follower: Follower, last_block: int) -> Iterator[Database]:
    """A fresh SQLite database with the projections rebuilt up to a block."""
    folder = follower.folder / f"rebuild-{time.monotonic_ns()}"
    folder.mkdir()
    stores = open_stores(folder)
    migrate(stores)
    rebuild(follower.indexer(stores=stores, last_block=last_block), stores.projections, last_block)
    yield stores.projections
    stores.dispose()
