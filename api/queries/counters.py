"""Figures for monitoring: records by verdict and reason, transactions by state, how far behind each step is."""

from dataclasses import dataclass

from sqlalchemy import func, select

from api.queries import tables
from api.queries.devices import verdict_count
from api.services import Views


@dataclass(frozen=True, slots=True)
class Counters:
    """Totals as of now; heads are null before the first block or checkpoint."""

    verdicts: dict[tuple[str, str], int]
    transactions: dict[str, int]
    open_alarms: int
    refusals: int
    head_block: int | None
    final_block: int | None
    head_block_at_s: int | None
    log_size: int


def counters(views: Views) -> Counters:
    """All of them."""
    count, tx, block, note = tables.verdict_count.c, tables.tx.c, tables.block.c, tables.note.c
    verdicts = views.journal.execute(
        select(count.verdict, count.reason, func.sum(count.count)).group_by(count.verdict, count.reason)
    ).all()
    words = [verdict_count(*row) for row in verdicts]
    states = views.journal.execute(select(tx.state, func.count()).group_by(tx.state)).all()
    head = views.projections.execute(select(block.number, block.time).order_by(block.number.desc()).limit(1)).first()
    return Counters(
        verdicts={(one.verdict, one.reason): one.count for one in words},
        transactions={str(state): int(number) for state, number in states},
        open_alarms=views.journal.execute(
            select(func.count()).select_from(tables.alarm).where(tables.alarm.c.cleared_at_ms.is_(None))
        ).scalar_one(),
        refusals=views.journal.execute(select(func.count()).select_from(tables.refusal)).scalar_one(),
        head_block=None if head is None else head.number,
        final_block=views.projections.execute(select(func.max(block.number)).where(block.final)).scalar(),
        head_block_at_s=None if head is None else head.time,
        log_size=views.log.execute(select(func.max(note.size)).where(note.published_at_ms.is_not(None))).scalar() or 0,
    )
