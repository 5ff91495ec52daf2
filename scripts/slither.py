"""Static analysis of the contracts by Slither; ends with 1 when it finds anything of medium or high impact.

Slither's own dependencies hold other packages back, so it lives in an environment of its own, `.venv-slither`, made
from `tools/slither-requirements.txt` (exact versions) and made anew when that file changes. It compiles through forge,
hence with `tools/solc`.
"""

import os
import subprocess
import sys
from pathlib import Path

from ledger_node.errors import ConfigurationWrong
from scripts.forge import ROOT, forge_binary

REQUIREMENTS = ROOT / "tools" / "slither-requirements.txt"
ENVIRONMENT = ROOT / ".venv-slither"
_SET_UP = ENVIRONMENT / "tidemark-set-up"
_QUIET = ("--exclude-low", "--exclude-informational", "--exclude-optimization")
_NOT_OURS = "node_modules|tests/"


def set_up() -> Path:
    """Slither's command, installed first if need be. ConfigurationWrong when the registry cannot be reached."""
    wanted = REQUIREMENTS.read_text()
    slither = ENVIRONMENT / "bin" / "slither"
    if slither.exists() and _SET_UP.exists() and _SET_UP.read_text() == wanted:
        return slither
    uv = str(Path(sys.executable).with_name("uv"))
    python = str(ENVIRONMENT / "bin" / "python")
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT)],
        [uv, "pip", "install", "--quiet", "--python", python, "-r", str(REQUIREMENTS)],
    ):
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        if done.returncode:
            why = f"`{' '.join(command[:3])}` ended with {done.returncode}"
            raise ConfigurationWrong("Slither", why, "Is a package registry in reach?")
    _SET_UP.write_text(wanted)
    return slither


def analyse(folder: Path = ROOT) -> int:
    """Slither's exit status for the contracts in a folder: 0 when nothing of medium impact or above is found."""
    command = [str(set_up()), ".", "--fail-medium", "--filter-paths", _NOT_OURS, *_QUIET]
    path = os.pathsep.join([str(forge_binary().parent), os.environ["PATH"]])
    return subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, check=False).returncode


if __name__ == "__main__":
    sys.exit(1 if analyse() else 0)
