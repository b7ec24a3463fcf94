"""At each session's end: what moved cash beside trades, read from the broker and booked with its evidence
(`T-70`); what stays unexplained is a break (`reliability.md` §2.8)."""

from __future__ import annotations

from decimal import Decimal

from glassdesk.kernel.errors import ReadFailed
from glassdesk.kernel.money import cents
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.portfolio.cash import CENT, Judged
from glassdesk.workflow.portfolio.model import Flow, Movement

DAYS = 90
"""As far back as the broker lists transactions."""


class Cash:
    """Explains differences of cash; never corrects one."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def explain(self) -> None:
        """Ask the broker only where something is missing: at most two readings of endpoints that it serves
        once in 15 minutes."""
        parts, account, now = self._parts, self._parts.settings.account, self._parts.now()
        with parts.transactions.read() as t:
            missing = parts.portfolio.books(t, account, now).unexplained
            conids = sorted(parts.portfolio.traded(t, account))
        differs = missing is not None and abs(missing) >= CENT
        movements, flows = self._evidence(conids) if differs else ((), ())
        with parts.transactions.begin() as t:
            if differs:
                self._book(t, movements, flows)
            self._tell(t, parts.portfolio.judge_cash(t, account, now))

    def _evidence(self, conids: list[int]) -> tuple[tuple[Movement, ...], tuple[Flow, ...]]:
        """What the broker lists; what cannot be read explains nothing today."""
        broker, account = self._parts.broker.portfolio, self._parts.settings.account
        try:
            moved = broker.movements(account, conids, days=DAYS) if conids else ()
            return tuple(moved), tuple(broker.flows(account))
        except ReadFailed:
            return (), ()

    def _book(self, t: Transaction, movements: tuple[Movement, ...], flows: tuple[Flow, ...]) -> None:
        parts, account = self._parts, self._parts.settings.account
        rows = parts.portfolio.explain_cash(t, account, parts.now(), movements=movements, flows=flows)
        for row in rows:
            parts.audit.append(t, "dealer", "cash.booked", f"cash:{row.row}", row)

    def _tell(self, t: Transaction, judged: Judged) -> None:
        if judged.opened is not None:
            one = judged.opened
            self._parts.audit.append(t, "dealer", "cash.break.opened", f"account:{one.account}", one)
            title = "Cash: broker and desk disagree"
            body = f"{_signed(one.amount)} that nothing explains, tolerance {cents(one.tolerance)}"
            self._say(t, f"{one.account}:{one.opened_at.isoformat()}:opened", Severity.ALARM, title, body)
        if judged.closed is not None:
            one = judged.closed
            self._parts.audit.append(t, "dealer", "cash.break.closed", f"account:{one.account}", one)
            title, key = "Cash: broker and desk agree again", f"{one.account}:{one.opened_at.isoformat()}"
            self._say(t, f"{key}:closed", Severity.INFO, title, f"{_signed(one.amount)} is explained")

    def _say(self, t: Transaction, key: str, severity: Severity, title: str, body: str) -> None:
        ref = f"account:{self._parts.settings.account}"
        self._parts.notifications.tell(t, f"cash-break:{key}", severity, title, body, ref)


def _signed(amount: Decimal) -> str:
    return f"{'+' if amount > 0 else ''}{cents(amount)}"
