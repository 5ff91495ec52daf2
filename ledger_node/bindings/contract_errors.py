# Written by scripts/make_bindings.py from the compiler's artifacts. Do not edit.
"""The errors that contracts declare, as exceptions of the same names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from ledger_node.bindings import codec
from ledger_node.errors import ContractError, NodeAnswerWrong, RevertUnknown


class AccessCodeHashWrong(ContractError):
    """The contract's code is not the code that was announced."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("2a1748da")
    title = "The contract's code is not the code that was announced."
    signature = "AccessCodeHashWrong(address,bytes32,bytes32)"

    def __init__(self, listed: bytes, given: bytes, actual: bytes) -> None:
        super().__init__(listed=listed, given=given, actual=actual)
        self.listed = listed
        self.given = given
        self.actual = actual

    @classmethod
    def from_data(cls, data: bytes) -> AccessCodeHashWrong:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessCodeHashWrong", ("address", "bytes32", "bytes32"), data)
        return cls(values[0], values[1], values[2])


class AccessContractListed(ContractError):
    """The contract is already listed."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("f89394de")
    title = "The contract is already listed."
    signature = "AccessContractListed(address)"

    def __init__(self, listed: bytes) -> None:
        super().__init__(listed=listed)
        self.listed = listed

    @classmethod
    def from_data(cls, data: bytes) -> AccessContractListed:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessContractListed", ("address",), data)
        return cls(values[0])


class AccessDenied(ContractError):
    """Access denied."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("4ca88867")
    title = "Access denied."
    signature = "AccessDenied()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> AccessDenied:
        """Reads the arguments behind the selector."""
        codec.decode("AccessDenied", (), data)
        return cls()


class AccessManagedInvalidAuthority(ContractError):
    """Access managed invalid authority."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("c2f31e5e")
    title = "Access managed invalid authority."
    signature = "AccessManagedInvalidAuthority(address)"

    def __init__(self, authority: bytes) -> None:
        super().__init__(authority=authority)
        self.authority = authority

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagedInvalidAuthority:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessManagedInvalidAuthority", ("address",), data)
        return cls(values[0])


class AccessManagedRequiredDelay(ContractError):
    """Access managed required delay."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("af77169d")
    title = "Access managed required delay."
    signature = "AccessManagedRequiredDelay(address,uint32)"

    def __init__(self, caller: bytes, delay: int) -> None:
        super().__init__(caller=caller, delay=delay)
        self.caller = caller
        self.delay = delay

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagedRequiredDelay:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessManagedRequiredDelay", ("address", "uint32"), data)
        return cls(values[0], values[1])


class AccessManagedUnauthorized(ContractError):
    """Access managed unauthorized."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("068ca9d8")
    title = "Access managed unauthorized."
    signature = "AccessManagedUnauthorized(address)"

    def __init__(self, caller: bytes) -> None:
        super().__init__(caller=caller)
        self.caller = caller

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagedUnauthorized:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessManagedUnauthorized", ("address",), data)
        return cls(values[0])


class AccessManagerAlreadyScheduled(ContractError):
    """Access manager already scheduled."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("813e9459")
    title = "Access manager already scheduled."
    signature = "AccessManagerAlreadyScheduled(bytes32)"

    def __init__(self, operation_id: bytes) -> None:
        super().__init__(operation_id=operation_id)
        self.operation_id = operation_id

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagerAlreadyScheduled:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessManagerAlreadyScheduled", ("bytes32",), data)
        return cls(values[0])


class AccessManagerBadConfirmation(ContractError):
    """Access manager bad confirmation."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("5f159e63")
    title = "Access manager bad confirmation."
    signature = "AccessManagerBadConfirmation()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagerBadConfirmation:
        """Reads the arguments behind the selector."""
        codec.decode("AccessManagerBadConfirmation", (), data)
        return cls()


class AccessManagerExpired(ContractError):
    """Access manager expired."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("78a5d6e4")
    title = "Access manager expired."
    signature = "AccessManagerExpired(bytes32)"

    def __init__(self, operation_id: bytes) -> None:
        super().__init__(operation_id=operation_id)
        self.operation_id = operation_id

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagerExpired:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessManagerExpired", ("bytes32",), data)
        return cls(values[0])


class AccessManagerInvalidInitialAdmin(ContractError):
    """Access manager invalid initial admin."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("0813ada2")
    title = "Access manager invalid initial admin."
    signature = "AccessManagerInvalidInitialAdmin(address)"

    def __init__(self, initial_admin: bytes) -> None:
        super().__init__(initial_admin=initial_admin)
        self.initial_admin = initial_admin

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagerInvalidInitialAdmin:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessManagerInvalidInitialAdmin", ("address",), data)
        return cls(values[0])


class AccessManagerLockedRole(ContractError):
    """Access manager locked role."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("1871a90c")
    title = "Access manager locked role."
    signature = "AccessManagerLockedRole(uint64)"

    def __init__(self, role_id: int) -> None:
        super().__init__(role_id=role_id)
        self.role_id = role_id

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagerLockedRole:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessManagerLockedRole", ("uint64",), data)
        return cls(values[0])


class AccessManagerNotReady(ContractError):
    """Access manager not ready."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("18cb6b7a")
    title = "Access manager not ready."
    signature = "AccessManagerNotReady(bytes32)"

    def __init__(self, operation_id: bytes) -> None:
        super().__init__(operation_id=operation_id)
        self.operation_id = operation_id

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagerNotReady:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessManagerNotReady", ("bytes32",), data)
        return cls(values[0])


class AccessManagerNotScheduled(ContractError):
    """Access manager not scheduled."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("60a299b0")
    title = "Access manager not scheduled."
    signature = "AccessManagerNotScheduled(bytes32)"

    def __init__(self, operation_id: bytes) -> None:
        super().__init__(operation_id=operation_id)
        self.operation_id = operation_id

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagerNotScheduled:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessManagerNotScheduled", ("bytes32",), data)
        return cls(values[0])


class AccessManagerUnauthorizedAccount(ContractError):
    """Access manager unauthorized account."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("f07e038f")
    title = "Access manager unauthorized account."
    signature = "AccessManagerUnauthorizedAccount(address,uint64)"

    def __init__(self, msgsender: bytes, role_id: int) -> None:
        super().__init__(msgsender=msgsender, role_id=role_id)
        self.msgsender = msgsender
        self.role_id = role_id

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagerUnauthorizedAccount:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessManagerUnauthorizedAccount", ("address", "uint64"), data)
        return cls(values[0], values[1])


class AccessManagerUnauthorizedCall(ContractError):
    """Access manager unauthorized call."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("81c6f24b")
    title = "Access manager unauthorized call."
    signature = "AccessManagerUnauthorizedCall(address,address,bytes4)"

    def __init__(self, caller: bytes, target: bytes, selector: bytes) -> None:
        super().__init__(caller=caller, target=target, selector=selector)
        self.caller = caller
        self.target = target
        self.selector = selector

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagerUnauthorizedCall:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessManagerUnauthorizedCall", ("address", "address", "bytes4"), data)
        return cls(values[0], values[1], values[2])


class AccessManagerUnauthorizedCancel(ContractError):
    """Access manager unauthorized cancel."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("3fe2751c")
    title = "Access manager unauthorized cancel."
    signature = "AccessManagerUnauthorizedCancel(address,address,address,bytes4)"

    def __init__(self, msgsender: bytes, caller: bytes, target: bytes, selector: bytes) -> None:
        super().__init__(msgsender=msgsender, caller=caller, target=target, selector=selector)
        self.msgsender = msgsender
        self.caller = caller
        self.target = target
        self.selector = selector

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagerUnauthorizedCancel:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessManagerUnauthorizedCancel", ("address", "address", "address", "bytes4"), data)
        return cls(values[0], values[1], values[2], values[3])


class AccessManagerUnauthorizedConsume(ContractError):
    """Access manager unauthorized consume."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("320ff748")
    title = "Access manager unauthorized consume."
    signature = "AccessManagerUnauthorizedConsume(address)"

    def __init__(self, target: bytes) -> None:
        super().__init__(target=target)
        self.target = target

    @classmethod
    def from_data(cls, data: bytes) -> AccessManagerUnauthorizedConsume:
        """Reads the arguments behind the selector."""
        values = codec.decode("AccessManagerUnauthorizedConsume", ("address",), data)
        return cls(values[0])


class AddressEmptyCode(ContractError):
    """Address empty code."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("9996b315")
    title = "Address empty code."
    signature = "AddressEmptyCode(address)"

    def __init__(self, target: bytes) -> None:
        super().__init__(target=target)
        self.target = target

    @classmethod
    def from_data(cls, data: bytes) -> AddressEmptyCode:
        """Reads the arguments behind the selector."""
        values = codec.decode("AddressEmptyCode", ("address",), data)
        return cls(values[0])


class AlreadyExists(ContractError):
    """Already exists."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("23369fa6")
    title = "Already exists."
    signature = "AlreadyExists()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> AlreadyExists:
        """Reads the arguments behind the selector."""
        codec.decode("AlreadyExists", (), data)
        return cls()


