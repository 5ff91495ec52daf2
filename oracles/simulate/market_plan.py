"""Who trades in the replayed market and with which devices; a function of the seed and the number of stalls.

Names of stalls, boats and farms are made up. Merchants and places appear in records as commitments made with a key per
subject, so that destroying the key erases the link.
"""

import hmac
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final, Literal

from ledger_node.domain.device import DeviceClass
from ledger_node.domain.device_key import KeyType, SoftwareKey
from ledger_node.domain.digest import keccak256

Owner = Literal["market", "lab", "bank"]
MARKET_ID: Final = "zpk"
STALLS_A_ZONE: Final = 8


@dataclass(frozen=True, slots=True)
class Stall:
    """A merchant with its place, scale and tank probe."""

    number: int
    merchant_ref: str
    place_ref: str
    scale: str
    probe: str
    gateway: str

    @property
    def place(self) -> str:
        """The stall's name on the market's plan: zone and number."""
        return f"{chr(ord('A') + (self.number - 1) // STALLS_A_ZONE)}{self.number:02d}"


@dataclass(frozen=True, slots=True)
class PlannedDevice:
    """A device to be enrolled: `merchant_ref` and `place_ref` where it works for one stall."""

    name: str
    device_class: DeviceClass
    trust: int
    owner: Owner
    merchant_ref: str | None = None
    place_ref: str | None = None


@dataclass(frozen=True)
class MarketPlan:
    """Stalls and devices of the market made from one seed."""

    seed: str
    stall_count: int

    @cached_property
    def stalls(self) -> tuple[Stall, ...]:
        """All stalls, in the order of their numbers."""
        return tuple(self._stall(number) for number in range(1, self.stall_count + 1))

    @cached_property
    def gateways(self) -> tuple[str, ...]:
        """The gateways, one a zone of stalls."""
        return tuple(dict.fromkeys(stall.gateway for stall in self.stalls))

    @property
    def tester(self) -> str:
        """The market laboratory's tester."""
        return self._device("tester-01")

    @property
    def intake_system(self) -> str:
        """The system at the market's gate where lots are received."""
        return self._device("intake-01")

    @property
    def bank_system(self) -> str:
        """The settlement bank's system."""
        return self._device("bank-01")

    @property
    def node(self) -> str:
        """The node's own device: receipts, hold lists, verdicts."""
        return self._device("node")

    @property
    def ledger(self) -> str:
        """The sealer's own device: sales days."""
        return self._device("ledger")

    @cached_property
    def devices(self) -> tuple[PlannedDevice, ...]:
        """Every device of the market, to be enrolled in this order."""
        fixed = (
            PlannedDevice(self.node, DeviceClass.NODE, 0, "market"),
            PlannedDevice(self.ledger, DeviceClass.SYSTEM, 0, "market"),
            PlannedDevice(self.tester, DeviceClass.TESTER, 2, "lab"),
            PlannedDevice(self.intake_system, DeviceClass.SYSTEM, 0, "market"),
            PlannedDevice(self.bank_system, DeviceClass.SYSTEM, 0, "bank"),
            *(PlannedDevice(name, DeviceClass.GATEWAY, 0, "market") for name in self.gateways),
        )
        at_stalls = (
            PlannedDevice(name, device_class, 2, "market", stall.merchant_ref, stall.place_ref)
            for stall in self.stalls
            for name, device_class in ((stall.scale, DeviceClass.SCALE), (stall.probe, DeviceClass.PROBE))
        )
        return (*fixed, *at_stalls)

    def gateway_of(self, device: str) -> str:
        """Through which gateway a device sends."""
        return self._gateways.get(device, self.gateways[0])

    def key(self, name: str) -> SoftwareKey:
        """The demonstration's key of a device: scales and systems sign ES256K, probes EdDSA, testers ES256."""
        kind = name.rpartition(":")[2].split("-")[1]
        key_type = {"probe": KeyType.ED25519, "tester": KeyType.P256}.get(kind, KeyType.SECP256K1)
        return SoftwareKey(key_type, keccak256(f"tidemark demo device key|{self.seed}|{name}".encode()))

    def commitment(self, subject: str, field: str, value: str) -> str:
        """HMAC-SHA256(K_subject, field ‖ 00 ‖ salt ‖ value) as 0x hex, with K_subject from the seed."""
        subject_key = sha256(f"tidemark demo subject key|{self.seed}|{subject}".encode()).digest()
        salt = sha256(f"salt|{self.seed}|{subject}|{field}".encode()).digest()[:16]
        message = field.encode() + b"\0" + salt + value.encode()
        return "0x" + hmac.new(subject_key, message, sha256).hexdigest()

    @cached_property
    def _gateways(self) -> dict[str, str]:
        return {name: stall.gateway for stall in self.stalls for name in (stall.scale, stall.probe)}

    def _stall(self, number: int) -> Stall:
        subject = f"stall {number}"
        zone = (number - 1) // STALLS_A_ZONE + 1
        return Stall(
            number,
            self.commitment(subject, "merchant_ref", subject),
            self.commitment(subject, "place_ref", f"place {number}"),
            self._device(f"scale-{number:03d}"),
            self._device(f"probe-{number:03d}"),
            self._device(f"gateway-{zone:02d}"),
        )

    @staticmethod
    def _device(label: str) -> str:
        return f"urn:tidemark:device:{MARKET_ID}-{label}"
