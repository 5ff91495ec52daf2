"""Makes what is built from sources here: contract artifacts when the contracts changed, the pages' libraries, data.

Called by `scripts/set_up` on each start, so it compares content hashes first and usually does nothing.
"""

from oracles.simulate.market_day import MarketData
from scripts.build_front_end import build_front_end
from scripts.compile_contracts import compile_if_changed
from scripts.node_folder import SOURCES_FOLDER


def main() -> None:
    """Brings artifacts and static files up to date."""
    compile_if_changed()
    build_front_end()
    MarketData.load(SOURCES_FOLDER)


if __name__ == "__main__":
    main()
