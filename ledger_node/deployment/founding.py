"""Founds a market on a deployed ledger: its parties with their wallets, its streams, its enrolled devices.

Every step asks the chain first whether it is done, so a founding that was cut off goes on where it stopped, and one
that is finished changes nothing. The keys that sign for parties and devices are handed in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger_node.bindings import device_registry, ledger_access, party_registry, pin_registry
from ledger_node.chain.engine import Engine
from ledger_node.chain.rpc import Node
from ledger_node.chain.signer import Signer
from ledger_node.deployment.transact import Step, transact
from ledger_node.domain import device_key
from ledger_node.domain.contract_numbers import ALL_POWERS, Role, StreamFlag
from ledger_node.domain.digest import keccak256, sha256
from ledger_node.domain.enrolment import DeviceEnrolment
from ledger_node.domain.record import name_hash
from ledger_node.domain.typed_data import SigningDomain, struct_type, typed_digest
from ledger_node.errors import DeploymentFailed

STREAM_FLAGS: Final[Mapping[str, int]] = {
    "sale": 0,
    "void": 0,
    "refund": 0,
    "intake": 0,
    "waste": 0,
    "transfer": 0,
    "test": StreamFlag.KEEP_ROOTS | StreamFlag.UNSUMMED,
    "service": StreamFlag.UNSUMMED,
    "climate": StreamFlag.UNSUMMED,
    "device": StreamFlag.UNSUMMED,
    "event": StreamFlag.KEEP_ROOTS | StreamFlag.UNSUMMED,
    "document": StreamFlag.UNSUMMED,
    "access": StreamFlag.UNSUMMED,
    "sales-day": StreamFlag.KEEP_ROOTS,
}
"""Stream kinds of a market and how their pins are kept."""
DAY_SECONDS: Final = 86_400
VERIFICATION_DAYS: Final = 365
_CHINA: Final = 156  # ISO 3166-1 numeric
_WALLET_ENROLMENT_TYPE: Final = struct_type(
    "WalletEnrolment(uint32 party,address wallet,uint16 powers,uint64 notAfter,uint64 deadline)"
)
# A step of each kind uses less than this; small limits let many share a block.
_PARTY_GAS: Final = 250_000
_STREAM_GAS: Final = 200_000
_DEVICE_GAS: Final = 1_200_000


@dataclass(frozen=True, slots=True)
class FoundingParty:
    """A party by its name in this founding, its kinds (bits), and the key of its wallet."""

    name: str
    kinds: int
    wallet: Signer


@dataclass(frozen=True, slots=True)
class FoundingDevice:
    """A device to enrol: `owner` is a founding party's name; commitments (32 bytes) where it works for one stall."""

    name: str
    device_class: int
    trust: int
    owner: str
    key: device_key.Signer
    merchant: bytes | None = None
    place: bytes | None = None
    is_verified: bool = False


@dataclass(frozen=True, slots=True)
class Founding:
    """All that a market begins with. `lanes`: the pinners' addresses, in the order of the sealer and the submitter."""

    market: str
    parties: Sequence[FoundingParty]
    devices: Sequence[FoundingDevice]
    lanes: Sequence[bytes]
    verifier: str
    settlement_bank: str


