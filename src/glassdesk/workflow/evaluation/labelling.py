"""Every signal gets its outcome from the bars that closed after it, once its horizon is over: also those that
held, were refused or were not selected, and what conditions kept from being asked about.

The pass may run in any process at any time and as often as one likes: what it writes follows from what is
stored, under the keys (run) and (run, revision), so that a second pass writes nothing (X-5).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import TypeVar

from glassdesk.kernel.canonical import canonical_text, decode_text, plain
from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import GlassdeskError, Unavailable
from glassdesk.kernel.ids import short
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.evaluation.barrier import scaled, touched
from glassdesk.workflow.evaluation.model import DESK, UNASKED, Outcome, Subject, Touched
from glassdesk.workflow.evaluation.ports import EvaluationStore
from glassdesk.workflow.evaluation.restated import factor, settled
from glassdesk.workflow.evaluation.subjects import subject
from glassdesk.workflow.lineage.model import Node
from glassdesk.workflow.lineage.service import Lineage
from glassdesk.workflow.market_data.model import Bar, BarSize
from glassdesk.workflow.market_data.service import MarketData
from glassdesk.workflow.runs.model import KEPT_BACK
from glassdesk.workflow.runs.outputs import OUTPUTS, Story
from glassdesk.workflow.runs.service import Runs
from glassdesk.workflow.strategies.service import Strategies

DAILY_AT = time(1, 0)
"""UTC: the day's last American bar is over, the next one far."""
AT_ONCE = 20
"""Subjects of one transaction."""
A_TURN = 100
"""New signals that one turn of a worker takes up: a slot does not wait for the backlog of a year."""
READ = ("bars", "question", "answer", "signal")
"""Steps of a run that a subject is made of."""
READ_KEPT_BACK = ("preflight", "bars", "indicators", "conditions")
"""The same, of a run that conditions kept back."""
ROOM = 100
"""Bars beyond the horizon that are looked at first."""
FORGOTTEN = 5
"""Bars closed since the newest kept one, from which on nobody seems to read the contract."""
READS = 20
"""Contracts read of the broker by one pass."""
EXCHANGE = "XNYS"
"""Calendar of everything this version trades (`T-18`)."""
FURTHEST = 2_000
"""Bars looked back for a decision."""

Value = TypeVar("Value")

_log = logging.getLogger(__name__)

