"""Rules of a live account (`T-61`): they stop what opens and only warn on what leaves (`T-40`)."""

from __future__ import annotations

from datetime import timedelta

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.risk.model import Exposure, Gates, Limits, LiveState, Proposal, Purpose
from glassdesk.workflow.risk.verdicts import Finding, missing, says

LIFETIME = timedelta(days=30)
"""An unlock is over after so long."""
FIRST = 10
"""So many opening orders of an unlock wait for a person, whatever their strategy says."""
NO_LIVE = "no live account"


def locked(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    """Passes while an unlock is in force; where nobody knows, it is locked."""
    limit = f"unlocked within {LIFETIME.days} days"
    if g.account_kind is not AccountKind.LIVE:
        return says(True, NO_LIVE, limit)
    if g.live is None:
        return missing("the state of the unlock", limit)
    ended = f" {format_instant(g.live.until)}" if g.live.until is not None else ""
    observed = f"{g.live.state.value}{ended}" if g.live.state is LiveState.EXPIRED else g.live.state.value
    return says(g.live.state is LiveState.UNLOCKED, observed, limit)


def first_orders(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    """Before the send it only says whether a person will be asked; at the send the yes must be there."""
    limit = f"a person's yes for the first {FIRST}"
    if g.account_kind is not AccountKind.LIVE:
        return says(True, NO_LIVE, limit)
    if p.purpose is Purpose.REDUCING:
        return says(True, "leaves", limit, "leaving asks nobody")
    if g.live is None:
        return missing("the number of opening orders", limit)
    waits = asks_person(g)
    if p.moment != "send":
        told = "it waits for a person" if waits else "the first are through"
        return says(True, f"{g.live.accepted} accepted", limit, told)
    approved = ", approved" if g.live.approved else ""
    return says(g.live.approved or not waits, f"{g.live.accepted} accepted{approved}", limit)


def asks_person(g: Gates) -> bool:
    """Whether an opening order waits for a person because it is one of the first."""
    if g.account_kind is not AccountKind.LIVE:
        return False
    return g.live is None or g.live.accepted < FIRST
