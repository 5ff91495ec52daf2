"""A gateway that forgets a record as soon as it has sent it: the negative control of the fault tests.

`python -m tests.faults.naive_gateway run …` is `tidemark run …` with that one difference.
"""

from collections.abc import Iterable

from oracles.gateway.outbox import Outbox
from scripts.cli import main


def _sent_and_forgotten(outbox: Outbox, due_again: Iterable[tuple[int, int]]) -> None:
    with outbox._transaction() as connection:  # pyright: ignore[reportPrivateUsage]
        for row_id, _ in due_again:
            connection.execute("UPDATE outbox SET state = 2 WHERE id = ?", (row_id,))
            connection.execute(
                "INSERT OR REPLACE INTO ack SELECT device, max(sequence), '{}' FROM outbox WHERE device = "
                "(SELECT device FROM outbox WHERE id = ?) AND state = 2",
                (row_id,),
            )


if __name__ == "__main__":
    Outbox.sent = _sent_and_forgotten  # type: ignore[method-assign]
    main()
