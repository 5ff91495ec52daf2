# Written by scripts/make_bindings.py from the compiler's artifacts. Do not edit.
"""The contract LedgerAccess: its structs, events, and calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from ledger_node.bindings import codec
from ledger_node.bindings.contract_errors import decode_error
from ledger_node.errors import EventMalformed

__all__ = ["CONTRACT_NAME", "Event", "decode_error", "decode_event"]

CONTRACT_NAME: Final = "LedgerAccess"


@dataclass(frozen=True, slots=True)
class ContractListed:
    """Emitted when a contract joins the ledger: its later events enter the checkpoint log."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("92f4def7b64f17932ee11f8dff58bc27f3b788059d5ca35ba46ddf5cba178708")
    noun: bytes
    listed: bytes
    code_hash: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> ContractListed:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("ContractListed", ("bytes32", "address"), ("bytes32",), topics, data)
        return cls(
            noun=keys[0],
            listed=keys[1],
            code_hash=values[0],
        )


@dataclass(frozen=True, slots=True)
class OperationCanceled:
    """The event `OperationCanceled`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("bd9ac67a6e2f6463b80927326310338bcbb4bdb7936ce1365ea3e01067e7b9f7")
    operation_id: bytes
    nonce: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> OperationCanceled:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("OperationCanceled", ("bytes32", "uint32"), (), topics, data)
        return cls(
            operation_id=keys[0],
            nonce=keys[1],
        )


@dataclass(frozen=True, slots=True)
class OperationExecuted:
    """The event `OperationExecuted`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("76a2a46953689d4861a5d3f6ed883ad7e6af674a21f8e162707159fc9dde614d")
    operation_id: bytes
    nonce: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> OperationExecuted:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("OperationExecuted", ("bytes32", "uint32"), (), topics, data)
        return cls(
            operation_id=keys[0],
            nonce=keys[1],
        )


@dataclass(frozen=True, slots=True)
class OperationScheduled:
    """The event `OperationScheduled`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("82a2da5dee54ea8021c6545b4444620291e07ee83be6dd57edb175062715f3b4")
    operation_id: bytes
    nonce: int
    schedule: int
    caller: bytes
    target: bytes
    data: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> OperationScheduled:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "OperationScheduled",
            ("bytes32", "uint32"),
            ("uint48", "address", "address", "bytes"),
            topics,
            data,
        )
        return cls(
            operation_id=keys[0],
            nonce=keys[1],
            schedule=values[0],
            caller=values[1],
            target=values[2],
            data=values[3],
        )


@dataclass(frozen=True, slots=True)
class RoleAdminChanged:
    """The event `RoleAdminChanged`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("1fd6dd7631312dfac2205b52913f99de03b4d7e381d5d27d3dbfe0713e6e6340")
    role_id: int
    admin: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> RoleAdminChanged:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("RoleAdminChanged", ("uint64", "uint64"), (), topics, data)
        return cls(
            role_id=keys[0],
            admin=keys[1],
        )


@dataclass(frozen=True, slots=True)
class RoleGrantDelayChanged:
    """The event `RoleGrantDelayChanged`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("feb69018ee8b8fd50ea86348f1267d07673379f72cffdeccec63853ee8ce8b48")
    role_id: int
    delay: int
    since: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> RoleGrantDelayChanged:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("RoleGrantDelayChanged", ("uint64",), ("uint32", "uint48"), topics, data)
        return cls(
            role_id=keys[0],
            delay=values[0],
            since=values[1],
        )


@dataclass(frozen=True, slots=True)
class RoleGranted:
    """The event `RoleGranted`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("f98448b987f1428e0e230e1f3c6e2ce15b5693eaf31827fbd0b1ec4b424ae7cf")
    role_id: int
    account: bytes
    delay: int
    since: int
    new_member: bool

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> RoleGranted:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log(
            "RoleGranted",
            ("uint64", "address"),
            ("uint32", "uint48", "bool"),
            topics,
            data,
        )
        return cls(
            role_id=keys[0],
            account=keys[1],
            delay=values[0],
            since=values[1],
            new_member=values[2],
        )


