"""Fixtures that tests of all packages share."""

from tests.support.chain import chain, engine_name
from tests.support.stores import database_url, postgres_cluster, stores

__all__ = ["chain", "database_url", "engine_name", "postgres_cluster", "stores"]
