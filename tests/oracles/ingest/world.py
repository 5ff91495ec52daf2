"""A small market for the tests of ingest: enrolled devices with real keys, records that are right until told not to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Table

from ledger_node.domain.canonical_json import canonical_bytes
from ledger_node.domain.clock import Clock as LedgerClock
from ledger_node.domain.device import DeviceClass, DeviceState, DeviceStatus, KeyEpoch, Metrology
from ledger_node.domain.device_key import KeyType, SoftwareKey
from ledger_node.domain.digest import keccak256
from ledger_node.domain.envelope import ALGORITHMS, BundlePart, Envelope, StampPart
from ledger_node.domain.frame import encode_frame
from ledger_node.domain.identifier import trace_code
from ledger_node.domain.judge import MarketRules
from ledger_node.domain.payload import KINDS
from ledger_node.domain.record import bundle_digest, bundle_path, bundle_root, name_hash
from ledger_node.domain.typed_data import SigningDomain
from ledger_node.store import Stores
from ledger_node.store.devices import DeviceDirectory
from ledger_node.store.projections import Device
from ledger_node.store.upsert import upsert
from oracles.ingest.core import Answer, IngestCore
from oracles.ingest.reading import Frame, Source
from oracles.ingest.transaction import ForkReporter

DEVICE: Table = Device.__table__  # type: ignore[attr-defined]
DOMAIN = SigningDomain(13370, bytes(19) + b"\x01")
NOON = 1_772_337_600_000
"""2026-03-01T04:00:00Z, noon in the market."""
SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
RULES = MarketRules("zpk")
MERCHANT, OTHER_MERCHANT, PLACE = "0x" + "11" * 32, "0x" + "22" * 32, "0x" + "33" * 32
LOT = "https://id.gs1.org/01/09506000134352/10/ZPK-1"
OTHER_LOT = "https://id.gs1.org/01/09506000134352/10/ZPK-2"
SCALE, TESTER, LAB, PROBE = (f"urn:tidemark:device:zpk-{one}" for one in ("scale-001", "tester", "lab", "probe"))
GATEWAY, SYSTEM, NODE = (f"urn:tidemark:device:zpk-{one}" for one in ("gw-01", "system", "node"))
_ULID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(number: int) -> str:
    """A ULID that is `number`."""
    return "".join(_ULID[number >> shift & 31] for shift in range(125, -1, -5))


def node_key(name: str) -> SoftwareKey:
    """The key of a device of this world."""
    return SoftwareKey(KeyType.SECP256K1, keccak256(name.encode()))


@dataclass
class Hand:
    """The time that a test says it is, in milliseconds."""

    now: int = NOON

    def clock(self) -> LedgerClock:
        """A ledger clock that reads it."""
        return LedgerClock(real=lambda: self.now)


def a_state(
    key: SoftwareKey, device_class: DeviceClass, *, trust: int = 2, owner: int = 5, verified: bool = True
) -> DeviceState:
    """A device enrolled and verified long before noon."""
    since = NOON // 1000 - 30 * 86_400
    epoch = KeyEpoch(key.key_hash, since, 0, 0, key.key_type, key.public_key)
    metrology = Metrology(bytes(32), bytes(32), bytes(32), bytes(32), 9, since, since + 365 * 86_400)
    return DeviceState(
        owner,
        since,
        0,
        int(device_class),
        trust,
        DeviceStatus.ACTIVE,
        (epoch,),
        verifications=(metrology,) if verified else (),
    )


@dataclass
class Signer:
    """A device that signs: its key, and its chain so far."""

    name: str
    key: SoftwareKey
    sequence: int = 0
    previous: bytes = bytes(32)

    def sign(
        self,
        kind: str,
        payload: Mapping[str, Any],
        value: int = 0,
        *,
        at_ms: int = NOON,
        domain: SigningDomain = DOMAIN,
        **changes: Any,
    ) -> Envelope:
        """The next record of its chain; `changes` are members of the envelope that are otherwise."""
        rule = KINDS.get(kind, KINDS["heartbeat"])
        body = canonical_bytes(dict(payload))
        self.sequence += 1
        values: dict[str, Any] = {
            "stream": f"market/zpk/{rule.stream_kind}",
            "sequence": self.sequence,
            "unit": rule.unit or "CNY",
            "exponent": -2 if rule.exponent is None else rule.exponent,
            "previous_hash": self.previous,
            "queued": None,
            "clock": None,
        } | changes
        unsigned = Envelope(
            v=1,
            device=self.name,
            observed_at_ms=at_ms,
            kind=kind,
            value=value,
            payload=body,
            payload_hash=keccak256(body),
            algorithm=ALGORITHMS[self.key.key_type],
            signature=b"",
            **values,
        )
        digest = unsigned.digest(domain)
        self.sequence, self.previous = unsigned.sequence, digest
        return replace(unsigned, signature=self.key.sign(digest))


def sale(number: int, *, net: int = 1000, price: int = 2000, lot: str = LOT, **changes: Any) -> dict[str, Any]:
    """A right sale of `net` grams; number tells one from another."""
    payload: dict[str, Any] = {
        "sale_id": ulid(1_000_000 + number),
        "ticket_id": ulid(2_000_000 + number),
        "market_id": "zpk",
        "merchant_ref": MERCHANT,
        "place_ref": PLACE,
        "item_code": "AM02005",
        "item_name": "海鲈鱼",
        "lots": [{"lot_id": lot, "net_grams": net}],
        "gross_grams": net + 20,
        "tare_grams": 20,
        "net_grams": net,
        "division_grams": 5,
        "stable": True,
        "zeroed": True,
        "unit_price_minor_per_kilogram": price,
        "amount_minor": (net * price + 500) // 1000,
        "discount_minor": 0,
        "rounding_minor": 0,
        "currency": "CNY",
        "pay_method": "wechat",
        "recognised_by": "plu",
        "confidence_permille": 1000,
        "trace_code": trace_code(number.to_bytes(10, "big")),
    }
    return payload | changes


def returned(of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A void or whole refund of a sale."""
    names = ("amount_minor", "net_grams", "currency", "lots")
    return {"of": of["sale_id"], "reason": "mistyped", **{name: of[name] for name in names}} | changes