Batch = Callable[[Transaction, str, int], Sequence[Subject]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """What one pass did."""

    subjects: int = 0
    """Signals seen for the first time."""
    outcomes: int = 0
    """Written: first ones, and revisions of those that bars restated since make another."""
    open: int = 0
    """Still without an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What an outcome was computed from; its lineage holds it."""

    subject: Subject
    known: Bar
    bars: tuple[Bar, ...]
    touched: Touched
    factor: Decimal
    """What the subject's prices were multiplied by: a split since."""


class Labelling:
    """The pass."""

    def __init__(
        self,
        transactions: Transactions,
        store: EvaluationStore,
        runs: Runs,
        strategies: Strategies,
        market_data: MarketData,
        contracts: Contracts,
        lineage: Lineage,
        clock: Clock,
    ) -> None:
        self._transactions = transactions
        self._store = store
        self._runs = runs
        self._strategies = strategies
        self._market_data = market_data
        self._contracts = contracts
        self._lineage = lineage
        self._clock = clock
        self._next: datetime | None = None

    def turn(self) -> datetime:
        """The pass where it is due, once a day and at the first turn; answers when it is due again: at once
        while there are more new signals than one turn takes up."""
        now = self._clock.now()
        if self._next is not None and now < self._next:
            return self._next
        self._next = _after(now)
        try:
            if self._take_up(A_TURN) >= A_TURN:
                self._next = now
            else:
                self._end()
        except Unavailable:
            self._next = None
            raise
        except (GlassdeskError, ArithmeticError) as failure:
            # What people look at may wait for a day; the role that runs the pass trades on.
            _log.warning("outcomes are not up to date: %s", failure)
        return self._next

    def run(self, *, again: bool = False) -> Labelled:
        """Take up new signals and end those whose end can be seen; with `again` also compute every outcome
        anew."""
        seen, told = self._take_up(), self._end()
        more = self._label(self._store.closed) if again else Labelled()
        return Labelled(subjects=seen, outcomes=told.outcomes + more.outcomes, open=told.open)

    def _end(self) -> Labelled:
        self._read_forgotten()
        return self._label(self._store.open)

    def _take_up(self, most: int | None = None) -> int:
        """Up to `most` new signals and the rest of a page, all of them without it; answers how many."""
        after, count = "", 0
        while most is None or count < most:
            with self._transactions.read() as t:
                unseen = self._store.unseen(t, after, AT_ONCE)
                found = [_tried(partial(self._subject, t, run), run) for run in unseen]
            if not unseen:
                return count
            with self._transactions.begin() as t:
                count += sum(self._store.add_subject(t, one) for one in found if one is not None)
            after = unseen[-1]
        return count

    def _subject(self, t: Transaction, identity: str) -> Subject | None:
        run = self._runs.run(t, identity)
        row = self._strategies.get(t, run.strategy, run.version)
        wanted = READ_KEPT_BACK if run.reason.startswith(KEPT_BACK) else READ
        steps = {step.name: step.output for step in self._runs.steps(t, identity) if step.name in wanted}
        story = Story(**{name: decode_text(OUTPUTS[name], output) for name, output in steps.items()})
        return subject(run, row.strategy, story)

    def _read_forgotten(self) -> None:
        """Bars that nobody reads any more, because their contract left its strategies: without them only what
        went on to be watched would have an end."""
        oldest: dict[tuple[int, BarSize], Subject] = {}
        for found in self._pages(self._store.open):
            for one in found:
                known = oldest.setdefault((one.conid, one.size), one)
                oldest[one.conid, one.size] = min(known, one, key=lambda subject: subject.known_bar)
        for one in [one for one in oldest.values() if self._forgotten(one)][:READS]:
            try:
                self._read(one)
            except GlassdeskError as failure:
                _log.warning("bars of conid %s are not read, and tried again: %s", one.conid, failure)

    def _pages(self, batch: Batch) -> Iterator[Sequence[Subject]]:
        after = ""
        while True:
            with self._transactions.read() as t:
                found = batch(t, after, AT_ONCE)
            if not found:
                return
            yield found
            after = found[-1].run

    def _forgotten(self, one: Subject) -> bool:
        now = self._clock.now()
        with self._transactions.read() as t:
            kept = self._market_data.seen(t, one.conid, one.size, 1, as_of=now)
        since = kept[-1].start if kept else one.known_bar
        return self._market_data.bars_closed(EXCHANGE, one.size, since, now) > FORGOTTEN

    def _read(self, one: Subject) -> None:
        now = self._clock.now()
        with self._transactions.read() as t:
            contract = self._contracts.contract(t, one.conid)
        count = self._market_data.bars_closed(EXCHANGE, one.size, one.known_bar, now) + 1
        wanted = min(count, FURTHEST)
        self._market_data.closed_bars(contract, one.size, wanted, as_of=now, exchange=EXCHANGE)

    def _label(self, batch: Batch) -> Labelled:
        told = Labelled()
        for found in self._pages(batch):
            with self._transactions.read() as t:
                ended = [_tried(partial(self._evidence, t, one), one.run) for one in found]
            with self._transactions.begin() as t:
                written = sum(self._write(t, evidence) for evidence in ended if evidence is not None)
            waiting = sum(evidence is None for evidence in ended)
            told = replace(told, outcomes=told.outcomes + written, open=told.open + waiting)
        return told

    def _evidence(self, t: Transaction, one: Subject) -> Evidence | None:
        """The end by the kept bars once the horizon is over; `None` where they do not show it, or not yet."""
        bars = self._bars(t, one)
        if not bars:
            return None
        grown = factor(one.known_close, bars[0].close)
        future = [bar for bar in bars if bar.start > one.decided_bar]
        end = None if grown is None else touched(scaled(one.barriers, grown), future)
        if grown is None or end is None or (end.bars and len(future) < one.barriers.horizon):
            # An outcome that is known early would stand for those that take their time: stops are quick.
            return None
        if not self._whole(one, bars, len(bars) - len(future) + end.bars):
            return None
        used = tuple(future[: end.bars])
        return Evidence(subject=one, known=bars[0], bars=used, touched=end, factor=grown)

    def _whole(self, one: Subject, bars: Sequence[Bar], end: int) -> bool:
        """False where a session is missing before the end, or a jump may still turn out to be a split."""
        longer = one.size in (BarSize.WEEK, BarSize.MONTH)
        return settled(bars, end) and (longer or not self._market_data.gaps(bars[:end], EXCHANGE))

    def _bars(self, t: Transaction, one: Subject) -> Sequence[Bar]:
        """Kept bars from the newest closed one that the decision saw; none where that is not kept."""
        for count in (one.barriers.horizon + ROOM, FURTHEST):
            kept = self._market_data.seen(t, one.conid, one.size, count, as_of=self._clock.now())
            found = [bar for bar in kept if bar.start >= one.known_bar]
            if found and found[0].start == one.known_bar:
                return found
        return ()

    def _write(self, t: Transaction, evidence: Evidence) -> bool:
        """The next revision, where it says something else than the desk's newest one."""
        one, end = evidence.subject, evidence.touched
        before = self._store.outcomes(t, one.run)
        outcome = Outcome(
            run=one.run,
            revision=len(before) + 1,
            ending=end.ending,
            r=end.r,
            fill=end.fill,
            exit=end.exit,
            bars=end.bars,
            ambiguous=end.ambiguous,
            ended_on=evidence.bars[-1].session if evidence.bars else None,
            factor=evidence.factor,
            at=self._clock.now(),
        )
        own = [row for row in before if row.said_by == DESK]
        if own and not _other(own[-1], outcome):
            return False
        self._record(t, evidence, outcome)
        return self._store.add_outcome(t, outcome)

    def _record(self, t: Transaction, evidence: Evidence, outcome: Outcome) -> None:
        step = "conditions" if evidence.subject.engine == UNASKED else "signal"
        run, above = outcome.run, [f"{step}:{outcome.run}"]
        self._lineage.record(
            t, kind="outcome", entity=outcome.entity, content=evidence, parents=above, run=run
        )


def again(node: Node, nodes: Mapping[str, Node]) -> str:
    """The canonical text of an outcome's node computed anew from the bars that it holds, for
    `lineage --verify`."""
    del nodes
    stored = decode_text(Evidence, node.content)
    end = touched(scaled(stored.subject.barriers, stored.factor), stored.bars)
    return canonical_text({**plain(stored), "touched": end})


def _tried(step: Callable[[], Value | None], run: str) -> Value | None:
    """What a step gives; `None` where a row of an older program or a broken bar cannot be read: one signal
    holds up no other. Raises `Unavailable`."""
    try:
        return step()
    except Unavailable:
        raise
    except (GlassdeskError, ArithmeticError, LookupError, TypeError, ValueError) as failure:
        _log.warning("the signal of run %s has no outcome now: %s", short(run), failure)
        return None


def _other(before: Outcome, now: Outcome) -> bool:
    """True where the truth changed, not only the unit of prices."""
    if (before.ending, before.bars) != (now.ending, now.bars):
        return True
    return round(before.r or 0, 4) != round(now.r or 0, 4)


def _after(now: datetime) -> datetime:
    today = datetime.combine(now.date(), DAILY_AT, tzinfo=now.tzinfo)
    return today if today > now else today + timedelta(days=1)
