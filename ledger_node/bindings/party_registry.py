# Written by scripts/make_bindings.py from the compiler's artifacts. Do not edit.
"""The contract PartyRegistry: its structs, events, and calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ledger_node.bindings import codec
from ledger_node.bindings.contract_errors import decode_error
from ledger_node.errors import EventMalformed

__all__ = ["CONTRACT_NAME", "Event", "decode_error", "decode_event"]

CONTRACT_NAME: Final = "PartyRegistry"


@dataclass(frozen=True, slots=True)
class Credential:
    """The Solidity struct `Credential`."""

    hash: bytes
    issuer: int
    from_: int
    until: int
    revoked_at: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.hash, self.issuer, self.from_, self.until, self.revoked_at)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Credential:
        """What `to_abi` gives."""
        return cls(
            hash=value[0],
            issuer=value[1],
            from_=value[2],
            until=value[3],
            revoked_at=value[4],
        )


@dataclass(frozen=True, slots=True)
class WalletEnrolment:
    """The Solidity struct `WalletEnrolment`."""

    party: int
    wallet: bytes
    powers: int
    not_after: int
    deadline: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.party, self.wallet, self.powers, self.not_after, self.deadline)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> WalletEnrolment:
        """What `to_abi` gives."""
        return cls(
            party=value[0],
            wallet=value[1],
            powers=value[2],
            not_after=value[3],
            deadline=value[4],
        )


@dataclass(frozen=True, slots=True)
class Party:
    """The Solidity struct `Party`."""

    status: int
    kinds: int
    jurisdiction: int
    verified_until: int
    merged_into: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.status, self.kinds, self.jurisdiction, self.verified_until, self.merged_into)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Party:
        """What `to_abi` gives."""
        return cls(
            status=value[0],
            kinds=value[1],
            jurisdiction=value[2],
            verified_until=value[3],
            merged_into=value[4],
        )


@dataclass(frozen=True, slots=True)
class Wallet:
    """The Solidity struct `Wallet`."""

    party: int
    powers: int
    not_before: int
    not_after: int

    def to_abi(self) -> tuple[Any, ...]:
        """The members in the order of the declaration."""
        return (self.party, self.powers, self.not_before, self.not_after)

    @classmethod
    def from_abi(cls, value: Sequence[Any]) -> Wallet:
        """What `to_abi` gives."""
        return cls(
            party=value[0],
            powers=value[1],
            not_before=value[2],
            not_after=value[3],
        )


@dataclass(frozen=True, slots=True)
class AliasBound:
    """Emitted when an outside identifier's keyed hash is bound to a party."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("b5f98142b4d5b2b61f09e051cd3cb1471e6a2a118543d1d6ea840690bf7a70e6")
    party: int
    alias_key: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> AliasBound:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("AliasBound", ("uint32", "bytes32"), (), topics, data)
        return cls(
            party=keys[0],
            alias_key=keys[1],
        )


@dataclass(frozen=True, slots=True)
class AuthorityUpdated:
    """The event `AuthorityUpdated`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("2f658b440c35314f52658ea8a740e05b284cdc84dc9ae01e891f21b8933e7cad")
    authority: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> AuthorityUpdated:
        """Reads the event of a log. Raises EventMalformed."""
        _keys, values = codec.decode_log("AuthorityUpdated", (), ("address",), topics, data)
        return cls(
            authority=values[0],
        )


@dataclass(frozen=True, slots=True)
class CredentialRevoked:
    """Emitted when an issuer takes a credential back."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("da43083bff9f443507a09b8fe3df3aa1dd8fad18e8e8f69a794b0293dfb54cf6")
    party: int
    kind: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> CredentialRevoked:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("CredentialRevoked", ("uint32", "uint8"), (), topics, data)
        return cls(
            party=keys[0],
            kind=keys[1],
        )


