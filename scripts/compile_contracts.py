"""Compiles the contracts into `ledger_node/bindings/artifacts/` and, when they changed, writes the bindings anew.

Same sources, same bytes: the input is sorted, the bytecode carries no metadata, and the settings are foundry.toml's.
EAS and its SchemaRegistry come compiled in their own npm package, for their own compiler version.
`python -m scripts.compile_contracts` compiles when a source changed; `--force` always.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from solcx import compile_standard

from ledger_node.errors import ConfigurationWrong

ROOT = Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / "ledger_node" / "bindings" / "artifacts"
COMPILER = ROOT / "tools" / "solc"
EAS_ARTIFACTS = ROOT / "node_modules" / "@ethereum-attestation-service" / "eas-contracts" / "artifacts" / "contracts"

CONTRACTS: Mapping[str, str] = {
    "LedgerAccess": "contracts/access/LedgerAccess.sol",
    "PartyRegistry": "contracts/party/PartyRegistry.sol",
    "DeviceRegistry": "contracts/device/DeviceRegistry.sol",
    "PinRegistry": "contracts/trace/PinRegistry.sol",
    "LotLedger": "contracts/trace/LotLedger.sol",
    "AttestationResolver": "contracts/attestation/AttestationResolver.sol",
}
FOREIGN = ("EAS", "SchemaRegistry")
SETTINGS: dict[str, Any] = {
    "optimizer": {"enabled": True, "runs": 200},
    "evmVersion": "shanghai",
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
    "viaIR": False,
}
_OUTPUT = ["abi", "evm.bytecode.object", "evm.deployedBytecode", "userdoc", "devdoc"]
_IMPORT = re.compile(r'^\s*(?:import\s+|\}\s*from\s+|import[^;"]*?from\s+)"([^"]+)"\s*;', re.MULTILINE)
_console = Console(stderr=True, highlight=False)


def source_closure(roots: Iterable[str]) -> dict[str, str]:
    """The text of every source that `roots` need, by the name under which the compiler knows it, sorted by name."""
    found: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = _read_source(name)
        waiting += [_resolve(name, target) for target in _IMPORT.findall(found[name])]
    return dict(sorted(found.items()))


def source_hash(sources: Mapping[str, str]) -> str:
    """SHA-256 over names, texts and settings, so that any change of what is compiled shows."""
    text = json.dumps({"sources": sources, "settings": SETTINGS}, sort_keys=True)
    return "0x" + hashlib.sha256(text.encode()).hexdigest()


def compile_contracts() -> dict[str, dict[str, Any]]:
    """All artifacts, ours compiled now, by contract name. Raises ConfigurationWrong when a source does not compile."""
    sources = source_closure(CONTRACTS.values())
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {**SETTINGS, "outputSelection": {"*": {"*": _OUTPUT}}},
    }
    answer: dict[str, Any] = compile_standard(request, solc_binary=COMPILER, base_path=ROOT)
    compiler = f"solc {_package_version('solc')}"
    digest = source_hash(sources)
    made: dict[str, dict[str, Any]] = {}
    for name, path in CONTRACTS.items():
        found = answer["contracts"][path][name]
        made[name] = _artifact(name, found, _notices(answer, found), compiler, digest)
    for name in FOREIGN:
        made[name] = _foreign_artifact(name)
    return made


def write_artifacts(artifacts: Mapping[str, dict[str, Any]], folder: Path = ARTIFACTS) -> None:
    """Writes one JSON file a contract."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, artifact in artifacts.items():
        (folder / f"{name}.json").write_text(artifact_text(artifact))


def artifact_text(artifact: Mapping[str, Any]) -> str:
    """An artifact as it stands in its file."""
    return json.dumps(artifact, indent=1, sort_keys=True) + "\n"


def is_current() -> bool:
    """Whether the committed artifacts were made from the sources that are here now."""
    wanted = source_hash(source_closure(CONTRACTS.values()))
    try:
        kept = {json.loads((ARTIFACTS / f"{name}.json").read_bytes())["sourceHash"] for name in CONTRACTS}
    except (FileNotFoundError, ValueError, KeyError):
        return False
    return kept == {wanted} and all((ARTIFACTS / f"{name}.json").exists() for name in FOREIGN)


