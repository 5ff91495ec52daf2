"""The truth file: what was made to go wrong, where and when, so that detection can be scored against it.

One JSON object a line; written before the faulty record leaves its device.
"""

import json
import threading
from pathlib import Path
from typing import Any


class TruthFile:
    """Appends to `path`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.Lock()

    def note(self, fault: str, device: str, at_ms: int, **more: Any) -> None:
        """One thing that went wrong on purpose."""
        line = json.dumps({"fault": fault, "device": device, "at_ms": at_ms, **more}, separators=(",", ":"))
        with self._lock, self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def read(self) -> list[dict[str, Any]]:
        """Everything noted so far."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]
