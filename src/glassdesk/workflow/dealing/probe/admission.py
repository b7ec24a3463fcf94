"""When a probe may begin; the command line asks the same before it asks a person anything."""

from __future__ import annotations

from datetime import datetime, timedelta

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import Conflict, Denied
from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.contracts.model import Hours
from glassdesk.workflow.dealing.findings import Probe
from glassdesk.workflow.risk.model import Halt, HaltLevel

LONGEST = timedelta(minutes=20)
"""No probe asks questions for longer (`T-60`)."""
TO_CLEAN = timedelta(minutes=10)
"""Before the close, for cancels and a sale."""
AFTER_OPEN = timedelta(minutes=5)


def check_kind(kind: AccountKind) -> None:
    """Raises `Denied` on a live account."""
    if kind is AccountKind.LIVE:
        raise Denied(
            "a live account is never probed",
            where="account",
            remedy="run it on your paper account: both answer alike",
        )


def check_halt(halt: Halt) -> None:
    """Raises `Denied` while anything is stopped."""
    if halt.level is not HaltLevel.ACTIVE:
        raise Denied(f"the kill switch says {halt.level.name}", where="halt", remedy="glassdesk resume first")


def check_hours(now: datetime, here: Hours | None, following: Hours) -> None:
    """Raises `Conflict` outside regular hours, or too near to their edges, and says when to come back."""
    again = format_instant(following.opens_at + AFTER_OPEN)
    if here is None:
        raise Conflict("the market is closed", where="hours", remedy=f"come back at {again}")
    if now < here.opens_at + AFTER_OPEN:
        ready = format_instant(here.opens_at + AFTER_OPEN)
        raise Conflict("the market has just opened", where="hours", remedy=f"come back at {ready}")
    if here.closes_at - now < LONGEST + TO_CLEAN:
        raise Conflict("the market closes within half an hour", where="hours", remedy=f"come back at {again}")


def check_alone(unfinished: Probe | None) -> None:
    """Raises `Conflict` while another probe runs or cleans up."""
    if unfinished is not None:
        raise Conflict(
            f"a probe is {unfinished.state.value} since {format_instant(unfinished.began_at)}",
            where="probe",
            remedy="wait for its end, or `glassdesk probe --clean-up`",
        )
