"""A small seafood market in a node's databases, as ingest, sealer, indexer and checkpoint log would leave it.

Built on `a_bundle.World`, so every signature, path, pin and checkpoint is real and every proof can be checked. What the
World does not keep (sales, lots, tests, device heads, parties, live events) is written here from the same records.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from api.register import MarketRegister, Name
from ledger_node.domain.clock import Clock
from ledger_node.domain.device import Assignment, KeyEpoch
from ledger_node.domain.digest import keccak256, sha256
from ledger_node.domain.identifier import trace_code
from ledger_node.domain.payload_form import read_time_ms
from ledger_node.domain.record import name_hash
from ledger_node.store.database import Stores
from ledger_node.store.journal import (
    Batch,
    DeviceHead,
    FoodTest,
    Hold,
    LiveEvent,
    Lot,
    LotParent,
    Record,
    RecordLot,
    Refusal,
    Sale,
    SaleMinute,
    StreamHead,
    Tx,
    VerdictCount,
)
from ledger_node.store.projections import Attestation as AttestationRow
from ledger_node.store.projections import Block, Device, Party, Pin, Schema, Stream
from tests.support.a_bundle import (
    GATEWAY,
    MADE_AT,
    NOON_MS,
    NOON_S,
    TESTER,
    Kept,
    World,
    a_key,
    a_test,
    a_verification,
    register,
    ulid,
)

NOW_MS = int(MADE_AT.timestamp()) * 1000
HOUR_MS = 3_600_000
GTIN = "09506000134352"
SYSTEM = "urn:tidemark:device:zpk-intake"
NODE = "urn:tidemark:device:zpk-node"


def ref(text: str) -> str:
    """A commitment."""
    return "0x" + keccak256(text.encode()).hex()


def scale(stall: int) -> str:
    """A stall's scale."""
    return f"urn:tidemark:device:zpk-scale-{stall:03d}"


def probe(stall: int) -> str:
    """A stall's probe."""
    return f"urn:tidemark:device:zpk-probe-{stall:03d}"


@dataclass(frozen=True, slots=True)
class Fish:
    """What a lot holds."""

    code: str
    zh: str
    en: str
    price: int
    method: str
    area: str
    origin: str
    profile: str


FISH = (
    Fish("AM02005", "海鲈鱼", "Sea bass", 5600, "farmed", "61", "浙江舟山", "live-seawater"),
    Fish("AM02011", "大黄鱼", "Large yellow croaker", 8800, "farmed", "61", "福建宁德", "ice"),
    Fish("AM02023", "带鱼", "Largehead hairtail", 4200, "wild", "61", "东海", "ice"),
    Fish("AM03002", "梭子蟹", "Swimming crab", 12800, "wild", "61", "浙江象山", "chilled"),
)
STALLS = (
    Name("甲区 12 号 · 海平水产", "Hall A, stall 12 · Haiping Seafood"),
    Name("甲区 15 号 · 老郑鱼档", "Hall A, stall 15 · Zheng's Fish"),
    Name("乙区 03 号 · 东极鲜", "Hall B, stall 3 · Dongji Fresh"),
)


def lot_id(number: int) -> str:
    """A lot's canonical Digital Link."""
    return f"https://id.gs1.org/01/{GTIN}/10/ZPK-261117-{number:02d}"


def a_register() -> MarketRegister:
    """Names for the commitments and codes below."""
    return MarketRegister(
        markets={"zpk": Name("舟浦海鲜市场", "Zhoupu Seafood Market")},
        places={ref(f"place {n}"): name for n, name in enumerate(STALLS, 1)},
        sources={
            ref("boat 1"): Name("浙岭渔 23860", "Zhelingyu 23860"),
            ref("farm 1"): Name("桃花岛 7 号网箱", "Taohua Island cage 7"),
        },
        items={fish.code: Name(fish.zh, fish.en) for fish in FISH},
        parties={"1": Name("舟浦海鲜市场", "Zhoupu Seafood Market"), "3": Name("市场运营方", "Market operator")},
    )


