"""The log's files, content by identifier, the network file; whoever reads them trusts the hash, not the server."""

import io
from collections.abc import Generator
from random import randbytes

import httpx
import pytest

from api.routes.files import CONTENT_LIMIT_BYTES
from ledger_node.content.cid import Cid
from ledger_node.content.memory import MemoryStore
from ledger_node.domain.checkpoint_note import parse_note
from ledger_node.domain.network import Network
from tests.api.conftest import Api, an_app
from tests.support.a_seafood_market import SeafoodMarket
from tests.support.serving import serving

JPEG = b"\xff\xd8\xff\xe0" + bytes(40)


@pytest.fixture(scope="module")
def content() -> MemoryStore:
    return MemoryStore()


@pytest.fixture(scope="module")
def client(market: SeafoodMarket, content: MemoryStore) -> Generator[httpx.Client]:
    with serving(an_app(market, content)) as url, httpx.Client(base_url=url) as found:
        yield found


def put(content: MemoryStore, data: bytes) -> Cid:
    return content.put(io.BytesIO(data)).cid


def test_the_checkpoint_is_the_signed_note(api: Api) -> None:
    answer = api.client.get("/log/checkpoint")
    assert parse_note(answer.text).note.size == 26
    assert answer.headers["cache-control"] == "max-age=2"


def test_tiles_are_served_as_they_are_for_ever(api: Api) -> None:
    answer = api.client.get("/log/tile/0/000.p/26")
    assert len(answer.content) == 26 * 32
    assert "immutable" in answer.headers["cache-control"]
    entries = api.client.get("/log/tile/entries/000.p/26")
    assert entries.headers["content-encoding"] == "gzip"
    assert api.client.get("/log/tile/0/001").status_code == 404


def test_the_network_file_is_the_nodes(api: Api) -> None:
    answer = api.client.get("/.well-known/tidemark-network.json")
    assert Network.parse(answer.content).sha256 == api.market.world.network.sha256


def test_content_is_served_under_what_it_is(client: httpx.Client, content: MemoryStore) -> None:
    for data, media_type, disposition in (
        (JPEG, "image/jpeg", "inline"),
        (b"%PDF-1.7 x", "application/pdf", "attachment"),
        (b"<html><script>alert(1)</script>", "application/octet-stream", "attachment"),
        (b"\x83\x01\x02\x03", "application/cbor", "attachment"),
    ):
        cid = put(content, data)
        answer = client.get(f"/content/{cid}")
        assert answer.content == data
        assert answer.headers["content-type"] == media_type
        assert answer.headers["content-disposition"].startswith(disposition)
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["etag"] == f'"{cid}"'
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert client.head(f"/content/{cid}").status_code == 200


def test_content_is_handed_over_as_blocks_that_another_store_takes(client: httpx.Client, content: MemoryStore) -> None:
    data = bytes(range(256)) * 6_000
    cid = put(content, data)
    answer = client.get(f"/content/{cid}?format=car")
    assert answer.headers["content-type"].startswith("application/vnd.ipld.car")
    other = MemoryStore()
    assert other.load(io.BytesIO(answer.content)) == [cid]
    assert b"".join(other.read(cid, limit_bytes=len(data))) == data
    assert client.get(f"/content/{cid}?format=zip").status_code == 422


def test_content_that_is_too_large_for_an_answer_says_so(client: httpx.Client, content: MemoryStore) -> None:
    cid = put(content, randbytes(CONTENT_LIMIT_BYTES + 1))
    for form in ("raw", "car"):
        assert client.get(f"/content/{cid}?format={form}").status_code == 413


def test_content_that_is_away_or_altered_is_never_served(client: httpx.Client, content: MemoryStore) -> None:
    cid = put(content, b"a photo")
    content.alter(cid, b"another")
    assert client.get(f"/content/{cid}").status_code in (404, 502)
    content.lose(cid)
    missing = client.get(f"/content/{cid}")
    assert missing.status_code == 404
    assert missing.json()["type"] == "urn:tidemark:problem:ContentMissing"


@pytest.mark.parametrize("cid", ["x", "Qm" + "a" * 44, "BAFKREI", "bafkrei" + "a" * 52 + "b", "..%2f..%2fetc"])
def test_a_text_that_is_no_identifier_of_ours_is_refused(client: httpx.Client, cid: str) -> None:
    assert client.get(f"/content/{cid}").status_code in (404, 422)