class AlreadyRevoked(ContractError):
    """Already revoked."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("905e7107")
    title = "Already revoked."
    signature = "AlreadyRevoked()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> AlreadyRevoked:
        """Reads the arguments behind the selector."""
        codec.decode("AlreadyRevoked", (), data)
        return cls()


class AlreadyRevokedOffchain(ContractError):
    """Already revoked offchain."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("ec9d6eeb")
    title = "Already revoked offchain."
    signature = "AlreadyRevokedOffchain()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> AlreadyRevokedOffchain:
        """Reads the arguments behind the selector."""
        codec.decode("AlreadyRevokedOffchain", (), data)
        return cls()


class AlreadyTimestamped(ContractError):
    """Already timestamped."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("2e267946")
    title = "Already timestamped."
    signature = "AlreadyTimestamped()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> AlreadyTimestamped:
        """Reads the arguments behind the selector."""
        codec.decode("AlreadyTimestamped", (), data)
        return cls()


class AttestationAlreadySuperseded(ContractError):
    """The attestation is already superseded."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("e0f7795a")
    title = "The attestation is already superseded."
    signature = "AttestationAlreadySuperseded(bytes32,bytes32)"

    def __init__(self, uid: bytes, by: bytes) -> None:
        super().__init__(uid=uid, by=by)
        self.uid = uid
        self.by = by

    @classmethod
    def from_data(cls, data: bytes) -> AttestationAlreadySuperseded:
        """Reads the arguments behind the selector."""
        values = codec.decode("AttestationAlreadySuperseded", ("bytes32", "bytes32"), data)
        return cls(values[0], values[1])


class AttestationDataMalformed(ContractError):
    """The data are not exactly the schema's fields."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("65a3f3c1")
    title = "The data are not exactly the schema's fields."
    signature = "AttestationDataMalformed(bytes32)"

    def __init__(self, schema: bytes) -> None:
        super().__init__(schema=schema)
        self.schema = schema

    @classmethod
    def from_data(cls, data: bytes) -> AttestationDataMalformed:
        """Reads the arguments behind the selector."""
        values = codec.decode("AttestationDataMalformed", ("bytes32",), data)
        return cls(values[0])


class AttestationEnded(ContractError):
    """The attestation has already ended."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("0d534204")
    title = "The attestation has already ended."
    signature = "AttestationEnded(bytes32)"

    def __init__(self, uid: bytes) -> None:
        super().__init__(uid=uid)
        self.uid = uid

    @classmethod
    def from_data(cls, data: bytes) -> AttestationEnded:
        """Reads the arguments behind the selector."""
        values = codec.decode("AttestationEnded", ("bytes32",), data)
        return cls(values[0])


class AttestationNotYours(ContractError):
    """Only its attester or a regulator may supersede an attestation."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("679d8cf2")
    title = "Only its attester or a regulator may supersede an attestation."
    signature = "AttestationNotYours(bytes32,uint32)"

    def __init__(self, uid: bytes, party: int) -> None:
        super().__init__(uid=uid, party=party)
        self.uid = uid
        self.party = party

    @classmethod
    def from_data(cls, data: bytes) -> AttestationNotYours:
        """Reads the arguments behind the selector."""
        values = codec.decode("AttestationNotYours", ("bytes32", "uint32"), data)
        return cls(values[0], values[1])


class AttestationReferenceInvalid(ContractError):
    """The attestation referred to is missing, of another kind, or no longer live."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("0722b319")
    title = "The attestation referred to is missing, of another kind, or no longer live."
    signature = "AttestationReferenceInvalid(bytes32)"

    def __init__(self, uid: bytes) -> None:
        super().__init__(uid=uid)
        self.uid = uid

    @classmethod
    def from_data(cls, data: bytes) -> AttestationReferenceInvalid:
        """Reads the arguments behind the selector."""
        values = codec.decode("AttestationReferenceInvalid", ("bytes32",), data)
        return cls(values[0])


class AttestationRoleMissing(ContractError):
    """The attester is not an active party of a kind that may attest this."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("5cf8d0b3")
    title = "The attester is not an active party of a kind that may attest this."
    signature = "AttestationRoleMissing(address,uint16)"

    def __init__(self, attester: bytes, role: int) -> None:
        super().__init__(attester=attester, role=role)
        self.attester = attester
        self.role = role

    @classmethod
    def from_data(cls, data: bytes) -> AttestationRoleMissing:
        """Reads the arguments behind the selector."""
        values = codec.decode("AttestationRoleMissing", ("address", "uint16"), data)
        return cls(values[0], values[1])


class AttestationSchemaUnknown(ContractError):
    """The schema is none of ours."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("8891c55d")
    title = "The schema is none of ours."
    signature = "AttestationSchemaUnknown(bytes32)"

    def __init__(self, schema: bytes) -> None:
        super().__init__(schema=schema)
        self.schema = schema

    @classmethod
    def from_data(cls, data: bytes) -> AttestationSchemaUnknown:
        """Reads the arguments behind the selector."""
        values = codec.decode("AttestationSchemaUnknown", ("bytes32",), data)
        return cls(values[0])


class AttestationTermsWrong(ContractError):
    """The expiry or revocability is not what the schema asks for."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("692d4822")
    title = "The expiry or revocability is not what the schema asks for."
    signature = "AttestationTermsWrong(bytes32,uint64,bool)"

    def __init__(self, schema: bytes, expiration_time: int, revocable: bool) -> None:
        super().__init__(schema=schema, expiration_time=expiration_time, revocable=revocable)
        self.schema = schema
        self.expiration_time = expiration_time
        self.revocable = revocable

    @classmethod
    def from_data(cls, data: bytes) -> AttestationTermsWrong:
        """Reads the arguments behind the selector."""
        values = codec.decode("AttestationTermsWrong", ("bytes32", "uint64", "bool"), data)
        return cls(values[0], values[1], values[2])


class AttestationTimesWrong(ContractError):
    """The times do not follow one another up to now."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("3892a152")
    title = "The times do not follow one another up to now."
    signature = "AttestationTimesWrong(uint64,uint64,uint256)"

    def __init__(self, first: int, second: int, timestamp: int) -> None:
        super().__init__(first=first, second=second, timestamp=timestamp)
        self.first = first
        self.second = second
        self.timestamp = timestamp

    @classmethod
    def from_data(cls, data: bytes) -> AttestationTimesWrong:
        """Reads the arguments behind the selector."""
        values = codec.decode("AttestationTimesWrong", ("uint64", "uint64", "uint256"), data)
        return cls(values[0], values[1], values[2])


class AttestationValueNotZero(ContractError):
    """An attestation carries no value."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("855d8c8b")
    title = "An attestation carries no value."
    signature = "AttestationValueNotZero(uint256)"

    def __init__(self, value: int) -> None:
        super().__init__(value=value)
        self.value = value

    @classmethod
    def from_data(cls, data: bytes) -> AttestationValueNotZero:
        """Reads the arguments behind the selector."""
        values = codec.decode("AttestationValueNotZero", ("uint256",), data)
        return cls(values[0])


class CertificateKindUnknown(ContractError):
    """The certificate's kind is unknown."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("d12174f9")
    title = "The certificate's kind is unknown."
    signature = "CertificateKindUnknown(uint8)"

    def __init__(self, kind: int) -> None:
        super().__init__(kind=kind)
        self.kind = kind

    @classmethod
    def from_data(cls, data: bytes) -> CertificateKindUnknown:
        """Reads the arguments behind the selector."""
        values = codec.decode("CertificateKindUnknown", ("uint8",), data)
        return cls(values[0])


class CertificateNumberUsed(ContractError):
    """The attester has already used this number."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("19fe4032")
    title = "The attester has already used this number."
    signature = "CertificateNumberUsed(bytes32,bytes32)"

    def __init__(self, number: bytes, uid: bytes) -> None:
        super().__init__(number=number, uid=uid)
        self.number = number
        self.uid = uid

    @classmethod
    def from_data(cls, data: bytes) -> CertificateNumberUsed:
        """Reads the arguments behind the selector."""
        values = codec.decode("CertificateNumberUsed", ("bytes32", "bytes32"), data)
        return cls(values[0], values[1])


class CertificateParentsExceeded(ContractError):
    """The parents do not cover the certificate's quantity."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("91933558")
    title = "The parents do not cover the certificate's quantity."
    signature = "CertificateParentsExceeded(uint128,uint128)"

    def __init__(self, wanted: int, left: int) -> None:
        super().__init__(wanted=wanted, left=left)
        self.wanted = wanted
        self.left = left

    @classmethod
    def from_data(cls, data: bytes) -> CertificateParentsExceeded:
        """Reads the arguments behind the selector."""
        values = codec.decode("CertificateParentsExceeded", ("uint128", "uint128"), data)
        return cls(values[0], values[1])


class CertificateParentsTooMany(ContractError):
    """A certificate names too many parents."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("7fac135f")
    title = "A certificate names too many parents."
    signature = "CertificateParentsTooMany(uint256,uint256)"

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(count=count, limit=limit)
        self.count = count
        self.limit = limit

    @classmethod
    def from_data(cls, data: bytes) -> CertificateParentsTooMany:
        """Reads the arguments behind the selector."""
        values = codec.decode("CertificateParentsTooMany", ("uint256", "uint256"), data)
        return cls(values[0], values[1])


class CustodyNotRecipient(ContractError):
    """The account is not the one that the offer names."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("91446573")
    title = "The account is not the one that the offer names."
    signature = "CustodyNotRecipient(address,address)"

    def __init__(self, account: bytes, recipient: bytes) -> None:
        super().__init__(account=account, recipient=recipient)
        self.account = account
        self.recipient = recipient

    @classmethod
    def from_data(cls, data: bytes) -> CustodyNotRecipient:
        """Reads the arguments behind the selector."""
        values = codec.decode("CustodyNotRecipient", ("address", "address"), data)
        return cls(values[0], values[1])


