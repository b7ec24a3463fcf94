"""Play one seed of the order path and judge its history."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.orders.model import OrderState
from tests.chaos.dice import swarm
from tests.chaos.history.books import Books, read_books
from tests.chaos.history.invariants import checked
from tests.chaos.history.verdict import Verdict
from tests.chaos.orders.environments import ENVIRONMENTS
from tests.chaos.orders.office import ACCOUNT
from tests.chaos.orders.world import CLOSES, OPENS, Ended, World
from tests.chaos.tally import Tally, Violation

NOT_HERE = ("I-12", "I-14", "I-18", "I-27", "I-30", "I-34", "I-36", "I-45", "I-46")
"""No domain in this world: it has no pipeline, no HTTP requests and no texts; the whole desk keeps cash."""
WORLD = "order path"


def play(env: str, seed: int, *, without: Collection[str] = (), trace: bool = False) -> tuple[Ended, Tally]:
    """One seed, with what it adds to a campaign. `without`: kinds of faults that are off."""
    environment = ENVIRONMENTS[env]
    began = time.process_time()
    dice = swarm(seed, env, without=frozenset(without), late=environment.late)
    ended = World(environment, seed, dice, keep_trace=trace).run()
    books = books_of(ended)
    verdicts = checked(books, ended.truth, ended.journal, without=NOT_HERE)
    tally = _tally(ended, books, verdicts)
    tally.cpu = time.process_time() - began
    return ended, tally


def books_of(ended: Ended) -> Books:
    """What the product has written down at the end."""
    return read_books(
        ended.outside.stores,
        ACCOUNT,
        AccountKind.SIMULATED,
        ended.truth.now,
        is_open=lambda at: OPENS <= at < CLOSES,
    )


def _tally(ended: Ended, books: Books, verdicts: dict[str, Verdict]) -> Tally:
    tally = Tally()
    tally.seeds[ended.env] = 1
    tally.crashes = len(ended.stage.crashes)
    tally.orders = len([one for one in ended.truth.orders if one.ours])
    tally.executions = len(ended.truth.executions)
    tally.hours = (ended.truth.now - ended.began).total_seconds() / 3600
    tally.cells.update({f"{fault} @ {step}": hits for (fault, step), hits in ended.dice.hits.items()})
    tally.evaluations.update({name: one.evaluations for name, one in verdicts.items()})
    _late(ended, books, tally)
    _unknown(ended, tally)
    tally.violations += [
        Violation(world=WORLD, env=ended.env, seed=ended.seed, invariant=invariant, witness=witness)
        for invariant, witness in _broken(ended, tally, verdicts)
    ]
    tally.failing[ended.env] = int(bool(tally.violations))
    if ended.seed % 100 == 0:
        tally.hashes[f"{ended.env}/{ended.seed}"] = hash_of(ended)
    return tally


def _broken(ended: Ended, tally: Tally, verdicts: dict[str, Verdict]) -> list[tuple[str, str]]:
    found = [(name, witness) for name, one in verdicts.items() for witness in one.witnesses]
    found += [("ACCIDENT", f"{name}: {what!r}") for name, what in ended.stage.accidents]
    if tally.adoptions != tally.late_arrivals:
        found.append(("ADOPT", f"{tally.late_arrivals} late arrivals, {tally.adoptions} adopted"))
    return found


def _late(ended: Ended, books: Books, tally: Tally) -> None:
    """A late arrival is adopted when our row knows it by the broker's id."""
    known = {order.broker_order_id for order in books.orders}
    late = [one.broker_order_id for one in ended.truth.orders if one.late]
    tally.late_arrivals = len(late)
    tally.adoptions = sum(1 for number in late if number in known)


def _unknown(ended: Ended, tally: Tally) -> None:
    """How long orders were of unknown fate, and which went to a person."""
    since: dict[str, float] = {}
    seen, handed = set(), set()
    for commit, move in ended.journal.moves():
        order, at = move.after.order, commit.at.timestamp()
        if move.after.state is OrderState.UNKNOWN:
            since.setdefault(order, at)
            seen.add(order)
        elif order in since:
            tally.resolve.append(at - since.pop(order))
        if move.after.state is OrderState.NEEDS_OPERATOR:
            handed.add(order)
    tally.unknowns, tally.operator = len(seen), len(handed)


def hash_of(ended: Ended) -> str:
    """Everything that happened, as a digest: points, commits, and the broker's truth."""
    digest = hashlib.sha256(ended.stage.trace.hash().encode())
    for commit in ended.journal.commits:
        digest.update(f"{commit.step} {commit.instance} {commit.rows!r}".encode())
    digest.update(repr(ended.truth).encode())
    return digest.hexdigest()
