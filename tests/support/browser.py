"""Debian's Chromium for tests of pages: on a phone's and a desk's screen, watched for errors and for other hosts."""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = "/usr/bin/chromium"
SCREENSHOTS = Path(os.environ.get("TIDEMARK_SCREENSHOTS", ROOT / "screenshots"))
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


@contextmanager
def playwright() -> Generator[Playwright]:
    """Playwright for the block: one at a time. Skips, with the reason, where Chromium is missing."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is missing: apt install chromium fonts-noto-cjk")
    with sync_playwright() as play:
        yield play


@contextmanager
def chromium(play: Playwright, *flags: str) -> Generator[Browser]:
    """A browser for the block."""
    browser = play.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
    try:
        yield browser
    finally:
        browser.close()


@dataclass
class Watched:
    """A page with what went wrong on it and which hosts it asked."""

    page: Page
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def must_be_clean(self, host: str) -> None:
        """No error on the console, nothing from another host."""
        assert self.errors == []
        assert self.hosts <= {host}

    def must_be_accessible(self) -> None:
        """axe finds nothing to complain about (WCAG 2.2 A and AA, best practices)."""
        source = AXE.read_text()
        # Evaluated by the debugger, so the page's content security policy stays as it is.
        self.page.evaluate(f"{source}; undefined")
        found: dict[str, Any] = self.page.evaluate("axe.run(document)")
        told = [f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found["violations"]]
        assert not told, "\n".join(told)

    def must_not_overflow(self) -> None:
        """Nothing is wider than the screen."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def open_page(
    context: BrowserContext, url: str, *, wait_for: str | None = None, allowed: Sequence[str] = ()
) -> Watched:
    """Opens a page and watches it; `allowed` are parts of console messages that are expected."""
    watched = Watched(context.new_page())

    def complain(message: str) -> None:
        if not any(part in message for part in allowed):
            watched.errors.append(message)

    watched.page.on("console", lambda message: complain(message.text) if message.type in ("error", "warning") else None)
    watched.page.on("pageerror", lambda error: complain(str(error)))
    watched.page.on("request", lambda request: watched.hosts.add(_host(request.url)))
    watched.page.goto(url)
    if wait_for:
        watched.page.wait_for_selector(wait_for)
    return watched


def keep_screenshot(watched: Watched, name: str) -> None:
    """A picture of the whole page for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    watched.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def _host(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return scheme if scheme in ("data", "blob") or not rest else rest.split("/", 1)[0]
