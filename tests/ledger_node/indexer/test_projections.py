"""The tables beside the contracts' own answers, on every engine and database: a founded market, its attestations."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi import encode
from sqlalchemy import Table, select

from ledger_node.bindings import attestation_resolver, eas, lot_ledger, party_registry
from ledger_node.deployment.demo import PARTY_KINDS, operator, party_wallet
from ledger_node.deployment.transact import Step, transact
from ledger_node.domain.device import DeviceClass, DeviceState, DeviceStatus, key_at, metrology_at
from ledger_node.domain.digest import keccak256, sha256
from ledger_node.domain.merkle import EMPTY_ROOT
from ledger_node.indexer.decode import DECODERS
from ledger_node.indexer.digest import compared_tables, differing_tables
from ledger_node.indexer.indexer import Indexer
from ledger_node.indexer.projections.devices import state_of
from ledger_node.indexer.rows import table_of
from ledger_node.store import Stores, migrate, open_stores
from ledger_node.store.projections import (
    Attestation,
    Device,
    DeviceKey,
    DeviceMetrology,
    Event,
    LotHolding,
    LotState,
    Party,
    Pin,
    Schema,
    Stream,
    Wallet,
)
from tests.support.chain import SEED, Chain, a_device, a_root

GRAM = b"GRM"
ZERO = bytes(32)
_EVENT: Table = table_of(Event)


@dataclass
class Attesting:
    """Attestations by the market's parties, as any EAS client makes them."""

    chain: Chain

    def attest(self, party: str, schema: str, types: str, *values: Any, **terms: Any) -> bytes:
        """The UID of the new attestation; terms: recipient, expires_at, revocable, ref_uid."""
        data = eas.AttestationRequestData(
            recipient=terms.get("recipient", bytes(20)),
            expiration_time=terms.get("expires_at", 0),
            revocable=terms.get("revocable", True),
            ref_uid=terms.get("ref_uid", ZERO),
            data=encode(types.split(","), values),
            value=0,
        )
        request = eas.AttestationRequest(schema=self.chain.deployment.schemas[schema], data=data)
        block = self.do(party, "eas", eas.encode_attest(request))
        logs = self.chain.node.logs_by_range(block, block, [self.chain.deployment.address("eas")])
        attested = [eas.decode_event(log.topics, log.data) for log in logs]
        return next(event.uid for event in attested if isinstance(event, eas.Attested))

    def revoke(self, party: str, schema: str, uid: bytes) -> None:
        request = eas.RevocationRequest(
            schema=self.chain.deployment.schemas[schema], data=eas.RevocationRequestData(uid=uid, value=0)
        )
        self.do(party, "eas", eas.encode_revoke(request))

    def do(self, party: str, noun: str, data: bytes) -> int:
        """A transaction of a party's wallet; its block."""
        chain = self.chain
        signer = operator(SEED) if party == "operator" else party_wallet(SEED, party)
        step = Step(f"{party} at {noun}", chain.deployment.address(noun), data, 1_500_000)
        [receipt] = transact(chain.node, chain.engine, signer, chain.deployment.chain_id, [step])
        return receipt.block_number

    def lot(self, party: str, lot: bytes, grams: int, supersedes: bytes = ZERO) -> bytes:
        types = "bytes32,bytes32,bytes32,uint128,bytes3,uint64,bytes32,bytes32"
        values = (lot, ZERO, sha256(b"crucian"), grams, GRAM, 1_700_000_000, sha256(b"document"), supersedes)
        return self.attest(party, "lot", types, *values)

    def report(self, party: str, lot: bytes, result: int, supersedes: bytes = ZERO) -> bytes:
        types = "bytes32,bytes32,bytes32,bytes32,uint8,uint64,uint64,bytes32,bytes32"
        values = (lot, ZERO, ZERO, sha256(b"GB/T"), result, 1_700_000_000, 1_700_000_100, ZERO, supersedes)
        return self.attest(party, "labReport", types, *values)

    def now(self) -> int:
        header = self.chain.node.header("latest")
        assert header is not None
        return header.time

    def offer(self, party: str, to: str, lot: bytes, grams: int) -> bytes:
        types = "bytes32,bytes32,uint128,bytes3,bytes32,bytes32,uint64,bytes32"
        values = (lot, ZERO, grams, GRAM, ZERO, ZERO, 1_700_000_200, ZERO)
        terms = {"recipient": party_wallet(SEED, to).address, "expires_at": self.now() + 86_400}
        return self.attest(party, "custodyOffer", types, *values, **terms)

    def accept(self, party: str, offer: bytes, grams: int) -> bytes:
        values = (ZERO, grams, 1_700_000_300, 1, ZERO)
        types = "bytes32,uint128,uint64,uint8,bytes32"
        return self.attest(party, "custodyAcceptance", types, *values, revocable=False, ref_uid=offer)