@dataclass(frozen=True, slots=True)
class CredentialSet:
    """Emitted when an issuer files a credential."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("008de69151ea012935a55764fedf9fc8020f07f3b769f2226641ce4db4ffe06e")
    party: int
    kind: int
    issuer: int
    hash: bytes
    from_: int
    until: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> CredentialSet:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "CredentialSet",
            ("uint32", "uint8", "uint32"),
            ("bytes32", "uint40", "uint40"),
            topics,
            data,
        )
        return cls(
            party=keys[0],
            kind=keys[1],
            issuer=keys[2],
            hash=values[0],
            from_=values[1],
            until=values[2],
        )


@dataclass(frozen=True, slots=True)
class EIP712DomainChanged:
    """The event `EIP712DomainChanged`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("0a6387c9ea3628b88a633bb4f3b151770f70085117a15f9bf3787cda53f13d31")


    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> EIP712DomainChanged:
        """Reads the event of a log. Raises EventMalformed."""
        _keys, _values = codec.decode_log("EIP712DomainChanged", (), (), topics, data)
        return cls(

        )


@dataclass(frozen=True, slots=True)
class PartyMerged:
    """Emitted when one party takes the place of another."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("3064fc0cf5b5ec8952c0e1ce16d4ac919af76a84c09d118f2fd53caee34ce7f4")
    from_: int
    into: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> PartyMerged:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("PartyMerged", ("uint32", "uint32"), (), topics, data)
        return cls(
            from_=keys[0],
            into=keys[1],
        )


@dataclass(frozen=True, slots=True)
class PartyRegistered:
    """Emitted when a party is registered; it starts Active."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("32b790e3ccf584cbb47f81289f062ac0d7ac1bfd73fff73dbdb1b589483151db")
    party: int
    kinds: int
    jurisdiction: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> PartyRegistered:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("PartyRegistered", ("uint32",), ("uint16", "uint16"), topics, data)
        return cls(
            party=keys[0],
            kinds=values[0],
            jurisdiction=values[1],
        )


@dataclass(frozen=True, slots=True)
class PartyStatusSet:
    """Emitted when a party is suspended, reactivated or closed."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("7d66b0a11b3c65016c4596c2090fef2d63c1c33504b34ec2db581788a40dce89")
    party: int
    status: int
    reason: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> PartyStatusSet:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("PartyStatusSet", ("uint32",), ("uint8", "uint16"), topics, data)
        return cls(
            party=keys[0],
            status=values[0],
            reason=values[1],
        )


@dataclass(frozen=True, slots=True)
class PartyVerificationSet:
    """Emitted when a party's verification is dated, at registration and whenever it is renewed."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("f5666b70765041f4a996d31e9dc2610d6513569c0b6963013c431124713d53ce")
    party: int
    verified_until: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> PartyVerificationSet:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("PartyVerificationSet", ("uint32",), ("uint40",), topics, data)
        return cls(
            party=keys[0],
            verified_until=values[0],
        )


@dataclass(frozen=True, slots=True)
class StandingConsentSet:
    """Emitted when a recipient says whether lots from a party arrive without a rejection window."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("b70a170ef1c336b01069743b6d19c1f4614904b9cb7943aa4b938e0f10f24c17")
    to: int
    from_: int
    on: bool

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> StandingConsentSet:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("StandingConsentSet", ("uint32", "uint32"), ("bool",), topics, data)
        return cls(
            to=keys[0],
            from_=keys[1],
            on=values[0],
        )


@dataclass(frozen=True, slots=True)
class WalletEnrolled:
    """Emitted when a wallet is bound to a party."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("4b5e81785262840c851b95b6b9bd5a3f2bd8e740b7cc69b329a813e737286ec5")
    party: int
    wallet: bytes
    powers: int
    not_after: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> WalletEnrolled:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("WalletEnrolled", ("uint32", "address"), ("uint16", "uint64"), topics, data)
        return cls(
            party=keys[0],
            wallet=keys[1],
            powers=values[0],
            not_after=values[1],
        )