def compile_if_changed() -> None:
    """Brings artifacts and bindings up to date; does nothing when no source changed."""
    from scripts.make_bindings import write_bindings

    if is_current():
        return
    with _console.status("Compiling the contracts ..."):
        artifacts = compile_contracts()
    write_artifacts(artifacts)
    write_bindings(artifacts)


def _read_source(name: str) -> str:
    path = ROOT / "node_modules" / name if name.startswith("@") else ROOT / name
    try:
        return path.read_text()
    except FileNotFoundError as error:
        raise ConfigurationWrong(name, "the source is missing", "Run scripts/set_up.") from error


def _resolve(importer: str, target: str) -> str:
    if not target.startswith("."):
        return target
    parts = importer.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _artifact(
    name: str, found: Mapping[str, Any], notices: Mapping[str, str], compiler: str, digest: str
) -> dict[str, Any]:
    evm = found["evm"]
    return {
        "contractName": name,
        "abi": found["abi"],
        "bytecode": "0x" + evm["bytecode"]["object"],
        "deployedBytecode": "0x" + evm["deployedBytecode"]["object"],
        "immutableReferences": evm["deployedBytecode"].get("immutableReferences", {}),
        "notices": notices,
        "compiler": compiler,
        "settings": SETTINGS,
        "sourceHash": digest,
    }


def _foreign_artifact(name: str) -> dict[str, Any]:
    row = json.loads((EAS_ARTIFACTS / f"{name}.sol" / f"{name}.json").read_bytes())
    return {
        "contractName": name,
        "abi": row["abi"],
        "bytecode": row["bytecode"],
        "deployedBytecode": row["deployedBytecode"],
        "immutableReferences": {},
        "notices": {},
        "compiler": f"eas-contracts {_package_version('@ethereum-attestation-service/eas-contracts')}",
        "settings": {},
        "sourceHash": "0x" + hashlib.sha256(row["bytecode"].encode()).hexdigest(),
    }


def _notices(answer: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, str]:
    """`@notice` by signature of error, event and function; the interfaces' where the contract only inherits."""
    notices: dict[str, str] = {}
    everything = [one["userdoc"] for names in answer["contracts"].values() for one in names.values()]
    for userdoc in [*everything, found["userdoc"]]:
        for part in ("errors", "events", "methods"):
            for signature, text in userdoc.get(part, {}).items():
                entry = text[0] if isinstance(text, list) else text
                if isinstance(entry, dict) and "notice" in entry:
                    notices[f"{part} {signature}"] = entry["notice"]
    own = {f"{part} {_signature(entry)}" for entry in found["abi"] for part in [f"{_part(entry)}"] if part}
    return {key: notices[key] for key in sorted(own & notices.keys())}


def _part(entry: Mapping[str, Any]) -> str:
    return {"error": "errors", "event": "events", "function": "methods"}.get(entry["type"], "")


def _signature(entry: Mapping[str, Any]) -> str:
    return f"{entry['name']}({','.join(canonical_type(one) for one in entry['inputs'])})"


def canonical_type(parameter: Mapping[str, Any]) -> str:
    """The type as it enters a selector: structs as tuples."""
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(canonical_type(one) for one in parameter["components"])
    return f"({inner}){kind.removeprefix('tuple')}"


def _package_version(name: str) -> str:
    version: str = json.loads((ROOT / "node_modules" / name / "package.json").read_bytes())["version"]
    return version


def main() -> None:
    """The command line."""
    if "--force" not in sys.argv and is_current():
        _console.print("The artifacts are current.")
        return
    from scripts.make_bindings import write_bindings

    artifacts = compile_contracts()
    write_artifacts(artifacts)
    write_bindings(artifacts)
    _console.print(f"Wrote {len(artifacts)} artifacts and their bindings.")


if __name__ == "__main__":
    main()
