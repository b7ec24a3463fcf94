"""From an instant that is due to its row and its runs, once, whoever looks and however late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice, takewhile

from glassdesk.kernel.errors import LeaseLost
from glassdesk.kernel.ids import run_id
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.model import Hours
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.runs.jitter import starts_at
from glassdesk.workflow.runs.model import Run, RunKind, RunState
from glassdesk.workflow.schedules.judging import Judged, Scene, judge
from glassdesk.workflow.schedules.model import Slot, SlotState
from glassdesk.workflow.schedules.parts import Parts
from glassdesk.workflow.strategies import timing
from glassdesk.workflow.strategies.model import (
    Overlap,
    Strategy,
    StrategyContract,
    StrategyRow,
    StrategyState,
    Traded,
)

MOST_ROWS = 10_000
"""Rows written for one strategy after an outage (`reliability.md` §3.2)."""
LOOK_AGAIN = timedelta(seconds=5)
"""A slot that waits for the one before is looked at so often."""
RUNS = (StrategyState.ENABLED, StrategyState.CLOSING)
_ACTIVE = (RunState.DUE, RunState.RUNNING, RunState.DECIDED)
_QUIET = (SlotState.RUN, SlotState.HOLIDAY, SlotState.PAUSED)


class Opening:
    """Opens slots. The database decides who was first."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def settle(self, t: Transaction, row: StrategyRow, now: datetime) -> list[str]:
        """Every instant up to now gets its row, and the agenda says when to look next; answers the runs that
        were added."""
        store, strategy = self._parts.store, row.strategy
        if row.state not in RUNS:
            store.plan(t, strategy.name, None)
            return []
        due = self._due(t, row, now)
        added, following = list[str](), next(self.ahead(strategy, now), None)
        for judged in judge(strategy, due, self._scene(t, strategy, now)) if due else ():
            busy = self._still_busy(t, strategy, judged) if judged.state is SlotState.RUN else {}
            if busy and strategy.timing.overlap is Overlap.WAIT:
                following = now + LOOK_AGAIN
                break
            added += self._open(t, strategy, judged, busy, now)
            store.set_watermark(t, strategy.name, judged.instant)
        store.plan(t, strategy.name, following)
        return added

    def ahead(self, strategy: Strategy, after: datetime) -> Iterator[datetime]:
        """Its instants, holidays included."""
        return timing.instants(strategy.timing, after, self._parts.contracts.sessions)

    def hours(self, strategy: Strategy, instant: datetime) -> Hours | None:
        """The session of the instant's date at the exchange."""
        contracts, exchange = self._parts.contracts, strategy.timing.exchange
        return contracts.hours(exchange, instant.astimezone(contracts.zone(exchange)).date())

    def traded(self, t: Transaction, strategy: Strategy) -> Traded:
        """What it trades at this instant: what it holds goes on, whatever the watchlist says."""
        parts = self._parts
        if not strategy.watchlist:
            return parts.strategies.traded(t, strategy)
        mine = [p for p in parts.positions.held(t, strategy.account) if p.strategy == strategy.name]
        held = [StrategyContract(conid=one.conid, symbol=one.symbol) for one in mine]
        return parts.strategies.traded(t, strategy, held)

    def busy(self, t: Transaction, strategy: Strategy) -> dict[int, Run]:
        """Runs of the strategy that are not done, by contract: a second one would overlap."""
        found = self._parts.runs.runs(t, strategy=strategy.name, states=_ACTIVE, limit=MOST_ROWS)
        return {run.conid: run for run in found}

    def add_runs(
        self,
        t: Transaction,
        strategy: Strategy,
        traded: Traded,
        wanted: Sequence[StrategyContract],
        instant: datetime,
        *,
        at_once: bool = False,
    ) -> list[str]:
        """One run for each, with the version of the watchlist it comes from; workers are rung for those that
        begin at once, or `at_once`."""
        parts, now = self._parts, self._parts.clock.now()
        parts.strategies.claim(t, strategy, traded)
        runs = [self._run(strategy, instant, one, now) for one in wanted]
        added = [run for run in runs if parts.runs.add(t, run)]
        for run in added:
            if traded.watchlist is not None:
                parts.watchlists.note(t, run.run, traded.watchlist)
            if at_once or starts_at(run, parts.jitter) <= now:
                t.after_commit(partial(parts.bell.ring, run.run))
        return [run.run for run in added]

    def _still_busy(self, t: Transaction, strategy: Strategy, judged: Judged) -> dict[int, Run]:
        """As `busy`. A run that only waits, for a sign-in or for bars, gives way: a later slot sees more. So
        does one that nobody took before its start deadline."""
        parts, busy, now = self._parts, self.busy(t, strategy), self._parts.clock.now()
        ended = now - timing.start_deadline(strategy.bar_size)
        for run in [one for one in busy.values() if one.state is RunState.DUE]:
            if not run.reason and run.slot >= ended:
                continue
            said = run.reason or "LATE: no worker took it"
            reason = f"{said}; the slot of {judged.instant:%Y-%m-%d %H:%M} UTC takes its place"
            with suppress(LeaseLost):
                parts.runs.set_state(t, run, RunState.FAILED, reason, at=now)
                parts.audit.append(t, "desk", "run.failed", f"run:{run.run}", {"reason": reason})
                del busy[run.conid]
        return busy

    def _due(self, t: Transaction, row: StrategyRow, now: datetime) -> list[tuple[datetime, Hours | None]]:
        since = self._parts.store.watermark(t, row.strategy.name) or row.created_at
        ahead = takewhile(lambda instant: instant <= now, self.ahead(row.strategy, since))
        return [(instant, self.hours(row.strategy, instant)) for instant in islice(ahead, MOST_ROWS)]

    def _scene(self, t: Transaction, strategy: Strategy, now: datetime) -> Scene:
        store = self._parts.store
        return Scene(
            now=now,
            zone=self._parts.contracts.zone(strategy.timing.exchange),
            pause=store.paused(t).get(strategy.name),
            ticked_at=store.ticked_at(t),
        )

    def _open(
        self, t: Transaction, strategy: Strategy, judged: Judged, busy: dict[int, Run], now: datetime
    ) -> list[str]:
        traded = self.traded(t, strategy)
        wanted = [one for one in traded.contracts if one.conid not in busy]
        judged = _narrowed(judged, traded, wanted, busy)
        slot = slot_of(strategy, judged, now)
        if not self._parts.store.add(t, slot):
            return []
        if slot.state is SlotState.RUN:
            return self.add_runs(t, strategy, traded, wanted, slot.instant)
        if slot.state not in _QUIET:
            self._tell(t, slot)
        return []

    def _tell(self, t: Transaction, slot: Slot) -> None:
        key = f"slot:{slot.strategy}:{slot.instant.isoformat()}:{slot.state}"
        title = f"{slot.strategy}: slot {slot.state.value}"
        about = f"strategy:{slot.strategy}"
        self._parts.notifications.tell(
            t, key, Severity.WARNING, title, slot.reason, about, strategy=slot.strategy
        )

    def _run(self, strategy: Strategy, instant: datetime, one: StrategyContract, now: datetime) -> Run:
        return Run(
            run=run_id(self._parts.deployment, strategy.name, instant, one.conid),
            kind=RunKind.SCHEDULED,
            strategy=strategy.name,
            version=strategy.version,
            slot=instant,
            conid=one.conid,
            symbol=one.symbol,
            account=strategy.account,
            state=RunState.DUE,
            reason="",
            created_at=now,
        )