@dataclass(frozen=True, slots=True)
class WalletRetired:
    """Emitted when a wallet's end is set."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("61177650ba3a42ca1c9218a10d8fa3d5aafcdc05205cf520bb7f5ee7a7d857bc")
    party: int
    wallet: bytes
    from_: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> WalletRetired:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("WalletRetired", ("uint32", "address"), ("uint40",), topics, data)
        return cls(
            party=keys[0],
            wallet=keys[1],
            from_=values[0],
        )


Event = (
    AliasBound
    | AuthorityUpdated
    | CredentialRevoked
    | CredentialSet
    | EIP712DomainChanged
    | PartyMerged
    | PartyRegistered
    | PartyStatusSet
    | PartyVerificationSet
    | StandingConsentSet
    | WalletEnrolled
    | WalletRetired
)

_READERS: Final[Mapping[bytes, Callable[[Sequence[bytes], bytes], Event]]] = {
    AliasBound.TOPIC: AliasBound.from_log,
    AuthorityUpdated.TOPIC: AuthorityUpdated.from_log,
    CredentialRevoked.TOPIC: CredentialRevoked.from_log,
    CredentialSet.TOPIC: CredentialSet.from_log,
    EIP712DomainChanged.TOPIC: EIP712DomainChanged.from_log,
    PartyMerged.TOPIC: PartyMerged.from_log,
    PartyRegistered.TOPIC: PartyRegistered.from_log,
    PartyStatusSet.TOPIC: PartyStatusSet.from_log,
    PartyVerificationSet.TOPIC: PartyVerificationSet.from_log,
    StandingConsentSet.TOPIC: StandingConsentSet.from_log,
    WalletEnrolled.TOPIC: WalletEnrolled.from_log,
    WalletRetired.TOPIC: WalletRetired.from_log,
}


def decode_event(topics: Sequence[bytes], data: bytes) -> Event:
    """The event of a log of this contract. Raises EventMalformed, also when it has no such event."""
    reader = _READERS.get(topics[0]) if topics else None
    if reader is None:
        raise EventMalformed("PartyRegistry has no event of this topic")
    return reader(topics, data)


def encode_constructor(access: bytes) -> bytes:
    """The constructor's arguments, to stand behind the bytecode."""
    return codec.encode(("address",), [access])


def encode_active_party(account: bytes) -> bytes:
    """The party that an account may act for now, and its kinds; nobody and 0 instead of reverting."""
    return bytes.fromhex("ecb2a9e0") + codec.encode(("address",), [account])


def decode_active_party_output(data: bytes) -> tuple[int, int]:
    """What `activeParty` answers: party, kinds. Raises NodeAnswerWrong."""
    values = codec.decode("activeParty", ("uint32", "uint16"), data)
    return (values[0], values[1])


def encode_authority() -> bytes:
    """Call data of `authority`."""
    return bytes.fromhex("bf7e214f")


def decode_authority_output(data: bytes) -> bytes:
    """What `authority` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("authority", ("address",), data)
    value: bytes = values[0]
    return value


def encode_bind_alias(party: int, alias_key: bytes) -> bytes:
    """Binds keccak256(HMAC(K_net, "PTY1|scheme|value")) to a party, for ever. Only PARTY_ADMIN."""
    return bytes.fromhex("ca2cf406") + codec.encode(("uint32", "bytes32"), [party, alias_key])


def encode_credential_at(party: int, kind: int) -> bytes:
    """The credential as stored."""
    return bytes.fromhex("4882706d") + codec.encode(("uint32", "uint8"), [party, kind])


def decode_credential_at_output(data: bytes) -> Credential:
    """What `credentialAt` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("credentialAt", ("(bytes32,uint32,uint40,uint40,uint40)",), data)
    value: Credential = Credential.from_abi(values[0])
    return value


def encode_credential_valid(party: int, kind: int, time: int) -> bytes:
    """Whether a party holds a credential at a time, from an issuer that is still active."""
    return bytes.fromhex("ff60b879") + codec.encode(("uint32", "uint8", "uint40"), [party, kind, time])


