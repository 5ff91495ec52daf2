"""Oracles: how a reading becomes a fact. Devices, gateway, ingest, sources."""