class Founder:
    """Carries out a founding. `operator` gets the roles it needs from `admin`, the deployer's administrator."""

    def __init__(
        self, node: Node, engine: Engine, chain_id: int, contracts: Mapping[str, bytes], admin: Signer, operator: Signer
    ) -> None:
        self._node = node
        self._engine = engine
        self._chain_id = chain_id
        self._contracts = contracts
        self._admin = admin
        self._operator = operator

    def found(self, founding: Founding) -> dict[str, int]:
        """Does what is missing; the parties' numbers by name. Raises DeploymentFailed."""
        self._grant_roles()
        numbers = {party.name: number for number, party in enumerate(founding.parties, start=1)}
        steps = [
            *self._parties(founding.parties),
            *self._wallets(founding.parties, numbers),
            *self._streams(founding, numbers),
            *self._devices(founding, numbers),
        ]
        transact(self._node, self._engine, self._operator, self._chain_id, steps)
        return numbers

    def _grant_roles(self) -> None:
        access = self._contracts["access"]
        steps: list[Step] = []
        for role in (Role.PARTY_ADMIN, Role.REGISTRAR, Role.METROLOGY, Role.STREAM_ADMIN):
            answer = self._node.call(access, ledger_access.encode_has_role(role, self._operator.address))
            if not ledger_access.decode_has_role_output(answer)[0]:
                data = ledger_access.encode_grant_role(role, self._operator.address, 0)
                steps.append(Step(f"grant role {role}", access, data, _PARTY_GAS))
        transact(self._node, self._engine, self._admin, self._chain_id, steps)

    def _parties(self, parties: Sequence[FoundingParty]) -> list[Step]:
        registry = self._contracts["party"]
        count = party_registry.decode_party_count_output(self._node.call(registry, party_registry.encode_party_count()))
        for number, party in enumerate(parties[:count], start=1):
            found = self._node.call(registry, party_registry.encode_identity_of(number))
            if party_registry.decode_identity_of_output(found) != _identity(party):
                raise DeploymentFailed(f"party {number}", f"the chain knows another than {party.name}")
        until = self._now() + 3650 * DAY_SECONDS
        return [
            Step(
                f"register {party.name}",
                registry,
                party_registry.encode_register_party(_identity(party), party.kinds, _CHINA, until),
                _PARTY_GAS,
            )
            for party in parties[count:]
        ]

    def _wallets(self, parties: Sequence[FoundingParty], numbers: Mapping[str, int]) -> list[Step]:
        registry = self._contracts["party"]
        domain = SigningDomain(self._chain_id, registry)
        deadline = self._now() + DAY_SECONDS // 2
        steps: list[Step] = []
        for party in parties:
            answer = self._node.call(registry, party_registry.encode_party_of(party.wallet.address))
            if party_registry.decode_party_of_output(answer):
                continue
            enrolment = party_registry.WalletEnrolment(
                party=numbers[party.name],
                wallet=party.wallet.address,
                powers=ALL_POWERS,
                not_after=0,
                deadline=deadline,
            )
            digest = typed_digest(domain, _WALLET_ENROLMENT_TYPE.hash(*enrolment.to_abi()))
            data = party_registry.encode_enrol_wallet(
                enrolment, party.wallet.sign_digest(digest), self._operator.address, self._operator.sign_digest(digest)
            )
            steps.append(Step(f"enrol the wallet of {party.name}", registry, data, _PARTY_GAS))
        return steps

    def _streams(self, founding: Founding, numbers: Mapping[str, int]) -> list[Step]:
        registry = self._contracts["trace"]
        market = keccak256(f"market/{founding.market}".encode())
        market_party, bank = founding.parties[0].name, founding.settlement_bank
        owners = {f"market/{founding.market}/{kind}": (market_party, flags) for kind, flags in STREAM_FLAGS.items()}
        owners[f"party/{numbers[bank]}/settlement"] = (bank, 0)
        steps: list[Step] = []
        for name, (owner, flags) in owners.items():
            stream = name_hash(name)
            found = pin_registry.decode_stream_at_output(
                self._node.call(registry, pin_registry.encode_stream_at(stream))
            )
            if any(found.pinner):
                continue
            pinner = founding.lanes[int.from_bytes(stream, "big") % len(founding.lanes)]
            data = pin_registry.encode_open_stream(stream, numbers[owner], market, pinner, flags)
            steps.append(Step(f"open {name}", registry, data, _STREAM_GAS))
        return steps

    def _devices(self, founding: Founding, numbers: Mapping[str, int]) -> list[Step]:
        registry = self._contracts["device"]
        now = self._now()
        verifier = numbers[founding.verifier]
        steps: list[Step] = []
        for device in founding.devices:
            state = device_registry.decode_state_of_output(
                self._node.call(registry, device_registry.encode_state_of(name_hash(device.name)))
            )
            # Certified first: trust 3 asks for it, and a scale is never in use without its verification.
            if device.is_verified and not state.verifications:
                steps.append(self._certification(device, verifier, now))
            if not state.keys:
                steps.append(self._enrolment(device, numbers[device.owner], now))
            if device.merchant and device.place and not state.assignment.from_:
                assignment = device_registry.Assignment(merchant=device.merchant, place=device.place, from_=0)
                data = device_registry.encode_assign(name_hash(device.name), assignment)
                steps.append(Step(f"assign {device.name}", registry, data, _DEVICE_GAS))
        return steps

    def _enrolment(self, device: FoundingDevice, owner: int, now: int) -> Step:
        registry = self._contracts["device"]
        key = device.key
        values = (name_hash(device.name), owner, key.key_hash, key.key_type, 1, now + DAY_SECONDS // 2)
        possession = key.sign(DeviceEnrolment(*values).digest(SigningDomain(self._chain_id, registry)))
        data = device_registry.encode_enrol(
            device_registry.DeviceEnrolment(*values), device.device_class, device.trust, possession, key.public_key
        )
        return Step(f"enrol {device.name}", registry, data, _DEVICE_GAS)

    def _certification(self, device: FoundingDevice, verifier: int, now: int) -> Step:
        metrology = device_registry.Metrology(
            seal_commitment=sha256(f"seal {device.name}".encode()),
            certificate_hash=sha256(f"certificate {device.name}".encode()),
            firmware_hash=sha256(b"firmware 1.0"),
            calibration_hash=sha256(f"calibration {device.name}".encode()),
            verifier=verifier,
            from_=now - 30 * DAY_SECONDS,
            until=now + (VERIFICATION_DAYS - 30) * DAY_SECONDS,
        )
        data = device_registry.encode_certify(name_hash(device.name), metrology)
        return Step(f"certify {device.name}", self._contracts["device"], data, _DEVICE_GAS)

    def _now(self) -> int:
        head = self._node.header("latest")
        if head is None:
            raise DeploymentFailed("founding", "the node has no block")
        return head.time


def _identity(party: FoundingParty) -> bytes:
    """The party's identity on chain: a commitment, no name."""
    return sha256(b"tidemark party\0" + party.name.encode() + party.wallet.address)
