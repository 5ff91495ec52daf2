"""The form of a projection."""

from collections.abc import Callable
from typing import Any

from ledger_node.indexer.blocks import Place
from ledger_node.indexer.rows import Rows

Handler = Callable[[Rows, Any, Place], None]
"""(rows, decoded event, where it stands): changes rows, and nothing else."""