def decode_credential_valid_output(data: bytes) -> bool:
    """What `credentialValid` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("credentialValid", ("bool",), data)
    value: bool = values[0]
    return value


def encode_eip712_domain() -> bytes:
    """Call data of `eip712Domain`."""
    return bytes.fromhex("84b0196e")


def decode_eip712_domain_output(data: bytes) -> tuple[bytes, str, str, int, bytes, bytes, tuple[int, ...]]:
    """What `eip712Domain` answers: fields, name, version, chain_id, verifying_contract, salt, extensions. Raises
    NodeAnswerWrong."""
    values = codec.decode(
        "eip712Domain",
        ("bytes1", "string", "string", "uint256", "address", "bytes32", "uint256[]"),
        data,
    )
    return (values[0], values[1], values[2], values[3], values[4], values[5], tuple(values[6]))


def encode_enrol_wallet(
    enrolment: WalletEnrolment,
    wallet_signature: bytes,
    approver: bytes,
    approver_signature: bytes,
) -> bytes:
    """Binds a wallet to a party, for ever. Anyone may relay the two signatures."""
    return bytes.fromhex("6aa974a6") + codec.encode(
        ("(uint32,address,uint16,uint64,uint64)", "bytes", "address", "bytes"),
        [enrolment.to_abi(), wallet_signature, approver, approver_signature],
    )


def encode_identity_of(party: int) -> bytes:
    """The party's identity commitment."""
    return bytes.fromhex("af5b8588") + codec.encode(("uint32",), [party])


def decode_identity_of_output(data: bytes) -> bytes:
    """What `identityOf` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("identityOf", ("bytes32",), data)
    value: bytes = values[0]
    return value


def encode_is_active(party: int) -> bytes:
    """Whether a party is Active and verified now."""
    return bytes.fromhex("5e19b305") + codec.encode(("uint32",), [party])


def decode_is_active_output(data: bytes) -> bool:
    """What `isActive` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("isActive", ("bool",), data)
    value: bool = values[0]
    return value


def encode_is_consuming_scheduled_op() -> bytes:
    """Call data of `isConsumingScheduledOp`."""
    return bytes.fromhex("8fb36037")


def decode_is_consuming_scheduled_op_output(data: bytes) -> bytes:
    """What `isConsumingScheduledOp` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("isConsumingScheduledOp", ("bytes4",), data)
    value: bytes = values[0]
    return value


def encode_kinds_of(party: int) -> bytes:
    """A party's kinds, 0 when it does not exist."""
    return bytes.fromhex("5430f61a") + codec.encode(("uint32",), [party])


def decode_kinds_of_output(data: bytes) -> int:
    """What `kindsOf` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("kindsOf", ("uint16",), data)
    value: int = values[0]
    return value


def encode_merge_party(from_: int, into: int) -> bytes:
    """Lets one party take the place of another, which is closed. Guarded by AccessManager, so that it can only be
    done by a role that was given this function, after that role's delay."""
    return bytes.fromhex("a9733fe7") + codec.encode(("uint32", "uint32"), [from_, into])


def encode_party_at(party: int) -> bytes:
    """The party as stored."""
    return bytes.fromhex("db19fdf4") + codec.encode(("uint32",), [party])


def decode_party_at_output(data: bytes) -> Party:
    """What `partyAt` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("partyAt", ("(uint8,uint16,uint16,uint40,uint32)",), data)
    value: Party = Party.from_abi(values[0])
    return value


def encode_party_count() -> bytes:
    """How many parties were ever registered; the newest party's number."""
    return bytes.fromhex("9eb8e725")


def decode_party_count_output(data: bytes) -> int:
    """What `partyCount` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("partyCount", ("uint32",), data)
    value: int = values[0]
    return value


def encode_party_of(account: bytes) -> bytes:
    """The party that a wallet was enrolled for, whatever has happened since; 0 for none."""
    return bytes.fromhex("2cea2d3b") + codec.encode(("address",), [account])


def decode_party_of_output(data: bytes) -> int:
    """What `partyOf` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("partyOf", ("uint32",), data)
    value: int = values[0]
    return value


def encode_party_of_alias(alias_key: bytes) -> bytes:
    """The party an alias belongs to; 0 for none."""
    return bytes.fromhex("6843fc39") + codec.encode(("bytes32",), [alias_key])


