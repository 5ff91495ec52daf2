"""The field tables of all payloads: which members a kind has and what form each takes (`market.md` section 1).

Only form. A rule between members (net = gross − tare) is `judge`'s. Members that the specification calls optional, or
that another record or the register supplies, may be absent; a member that may be null says so.
"""

from collections.abc import Mapping
from typing import Final

from ledger_node.domain.payload_form import (
    CID,
    COMMITMENT,
    COUNT,
    CURRENCY,
    DATE,
    GTIN,
    LOT_ID,
    MOMENT_MS,
    SIGNED,
    TIME,
    TRACE_CODE,
    ULID,
    Form,
    Shape,
    anything,
    boolean,
    digits,
    integer,
    keyed,
    listed,
    nullable,
    text,
    word,
)

_MARKET: Final[Mapping[str, Form]] = {"market_id": text(32), "merchant_ref": COMMITMENT, "place_ref": COMMITMENT}
_ITEM: Final[Mapping[str, Form]] = {"item_code": text(20), "item_name": text(64)}
_GRADE: Final[Mapping[str, Form]] = {"item_grade": nullable(text(16, 0)), "gtin": nullable(GTIN)}
_REASON: Final = text(64)
_PERMILLE: Final = integer(0, 1000)
_PHOTOS: Final = listed(CID, 8)
_LOTS: Final = listed(Shape({"lot_id": LOT_ID, "net_grams": COUNT}), 32, 1)
_PAY_METHOD: Final = word("cash", "wechat", "alipay", "unionpay", "ecny", "card", "account")

