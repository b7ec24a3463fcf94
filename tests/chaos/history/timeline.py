"""Questions about time that several checkers ask of a journal: who attended, what was in force."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from glassdesk.kernel.leases import Lease
from glassdesk.workflow.orders.model import Order, OrderState
from glassdesk.workflow.risk.model import Halt, HaltLevel
from tests.chaos.history.journal import Call, Commit, Journal, Looked

READ_AGAIN = timedelta(seconds=35)
"""A dealer that has read the orders knows them for so long: it reads every 30 s while some rest (`T-58`)."""
Span = tuple[datetime, datetime]


def reads(journal: Journal, *methods: str) -> Iterator[Call]:
    """Calls of reading ports that came back with an answer."""
    return (
        call
        for call in journal.calls
        if call.ended is not None and not call.failed and call.name.rpartition(".")[2] in methods
    )


def attended(journal: Journal) -> list[Span]:
    """When some dealer lived, had a session and kept looking: from each good reading of the orders for as
    long as the next may take, cut short by its own death. Merged, oldest first."""
    ends = sorted((crash.at, crash.instance) for crash in journal.crashes)
    spans: list[Span] = []
    for call in reads(journal, "live_orders"):
        died = next((at for at, who in ends if who == call.instance and at >= call.at), None)
        end = call.at + READ_AGAIN if died is None else min(died, call.at + READ_AGAIN)
        if spans and call.at <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((call.at, end))
    return spans


def seconds_within(spans: Iterable[Span], begin: datetime, end: datetime) -> float:
    """How much of a time lies in the spans."""
    cut = ((max(begin, one), min(end, other)) for one, other in spans)
    return sum((other - one).total_seconds() for one, other in cut if other > one)


class InForce:
    """What the last commit before a step said: the halt level, the session."""

    def __init__(self, journal: Journal) -> None:
        halts = [(commit.step, row.level) for commit in journal.commits for row in commit.of(Halt)]
        looks = [(commit.step, row) for commit in journal.commits for row in commit.of(Looked)]
        self._halt_steps, self._halts = [step for step, _ in halts], [level for _, level in halts]
        self._look_steps, self._looks = [step for step, _ in looks], [look for _, look in looks]

    def halt(self, step: int) -> HaltLevel:
        """The level that a transaction at this step had read."""
        known = bisect_right(self._halt_steps, step)
        return self._halts[known - 1] if known else HaltLevel.ACTIVE

    def session(self, step: int) -> Looked | None:
        """Status and epoch as last written before this step."""
        known = bisect_right(self._look_steps, step)
        return self._looks[known - 1] if known else None


def fences(journal: Journal, name: str) -> list[tuple[int, Lease]]:
    """(step, lease) of everything granted or renewed under a name, in order of commit."""
    return [(c.step, row) for c in journal.commits for row in c.of(Lease) if row.name == name]


def went_out(order: Order) -> bool:
    """True for an order for which a byte may have left."""
    return order.sends > 0


def dwell(life: list[tuple[Commit, Order]], state: OrderState, now: datetime) -> list[Span]:
    """The stretches an order spent in a state."""
    spans: list[Span] = []
    since: datetime | None = None
    for commit, order in life:
        if order.state is state:
            since = since or commit.at
        elif since is not None:
            spans.append((since, commit.at))
            since = None
    return spans if since is None else [*spans, (since, now)]
