"""Which state of an order may follow which (`reliability.md` §2.7): one place, obeyed by code and database.

The broker's word may always arrive late, so what the broker can still change is never a dead end: an order
that was abandoned, rejected, expired or cancelled is adopted when it is seen alive, and a fill after a cancel
still counts. Only a filled order stays what it is. RESERVED is left for the wire through SENDING alone, and
returned to only with the proof that nothing was sent, or by the negative quorum (§2.6). An acknowledged order
that no reading ever shows is of unknown fate again [F-57].
"""

from __future__ import annotations

from collections.abc import Iterable

from glassdesk.kernel.errors import Conflict
from glassdesk.workflow.orders.model import OrderState as S

INITIAL = S.RESERVED
"""Every order row begins here, before anything is sent."""

_SEEN = frozenset({S.WORKING, S.PARTIAL, S.CANCEL_REQUESTED, S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED})
"""What the broker's own evidence can show."""


def _pairs(before: S, after: Iterable[S]) -> set[tuple[S, S]]:
    return {(before, state) for state in after if state is not before}


LEGAL: frozenset[tuple[S, S]] = frozenset().union(
    _pairs(S.RESERVED, {S.SENDING, S.CANCELLED, S.EXPIRED}),
    _pairs(S.SENDING, {S.RESERVED, S.UNKNOWN} | (_SEEN - {S.EXPIRED})),
    _pairs(S.UNKNOWN, {S.RESERVED, S.ABANDONED, S.NEEDS_OPERATOR} | _SEEN),
    _pairs(S.WORKING, {S.UNKNOWN, S.NEEDS_OPERATOR} | _SEEN),
    _pairs(S.PARTIAL, {S.NEEDS_OPERATOR} | (_SEEN - {S.REJECTED})),
    _pairs(S.CANCEL_REQUESTED, {S.NEEDS_OPERATOR} | _SEEN),
    _pairs(S.NEEDS_OPERATOR, {S.ABANDONED} | _SEEN),
    _pairs(S.ABANDONED, {S.NEEDS_OPERATOR} | _SEEN),
    _pairs(S.REJECTED, {S.NEEDS_OPERATOR} | _SEEN),
    _pairs(S.EXPIRED, {S.NEEDS_OPERATOR} | _SEEN),
    _pairs(S.CANCELLED, {S.NEEDS_OPERATOR} | _SEEN),
)
"""Every change of state that may happen; staying in a state is no change."""


def check(before: S, after: S) -> None:
    """Let a legal change pass, and the same state. Raises `Conflict` for any other."""
    if before is after or (before, after) in LEGAL:
        return
    allowed = ", ".join(sorted(state.value for state in S if (before, state) in LEGAL)) or "nothing"
    raise Conflict(
        f"an order that is {before.value} does not become {after.value}", remedy=f"it may become {allowed}"
    )
