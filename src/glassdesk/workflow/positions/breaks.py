"""Where broker and desk disagree: found, explained by executions, never repaired (`reliability.md` §2.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from glassdesk.workflow.order_tracking.model import Execution
from glassdesk.workflow.positions.derive import signed
from glassdesk.workflow.positions.model import Break, BreakKind, BrokerPosition, Position

ZERO = Decimal(0)
UNEXPLAINED = "no execution explains it"


def expected(held: Iterable[Position], owners: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Shares per contract that the strategies' lanes and the owner's (`T-11`) account for."""
    total = dict(owners)
    for position in held:
        total[position.conid] = total.get(position.conid, ZERO) + position.quantity
    return total


def differing(stated: Iterable[BrokerPosition], derived: Mapping[int, Decimal]) -> list[int]:
    """Contracts where the broker's quantity is not the derived one, in order."""
    broker = {row.conid: row.quantity for row in stated}
    conids = sorted(broker.keys() | derived.keys())
    return [conid for conid in conids if broker.get(conid, ZERO) != derived.get(conid, ZERO)]


def find(
    stated: Sequence[BrokerPosition],
    derived: Mapping[int, Decimal],
    external: Sequence[Execution],
    *,
    account: str,
    symbols: Mapping[int, str],
    found_at: datetime,
) -> list[Break]:
    """All contracts where the broker's quantity is not the derived one, by conid."""
    broker = {row.conid: row for row in stated}
    breaks = []
    for conid in differing(stated, derived):
        row, ours = broker.get(conid), derived.get(conid, ZERO)
        theirs = row.quantity if row is not None else ZERO
        found = [one for one in external if one.conid == conid]
        known = accounts_for(theirs - ours, found)
        breaks.append(
            Break(
                account=account,
                conid=conid,
                symbol=row.symbol if row is not None else symbols.get(conid, str(conid)),
                broker_quantity=theirs,
                derived_quantity=ours,
                opened_at=found_at,
                cause=explain(theirs - ours, found),
                kind=BreakKind.HAND_TRADE if known else BreakKind.UNEXPLAINED,
            )
        )
    return breaks


def explain(difference: Decimal, external: Sequence[Execution]) -> str:
    """What accounts for a difference: the executions that are not ours, and whether they are enough."""
    if not external:
        return UNEXPLAINED
    names = ", ".join(one.execution for one in external)
    enough = accounts_for(difference, external)
    return f"executions not ours: {names}" + ("" if enough else "; they do not explain all of it")


def accounts_for(difference: Decimal, external: Sequence[Execution]) -> bool:
    """Executions that are not ours add up to the difference."""
    return bool(external) and sum((signed(one) for one in external), ZERO) == difference
