"""A food tester: takes a sample, runs a kit with its blank and control, reports a result.

An expired kit, or a blank or control that failed, makes the result INVALID whatever the strip shows.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import IntEnum
from typing import Any, Final

from ledger_node.domain.envelope import Envelope
from ledger_node.errors import ScaleRefuses
from oracles.device.recorder import Recorder
from oracles.device.scale import RandomBytes, draw_ulid

MARKET_ZONE: Final = timezone(timedelta(hours=8))


class Result(IntEnum):
    """What a test says; the record's value."""

    PASS = 1
    FAIL = 2
    INVALID = 3
    SUSPECT = 4


@dataclass(frozen=True, slots=True)
class Method:
    """What is tested and how; the names of standards are the market's to confirm."""

    project: str
    method_code: str
    limit_standard: str
    sample_life_ms: int = 4 * 3_600_000


@dataclass(frozen=True, slots=True)
class Kit:
    """One box of test cards."""

    maker: str
    lot: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class Sample:
    """What was taken from a lot, and when (milliseconds since 1970)."""

    sample_id: str
    lot_id: str
    item_code: str
    merchant_ref: str
    sample_grams: int
    sampled_at_ms: int


def moment(at_ms: int) -> str:
    """RFC 3339 in the market's time, seconds."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(MARKET_ZONE).isoformat()


class Tester:
    """One test device: idle → sampled → running → idle."""

    def __init__(self, recorder: Recorder, *, random_bytes: RandomBytes, operator_ref: str | None = None) -> None:
        self.recorder = recorder
        self.random_bytes = random_bytes
        self.operator_ref = operator_ref
        self._sample: Sample | None = None
        self._run: tuple[Method, Kit, int] | None = None

    def take(self, sample: Sample) -> None:
        """A sample is put in; ScaleRefuses while another one is inside."""
        if self._sample is not None:
            raise ScaleRefuses("busy", f"sample {self._sample.sample_id} is still inside")
        self._sample = sample

    def run(self, method: Method, kit: Kit, *, tested_at_ms: int) -> None:
        """Starts the test; ScaleRefuses without a sample or with one that is too old for the method."""
        if self._sample is None:
            raise ScaleRefuses("no-sample", "put a sample in first")
        if not 0 <= tested_at_ms - self._sample.sampled_at_ms <= method.sample_life_ms:
            raise ScaleRefuses("sample-age", f"sample {self._sample.sample_id} is outside the method's time")
        self._run = method, kit, tested_at_ms

    def report(
        self,
        strip: Result,
        *,
        blank_ok: bool = True,
        control_ok: bool = True,
        retest_of: str | None = None,
        observed_at_ms: int | None = None,
        tag: int | None = None,
    ) -> Envelope:
        """Signs what the strip showed, and is empty again."""
        if self._sample is None or self._run is None:
            raise ScaleRefuses("not-run", "no test is running")
        sample, (method, kit, tested_at_ms) = self._sample, self._run
        at_ms = self.recorder.clock.now_ms() if observed_at_ms is None else observed_at_ms
        expired = datetime.fromtimestamp(tested_at_ms // 1000, MARKET_ZONE).date() > kit.expires_on
        result = strip if blank_ok and control_ok and not expired else Result.INVALID
        payload: dict[str, Any] = {
            "test_id": draw_ulid(at_ms, self.random_bytes),
            "market_id": self.recorder.market,
            "sample_id": sample.sample_id,
            "lot_id": sample.lot_id,
            "merchant_ref": sample.merchant_ref,
            "item_code": sample.item_code,
            "sampled_at": moment(sample.sampled_at_ms),
            "tested_at": moment(tested_at_ms),
            "reported_at": moment(at_ms),
            "sample_grams": sample.sample_grams,
            "project": method.project,
            "method_code": method.method_code,
            "limit_standard": method.limit_standard,
            "kit": {"maker": kit.maker, "lot": kit.lot, "expires_on": kit.expires_on.isoformat()},
            "blank_ok": blank_ok,
            "control_ok": control_ok,
            "result_kind": "qualitative",
            "result": int(result),
            "retest_of": retest_of,
        }
        if self.operator_ref is not None:
            payload["operator_ref"] = self.operator_ref
        if result == Result.FAIL:
            payload["disposition"] = {"action": "seal", "grams": sample.sample_grams}
        self._sample = self._run = None
        kind = "test" if retest_of is None else "retest"
        return self.recorder.sign(kind, int(result), payload, observed_at_ms=observed_at_ms, tag=tag)
