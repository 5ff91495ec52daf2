"""Evidence files: what convicts somebody of showing two pasts, kept for ever (`proofs.md` section 3.4).

`evidence/<sha256 of the file>.json`, canonical JSON, never overwritten.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rfc8785

from ledger_node.domain.digest import sha256
from ledger_node.durable_file import replace_file
from ledger_node.errors import EvidenceExists


def write_evidence(
    folder: Path,
    *,
    kind: str,
    network: str,
    says: str,
    found_at_ms: int,
    notes: Sequence[str] = (),
    parts: Mapping[str, Any] | None = None,
) -> Path:
    """Writes one file and gives its path; the same evidence again is the same file. Raises EvidenceExists."""
    found_at = datetime.fromtimestamp(found_at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    content = rfc8785.dumps(
        {
            "tidemark_evidence": 1,
            "kind": kind,
            "network": network,
            "notes": list(notes),
            "parts": dict(parts or {}),
            "says": says,
            "found_at": found_at,
        }
    )
    path = folder / f"{sha256(content).hex()}.json"
    if path.exists():
        if path.read_bytes() != content:
            raise EvidenceExists(str(path))
        return path
    folder.mkdir(parents=True, exist_ok=True)
    replace_file(path, content)
    return path
