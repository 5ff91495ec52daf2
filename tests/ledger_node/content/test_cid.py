"""Content identifiers: the specification's vectors, and texts that must be refused without touching a disk."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_node.content.cid import DAG_PB, RAW, Cid
from ledger_node.errors import CidUnsupported

A = "bafkreigks6arfsq3xxfpvqrrwonchxcnu6do76auprhhfomao6c273sixm"


def text_of(data: bytes) -> str:
    return "b" + base64.b32encode(data).decode().rstrip("=").lower()


@given(st.binary(min_size=32, max_size=32), st.sampled_from([RAW, DAG_PB]))
def test_what_is_printed_is_read_again(digest: bytes, codec: int) -> None:
    cid = Cid(codec, digest)
    assert Cid.parse(str(cid)) == cid
    assert Cid.from_bytes(cid.to_bytes()) == cid


def test_the_block_name_is_kubos() -> None:
    assert Cid.parse(A).block_name == "CIQMVF4BCLFBXPOK7LBDDM42EPOE3J4G574BI7COOK4YA54FV7XEROY"


@pytest.mark.parametrize(
    "text",
    [
        A.upper(),
        "z" + A[1:],
        "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",
        text_of(b"\x01\x55\x00\x20" + bytes(32)),  # identity
        text_of(b"\x01\x55\x13\x20" + bytes(32)),  # another hash
        text_of(b"\x01\x71\x12\x20" + bytes(32)),  # another codec
        text_of(b"\x01\x55\x12\x1f" + bytes(31)),
        text_of(b"\x02\x55\x12\x20" + bytes(32)),
        A[:-1] + "n",  # trailing bits
        A + "a",
        A[:-1],
        "b" * 10_000,
        "",
        " " + A,
        A + "\n",
    ],
)
def test_other_identifiers_are_unsupported(text: str) -> None:
    with pytest.raises(CidUnsupported):
        Cid.parse(text)


def test_version_zero_is_read_where_it_may_stand_and_never_written() -> None:
    cid = Cid.parse("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", allow_v0=True)
    assert cid.codec == DAG_PB
    assert str(cid).startswith("bafybei")
