"""Files that a bundle names, compared with a folder of them: by SHA-256 and length."""

import hashlib
from pathlib import Path

from ledger_node.proof.bundle import Bundle


def altered_contents(bundle: Bundle, folder: Path) -> list[str]:
    """The CIDs whose file in `folder` (named by the CID, at any depth) is not the one recorded; absent files pass."""
    names = {one.cid: one for one in bundle.contents}
    altered: list[str] = []
    if not names:
        return altered
    for path in sorted(folder.rglob("b*")):
        content = names.get(path.name)
        if content is None or not path.is_file():
            continue
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
        if digest != content.sha256 or path.stat().st_size != content.length:
            altered.append(content.cid)
    return altered
