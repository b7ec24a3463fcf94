"""One pass of a worker over one run, read top to bottom: claim → steps → signal → reserve, decided, or no
trade.

Every step commits its output, hashes and links in one transaction, and the next step reads them back, also
when nothing crashed: a straight run and a resumed one are the same program (`design.md` §5).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from glassdesk.kernel.errors import GlassdeskError, LeaseLost, SessionNotReady, Unavailable
from glassdesk.kernel.ids import short
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.kernel.work import Kind, doing
from glassdesk.workflow.market_data.ports import NoBars
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.runs.answered import watch_reading
from glassdesk.workflow.runs.commit import LEASE, commit_step, load_story, read_back
from glassdesk.workflow.runs.exits import reserve_exit
from glassdesk.workflow.runs.model import BLOCKED, Run, RunState
from glassdesk.workflow.runs.outputs import Asked
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.roots import record_roots
from glassdesk.workflow.runs.selection import Selection
from glassdesk.workflow.runs.steps import Made, Moment, NoTrade, analyst_of, require_asked, steps_of
from glassdesk.workflow.signals.model import Action, RawAnswer, Signal, SignalRow
from glassdesk.workflow.signals.rules.analyst import ENGINE as RULES
from glassdesk.workflow.strategies.model import StrategyState
from glassdesk.workflow.strategies.timing import start_deadline


class TooLate(GlassdeskError):
    """The run's start deadline passed before anybody took it."""

    code = "late"