def intake(lot: str = LOT, *, net: int = 100_000, **changes: Any) -> dict[str, Any]:
    """A right intake."""
    return {
        "lot_id": lot,
        "arrived_at": "2026-03-01T05:40:00+08:00",
        "merchant_ref": MERCHANT,
        "item_code": "AM02005",
        "item_name": "海鲈鱼",
        "net_grams": net,
    } | changes


def a_test(number: int, *, lot: str = LOT, result: int = 1, **changes: Any) -> dict[str, Any]:
    """A right test."""
    return {
        "test_id": ulid(3_000_000 + number),
        "lot_id": lot,
        "sampled_at": "2026-03-01T06:00:00+08:00",
        "tested_at": "2026-03-01T06:20:00+08:00",
        "reported_at": "2026-03-01T06:25:00+08:00",
        "project": "malachite green",
        "method_code": "GB/T 20361",
        "limit_standard": "GB 31650",
        "blank_ok": True,
        "control_ok": True,
        "result_kind": "qualitative",
        "result": result,
    } | changes


def a_bundle(gateway: Signer, envelopes: list[Envelope], *, at_ms: int = NOON, sequence: int = 1) -> list[Envelope]:
    """The records signed by the gateway in one go instead of by their device."""
    digests = [one.digest(DOMAIN) for one in envelopes]
    root = bundle_root(digests)
    digest = bundle_digest(
        DOMAIN,
        gateway=gateway.name,
        sequence=sequence,
        bundled_at_ms=at_ms,
        count=len(digests),
        root=root,
        previous_hash=bytes(32),
    )
    signature = digest + gateway.key.sign(digest)
    return [
        replace(
            one,
            algorithm="bundle",
            signature=signature,
            bundle=BundlePart(
                gateway.name, sequence, at_ms, len(digests), root, bytes(32), index, tuple(bundle_path(digests, index))
            ),
        )
        for index, one in enumerate(envelopes)
    ]


