"""Since when has a position no stop that protects all of it? From facts alone (`T-33`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from glassdesk.workflow.order_tracking.fold import ALIVE, PENDING
from glassdesk.workflow.order_tracking.model import Fact

STANDS = ALIVE - PENDING
"""Words under which a stop protects."""
_SHOWN = ("list", "status", "answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """What facts tell of a position that is not protected."""

    well_at: datetime | None
    """When it was last seen protected, or was bought where that is later."""
    bare_at: datetime | None
    """When the broker first said afterwards that a stop of it is over or too small; `None` where it said
    nothing: then it is merely not seen."""


def lapse(
    facts: Mapping[str, Sequence[Fact]],
    again: Mapping[str, datetime | None],
    bought: Iterable[datetime],
    needed: Decimal,
) -> Lapse:
    """From what was said of its stops, by order; `again`: when each was last shown as its newest fact has
    it."""
    shown = {order: [fact for fact in said if fact.kind in _SHOWN] for order, said in facts.items()}
    well = [fact.observed_at for said in shown.values() for fact in said if _protects(fact, needed)]
    for order, said in shown.items():
        newest, later = max(said, key=lambda fact: fact.observed_at, default=None), again.get(order)
        if newest is not None and later is not None and _protects(newest, needed):
            well.append(later)
    well_at = max((*well, *bought), default=None)
    bare = [
        fact.observed_at
        for said in shown.values()
        for fact in said
        if not _protects(fact, needed) and (well_at is None or fact.observed_at > well_at)
    ]
    return Lapse(well_at=well_at, bare_at=min(bare, default=None))


def _protects(fact: Fact, needed: Decimal) -> bool:
    return fact.status.lower() in STANDS and fact.remaining >= needed