def decode_party_of_alias_output(data: bytes) -> int:
    """What `partyOfAlias` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("partyOfAlias", ("uint32",), data)
    value: int = values[0]
    return value


def encode_register_party(identity: bytes, kinds: int, jurisdiction: int, verified_until: int) -> bytes:
    """Registers a party under the next number. Only PARTY_ADMIN."""
    return bytes.fromhex("bb750e45") + codec.encode(
        ("bytes32", "uint16", "uint16", "uint40"),
        [identity, kinds, jurisdiction, verified_until],
    )


def decode_register_party_output(data: bytes) -> int:
    """What `registerParty` answers: party. Raises NodeAnswerWrong."""
    values = codec.decode("registerParty", ("uint32",), data)
    value: int = values[0]
    return value


def encode_require_active(account: bytes, power: int) -> bytes:
    """The party that an account may act for now, with all powers in `power`; reverts otherwise."""
    return bytes.fromhex("23800cee") + codec.encode(("address", "uint16"), [account, power])


def decode_require_active_output(data: bytes) -> int:
    """What `requireActive` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("requireActive", ("uint32",), data)
    value: int = values[0]
    return value


def encode_retire_wallet(wallet: bytes, from_: int) -> bytes:
    """Ends a wallet. An ADMIN-power wallet of the party, the wallet itself, or PARTY_ADMIN."""
    return bytes.fromhex("996bffed") + codec.encode(("address", "uint40"), [wallet, from_])


def encode_revoke_credential(party: int, kind: int) -> bytes:
    """Takes a credential back. An ADMIN-power wallet of the party that issued it."""
    return bytes.fromhex("30c733c5") + codec.encode(("uint32", "uint8"), [party, kind])


def encode_root_of(party: int) -> bytes:
    """The party that stands in a party's place after all mergers."""
    return bytes.fromhex("64257a8f") + codec.encode(("uint32",), [party])


def decode_root_of_output(data: bytes) -> int:
    """What `rootOf` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("rootOf", ("uint32",), data)
    value: int = values[0]
    return value


def encode_set_authority(new_authority: bytes) -> bytes:
    """Call data of `setAuthority`."""
    return bytes.fromhex("7a9e5e4b") + codec.encode(("address",), [new_authority])


def encode_set_credential(party: int, kind: int, hash: bytes, from_: int, until: int) -> bytes:
    """Files a credential. An ADMIN-power wallet of a bank, regulator, auditor or certifier."""
    return bytes.fromhex("7b0fad18") + codec.encode(
        ("uint32", "uint8", "bytes32", "uint40", "uint40"),
        [party, kind, hash, from_, until],
    )


def encode_set_party_status(party: int, status: int, reason: int) -> bytes:
    """Suspends, reactivates or closes a party. Only PARTY_ADMIN. Closed is final."""
    return bytes.fromhex("bc47dde2") + codec.encode(("uint32", "uint8", "uint16"), [party, status, reason])


def encode_set_standing_consent(from_: int, on: bool) -> bytes:
    """Says whether lots from a party arrive without a rejection window. A RECEIVE wallet."""
    return bytes.fromhex("4c8cd340") + codec.encode(("uint32", "bool"), [from_, on])


def encode_set_verification(party: int, verified_until: int) -> bytes:
    """Dates a party's verification anew. Only PARTY_ADMIN."""
    return bytes.fromhex("1a182ad4") + codec.encode(("uint32", "uint40"), [party, verified_until])


def encode_standing_consent(to: int, from_: int) -> bytes:
    """Whether lots from one party arrive at another without a rejection window."""
    return bytes.fromhex("bd13d4a6") + codec.encode(("uint32", "uint32"), [to, from_])


def decode_standing_consent_output(data: bytes) -> bool:
    """What `standingConsent` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("standingConsent", ("bool",), data)
    value: bool = values[0]
    return value


def encode_wallet_at(account: bytes) -> bytes:
    """The wallet as stored."""
    return bytes.fromhex("50511749") + codec.encode(("address",), [account])


def decode_wallet_at_output(data: bytes) -> Wallet:
    """What `walletAt` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("walletAt", ("(uint32,uint16,uint40,uint40)",), data)
    value: Wallet = Wallet.from_abi(values[0])
    return value


def encode_wallet_enrolment_digest(enrolment: WalletEnrolment) -> bytes:
    """What is signed to enrol a wallet."""
    return bytes.fromhex("fe532977") + codec.encode(("(uint32,address,uint16,uint64,uint64)",), [enrolment.to_abi()])


def decode_wallet_enrolment_digest_output(data: bytes) -> bytes:
    """What `walletEnrolmentDigest` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("walletEnrolmentDigest", ("bytes32",), data)
    value: bytes = values[0]
    return value