@dataclass
class SeafoodMarket:
    """The world, and what the tests ask about it."""

    stores: Stores
    folder: Path
    world: World = field(default_factory=World)
    sales: list[Kept] = field(default_factory=list)
    temperatures: list[Kept] = field(default_factory=list)

    @property
    def clock(self) -> Clock:
        """A clock that stands an hour after the last sale."""
        return Clock(real=lambda: NOW_MS)

    def build(self) -> "SeafoodMarket":
        """Lets two days happen."""
        self._enrol()
        for number, fish in enumerate(FISH, 1):
            self._receive(number, fish)
        self.world.seal("intake", at=NOON_S - 3300)
        for number in range(1, len(FISH) + 1):
            self._test(number, passed=number != 4)
        self.world.seal("test", at=NOON_S - 3200)
        for stall in (1, 2):
            self._watch_tank(stall)
        self.world.seal("climate", at=NOON_S - 3000)
        for number in range(24):
            self._sell(number)
            if number % 8 == 7:
                self.world.seal("sale", at=NOON_S - 2000 + 100 * number)
        self.world.write(self.stores, self.folder)
        self._write_journal()
        self._write_projections()
        self._go_on()
        return self

    def code(self, number: int) -> str:
        """The trace code of sale `number`."""
        return str(self.sales[number].envelope.payload_object()["trace_code"])

    def _enrol(self) -> None:
        since = NOON_S - 30 * 86_400
        devices: list[tuple[str, int, int]] = [(TESTER, 3, 0), (GATEWAY, 5, 0), (SYSTEM, 6, 0), (NODE, 7, 0)]
        for stall in (1, 2, 3):
            devices += [(scale(stall), 1, stall), (probe(stall), 2, stall)]
        for name, device_class, stall in devices:
            key = a_key(name)
            place = Assignment(*(bytes.fromhex(ref(f"{what} {stall}")[2:]) for what in ("merchant", "place")), since)
            self.world.enrol(
                name,
                key,
                device_class=device_class,
                enrolled_at=since,
                keys=(KeyEpoch(key.key_hash, since, 0, 0, key.key_type, key.public_key),),
                verifications=(a_verification(from_at=since),) if device_class <= 2 else (),
                **({"assignment": place} if stall else {}),
            )
        self.world.open("sale", "test", "void", "intake", "climate", "device")
        for number in range(1, len(FISH) + 1):
            register(self.world, lot_id(number))

    def _receive(self, number: int, fish: Fish) -> None:
        payload = {
            "lot_id": lot_id(number),
            "arrived_at": "2026-11-17T03:40:00+08:00",
            "market_id": "zpk",
            "merchant_ref": ref(f"merchant {1 + (number - 1) % 3}"),
            "place_ref": ref(f"place {1 + (number - 1) % 3}"),
            "supplier_ref": ref("supplier"),
            "item_code": fish.code,
            "item_name": fish.zh,
            "net_grams": 86_400 + 1000 * number,
            "cost_minor_per_kilogram": 3100,
            "origin_name": fish.origin,
            "quarantine_no": f"ZJ2026-{number:06d}",
            "production": {
                "method": fish.method,
                "harvested_at": "2026-11-16T21:15:00+08:00",
                "source_ref": ref("farm 1" if fish.method == "farmed" else "boat 1"),
                "catch_area": fish.area,
            },
            "cold_profile": fish.profile,
            "certificate": {"kind": "conformity", "issued_at": "2026-11-16T22:00:00+08:00", "net_grams": 90_000}
            if fish.method == "farmed"
            else {"kind": "none"},
        }
        if number == 3:
            del payload["production"]
        at = read_time_ms("2026-11-17T03:40:00+08:00") + 60_000 * number
        self._keep(SYSTEM, "intake", payload, at)

    def _test(self, number: int, *, passed: bool) -> None:
        payload = a_test(number, lot_id=lot_id(number), result=1 if passed else 2)
        payload |= {"project": "孔雀石绿", "method_code": "GB/T 19857", "limit_standard": "GB 31650"}
        payload |= {
            name: f"2026-11-17T05:{minute}:00+08:00"
            for name, minute in (("sampled_at", "10"), ("tested_at", "25"), ("reported_at", "31"))
        }
        self._keep(TESTER, "test", payload, read_time_ms("2026-11-17T05:31:00+08:00") + 30_000 * number)

    def _watch_tank(self, stall: int) -> None:
        for step in range(460):
            at = NOON_MS - 40 * HOUR_MS + step * 5 * 60_000
            if at > NOON_MS or 190 <= step < 214:
                continue
            wave = (step * step * 37 % 97) * 4 + (1800 if 330 < step < 352 and stall == 2 else 0)
            value = (14_200 if stall == 1 else 900) + wave + (step % 96) * 6
            payload = {"place_ref": ref(f"place {stall}"), "cold_profile": FISH[stall - 1].profile}
            self.temperatures.append(self._keep(probe(stall), "temperature", payload, at, value=value))

    def _sell(self, number: int) -> Kept:
        stall, lot = 1 + number % 3, 1 + number % 3
        fish, grams = FISH[lot - 1], 480 + 35 * (number * 7 % 23)
        price = fish.price
        payload = {
            "sale_id": ulid(100 + number),
            "ticket_id": ulid(500 + number // 3 * 3 + number % 3),
            "market_id": "zpk",
            "merchant_ref": ref(f"merchant {stall}"),
            "place_ref": ref(f"place {stall}"),
            "item_code": fish.code,
            "item_name": fish.zh,
            "gtin": GTIN,
            "lots": [{"lot_id": lot_id(lot), "net_grams": grams}],
            "gross_grams": grams + 15,
            "tare_grams": 15,
            "net_grams": grams,
            "division_grams": 5,
            "stable": True,
            "zeroed": True,
            "unit_price_minor_per_kilogram": price,
            "amount_minor": (grams * price + 500) // 1000,
            "discount_minor": 0,
            "rounding_minor": 0,
            "currency": "CNY",
            "pay_method": "wechat",
            "payer_ref": ref(f"payer {number}"),
            "recognised_by": "ai",
            "confidence_permille": 934,
            "trace_code": trace_code(sha256(b"trace %d" % number)[:10]),
        }
        at = NOON_MS - HOUR_MS + number * 140_000
        kept = self._keep(scale(stall), "sale", payload, at)
        self.sales.append(kept)
        return kept

    def _keep(self, device: str, kind: str, payload: dict[str, Any], at_ms: int, **changes: Any) -> Kept:
        return self.world.keep(self.world.sign(device, kind, payload, observed_at_ms=at_ms, **changes))

    def _write_journal(self) -> None:
        ids = self._ids()
        with self.stores.journal.write() as connection:
            for kept in self._all():
                payload, record_id = kept.envelope.payload_object(), ids[kept.record_hash]
                if kept.envelope.kind == "sale":
                    connection.execute(insert(Sale).values(**_sale_row(kept, record_id)))
                    connection.execute(insert(LiveEvent).values(**_live_row(kept, record_id)))
                elif kept.envelope.kind == "intake":
                    connection.execute(insert(Lot).values(**_lot_row(kept, record_id)))
                elif kept.envelope.kind == "test":
                    connection.execute(insert(FoodTest).values(**_test_row(kept, payload, record_id)))
            for stream, sealed in self.world.sealed.items():
                end = sealed[-1].first_position + len(sealed[-1].records) if sealed else 1
                connection.execute(insert(StreamHead).values(stream=stream, next_position=end))
            for device in self.world.devices.values():
                if device.sequence:
                    connection.execute(insert(DeviceHead).values(**_head_row(device, self._all())))
            for number in range(24):
                minute = (NOON_MS - HOUR_MS + number * 140_000) // 60_000
                values = {"market": "zpk", "minute": minute, "merchant_ref": ref(f"merchant {1 + number % 3}")}
                connection.execute(
                    insert(SaleMinute).values(
                        **values, item_code=FISH[number % 3].code, currency="CNY", count=1, grams=700, minor=3900
                    )
                )
            connection.execute(update(Sale).where(Sale.sale_id == ulid(101)).values(state="voided"))
            connection.execute(
                update(Sale)
                .where(Sale.sale_id == ulid(103))
                .values(state="refunded", refunded_minor=500, refunded_grams=90)
            )
            key = keccak256(lot_id(3).encode())
            connection.execute(insert(LotParent).values(lot_key=key, parent_key=keccak256(lot_id(4).encode())))
            cause = next(one for one in self._all() if one.envelope.payload_object().get("result") == 2)
            for held in (key, keccak256(lot_id(4).encode())):
                connection.execute(
                    insert(Hold).values(
                        market="zpk",
                        lot_key=held,
                        cause_record_id=ids[cause.record_hash],
                        version=12,
                        held_from_ms=NOON_MS + 600_000,
                    )
                )
                connection.execute(update(Lot).where(Lot.lot_key == held).values(state="held"))
            for verdict, reason, count in ((1, 0, 940), (2, 13, 4), (3, 7, 2)):
                connection.execute(
                    insert(VerdictCount).values(
                        market="zpk", device=scale(1), hour=1, verdict=verdict, reason=reason, count=count
                    )
                )
            connection.execute(
                insert(Refusal).values(
                    hash=bytes(32), reason=1, detail="/payload/x", source="gw", head=b"{", at_ms=NOON_MS
                )
            )

    def _write_projections(self) -> None:
        with self.stores.projections.write() as connection:
            for name, device in self.world.devices.items():
                state = device.state
                connection.execute(
                    insert(Device).values(
                        device=name_hash(name),
                        owner=state.owner,
                        device_class=state.device_class,
                        trust=state.trust,
                        status=int(state.status),
                        enrolled_at=state.enrolled_at,
                        revoked_from=state.revoked_from,
                        version=1,
                        state=state.to_json(),
                    )
                )
            for stream, sealed in self.world.sealed.items():
                connection.execute(
                    insert(Stream).values(
                        stream=name_hash(stream),
                        owner=3,
                        market=name_hash("market/zpk"),
                        pinner=bytes(20),
                        flags=0,
                        sequence=len(sealed),
                        root=sealed[-1].root.hash if sealed else sha256(b""),
                        sealed_at=NOON_S if sealed else 0,
                        flagged=False,
                    )
                )
            for number, kinds in ((1, 8), (2, 1), (3, 8 + 512)):
                connection.execute(
                    insert(Party).values(
                        number=number,
                        kinds=kinds,
                        jurisdiction="156",
                        status=1,
                        merged_into=0,
                        verified_until=NOON_S + 86_400,
                        block_number=1,
                    )
                )
            uid = sha256(b"schema")
            connection.execute(
                insert(Schema).values(
                    uid=uid, schema_text="bytes32 lot,uint128 quantity", resolver=bytes(20), revocable=True
                )
            )
            connection.execute(
                insert(AttestationRow).values(
                    uid=sha256(b"attestation"),
                    schema_uid=uid,
                    attester=bytes(20),
                    recipient=bytes(20),
                    party=3,
                    kind="LotRegistered",
                    facts={"quantity": 50000},
                    lot_key=keccak256(lot_id(1).encode()),
                    time=NOON_S - 7200,
                    expires_at=0,
                    revoked_at=0,
                    block_number=9,
                )
            )

    def _go_on(self) -> None:
        """After the checkpoint: one batch pinned in a block that is not final, one sealed, two sales only kept."""
        world = self.world
        for number in (24, 25):
            self._sell(number)
        pinned = world.seal("sale", at=NOON_S + 1800)
        for number in (26, 27):
            self._sell(number)
        waiting = world.seal("sale", at=NOON_S + 1810)
        for number in (28, 29):
            self._sell(number)
        rest = world.waiting.pop(pinned.stream)
        entry = world.entries[pinned.position]
        with self.stores.projections.write() as connection:
            connection.execute(
                insert(Block).values(
                    number=entry.block_number,
                    hash=entry.block_hash,
                    parent_hash=sha256(b"block %d" % (entry.block_number - 1)),
                    time=entry.block_time,
                    final=False,
                )
            )
            template = connection.execute(select(Pin.__table__)).mappings().first()  # type: ignore[attr-defined]
            assert template is not None
            connection.execute(
                insert(Pin).values(
                    **{
                        **template,
                        "stream": name_hash(pinned.stream),
                        "sequence": pinned.sequence,
                        "root": pinned.root.hash,
                        "count": len(pinned.records),
                        "amount": pinned.root.amount,
                        "mass": pinned.root.mass,
                        "block_number": entry.block_number,
                        "block_time": entry.block_time,
                        "log_index": 0,
                    }
                )
            )
            connection.execute(
                update(Stream).where(Stream.stream == name_hash(pinned.stream)).values(sequence=pinned.sequence)
            )
        with self.stores.journal.write() as connection:
            position = pinned.first_position
            for kept in [*pinned.records, *waiting.records, *rest]:
                record_id = connection.execute(
                    insert(Record).values(**_record_row(self.world, kept, position))
                ).inserted_primary_key
                assert record_id is not None
                connection.execute(insert(Sale).values(**_sale_row(kept, record_id[0])))
                connection.execute(insert(LiveEvent).values(**_live_row(kept, record_id[0])))
                for ordinal, (lot, share) in enumerate(kept.lots):
                    connection.execute(
                        insert(RecordLot).values(
                            record_id=record_id[0], ordinal=ordinal, lot_key=lot, share_grams=share
                        )
                    )
                position += 1
            connection.execute(
                update(StreamHead).where(StreamHead.stream == pinned.stream).values(next_position=position)
            )
            template = connection.execute(select(Batch.__table__)).mappings().first()  # type: ignore[attr-defined]
            assert template is not None
            for sealed in (pinned, waiting):
                connection.execute(
                    insert(Batch).values(
                        **{
                            **{name: value for name, value in template.items() if name != "id"},
                            "stream": sealed.stream,
                            "sequence": sealed.sequence,
                            "first_position": sealed.first_position,
                            "count": len(sealed.records),
                            "amount": sealed.root.amount,
                            "mass": sealed.root.mass,
                            "root": sealed.root.hash,
                            "sealed_at": NOON_S + 1790,
                            "tx_key": f"pin/{sealed.stream}/{sealed.sequence}",
                        }
                    )
                )
            connection.execute(
                insert(Tx).values(
                    idempotency_key=f"pin/{pinned.stream}/{pinned.sequence}",
                    lane="0",
                    nonce=1,
                    to_address=bytes(20),
                    data=b"",
                    state="mined",
                    first_at_ms=NOON_MS,
                    last_at_ms=NOON_MS,
                )
            )

    def _all(self) -> list[Kept]:
        return [kept for many in self.world.sealed.values() for sealed in many for kept in sealed.records]

    def _ids(self) -> dict[bytes, int]:
        record = Record.__table__.c  # type: ignore[attr-defined]
        with self.stores.journal.read() as connection:
            return {row.record_hash: row.id for row in connection.execute(select(record.record_hash, record.id))}


def a_seafood_market(stores: Stores, folder: Path) -> SeafoodMarket:
    """The market, built into empty databases."""
    return SeafoodMarket(stores, folder).build()


def _record_row(world: World, kept: Kept, position: int) -> dict[str, Any]:
    envelope = kept.envelope
    amount, mass = kept.numbers
    return {
        "device": envelope.device,
        "sequence": envelope.sequence,
        "digest": envelope.digest(world.network.signing_domain),
        "record_hash": kept.record_hash,
        "stream": envelope.stream,
        "position": position,
        "observed_at_ms": envelope.observed_at_ms,
        "received_at_ms": kept.received_at_ms,
        "verdict": kept.verdict,
        "reason": kept.reason,
        "key_epoch": 0,
        "kind": envelope.kind,
        "amount_minor": amount,
        "mass_grams": mass,
        "envelope": envelope.to_cbor(),
    }


def _sale_row(kept: Kept, record_id: int) -> dict[str, Any]:
    payload = kept.envelope.payload_object()
    names = [
        "sale_id",
        "ticket_id",
        "trace_code",
        "merchant_ref",
        "place_ref",
        "item_code",
        "item_name",
        "gtin",
        "net_grams",
        "unit_price_minor_per_kilogram",
        "amount_minor",
        "currency",
    ]
    return {
        "record_id": record_id,
        "market": "zpk",
        "device": kept.envelope.device,
        "observed_at_ms": kept.envelope.observed_at_ms,
        **{name: payload[name] for name in names},
    }


def _live_row(kept: Kept, record_id: int) -> dict[str, Any]:
    return {"market": "zpk", "type": "sale", "record_id": record_id, "at_ms": kept.received_at_ms}


def _lot_row(kept: Kept, record_id: int) -> dict[str, Any]:
    payload = kept.envelope.payload_object()
    return {
        "lot_key": keccak256(payload["lot_id"].encode()),
        "market": "zpk",
        "intake_record_id": record_id,
        "arrived_at_ms": read_time_ms(payload["arrived_at"]),
        "payload": payload,
        **{name: payload[name] for name in ("lot_id", "merchant_ref", "item_code", "item_name", "net_grams")},
    }


def _test_row(kept: Kept, payload: dict[str, Any], record_id: int) -> dict[str, Any]:
    return {
        "record_id": record_id,
        "lot_key": keccak256(payload["lot_id"].encode()),
        "market": "zpk",
        "tested_at_ms": read_time_ms(payload["tested_at"]),
        "payload": payload,
        **{name: payload[name] for name in ("test_id", "project", "method_code", "limit_standard", "result")},
    }


def _head_row(device: Any, kept: list[Kept]) -> dict[str, Any]:
    last = max(one.received_at_ms for one in kept if one.envelope.device == device.name)
    return {
        "device": device.name,
        "sequence": device.sequence,
        "digest": device.previous,
        "contiguous_sequence": device.sequence,
        "contiguous_digest": device.previous,
        "gaps": [[3, 4]] if device.name == scale(2) else [],
        "last_seen_at_ms": last,
    }
