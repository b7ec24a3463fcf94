"""Plays a seed: acts in their time, deaths where the dice say, then calm until everything is at rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from glassdesk.workflow.dealing.commands import TAKE_OVER
from tests.chaos.desk.deeds import Acts
from tests.chaos.desk.draw import Act, Draw, draw
from tests.chaos.desk.world import DEALERS, DeskWorld, a_desk_world
from tests.chaos.history.books import Books
from tests.chaos.history.invariants import checked, violations
from tests.chaos.history.journal import Journal
from tests.chaos.history.truth import TrueOrder, Truth
from tests.chaos.history.verdict import Verdict
from tests.chaos.ports import Plan, Role
from tests.chaos.scheduler import NO_TIME, Trace

SECOND = timedelta(seconds=1)
REST = timedelta(hours=2)
"""Quiescence: faults stopped, so much market time later (`reliability.md` §5)."""
_DEADLY = {
    "orders": 0.04,
    "wire POST": 0.02,
    "wire DELETE": 0.04,
    "commit": 0.004,
    "begin": 0.002,
    "channel": 0.01,
    "reads": 0.002,
    "session": 0.002,
    "positions": 0.002,
}
_OTHERWISE = 0.0003
LAST_LOOKS = 5
MOST_DEATHS = 14


class Hazards:
    """A `Plan`: processes die anywhere, more often around what cannot be taken back, and some pause."""

    def __init__(self, dice: Random, scale: float) -> None:
        self._dice = dice
        self._scale = scale
        self.deaths = 0
        self.calm = False

    def dies(self, role: str, number: int, step: str) -> bool:
        if self.calm or self.deaths >= MOST_DEATHS:
            return False
        weight = next((w for word, w in _DEADLY.items() if step.startswith(word)), _OTHERWISE)
        died = self._dice.random() < weight * self._scale
        self.deaths += died
        return died

    def pause(self, role: str, number: int, step: str) -> timedelta:
        if self.calm or self._dice.random() >= 0.001:
            return NO_TIME
        return self._dice.uniform(1, 90) * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a seed."""

    seed: int
    verdicts: dict[str, Verdict]
    accidents: tuple[str, ...]
    """Lives that ended by an exception that nobody planned."""
    trace: str
    lines: tuple[str, ...]
    books: Books
    truth: Truth
    journal: Journal
    crashes: int
    orders: int
    adoptions: int
    late: int
    hours: float
    acts: tuple[str, ...]
    struck: Counter[int] = field(default_factory=Counter)
    """How often each fault struck a request or happened."""
    crash_steps: Counter[str] = field(default_factory=Counter)

    @property
    def violations(self) -> list[str]:
        """One line for each thing that must not be."""
        found = [*violations(self.verdicts), *(f"accident: {one}" for one in self.accidents)]
        if self.adoptions != self.late:
            found.append(f"ADOPT: {self.late} late arrivals, {self.adoptions} adopted")
        return found


def play(
    seed: int, pem: tuple[Path, Path], home: Path, *, drop: frozenset[int] = frozenset(), keep: bool = False
) -> Played:
    """One seed from its number, without some of its acts."""
    drawn = draw(seed).without(drop)
    hazards = Hazards(Random(f"desk/{seed}/deaths"), drawn.crashes)
    return act_out(drawn, hazards, pem, home, keep=keep)


def act_out(
    drawn: Draw,
    plan: Plan,
    pem: tuple[Path, Path],
    home: Path,
    *,
    keep: bool = False,
    rest: timedelta = REST,
    told: Callable[[Acts], None] = lambda _: None,
) -> Played:
    """What was drawn, under a plan of deaths; `told` gets the acts before anything begins."""
    trace = Trace(keep=keep)
    world = a_desk_world(
        pem,
        home,
        Random(f"desk/{drawn.seed}/order"),
        at=drawn.at,
        switches=drawn.switches,
        plan=plan,
        trace=trace,
    )
    acts = Acts(world)
    told(acts)
    try:
        enter(world, Random(f"desk/{drawn.seed}/births"), drawn.workers)
        for one in drawn.acts:
            _schedule(world, acts, one)
        world.run_until(world.now + drawn.minutes * timedelta(minutes=1))
        calm(world, acts, plan, rest)
        return _played(drawn, world, acts, trace)
    finally:
        world.close()


def enter(world: DeskWorld, dice: Random, workers: int = 1) -> None:
    """Everybody is born, and a person is signed in."""

    def back() -> timedelta:
        return dice.choice((1, 3, 5, 20, 60)) * SECOND

    world.broker.sign_in("paper")
    for name in DEALERS:
        world.stage.enter(Role(name, world.dealer, back_after=back))
    for number in range(workers):
        world.stage.enter(Role("worker" if not number else f"worker-{number}", world.worker, back_after=back))
    world.stage.enter(Role("hand", world.hand, back_after=back))


def _schedule(world: DeskWorld, acts: Acts, one: Act) -> None:
    world.scheduler.at(world.now + one.after * SECOND, lambda: acts.do(one.what, one.words))


def calm(world: DeskWorld, acts: Acts, plan: Plan, rest: timedelta) -> None:
    """Faults end, nobody dies any more, a person signs in and resumes; then two hours pass."""
    if isinstance(plan, Hazards):
        plan.calm = True
    world.broker.faults.disarm()
    world.broker.pacer.forgive()
    world.broker.switches.update({"competitor": "yields"})
    if world.broker.gateway.user is None:
        acts.sign_in()
    acts.command(kind="session_login", argument=TAKE_OVER)
    if world.books().halt:
        acts.resume()
    for _ in range(6):
        world.run_until(world.now + rest / 6)
        # In market time that jumps, only events wake: a person who looks is one.
        acts.command(kind="reconcile")
    world.run_until(world.now + 2 * timedelta(minutes=1))
    # What is told in the very last look goes out with the next one.
    for _ in range(LAST_LOOKS):
        world.poke()
        world.run_until(world.now + SECOND)
        if all(one.sent_at is not None for one in world.books().notifications):
            break


def _dropped(order: TrueOrder) -> bool:
    """Gone in the instant in which it arrived, without a fill [F-57]: nothing ever shows it."""
    return not order.last.working and not order.last.filled and order.last.at <= order.visible_at


def _played(drawn: Draw, world: DeskWorld, acts: Acts, trace: Trace) -> Played:
    books, truth, journal = world.books(), world.truth(), world.journal
    struck = Counter(number for one in truth.requests for number in one.faults)
    late = [one for one in truth.orders if one.ours and one.late and not _dropped(one)]
    known = {order.broker_order_id for order in books.orders}
    return Played(
        seed=drawn.seed,
        verdicts=checked(books, truth, journal),
        accidents=tuple(f"{name}: {end!r}" for name, end in world.stage.accidents),
        trace=trace.hash(),
        lines=tuple(trace.lines or ()),
        books=books,
        truth=truth,
        journal=journal,
        crashes=len(world.stage.crashes),
        orders=sum(one.ours for one in truth.orders),
        adoptions=sum(one.broker_order_id in known for one in late),
        late=len(late),
        hours=(world.now - journal.commits[0].at).total_seconds() / 3600,
        acts=tuple(acts.done),
        struck=struck,
        crash_steps=Counter(crash.step for crash in world.stage.crashes),
    )
