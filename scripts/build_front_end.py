"""Puts the pages' libraries into `api/static/vendor`: exact files of the locked npm packages, and nothing else.

Called by the set-up. A file is copied when its bytes differ, so a second run does nothing. The verifier, our own code,
is built by `scripts.build_verifier`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ledger_node.errors import ConfigurationWrong

ROOT: Final = Path(__file__).resolve().parent.parent
VENDOR: Final = ROOT / "api" / "static" / "vendor"
LIBRARIES: Final[Mapping[str, str]] = {
    "uPlot.iife.min.js": "uplot/dist/uPlot.iife.min.js",
    "uPlot.min.css": "uplot/dist/uPlot.min.css",
    "barcode-detector.js": "barcode-detector/dist/iife/ponyfill.js",
    "zxing_reader.wasm": "zxing-wasm/dist/reader/zxing_reader.wasm",
}
"""File name here → file in node_modules. Licences: uPlot, barcode-detector and zxing-wasm are MIT."""


def build_front_end() -> None:
    """Copies what changed and builds the verifier. Raises ConfigurationWrong when npm's packages are not installed."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in LIBRARIES.items():
        path = ROOT / "node_modules" / source
        if not path.is_file():
            raise ConfigurationWrong(str(path), "it is missing", "Run `npm ci` in the repository's folder.")
        wanted, target = path.read_bytes(), VENDOR / name
        if not target.is_file() or target.read_bytes() != wanted:
            target.write_bytes(wanted)
    for stale in VENDOR.iterdir():
        if stale.name not in LIBRARIES:
            stale.unlink()


if __name__ == "__main__":
    build_front_end()