@dataclass(frozen=True, slots=True)
class RoleGuardianChanged:
    """The event `RoleGuardianChanged`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("7a8059630b897b5de4c08ade69f8b90c3ead1f8596d62d10b6c4d14a0afb4ae2")
    role_id: int
    guardian: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> RoleGuardianChanged:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("RoleGuardianChanged", ("uint64", "uint64"), (), topics, data)
        return cls(
            role_id=keys[0],
            guardian=keys[1],
        )


@dataclass(frozen=True, slots=True)
class RoleLabel:
    """The event `RoleLabel`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("1256f5b5ecb89caec12db449738f2fbcd1ba5806cf38f35413f4e5c15bf6a450")
    role_id: int
    label: str

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> RoleLabel:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("RoleLabel", ("uint64",), ("string",), topics, data)
        return cls(
            role_id=keys[0],
            label=values[0],
        )


@dataclass(frozen=True, slots=True)
class RoleRevoked:
    """The event `RoleRevoked`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("f229baa593af28c41b1d16b748cd7688f0c83aaf92d4be41c44005defe84c166")
    role_id: int
    account: bytes

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> RoleRevoked:
        """Reads the event of a log. Raises EventMalformed."""
        keys, _values = codec.decode_log("RoleRevoked", ("uint64", "address"), (), topics, data)
        return cls(
            role_id=keys[0],
            account=keys[1],
        )


@dataclass(frozen=True, slots=True)
class TargetAdminDelayUpdated:
    """The event `TargetAdminDelayUpdated`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("a56b76017453f399ec2327ba00375dbfb1fd070ff854341ad6191e6a2e2de19c")
    target: bytes
    delay: int
    since: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> TargetAdminDelayUpdated:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("TargetAdminDelayUpdated", ("address",), ("uint32", "uint48"), topics, data)
        return cls(
            target=keys[0],
            delay=values[0],
            since=values[1],
        )


@dataclass(frozen=True, slots=True)
class TargetClosed:
    """The event `TargetClosed`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("90d4e7bb7e5d933792b3562e1741306f8be94837e1348dacef9b6f1df56eb138")
    target: bytes
    closed: bool

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> TargetClosed:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("TargetClosed", ("address",), ("bool",), topics, data)
        return cls(
            target=keys[0],
            closed=values[0],
        )


@dataclass(frozen=True, slots=True)
class TargetFunctionRoleUpdated:
    """The event `TargetFunctionRoleUpdated`."""

    TOPIC: ClassVar[bytes] = bytes.fromhex("9ea6790c7dadfd01c9f8b9762b3682607af2c7e79e05a9f9fdf5580dde949151")
    target: bytes
    selector: bytes
    role_id: int

    @classmethod
    def from_log(cls, topics: Sequence[bytes], data: bytes) -> TargetFunctionRoleUpdated:
        """Reads the event of a log. Raises EventMalformed."""
        keys, values = codec.decode_log("TargetFunctionRoleUpdated", ("address", "uint64"), ("bytes4",), topics, data)
        return cls(
            target=keys[0],
            selector=values[0],
            role_id=keys[1],
        )


Event = (
    ContractListed
    | OperationCanceled
    | OperationExecuted
    | OperationScheduled
    | RoleAdminChanged
    | RoleGrantDelayChanged
    | RoleGranted
    | RoleGuardianChanged
    | RoleLabel
    | RoleRevoked
    | TargetAdminDelayUpdated
    | TargetClosed
    | TargetFunctionRoleUpdated
)

_READERS: Final[Mapping[bytes, Callable[[Sequence[bytes], bytes], Event]]] = {
    ContractListed.TOPIC: ContractListed.from_log,
    OperationCanceled.TOPIC: OperationCanceled.from_log,
    OperationExecuted.TOPIC: OperationExecuted.from_log,
    OperationScheduled.TOPIC: OperationScheduled.from_log,
    RoleAdminChanged.TOPIC: RoleAdminChanged.from_log,
    RoleGrantDelayChanged.TOPIC: RoleGrantDelayChanged.from_log,
    RoleGranted.TOPIC: RoleGranted.from_log,
    RoleGuardianChanged.TOPIC: RoleGuardianChanged.from_log,
    RoleLabel.TOPIC: RoleLabel.from_log,
    RoleRevoked.TOPIC: RoleRevoked.from_log,
    TargetAdminDelayUpdated.TOPIC: TargetAdminDelayUpdated.from_log,
    TargetClosed.TOPIC: TargetClosed.from_log,
    TargetFunctionRoleUpdated.TOPIC: TargetFunctionRoleUpdated.from_log,
}


def decode_event(topics: Sequence[bytes], data: bytes) -> Event:
    """The event of a log of this contract. Raises EventMalformed, also when it has no such event."""
    reader = _READERS.get(topics[0]) if topics else None
    if reader is None:
        raise EventMalformed("LedgerAccess has no event of this topic")
    return reader(topics, data)


def encode_constructor(admin: bytes) -> bytes:
    """The constructor's arguments, to stand behind the bytecode."""
    return codec.encode(("address",), [admin])


