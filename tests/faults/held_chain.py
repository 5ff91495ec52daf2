"""A chain whose newest blocks stay not yet final while a file `hold` lies in its folder.

`python -m tests.faults.held_chain run …` is `tidemark run …` with that one difference: the embedded chain's state file,
which says what is final, is not written meanwhile. An orderly end writes it, as always.
"""

from ledger_node.chain.runner import AnvilRunner
from scripts import founding_parts
from scripts.cli import main
from tests.support.a_node import HOLD


class HeldRunner(AnvilRunner):
    """anvil that keeps its newest blocks only in memory while it is told to."""

    def keep(self) -> None:
        """Writes the state unless it is held."""
        if not (self.folder / HOLD).exists():
            super().keep()

    def end(self) -> None:
        """Keeps the last blocks, then ends the process."""
        (self.folder / HOLD).unlink(missing_ok=True)
        super().end()


if __name__ == "__main__":
    founding_parts.AnvilRunner = HeldRunner  # type: ignore[misc]
    main()