def stamped(gateway: Signer, envelope: Envelope, at_ms: int) -> Envelope:
    """The record with the gateway's word on when it came."""
    part = StampPart(gateway.name, at_ms, 0, ALGORITHMS[gateway.key.key_type], b"")
    return replace(
        envelope, stamp=replace(part, signature=gateway.key.sign(part.digest(DOMAIN, envelope.digest(DOMAIN))))
    )


@dataclass
class World:
    """One node's ingest over real stores, with devices to send from."""

    stores: Stores
    hand: Hand = field(default_factory=Hand)
    devices: dict[str, Signer] = field(default_factory=dict[str, Signer])
    states: dict[str, DeviceState] = field(default_factory=dict[str, DeviceState])
    version: int = 0
    core: IngestCore = field(init=False)

    def __post_init__(self) -> None:
        for name, device_class, trust in (
            (SCALE, DeviceClass.SCALE, 1),
            (TESTER, DeviceClass.TESTER, 2),
            (LAB, DeviceClass.TESTER, 2),
            (PROBE, DeviceClass.PROBE, 2),
            (GATEWAY, DeviceClass.GATEWAY, 2),
            (SYSTEM, DeviceClass.SYSTEM, 0),
            (NODE, DeviceClass.NODE, 0),
        ):
            self.enrol(name, device_class, trust=trust)
        self.restart()

    def restart(self, workers: int = 0, forks: ForkReporter | None = None) -> None:
        """Another process over the same stores."""
        directory = DeviceDirectory(self.stores.projections)
        self.core = IngestCore(
            self.stores,
            directory,
            RULES,
            self.devices[NODE].key,
            DOMAIN,
            self.hand.clock(),
            workers=workers,
            forks=forks,
        )

    def enrol(
        self, name: str, device_class: DeviceClass, *, trust: int = 2, key_type: KeyType = KeyType.SECP256K1
    ) -> Signer:
        """A device in the registry's projection."""
        signer = self.devices[name] = Signer(name, SoftwareKey(key_type, keccak256(name.encode())))
        self.put(name, a_state(signer.key, device_class, trust=trust))
        return signer

    def put(self, name: str, state: DeviceState) -> None:
        """The registry says something else of a device from now on."""
        self.states[name] = state
        self.version += 1
        row = {
            "device": name_hash(name),
            "owner": state.owner,
            "device_class": state.device_class,
            "trust": state.trust,
            "status": int(state.status),
            "enrolled_at": state.enrolled_at,
            "revoked_from": state.revoked_from,
            "version": self.version,
            "state": state.to_json(),
        }
        with self.stores.projections.write() as connection:
            upsert(connection, DEVICE, [row])
        if hasattr(self, "core"):
            self.core.refresh(force=True)

    def send(self, *envelopes: Envelope, source: Source = Source("test")) -> Answer:
        """One frame with these records."""
        return self.core.take([Frame(encode_frame(envelopes), source)])[0]

    def rows(self, table: Table, database: str = "journal") -> list[dict[str, Any]]:
        """All rows of a table."""
        with getattr(self.stores, database).read() as connection:
            found = connection.execute(table.select().order_by(*table.primary_key)).mappings()
            return [dict(row) for row in found]

    def stock(self, lot: str = LOT, **changes: Any) -> None:
        """Receives a lot."""
        payload = intake(lot, **changes)
        self.send(self.devices[SYSTEM].sign("intake", payload, payload["net_grams"], at_ms=self.hand.now))

    def sell(self, number: int, **changes: Any) -> Envelope:
        """A signed sale, not yet sent."""
        at_ms = changes.pop("at_ms", self.hand.now)
        payload = sale(number, **changes)
        return self.devices[SCALE].sign("sale", payload, payload["amount_minor"], at_ms=at_ms)
