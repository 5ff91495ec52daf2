"""Whether a JSON text is nested so deeply that the standard library's reader must not see it.

The C reader recurses and relies on the interpreter's recursion limit; `py_ecc`, which the Ethereum libraries import,
raises that limit to 100,000, and then 128 KiB of opening brackets end the process with a segmentation fault.
"""

import re
from typing import Final

READER_LIMIT: Final = 500
"""Far more than any message of ours nests, far less than the reader's stack bears."""
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def is_nested_deeper(text: str, limit: int = READER_LIMIT) -> bool:
    """Whether brackets outside strings open more than `limit` levels. Cheap for texts with few brackets."""
    if text.count("[") + text.count("{") <= limit:
        return False
    depth = 0
    for token in _TOKEN.finditer(text):
        letter = token[0]
        if letter in "[{":
            depth += 1
            if depth > limit:
                return True
        elif letter in "]}":
            depth -= 1
    return False
