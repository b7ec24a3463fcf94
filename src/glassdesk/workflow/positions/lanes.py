"""What a person says of shares: released, adopted, the owner's, split. Appended and audited."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.orders.model import Order
from glassdesk.workflow.positions.adjustments import OWNER_LANE
from glassdesk.workflow.positions.model import Adjustment, AdjustmentKind, AppliedExits, Break, Position
from glassdesk.workflow.positions.ports import PositionStore

ZERO = Decimal(0)
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://glassdesk.invalid/adjustments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Who said it, when, and why."""

    actor: str
    at: datetime
    reason: str


class Lanes:
    """Rows of shares that change lanes."""

    def __init__(self, store: PositionStore, audit: Audit) -> None:
        self._store = store
        self._audit = audit

    def release(
        self, t: Transaction, held: Position, orders: Sequence[Order], price: Decimal | None, said: Said
    ) -> None:
        """All shares of a position and its resting orders become the owner's (`T-16`)."""
        plain = self._row(held, held.strategy, AdjustmentKind.RELEASE, -held.quantity, price, said)
        rows = [plain, self._row(held, OWNER_LANE, AdjustmentKind.RELEASE, held.quantity, price, said)]
        rows += [
            self._row(held, OWNER_LANE, AdjustmentKind.RELEASE, ZERO, None, said, order=order.order)
            for order in orders
        ]
        self._append(
            t, rows, said, "position.released", {"before": held, "orders": [o.order for o in orders]}
        )

    def adopt(
        self,
        t: Transaction,
        found: Break,
        strategy: str,
        held: Decimal,
        price: Decimal | None,
        said: Said,
        *,
        cash: bool,
    ) -> None:
        """A strategy takes a difference for its own: shares a person sold or bought for it. Raises `Conflict`
        where more went than it holds."""
        if held + found.difference < 0:
            raise Conflict(
                f"{strategy} holds {held} {found.symbol}, and {-found.difference} went",
                where="break",
                remedy="the rest is the owner's: acknowledge it",
            )
        row = self._row(found, strategy, AdjustmentKind.ADOPT, found.difference, price, said, cash=cash)
        self._append(t, [row], said, "position.adopted", {"before": held, "break": found})

    def take_over(
        self, t: Transaction, held: Position, strategy: str, price: Decimal | None, said: Said
    ) -> None:
        """Shares of the owner, here as a position of his lane, become a strategy's."""
        rows = [
            self._row(held, OWNER_LANE, AdjustmentKind.ADOPT, -held.quantity, price, said),
            self._row(held, strategy, AdjustmentKind.ADOPT, held.quantity, price, said),
        ]
        self._append(t, rows, said, "position.adopted", {"before": held, "strategy": strategy})

    def owner(self, t: Transaction, found: Break, owners: Decimal, said: Said) -> None:
        """A difference is the owner's. Raises `Conflict` where more went than his lane has."""
        if found.difference < 0 and owners + found.difference < 0:
            raise Conflict(
                f"the owner's lane has {owners} {found.symbol}, and {-found.difference} went",
                where="break",
                remedy="what went was the desk's: adopt it",
            )
        row = self._row(found, OWNER_LANE, AdjustmentKind.OWNER, found.difference, None, said)
        self._append(t, [row], said, "break.acknowledged", {"before": found, "owners_lane": owners})

    def split(
        self, t: Transaction, found: Break, held: Sequence[Position], owners: Decimal, said: Said
    ) -> None:
        """All lanes of a contract multiply (`T-37`)."""
        new, old = found.split_new, found.split_old
        lanes = [(one.strategy, one.quantity) for one in held] + ([(OWNER_LANE, owners)] if owners else [])
        rows = [
            self._row(
                found, lane, AdjustmentKind.SPLIT, shares * new / old - shares, None, said, split=(new, old)
            )
            for lane, shares in lanes
        ]
        self._append(t, rows, said, "position.split", {"break": found, "before": dict(lanes)})

    def exit_rules(self, t: Transaction, held: Position, before: int, version: int, said: Said) -> None:
        """The exit rules of another version hold from now on (`T-15`). Raises `Conflict` for a holding whose
        beginning is not known."""
        if held.opened_at is None:
            raise Conflict(f"nobody knows since when {held.symbol} is held", where="symbol")
        named = (held.account, str(held.conid), held.strategy, "exit rules", format_instant(said.at))
        row = AppliedExits(
            applied=str(uuid.uuid5(_NAMESPACE, "|".join(named))),
            account=held.account,
            conid=held.conid,
            strategy=held.strategy,
            opened_at=held.opened_at,
            before=before,
            version=version,
            at=said.at,
            actor=said.actor,
            reason=said.reason,
        )
        self._store.add_exit_rules(t, row)
        about, body = f"conid:{held.conid}", {"reason": said.reason, "row": row}
        self._audit.append(t, said.actor, "exits.applied", about, body, before=before, after=version)

    def _row(
        self,
        about: Position | Break,
        lane: str,
        kind: AdjustmentKind,
        quantity: Decimal,
        price: Decimal | None,
        said: Said,
        *,
        cash: bool = False,
        order: str | None = None,
        split: tuple[int, int] = (1, 1),
    ) -> Adjustment:
        named = (about.account, str(about.conid), lane, kind.value, order or "", format_instant(said.at))
        return Adjustment(
            adjustment=str(uuid.uuid5(_NAMESPACE, "|".join(named))),
            account=about.account,
            conid=about.conid,
            symbol=about.symbol,
            lane=lane,
            kind=kind,
            quantity=quantity,
            price=price,
            at=said.at,
            actor=said.actor,
            reason=said.reason,
            cash=cash,
            order=order,
            split_new=split[0],
            split_old=split[1],
        )

    def _append(
        self, t: Transaction, rows: Sequence[Adjustment], said: Said, what: str, body: dict[str, object]
    ) -> None:
        for row in rows:
            self._store.add_adjustment(t, row)
        about = f"conid:{rows[0].conid}"
        self._audit.append(t, said.actor, what, about, {**body, "reason": said.reason, "rows": list(rows)})
