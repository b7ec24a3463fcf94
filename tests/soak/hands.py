"""What people do meanwhile: the owner trades at the broker by hand, money comes and goes, the venue corrects
a price. Each act is due on days of its own, the same in every soak."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

from glassdesk.adapters.simulation import ControlPlane
from glassdesk.desk import Desk
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.wishes import Act, wish
from glassdesk.workflow.positions.model import BreakKind
from tests.soak import market

FIRST, EVERY = 2, 20


class Hands:
    """The person at the broker, and the venue."""

    def __init__(self, desk: Desk, control: ControlPlane, split_days: set[str]) -> None:
        self._desk = desk
        self._split_days = split_days
        self._control = control
        self._conid = market.resolved(desk, market.BY_HAND)
        self.did: Counter[str] = Counter()
        self._acts: dict[int, Callable[[], None]] = {
            2: self._buy,
            4: self._deposit,
            7: self._correct,
            9: self._withdraw,
            16: self._sell,
        }

    def act(self, day: int) -> None:
        """Do what is due on this day, counted from 1."""
        self._acts.get(day % EVERY, lambda: None)()

    def look(self, day: date) -> None:
        """On the morning of a split a person has broker and desk compared."""
        if day.isoformat() in self._split_days:
            self._ask(CommandKind.RECONCILE, "")

    def answer(self) -> None:
        """Say of every difference what it is: a split, or the owner's own trade."""
        with self._desk.transactions.read() as t:
            breaks = self._desk.positions.breaks(t)
        for found in breaks:
            act = Act.SPLIT if found.kind is BreakKind.SPLIT else Act.ACKNOWLEDGE
            kind, argument = wish(act, found.symbol, reason="traded by hand")
            self._ask(kind, argument)
            self.did[act.value] += 1

    def _ask(self, kind: CommandKind, argument: str) -> None:
        with self._desk.transactions.begin() as t:
            self._desk.dealing.ask(t, kind, argument, "owner")

    def _buy(self) -> None:
        self._control.person_order(self._conid, "BUY", 6)
        self.did["bought"] += 1

    def _sell(self) -> None:
        self._control.person_order(self._conid, "SELL", 4)
        self.did["sold"] += 1

    def _deposit(self) -> None:
        self._control.deposit("2500.00")
        self.did["deposited"] += 1

    def _withdraw(self) -> None:
        self._control.deposit("-1100.25")
        self.did["withdrew"] += 1

    def _correct(self) -> None:
        """The newest trade of ours becomes three cents dearer."""
        with self._desk.transactions.read() as t:
            fills = self._desk.tracking.fills(t, self._desk.account)
        names = {fill.execution.execution for fill in fills[-1:]}
        for row in reversed(self._control.truth("executions")):
            if str(row["execution_id"]).rpartition(".")[0] in names:
                self._control.arm(68, execution_id=row["execution_id"], cents=3)
                self.did["corrected"] += 1
                return
