"""Runs forge's own binary: npm's wrapper exits 0 whatever happens and cannot be trusted in a check.

`python -m scripts.forge ARGUMENTS` passes everything on. `--prove-red` plants a failing test in a copy of the contract
tests and passes only if forge says that it failed.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ledger_node.errors import ConfigurationWrong

ROOT = Path(__file__).resolve().parent.parent
_RED_TEST = """// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract RedTest {
    function test_ThisMustFail() external pure {
        require(false, "planted");
    }
}
"""


def forge_binary() -> Path:
    """The binary inside npm's platform package."""
    found = sorted((ROOT / "node_modules" / "@foundry-rs").glob("forge-*/bin/forge"))
    if not found:
        raise ConfigurationWrong(
            "forge", "its platform package is not installed", "Run scripts/test, which installs it."
        )
    return found[0]


def run_forge(arguments: Sequence[str], *, folder: Path = ROOT) -> int:
    """Runs forge in a folder; its exit status."""
    return subprocess.run([str(forge_binary()), *arguments], cwd=folder, check=False).returncode


def prove_red() -> int:
    """0 if a planted failing test makes forge fail and a passing one does not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test").mkdir()
        (folder / "foundry.toml").write_text(
            f'[profile.default]\nsrc = "src"\ntest = "test"\nsolc = "{ROOT / "tools" / "solc"}"\n'
            'offline = true\nauto_detect_remappings = false\nevm_version = "shanghai"\n'
        )
        planted = folder / "test" / "Red.t.sol"
        planted.write_text(_RED_TEST)
        red = run_forge(["test"], folder=folder)
        planted.write_text(_RED_TEST.replace("require(false", "require(true"))
        green = run_forge(["test"], folder=folder)
    if red == 0 or green != 0:
        print(f"a failing test gave exit {red}, a passing one {green}", file=sys.stderr)
        return 1
    return 0


def main(arguments: Sequence[str]) -> int:
    """The command line."""
    return prove_red() if list(arguments) == ["--prove-red"] else run_forge(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
