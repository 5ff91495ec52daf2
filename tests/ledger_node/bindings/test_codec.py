"""Bindings read back what they write, read what contracts say, and refuse every other form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.bindings import codec, contract_errors, device_registry, party_registry, pin_registry
from ledger_node.domain.device import DeviceStatus
from ledger_node.domain.device_key import KeyType
from ledger_node.domain.digest import keccak256
from ledger_node.domain.enrolment import DeviceEnrolment
from ledger_node.errors import ContractError, EventMalformed, NodeAnswerWrong, RevertUnknown
from tests.support.chain import DEVICES, Chain, a_key

WORD = st.binary(min_size=32, max_size=32)
UINT128 = st.integers(0, 2**128 - 1)
UINT64 = st.integers(0, 2**64 - 1)


@given(st.builds(
    pin_registry.PinHeader, root=WORD, previous_root=WORD, count=st.integers(0, 2**32 - 1), amount=UINT128,
    mass=UINT128, first_at=UINT64, last_at=UINT64, sealed_at=UINT64, content=WORD, lots=WORD, rules=WORD,
), WORD, UINT64)  # fmt: skip
def test_an_event_is_read_back(header: pin_registry.PinHeader, stream: bytes, sequence: int) -> None:
    kind = "(bytes32,bytes32,uint32,uint128,uint128,uint64,uint64,uint64,bytes32,bytes32,bytes32)"
    data = codec.encode([kind], [header.to_abi()])
    topics = [pin_registry.Pinned.TOPIC, stream, sequence.to_bytes(32, "big")]
    assert pin_registry.decode_event(topics, data) == pin_registry.Pinned(stream, sequence, header)


def a_pinned() -> tuple[list[bytes], bytes]:
    return [pin_registry.Pinned.TOPIC, bytes(32), (1).to_bytes(32, "big")], bytes(32 * 11)


def test_the_topic_is_the_hash_of_the_signature() -> None:
    assert keccak256(b"PinnerSet(bytes32,address)") == pin_registry.PinnerSet.TOPIC


@pytest.mark.parametrize("change", ["none", "unknown", "fewer", "more", "long topic", "padding", "short", "longer"])
def test_an_event_of_another_form_is_refused(change: str) -> None:
    topics, data = a_pinned()
    assert pin_registry.decode_event(topics, data)
    if change == "none":
        topics = []
    elif change == "unknown":
        topics[0] = b"\7" * 32
    elif change == "fewer":
        topics.pop()
    elif change == "more":
        topics.append(bytes(32))
    elif change == "long topic":
        topics[1] += b"\0"
    elif change == "padding":
        topics[2] = b"\1" + topics[2][1:]
    elif change == "short":
        data = data[:-1]
    else:
        data += bytes(32)
    with pytest.raises(EventMalformed):
        pin_registry.decode_event(topics, data)


def test_data_that_point_elsewhere_are_refused(chain: Chain) -> None:
    log = next(
        log
        for log in chain.node.logs_by_range(0, chain.node.block_number(), [chain.deployment.address("device")])
        if log.topics[0] == device_registry.DeviceEnrolled.TOPIC
    )
    event = device_registry.decode_event(log.topics, log.data)
    assert isinstance(event, device_registry.DeviceEnrolled)
    # The same words behind a gap: a decoder that follows any offset would read the same event from other bytes.
    moved = (64).to_bytes(32, "big") + bytes(32) + log.data[32:]
    with pytest.raises(EventMalformed, match="not in the form"):
        device_registry.decode_event(log.topics, moved)


def test_the_chains_events_are_read_with_all_they_carry(chain: Chain) -> None:
    seen: dict[bytes, device_registry.DeviceState] = {}
    for log in chain.node.logs_by_range(0, chain.node.block_number(), [chain.deployment.address("device")]):
        event = device_registry.decode_event(log.topics, log.data)
        if not isinstance(event, device_registry.DeviceKeyReplacementProposed):
            seen[event.device] = event.state
    for device in DEVICES:
        state = seen[keccak256(device.name.encode())]
        assert state == chain.device(device.name)
        assert state.public_keys == (a_key(device.name).public_key,)
        assert state.status == DeviceStatus.ACTIVE
        assert state.keys[0].from_ == state.enrolled_at


def test_every_event_of_the_ledger_on_chain_decodes(chain: Chain) -> None:
    modules = {"party": party_registry, "device": device_registry, "trace": pin_registry}
    for noun, module in modules.items():
        logs = chain.node.logs_by_range(0, chain.node.block_number(), [chain.deployment.address(noun)])
        assert logs
        for log in logs:
            module.decode_event(log.topics, log.data)


@pytest.mark.parametrize("key_type", [KeyType.SECP256K1, KeyType.P256, KeyType.ED25519])
def test_an_enrolment_hashes_alike_here_and_in_the_contract(chain: Chain, key_type: KeyType) -> None:
    key = a_key("hash me", key_type)
    values = (keccak256(b"device"), 3, key.key_hash, key_type, 2**255, 2**63)
    data = device_registry.encode_enrolment_digest(device_registry.DeviceEnrolment(*values))
    answer = chain.node.call(chain.deployment.address("device"), data)
    ours = DeviceEnrolment(*values).digest(chain.signing_domain)
    assert device_registry.decode_enrolment_digest_output(answer) == ours


def test_a_revert_becomes_the_exception_of_its_name() -> None:
    data = contract_errors.DeviceNonceUsed.SELECTOR + codec.encode(("bytes32", "uint256"), (b"\1" * 32, 7))
    error = contract_errors.decode_error(data)
    assert isinstance(error, contract_errors.DeviceNonceUsed)
    assert (error.device, error.nonce) == (b"\1" * 32, 7)
    assert error.title == "The nonce was used for this device before."
    assert error.values == {"device": b"\1" * 32, "nonce": 7}
    assert "nonce=7" in str(error)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", ""),
        (b"\7" * 4, ""),
        (bytes.fromhex("08c379a0") + codec.encode(("string",), ("no fish",)), "no fish"),
        (bytes.fromhex("4e487b71") + codec.encode(("uint256",), (0x11,)), "panic 0x11"),
        (contract_errors.DeviceUnknown.SELECTOR + b"\1", ""),
    ],
)
def test_other_reverts_are_kept_as_they_are(data: bytes, reason: str) -> None:
    error = contract_errors.decode_error(data)
    assert isinstance(error, RevertUnknown)
    assert (error.data, error.reason) == (data, reason)


def test_every_solidity_error_has_a_class_of_its_name_and_selector() -> None:
    for selector, reader in contract_errors.ERRORS.items():
        kind: type[ContractError] = reader.__self__  # type: ignore[attr-defined]
        assert selector == keccak256(kind.signature.encode())[:4]
        assert kind.signature.startswith(f"{kind.__name__}(")
        assert kind.title.endswith(".")


@pytest.mark.parametrize("wrong", [b"\1" * 19, b"\1" * 21, "0x" + "11" * 20])
def test_an_address_has_twenty_bytes(wrong: object) -> None:
    with pytest.raises(ValueError, match="20 bytes"):
        codec.encode(("address",), (wrong,))


def test_numbers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="32 bits"):
        party_registry.encode_is_active(2**32)


@pytest.mark.parametrize("answer", [b"", b"\1" * 31, b"\1" + bytes(31)])
def test_an_answer_that_does_not_decode_is_refused(answer: bytes) -> None:
    with pytest.raises(NodeAnswerWrong, match="partyCount"):
        party_registry.decode_party_count_output(answer)
