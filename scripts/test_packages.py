"""Installs the Debian packages that tests need, where that is allowed: by root, with apt, on first use.

Elsewhere nothing is installed; a test that misses its program says so and is reported as skipped.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {
    "chromium": "/usr/bin/chromium",
    "fonts-noto-cjk": "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "mosquitto": "/usr/sbin/mosquitto",
    "postgresql": "/usr/lib/postgresql/*/bin/initdb",
}
"""Package → a file it brings (a pattern)."""


def install_test_packages() -> None:
    """Installs what is missing; says what could not be installed and goes on."""
    missing = [name for name, pattern in PACKAGES.items() if not any(Path("/").glob(pattern.lstrip("/")))]
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"Not installed, so their tests are skipped: {', '.join(missing)}", file=sys.stderr)
        return
    print(f"Installing Debian packages for the tests: {', '.join(missing)} ...", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
    ):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}", file=sys.stderr)
            return
