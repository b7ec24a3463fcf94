"""An accountant who never saw the exchange: own arithmetic in dollars over trades, deposits and the tape."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

CENT = Decimal("0.01")
# Of 2012 and of 2023 to 2025: dollars a million, dollars a share and the most for one trade.
SEC = (
    (date(2025, 5, 14), "0"),
    (date(2024, 5, 22), "27.80"),
    (date(2023, 2, 27), "8.00"),
    (date(2022, 5, 14), "22.90"),
    (date(2012, 4, 1), "22.40"),
    (date(2012, 2, 21), "18.00"),
    (date(2011, 1, 21), "19.20"),
)
TAF = (
    (date(2024, 1, 1), "0.000166", "8.30"),
    (date(2023, 1, 1), "0.000145", "7.27"),
    (date(2012, 7, 1), "0.000119", "5.95"),
    (date(2012, 3, 1), "0.000095", "4.75"),
    (date(2004, 11, 1), "0.000075", "3.75"),
)
CYCLE = ((date(2024, 5, 28), 1), (date(2017, 9, 5), 2), (date(1995, 6, 7), 3))


def cents(amount: Decimal | Fraction) -> Decimal:
    """To the cent, half away from zero."""
    if isinstance(amount, Fraction):
        amount = Decimal(amount.numerator) / Decimal(amount.denominator)
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass
class Lot:
    """All shares of one contract: how many, what they cost, what was realised with them."""

    quantity: int = 0
    cost: Decimal = Decimal(0)
    realised: Decimal = Decimal(0)

    def trade(self, signed: int, cash: Decimal) -> int:
        """Average cost; what closes takes its share of cost and cash, to the cent."""
        closing = min(abs(signed), abs(self.quantity)) if signed * self.quantity < 0 else 0
        got = cents(cash * closing / abs(signed))
        gone = cents(self.cost * closing / abs(self.quantity)) if closing else Decimal(0)
        self.realised += got - gone
        self.cost += -gone - (cash - got)
        self.quantity += signed
        return closing


@dataclass
class Trade:
    """What the accountant remembers of an execution, under its number without the revision."""

    signed: int
    price: Decimal
    commission: Decimal
    fees: Decimal
    closed: int
    settles: date


@dataclass
class Ledger:
    """One account."""

    cash: Decimal = Decimal(0)
    lots: dict[int, Lot] = field(default_factory=lambda: defaultdict(Lot))
    proceeds: list[tuple[date, Decimal]] = field(default_factory=list)
    dividends: list[tuple[date, Decimal]] = field(default_factory=list)
    interest: Decimal = Decimal(0)
    borrow: Decimal = Decimal(0)
    opened: Decimal = Decimal(0)
    flows: Decimal = Decimal(0)

    def settled(self, day: date) -> Decimal:
        return self.cash - sum((amount for settles, amount in self.proceeds if settles > day), Decimal(0))

    def stock(self, closes: Mapping[int, Decimal]) -> Decimal:
        return sum(
            (lot.quantity * closes[conid] for conid, lot in self.lots.items() if lot.quantity), Decimal(0)
        )

    def worth(self, closes: Mapping[int, Decimal]) -> Decimal:
        owed = sum((amount for _, amount in self.dividends), Decimal(0))
        return self.cash + self.stock(closes) + owed + cents(self.interest) + cents(self.borrow)


@dataclass
class Accountant:
    """Books of all accounts, day by day. `rates` are percent a year."""

    sessions: Sequence[date]
    splits: Sequence[tuple[date, int, Fraction]]
    dividends: Sequence[tuple[date, int, Decimal, date]]
    debit: Decimal
    credit: Decimal
    free: Decimal
    lending: Decimal
    monthly: Decimal
    books: dict[str, Ledger] = field(default_factory=lambda: defaultdict(Ledger))
    trades: dict[str, Trade] = field(default_factory=dict)
    orders: dict[int, list[Decimal]] = field(default_factory=lambda: defaultdict(lambda: [Decimal(0)] * 3))

    def deposit(self, account: str, amount: Decimal) -> None:
        ledger = self.books[account]
        ledger.cash += amount
        ledger.flows += amount

    def execution(self, row: Mapping[str, Any], day: date) -> None:
        """A trade, a corrected price, or a trade that is cancelled."""
        root = row["execution_id"].rpartition(".")[0]
        if row["corrects"] is None:
            self._trade(root, row, day)
        elif row["quantity"] == 0:
            self._bust(root, row, day)
        else:
            self._correct(root, row)

    def _trade(self, root: str, row: Mapping[str, Any], day: date) -> None:
        signed = row["quantity"] * (1 if row["side"] == "BUY" else -1)
        price, ledger = Decimal(row["price"]), self.books[row["account"]]
        fees = Decimal(0)
        if signed < 0:
            fees = cents(-signed * price * _on(SEC, day) / 1_000_000) + _taf(day, -signed)
        commission = self._commission(row["order_id"], row["quantity"], price)
        value = signed * price
        cycle = next(count for since, count in CYCLE if since <= day)
        settles = self.sessions[self.sessions.index(day) + cycle]
        closed = ledger.lots[row["conid"]].trade(signed, -value - commission - fees)
        ledger.cash -= value + commission + fees
        if signed < 0:
            ledger.proceeds.append((settles, -value))
        self.trades[root] = Trade(signed, price, commission, fees, closed, settles)

    def _commission(self, order: int, quantity: int, price: Decimal) -> Decimal:
        so_far = self.orders[order]
        so_far[0] += quantity
        so_far[1] += quantity * price
        total = cents(min(max(so_far[0] * Decimal("0.005"), Decimal(1)), so_far[1] / 100))
        part = total - so_far[2]
        so_far[2] = total
        return part

    def _correct(self, root: str, row: Mapping[str, Any]) -> None:
        trade, ledger = self.trades[root], self.books[row["account"]]
        change = Decimal(row["price"]) - trade.price
        cash, lot = -trade.signed * change, ledger.lots[row["conid"]]
        opened = abs(trade.signed) - trade.closed
        still = min(opened, max(0, lot.quantity if trade.signed > 0 else -lot.quantity))
        into_cost = cents(cash * still / abs(trade.signed))
        lot.cost -= into_cost
        lot.realised += cash - into_cost
        ledger.cash += cash
        self.orders[row["order_id"]][1] += abs(trade.signed) * change
        trade.price += change

    def _bust(self, root: str, row: Mapping[str, Any], day: date) -> None:
        trade, ledger = self.trades.pop(root), self.books[row["account"]]
        value, paid = trade.signed * trade.price, trade.commission + trade.fees
        ledger.lots[row["conid"]].trade(-trade.signed, value + paid)
        ledger.cash += value + paid
        if value < 0:
            ledger.proceeds.append((trade.settles, value))
        so_far = self.orders[row["order_id"]]
        for index, amount in enumerate((abs(trade.signed), abs(value), trade.commission)):
            so_far[index] -= amount

    def midnight(self, day: date, closes: Mapping[int, Decimal]) -> None:
        """The day before `day` ends, with its closes."""
        for ledger in self.books.values():
            self._accrue(ledger, day, closes)
            ledger.opened, ledger.flows = ledger.worth(closes), Decimal(0)
            for pays, amount in ledger.dividends:
                ledger.cash += amount if pays <= day else 0
            ledger.dividends = [row for row in ledger.dividends if row[0] > day]
            if day.day == 1:
                ledger.cash += cents(ledger.interest) + cents(ledger.borrow) - self.monthly
                ledger.interest = ledger.borrow = Decimal(0)
            self._companies(ledger, day, closes)

    def _accrue(self, ledger: Ledger, day: date, closes: Mapping[int, Decimal]) -> None:
        owed = (lot.quantity * closes[conid] for conid, lot in ledger.lots.items() if lot.quantity < 0)
        short = -sum(owed, Decimal(0))
        underway = min(ledger.cash - ledger.settled(day), short)
        balance = ledger.settled(day) + underway - short
        below, above = min(balance, Decimal(0)), max(balance - self.free, Decimal(0))
        for amount, rate in ((below, self.debit), (above, self.credit)):
            ledger.interest += (amount * rate / 36_000).quantize(Decimal("0.00000001"))
        ledger.borrow -= (short * self.lending / 36_000).quantize(Decimal("0.00000001"))

    def _companies(self, ledger: Ledger, day: date, closes: Mapping[int, Decimal]) -> None:
        for _, conid, ratio in (row for row in self.splits if row[0] == day):
            self._split(ledger, ledger.lots[conid], ratio, closes[conid])
        for _, conid, amount, pays in (row for row in self.dividends if row[0] == day):
            if earned := cents(ledger.lots[conid].quantity * amount):
                ledger.dividends.append((pays, earned))

    def _split(self, ledger: Ledger, lot: Lot, ratio: Fraction, close: Decimal) -> None:
        exact = lot.quantity * ratio
        lot.quantity = int(exact)
        fraction = exact - lot.quantity
        if fraction:
            price = Decimal(int(int(close * 100) // ratio)) / 100
            paid, gone = cents(fraction * Fraction(price)), cents(Fraction(lot.cost) * fraction / exact)
            ledger.cash += paid
            lot.cost -= gone
            lot.realised += paid - gone


def _on(table: Sequence[tuple[date, str]], day: date) -> Decimal:
    return next(Decimal(rate) for since, rate in table if since <= day)


def _taf(day: date, shares: int) -> Decimal:
    rate, most = next((Decimal(rate), Decimal(most)) for since, rate, most in TAF if since <= day)
    return cents(min(shares * rate, most))


def nights(after: date, until: date) -> list[date]:
    """Every midnight's day after one date, up to another."""
    return [after + timedelta(days=number) for number in range(1, (until - after).days + 1)]
