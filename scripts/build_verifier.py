"""Builds the browser's verifier from `api/verifier`: a module for our pages, and one file that works from disk.

Reproducible: the exact esbuild and libraries of package-lock.json, no time, no path in the output. `--check` says
whether the built files are those of the sources.
"""

import argparse
import base64
import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = ROOT / "api" / "verifier"
STATIC: Final = ROOT / "api" / "static"
MAXIMUM_PAGE_BYTES: Final = 150_000
_SCRIPT_PLACE: Final = "/*SCRIPT*/"
_STYLE_PLACE: Final = "/*STYLE*/"
_POLICY_PLACE: Final = "SCRIPT_HASH"


def bundled(entry: str, form: str) -> bytes:
    """One file with everything that `entry` imports, as `esm` or `iife`."""
    command = [
        str(ROOT / "node_modules" / ".bin" / "esbuild"),
        str(SOURCE / entry),
        "--bundle",
        "--minify",
        "--charset=utf8",
        "--legal-comments=none",
        "--target=es2022",
        f"--format={form}",
        "--log-level=warning",
    ]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout


def build_module() -> bytes:
    """`verifier.js`: `import {verifyBundle} from …`."""
    return bundled("verify.js", "esm")


def build_page() -> bytes:
    """`verify.html`: the template with style and script inside, and the script's hash in its policy."""
    script = bundled("page.js", "iife").decode().strip().replace("</script", "<\\/script")
    template = (SOURCE / "page.html").read_text("utf-8")
    style = (SOURCE / "page.css").read_text("utf-8").strip()
    page = template.replace(_STYLE_PLACE, style).replace(_POLICY_PLACE, _hash(script))
    page = page.replace("STYLE_HASH", _hash(style)).replace(_SCRIPT_PLACE, script)
    encoded = page.encode()
    if len(encoded) > MAXIMUM_PAGE_BYTES:
        raise SystemExit(f"verify.html has {len(encoded)} bytes, more than {MAXIMUM_PAGE_BYTES}")
    return encoded


def outputs() -> dict[Path, bytes]:
    """Path → bytes of every built file."""
    return {STATIC / "verifier.js": build_module(), STATIC / "verify.html": build_page()}


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def main() -> int:
    """Writes the files, or with --check compares them; 1 when one is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    stale = 0
    for path, content in outputs().items():
        if asked.check:
            same = path.exists() and path.read_bytes() == content
            stale += not same
            print(f"{'fresh' if same else 'stale'} {path.relative_to(ROOT)}")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            print(f"{path.relative_to(ROOT)}: {len(content)} bytes, sha256 {digest}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