def encode_admin_role() -> bytes:
    """Call data of `ADMIN_ROLE`."""
    return bytes.fromhex("75b238fc")


def decode_admin_role_output(data: bytes) -> int:
    """What `ADMIN_ROLE` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("ADMIN_ROLE", ("uint64",), data)
    value: int = values[0]
    return value


def encode_public_role() -> bytes:
    """Call data of `PUBLIC_ROLE`."""
    return bytes.fromhex("3ca7c02a")


def decode_public_role_output(data: bytes) -> int:
    """What `PUBLIC_ROLE` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("PUBLIC_ROLE", ("uint64",), data)
    value: int = values[0]
    return value


def encode_can_call(caller: bytes, target: bytes, selector: bytes) -> bytes:
    """Call data of `canCall`."""
    return bytes.fromhex("b7009613") + codec.encode(("address", "address", "bytes4"), [caller, target, selector])


def decode_can_call_output(data: bytes) -> tuple[bool, int]:
    """What `canCall` answers: immediate, delay. Raises NodeAnswerWrong."""
    values = codec.decode("canCall", ("bool", "uint32"), data)
    return (values[0], values[1])


def encode_cancel(caller: bytes, target: bytes, data: bytes) -> bytes:
    """Call data of `cancel`."""
    return bytes.fromhex("d6bb62c6") + codec.encode(("address", "address", "bytes"), [caller, target, data])


def decode_cancel_output(data: bytes) -> int:
    """What `cancel` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("cancel", ("uint32",), data)
    value: int = values[0]
    return value


def encode_consume_scheduled_op(caller: bytes, data: bytes) -> bytes:
    """Call data of `consumeScheduledOp`."""
    return bytes.fromhex("94c7d7ee") + codec.encode(("address", "bytes"), [caller, data])


def encode_execute(target: bytes, data: bytes) -> bytes:
    """Call data of `execute`."""
    return bytes.fromhex("1cff79cd") + codec.encode(("address", "bytes"), [target, data])


def decode_execute_output(data: bytes) -> int:
    """What `execute` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("execute", ("uint32",), data)
    value: int = values[0]
    return value


def encode_expiration() -> bytes:
    """Call data of `expiration`."""
    return bytes.fromhex("4665096d")


def decode_expiration_output(data: bytes) -> int:
    """What `expiration` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("expiration", ("uint32",), data)
    value: int = values[0]
    return value


def encode_get_access(role_id: int, account: bytes) -> bytes:
    """Call data of `getAccess`."""
    return bytes.fromhex("3078f114") + codec.encode(("uint64", "address"), [role_id, account])


def decode_get_access_output(data: bytes) -> tuple[int, int, int, int]:
    """What `getAccess` answers: since, current_delay, pending_delay, effect. Raises NodeAnswerWrong."""
    values = codec.decode("getAccess", ("uint48", "uint32", "uint32", "uint48"), data)
    return (values[0], values[1], values[2], values[3])


def encode_get_nonce(id: bytes) -> bytes:
    """Call data of `getNonce`."""
    return bytes.fromhex("4136a33c") + codec.encode(("bytes32",), [id])


def decode_get_nonce_output(data: bytes) -> int:
    """What `getNonce` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getNonce", ("uint32",), data)
    value: int = values[0]
    return value