def index(chain: Chain, stores: Stores, folder: Path) -> int:
    """Indexes all blocks there are now; the last one."""
    last = chain.node.block_number()
    indexer = Indexer(
        stores, chain.node, chain.engine, chain.deployment, chain.clock, evidence=folder / "evidence", last_block=last
    )
    patience = threading.Event()
    while head(stores) < last:
        indexer.step()
        patience.wait(0.001)
    indexer.close()
    return last


def head(stores: Stores) -> int:
    with stores.projections.read() as connection:
        numbers = [row.number for row in connection.execute(select(table_of_block()))]
    return max(numbers, default=-1)


def table_of_block() -> Table:
    from ledger_node.store.projections import Block

    return table_of(Block)


def row_of(stores: Stores, model: Any, **key: Any) -> dict[str, Any]:
    """The row with these values; there must be exactly one."""
    table = table_of(model)
    where = [table.c[name] == value for name, value in key.items()]
    with stores.projections.read() as connection:
        return dict(connection.execute(select(table).where(*where)).mappings().one())


def call(chain: Chain, noun: str, data: bytes, read: Callable[[bytes], Any]) -> Any:
    return read(chain.node.call(chain.deployment.address(noun), data))


def test_devices_are_as_the_registry_has_them(chain: Chain, stores: Stores, tmp_path: Path) -> None:
    name = f"urn:tidemark:device:{tmp_path.name.replace('_', '-').lower()[-40:]}"
    chain.enrol(a_device(name.removeprefix("urn:tidemark:device:")))
    index(chain, stores, tmp_path)
    for device in ("urn:tidemark:device:zpk-scale-001", "urn:tidemark:device:zpk-node", name):
        row = row_of(stores, Device, device=keccak256(device.encode()))
        state = DeviceState.from_json(row["state"])
        assert state == state_of(chain.device(device))
        assert (row["owner"], row["status"], row["device_class"]) == (state.owner, 2, state.device_class)
        key = row_of(stores, DeviceKey, device=row["device"], epoch=0)
        assert (key["key_hash"], key["public_key"]) == (state.keys[0].key_hash, state.keys[0].public_key)
    assert state.device_class == DeviceClass.SCALE
    assert row["version"] == 2  # enrolled, then certified
    now = Attesting(chain).now()
    assert key_at(state, now).status == DeviceStatus.ACTIVE
    assert metrology_at(state.verifications, now).verified
    metrology = row_of(stores, DeviceMetrology, device=row["device"], number=0)
    assert metrology["until_at"] == state.verifications[0].until_at


def test_parties_wallets_and_streams_are_as_the_registries_have_them(
    chain: Chain, stores: Stores, tmp_path: Path
) -> None:
    Attesting(chain).do("operator", "party", party_registry.encode_set_verification(chain.parties["carrier"], 2**39))
    index(chain, stores, tmp_path)
    for name, number in chain.parties.items():
        row = row_of(stores, Party, number=number)
        party = call(chain, "party", party_registry.encode_party_at(number), party_registry.decode_party_at_output)
        assert (row["status"], row["kinds"], row["verified_until"]) == (1, PARTY_KINDS[name], party.verified_until)
        assert row["jurisdiction"] == "156"
        wallet = row_of(stores, Wallet, address=party_wallet(SEED, name).address)
        assert (wallet["party"], wallet["powers"], wallet["retired_from"]) == (number, 0xFF, 0)
    for kind in ("sale", "test", "sales-day"):
        row = row_of(stores, Stream, stream=keccak256(f"market/zpk/{kind}".encode()))
        stream = chain.stream(f"market/zpk/{kind}")
        assert (row["pinner"], row["flags"], row["sequence"]) == (stream.pinner, stream.flags, stream.sequence)
        assert row["owner"] == chain.parties["market"]
        assert row["market"] == keccak256(b"market/zpk")


def test_a_pin_is_stored_whole(chain: Chain, stores: Stores, tmp_path: Path) -> None:
    stream = "market/zpk/waste"
    at = chain.stream(stream)
    data = chain.pin(stream, at.sequence + 1, previous_root=at.root)
    signer = chain.lanes[chain.lane_of(stream)]
    step = Step("pin", chain.deployment.address("trace"), data, 300_000)
    [receipt] = transact(chain.node, chain.engine, signer, chain.deployment.chain_id, [step])
    index(chain, stores, tmp_path)
    row = row_of(stores, Pin, stream=keccak256(stream.encode()), sequence=at.sequence + 1)
    assert row["root"] == a_root(stream, at.sequence + 1)
    assert row["previous_root"] == (at.root if at.sequence else EMPTY_ROOT)
    assert (row["count"], row["block_number"], row["tx_hash"]) == (1, receipt.block_number, receipt.tx_hash)


