"""Questions about time that several checkers ask of a journal: who attended, what was in force."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime

from glassdesk.kernel.leases import Lease
from glassdesk.workflow.orders.model import Order, OrderState
from glassdesk.workflow.risk.model import Halt, HaltLevel
from tests.chaos.history.journal import Call, Commit, Journal, Looked
from tests.chaos.history.truth import Truth

Span = tuple[datetime, datetime]
END = datetime.max.replace(tzinfo=UTC)


def reads(journal: Journal, *methods: str) -> Iterator[Call]:
    """Calls of reading ports that came back with an answer."""
    return (
        call
        for call in journal.calls
        if call.ended is not None and not call.failed and call.name.rpartition(".")[2] in methods
    )


def attended(journal: Journal, *needs: str) -> list[Span]:
    """When some dealer attended: from each good reading of the orders until it died or paused, its session
    was lost, another took over or a reading failed, that of the orders or of what it `needs` besides. Merged,
    oldest first."""
    breaks = _breaks(journal, ("live_orders", *needs))
    spans: list[Span] = []
    for call in reads(journal, "live_orders"):
        end = next((at for at, who in breaks if at >= call.at and who in ("", call.instance)), END)
        if spans and call.at <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((call.at, end))
    return spans


def _breaks(journal: Journal, needs: Collection[str]) -> list[tuple[datetime, str]]:
    """(instant, instance) of what ends attention; no name: everybody's."""
    ends = [(crash.at, crash.instance) for crash in journal.crashes] + journal.pauses
    ends += [
        (call.at, call.instance)
        for call in journal.calls
        if call.name.rpartition(".")[2] in needs and (call.failed or call.ended is None)
    ]
    for commit in journal.commits:
        ends += [(commit.at, "") for look in commit.of(Looked) if not look.status.ready]
    return sorted(ends)


def seconds_within(spans: Iterable[Span], begin: datetime, end: datetime) -> float:
    """How much of a time lies in the spans."""
    cut = ((max(begin, one), min(end, other)) for one, other in spans)
    return sum((other - one).total_seconds() for one, other in cut if other > one)


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """The spans less those."""
    left = list(spans)
    for begin, end in taken:
        left = [
            (one, other)
            for first, last in left
            for one, other in ((first, min(last, begin)), (max(first, end), last))
            if one < other
        ]
    return left


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


def free(journal: Journal, truth: Truth, *needs: str) -> list[Span]:
    """When somebody attended and might send: at FREEZE nothing goes out, a cancel neither (`T-50`)."""
    return without(attended(journal, *needs), levels_of(journal, truth.now, HaltLevel.FREEZE))


def levels_of(journal: Journal, now: datetime, *wanted: HaltLevel) -> list[Span]:
    """When one of these levels was in force; none named: those that end entries."""
    halts = [(commit.at, row.level) for commit in journal.commits for row in commit.of(Halt)]
    ends = [at for at, _ in halts[1:]] + [now]
    levels = wanted or (HaltLevel.HALT_CANCEL_ENTRIES, HaltLevel.FLATTEN)
    return [(at, end) for (at, level), end in zip(halts, ends, strict=False) if level in levels]
