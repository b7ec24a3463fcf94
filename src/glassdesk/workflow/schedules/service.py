"""Verbs of the schedules step: what is due next, and the tick that turns due instants into slots and runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import islice, takewhile

from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.schedules.breaker import FAILURES, failures
from glassdesk.workflow.schedules.judging import Judged
from glassdesk.workflow.schedules.model import ASKED_FOR, Cause, Outcome, Pause, Slot, SlotState
from glassdesk.workflow.schedules.opening import RUNS, Opening, overlap, slot_of
from glassdesk.workflow.schedules.parts import Parts
from glassdesk.workflow.schedules.service_level import MOST, SPAN, ServiceLevel, cause_of, service_level
from glassdesk.workflow.strategies.model import Strategy, StrategyContract, StrategyRow, StrategyState, Traded
from glassdesk.workflow.strategies.timing import closed, start_deadline

LOOK_AHEAD = timedelta(days=40)
EVERY = 1_000_000
"""No desk has so many strategies."""
SAY_SO = timedelta(minutes=1)
"""A worker writes down that it ticks so often."""
FAILED_SINCE = timedelta(days=1)
"""How far back a worker that begins looks for failures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A coming slot of one strategy."""

    instant: datetime
    strategy: str


class Schedules:
    """Slots. Every worker may tick; the database decides who was first."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._opening = Opening(parts)
        self._deadlines: dict[tuple[str, int], timedelta] = {}
        self._began = False
        self._failed_since = parts.clock.now() - FAILED_SINCE

    def slots(
        self,
        t: Transaction,
        *,
        strategy: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 200,
    ) -> Sequence[Slot]:
        """What became of past instants, newest first."""
        return self._parts.store.slots(t, strategy=strategy, since=since, until=until, limit=limit)

    def outcomes(
        self,
        t: Transaction,
        *,
        strategy: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 200,
    ) -> Sequence[Outcome]:
        """The same, with the runs."""
        return self._parts.store.outcomes(t, strategy=strategy, since=since, until=until, limit=limit)

    def cause(self, t: Transaction, outcome: Outcome) -> Cause | None:
        """Whose it is that a slot was lost; `None` where it was not."""
        return cause_of(outcome, self._deadline(t, outcome.slot))

    def service_level(self, t: Transaction, now: datetime) -> ServiceLevel:
        """Of the last thirty days."""
        since = now - SPAN
        found = self._parts.store.outcomes(t, since=since, limit=MOST)
        return service_level(found, since, lambda slot: self._deadline(t, slot))

    def next(self, t: Transaction, now: datetime, count: int = 5) -> list[Due]:
        """The next slots on which the market is open, of enabled strategies that are not paused."""
        return list(islice(self._ahead(t, now), count))

    def paused(self, t: Transaction) -> dict[str, Pause]:
        """Strategies whose schedule is paused, and why."""
        return dict(self._parts.store.paused(t))

    def pause(self, t: Transaction, name: str, actor: str) -> None:
        """No slot of the strategy starts until it is resumed; each is recorded as paused."""
        self.settle(t, name)
        pause = Pause(strategy=name, actor=actor, reason="", at=self._parts.clock.now())
        self._parts.store.pause(t, pause)
        self._parts.audit.append(t, actor, "schedule.pause", name, {"before": "runs", "after": "paused"})

    def resume(self, t: Transaction, name: str, actor: str) -> None:
        """Slots start again; what was paused is not made up for."""
        self.settle(t, name)
        self._parts.store.resume(t, name, self._parts.clock.now())
        self._parts.audit.append(t, actor, "schedule.resume", name, {"before": "paused", "after": "runs"})

    def settle(self, t: Transaction, name: str) -> None:
        """What was due up to now is decided as things stood; call it before they change, and `plan` after."""
        row = self._parts.strategies.get(t, name)
        self._opening.settle(t, row, self._parts.clock.now())

    def plan(self, t: Transaction, name: str) -> None:
        """Things have changed: nothing up to now is due any more, and what is next is found anew."""
        row, now = self._parts.strategies.get(t, name), self._parts.clock.now()
        self._parts.store.set_watermark(t, name, now)
        self._opening.settle(t, row, now)

    def run_now(self, t: Transaction, name: str, *, conids: Sequence[int] | None, actor: str) -> list[str]:
        """A slot at this instant, by a person's wish, for all contracts of a strategy or some; answers its
        runs. Raises `NotFound`, `Conflict` for a strategy that is archived, already due at this instant or
        not done with a contract yet, or whose watchlist is gone, `InvalidInput` for a contract that is not
        the strategy's."""
        parts, opening = self._parts, self._opening
        row, now = parts.strategies.get(t, name), parts.clock.now()
        if row.state is StrategyState.ARCHIVED:
            raise Conflict(f"{name} is archived", where="strategy", remedy="clone it")
        traded = opening.traded(t, row.strategy)
        if traded.problem and not traded.contracts:
            raise Conflict(traded.problem, where="watchlist", remedy="make it under Watchlists")
        wanted = _chosen(row.strategy.name, traded, conids)
        busy = opening.busy(t, row.strategy)
        held_back = [busy[one.conid] for one in wanted if one.conid in busy]
        if held_back:
            raise Conflict(overlap(held_back), where="strategy", remedy="wait until it is done")
        judged = Judged(instant=now, state=SlotState.RUN, reason=f"{ASKED_FOR}{actor}")
        if not parts.store.add(t, slot_of(row.strategy, judged, now)):
            raise Conflict(
                f"{name} is due at this very instant", where="strategy", remedy="its runs are under way"
            )
        added = opening.add_runs(t, row.strategy, traded, wanted, now, at_once=True)
        body = {"conids": [one.conid for one in wanted]}
        parts.audit.append(t, actor, "strategy.run", name, body, before=None, after=added)
        return added

    def tick(self) -> list[str]:
        """Turn every instant that has become due into a slot row and its runs; answers the runs that were
        added. What is not due costs nothing, but for the first time."""
        parts, now = self._parts, self._parts.clock.now()
        with parts.transactions.read() as t:
            due = parts.store.due(t, now) if self._began else self._astray(t, now)
            ticked_at = parts.store.ticked_at(t)
            failed = {run.strategy for run in parts.runs.failed_since(t, self._failed_since)}
        added = [run for name in due for run in self._settled(name, now)]
        for name in sorted(failed):
            self._break(name, now)
        if ticked_at is None or now - ticked_at >= SAY_SO:
            with parts.transactions.begin() as t:
                parts.store.tick(t, now)
        self._began, self._failed_since = True, now
        return added

    def next_due(self) -> datetime | None:
        """When the next tick has something to do; holidays included, since they get their row too."""
        with self._parts.transactions.read() as t:
            return self._parts.store.next_due(t)

    def _deadline(self, t: Transaction, slot: Slot) -> timedelta:
        """A version's never changes."""
        key = (slot.strategy, slot.version)
        if key not in self._deadlines:
            row = self._parts.strategies.get(t, *key)
            self._deadlines[key] = start_deadline(row.strategy.bar_size)
        return self._deadlines[key]

    def _astray(self, t: Transaction, now: datetime) -> list[str]:
        """Strategies that are due, or whose agenda says something else than the calendar of this program."""
        planned = {name: due for due, name in self._parts.store.planned(t, limit=EVERY)}
        running = [row.strategy for row in self._parts.strategies.list(t) if row.state in RUNS]
        return [
            one.name for one in running if planned.get(one.name) != next(self._opening.ahead(one, now), None)
        ]

    def _settled(self, name: str, now: datetime) -> list[str]:
        with self._parts.transactions.begin() as t:
            return self._opening.settle(t, self._parts.strategies.get(t, name), now)

    def _break(self, name: str, now: datetime) -> None:
        """A person has to look before it goes on."""
        parts = self._parts
        with parts.transactions.begin() as t:
            if name in parts.store.paused(t):
                return
            newest = parts.store.outcomes(t, strategy=name, limit=FAILURES * 10)
            why = failures(newest, parts.store.resumed_at(t, name))
            if not why:
                return
            parts.store.pause(t, Pause(strategy=name, actor="desk", reason=why, at=now))
            body = {"before": "runs", "after": "paused", "reason": why}
            parts.audit.append(t, "desk", "schedule.pause", name, body)
            key, title = f"breaker:{name}:{newest[0].slot.instant.isoformat()}", f"{name} is paused"
            said = f"{why}. It runs again once you resume it."
            parts.notifications.tell(t, key, Severity.ALARM, title, said, f"strategy:{name}", strategy=name)

    def _ahead(self, t: Transaction, now: datetime) -> Iterator[Due]:
        """By instant and name. A strategy is only looked at once its turn may have come."""
        paused, planned = self._parts.store.paused(t), self._planned(t)
        following = next(planned, None)
        heap: list[tuple[datetime, str, Iterator[datetime]]] = []
        while following is not None or heap:
            while following is not None and (not heap or following <= heap[0][:2]):
                if following[1] not in paused:
                    _push(heap, following[1], self._coming(self._parts.strategies.get(t, following[1]), now))
                following = next(planned, None)
            if heap:
                instant, name, rest = heappop(heap)
                yield Due(instant=instant, strategy=name)
                _push(heap, name, rest)

    def _planned(self, t: Transaction) -> Iterator[tuple[datetime, str]]:
        found = self._parts.store.planned(t)
        while found:
            yield from found
            found = self._parts.store.planned(t, after=found[-1])

    def _coming(self, row: StrategyRow, now: datetime) -> Iterator[datetime]:
        until = now + LOOK_AHEAD
        ahead = takewhile(lambda instant: instant <= until, self._opening.ahead(row.strategy, now))
        return (instant for instant in ahead if not self._closed(row.strategy, instant))

    def _closed(self, strategy: Strategy, instant: datetime) -> str:
        zone = self._parts.contracts.zone(strategy.timing.exchange)
        return closed(strategy.timing, instant, self._opening.hours(strategy, instant), zone)


def _push(heap: list[tuple[datetime, str, Iterator[datetime]]], name: str, rest: Iterator[datetime]) -> None:
    instant = next(rest, None)
    if instant is not None:
        heappush(heap, (instant, name, rest))


def _chosen(name: str, traded: Traded, conids: Sequence[int] | None) -> list[StrategyContract]:
    """The contracts asked for, all where none is named."""
    strange = set(conids or ()) - {one.conid for one in traded.contracts}
    if strange:
        symbols = ", ".join(one.symbol for one in traded.contracts)
        raise InvalidInput(
            f"{name} does not trade conid {min(strange)}",
            where="symbol",
            remedy=f"it trades {symbols}",
        )
    return [one for one in traded.contracts if conids is None or one.conid in conids]