class CustodyOfferClosed(ContractError):
    """The offer is accepted or has lapsed."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("62a11214")
    title = "The offer is accepted or has lapsed."
    signature = "CustodyOfferClosed(bytes32)"

    def __init__(self, uid: bytes) -> None:
        super().__init__(uid=uid)
        self.uid = uid

    @classmethod
    def from_data(cls, data: bytes) -> CustodyOfferClosed:
        """Reads the arguments behind the selector."""
        values = codec.decode("CustodyOfferClosed", ("bytes32",), data)
        return cls(values[0])


class CustodyOfferOpen(ContractError):
    """The offer has not expired."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("db48741d")
    title = "The offer has not expired."
    signature = "CustodyOfferOpen(bytes32,uint64)"

    def __init__(self, uid: bytes, expiration_time: int) -> None:
        super().__init__(uid=uid, expiration_time=expiration_time)
        self.uid = uid
        self.expiration_time = expiration_time

    @classmethod
    def from_data(cls, data: bytes) -> CustodyOfferOpen:
        """Reads the arguments behind the selector."""
        values = codec.decode("CustodyOfferOpen", ("bytes32", "uint64"), data)
        return cls(values[0], values[1])


class CustodyQuantityExceeded(ContractError):
    """More is accepted than was offered."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("523cd50d")
    title = "More is accepted than was offered."
    signature = "CustodyQuantityExceeded(bytes32,uint128,uint128)"

    def __init__(self, uid: bytes, wanted: int, offered: int) -> None:
        super().__init__(uid=uid, wanted=wanted, offered=offered)
        self.uid = uid
        self.wanted = wanted
        self.offered = offered

    @classmethod
    def from_data(cls, data: bytes) -> CustodyQuantityExceeded:
        """Reads the arguments behind the selector."""
        values = codec.decode("CustodyQuantityExceeded", ("bytes32", "uint128", "uint128"), data)
        return cls(values[0], values[1], values[2])


class DeadlineExpired(ContractError):
    """Deadline expired."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("1ab7da6b")
    title = "Deadline expired."
    signature = "DeadlineExpired()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> DeadlineExpired:
        """Reads the arguments behind the selector."""
        codec.decode("DeadlineExpired", (), data)
        return cls()


class DeviceAlreadyEnrolled(ContractError):
    """The device is already enrolled."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("bf5001d5")
    title = "The device is already enrolled."
    signature = "DeviceAlreadyEnrolled(bytes32,uint32)"

    def __init__(self, device: bytes, owner: int) -> None:
        super().__init__(device=device, owner=owner)
        self.device = device
        self.owner = owner

    @classmethod
    def from_data(cls, data: bytes) -> DeviceAlreadyEnrolled:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceAlreadyEnrolled", ("bytes32", "uint32"), data)
        return cls(values[0], values[1])


class DeviceAssignmentInPast(ContractError):
    """An assignment cannot reach into the past, nor before the one it follows."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("4dccac32")
    title = "An assignment cannot reach into the past, nor before the one it follows."
    signature = "DeviceAssignmentInPast(uint64,uint256)"

    def __init__(self, from_: int, timestamp: int) -> None:
        super().__init__(from_=from_, timestamp=timestamp)
        self.from_ = from_
        self.timestamp = timestamp

    @classmethod
    def from_data(cls, data: bytes) -> DeviceAssignmentInPast:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceAssignmentInPast", ("uint64", "uint256"), data)
        return cls(values[0], values[1])


class DeviceCallerNotAllowed(ContractError):
    """The caller lacks the role."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("296295f8")
    title = "The caller lacks the role."
    signature = "DeviceCallerNotAllowed(address,uint64)"

    def __init__(self, caller: bytes, role: int) -> None:
        super().__init__(caller=caller, role=role)
        self.caller = caller
        self.role = role

    @classmethod
    def from_data(cls, data: bytes) -> DeviceCallerNotAllowed:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceCallerNotAllowed", ("address", "uint64"), data)
        return cls(values[0], values[1])


class DeviceClassWrong(ContractError):
    """The class or trust is not one that devices have."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("1b4165e6")
    title = "The class or trust is not one that devices have."
    signature = "DeviceClassWrong(uint16,uint8)"

    def __init__(self, class_: int, trust: int) -> None:
        super().__init__(class_=class_, trust=trust)
        self.class_ = class_
        self.trust = trust

    @classmethod
    def from_data(cls, data: bytes) -> DeviceClassWrong:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceClassWrong", ("uint16", "uint8"), data)
        return cls(values[0], values[1])


class DeviceEnrolmentExpired(ContractError):
    """The signature's deadline has passed or is more than a day ahead."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("3dc992bb")
    title = "The signature's deadline has passed or is more than a day ahead."
    signature = "DeviceEnrolmentExpired(uint64,uint256)"

    def __init__(self, deadline: int, timestamp: int) -> None:
        super().__init__(deadline=deadline, timestamp=timestamp)
        self.deadline = deadline
        self.timestamp = timestamp

    @classmethod
    def from_data(cls, data: bytes) -> DeviceEnrolmentExpired:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceEnrolmentExpired", ("uint64", "uint256"), data)
        return cls(values[0], values[1])


class DeviceForkSameRecord(ContractError):
    """One record with two signatures is no fork."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("4cd5d1e9")
    title = "One record with two signatures is no fork."
    signature = "DeviceForkSameRecord(bytes32)"

    def __init__(self, digest: bytes) -> None:
        super().__init__(digest=digest)
        self.digest = digest

    @classmethod
    def from_data(cls, data: bytes) -> DeviceForkSameRecord:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceForkSameRecord", ("bytes32",), data)
        return cls(values[0])


class DeviceForkUnrelated(ContractError):
    """The two records are not of one device and one sequence."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("f6350105")
    title = "The two records are not of one device and one sequence."
    signature = "DeviceForkUnrelated(uint64,uint64)"

    def __init__(self, sequence_a: int, sequence_b: int) -> None:
        super().__init__(sequence_a=sequence_a, sequence_b=sequence_b)
        self.sequence_a = sequence_a
        self.sequence_b = sequence_b

    @classmethod
    def from_data(cls, data: bytes) -> DeviceForkUnrelated:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceForkUnrelated", ("uint64", "uint64"), data)
        return cls(values[0], values[1])


class DeviceKeyEpochUnknown(ContractError):
    """The device has no such key."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("84545a1d")
    title = "The device has no such key."
    signature = "DeviceKeyEpochUnknown(bytes32,uint256)"

    def __init__(self, device: bytes, epoch: int) -> None:
        super().__init__(device=device, epoch=epoch)
        self.device = device
        self.epoch = epoch

    @classmethod
    def from_data(cls, data: bytes) -> DeviceKeyEpochUnknown:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceKeyEpochUnknown", ("bytes32", "uint256"), data)
        return cls(values[0], values[1])


class DeviceKeyInUse(ContractError):
    """The key serves or served a device; a key serves one device, once."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("e47e81ef")
    title = "The key serves or served a device; a key serves one device, once."
    signature = "DeviceKeyInUse(bytes32,bytes32)"

    def __init__(self, key_hash: bytes, device: bytes) -> None:
        super().__init__(key_hash=key_hash, device=device)
        self.key_hash = key_hash
        self.device = device

    @classmethod
    def from_data(cls, data: bytes) -> DeviceKeyInUse:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceKeyInUse", ("bytes32", "bytes32"), data)
        return cls(values[0], values[1])


class DeviceKeyTypeUnsupported(ContractError):
    """Keys of this type are never checked on chain."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("8ffb18bc")
    title = "Keys of this type are never checked on chain."
    signature = "DeviceKeyTypeUnsupported(bytes32,uint8)"

    def __init__(self, device: bytes, key_type: int) -> None:
        super().__init__(device=device, key_type=key_type)
        self.device = device
        self.key_type = key_type

    @classmethod
    def from_data(cls, data: bytes) -> DeviceKeyTypeUnsupported:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceKeyTypeUnsupported", ("bytes32", "uint8"), data)
        return cls(values[0], values[1])


class DeviceMetrologyInterval(ContractError):
    """A verification's interval is empty, or begins before the last one began."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("9e0441ca")
    title = "A verification's interval is empty, or begins before the last one began."
    signature = "DeviceMetrologyInterval(uint64,uint64)"

    def __init__(self, from_: int, until: int) -> None:
        super().__init__(from_=from_, until=until)
        self.from_ = from_
        self.until = until

    @classmethod
    def from_data(cls, data: bytes) -> DeviceMetrologyInterval:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceMetrologyInterval", ("uint64", "uint64"), data)
        return cls(values[0], values[1])


class DeviceNonceUsed(ContractError):
    """The nonce was used for this device before."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("e1f2f5bc")
    title = "The nonce was used for this device before."
    signature = "DeviceNonceUsed(bytes32,uint256)"

    def __init__(self, device: bytes, nonce: int) -> None:
        super().__init__(device=device, nonce=nonce)
        self.device = device
        self.nonce = nonce

    @classmethod
    def from_data(cls, data: bytes) -> DeviceNonceUsed:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceNonceUsed", ("bytes32", "uint256"), data)
        return cls(values[0], values[1])


