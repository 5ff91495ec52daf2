"""The ledger's node: rules, chain, journal, indexer, proofs.

`ETH_HASH_BACKEND` is set before anything can import eth-hash: it would pick pycryptodome otherwise, four times slower.
"""

import os

os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")
