"""A seafood market behind the API: one on SQLite for tests that only read, and one on each kind of database."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.settings import ApiSettings
from ledger_node.content.memory import MemoryStore
from ledger_node.proof.build import BundleBuilder
from ledger_node.store import Stores, migrate, open_stores
from tests.support.a_seafood_market import SeafoodMarket, a_register, a_seafood_market
from tests.support.serving import serving


@dataclass(frozen=True)
class Api:
    """An application over a market, and a client of it."""

    market: SeafoodMarket
    app: FastAPI
    client: httpx.Client

    def get(self, path: str, **more: Any) -> Any:
        """The JSON at a path that answers 200."""
        answer = self.client.get(path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def page(self, path: str, language: str = "en") -> str:
        """The page at a path that answers 200."""
        answer = self.client.get(path, headers={"Accept": "text/html", "Accept-Language": language})
        assert answer.status_code == 200, answer.text
        return answer.text


def no_cookies() -> CookieJar:
    """A jar that keeps nothing: one test's choice of language is not the next one's."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


def an_app(market: SeafoodMarket, content: MemoryStore | None = None, **settings: Any) -> FastAPI:
    """The application over a market."""
    told = ApiSettings("zpk", "https://zpk.example", market.folder / "log", a_register(), demo=True)
    network = market.world.network
    return create_app(
        replace(told, **settings),
        market.stores,
        network.to_bytes(),
        BundleBuilder(market.stores, network),
        content or MemoryStore(),
        market.clock,
    )


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Generator[SeafoodMarket]:
    """A market that nobody changes."""
    folder = tmp_path_factory.mktemp("market")
    opened = open_stores(folder)
    migrate(opened)
    yield a_seafood_market(opened, folder)
    opened.dispose()


@pytest.fixture(scope="session")
def api(market: SeafoodMarket) -> Generator[Api]:
    """The API over the market that nobody changes."""
    app = an_app(market)
    with serving(app) as url, httpx.Client(base_url=url, timeout=30, cookies=no_cookies()) as client:
        yield Api(market, app, client)


@pytest.fixture
def either(stores: Stores, tmp_path: Path) -> Generator[Api]:
    """The API over a market of the test's own, on SQLite and on PostgreSQL in turn."""
    own = a_seafood_market(stores, tmp_path)
    app = an_app(own)
    with serving(app) as url, httpx.Client(base_url=url, timeout=30, cookies=no_cookies()) as client:
        yield Api(own, app, client)
