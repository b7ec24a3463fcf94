"""The harness itself: what dies has no effect any more, what is inside a transaction is alone, a seed is one
interleaving."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from glassdesk.adapters.database import open_database
from glassdesk.kernel.unit_of_work import Transaction
from tests.chaos.ports import Instance, NoFaults, Role, Stage
from tests.chaos.scheduler import NO_TIME, Killed, Scheduler, Trace

START = datetime(2024, 3, 5, 14, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass
class At(NoFaults):
    """Dies at one point of a role, pauses at another."""

    point: int = 0
    pause_at: int = 0
    steps: list[str] = field(default_factory=list)

    def dies(self, role: str, number: int, step: str) -> bool:
        self.steps.append(step)
        return number == self.point

    def pause(self, role: str, number: int, step: str) -> timedelta:
        return 90 * SECOND if number == self.pause_at else NO_TIME


class Wire:
    """A port whose calls are counted."""

    address = "here"

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, what: str) -> str:
        self.sent.append(what)
        return "answer"


class Ledger:
    """Transactions over a list."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.draft: list[str] = []

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        self.draft = []
        yield self
        self.rows += self.draft

    read = begin

    def after_commit(self, ring: Callable[[], None]) -> None:
        ring()


def a_stage(plan: NoFaults | None = None, *, seed: int = 1) -> Stage:
    dice = Random(seed)
    return Stage(Scheduler(START, dice), plan or NoFaults(), Trace(keep=True))


def play(stage: Stage, *roles: Role, span: timedelta = timedelta(minutes=5)) -> None:
    for role in roles:
        stage.enter(role)
    stage.scheduler.run_until(stage.scheduler.now + span)
    stage.close()


def test_waiting_moves_virtual_time_only() -> None:
    stage, seen = a_stage(), []

    def build(me: Instance) -> Callable[[], None]:
        def loop() -> None:
            me.clock().wait_until(START + 100 * SECOND)
            seen.append(me.clock().now())

        return loop

    play(stage, Role("dealer", build))
    assert seen == [START + 100 * SECOND]
    assert stage.scheduler.now == START + timedelta(minutes=5)


def test_after_its_death_a_process_has_no_effect_not_even_in_finally() -> None:
    wire, plan = Wire(), At(point=2)
    stage = a_stage(plan)

    def build(me: Instance) -> Callable[[], None]:
        port = me.port(wire, "wire")

        def loop() -> None:
            try:
                port.send(f"first of {me.name}")
            finally:
                port.send(f"last of {me.name}")

        return loop

    play(stage, Role("dealer", build))
    assert wire.sent == ["first of dealer.1", "first of dealer.2", "last of dealer.2"]
    assert [(one.role, one.number, one.step) for one in stage.crashes] == [("dealer", 2, "wire.send>")]


def test_death_before_a_call_leaves_no_trace_of_it() -> None:
    wire, stage = Wire(), a_stage(At(point=1))

    def build(me: Instance) -> Callable[[], None]:
        def loop() -> None:
            me.port(wire, "wire").send(me.name)

        return loop

    play(stage, Role("dealer", build))
    assert wire.sent == ["dealer.2"]


@pytest.mark.parametrize(("point", "rows"), [(1, 1), (2, 1), (3, 1), (4, 2)])
def test_death_inside_a_transaction_rolls_it_back(point: int, rows: int) -> None:
    ledger, plan = Ledger(), At(point=point)
    stage = a_stage(plan)

    def build(me: Instance) -> Callable[[], None]:
        transactions = me.transactions(ledger)

        def loop() -> None:
            with transactions.begin():
                ledger.draft.append(me.name)

        return loop

    play(stage, Role("dealer", build))
    assert len(ledger.rows) == rows
    assert plan.steps[:point] == ["begin<", "begin>", "commit<", "commit>"][:point]


def test_a_process_that_swallows_its_death_commits_nothing() -> None:
    ledger, stage = Ledger(), a_stage(At(point=3))

    def build(me: Instance) -> Callable[[], None]:
        def loop() -> None:
            with me.transactions(ledger).begin():
                ledger.draft.append("before")
                with pytest.raises(Killed):
                    me.point("inside")
                ledger.draft.append("after")

        return loop

    play(stage, Role("dealer", build), span=SECOND)
    assert ledger.rows == []


def test_nobody_else_runs_while_a_transaction_is_open() -> None:
    stores, order = open_database("memory:"), []
    stage = a_stage()

    def build(me: Instance) -> Callable[[], None]:
        transactions, clock = me.transactions(stores.transactions), me.port(me.clock(), "clock")

        def loop() -> None:
            for _ in range(20):
                with transactions.begin() as t:
                    order.append(f"{me.name} in")
                    clock.now()
                    stores.audit.head(t)
                    order.append(f"{me.name} out")

        return loop

    play(stage, Role("a", build), Role("b", build))
    stores.close()
    assert not stage.accidents
    assert len(order) == 80
    assert all(a.split()[0] == b.split()[0] for a, b in zip(order[::2], order[1::2], strict=True))
    assert order[:40:2].count("a.1 in") not in (0, 20), "the roles take turns between transactions"


def test_a_pause_lets_the_others_go_on() -> None:
    stage, done = a_stage(At(pause_at=1)), []

    def build(me: Instance) -> Callable[[], None]:
        def loop() -> None:
            me.point("work")
            done.append((me.name, me.stage.scheduler.now - START))

        return loop

    play(stage, Role("slow", build))
    assert done == [("slow.1", 90 * SECOND)]


def test_an_accident_is_kept_and_the_role_comes_back() -> None:
    stage = a_stage()

    def build(me: Instance) -> Callable[[], None]:
        def loop() -> None:
            if me.role.lives == 1:
                raise ZeroDivisionError("a bug")

        return loop

    role = Role("dealer", build)
    play(stage, role)
    assert [(name, type(what)) for name, what in stage.accidents] == [("dealer.1", ZeroDivisionError)]
    assert role.lives == 2


def test_a_seed_is_one_interleaving() -> None:
    def hash_of(seed: int) -> str:
        stage = a_stage(seed=seed)

        def build(me: Instance) -> Callable[[], None]:
            def loop() -> None:
                for _ in range(10):
                    me.point("work")

            return loop

        play(stage, Role("a", build), Role("b", build))
        return stage.trace.hash()

    assert hash_of(1) == hash_of(1)
    assert len({hash_of(seed) for seed in range(5)}) > 1