class Pipeline:
    """Executes runs. Any number of workers may call `execute` with any run at any time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._selection = Selection(parts)

    def execute(self, run_id: str) -> None:
        """Carry a run as far as it goes. Does nothing for a run that is done or in other hands."""
        with self._parts.clock.working(f"run-{short(run_id)}", "worker"):
            run = self._claim(run_id)
            if run is None:
                return
            try:
                with doing(Kind.RUN, "run", run=run.run, strategy=run.strategy, conid=str(run.conid)) as work:
                    work.result = self._decide(run)
            except LeaseLost:
                return
            self._selection.complete(run.slot)

    def _claim(self, run_id: str) -> Run | None:
        parts = self._parts
        with parts.transactions.begin() as t:
            run = parts.runs.claim(t, run_id, parts.owner, now=parts.clock.now(), ttl=LEASE)
            if run is not None:
                record_roots(parts, t, run)
        return run

    def _decide(self, run: Run) -> str:
        """Answers in one word how it ended."""
        try:
            self._steps(run)
        except NoTrade as reason:
            self._end(run, RunState.NO_TRADE, reason.problem)
            return RunState.NO_TRADE.value
        except Unavailable as reason:
            self._wait(run, reason)
            return "unavailable"
        except LeaseLost:
            raise
        except GlassdeskError as failure:
            self._end(run, RunState.FAILED, f"{failure.code.upper()}: {failure}")
            return RunState.FAILED.value
        return RunState.DECIDED.value

    def _steps(self, run: Run) -> None:
        parts = self._parts
        with parts.transactions.read() as t:
            row = parts.strategies.get(t, run.strategy, run.version)
            story = load_story(parts, t, run.run)
        moment = Moment(run=run, row=row, story=story)
        self._refuse_late(moment)
        for name, step in steps_of(row.strategy):
            require_asked(parts, moment)
            if getattr(moment.story, name) is None:
                with parts.purpose(f"run:{run.run}:{name}"), doing(Kind.STEP, name, run=run.run):
                    began = parts.stopwatch.seconds()
                    made = step(parts, moment)
                moment = self._commit(moment, name, made, parts.stopwatch.seconds() - began)
        self._conclude(moment)

    def _refuse_late(self, moment: Moment) -> None:
        """Nothing is decided for an instant that is long gone: a run that has not begun inside its slot's
        start deadline never does."""
        run, limit = moment.run, start_deadline(moment.row.strategy.bar_size)
        late = self._parts.clock.now() - run.slot - self._parts.jitter
        if moment.story.preflight is None and late > limit and not run.reason:
            raise TooLate(f"no worker began within {int(limit.total_seconds() // 60)} min of the slot")

    def _commit(self, moment: Moment, name: str, made: Made, seconds: float) -> Moment:
        parts = self._parts
        for file in made.files:
            parts.artifacts.put(file.data)
        calls = parts.call_book.drain(f"run:{moment.run.run}:")
        parts.lineage.store_answers(calls)
        with parts.transactions.begin() as t:
            run = commit_step(parts, t, moment.run, name, made, seconds)
            run = parts.runs.renew(t, run, until=parts.clock.now() + LEASE)
            parts.lineage.file_calls(t, calls)
            self._keep(t, moment, made.output)
        with parts.transactions.read() as t:
            output = read_back(parts, t, run.run, name)
        return replace(moment, run=run, story=replace(moment.story, **{name: output}))

    def _keep(self, t: Transaction, moment: Moment, output: object) -> None:
        """What a step's output means for rows of its own, in the step's transaction."""
        parts, run = self._parts, moment.run
        if isinstance(output, Signal):
            parts.signals.add(t, _row(run, output))
            watch_reading(parts, t, run, output)
        elif isinstance(output, RawAnswer):
            parts.budgets.settle(t, run.run, output.cost)
        elif isinstance(output, Asked) and analyst_of(parts, moment).engine != RULES:
            budget, now = moment.row.strategy.budget, parts.clock.now()
            refused = parts.budgets.set_aside(t, run.run, run.strategy, budget, now)
            if refused:
                self._tell_spent(t, run, refused, now)

    def _tell_spent(self, t: Transaction, run: Run, refused: str, now: datetime) -> None:
        """Once a day: the strategy is not asked any more."""
        self._parts.notifications.tell(
            t,
            f"budget:{run.strategy}:{now.date()}",
            Severity.WARNING,
            f"{run.strategy}: its budget for questions is used up",
            refused,
            f"strategy:{run.strategy}",
            strategy=run.strategy,
        )

    def _conclude(self, moment: Moment) -> None:
        signal = moment.story.signal
        if signal is None or signal.action in (Action.HOLD, Action.ABSTAIN):
            raise NoTrade(f"NO_SIGNAL: {signal.reason if signal else 'no answer'}")
        if signal.action is Action.SELL:
            with doing(Kind.STEP, "reserve", run=moment.run.run):
                reserve_exit(self._parts, moment)
        elif not self._listed(moment):
            raise NoTrade(f"NOT_LISTED: {moment.run.symbol} is only held, the watchlist has it no more")
        elif moment.row.state is not StrategyState.ENABLED:
            raise NoTrade(f"CLOSING: the strategy is {moment.row.state} and takes no new positions")
        else:
            with self._parts.transactions.begin() as t:
                self._parts.runs.set_state(
                    t,
                    moment.run,
                    RunState.DECIDED,
                    "waits for the slot's selection",
                    at=self._parts.clock.now(),
                )

    def _listed(self, moment: Moment) -> bool:
        """False for a contract that runs only because the strategy held it."""
        if not moment.row.strategy.watchlist:
            return True
        with self._parts.transactions.read() as t:
            seen = self._parts.watchlists.seen_by(t, moment.run.run)
        return seen is not None and moment.run.conid in {one.conid for one in seen.contracts}

    def _wait(self, run: Run, reason: Unavailable) -> None:
        """A slot blocked by sign-in, or by a read that failed, runs by itself when that becomes possible
        inside its deadline (`T-05`)."""
        parts = self._parts
        said, ended = str(reason), RunState.FAILED
        code = BLOCKED if isinstance(reason, SessionNotReady) else reason.code.upper()
        if isinstance(reason, NoBars):
            said = f"the broker has no bars of {run.symbol}: not listed yet, or its data is missing"
            ended = RunState.NO_TRADE
        with parts.transactions.begin() as t:
            row = parts.strategies.get(t, run.strategy, run.version)
            late = parts.clock.now() > run.slot + start_deadline(row.strategy.bar_size)
            state = ended if late else RunState.DUE
            parts.runs.set_state(t, run, state, f"{code}: {said}", at=parts.clock.now())
            if not late:
                self._tell(t, run, "blocked", f"{run.symbol} cannot be decided now", f"{code}: {said}")
                return
            parts.audit.append(t, "desk", f"run.{state}", f"run:{run.run}", {"reason": f"{code}: {said}"})
            if state is RunState.FAILED:
                self._tell(t, run, "failed", f"{run.symbol}: the run failed", f"{code}: {said}")

    def _end(self, run: Run, state: RunState, reason: str) -> None:
        parts = self._parts
        with parts.transactions.begin() as t:
            parts.runs.set_state(t, run, state, reason, at=parts.clock.now())
            parts.audit.append(t, "desk", f"run.{state}", f"run:{run.run}", {"reason": reason})
            if state is RunState.FAILED:
                self._tell(t, run, "failed", f"{run.symbol}: the run failed", reason)

    def _tell(self, t: Transaction, run: Run, event: str, title: str, reason: str) -> None:
        self._parts.notifications.tell(
            t,
            f"run:{run.run}:{event}",
            Severity.WARNING,
            title,
            reason,
            f"run:{run.run}",
            strategy=run.strategy,
        )


def _row(run: Run, signal: Signal) -> SignalRow:
    return SignalRow(
        signal=replace(signal, run=run.run), strategy=run.strategy, conid=run.conid, slot=run.slot
    )