class DeviceOwnerWrong(ContractError):
    """The device's owner is not an active party, or not the one that signed."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("3cd8c28d")
    title = "The device's owner is not an active party, or not the one that signed."
    signature = "DeviceOwnerWrong(bytes32,uint32)"

    def __init__(self, device: bytes, owner: int) -> None:
        super().__init__(device=device, owner=owner)
        self.device = device
        self.owner = owner

    @classmethod
    def from_data(cls, data: bytes) -> DeviceOwnerWrong:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceOwnerWrong", ("bytes32", "uint32"), data)
        return cls(values[0], values[1])


class DevicePossessionInvalid(ContractError):
    """The signature does not show that the device has the key."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("449dc116")
    title = "The signature does not show that the device has the key."
    signature = "DevicePossessionInvalid(bytes32,bytes32)"

    def __init__(self, device: bytes, key_hash: bytes) -> None:
        super().__init__(device=device, key_hash=key_hash)
        self.device = device
        self.key_hash = key_hash

    @classmethod
    def from_data(cls, data: bytes) -> DevicePossessionInvalid:
        """Reads the arguments behind the selector."""
        values = codec.decode("DevicePossessionInvalid", ("bytes32", "bytes32"), data)
        return cls(values[0], values[1])


class DeviceReplacementNeedsAnother(ContractError):
    """The second registrar must be another member than the first."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("41bb2e01")
    title = "The second registrar must be another member than the first."
    signature = "DeviceReplacementNeedsAnother(bytes32,address)"

    def __init__(self, device: bytes, registrar: bytes) -> None:
        super().__init__(device=device, registrar=registrar)
        self.device = device
        self.registrar = registrar

    @classmethod
    def from_data(cls, data: bytes) -> DeviceReplacementNeedsAnother:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceReplacementNeedsAnother", ("bytes32", "address"), data)
        return cls(values[0], values[1])


class DeviceRevokedFromTooEarly(ContractError):
    """A revocation cannot reach back before the device or key came into use."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("7ac108b9")
    title = "A revocation cannot reach back before the device or key came into use."
    signature = "DeviceRevokedFromTooEarly(uint64,uint64)"

    def __init__(self, from_: int, enrolled_at: int) -> None:
        super().__init__(from_=from_, enrolled_at=enrolled_at)
        self.from_ = from_
        self.enrolled_at = enrolled_at

    @classmethod
    def from_data(cls, data: bytes) -> DeviceRevokedFromTooEarly:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceRevokedFromTooEarly", ("uint64", "uint64"), data)
        return cls(values[0], values[1])


class DeviceRevokedFromTooLate(ContractError):
    """A revocation cannot begin in the future, nor later than an earlier one."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("34cb0d9f")
    title = "A revocation cannot begin in the future, nor later than an earlier one."
    signature = "DeviceRevokedFromTooLate(uint64,uint64)"

    def __init__(self, from_: int, latest: int) -> None:
        super().__init__(from_=from_, latest=latest)
        self.from_ = from_
        self.latest = latest

    @classmethod
    def from_data(cls, data: bytes) -> DeviceRevokedFromTooLate:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceRevokedFromTooLate", ("uint64", "uint64"), data)
        return cls(values[0], values[1])


class DeviceRotationMismatch(ContractError):
    """The old key's statement and the new key's are not about the same change."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("6af1430d")
    title = "The old key's statement and the new key's are not about the same change."
    signature = "DeviceRotationMismatch(bytes32,bytes32,bytes32)"

    def __init__(self, device: bytes, new_key_hash: bytes, key_hash: bytes) -> None:
        super().__init__(device=device, new_key_hash=new_key_hash, key_hash=key_hash)
        self.device = device
        self.new_key_hash = new_key_hash
        self.key_hash = key_hash

    @classmethod
    def from_data(cls, data: bytes) -> DeviceRotationMismatch:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceRotationMismatch", ("bytes32", "bytes32", "bytes32"), data)
        return cls(values[0], values[1], values[2])


class DeviceStatusWrong(ContractError):
    """The device's status does not allow this."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("952d01ae")
    title = "The device's status does not allow this."
    signature = "DeviceStatusWrong(bytes32,uint8,uint8)"

    def __init__(self, device: bytes, status: int, wanted: int) -> None:
        super().__init__(device=device, status=status, wanted=wanted)
        self.device = device
        self.status = status
        self.wanted = wanted

    @classmethod
    def from_data(cls, data: bytes) -> DeviceStatusWrong:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceStatusWrong", ("bytes32", "uint8", "uint8"), data)
        return cls(values[0], values[1], values[2])


class DeviceUnknown(ContractError):
    """The device is not known."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("da0015fe")
    title = "The device is not known."
    signature = "DeviceUnknown(bytes32)"

    def __init__(self, device: bytes) -> None:
        super().__init__(device=device)
        self.device = device

    @classmethod
    def from_data(cls, data: bytes) -> DeviceUnknown:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceUnknown", ("bytes32",), data)
        return cls(values[0])


class DeviceVerifierWrong(ContractError):
    """The verifier is not an active metrology body."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("2350d50b")
    title = "The verifier is not an active metrology body."
    signature = "DeviceVerifierWrong(uint32,uint16)"

    def __init__(self, verifier: int, kinds: int) -> None:
        super().__init__(verifier=verifier, kinds=kinds)
        self.verifier = verifier
        self.kinds = kinds

    @classmethod
    def from_data(cls, data: bytes) -> DeviceVerifierWrong:
        """Reads the arguments behind the selector."""
        values = codec.decode("DeviceVerifierWrong", ("uint32", "uint16"), data)
        return cls(values[0], values[1])


class FailedCall(ContractError):
    """Failed call."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("d6bda275")
    title = "Failed call."
    signature = "FailedCall()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> FailedCall:
        """Reads the arguments behind the selector."""
        codec.decode("FailedCall", (), data)
        return cls()


class InsufficientBalance(ContractError):
    """Insufficient balance."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("cf479181")
    title = "Insufficient balance."
    signature = "InsufficientBalance(uint256,uint256)"

    def __init__(self, balance: int, needed: int) -> None:
        super().__init__(balance=balance, needed=needed)
        self.balance = balance
        self.needed = needed

    @classmethod
    def from_data(cls, data: bytes) -> InsufficientBalance:
        """Reads the arguments behind the selector."""
        values = codec.decode("InsufficientBalance", ("uint256", "uint256"), data)
        return cls(values[0], values[1])


class InsufficientValue(ContractError):
    """Insufficient value."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("11011294")
    title = "Insufficient value."
    signature = "InsufficientValue()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InsufficientValue:
        """Reads the arguments behind the selector."""
        codec.decode("InsufficientValue", (), data)
        return cls()


class InvalidAttestation(ContractError):
    """Invalid attestation."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("bd8ba84d")
    title = "Invalid attestation."
    signature = "InvalidAttestation()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidAttestation:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidAttestation", (), data)
        return cls()


class InvalidAttestations(ContractError):
    """Invalid attestations."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("e8bee839")
    title = "Invalid attestations."
    signature = "InvalidAttestations()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidAttestations:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidAttestations", (), data)
        return cls()


class InvalidEAS(ContractError):
    """Invalid eas."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("83780ffe")
    title = "Invalid eas."
    signature = "InvalidEAS()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidEAS:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidEAS", (), data)
        return cls()


class InvalidExpirationTime(ContractError):
    """Invalid expiration time."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("08e8b937")
    title = "Invalid expiration time."
    signature = "InvalidExpirationTime()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidExpirationTime:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidExpirationTime", (), data)
        return cls()


class InvalidLength(ContractError):
    """Invalid length."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("947d5a84")
    title = "Invalid length."
    signature = "InvalidLength()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidLength:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidLength", (), data)
        return cls()


class InvalidNonce(ContractError):
    """Invalid nonce."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("756688fe")
    title = "Invalid nonce."
    signature = "InvalidNonce()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidNonce:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidNonce", (), data)
        return cls()


class InvalidOffset(ContractError):
    """Invalid offset."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("01da1572")
    title = "Invalid offset."
    signature = "InvalidOffset()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidOffset:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidOffset", (), data)
        return cls()


class InvalidRegistry(ContractError):
    """Invalid registry."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("11a1e697")
    title = "Invalid registry."
    signature = "InvalidRegistry()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidRegistry:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidRegistry", (), data)
        return cls()


class InvalidRevocation(ContractError):
    """Invalid revocation."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("ccf3bb27")
    title = "Invalid revocation."
    signature = "InvalidRevocation()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidRevocation:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidRevocation", (), data)
        return cls()


class InvalidRevocations(ContractError):
    """Invalid revocations."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("bf2f3a8b")
    title = "Invalid revocations."
    signature = "InvalidRevocations()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidRevocations:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidRevocations", (), data)
        return cls()


class InvalidSchema(ContractError):
    """Invalid schema."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("bf37b20e")
    title = "Invalid schema."
    signature = "InvalidSchema()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidSchema:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidSchema", (), data)
        return cls()


class InvalidShortString(ContractError):
    """Invalid short string."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("b3512b0c")
    title = "Invalid short string."
    signature = "InvalidShortString()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidShortString:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidShortString", (), data)
        return cls()