def encode_get_role_admin(role_id: int) -> bytes:
    """Call data of `getRoleAdmin`."""
    return bytes.fromhex("530dd456") + codec.encode(("uint64",), [role_id])


def decode_get_role_admin_output(data: bytes) -> int:
    """What `getRoleAdmin` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getRoleAdmin", ("uint64",), data)
    value: int = values[0]
    return value


def encode_get_role_grant_delay(role_id: int) -> bytes:
    """Call data of `getRoleGrantDelay`."""
    return bytes.fromhex("12be8727") + codec.encode(("uint64",), [role_id])


def decode_get_role_grant_delay_output(data: bytes) -> int:
    """What `getRoleGrantDelay` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getRoleGrantDelay", ("uint32",), data)
    value: int = values[0]
    return value


def encode_get_role_guardian(role_id: int) -> bytes:
    """Call data of `getRoleGuardian`."""
    return bytes.fromhex("0b0a93ba") + codec.encode(("uint64",), [role_id])


def decode_get_role_guardian_output(data: bytes) -> int:
    """What `getRoleGuardian` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getRoleGuardian", ("uint64",), data)
    value: int = values[0]
    return value


def encode_get_schedule(id: bytes) -> bytes:
    """Call data of `getSchedule`."""
    return bytes.fromhex("3adc277a") + codec.encode(("bytes32",), [id])


def decode_get_schedule_output(data: bytes) -> int:
    """What `getSchedule` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getSchedule", ("uint48",), data)
    value: int = values[0]
    return value


def encode_get_target_admin_delay(target: bytes) -> bytes:
    """Call data of `getTargetAdminDelay`."""
    return bytes.fromhex("4c1da1e2") + codec.encode(("address",), [target])


def decode_get_target_admin_delay_output(data: bytes) -> int:
    """What `getTargetAdminDelay` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getTargetAdminDelay", ("uint32",), data)
    value: int = values[0]
    return value


def encode_get_target_function_role(target: bytes, selector: bytes) -> bytes:
    """Call data of `getTargetFunctionRole`."""
    return bytes.fromhex("6d5115bd") + codec.encode(("address", "bytes4"), [target, selector])


def decode_get_target_function_role_output(data: bytes) -> int:
    """What `getTargetFunctionRole` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("getTargetFunctionRole", ("uint64",), data)
    value: int = values[0]
    return value


def encode_grant_role(role_id: int, account: bytes, execution_delay: int) -> bytes:
    """Call data of `grantRole`."""
    return bytes.fromhex("25c471a0") + codec.encode(
        ("uint64", "address", "uint32"),
        [role_id, account, execution_delay],
    )


def encode_has_role(role_id: int, account: bytes) -> bytes:
    """Call data of `hasRole`."""
    return bytes.fromhex("d1f856ee") + codec.encode(("uint64", "address"), [role_id, account])


def decode_has_role_output(data: bytes) -> tuple[bool, int]:
    """What `hasRole` answers: is_member, execution_delay. Raises NodeAnswerWrong."""
    values = codec.decode("hasRole", ("bool", "uint32"), data)
    return (values[0], values[1])


def encode_hash_operation(caller: bytes, target: bytes, data: bytes) -> bytes:
    """Call data of `hashOperation`."""
    return bytes.fromhex("abd9bd2a") + codec.encode(("address", "address", "bytes"), [caller, target, data])


def decode_hash_operation_output(data: bytes) -> bytes:
    """What `hashOperation` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("hashOperation", ("bytes32",), data)
    value: bytes = values[0]
    return value


def encode_is_listed(listed: bytes) -> bytes:
    """Whether `listContract` was called for this address. Contracts of the network file are not listed."""
    return bytes.fromhex("f794062e") + codec.encode(("address",), [listed])


def decode_is_listed_output(data: bytes) -> bool:
    """What `isListed` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("isListed", ("bool",), data)
    value: bool = values[0]
    return value


def encode_is_target_closed(target: bytes) -> bytes:
    """Call data of `isTargetClosed`."""
    return bytes.fromhex("a166aa89") + codec.encode(("address",), [target])


