"""What must hold of a desk in several processes: the invariants that rows of both sides show, those about its
runs, and once it has ended lineage, audit and books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from glassdesk.composition.ground import open_ground
from glassdesk.composition.reading import reading_desk
from glassdesk.composition.verifying import verify
from tests.chaos.distributed.desk import Desk
from tests.chaos.distributed.processes import ROLES
from tests.chaos.kill.checks import CHECKS, violations
from tests.chaos.kill.evidence import Evidence, gathered

SAFETY = ("I-01", "I-02", "I-03", "I-04", "I-10", "I-13", "I-14", "I-24", "I-41", "I-42")
"""What no moment excuses; the others hold once the desk has come to rest."""
INVARIANTS = sorted({*CHECKS, "I-10", "I-12", "I-14", "I-32", "I-44", "books"})
MANY = 100_000
TRIES = 40


def one_run_a_slot(seen: Evidence) -> Iterator[str]:
    """I-10: however many workers tick."""
    slots = Counter((row["strategy"], row["slot"], row["conid"]) for row in seen.desk("runs"))
    yield from (f"{slot} has {count} runs" for slot, count in slots.items() if count > 1)


def one_output_a_step(seen: Evidence) -> Iterator[str]:
    """I-14."""
    steps = Counter((row["run"], row["name"]) for row in seen.desk("run_steps"))
    yield from (f"{step} has {count} outputs" for step, count in steps.items() if count > 1)


def runs_end(seen: Evidence) -> Iterator[str]:
    """I-12 and I-44: every run comes to its end, whatever became of its messages and of who held it."""
    for row in seen.desk("runs"):
        if row["state"] in ("due", "running", "decided"):
            yield f"the run {row['run']} of {row['slot']} is {row['state']}: {row['reason']}"
        if row["state"] == "quarantined":
            yield f"the run {row['run']} of {row['slot']} was given up: {row['reason']}"


def found_in(desk: Desk) -> tuple[list[str], Evidence]:
    """What contradicts an invariant now. The caller disposes of the engine."""
    seen = gathered(desk.grounds.database, desk.endpoint)
    own = {"I-10": one_run_a_slot, "I-14": one_output_a_step, "I-12": runs_end}
    found = violations(seen) + [f"{name}: {said}" for name, check in own.items() for said in check(seen)]
    return found, seen


def at_rest(desk: Desk) -> list[str]:
    """Let it come to rest, between two slots, and judge. What only lasts must be over at one of these
    moments; what is unsafe counts at the first."""
    found: list[str] = []
    for _ in range(TRIES):
        with desk.standing():
            found, seen = found_in(desk)
            seen.engine.dispose()
        unsafe = [one for one in found if one.startswith(SAFETY)]
        if unsafe or not found:
            return unsafe
        desk.lets_pass(10)
    return found


def in_the_end(desk: Desk, lineages: int) -> list[str]:
    """Every process has ended: all of the above, codes and logs, the lineage of so many of the
    newest orders computed again, and the books beside the broker's."""
    found, seen = found_in(desk)
    seen.engine.dispose()
    wrong = {name: code for name, code in desk.processes.codes.items() if code}
    found += [f"{name} ended with {code}" for name, code in wrong.items()]
    for name in ROLES:
        found += [
            f"{name}: {line}" for line in desk.processes.said(name).splitlines() if " the role " in line
        ]
    return found + list(_books(desk, lineages))


def _books(desk: Desk, lineages: int) -> Iterator[str]:
    with (
        open_ground(desk.settings) as ground,
        reading_desk(ground) as product,
        product.transactions.read() as t,
    ):
        orders = list(product.orders.orders(t, limit=MANY))
        for order in orders[:lineages]:
            for finding in verify(product, t, f"order:{order.order}")[1]:
                yield f"I-32: {finding}"
        ours = product.portfolio.books(t, product.account, product.clock.now()).equity
        held = {one.symbol: one.quantity for one in product.positions.held(t, product.account)}
    theirs = {row["conid"]: int(row["quantity"]) for row in desk.control.truth("positions")}
    if sorted(held.values()) != sorted(map(Decimal, filter(None, theirs.values()))):
        yield f"books: {held} here, {theirs} at the broker"
    equity: Any = desk.control.equity()["equity"]
    if ours != Decimal(str(equity)):
        yield f"books: equity {ours} here, {equity} at the broker"
