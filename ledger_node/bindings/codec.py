"""ABI encoding as the generated bindings use it: addresses and fixed bytes are `bytes`, numbers `int`.

Written by hand, as `artifact.py`; the modules beside them are written by `scripts/make_bindings.py`. Reading is strict
about padding and about data that end early; events must be in the very form that the compiler writes.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from eth_abi.codec import ABICodec
from eth_abi.decoding import AddressDecoder
from eth_abi.encoding import AddressEncoder
from eth_abi.exceptions import DecodingError, EncodingError
from eth_abi.registry import ABIRegistry, BaseEquals, registry

from ledger_node.errors import EventMalformed, NodeAnswerWrong

ADDRESS_BYTES = 20
WORD_BYTES = 32


class _BytesAddressDecoder(AddressDecoder):
    decoder_fn: Any = staticmethod(bytes)


class _BytesAddressEncoder(AddressEncoder):
    encode_fn: Any = staticmethod(bytes)

    @classmethod
    def validate_value(cls, value: Any) -> None:
        if not isinstance(value, bytes) or len(value) != ADDRESS_BYTES:
            cls.invalidate_value(value, msg="an address has 20 bytes")


def _our_codec() -> ABICodec:
    ours: ABIRegistry = registry.copy()  # type: ignore[no-untyped-call]
    ours.unregister("address")
    is_address = BaseEquals("address")  # type: ignore[no-untyped-call]
    ours.register(is_address, _BytesAddressEncoder, _BytesAddressDecoder, label="address")
    return ABICodec(ours)


_codec = _our_codec()


def encode(types: Sequence[str], values: Sequence[Any]) -> bytes:
    """The arguments as call data without selector. Raises ValueError when a value does not fit its type."""
    try:
        return _codec.encode(types, values)
    except EncodingError as error:
        raise ValueError(str(error)) from error


def decode(what: str, types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """The values of a function's output. Raises NodeAnswerWrong, naming `what` was called."""
    try:
        return _codec.decode(types, data)
    except (DecodingError, OverflowError, UnicodeDecodeError) as error:
        raise NodeAnswerWrong(what, f"the answer does not decode: {error}") from error


def decode_log(
    name: str, indexed: Sequence[str], plain: Sequence[str], topics: Sequence[bytes], data: bytes
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The indexed and the other arguments of an event. Raises EventMalformed."""
    if len(topics) != len(indexed) + 1:
        raise EventMalformed(f"{name}: {len(topics)} topics instead of {len(indexed) + 1}")
    try:
        keys = tuple(_word(kind, topic) for kind, topic in zip(indexed, topics[1:], strict=True))
        values = _codec.decode(plain, data)
        canonical = _codec.encode(plain, values)
    except (DecodingError, EncodingError, OverflowError, UnicodeDecodeError) as error:
        raise EventMalformed(f"{name}: {error}") from error
    if canonical != data:
        raise EventMalformed(f"{name}: the data are not in the form that the compiler writes")
    return keys, values


@lru_cache(maxsize=65_536)
def _word(kind: str, topic: bytes) -> Any:
    if len(topic) != WORD_BYTES:
        raise EventMalformed(f"a topic of {len(topic)} bytes")
    return topic if kind == "bytes32" else _codec.decode((kind,), topic)[0]
