"""The verifier in Chromium: every vector with and without WebCrypto, and the page that works from disk."""

import base64
import http.server
import json
import threading
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from ledger_node.proof.findings import STEP_CODES
from tests.support.a_bundle import MADE_AT
from tests.support.proof_vectors import all_bases, read_cases

pytestmark = pytest.mark.browser
STATIC = Path(__file__).resolve().parents[2] / "api" / "static"
PAGE = STATIC / "verify.html"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RUN = """async ([module, cases]) => {
  const {verifyBundle} = await import(module);
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const found = [];
  for (const {bundle, network, now, kept} of cases) {
    const {findings, verified} = await verifyBundle(bytes(bundle), network, {now: now * 1000, kept});
    found.push([findings[0]?.code ?? null, verified]);
  }
  return [found, Boolean(globalThis.crypto?.subtle)];
}"""


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: Any) -> None: ...


@pytest.fixture
def served() -> Generator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=STATIC))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("secure", [True, False], ids=["WebCrypto", "noble alone"])
def test_chromium_gives_every_vector_its_code(browser: Browser, served: str, secure: bool) -> None:
    cases = read_cases()
    page = browser.new_page()
    if secure:
        page.goto(f"{served}/verify.html")
        page.goto(f"{served}/verifier.js")
        module = f"{served}/verifier.js"
    else:
        page.goto("data:text/html,<title>no secure context</title>")
        module = "data:text/javascript;base64," + base64.b64encode((STATIC / "verifier.js").read_bytes()).decode()
    given = [
        {
            "bundle": base64.b64encode(bundle).decode(),
            "network": base.network.to_bytes().decode(),
            "now": int(base.now.timestamp()),
            "kept": base.kept,
        }
        for _, bundle, base, _ in cases
    ]
    found, has_web_crypto = page.evaluate(RUN, [module, given])
    assert has_web_crypto == secure
    wrong = [
        (name, code, got) for (name, _, _, code), got in zip(cases, found, strict=True) if got != [code, code is None]
    ]
    assert not wrong
    page.close()


@pytest.fixture
def page(browser: Browser) -> Generator[Page]:
    """verify.html from disk, with the network off and the clock at the vectors' time."""
    context = browser.new_context(offline=True, locale="en-GB", viewport={"width": 390, "height": 844})
    opened = context.new_page()
    opened.clock.set_fixed_time(MADE_AT)
    problems: list[str] = []
    opened.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(PAGE.as_uri())
    yield opened
    assert problems == []
    context.close()


def give(page: Page, folder: Path, bundle: bytes, network: bytes) -> None:
    (folder / "network.json").write_bytes(network)
    (folder / "sale.tidemark.json").write_bytes(bundle)
    page.set_input_files("#network-file", folder / "network.json")
    page.set_input_files("#bundle-file", folder / "sale.tidemark.json")
    page.wait_for_selector(".verdict")


def test_the_page_verifies_a_bundle_from_disk_offline(page: Page, tmp_path: Path) -> None:
    base = all_bases()[0]["record"]
    give(page, tmp_path, base.data, base.network.to_bytes())
    assert page.get_attribute(".verdict", "data-exit") == "0"
    assert page.locator(".answers li").count() == 10
    assert page.locator("[data-answer=yes]").count() == 9
    assert base.network.sha256 in page.inner_text("#network-state")
    page.click("[data-language=zh]")
    assert "已验证" in page.inner_text(".verdict")
    assert page.get_attribute("html", "lang") == "zh-CN"
    page.reload()
    assert "自己核对证明" in page.inner_text("h1"), "the language is remembered"


@pytest.mark.parametrize("code", ["record_not_in_batch", "entry_not_in_log", "signature_bad"])
def test_the_page_names_the_step_that_fails(page: Page, tmp_path: Path, code: str) -> None:
    _, bundle, base, _ = next(case for case in read_cases() if case[3] == code)
    give(page, tmp_path, bundle, base.network.to_bytes())
    assert page.get_attribute(".verdict", "data-exit") == "1"
    step = next(step for step, codes in STEP_CODES.items() if code in codes)
    assert code in page.inner_text(f".steps li[data-step='{step}'][data-ok=false]")


def test_pasted_text_is_taken_too(page: Page, tmp_path: Path) -> None:
    base = all_bases()[0]["record ed25519"]
    page.click("summary")
    for text in (base.network.to_bytes().decode(), base.data.decode()):
        page.fill("#pasted", text)
        page.click("#take")
    page.wait_for_selector(".verdict.yes")


def test_a_second_past_is_noticed_by_the_page_that_kept_the_first(page: Page, tmp_path: Path) -> None:
    bases = all_bases()[0]
    give(page, tmp_path, bases["record"].data, bases["record"].network.to_bytes())
    assert page.get_attribute(".verdict", "data-exit") == "0"
    other = bases["record p256"]
    smaller = json.loads(other.data)["checkpoint"].split("\n")[1]
    assert smaller != json.loads(bases["record"].data)["checkpoint"].split("\n")[1]
    give(page, tmp_path, bases["record late"].data, other.network.to_bytes())
    page.wait_for_selector(".verdict[data-exit='4']")


def test_the_page_is_small_and_asks_nothing_of_anybody() -> None:
    text = PAGE.read_text("utf-8")
    assert PAGE.stat().st_size <= 150_000
    assert "default-src 'none'" in text
    assert "unsafe" not in text[: text.index("<title>")]
    assert "connect-src" not in text
