"""The path of a record with all real parts, stepped by hand: device, ingest, sealer, submitter, chain, indexer, log."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ledger_node.chain.submitter import Submitter
from ledger_node.checkpoint.log import CheckpointLog, CheckpointSettings
from ledger_node.content.content_keys import KeyFolder
from ledger_node.content.local import LocalStore
from ledger_node.domain.checkpoint_note import NoteSigner
from ledger_node.domain.digest import sha256
from ledger_node.domain.envelope import Envelope
from ledger_node.domain.frame import encode_frame
from ledger_node.domain.judge import MarketRules
from ledger_node.domain.network import Contract, Network
from ledger_node.errors import RecordNotFound, RecordNotYetProven
from ledger_node.indexer.indexer import Indexer
from ledger_node.proof.build import BundleBuilder
from ledger_node.proof.verify import Verification, verify
from ledger_node.sealing.sealer import Sealer
from ledger_node.sealing.settings import SealingSettings
from ledger_node.store import Stores
from ledger_node.store.devices import DeviceDirectory
from ledger_node.store.journal import journal_metadata
from ledger_node.store.tx import JournalTxStore
from oracles.device.flash import Flash
from oracles.device.identity import SoftwareIdentity
from oracles.device.recorder import Recorder
from oracles.ingest.core import IngestCore
from oracles.ingest.reading import Frame, Source
from tests.support.chain import LANES, Chain, a_key, lane_names

RECORD = journal_metadata.tables["record"]
ORIGIN = "tidemark.example/tidemark/demo/1"
PATIENCE_SECONDS = 90
NODE = "urn:tidemark:device:zpk-node"


@dataclass
class Pipeline:
    """One node over a chain and databases; `step` lets every part do what is due."""

    chain: Chain
    stores: Stores
    folder: Path
    recorders: dict[str, Recorder] = field(default_factory=dict[str, Recorder])

    def __post_init__(self) -> None:
        chain, stores, folder = self.chain, self.stores, self.folder
        clock = chain.clock
        signer = NoteSigner(ORIGIN, sha256(b"the log's key of the tests"))
        self.network = Network(
            name="demo",
            chain_id=chain.deployment.chain_id,
            genesis_hash=chain.deployment.genesis_hash,
            contracts=tuple(Contract(one.noun, one.address, one.code_hash) for one in chain.deployment.contracts),
            policy_text=f"log {signer.key.vkey()}\nquorum none\n",
        )
        self.indexer = Indexer(stores, chain.node, chain.engine, chain.deployment, clock, evidence=folder / "evidence")
        self.content = LocalStore(_made(folder / "content"))
        sealing = SealingSettings(ZoneInfo("Asia/Shanghai"), [], lane_names(LANES), chain.deployment.address("trace"))
        self.sealer = Sealer(stores, self.content, sealing, KeyFolder(folder / "keys"), clock, holder="tests")
        self.submitter = Submitter(
            JournalTxStore(stores.journal, clock), chain.node, chain.engine, chain.lanes, clock,
            chain_id=chain.deployment.chain_id,
        )  # fmt: skip
        self.log = CheckpointLog(
            stores, folder / "log", folder / "evidence", signer,
            CheckpointSettings(chain.deployment.chain_id, "demo", self.network.policy), clock,
        )  # fmt: skip
        self.index()
        self.core = IngestCore(
            stores, DeviceDirectory(stores.projections), MarketRules("zpk"), SoftwareIdentity(NODE, a_key(NODE)),
            chain.signing_domain, clock,
        )  # fmt: skip
        self.core.refresh(force=True)
        self.builder = BundleBuilder(stores, self.network, now=lambda: datetime.fromtimestamp(clock.now_s(), UTC))

    def close(self) -> None:
        """Lets go of files and leases."""
        self.core.close()
        self.submitter.close()
        self.indexer.close()
        self.content.close()

    def sign(
        self, device: str, kind: str, value: int, payload: Mapping[str, Any], *, stream: str | None = None
    ) -> Envelope:
        """The next record of an enrolled device, observed now."""
        name = f"urn:tidemark:device:{device}"
        if device not in self.recorders:
            self.recorders[device] = Recorder(
                SoftwareIdentity(name, a_key(name)), Flash(_made(self.folder / "devices") / device),
                self.chain.signing_domain, market="zpk", clock=self.chain.clock,
            )  # fmt: skip
        return self.recorders[device].sign(kind, value, payload, stream=stream)

    def take(self, *envelopes: Envelope) -> list[bytes]:
        """Judges and journals; the record hashes in order. AssertionError where ingest refuses one."""
        hashes: list[bytes] = []
        for envelope in envelopes:
            answer = self.core.take([Frame(encode_frame([envelope]), Source("test"))])[0]
            assert not answer.refused, answer.refused
            with self.stores.journal.read() as connection:
                hashes.append(
                    connection.execute(
                        select(RECORD.c.record_hash).where(
                            RECORD.c.digest == envelope.digest(self.chain.signing_domain)
                        )
                    ).scalar_one()
                )
        return hashes

    def index(self) -> None:
        """Follows the chain to its head."""
        while self.indexer.step():
            pass

    def step(self) -> None:
        """Every part does what is due."""
        self.sealer.step()
        self.submitter.step()
        self.chain.mine()
        self.submitter.step()
        self.chain.finalise()
        self.index()
        self.log.step()

    def prove(self, record_hash: bytes) -> bytes:
        """The record's bundle, once a checkpoint covers its pin."""
        return self.until(lambda: self._bundle(record_hash))

    def until(self, ask: Callable[[], bytes | None]) -> bytes:
        """Steps until there is an answer."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = ask()
            if found is not None:
                return found
            assert time.monotonic() < limit, "waited in vain for a proof"
            self.step()

    def verify(self, bundle: bytes) -> Verification:
        """What a stranger with the network file finds."""
        return verify(bundle, self.network, now=datetime.fromtimestamp(self.chain.clock.now_s(), UTC))

    def _bundle(self, record_hash: bytes) -> bytes | None:
        try:
            return self.builder.record(record_hash)
        except (RecordNotFound, RecordNotYetProven):
            return None


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
