"""The desk lives through a plan: its worker over its database, dead and begun anew as the plan has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from glassdesk.adapters.bundles import load_strategy
from glassdesk.composition.pipelines import build_parts
from glassdesk.composition.services import build_desk
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.worker.building import build_worker
from glassdesk.worker.role import Worker
from glassdesk.workflow.runs.pipeline import Pipeline
from glassdesk.workflow.session.model import SessionState
from tests.soak.slots.plan import Plan
from tests.workflow.runs.harness import ACCOUNT, FILE, SYMBOLS, Harness, NoCalls, Reads, harness

STRATEGIES = {
    "daily": ("UP", "0 9 * * 1-5"),
    "before-close": ("ALSO", "15 minutes before the close on trading days"),
    "hourly": ("DOWN", "every hour of the day's hours"),
}
USUAL = {"history": 60, "weekly": "false", "monthly": "false", "decide_on": "closed", "approval": "off"}
NEVER = "conditions: {buy: close below 1}\n"
"""Nothing is ever bought: slots are what is looked at."""


class Death(BaseException):
    """The process is gone: nothing that it had not committed exists."""


class Mortal:
    """Transactions of a process that dies before one of its commits."""

    def __init__(self, inner: Transactions) -> None:
        self._inner = inner
        self.left: int | None = None

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        with self._inner.begin() as t:
            yield t
            if self.left is not None:
                self.left -= 1
                if self.left < 0:
                    raise Death

    def read(self) -> AbstractContextManager[Transaction]:
        return self._inner.read()


class Hands:
    """A bell that is answered at once."""

    pipeline: Pipeline | None = None

    def ring(self, run: str) -> None:
        if self.pipeline is not None:
            self.pipeline.execute(run)


def played(home: Path, plan: Plan) -> AbstractContextManager[Harness]:
    """The desk as the plan left it."""
    return _played(home, plan)


@contextmanager
def _played(home: Path, plan: Plan) -> Iterator[Harness]:
    with harness(home, jitter=15) as made:
        made.clock.advance(plan.up[0][0] - made.clock.now())
        for name, (symbol, when) in STRATEGIES.items():
            _keep(made, name, symbol, when)
        sessions = [instant for span in plan.signed_in for instant in span]
        moments = sorted({*sessions, *(instant for span in plan.up for instant in span)})
        for number, (begins, ends) in enumerate(plan.up):
            _move(made, plan, moments, begins)
            worker, mortal = _process(made)
            with suppress(Death):
                _live(made, plan, moments, worker, ends)
                if number < len(plan.commits):
                    mortal.left = plan.commits[number] % 7
                    worker.turn()
        yield made


def _keep(made: Harness, name: str, symbol: str, when: str) -> None:
    text = FILE.format(name=name, symbol=symbol, cron=f'"{when}"', **USUAL)
    text = text.replace("rule: three_of_four", "rule: conditions") + NEVER
    strategy = load_strategy(text, file=name, account=ACCOUNT, resolve=SYMBOLS.__getitem__)
    with made.desk.transactions.begin() as t:
        made.desk.strategies.create(t, strategy, author="owner")
        made.desk.strategies.enable(t, name, "owner")


def _process(made: Harness) -> tuple[Worker, Mortal]:
    """Everything but the database begins anew."""
    mortal, hands = Mortal(made.ground.stores.transactions), Hands()
    ground = replace(made.ground, stores=replace(made.ground.stores, transactions=mortal))
    desk = build_desk(
        ground, Reads(contracts=made.broker, market_data=made.broker), hands, "https://localhost/"
    )
    parts = build_parts(ground, desk, hands, NoCalls(), f"worker-{made.clock.now():%d%H%M%S}")
    hands.pipeline = Pipeline(parts)
    return build_worker(ground, desk, parts, parts.owner), mortal


def _live(made: Harness, plan: Plan, moments: list[datetime], worker: Worker, ends: datetime) -> None:
    while made.clock.now() < ends:
        due = worker.turn()
        now = made.clock.now()
        ahead = [one for one in moments if now < one <= ends]
        _move(made, plan, moments, min([ends, *ahead[:1], *([max(due, now)] if due is not None else [])]))


def _move(made: Harness, plan: Plan, moments: list[datetime], to: datetime) -> None:
    """Time passes; the session is what the plan says, whether the desk runs or not."""
    now = made.clock.now()
    passed = [one for one in moments if now < one <= to]
    made.clock.advance(to - now)
    if passed or now == plan.up[0][0]:
        ready = any(begin <= to < end for begin, end in plan.signed_in)
        made.session(SessionState.READY if ready else SessionState.SIGNED_OUT)