class InvalidSignature(ContractError):
    """Invalid signature."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("8baa579f")
    title = "Invalid signature."
    signature = "InvalidSignature()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidSignature:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidSignature", (), data)
        return cls()


class InvalidVerifier(ContractError):
    """Invalid verifier."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("baa3de5f")
    title = "Invalid verifier."
    signature = "InvalidVerifier()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> InvalidVerifier:
        """Reads the arguments behind the selector."""
        codec.decode("InvalidVerifier", (), data)
        return cls()


class Irrevocable(ContractError):
    """Irrevocable."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("157bd4c3")
    title = "Irrevocable."
    signature = "Irrevocable()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> Irrevocable:
        """Reads the arguments behind the selector."""
        codec.decode("Irrevocable", (), data)
        return cls()


class LabReportResultUnknown(ContractError):
    """The result is none of pass, fail, invalid."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("8bf48e72")
    title = "The result is none of pass, fail, invalid."
    signature = "LabReportResultUnknown(uint8)"

    def __init__(self, result: int) -> None:
        super().__init__(result=result)
        self.result = result

    @classmethod
    def from_data(cls, data: bytes) -> LabReportResultUnknown:
        """Reads the arguments behind the selector."""
        values = codec.decode("LabReportResultUnknown", ("uint8",), data)
        return cls(values[0])


class LotAlreadyRegistered(ContractError):
    """The lot is already registered."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("7b765a38")
    title = "The lot is already registered."
    signature = "LotAlreadyRegistered(bytes32,uint32)"

    def __init__(self, lot: bytes, registrant: int) -> None:
        super().__init__(lot=lot, registrant=registrant)
        self.lot = lot
        self.registrant = registrant

    @classmethod
    def from_data(cls, data: bytes) -> LotAlreadyRegistered:
        """Reads the arguments behind the selector."""
        values = codec.decode("LotAlreadyRegistered", ("bytes32", "uint32"), data)
        return cls(values[0], values[1])


class LotCallerNotAllowed(ContractError):
    """The caller may not write here."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("5eea86b2")
    title = "The caller may not write here."
    signature = "LotCallerNotAllowed(address)"

    def __init__(self, caller: bytes) -> None:
        super().__init__(caller=caller)
        self.caller = caller

    @classmethod
    def from_data(cls, data: bytes) -> LotCallerNotAllowed:
        """Reads the arguments behind the selector."""
        values = codec.decode("LotCallerNotAllowed", ("address",), data)
        return cls(values[0])


class LotQuantityExceeded(ContractError):
    """More is promised of a lot than is left."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("15f7ea5d")
    title = "More is promised of a lot than is left."
    signature = "LotQuantityExceeded(bytes32,uint128,uint128)"

    def __init__(self, lot: bytes, wanted: int, left: int) -> None:
        super().__init__(lot=lot, wanted=wanted, left=left)
        self.lot = lot
        self.wanted = wanted
        self.left = left

    @classmethod
    def from_data(cls, data: bytes) -> LotQuantityExceeded:
        """Reads the arguments behind the selector."""
        values = codec.decode("LotQuantityExceeded", ("bytes32", "uint128", "uint128"), data)
        return cls(values[0], values[1], values[2])


class LotQuantityZero(ContractError):
    """The quantity is zero."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("f8d14a15")
    title = "The quantity is zero."
    signature = "LotQuantityZero(bytes32)"

    def __init__(self, lot: bytes) -> None:
        super().__init__(lot=lot)
        self.lot = lot

    @classmethod
    def from_data(cls, data: bytes) -> LotQuantityZero:
        """Reads the arguments behind the selector."""
        values = codec.decode("LotQuantityZero", ("bytes32",), data)
        return cls(values[0])


class LotStateForbids(ContractError):
    """The lot's state does not allow this."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("9e4b529e")
    title = "The lot's state does not allow this."
    signature = "LotStateForbids(bytes32,uint8)"

    def __init__(self, lot: bytes, state: int) -> None:
        super().__init__(lot=lot, state=state)
        self.lot = lot
        self.state = state

    @classmethod
    def from_data(cls, data: bytes) -> LotStateForbids:
        """Reads the arguments behind the selector."""
        values = codec.decode("LotStateForbids", ("bytes32", "uint8"), data)
        return cls(values[0], values[1])


class LotUnitWrong(ContractError):
    """The unit is not the lot's, or none that lots have."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("815bc9a1")
    title = "The unit is not the lot's, or none that lots have."
    signature = "LotUnitWrong(bytes32,bytes3,bytes3)"

    def __init__(self, lot: bytes, wanted: bytes, given: bytes) -> None:
        super().__init__(lot=lot, wanted=wanted, given=given)
        self.lot = lot
        self.wanted = wanted
        self.given = given

    @classmethod
    def from_data(cls, data: bytes) -> LotUnitWrong:
        """Reads the arguments behind the selector."""
        values = codec.decode("LotUnitWrong", ("bytes32", "bytes3", "bytes3"), data)
        return cls(values[0], values[1], values[2])


class LotUnknown(ContractError):
    """Nobody registered the lot."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("5ceedb58")
    title = "Nobody registered the lot."
    signature = "LotUnknown(bytes32)"

    def __init__(self, lot: bytes) -> None:
        super().__init__(lot=lot)
        self.lot = lot

    @classmethod
    def from_data(cls, data: bytes) -> LotUnknown:
        """Reads the arguments behind the selector."""
        values = codec.decode("LotUnknown", ("bytes32",), data)
        return cls(values[0])


class NotFound(ContractError):
    """Not found."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("c5723b51")
    title = "Not found."
    signature = "NotFound()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> NotFound:
        """Reads the arguments behind the selector."""
        codec.decode("NotFound", (), data)
        return cls()


class NotPayable(ContractError):
    """Not payable."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("1574f9f3")
    title = "Not payable."
    signature = "NotPayable()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> NotPayable:
        """Reads the arguments behind the selector."""
        codec.decode("NotPayable", (), data)
        return cls()


class PartyAliasTaken(ContractError):
    """The identifier already belongs to a party."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("bfcad331")
    title = "The identifier already belongs to a party."
    signature = "PartyAliasTaken(bytes32,uint32)"

    def __init__(self, alias_key: bytes, party: int) -> None:
        super().__init__(alias_key=alias_key, party=party)
        self.alias_key = alias_key
        self.party = party

    @classmethod
    def from_data(cls, data: bytes) -> PartyAliasTaken:
        """Reads the arguments behind the selector."""
        values = codec.decode("PartyAliasTaken", ("bytes32", "uint32"), data)
        return cls(values[0], values[1])


class PartyCallerNotAllowed(ContractError):
    """The caller lacks the role."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("0ebe6c1f")
    title = "The caller lacks the role."
    signature = "PartyCallerNotAllowed(address,uint64)"

    def __init__(self, caller: bytes, role: int) -> None:
        super().__init__(caller=caller, role=role)
        self.caller = caller
        self.role = role

    @classmethod
    def from_data(cls, data: bytes) -> PartyCallerNotAllowed:
        """Reads the arguments behind the selector."""
        values = codec.decode("PartyCallerNotAllowed", ("address", "uint64"), data)
        return cls(values[0], values[1])


class PartyCredentialExpired(ContractError):
    """The credential's time has ended or is empty."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("17e4c9dd")
    title = "The credential's time has ended or is empty."
    signature = "PartyCredentialExpired(uint32,uint8,uint40)"

    def __init__(self, party: int, kind: int, until: int) -> None:
        super().__init__(party=party, kind=kind, until=until)
        self.party = party
        self.kind = kind
        self.until = until

    @classmethod
    def from_data(cls, data: bytes) -> PartyCredentialExpired:
        """Reads the arguments behind the selector."""
        values = codec.decode("PartyCredentialExpired", ("uint32", "uint8", "uint40"), data)
        return cls(values[0], values[1], values[2])


class PartyCredentialIssuerWrong(ContractError):
    """A party may not issue this credential, and nobody issues one to itself."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("7d3bd7ff")
    title = "A party may not issue this credential, and nobody issues one to itself."
    signature = "PartyCredentialIssuerWrong(uint32,uint8,uint32)"

    def __init__(self, party: int, kind: int, issuer: int) -> None:
        super().__init__(party=party, kind=kind, issuer=issuer)
        self.party = party
        self.kind = kind
        self.issuer = issuer

    @classmethod
    def from_data(cls, data: bytes) -> PartyCredentialIssuerWrong:
        """Reads the arguments behind the selector."""
        values = codec.decode("PartyCredentialIssuerWrong", ("uint32", "uint8", "uint32"), data)
        return cls(values[0], values[1], values[2])


class PartyCredentialMissing(ContractError):
    """The party has no such credential."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("443b7484")
    title = "The party has no such credential."
    signature = "PartyCredentialMissing(uint32,uint8)"

    def __init__(self, party: int, kind: int) -> None:
        super().__init__(party=party, kind=kind)
        self.party = party
        self.kind = kind

    @classmethod
    def from_data(cls, data: bytes) -> PartyCredentialMissing:
        """Reads the arguments behind the selector."""
        values = codec.decode("PartyCredentialMissing", ("uint32", "uint8"), data)
        return cls(values[0], values[1])


