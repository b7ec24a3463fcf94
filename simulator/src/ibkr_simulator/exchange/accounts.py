"""The account: cash and positions, exact to the cent."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from ibkr_simulator.exchange.money import Cents, nearest_cents, text
from ibkr_simulator.exchange.orders import Execution
from ibkr_simulator.instants import Instant, iso

Mark = Callable[[int], Cents]
_MARGIN = 4


@dataclass(slots=True, kw_only=True)
class Position:
    """Shares held (negative when short); `cost` is what they cost, commissions included, in cents."""

    conid: int
    symbol: str
    quantity: int = 0
    cost: Decimal = Decimal(0)
    realized: Decimal = Decimal(0)

    @property
    def average(self) -> Decimal:
        """Average cost per share in units of money, 0 when flat."""
        return self.cost / self.quantity / 100 if self.quantity else Decimal(0)

    def book(self, signed: int, cash: Cents) -> None:
        """Take a fill in: `signed` shares, `cash` paid (negative) or received, commission included."""
        closing = min(abs(signed), abs(self.quantity)) if signed * self.quantity < 0 else 0
        share = Decimal(closing) / abs(signed)
        if closing:
            released = self.cost * closing / abs(self.quantity)
            self.realized += Decimal(cash) * share - released
            self.cost -= released
        self.cost -= Decimal(cash) * (1 - share)
        self.quantity += signed


@dataclass(frozen=True, slots=True, kw_only=True)
class CashEntry:
    """One movement of cash, in a lane: deposit, trade, commission."""

    at: Instant
    lane: str
    amount: Cents
    reference: str

    def row(self) -> dict[str, str]:
        """As the truth log shows it."""
        return {
            "at": iso(self.at),
            "lane": self.lane,
            "amount": text(self.amount),
            "reference": self.reference,
        }


@dataclass(slots=True, kw_only=True)
class Account:
    """Cash ledger and positions of one account."""

    account_id: str
    cash: Cents = 0
    positions: dict[int, Position] = field(default_factory=dict)
    ledger: list[CashEntry] = field(default_factory=list)

    @property
    def is_paper(self) -> bool:
        """Paper accounts begin with D."""
        return self.account_id.startswith("D")

    def move(self, entry: CashEntry) -> CashEntry:
        """Book one movement of cash."""
        self.cash += entry.amount
        self.ledger.append(entry)
        return entry

    def apply(self, execution: Execution) -> list[CashEntry]:
        """Take a fill in; answers the cash movements it caused."""
        value = execution.quantity * execution.price
        sign = 1 if execution.side == "BUY" else -1
        position = self.position(execution.conid, execution.symbol)
        position.book(sign * execution.quantity, -sign * value - execution.commission)
        lanes = (("trade", -sign * value), ("commission", -execution.commission))
        return [self.move(_entry(execution, lane, amount)) for lane, amount in lanes]

    def correct(self, fixed: Execution, change: Cents) -> CashEntry:
        """Take the difference of a corrected price in."""
        paid = fixed.quantity * change * (1 if fixed.side == "BUY" else -1)
        position = self.position(fixed.conid, fixed.symbol)
        if position.quantity:
            position.cost += paid
        else:
            position.realized -= paid
        return self.move(_entry(fixed, "trade", -paid))

    def position(self, conid: int, symbol: str) -> Position:
        """The position in a contract, made when it does not exist."""
        return self.positions.setdefault(conid, Position(conid=conid, symbol=symbol))

    def quantity(self, conid: int) -> int:
        """Shares held."""
        position = self.positions.get(conid)
        return position.quantity if position else 0

    def stock_value(self, mark: Mark) -> Cents:
        """Market value of all positions, short ones negative."""
        return sum(p.quantity * mark(p.conid) for p in self.positions.values() if p.quantity)

    def gross_value(self, mark: Mark) -> Cents:
        """Market value of all positions, each counted positive."""
        return sum(abs(p.quantity) * mark(p.conid) for p in self.positions.values() if p.quantity)

    def net_liquidation(self, mark: Mark) -> Cents:
        """Cash and stock together."""
        return self.cash + self.stock_value(mark)

    def margin(self, mark: Mark) -> Cents:
        """Initial margin, a quarter of what is held."""
        return self.gross_value(mark) // _MARGIN

    def buying_power(self, mark: Mark) -> Cents:
        """What could still be bought with the funds not bound by margin."""
        return (self.net_liquidation(mark) - self.margin(mark)) * _MARGIN

    def unrealized(self, position: Position, mark: Mark) -> Cents:
        """Gain on paper of one position."""
        return position.quantity * mark(position.conid) - nearest_cents(position.cost / 100)


def _entry(execution: Execution, lane: str, amount: Cents) -> CashEntry:
    return CashEntry(at=execution.at, lane=lane, amount=amount, reference=execution.execution_id)
