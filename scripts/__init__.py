"""Thin entry points: the `tidemark` command and what `scripts/run` and `scripts/test` call."""