class PartyMergeCycle(ContractError):
    """A party cannot take its own place."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("5178e9aa")
    title = "A party cannot take its own place."
    signature = "PartyMergeCycle(uint32,uint32)"

    def __init__(self, from_: int, into: int) -> None:
        super().__init__(from_=from_, into=into)
        self.from_ = from_
        self.into = into

    @classmethod
    def from_data(cls, data: bytes) -> PartyMergeCycle:
        """Reads the arguments behind the selector."""
        values = codec.decode("PartyMergeCycle", ("uint32", "uint32"), data)
        return cls(values[0], values[1])


class PartyNotActive(ContractError):
    """The party is not active."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("7f234392")
    title = "The party is not active."
    signature = "PartyNotActive(uint32,uint8)"

    def __init__(self, party: int, status: int) -> None:
        super().__init__(party=party, status=status)
        self.party = party
        self.status = status

    @classmethod
    def from_data(cls, data: bytes) -> PartyNotActive:
        """Reads the arguments behind the selector."""
        values = codec.decode("PartyNotActive", ("uint32", "uint8"), data)
        return cls(values[0], values[1])


class PartyPowerMissing(ContractError):
    """The wallet lacks a power that this act needs."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("cb7f0cb9")
    title = "The wallet lacks a power that this act needs."
    signature = "PartyPowerMissing(address,uint16,uint16)"

    def __init__(self, account: bytes, need: int, has: int) -> None:
        super().__init__(account=account, need=need, has=has)
        self.account = account
        self.need = need
        self.has = has

    @classmethod
    def from_data(cls, data: bytes) -> PartyPowerMissing:
        """Reads the arguments behind the selector."""
        values = codec.decode("PartyPowerMissing", ("address", "uint16", "uint16"), data)
        return cls(values[0], values[1], values[2])


class PartyUnknown(ContractError):
    """The account acts for no party."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("c850a39a")
    title = "The account acts for no party."
    signature = "PartyUnknown(address)"

    def __init__(self, account: bytes) -> None:
        super().__init__(account=account)
        self.account = account

    @classmethod
    def from_data(cls, data: bytes) -> PartyUnknown:
        """Reads the arguments behind the selector."""
        values = codec.decode("PartyUnknown", ("address",), data)
        return cls(values[0])


class PartyVerificationExpired(ContractError):
    """The party's verification has ended."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("afc06cea")
    title = "The party's verification has ended."
    signature = "PartyVerificationExpired(uint32,uint40)"

    def __init__(self, party: int, until: int) -> None:
        super().__init__(party=party, until=until)
        self.party = party
        self.until = until

    @classmethod
    def from_data(cls, data: bytes) -> PartyVerificationExpired:
        """Reads the arguments behind the selector."""
        values = codec.decode("PartyVerificationExpired", ("uint32", "uint40"), data)
        return cls(values[0], values[1])


class PartyWalletExpired(ContractError):
    """The wallet may not act at this time."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("75f0331b")
    title = "The wallet may not act at this time."
    signature = "PartyWalletExpired(address,uint64)"

    def __init__(self, wallet: bytes, not_after: int) -> None:
        super().__init__(wallet=wallet, not_after=not_after)
        self.wallet = wallet
        self.not_after = not_after

    @classmethod
    def from_data(cls, data: bytes) -> PartyWalletExpired:
        """Reads the arguments behind the selector."""
        values = codec.decode("PartyWalletExpired", ("address", "uint64"), data)
        return cls(values[0], values[1])


class PartyWalletTaken(ContractError):
    """The wallet already belongs to a party."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("9eec257d")
    title = "The wallet already belongs to a party."
    signature = "PartyWalletTaken(address,uint32)"

    def __init__(self, wallet: bytes, party: int) -> None:
        super().__init__(wallet=wallet, party=party)
        self.wallet = wallet
        self.party = party

    @classmethod
    def from_data(cls, data: bytes) -> PartyWalletTaken:
        """Reads the arguments behind the selector."""
        values = codec.decode("PartyWalletTaken", ("address", "uint32"), data)
        return cls(values[0], values[1])


class PinCallerNotAllowed(ContractError):
    """The caller lacks the role."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("a6a3568d")
    title = "The caller lacks the role."
    signature = "PinCallerNotAllowed(address,uint64)"

    def __init__(self, caller: bytes, role: int) -> None:
        super().__init__(caller=caller, role=role)
        self.caller = caller
        self.role = role

    @classmethod
    def from_data(cls, data: bytes) -> PinCallerNotAllowed:
        """Reads the arguments behind the selector."""
        values = codec.decode("PinCallerNotAllowed", ("address", "uint64"), data)
        return cls(values[0], values[1])


class PinCallerNotPinner(ContractError):
    """The caller does not pin this stream."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("90e16d3e")
    title = "The caller does not pin this stream."
    signature = "PinCallerNotPinner(address,address)"

    def __init__(self, caller: bytes, pinner: bytes) -> None:
        super().__init__(caller=caller, pinner=pinner)
        self.caller = caller
        self.pinner = pinner

    @classmethod
    def from_data(cls, data: bytes) -> PinCallerNotPinner:
        """Reads the arguments behind the selector."""
        values = codec.decode("PinCallerNotPinner", ("address", "address"), data)
        return cls(values[0], values[1])


class PinChallengeStateWrong(ContractError):
    """The challenge's state does not allow this."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("09fcb8a6")
    title = "The challenge's state does not allow this."
    signature = "PinChallengeStateWrong(bytes32,uint64,uint8)"

    def __init__(self, stream: bytes, sequence: int, state: int) -> None:
        super().__init__(stream=stream, sequence=sequence, state=state)
        self.stream = stream
        self.sequence = sequence
        self.state = state

    @classmethod
    def from_data(cls, data: bytes) -> PinChallengeStateWrong:
        """Reads the arguments behind the selector."""
        values = codec.decode("PinChallengeStateWrong", ("bytes32", "uint64", "uint8"), data)
        return cls(values[0], values[1], values[2])


class PinChallengeTime(ContractError):
    """The time to answer has passed, or has not passed yet."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("e4b5d4b0")
    title = "The time to answer has passed, or has not passed yet."
    signature = "PinChallengeTime(uint64,uint256)"

    def __init__(self, answer_until: int, timestamp: int) -> None:
        super().__init__(answer_until=answer_until, timestamp=timestamp)
        self.answer_until = answer_until
        self.timestamp = timestamp

    @classmethod
    def from_data(cls, data: bytes) -> PinChallengeTime:
        """Reads the arguments behind the selector."""
        values = codec.decode("PinChallengeTime", ("uint64", "uint256"), data)
        return cls(values[0], values[1])


class PinEmptyMismatch(ContractError):
    """A pin without records has the empty root and no sums; one with records has a root of its own."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("c3e04c57")
    title = "A pin without records has the empty root and no sums; one with records has a root of its own."
    signature = "PinEmptyMismatch(uint32,bytes32,uint128,uint128)"

    def __init__(self, count: int, root: bytes, amount: int, mass: int) -> None:
        super().__init__(count=count, root=root, amount=amount, mass=mass)
        self.count = count
        self.root = root
        self.amount = amount
        self.mass = mass

    @classmethod
    def from_data(cls, data: bytes) -> PinEmptyMismatch:
        """Reads the arguments behind the selector."""
        values = codec.decode("PinEmptyMismatch", ("uint32", "bytes32", "uint128", "uint128"), data)
        return cls(values[0], values[1], values[2], values[3])


class PinPreviousRootWrong(ContractError):
    """The pin does not continue from the stream's root."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("bbb5a99a")
    title = "The pin does not continue from the stream's root."
    signature = "PinPreviousRootWrong(bytes32,bytes32)"

    def __init__(self, expected: bytes, given: bytes) -> None:
        super().__init__(expected=expected, given=given)
        self.expected = expected
        self.given = given

    @classmethod
    def from_data(cls, data: bytes) -> PinPreviousRootWrong:
        """Reads the arguments behind the selector."""
        values = codec.decode("PinPreviousRootWrong", ("bytes32", "bytes32"), data)
        return cls(values[0], values[1])


class PinRootNotKept(ContractError):
    """The root of this pin is not kept on chain."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("4f99a7ae")
    title = "The root of this pin is not kept on chain."
    signature = "PinRootNotKept(bytes32,uint64)"

    def __init__(self, stream: bytes, sequence: int) -> None:
        super().__init__(stream=stream, sequence=sequence)
        self.stream = stream
        self.sequence = sequence

    @classmethod
    def from_data(cls, data: bytes) -> PinRootNotKept:
        """Reads the arguments behind the selector."""
        values = codec.decode("PinRootNotKept", ("bytes32", "uint64"), data)
        return cls(values[0], values[1])


class PinSequenceGap(ContractError):
    """Pins of a stream follow one another without a gap."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("3af5e1ea")
    title = "Pins of a stream follow one another without a gap."
    signature = "PinSequenceGap(uint64,uint64)"

    def __init__(self, expected: int, given: int) -> None:
        super().__init__(expected=expected, given=given)
        self.expected = expected
        self.given = given

    @classmethod
    def from_data(cls, data: bytes) -> PinSequenceGap:
        """Reads the arguments behind the selector."""
        values = codec.decode("PinSequenceGap", ("uint64", "uint64"), data)
        return cls(values[0], values[1])


class PinStreamIncomplete(ContractError):
    """A stream needs an active owner and a pinner."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("8a97652f")
    title = "A stream needs an active owner and a pinner."
    signature = "PinStreamIncomplete(uint32,address)"

    def __init__(self, owner: int, pinner: bytes) -> None:
        super().__init__(owner=owner, pinner=pinner)
        self.owner = owner
        self.pinner = pinner

    @classmethod
    def from_data(cls, data: bytes) -> PinStreamIncomplete:
        """Reads the arguments behind the selector."""
        values = codec.decode("PinStreamIncomplete", ("uint32", "address"), data)
        return cls(values[0], values[1])