def decode_is_target_closed_output(data: bytes) -> bool:
    """What `isTargetClosed` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("isTargetClosed", ("bool",), data)
    value: bool = values[0]
    return value


def encode_label_role(role_id: int, label: str) -> bytes:
    """Call data of `labelRole`."""
    return bytes.fromhex("853551b8") + codec.encode(("uint64", "string"), [role_id, label])


def encode_list_contract(noun: bytes, listed: bytes, code_hash: bytes) -> bytes:
    """Lists a contract that was deployed after genesis. Only ADMIN."""
    return bytes.fromhex("eb0c288c") + codec.encode(("bytes32", "address", "bytes32"), [noun, listed, code_hash])


def encode_min_setback() -> bytes:
    """Call data of `minSetback`."""
    return bytes.fromhex("cc1b6c81")


def decode_min_setback_output(data: bytes) -> int:
    """What `minSetback` answers: value_0. Raises NodeAnswerWrong."""
    values = codec.decode("minSetback", ("uint32",), data)
    value: int = values[0]
    return value


def encode_multicall(data: tuple[bytes, ...]) -> bytes:
    """Call data of `multicall`."""
    return bytes.fromhex("ac9650d8") + codec.encode(("bytes[]",), [data])


def decode_multicall_output(data: bytes) -> tuple[bytes, ...]:
    """What `multicall` answers: results. Raises NodeAnswerWrong."""
    values = codec.decode("multicall", ("bytes[]",), data)
    value: tuple[bytes, ...] = tuple(values[0])
    return value


def encode_renounce_role(role_id: int, caller_confirmation: bytes) -> bytes:
    """Call data of `renounceRole`."""
    return bytes.fromhex("fe0776f5") + codec.encode(("uint64", "address"), [role_id, caller_confirmation])


def encode_revoke_role(role_id: int, account: bytes) -> bytes:
    """Call data of `revokeRole`."""
    return bytes.fromhex("b7d2b162") + codec.encode(("uint64", "address"), [role_id, account])


def encode_schedule(target: bytes, data: bytes, when: int) -> bytes:
    """Call data of `schedule`."""
    return bytes.fromhex("f801a698") + codec.encode(("address", "bytes", "uint48"), [target, data, when])


def decode_schedule_output(data: bytes) -> tuple[bytes, int]:
    """What `schedule` answers: operation_id, nonce. Raises NodeAnswerWrong."""
    values = codec.decode("schedule", ("bytes32", "uint32"), data)
    return (values[0], values[1])


def encode_set_grant_delay(role_id: int, new_delay: int) -> bytes:
    """Call data of `setGrantDelay`."""
    return bytes.fromhex("a64d95ce") + codec.encode(("uint64", "uint32"), [role_id, new_delay])


def encode_set_role_admin(role_id: int, admin: int) -> bytes:
    """Call data of `setRoleAdmin`."""
    return bytes.fromhex("30cae187") + codec.encode(("uint64", "uint64"), [role_id, admin])


def encode_set_role_guardian(role_id: int, guardian: int) -> bytes:
    """Call data of `setRoleGuardian`."""
    return bytes.fromhex("52962952") + codec.encode(("uint64", "uint64"), [role_id, guardian])


def encode_set_target_admin_delay(target: bytes, new_delay: int) -> bytes:
    """Call data of `setTargetAdminDelay`."""
    return bytes.fromhex("d22b5989") + codec.encode(("address", "uint32"), [target, new_delay])


def encode_set_target_closed(target: bytes, closed: bool) -> bytes:
    """Call data of `setTargetClosed`."""
    return bytes.fromhex("167bd395") + codec.encode(("address", "bool"), [target, closed])


def encode_set_target_function_role(target: bytes, selectors: tuple[bytes, ...], role_id: int) -> bytes:
    """Call data of `setTargetFunctionRole`."""
    return bytes.fromhex("08d6122d") + codec.encode(("address", "bytes4[]", "uint64"), [target, selectors, role_id])


def encode_update_authority(target: bytes, new_authority: bytes) -> bytes:
    """Call data of `updateAuthority`."""
    return bytes.fromhex("18ff183c") + codec.encode(("address", "address"), [target, new_authority])
