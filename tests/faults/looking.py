"""What several tests of faults look at or bring about."""

from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.order_tracking.model import Fact
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import Order, OrderState
from glassdesk.workflow.positions.protection import Protection
from tests.faults.stage import AAPL, ACCOUNT, Stage


def live_stops(stage: Stage) -> list[int]:
    """Remaining shares of every stop that lives at the broker."""
    return [one.remaining for one in stage.truth() if one.live and one.kind == "STP"]


def owned(stage: Stage, conid: int = AAPL) -> int:
    """Shares in the product's ledger."""
    return int(stage.owned(conid))


def told(stage: Stage, title: str) -> Severity:
    """How loudly it was told; fails where nobody was told."""
    found = [one.severity for one in stage.told() if one.title == title]
    assert found, f"nobody was told: {title}"
    return found[0]


def orders_sent(stage: Stage) -> tuple[int, int]:
    """Requests to place an order, and orders at the broker that would open a position."""
    return stage.placements(), len(stage.entries())


def facts(stage: Stage, order: Order, kind: str = "") -> list[Fact]:
    """What was noted about an order."""
    found = stage.read(lambda t: stage.desk.tracking.facts(t, order.order))
    return [fact for fact in found if kind in ("", fact.kind)]


def protection(stage: Stage) -> Protection:
    """The one position and its stop."""
    epoch = stage.epoch
    [view] = stage.read(lambda t: stage.desk.positions.protections(t, ACCOUNT, epoch))
    return view


def lost(stage: Stage, conid: int = AAPL) -> Reservation:
    """A bracket far from the market that the broker took, and whose answer never came."""
    stage.arm(22, endpoint="reply")
    reservation = stage.reserve_entry(conid, limit=stage.price(conid) - 5)
    stage.run_until(lambda: stage.entry_state(reservation) is OrderState.UNKNOWN)
    return reservation
