"""Verbs of the schedules step: what is due next, and the tick that turns due instants into slots and runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from heapq import merge
from itertools import islice, takewhile

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.kernel.ids import run_id
from glassdesk.kernel.jobs import Bell
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.contracts.watchlists import WatchlistStore
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.runs.model import Run, RunKind, RunState
from glassdesk.workflow.runs.ports import RunStore
from glassdesk.workflow.schedules.model import Slot, SlotState
from glassdesk.workflow.schedules.ports import SlotStore
from glassdesk.workflow.strategies import timing
from glassdesk.workflow.strategies.model import (
    Strategy,
    StrategyContract,
    StrategyRow,
    StrategyState,
    Traded,
)
from glassdesk.workflow.strategies.service import Strategies

LOOK_AHEAD = timedelta(days=40)
MOST_ROWS = 10_000
"""Rows written for one strategy after an outage (`reliability.md` §3.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A coming slot of one strategy."""

    instant: datetime
    strategy: str


class Schedules:
    """Slots. Every worker may tick; the database decides who was first."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        store: SlotStore,
        strategies: Strategies,
        contracts: Contracts,
        runs: RunStore,
        watchlists: WatchlistStore,
        positions: Positions,
        notifications: Notifications,
        audit: Audit,
        bell: Bell,
        clock: Clock,
        deployment: str,
    ) -> None:
        self._transactions = transactions
        self._store = store
        self._strategies = strategies
        self._contracts = contracts
        self._runs = runs
        self._watchlists = watchlists
        self._positions = positions
        self._notifications = notifications
        self._audit = audit
        self._bell = bell
        self._clock = clock
        self._deployment = deployment

    def slots(self, t: Transaction, *, strategy: str | None = None, limit: int = 200) -> Sequence[Slot]:
        """What became of past instants, newest first."""
        return self._store.slots(t, strategy=strategy, limit=limit)

    def next(self, t: Transaction, now: datetime, count: int = 5) -> list[Due]:
        """The next slots on which the market is open, of enabled strategies that are not paused."""
        paused = self._store.paused(t)
        ahead = [
            self._coming(row.strategy, now) for row in self._active(t) if row.strategy.name not in paused
        ]
        return list(islice(merge(*ahead, key=lambda due: (due.instant, due.strategy)), count))

    def pause(self, t: Transaction, name: str, actor: str) -> None:
        """No slot of the strategy starts until it is resumed; each is recorded as paused."""
        self._strategies.get(t, name)
        self._store.set_paused(t, name, paused=True)
        self._audit.append(t, actor, "schedule.pause", name, {"before": "runs", "after": "paused"})

    def resume(self, t: Transaction, name: str, actor: str) -> None:
        """Slots start again; what was paused is not made up for."""
        self._strategies.get(t, name)
        self._store.set_paused(t, name, paused=False)
        self._audit.append(t, actor, "schedule.resume", name, {"before": "paused", "after": "runs"})

    def run_now(self, t: Transaction, name: str, *, conids: Sequence[int] | None, actor: str) -> list[str]:
        """A slot at this instant, by a person's wish, for all contracts of a strategy or some; answers its
        runs. Raises `NotFound`, `Conflict` for a strategy that is archived or already due at this instant, or
        whose watchlist is gone, `InvalidInput` for a contract that is not the strategy's."""
        row, now = self._strategies.get(t, name), self._clock.now()
        if row.state is StrategyState.ARCHIVED:
            raise Conflict(f"{name} is archived", where="strategy", remedy="clone it")
        traded = self._traded(t, row.strategy)
        if traded.problem and not traded.contracts:
            raise Conflict(traded.problem, where="watchlist", remedy="make it under Watchlists")
        wanted = _chosen(row.strategy.name, traded, conids)
        slot = _slot(row.strategy, now, SlotState.RUN, f"asked for by {actor}", now)
        if not self._store.add(t, slot):
            raise Conflict(
                f"{name} is due at this very instant", where="strategy", remedy="its runs are under way"
            )
        added = self._add_runs(t, row.strategy, traded, wanted, now, now)
        body = {"conids": [one.conid for one in wanted]}
        self._audit.append(t, actor, "strategy.run", name, body, before=None, after=added)
        for run in added:
            t.after_commit(partial(self._bell.ring, run))
        return added

    def tick(self) -> list[str]:
        """Turn every instant that has become due into a slot row and its runs; answers the runs that were
        added."""
        now = self._clock.now()
        with self._transactions.read() as t:
            rows = self._strategies.list(t)
            due = [(row, self._due(t, row, now)) for row in rows]
        return [run for row, found in due if found for run in self._open(row, found, now)]

    def next_due(self, now: datetime) -> datetime | None:
        """When the next tick has something to do; holidays included, since they get their row too."""
        with self._transactions.read() as t:
            firsts = [next(timing.instants(row.strategy.timing, now)) for row in self._active(t)]
        return min(firsts, default=None)

    def _active(self, t: Transaction) -> list[StrategyRow]:
        running = (StrategyState.ENABLED, StrategyState.CLOSING)
        return [row for row in self._strategies.list(t) if row.state in running]

    def _coming(self, strategy: Strategy, now: datetime) -> list[Due]:
        until = now + LOOK_AHEAD
        ahead = takewhile(lambda instant: instant <= until, timing.instants(strategy.timing, now))
        open_days = (i for i in ahead if self._session_day(strategy, i))
        return [Due(instant=instant, strategy=strategy.name) for instant in islice(open_days, 20)]

    def _due(self, t: Transaction, row: StrategyRow, now: datetime) -> list[datetime]:
        since = self._store.watermark(t, row.strategy.name) or row.created_at
        ahead = takewhile(lambda instant: instant <= now, timing.instants(row.strategy.timing, since))
        return list(islice(ahead, MOST_ROWS))

    def _open(self, row: StrategyRow, due: Sequence[datetime], now: datetime) -> list[str]:
        added: list[str] = []
        with self._transactions.begin() as t:
            if row.state in (StrategyState.ENABLED, StrategyState.CLOSING):
                added = [run for instant in due for run in self._open_slot(t, row, instant, now)]
            self._store.set_watermark(t, row.strategy.name, due[-1])
            for run in added:
                t.after_commit(partial(self._bell.ring, run))
        return added

    def _open_slot(self, t: Transaction, row: StrategyRow, instant: datetime, now: datetime) -> list[str]:
        strategy = row.strategy
        traded = self._traded(t, strategy)
        state, reason = self._judge(t, strategy, instant, now)
        if state is SlotState.RUN and traded.problem:
            held = "only what it holds runs" if traded.contracts else "nothing is entered"
            reason = f"WATCHLIST: {traded.problem}: {held}"
            state = SlotState.RUN if traded.contracts else SlotState.BLOCKED
        slot = _slot(strategy, instant, state, reason, now)
        if not self._store.add(t, slot):
            return []
        if state is not SlotState.RUN:
            self._tell(t, slot)
            return []
        return self._add_runs(t, strategy, traded, traded.contracts, instant, now)

    def _traded(self, t: Transaction, strategy: Strategy) -> Traded:
        """What it trades at this instant: what it holds goes on, whatever the watchlist says."""
        if not strategy.watchlist:
            return self._strategies.traded(t, strategy)
        mine = [p for p in self._positions.held(t, strategy.account) if p.strategy == strategy.name]
        held = [StrategyContract(conid=one.conid, symbol=one.symbol) for one in mine]
        return self._strategies.traded(t, strategy, held)

    def _add_runs(
        self,
        t: Transaction,
        strategy: Strategy,
        traded: Traded,
        wanted: Sequence[StrategyContract],
        instant: datetime,
        now: datetime,
    ) -> list[str]:
        """One run for each, with the version of the watchlist it comes from."""
        self._strategies.claim(t, strategy, traded)
        runs = [self._run(strategy, instant, one.conid, one.symbol, now) for one in wanted]
        added = [run.run for run in runs if self._runs.add(t, run)]
        if traded.watchlist is not None:
            for run in added:
                self._watchlists.note(t, run, traded.watchlist)
        return added

    def _judge(
        self, t: Transaction, strategy: Strategy, instant: datetime, now: datetime
    ) -> tuple[SlotState, str]:
        if not self._session_day(strategy, instant):
            return SlotState.HOLIDAY, f"{strategy.timing.exchange} has no session that day"
        if strategy.name in self._store.paused(t):
            return SlotState.PAUSED, "the schedule is paused"
        late, limit = now - instant, timing.start_deadline(strategy.bar_size)
        if late > limit:
            minutes = int(late.total_seconds() // 60)
            return (
                SlotState.MISSED,
                f"{minutes} min late, the limit is {int(limit.total_seconds() // 60)} min",
            )
        return SlotState.RUN, ""

    def _session_day(self, strategy: Strategy, instant: datetime) -> bool:
        exchange = strategy.timing.exchange
        day = instant.astimezone(self._contracts.zone(exchange)).date()
        return self._contracts.hours(exchange, day) is not None

    def _tell(self, t: Transaction, slot: Slot) -> None:
        if slot.state in (SlotState.HOLIDAY, SlotState.PAUSED):
            return
        key = f"slot:{slot.strategy}:{slot.instant.isoformat()}:{slot.state}"
        title = f"{slot.strategy}: slot {slot.state.value}"
        self._notifications.tell(t, key, Severity.WARNING, title, slot.reason, f"strategy:{slot.strategy}")

    def _run(self, strategy: Strategy, instant: datetime, conid: int, symbol: str, now: datetime) -> Run:
        return Run(
            run=run_id(self._deployment, strategy.name, instant, conid),
            kind=RunKind.SCHEDULED,
            strategy=strategy.name,
            version=strategy.version,
            slot=instant,
            conid=conid,
            symbol=symbol,
            account=strategy.account,
            state=RunState.DUE,
            reason="",
            created_at=now,
        )


def _slot(strategy: Strategy, instant: datetime, state: SlotState, reason: str, now: datetime) -> Slot:
    return Slot(
        strategy=strategy.name,
        version=strategy.version,
        instant=instant,
        state=state,
        reason=reason,
        created_at=now,
    )


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