_SALE: Final = Shape(
    {
        "sale_id": ULID,
        "ticket_id": ULID,
        **_MARKET,
        **_ITEM,
        "lots": _LOTS,
        "gross_grams": SIGNED,
        "tare_grams": SIGNED,
        "net_grams": COUNT,
        "division_grams": COUNT,
        "stable": boolean,
        "zeroed": boolean,
        "unit_price_minor_per_kilogram": COUNT,
        "amount_minor": COUNT,
        "discount_minor": SIGNED,
        "rounding_minor": SIGNED,
        "currency": CURRENCY,
        "pay_method": _PAY_METHOD,
        "recognised_by": word("key", "plu", "ai", "barcode"),
        "confidence_permille": _PERMILLE,
        "trace_code": TRACE_CODE,
    },
    {
        **_GRADE,
        "pay_ref": nullable(COMMITMENT),
        "payer_ref": nullable(COMMITMENT),
        "test_ids": listed(ULID, 64),
        "legacy_code": nullable(text(32)),
    },
)
_RETURN: Final = Shape(
    {
        "of": ULID,
        "reason": _REASON,
        "amount_minor": COUNT,
        "net_grams": COUNT,
        "currency": CURRENCY,
        "lots": _LOTS,
    },
    {**_MARKET, "pay_ref": nullable(COMMITMENT)},
)
_SETTLEMENT: Final = Shape(
    {
        "pay_ref": COMMITMENT,
        "amount_minor": COUNT,
        "fee_minor": COUNT,
        "settled_at": TIME,
        "channel": _PAY_METHOD,
    },
    {"currency": CURRENCY, "market_id": text(32)},
)
_INTAKE: Final = Shape(
    {
        "lot_id": LOT_ID,
        "arrived_at": TIME,
        "merchant_ref": COMMITMENT,
        **_ITEM,
        "net_grams": COUNT,
    },
    {
        "market_id": text(32),
        "place_ref": COMMITMENT,
        "supplier_ref": nullable(COMMITMENT),
        "parent_lots": listed(LOT_ID, 32),
        "tran_id": nullable(text(64)),
        **_GRADE,
        "pieces": COUNT,
        "cost_minor_per_kilogram": nullable(COUNT),
        "origin_code": nullable(digits(12)),
        "origin_name": nullable(text(64)),
        "province_code": nullable(digits(6)),
        "quarantine_no": nullable(text(64)),
        "inspection_no": nullable(text(64)),
        "production": Shape(
            {"method": word("wild", "farmed")},
            {"harvested_at": TIME, "source_ref": COMMITMENT, "catch_area": nullable(text(16))},
        ),
        "cold_profile": nullable(text(32)),
        "certificate": Shape(
            {"kind": word("conformity", "quarantine", "import", "none")},
            {"cid": nullable(CID), "issuer_ref": COMMITMENT, "issued_at": TIME, "net_grams": COUNT},
        ),
        "photos": _PHOTOS,
    },
)
_TEST: Final = Shape(
    {
        "test_id": ULID,
        "lot_id": LOT_ID,
        "sampled_at": TIME,
        "tested_at": TIME,
        "reported_at": TIME,
        "project": text(64),
        "method_code": text(32),
        "limit_standard": text(32),
        "blank_ok": boolean,
        "control_ok": boolean,
        "result_kind": word("qualitative", "quantitative"),
        "result": integer(1, 4),
    },
    {
        "market_id": text(32),
        "sample_id": text(32),
        "merchant_ref": COMMITMENT,
        "place_ref": COMMITMENT,
        "item_code": text(20),
        "sample_grams": integer(1),
        "kit": Shape({"maker": text(64), "lot": text(32), "expires_on": DATE}),
        "value": nullable(SIGNED),
        "exponent": nullable(integer(-18, 18)),
        "unit": nullable(text(8)),
        "detection_limit": nullable(SIGNED),
        "limit": nullable(SIGNED),
        "retest_of": nullable(ULID),
        "confirm_lab": nullable(Shape({"cid": CID, "result": integer(1, 4)})),
        "operator_ref": COMMITMENT,
        "images": _PHOTOS,
        "disposition": nullable(Shape({"action": word("seal", "destroy", "return"), "grams": COUNT})),
    },
)
_HOLD: Final = Shape(
    {"lot_id": LOT_ID, "version": integer(1), "held_from_ms": MOMENT_MS, "reason": _REASON},
    {"market_id": text(32), "cause": COMMITMENT, "test_id": nullable(ULID)},
)
_RELEASE: Final = Shape(
    {
        "lot_id": LOT_ID,
        "retest_id": ULID,
        "officers": listed(Shape({"role": word("manager", "lab", "regulator"), "officer_ref": COMMITMENT}), 8),
        "reason": _REASON,
    },
    {"market_id": text(32), "version": integer(1)},
)
_REWEIGH: Final = Shape(
    {"trace_code": TRACE_CODE, "net_grams": COUNT, "division_grams": COUNT, "difference_grams": SIGNED},
    {**_MARKET, "photo": nullable(CID)},
)
_COMPLAINT: Final = Shape(
    {
        "category": word("weight", "quality", "safety", "price", "conduct"),
        "text_ref": COMMITMENT,
        "state": word("open", "answered", "settled", "upheld", "rejected"),
    },
    {
        **_MARKET,
        "trace_code": TRACE_CODE,
        "photos": listed(CID, 3),
        "refund": nullable(ULID),
        "contact": nullable(text(2048)),
    },
)
_MOVED: Final = Shape(
    {"lot_id": LOT_ID, "net_grams": COUNT, "reason": _REASON}, {**_MARKET, "to_ref": nullable(COMMITMENT)}
)
_PLACE: Final[Mapping[str, Form]] = {
    **_MARKET,
    "place": text(64),
    "cold_profile": nullable(text(32)),
    "interval_seconds": integer(1),
    "senml": listed(anything, 64),
}
_READING: Final = Shape(
    {},
    {
        **_PLACE,
        "minimum": SIGNED,
        "maximum": SIGNED,
        "mean": SIGNED,
        "last": SIGNED,
        "readings": COUNT,
    },
)
_DOOR: Final = Shape({}, {**_PLACE, "open": boolean, "open_seconds": COUNT})
_FOOTFALL: Final = Shape({}, {**_PLACE, "entered": COUNT, "left": COUNT})
_BIRTH: Final = Shape(
    {},
    {
        "streams": listed(text(128), 32),
        "firmware_hash": COMMITMENT,
        "boot_counter": COUNT,
        "clock": Shape({"source": word("ntp", "gateway", "rtc")}, {"offset_ms": SIGNED, "accuracy_ms": COUNT}),
        "dead_bands": keyed(COUNT, 32),
        "restart": boolean,
    },
)
_GAP: Final = Shape(
    {"from_sequence": integer(1), "to_sequence": integer(1), "reason": _REASON}, {"records": COUNT, "kind": text(128)}
)
_HEARTBEAT: Final = Shape(
    {},
    {
        "checkpoint": nullable(Shape({"size": COUNT, "root": COMMITMENT}, {"origin": text(256)})),
        "uptime_seconds": COUNT,
        "queued": COUNT,
        "queue_age_seconds": COUNT,
        "boot_counter": COUNT,
    },
)
_SEAL: Final = Shape({"state": word("opened", "closed")}, {"seal_ref": COMMITMENT, "reason": _REASON})
_REFUSALS: Final = Shape(
    {
        "from_ms": COUNT,
        "to_ms": COUNT,
        "totals": listed(Shape({"reason": integer(1, 0xFFFF), "count": COUNT}), 64),
    },
    {"market_id": text(32), "duplicates": COUNT},
)
_REVERDICT: Final = Shape(
    {"of": COMMITMENT, "verdict": integer(1, 5), "reason": integer(0, 0xFFFF)},
    {"market_id": text(32), "cause": text(128), "officer_ref": COMMITMENT},
)
_EPCIS_EVENT: Final = Shape(
    {"event_hash": COMMITMENT, "lots": listed(Shape({"lot_id": LOT_ID, "net_grams": COUNT}), 32)},
    {"market_id": text(32), "event": keyed(anything, 64), "content": CID},
)
_DOCUMENT: Final = Shape(
    {"content": CID, "type": text(64)},
    {
        "market_id": text(32),
        "title": text(128),
        "lots": listed(Shape({"lot_id": LOT_ID, "net_grams": COUNT}), 32),
        "facts": keyed(anything, 32),
    },
)
_ACCESS: Final = Shape(
    {"consent": COMMITMENT, "recipient": COUNT, "purpose": COUNT, "datasets": COUNT, "rows": COUNT, "at_ms": MOMENT_MS},
    {"market_id": text(32), "from_ms": COUNT, "to_ms": COUNT, "query_hash": COMMITMENT},
)
_CHANNEL: Final = Shape({"net_minor": SIGNED, "settled_minor": COUNT})
_DEVICE_DAY: Final = Shape(
    {
        "device": text(128),
        "first_sequence": COUNT,
        "last_sequence": COUNT,
        "sales": COUNT,
        "refunds": COUNT,
        "voids": COUNT,
        "other": COUNT,
        "missing": COUNT,
    }
)
_SALES_DAY: Final = Shape(
    {
        "merchant_ref": COMMITMENT,
        "market_id": text(32),
        "day": DATE,
        "currency": CURRENCY,
        "revision": COUNT,
        "sold_minor": COUNT,
        "void_minor": COUNT,
        "refund_minor": COUNT,
        "net_grams": COUNT,
        "carry_in_minor": COUNT,
        "carry_out_minor": COUNT,
        "net_minor": COUNT,
        "by_channel": keyed(_CHANNEL, 16),
        "devices": listed(_DEVICE_DAY, 64),
        "sales_root": COMMITMENT,
        "sales_count": COUNT,
        "returns_root": COMMITMENT,
        "returns_count": COUNT,
        "quality": keyed(anything, 16),
        "index": COUNT,
        "previous_hash": COMMITMENT,
    }
)

PAYLOADS: Final[Mapping[str, Shape]] = {
    "sale": _SALE,
    "void": _RETURN,
    "refund": _RETURN,
    "settlement": _SETTLEMENT,
    "intake": _INTAKE,
    "waste": _MOVED,
    "transfer": _MOVED,
    "test": _TEST,
    "retest": _TEST,
    "hold": _HOLD,
    "release": _RELEASE,
    "reweigh": _REWEIGH,
    "complaint": _COMPLAINT,
    "temperature": _READING,
    "humidity": _READING,
    "door": _DOOR,
    "count": _FOOTFALL,
    "birth": _BIRTH,
    "gap": _GAP,
    "heartbeat": _HEARTBEAT,
    "seal": _SEAL,
    "refusals": _REFUSALS,
    "reverdict": _REVERDICT,
    "epcis-event": _EPCIS_EVENT,
    "document": _DOCUMENT,
    "access": _ACCESS,
    "sales_day": _SALES_DAY,
}
