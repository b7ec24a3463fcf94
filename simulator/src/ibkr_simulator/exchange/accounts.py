"""Accounts: cash, settled and not, and positions; everything in whole cents."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from ibkr_simulator.exchange.margin import Requirement, required
from ibkr_simulator.exchange.money import Cents, text
from ibkr_simulator.instants import Instant, iso

Mark = Callable[[int], Cents]
Kind = Literal["margin", "cash"]
_LEVERAGE = 2


def share_of(amount: Cents, part: int, whole: int) -> Cents:
    """`part` of `whole` of an amount, half a cent away from zero."""
    return int((Decimal(amount) * part / whole).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(slots=True, kw_only=True)
class Position:
    """Shares held (negative when short); `cost` is what they cost, commissions included.

    Average cost: what is closed takes its share of the cost with it, rounded to the cent.
    """

    conid: int
    symbol: str
    quantity: int = 0
    cost: Cents = 0
    realized: Cents = 0

    @property
    def average(self) -> Decimal:
        """Average cost per share in units of money, 0 when flat."""
        return Decimal(self.cost) / self.quantity / 100 if self.quantity else Decimal(0)

    def book(self, signed: int, cash: Cents) -> int:
        """Take a fill in: `signed` shares, `cash` paid (negative) or received, commission included.
        Answers how many of the shares closed what was held."""
        closing = min(abs(signed), abs(self.quantity)) if signed * self.quantity < 0 else 0
        received = share_of(cash, closing, abs(signed))
        if closing:
            released = share_of(self.cost, closing, abs(self.quantity))
            self.realized += received - released
            self.cost -= released
        self.cost -= cash - received
        self.quantity += signed
        return closing

    def correct(self, side: int, quantity: int, closed: int, cash: Cents) -> None:
        """Take `cash` in that a corrected fill of `quantity` shares brings: where the fill had closed
        shares, or its shares are gone by now, it is realised; else it changes the cost."""
        opened = quantity - closed
        held = min(opened, max(0, side * self.quantity))
        kept = share_of(cash, held, quantity)
        self.cost -= kept
        self.realized += cash - kept


@dataclass(frozen=True, slots=True, kw_only=True)
class CashEntry:
    """One movement of cash. Lanes: deposit, withdrawal, trade, commission, fee, dividend, interest,
    borrow, cash_in_lieu. The proceeds of a sale are settled cash from `settles_at` on only."""

    account: str
    at: Instant
    lane: str
    amount: Cents
    reference: str
    settles_at: Instant | None = None

    def row(self) -> dict[str, str]:
        """As the truth log shows it."""
        shown = {
            "account": self.account,
            "at": iso(self.at),
            "lane": self.lane,
            "amount": text(self.amount),
            "reference": self.reference,
        }
        return shown | ({"settles_at": iso(self.settles_at)} if self.settles_at is not None else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivable:
    """A dividend earned on its ex-date and paid later; negative when owed on a short position."""

    conid: int
    amount: Cents
    reference: str
    pays_at: Instant


@dataclass(slots=True, kw_only=True)
class Accruals:
    """What is earned or owed and not booked yet; interest and borrow fee in fractions of a cent."""

    interest: Decimal = Decimal(0)
    borrow: Decimal = Decimal(0)
    dividends: list[Receivable] = field(default_factory=list)

    @property
    def interest_cents(self) -> Cents:
        """Interest and borrow fee, each as it would be booked now."""
        return whole(self.interest) + whole(self.borrow)

    @property
    def dividend_cents(self) -> Cents:
        """Dividends on their way."""
        return sum(receivable.amount for receivable in self.dividends)


@dataclass(slots=True, kw_only=True)
class Account:
    """Cash ledger and positions of one account. `opened_with` is the net liquidation at the last New York
    midnight, `flows` the deposits since, from which the day's profit counts."""

    account_id: str
    kind: Kind = "margin"
    cash: Cents = 0
    positions: dict[int, Position] = field(default_factory=dict)
    ledger: list[CashEntry] = field(default_factory=list)
    unsettled: list[CashEntry] = field(default_factory=list)
    accruals: Accruals = field(default_factory=Accruals)
    opened_with: Cents = 0
    flows: Cents = 0

    @property
    def is_paper(self) -> bool:
        """Paper accounts begin with D."""
        return self.account_id.startswith("D")

    @property
    def is_cash(self) -> bool:
        """Whether it buys with settled cash only and never sells short."""
        return self.kind == "cash"

    def move(self, entry: CashEntry) -> CashEntry:
        """Book one movement of cash."""
        self.cash += entry.amount
        self.ledger.append(entry)
        if entry.settles_at is not None:
            self.unsettled.append(entry)
        if entry.lane in ("deposit", "withdrawal"):
            self.flows += entry.amount
        return entry

    def settle(self, now: Instant) -> None:
        """Forget what has settled."""
        self.unsettled = [entry for entry in self.unsettled if (entry.settles_at or 0) > now]

    def settled(self, now: Instant) -> Cents:
        """Cash without the proceeds of sales that are still on their way."""
        return self.cash - sum(entry.amount for entry in self.unsettled if (entry.settles_at or 0) > now)

    def position(self, conid: int, symbol: str) -> Position:
        """The position in a contract, made when it does not exist."""
        return self.positions.setdefault(conid, Position(conid=conid, symbol=symbol))

    def quantity(self, conid: int) -> int:
        """Shares held."""
        position = self.positions.get(conid)
        return position.quantity if position else 0

    def held(self) -> list[Position]:
        """Positions that are not flat."""
        return [position for position in self.positions.values() if position.quantity]

    def stock_value(self, mark: Mark) -> Cents:
        """Market value of all positions, short ones negative."""
        return sum(p.quantity * mark(p.conid) for p in self.held())

    def gross_value(self, mark: Mark) -> Cents:
        """Market value of all positions, each counted positive."""
        return sum(abs(p.quantity) * mark(p.conid) for p in self.held())

    def loan_value(self, mark: Mark) -> Cents:
        """Equity with loan value: cash and stock, without what only accrues."""
        return self.cash + self.stock_value(mark)

    def net_liquidation(self, mark: Mark) -> Cents:
        """Cash, stock, and what has accrued."""
        accruals = self.accruals
        return self.loan_value(mark) + accruals.interest_cents + accruals.dividend_cents

    def requirement(self, mark: Mark) -> Requirement:
        """What the positions bind."""
        return required(((p.quantity, mark(p.conid)) for p in self.held()), cash_account=self.is_cash)

    def available(self, mark: Mark, now: Instant) -> Cents:
        """Funds not bound: settled cash in a cash account, else what exceeds the initial requirement."""
        if self.is_cash:
            return self.settled(now)
        return self.loan_value(mark) - self.requirement(mark).initial

    def buying_power(self, mark: Mark, now: Instant) -> Cents:
        """What could still be bought."""
        free = max(0, self.available(mark, now))
        return free if self.is_cash else free * _LEVERAGE

    def unrealized(self, position: Position, mark: Mark) -> Cents:
        """Gain on paper of one position."""
        return position.quantity * mark(position.conid) - position.cost


def whole(cents: Decimal) -> Cents:
    """Fractions of a cent rounded half away from zero."""
    return int(cents.quantize(Decimal(1), ROUND_HALF_UP))