def slot_of(strategy: Strategy, judged: Judged, now: datetime) -> Slot:
    """Its row."""
    return Slot(
        strategy=strategy.name,
        version=strategy.version,
        instant=judged.instant,
        state=judged.state,
        reason=judged.reason,
        created_at=now,
    )


def overlap(busy: Sequence[Run]) -> str:
    """Why a slot, or a contract of it, does not run."""
    said = [f"{run.symbol} since {run.slot:%Y-%m-%d %H:%M} UTC ({run.reason or run.state})" for run in busy]
    return f"OVERLAP: not done yet: {', '.join(said)}"


def _narrowed(
    judged: Judged, traded: Traded, wanted: Sequence[StrategyContract], busy: dict[int, Run]
) -> Judged:
    """What is not done yet does not run twice; a watchlist that gives nothing enters nothing."""
    if judged.state is not SlotState.RUN:
        return judged
    held_back = [busy[one.conid] for one in traded.contracts if one.conid in busy]
    if held_back:
        state = SlotState.RUN if wanted else SlotState.SKIPPED_OVERLAP
        return replace(judged, state=state, reason=overlap(held_back))
    if traded.problem:
        held = "only what it holds runs" if traded.contracts else "nothing is entered"
        state = SlotState.RUN if traded.contracts else SlotState.BLOCKED
        return replace(judged, state=state, reason=f"WATCHLIST: {traded.problem}: {held}")
    return judged