class PinStreamOpen(ContractError):
    """The stream is already open."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("3fec075d")
    title = "The stream is already open."
    signature = "PinStreamOpen(bytes32)"

    def __init__(self, stream: bytes) -> None:
        super().__init__(stream=stream)
        self.stream = stream

    @classmethod
    def from_data(cls, data: bytes) -> PinStreamOpen:
        """Reads the arguments behind the selector."""
        values = codec.decode("PinStreamOpen", ("bytes32",), data)
        return cls(values[0])


class PinStreamUnknown(ContractError):
    """The stream is not open."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("100ea50e")
    title = "The stream is not open."
    signature = "PinStreamUnknown(bytes32)"

    def __init__(self, stream: bytes) -> None:
        super().__init__(stream=stream)
        self.stream = stream

    @classmethod
    def from_data(cls, data: bytes) -> PinStreamUnknown:
        """Reads the arguments behind the selector."""
        values = codec.decode("PinStreamUnknown", ("bytes32",), data)
        return cls(values[0])


class PinTimeWrong(ContractError):
    """The pin's times do not fit each other, the pin before, or the block."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("0e888c18")
    title = "The pin's times do not fit each other, the pin before, or the block."
    signature = "PinTimeWrong(uint64,uint64,uint64,uint256)"

    def __init__(self, first_at: int, last_at: int, sealed_at: int, timestamp: int) -> None:
        super().__init__(first_at=first_at, last_at=last_at, sealed_at=sealed_at, timestamp=timestamp)
        self.first_at = first_at
        self.last_at = last_at
        self.sealed_at = sealed_at
        self.timestamp = timestamp

    @classmethod
    def from_data(cls, data: bytes) -> PinTimeWrong:
        """Reads the arguments behind the selector."""
        values = codec.decode("PinTimeWrong", ("uint64", "uint64", "uint64", "uint256"), data)
        return cls(values[0], values[1], values[2], values[3])


class PinUnsummed(ContractError):
    """An unsummed stream carries no amounts and masses."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("0e46e2ff")
    title = "An unsummed stream carries no amounts and masses."
    signature = "PinUnsummed(uint128,uint128)"

    def __init__(self, amount: int, mass: int) -> None:
        super().__init__(amount=amount, mass=mass)
        self.amount = amount
        self.mass = mass

    @classmethod
    def from_data(cls, data: bytes) -> PinUnsummed:
        """Reads the arguments behind the selector."""
        values = codec.decode("PinUnsummed", ("uint128", "uint128"), data)
        return cls(values[0], values[1])


class ProofIndexTooLarge(ContractError):
    """The leaf's index is not below the number of leaves."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("e1b1cd27")
    title = "The leaf's index is not below the number of leaves."
    signature = "ProofIndexTooLarge(uint64,uint64)"

    def __init__(self, index: int, size: int) -> None:
        super().__init__(index=index, size=size)
        self.index = index
        self.size = size

    @classmethod
    def from_data(cls, data: bytes) -> ProofIndexTooLarge:
        """Reads the arguments behind the selector."""
        values = codec.decode("ProofIndexTooLarge", ("uint64", "uint64"), data)
        return cls(values[0], values[1])


class ProofPathLength(ContractError):
    """The path has another number of siblings than the tree's shape asks for."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("b2f7fe75")
    title = "The path has another number of siblings than the tree's shape asks for."
    signature = "ProofPathLength(uint256,uint256)"

    def __init__(self, expected: int, given: int) -> None:
        super().__init__(expected=expected, given=given)
        self.expected = expected
        self.given = given

    @classmethod
    def from_data(cls, data: bytes) -> ProofPathLength:
        """Reads the arguments behind the selector."""
        values = codec.decode("ProofPathLength", ("uint256", "uint256"), data)
        return cls(values[0], values[1])


class ProofSumOverflow(ContractError):
    """A sum over the leaves passes 128 bits."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("655e8a22")
    title = "A sum over the leaves passes 128 bits."
    signature = "ProofSumOverflow(uint128,uint128)"

    def __init__(self, left: int, right: int) -> None:
        super().__init__(left=left, right=right)
        self.left = left
        self.right = right

    @classmethod
    def from_data(cls, data: bytes) -> ProofSumOverflow:
        """Reads the arguments behind the selector."""
        values = codec.decode("ProofSumOverflow", ("uint128", "uint128"), data)
        return cls(values[0], values[1])


class SafeCastOverflowedUintDowncast(ContractError):
    """Safe cast overflowed uint downcast."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("6dfcc650")
    title = "Safe cast overflowed uint downcast."
    signature = "SafeCastOverflowedUintDowncast(uint8,uint256)"

    def __init__(self, bits: int, value: int) -> None:
        super().__init__(bits=bits, value=value)
        self.bits = bits
        self.value = value

    @classmethod
    def from_data(cls, data: bytes) -> SafeCastOverflowedUintDowncast:
        """Reads the arguments behind the selector."""
        values = codec.decode("SafeCastOverflowedUintDowncast", ("uint8", "uint256"), data)
        return cls(values[0], values[1])


class SignatureExpired(ContractError):
    """The signature's deadline has passed."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("bfedba50")
    title = "The signature's deadline has passed."
    signature = "SignatureExpired(uint64,uint256)"

    def __init__(self, deadline: int, timestamp: int) -> None:
        super().__init__(deadline=deadline, timestamp=timestamp)
        self.deadline = deadline
        self.timestamp = timestamp

    @classmethod
    def from_data(cls, data: bytes) -> SignatureExpired:
        """Reads the arguments behind the selector."""
        values = codec.decode("SignatureExpired", ("uint64", "uint256"), data)
        return cls(values[0], values[1])


class SignatureInvalid(ContractError):
    """The signature is not this signer's over this digest."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("2a09901e")
    title = "The signature is not this signer's over this digest."
    signature = "SignatureInvalid(address,bytes32)"

    def __init__(self, signer: bytes, digest: bytes) -> None:
        super().__init__(signer=signer, digest=digest)
        self.signer = signer
        self.digest = digest

    @classmethod
    def from_data(cls, data: bytes) -> SignatureInvalid:
        """Reads the arguments behind the selector."""
        values = codec.decode("SignatureInvalid", ("address", "bytes32"), data)
        return cls(values[0], values[1])


