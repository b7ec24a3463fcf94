"""Selection: when every run of an instant has decided, its entries are judged and reserved in one order
(`T-02`).

All slots of the same instant are selected together, strategies by name and entries by the strategy's rank:
books change with every reservation, so an order that depended on which worker was faster would be another
trade each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import Conflict, GlassdeskError, LeaseLost
from glassdesk.kernel.work import Kind, doing
from glassdesk.workflow.orders.bracket import bracket
from glassdesk.workflow.risk.model import Exposure, Judged
from glassdesk.workflow.runs.commit import load_story
from glassdesk.workflow.runs.model import Run, RunState
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.proposals import entry_proposal, gates
from glassdesk.workflow.runs.reserving import decision, judge_and_reserve
from glassdesk.workflow.runs.steps import Moment, need
from glassdesk.workflow.strategies.model import Rank

LEASE = timedelta(seconds=60)


class Selection:
    """Reserves the entries of decided slots."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def complete(self, slot: datetime, *, overdue: bool = False) -> None:
        """Select for the instant if all its runs have decided (or the batch deadline has passed) and nobody
        else does."""
        parts, name = self._parts, f"slot:{format_instant(slot)}"
        with parts.transactions.read() as t:
            decided = self._decided(parts.runs.unfinished(t), slot, overdue=overdue)
        if not decided:
            return
        with parts.transactions.begin() as t:
            lease = parts.leases.acquire(t, name, parts.owner_of_turn(), now=parts.clock.now(), ttl=LEASE)
        if lease is None:
            return
        try:
            self._select(slot, overdue=overdue)
        finally:
            with parts.transactions.begin() as t:
                parts.leases.release(t, lease)

    @staticmethod
    def _decided(unfinished: Sequence[Run], slot: datetime, *, overdue: bool) -> list[Run]:
        of_slot = [run for run in unfinished if run.slot == slot]
        if not overdue and any(run.state is not RunState.DECIDED for run in of_slot):
            return []
        return [run for run in of_slot if run.state is RunState.DECIDED]

    def _select(self, slot: datetime, *, overdue: bool) -> None:
        with self._parts.transactions.read() as t:
            decided = self._decided(self._parts.runs.unfinished(t), slot, overdue=overdue)
        for moment in sorted((self._moment(run) for run in decided), key=_rank):
            try:
                with doing(Kind.STEP, "reserve", run=moment.run.run):
                    self._entry(moment)
            except (LeaseLost, Conflict) as lost:
                self._give_up(moment.run, f"NOT_SELECTED: {lost}")
            except GlassdeskError as failure:
                self._give_up(moment.run, f"{failure.code.upper()}: {failure}")

    def _moment(self, run: Run) -> Moment:
        with self._parts.transactions.read() as t:
            row = self._parts.strategies.get(t, run.strategy, run.version)
            seen = self._parts.watchlists.seen_by(t, run.run)
            listed = [one.conid for one in (seen.contracts if seen else row.strategy.contracts)]
            place = listed.index(run.conid) if run.conid in listed else len(listed)
            return Moment(run=run, row=row, story=load_story(self._parts, t, run.run), listed=place)

    def _entry(self, moment: Moment) -> None:
        parts = self._parts
        with parts.transactions.begin() as t:
            run, limits = moment.run, parts.risk.in_force(moment.row.strategy.limits)
            exposure = parts.exposure.exposure(t, run.account, run.strategy, now=run.slot)
            around, draft = gates(parts, t, moment), entry_proposal(moment)
            sizing = parts.risk.size(draft, exposure, limits)
            proposal = replace(draft, quantity=sizing.quantity)
            verdicts = parts.risk.assess(proposal, exposure, around, limits).verdicts
            judged = Judged(
                proposal=replace(proposal, run=""),
                sizing=sizing,
                exposure=_without_identities(exposure),
                gates=around,
                verdicts=verdicts,
                limits=limits,
            )
            denied = not sizing.quantity or any(not v.passed and v.denies for v in verdicts)
            reservation = None
            if not denied:
                signal = need(moment.story.signal)
                plan = decision(parts, moment, judged)
                reservation = bracket(plan, stop=need(signal.stop), target=signal.target)
            judge_and_reserve(parts, t, moment, judged, reservation, 0.0)

    def _give_up(self, run: Run, reason: str) -> None:
        parts = self._parts
        with parts.transactions.begin() as t:
            fresh = parts.runs.run(t, run.run)
            if fresh is not None and fresh.state is RunState.DECIDED:
                parts.runs.set_state(t, fresh, RunState.NO_TRADE, reason, at=parts.clock.now())
                parts.audit.append(t, "desk", "run.no_trade", f"run:{run.run}", {"reason": reason})


def _without_identities(exposure: Exposure) -> Exposure:
    """Run ids belong to this deployment; the books are the same without them. What works is never the run's
    own: it keeps a word, so that judging the stored numbers again does not take it for that."""
    opened = exposure.opened
    return replace(
        exposure,
        working=tuple(replace(one, run="another") for one in exposure.working),
        # Seconds of a send are asked at the send only.
        opened=opened and tuple(replace(o, run="another", seconds_since_send=None) for o in opened),
    )


def _rank(moment: Moment) -> tuple[str, Decimal, int]:
    signal, strategy = need(moment.story.signal), moment.row.strategy
    best = {
        Rank.LISTED: Decimal(moment.listed),
        Rank.R_MULTIPLE: -(signal.r_multiple or Decimal(0)),
        Rank.SCORE: -(signal.score or Decimal(0)),
    }
    return strategy.name, best[strategy.rank], moment.run.conid
