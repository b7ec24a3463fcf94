"""The broker's back office: trades, corrections, dividends, splits, interest and fees on every account."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ibkr_simulator.exchange import settlement
from ibkr_simulator.exchange.accounts import Account, CashEntry, Position, Receivable, share_of, whole
from ibkr_simulator.exchange.events import RANK, Event
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.money import Cents, cents
from ibkr_simulator.exchange.orders import Execution, Order
from ibkr_simulator.exchange.tape import Dividend, Split
from ibkr_simulator.instants import DAY, Instant, new_york_day, new_york_midnight
from ibkr_simulator.switches import Switches

Changed = Order | Execution | CashEntry | Split | Account
_DAY_COUNT = 360
_GRAIN = Decimal("0.000001")


class Books:
    """Accounts and what happens to them by itself. `tell` hears of every change."""

    def __init__(
        self,
        market: Market,
        accounts: Sequence[Account],
        switches: Switches,
        start: Instant,
        tell: Callable[[Changed], None],
    ) -> None:
        self.market = market
        self.accounts = {account.account_id: account for account in accounts}
        self.switches = switches
        self._tell = tell
        self._actions = _corporate_actions(market)
        self._next_action = 0
        self.next_night: Instant = 0
        self.begin_at(start)

    def begin_at(self, now: Instant) -> None:
        """What lies before this instant has happened."""
        self._next_action = bisect_right(self._actions, now, key=lambda row: row[0].at)
        self.next_night = _midnight_after(now)

    @property
    def first(self) -> Account:
        """The account of whoever names none."""
        return next(iter(self.accounts.values()))

    def of(self, account_id: str) -> Account:
        """The account of an order. Raises KeyError."""
        return self.accounts[account_id] if account_id else self.first

    # --- worth

    def mark(self, conid: int, now: Instant) -> Cents:
        """The price positions are valued at."""
        quote = self.market.quote(conid, now)
        return quote.last if quote else 0

    def equity(self, account: Account, now: Instant) -> Cents:
        """Net liquidation value of an account."""
        return account.net_liquidation(lambda conid: self.mark(conid, now))

    def day_profit(self, account: Account, now: Instant) -> Cents:
        """Change of net liquidation since the last New York midnight; deposits do not count."""
        return self.equity(account, now) - account.opened_with - account.flows

    # --- trades

    def fund(self, account: Account, amount: Cents, reference: str, now: Instant) -> None:
        """Money comes in, or goes out when negative."""
        lane = "deposit" if amount >= 0 else "withdrawal"
        self._move(account, now, lane, amount, reference)
        self._tell(account)

    def charge(self, account: Account, amount: Cents, reference: str, now: Instant) -> None:
        """The broker takes a fee."""
        self._move(account, now, "fee", -amount, reference)

    def apply(self, execution: Execution) -> tuple[Execution, list[CashEntry]]:
        """Take a fill in; answers it with the shares it closed, and the movements of cash it caused."""
        account = self.of(execution.account)
        position = account.position(execution.conid, execution.symbol)
        signed, value = execution.sign * execution.quantity, execution.sign * execution.value
        closed = position.book(signed, -value - execution.commission)
        lanes = (
            ("trade", -value),
            ("commission", execution.fees - execution.commission),
            ("fee", -execution.fees),
        )
        entries = [
            self._entry(account, execution.at, lane, amount, execution.execution_id)
            for lane, amount in lanes
            if amount or lane != "fee"
        ]
        return replace(execution, closed=closed), [account.move(entry) for entry in entries]

    def correct(self, execution: Execution, change: Cents, now: Instant) -> tuple[Execution, CashEntry]:
        """The venue corrects a price: the same id with the next revision [F-68]."""
        account = self.of(execution.account)
        brought = -execution.sign * execution.quantity * change
        position = account.position(execution.conid, execution.symbol)
        position.correct(execution.sign, execution.quantity, execution.closed, brought)
        fixed = _revised(execution, now, price=execution.price + change)
        return fixed, account.move(self._entry(account, now, "trade", brought, fixed.execution_id, 0))

    def bust(self, execution: Execution, now: Instant) -> tuple[Execution, list[CashEntry]]:
        """The venue cancels a trade: the same id with the next revision and quantity 0. Shares, money and
        commission go back, at the price of the trade."""
        account = self.of(execution.account)
        position = account.position(execution.conid, execution.symbol)
        back = execution.sign * execution.value
        position.book(-execution.sign * execution.quantity, back + execution.commission)
        gone = _revised(execution, now, quantity=0, commission=0, fees=0, closed=0)
        settles = settlement.settles_at(self.market.sessions, execution.traded_at)
        trade = self._entry(account, now, "trade", back, gone.execution_id, settles if back < 0 else 0)
        refund = self._entry(account, now, "commission", execution.commission, gone.execution_id)
        return gone, [account.move(trade), account.move(refund)]

    def _entry(
        self,
        account: Account,
        at: Instant,
        lane: str,
        amount: Cents,
        reference: str,
        settles: Instant | None = None,
    ) -> CashEntry:
        """A movement of cash; the proceeds of a sale settle later, `settles` says otherwise."""
        if settles is None and lane == "trade" and amount > 0:
            settles = settlement.settles_at(self.market.sessions, at)
        return CashEntry(
            account=account.account_id,
            at=at,
            lane=lane,
            amount=amount,
            reference=reference,
            settles_at=settles if settles and settles > at else None,
        )

    def _move(self, account: Account, at: Instant, lane: str, amount: Cents, reference: str) -> None:
        self._tell(account.move(self._entry(account, at, lane, amount, reference)))

    # --- what companies do

    def next_event(self) -> Event:
        """The next thing that happens to the books by itself."""
        night = Event(self.next_night, RANK["night"], 0, "night", 0)
        if self._next_action >= len(self._actions):
            return night
        return min(night, self._actions[self._next_action][0])

    def splits_ahead(self) -> Iterator[tuple[Event, Split]]:
        """Splits to come, earliest first."""
        for event, action in self._actions[self._next_action :]:
            if isinstance(action, Split):
                yield event, action

    def take_action(self) -> Split | Dividend:
        """The corporate action that `next_event` announced; it is over with this."""
        action = self._actions[self._next_action][1]
        self._next_action += 1
        return action

    def split(self, split: Split, now: Instant) -> bool:
        """Shares multiply; a fraction of a share is paid in cash. Answers whether anybody held some."""
        touched = False
        for account in self.accounts.values():
            position = account.positions.get(split.conid)
            if position is not None and position.quantity:
                self._split_position(account, position, split.ratio, now)
                touched = True
        return touched

    def _split_position(self, account: Account, position: Position, ratio: Fraction, now: Instant) -> None:
        exact = position.quantity * ratio
        position.quantity = int(exact)
        left = exact - position.quantity
        if not left:
            return
        paid = _nearest(left * self.mark(position.conid, now))
        released = _nearest(Fraction(position.cost) * left / exact)
        position.realized += paid - released
        position.cost -= released
        day = new_york_day(now)
        self._move(account, now, "cash_in_lieu", paid, f"split-{position.conid}-{day}")

    def go_ex(self, dividend: Dividend) -> None:
        """Whoever held shares overnight has earned the dividend; whoever owes shares owes it."""
        if not self.switches.on("dividends"):
            return
        for account in self.accounts.values():
            quantity = account.quantity(dividend.conid)
            amount = whole(Decimal(quantity) * dividend.amount * 100)
            if amount:
                reference = f"dividend-{dividend.conid}-{new_york_day(dividend.at)}"
                receivable = Receivable(
                    conid=dividend.conid, amount=amount, reference=reference, pays_at=dividend.pays_at
                )
                account.accruals.dividends.append(receivable)
                self._tell(account)

    # --- nights

    def night(self) -> None:
        """A New York day ends: interest accrues, the day's profit starts afresh, what is due is paid."""
        # Prices are those of the day that ended: a split of this midnight has not happened yet.
        now, last = self.next_night, self.next_night - 1
        ended = new_york_day(last)
        for account in self.accounts.values():
            self._accrue(account, now, last)
            account.settle(now)
            account.opened_with, account.flows = self.equity(account, last), 0
            self._pay_dividends(account, now)
            if new_york_day(now).month != ended.month:
                self._end_month(account, now, ended)
            self._tell(account)
        self.next_night = _midnight_after(now)

    def _accrue(self, account: Account, now: Instant, last: Instant) -> None:
        """A day's interest on settled cash without the collateral of short positions, and their fee.
        Proceeds that have not settled are taken to be those of the short sales first."""
        short = -sum(p.quantity * self.mark(p.conid, last) for p in account.held() if p.quantity < 0)
        settled = account.settled(now)
        balance = settled + min(account.cash - settled, short) - short
        if balance < 0:
            account.accruals.interest += self._days_share(balance, "interest_debit_percent")
        free = cents(self.switches.text("interest_free_cash"))
        if balance > free:
            account.accruals.interest += self._days_share(balance - free, "interest_credit_percent")
        account.accruals.borrow -= self._days_share(short, "borrow_fee_percent")

    def _days_share(self, amount: Cents, rate: str) -> Decimal:
        percent = Decimal(self.switches.text(rate))
        return (amount * percent / 100 / _DAY_COUNT).quantize(_GRAIN)

    def _pay_dividends(self, account: Account, now: Instant) -> None:
        due = [receivable for receivable in account.accruals.dividends if receivable.pays_at <= now]
        for receivable in due:
            account.accruals.dividends.remove(receivable)
            self._move(account, now, "dividend", receivable.amount, receivable.reference)

    def _end_month(self, account: Account, now: Instant, ended: date) -> None:
        """Interest, borrow fee and the monthly fee of the month that ended are booked."""
        month, accruals = f"{ended:%Y-%m}", account.accruals
        due = (
            ("interest", whole(accruals.interest)),
            ("borrow", whole(accruals.borrow)),
            ("fee", -cents(self.switches.text("monthly_fee"))),
        )
        accruals.interest = accruals.borrow = Decimal(0)
        for lane, amount in due:
            if amount:
                self._move(account, now, lane, amount, f"{lane}-{month}")


def _corporate_actions(market: Market) -> list[tuple[Event, Split | Dividend]]:
    """Splits and dividends of the tape, in the order in which they happen."""
    actions: tuple[Split | Dividend, ...] = (*market.tape.splits, *market.tape.dividends)
    rows = []
    for index, action in enumerate(actions):
        what = "split" if isinstance(action, Split) else "dividend"
        rows.append((Event(action.at, RANK[what], index, what, action.conid), action))
    return sorted(rows, key=lambda row: row[0])


def _revised(execution: Execution, now: Instant, **changes: Any) -> Execution:
    root, _, revision = execution.execution_id.rpartition(".")
    name = f"{root}.{int(revision) + 1:02}"
    return replace(execution, execution_id=name, corrects=execution.execution_id, at=now, **changes)


def _nearest(amount: Fraction) -> Cents:
    return share_of(1, amount.numerator, amount.denominator)


def _midnight_after(now: Instant) -> Instant:
    return new_york_midnight(new_york_day(new_york_midnight(new_york_day(now)) + DAY + DAY // 2))