def test_attestations_tell_their_lot_their_party_and_what_became_of_them(
    chain: Chain, stores: Stores, tmp_path: Path
) -> None:
    by, lot = Attesting(chain), sha256(str(tmp_path).encode())
    first = by.lot("producer", lot, 5_000)
    second = by.lot("producer", lot, 6_000, first)
    failed = by.report("lab", lot, 2)
    held = index(chain, stores, tmp_path)
    assert row_of(stores, LotState, lot_key=lot)["state"] == 3
    assert row_of(stores, LotState, lot_key=lot)["block_number"] <= held
    passed = by.report("lab", lot, 1, failed)
    voided = by.report("lab", lot, 1)
    by.do("regulator", "attestation", attestation_resolver.encode_void_attestation(voided, 7, ZERO))
    offer = by.offer("producer", "wholesaler", lot, 2_000)
    accepted = by.accept("wholesaler", offer, 1_900)
    taken_back = by.offer("producer", "carrier", lot, 500)
    by.revoke("producer", "custodyOffer", taken_back)
    index(chain, stores, tmp_path)

    rows = {uid: row_of(stores, Attestation, uid=uid) for uid in (first, second, failed, passed, voided, offer)}
    assert rows[first]["superseded_by"] == second
    assert rows[second]["superseded_by"] is None
    assert rows[failed]["superseded_by"] == passed
    assert (rows[voided]["voided"], rows[voided]["void_reason"]) == (True, 7)
    assert {row["lot_key"] for row in rows.values()} == {lot}
    assert rows[second]["party"] == chain.parties["producer"]
    assert rows[second]["schema_uid"] == chain.deployment.schemas["lot"]
    assert rows[second]["attester"] == party_wallet(SEED, "producer").address
    assert rows[second]["facts"]["quantity"] == 6_000
    assert (rows[failed]["kind"], rows[failed]["facts"]["result"]) == ("LabReportAttested", 2)
    assert rows[offer]["facts"]["to"] == chain.parties["wholesaler"]
    acceptance = row_of(stores, Attestation, uid=accepted)
    assert (acceptance["kind"], acceptance["lot_key"]) == ("CustodyAccepted", lot)
    assert row_of(stores, Attestation, uid=taken_back)["revoked_at"] > 0
    state = call(chain, "lot", lot_ledger.encode_lot_at(lot), lot_ledger.decode_lot_at_output)
    assert row_of(stores, LotState, lot_key=lot)["state"] == state.state == 1
    for party in ("producer", "wholesaler"):
        number = chain.parties[party]
        held_by = call(chain, "lot", lot_ledger.encode_held_by(lot, number), lot_ledger.decode_held_by_output)
        assert row_of(stores, LotHolding, lot_key=lot, party=number)["held"] == held_by
    for noun, uid in chain.deployment.schemas.items():
        assert row_of(stores, Schema, uid=uid)["resolver"] == chain.deployment.address("attestation"), noun


def test_a_rebuild_is_equal_row_for_row(chain: Chain, stores: Stores, tmp_path: Path) -> None:
    last = index(chain, stores, tmp_path)
    folder = tmp_path / "again"
    folder.mkdir()
    fresh = open_stores(folder)
    migrate(fresh)
    indexer = Indexer(fresh, chain.node, chain.engine, chain.deployment, chain.clock, evidence=folder, last_block=last)
    while head(fresh) < last:
        indexer.step()
    with fresh.projections.read() as left, stores.projections.read() as right:
        assert differing_tables(left, right) == []
        filled = [table.name for table in compared_tables() if left.execute(select(table).limit(1)).first()]
    fresh.dispose()
    assert {"party", "wallet", "device", "stream", "role_member", "schema", "event"} <= set(filled)


def test_every_contract_of_a_deployment_has_a_decoder(chain: Chain) -> None:
    assert {contract.noun for contract in chain.deployment.contracts} == set(DECODERS)


def test_every_event_on_chain_is_named(chain: Chain, stores: Stores, tmp_path: Path) -> None:
    index(chain, stores, tmp_path)
    with stores.projections.read() as connection:
        names = set(connection.execute(select(_EVENT.c.name)).scalars())
    assert {"PartyRegistered", "DeviceEnrolled", "StreamOpened", "Registered", "RoleGranted"} <= names
    assert "" not in names
