"""A gateway that forgets a record as soon as it has sent it: the negative control of the fault tests.

`python -m tests.faults.naive_gateway run …` is `tidemark run …` with that one difference.
"""

from collections.abc import Iterable

from oracles.gateway.outbox import Outbox
from scripts.cli import main

# The rows stay in the file, so that the checker can tell what was forgotten; the gateway never looks at them again.
_NEVER_MS = 1 << 60


def _sent_and_forgotten(outbox: Outbox, due_again: Iterable[tuple[int, int]]) -> None:
    with outbox._transaction() as connection:  # pyright: ignore[reportPrivateUsage]
        for row_id, _ in due_again:
            connection.execute("UPDATE outbox SET state = 2, next_at_ms = ? WHERE id = ?", (_NEVER_MS, row_id))
            connection.execute(
                "INSERT OR REPLACE INTO ack SELECT device, max(sequence), '{}' FROM outbox WHERE device = "
                "(SELECT device FROM outbox WHERE id = ?) AND state = 2",
                (row_id,),
            )


def _nothing_again(_outbox: Outbox, _device: str, _from_sequence: int, _to_sequence: int) -> int:
    return 0


if __name__ == "__main__":
    Outbox.sent = _sent_and_forgotten  # type: ignore[method-assign]
    Outbox.ask_again = _nothing_again  # type: ignore[method-assign]
    main()
