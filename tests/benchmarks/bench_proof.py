"""Figures of proofs: sizes, building, verifying in three places: `python -m tests.benchmarks.bench_proof`."""

import base64
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ledger_node.domain.record import name_hash
from ledger_node.proof.build import BundleBuilder
from ledger_node.proof.verify import verify
from ledger_node.store import migrate, open_stores
from tests.benchmarks.figures import ROOT, Figure, print_figures
from tests.support.a_bundle import LOT, MADE_AT, MARKET, SCALE, Kept, World, a_market, a_witnessed_network

BATCH = 1000
EVENTS = 4000
CHROMIUM = "/usr/bin/chromium"


def milliseconds(work: Callable[[], object], repeats: int = 50) -> float:
    """The best of several runs, after one to warm up."""
    work()
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return min(times)


def a_full_market() -> tuple[World, Kept]:
    """A batch of 1,000 sales in a log of some thousand events, with three witnesses."""
    world = a_market(a_witnessed_network(2))
    for _ in range(EVENTS):
        world.emit("trace", "PinChallengeAnswered", name_hash(f"{MARKET}/other"), 1)
    sales = [world.sell(number % 9000 + 1) for number in range(BATCH)]
    world.seal("sale")
    return world, sales[333]


def in_node(bundle: bytes, world: World) -> tuple[float, float]:
    """First and warm time in a node process, ms."""
    line = json.dumps(
        {
            "bundle": base64.b64encode(bundle).decode(),
            "network": world.network.to_bytes().decode(),
            "now": int(MADE_AT.timestamp()),
            "kept": None,
        }
    )
    command = ["node", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "tests/verifier/check_lines.mjs"]
    done = subprocess.run(command, cwd=ROOT, input=f"{line}\n" * 30, capture_output=True, text=True, check=True)
    times = [json.loads(answer)["ms"] for answer in done.stdout.splitlines()]
    return times[0], min(times[10:])


def in_chromium(bundle: bytes, world: World) -> tuple[float, float]:
    """First and warm time on the page from disk, ms."""
    from playwright.sync_api import sync_playwright

    script = """async ([module, bundle, network, now]) => {
      const {verifyBundle} = await import(module);
      const times = [];
      for (let round = 0; round < 30; round += 1) {
        const begun = performance.now();
        await verifyBundle(bundle, network, {now});
        times.push(performance.now() - begun);
      }
      return times;
    }"""
    module = "data:text/javascript;base64," + base64.b64encode((ROOT / "api/static/verifier.js").read_bytes()).decode()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        blank = Path(folder) / "blank.html"
        blank.write_text("<title>blank</title>")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(blank.as_uri())
        given = [module, bundle.decode(), world.network.to_bytes().decode(), int(MADE_AT.timestamp() * 1000)]
        times: list[float] = page.evaluate(script, given)
        browser.close()
    return times[0], min(times[10:])


def main() -> None:
    """Measures and prints the table."""
    world, kept = a_full_market()
    note = world.note(witnesses=("one", "two", "three"))
    draft = world.draft(note=note)
    world.add_record(draft, kept)
    narrow = draft.to_bytes(made_at=MADE_AT)
    whole = world.bundle(kept, note=note)
    assert verify(whole, world.network, now=MADE_AT).is_verified()
    python = milliseconds(lambda: verify(whole, world.network, now=MADE_AT))
    node, chromium = in_node(whole, world), in_chromium(whole, world)
    with tempfile.TemporaryDirectory() as folder:
        stores = open_stores(Path(folder))
        migrate(stores)
        plain = a_market()
        sales = [plain.sell(number % 9000 + 1) for number in range(BATCH)]
        plain.seal("sale")
        plain.write(stores, Path(folder))
        builder = BundleBuilder(stores, plain.network, now=lambda: MADE_AT)
        built = milliseconds(lambda: builder.record(sales[333].record_hash), 20)
        lot = milliseconds(lambda: builder.history("device", name_hash(SCALE)), 20)
        stores.dispose()
    page = (ROOT / "api/static/verify.html").stat().st_size
    print_figures(
        f"Proofs: batch of {BATCH}, log of {len(world.entries)}, three witnesses, lot {LOT[-10:]}",
        [
            Figure("bundle, record and device alone", f"{len(narrow):,} B", "< 8,000 B"),
            Figure("bundle, with the lot's attestation, test and its device", f"{len(whole):,} B", "–", "two records"),
            Figure("build a record bundle from SQLite", f"{built:.1f} ms", "–", "two records, batch tree anew"),
            Figure("build a history bundle", f"{lot:.1f} ms"),
            Figure("verify in Python, warm", f"{python:.2f} ms", "< 5 ms, goal 2", "two records"),
            Figure("verify in node, first; then", f"{node[0]:.0f} ms; {node[1]:.1f} ms", "< 50 ms"),
            Figure("verify in Chromium, first; then", f"{chromium[0]:.0f} ms; {chromium[1]:.1f} ms", "< 50 ms"),
            Figure("verify.html", f"{page:,} B", "≤ 150,000 B"),
        ],
    )


if __name__ == "__main__":
    main()
