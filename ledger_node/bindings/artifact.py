"""The compiled contracts as committed: ABI, bytecode, notices. Start-up deploys from these, without a compiler."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Artifact:
    """One contract: `bytecode` creates it; `compiler` and `settings` made it; `source_hash` is over all its sources."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes
    deployed_bytecode: bytes
    compiler: str
    settings: dict[str, Any]
    source_hash: str


@cache
def load_artifact(name: str) -> Artifact:
    """The artifact of the contract called `name`, e.g. `DeviceRegistry`."""
    row: dict[str, Any] = json.loads((files("ledger_node.bindings") / "artifacts" / f"{name}.json").read_bytes())
    return Artifact(
        name=row["contractName"],
        abi=row["abi"],
        bytecode=bytes.fromhex(row["bytecode"].removeprefix("0x")),
        deployed_bytecode=bytes.fromhex(row["deployedBytecode"].removeprefix("0x")),
        compiler=row["compiler"],
        settings=row["settings"],
        source_hash=row["sourceHash"],
    )
