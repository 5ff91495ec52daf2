"""Fixtures that tests of all packages share."""

from tests.support.stores import database_url, postgres_cluster, stores

__all__ = ["database_url", "postgres_cluster", "stores"]