class StringTooLong(ContractError):
    """String too long."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("305a27a9")
    title = "String too long."
    signature = "StringTooLong(string)"

    def __init__(self, str: str) -> None:
        super().__init__(str=str)
        self.str = str

    @classmethod
    def from_data(cls, data: bytes) -> StringTooLong:
        """Reads the arguments behind the selector."""
        values = codec.decode("StringTooLong", ("string",), data)
        return cls(values[0])


class WrongSchema(ContractError):
    """Wrong schema."""

    SELECTOR: ClassVar[bytes] = bytes.fromhex("21b8eeb9")
    title = "Wrong schema."
    signature = "WrongSchema()"

    def __init__(self) -> None:
        super().__init__()

    @classmethod
    def from_data(cls, data: bytes) -> WrongSchema:
        """Reads the arguments behind the selector."""
        codec.decode("WrongSchema", (), data)
        return cls()


ERRORS: Final[Mapping[bytes, Callable[[bytes], ContractError]]] = {
    AccessCodeHashWrong.SELECTOR: AccessCodeHashWrong.from_data,
    AccessContractListed.SELECTOR: AccessContractListed.from_data,
    AccessDenied.SELECTOR: AccessDenied.from_data,
    AccessManagedInvalidAuthority.SELECTOR: AccessManagedInvalidAuthority.from_data,
    AccessManagedRequiredDelay.SELECTOR: AccessManagedRequiredDelay.from_data,
    AccessManagedUnauthorized.SELECTOR: AccessManagedUnauthorized.from_data,
    AccessManagerAlreadyScheduled.SELECTOR: AccessManagerAlreadyScheduled.from_data,
    AccessManagerBadConfirmation.SELECTOR: AccessManagerBadConfirmation.from_data,
    AccessManagerExpired.SELECTOR: AccessManagerExpired.from_data,
    AccessManagerInvalidInitialAdmin.SELECTOR: AccessManagerInvalidInitialAdmin.from_data,
    AccessManagerLockedRole.SELECTOR: AccessManagerLockedRole.from_data,
    AccessManagerNotReady.SELECTOR: AccessManagerNotReady.from_data,
    AccessManagerNotScheduled.SELECTOR: AccessManagerNotScheduled.from_data,
    AccessManagerUnauthorizedAccount.SELECTOR: AccessManagerUnauthorizedAccount.from_data,
    AccessManagerUnauthorizedCall.SELECTOR: AccessManagerUnauthorizedCall.from_data,
    AccessManagerUnauthorizedCancel.SELECTOR: AccessManagerUnauthorizedCancel.from_data,
    AccessManagerUnauthorizedConsume.SELECTOR: AccessManagerUnauthorizedConsume.from_data,
    AddressEmptyCode.SELECTOR: AddressEmptyCode.from_data,
    AlreadyExists.SELECTOR: AlreadyExists.from_data,
    AlreadyRevoked.SELECTOR: AlreadyRevoked.from_data,
    AlreadyRevokedOffchain.SELECTOR: AlreadyRevokedOffchain.from_data,
    AlreadyTimestamped.SELECTOR: AlreadyTimestamped.from_data,
    AttestationAlreadySuperseded.SELECTOR: AttestationAlreadySuperseded.from_data,
    AttestationDataMalformed.SELECTOR: AttestationDataMalformed.from_data,
    AttestationEnded.SELECTOR: AttestationEnded.from_data,
    AttestationNotYours.SELECTOR: AttestationNotYours.from_data,
    AttestationReferenceInvalid.SELECTOR: AttestationReferenceInvalid.from_data,
    AttestationRoleMissing.SELECTOR: AttestationRoleMissing.from_data,
    AttestationSchemaUnknown.SELECTOR: AttestationSchemaUnknown.from_data,
    AttestationTermsWrong.SELECTOR: AttestationTermsWrong.from_data,
    AttestationTimesWrong.SELECTOR: AttestationTimesWrong.from_data,
    AttestationValueNotZero.SELECTOR: AttestationValueNotZero.from_data,
    CertificateKindUnknown.SELECTOR: CertificateKindUnknown.from_data,
    CertificateNumberUsed.SELECTOR: CertificateNumberUsed.from_data,
    CertificateParentsExceeded.SELECTOR: CertificateParentsExceeded.from_data,
    CertificateParentsTooMany.SELECTOR: CertificateParentsTooMany.from_data,
    CustodyNotRecipient.SELECTOR: CustodyNotRecipient.from_data,
    CustodyOfferClosed.SELECTOR: CustodyOfferClosed.from_data,
    CustodyOfferOpen.SELECTOR: CustodyOfferOpen.from_data,
    CustodyQuantityExceeded.SELECTOR: CustodyQuantityExceeded.from_data,
    DeadlineExpired.SELECTOR: DeadlineExpired.from_data,
    DeviceAlreadyEnrolled.SELECTOR: DeviceAlreadyEnrolled.from_data,
    DeviceAssignmentInPast.SELECTOR: DeviceAssignmentInPast.from_data,
    DeviceCallerNotAllowed.SELECTOR: DeviceCallerNotAllowed.from_data,
    DeviceClassWrong.SELECTOR: DeviceClassWrong.from_data,
    DeviceEnrolmentExpired.SELECTOR: DeviceEnrolmentExpired.from_data,
    DeviceForkSameRecord.SELECTOR: DeviceForkSameRecord.from_data,
    DeviceForkUnrelated.SELECTOR: DeviceForkUnrelated.from_data,
    DeviceKeyEpochUnknown.SELECTOR: DeviceKeyEpochUnknown.from_data,
    DeviceKeyInUse.SELECTOR: DeviceKeyInUse.from_data,
    DeviceKeyTypeUnsupported.SELECTOR: DeviceKeyTypeUnsupported.from_data,
    DeviceMetrologyInterval.SELECTOR: DeviceMetrologyInterval.from_data,
    DeviceNonceUsed.SELECTOR: DeviceNonceUsed.from_data,
    DeviceOwnerWrong.SELECTOR: DeviceOwnerWrong.from_data,
    DevicePossessionInvalid.SELECTOR: DevicePossessionInvalid.from_data,
    DeviceReplacementNeedsAnother.SELECTOR: DeviceReplacementNeedsAnother.from_data,
    DeviceRevokedFromTooEarly.SELECTOR: DeviceRevokedFromTooEarly.from_data,
    DeviceRevokedFromTooLate.SELECTOR: DeviceRevokedFromTooLate.from_data,
    DeviceRotationMismatch.SELECTOR: DeviceRotationMismatch.from_data,
    DeviceStatusWrong.SELECTOR: DeviceStatusWrong.from_data,
    DeviceUnknown.SELECTOR: DeviceUnknown.from_data,
    DeviceVerifierWrong.SELECTOR: DeviceVerifierWrong.from_data,
    FailedCall.SELECTOR: FailedCall.from_data,
    InsufficientBalance.SELECTOR: InsufficientBalance.from_data,
    InsufficientValue.SELECTOR: InsufficientValue.from_data,
    InvalidAttestation.SELECTOR: InvalidAttestation.from_data,
    InvalidAttestations.SELECTOR: InvalidAttestations.from_data,
    InvalidEAS.SELECTOR: InvalidEAS.from_data,
    InvalidExpirationTime.SELECTOR: InvalidExpirationTime.from_data,
    InvalidLength.SELECTOR: InvalidLength.from_data,
    InvalidNonce.SELECTOR: InvalidNonce.from_data,
    InvalidOffset.SELECTOR: InvalidOffset.from_data,
    InvalidRegistry.SELECTOR: InvalidRegistry.from_data,
    InvalidRevocation.SELECTOR: InvalidRevocation.from_data,
    InvalidRevocations.SELECTOR: InvalidRevocations.from_data,
    InvalidSchema.SELECTOR: InvalidSchema.from_data,
    InvalidShortString.SELECTOR: InvalidShortString.from_data,
    InvalidSignature.SELECTOR: InvalidSignature.from_data,
    InvalidVerifier.SELECTOR: InvalidVerifier.from_data,
    Irrevocable.SELECTOR: Irrevocable.from_data,
    LabReportResultUnknown.SELECTOR: LabReportResultUnknown.from_data,
    LotAlreadyRegistered.SELECTOR: LotAlreadyRegistered.from_data,
    LotCallerNotAllowed.SELECTOR: LotCallerNotAllowed.from_data,
    LotQuantityExceeded.SELECTOR: LotQuantityExceeded.from_data,
    LotQuantityZero.SELECTOR: LotQuantityZero.from_data,
    LotStateForbids.SELECTOR: LotStateForbids.from_data,
    LotUnitWrong.SELECTOR: LotUnitWrong.from_data,
    LotUnknown.SELECTOR: LotUnknown.from_data,
    NotFound.SELECTOR: NotFound.from_data,
    NotPayable.SELECTOR: NotPayable.from_data,
    PartyAliasTaken.SELECTOR: PartyAliasTaken.from_data,
    PartyCallerNotAllowed.SELECTOR: PartyCallerNotAllowed.from_data,
    PartyCredentialExpired.SELECTOR: PartyCredentialExpired.from_data,
    PartyCredentialIssuerWrong.SELECTOR: PartyCredentialIssuerWrong.from_data,
    PartyCredentialMissing.SELECTOR: PartyCredentialMissing.from_data,
    PartyMergeCycle.SELECTOR: PartyMergeCycle.from_data,
    PartyNotActive.SELECTOR: PartyNotActive.from_data,
    PartyPowerMissing.SELECTOR: PartyPowerMissing.from_data,
    PartyUnknown.SELECTOR: PartyUnknown.from_data,
    PartyVerificationExpired.SELECTOR: PartyVerificationExpired.from_data,
    PartyWalletExpired.SELECTOR: PartyWalletExpired.from_data,
    PartyWalletTaken.SELECTOR: PartyWalletTaken.from_data,
    PinCallerNotAllowed.SELECTOR: PinCallerNotAllowed.from_data,
    PinCallerNotPinner.SELECTOR: PinCallerNotPinner.from_data,
    PinChallengeStateWrong.SELECTOR: PinChallengeStateWrong.from_data,
    PinChallengeTime.SELECTOR: PinChallengeTime.from_data,
    PinEmptyMismatch.SELECTOR: PinEmptyMismatch.from_data,
    PinPreviousRootWrong.SELECTOR: PinPreviousRootWrong.from_data,
    PinRootNotKept.SELECTOR: PinRootNotKept.from_data,
    PinSequenceGap.SELECTOR: PinSequenceGap.from_data,
    PinStreamIncomplete.SELECTOR: PinStreamIncomplete.from_data,
    PinStreamOpen.SELECTOR: PinStreamOpen.from_data,
    PinStreamUnknown.SELECTOR: PinStreamUnknown.from_data,
    PinTimeWrong.SELECTOR: PinTimeWrong.from_data,
    PinUnsummed.SELECTOR: PinUnsummed.from_data,
    ProofIndexTooLarge.SELECTOR: ProofIndexTooLarge.from_data,
    ProofPathLength.SELECTOR: ProofPathLength.from_data,
    ProofSumOverflow.SELECTOR: ProofSumOverflow.from_data,
    SafeCastOverflowedUintDowncast.SELECTOR: SafeCastOverflowedUintDowncast.from_data,
    SignatureExpired.SELECTOR: SignatureExpired.from_data,
    SignatureInvalid.SELECTOR: SignatureInvalid.from_data,
    StringTooLong.SELECTOR: StringTooLong.from_data,
    WrongSchema.SELECTOR: WrongSchema.from_data,
}


def decode_error(data: bytes) -> ContractError:
    """The exception for the data of a revert; RevertUnknown when no contract of ours declares it."""
    try:
        if data[:4] == bytes.fromhex("08c379a0"):
            return RevertUnknown(data, str(codec.decode("revert", ("string",), data[4:])[0]))
        if data[:4] == bytes.fromhex("4e487b71"):
            return RevertUnknown(data, f"panic 0x{codec.decode('panic', ('uint256',), data[4:])[0]:02x}")
        reader = ERRORS.get(data[:4])
        return RevertUnknown(data) if reader is None else reader(data[4:])
    except NodeAnswerWrong:
        return RevertUnknown(data)
