"""What a person says of shares, carried out: released, adopted, split, the owner's (`T-16`, `T-35`, `T-37`).
Nothing is sent to the broker; from the next turn on the lanes are other ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.errors import Conflict, InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.facts_part import ALIVE, OPEN_INTENTS
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.order_tracking.model import Execution
from glassdesk.workflow.orders.model import IntentKind, IntentState, Order, OrderState, Role
from glassdesk.workflow.positions.derive import signed
from glassdesk.workflow.positions.lanes import Said
from glassdesk.workflow.positions.model import Break, BreakKind, Position

ZERO = Decimal(0)
KINDS = (
    CommandKind.RELEASE_POSITION,
    CommandKind.ADOPT_POSITION,
    CommandKind.ADOPT_SPLIT,
    CommandKind.ACKNOWLEDGE_BREAK,
)
_FATE_OPEN = (OrderState.SENDING, OrderState.UNKNOWN, OrderState.NEEDS_OPERATOR)


class LanesPart:
    """Does what a person said of shares, or refuses with the reason."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def obey(self, reign: Reign, kind: CommandKind, argument: str, actor: str, at: datetime) -> str:
        """Carry one command out, in one transaction. Raises `NotFound`, `Conflict` or `InvalidInput`."""
        wanted, _, rest = argument.partition(" ")
        said = Said(actor=actor, at=at, reason=rest.strip() or kind.value.replace("_", " "))
        with self._parts.transactions.begin() as t:
            if kind is CommandKind.RELEASE_POSITION:
                done = self._release(t, wanted, said)
            elif kind is CommandKind.ADOPT_SPLIT:
                done = self._split(t, wanted, said)
            elif kind is CommandKind.ACKNOWLEDGE_BREAK:
                done = self._acknowledge(t, wanted, said, rest.strip())
            else:
                done = self._adopt(t, *_strategy(wanted), said)
        reign.stale = True
        return done

    def _release(self, t: Transaction, wanted: str, said: Said) -> str:
        found = [p for p in self._held(t) if _names(wanted, p.symbol, p.conid)]
        if not found:
            raise NotFound(f"the desk holds no {wanted}", where="symbol", remedy="positions shows them")
        for held in found:
            orders = self._resting(t, held)
            self._parts.positions.lanes.release(t, held, orders, self._mark(t, held), said)
            for order in orders:
                self._let_go(t, order)
        names = ", ".join(f"{held.quantity} {held.symbol}" for held in found)
        return f"{names} and what rests for them are yours: the desk does not touch them any more"

    def _resting(self, t: Transaction, held: Position) -> list[Order]:
        """Orders that go along. Raises `Conflict` while something is under way."""
        theirs = self._parts.positions.released(t, held.account)
        around = self._parts.order_rows.orders(t, states=ALIVE, strategy=held.strategy, conid=held.conid)
        mine = [order for order in around if order.order not in theirs]
        if any(order.state in _FATE_OPEN for order in mine):
            raise Conflict(f"the fate of an order for {held.symbol} is open", where="symbol", remedy="wait")
        if any(order.role is Role.ENTRY for order in mine):
            raise Conflict(f"an entry for {held.symbol} works", where="symbol", remedy="cancel it first")
        leaving = self._parts.orders.intents(t, states=OPEN_INTENTS)
        if any(i.kind is IntentKind.REDUCE and i.conid == held.conid for i, _ in leaving):
            raise Conflict(f"an exit of {held.symbol} is under way", where="symbol", remedy="cancel it first")
        return [order for order in mine if order.state is not OrderState.RESERVED]

    def _let_go(self, t: Transaction, order: Order) -> None:
        found = self._parts.order_rows.intent(t, order.intent)
        if found is not None and found[1] in OPEN_INTENTS:
            now = self._parts.now()
            self._parts.order_rows.set_intent(
                t, order.intent, IntentState.DONE, at=now, note="released to the owner"
            )

    def _adopt(self, t: Transaction, wanted: str, strategy: str, said: Said) -> str:
        found = self._break(t, wanted)
        if found is None:
            return self._take_over(t, wanted, strategy, said)
        held = {p.strategy: p for p in self._held(t) if p.conid == found.conid}
        name = strategy or next(iter(held), "")
        if not name:
            raise InvalidInput(
                f"which strategy takes {found.symbol}?", where="strategy", remedy="name it with --strategy"
            )
        self._may_own(t, name, found.account, found.conid, found.symbol)
        external = self._parts.positions.external(t, found.account, found.conid)
        by_hand = found.kind is BreakKind.HAND_TRADE
        price = _paid(external) if by_hand else self._mark(t, found)
        shares = held[name].quantity if name in held else ZERO
        self._parts.positions.lanes.adopt(t, found, name, shares, price, said, cash=by_hand)
        return f"{name} takes {found.difference} {found.symbol}: it holds {shares + found.difference}"

    def _take_over(self, t: Transaction, wanted: str, strategy: str, said: Said) -> str:
        account = self._parts.settings.account
        lane = {conid: q for conid, q in self._parts.positions.owners(t, account).items() if q > 0}
        stated = {row.conid: row for row in self._parts.positions.broker(t, account)}
        row = next((s for c, s in stated.items() if c in lane and _names(wanted, s.symbol, c)), None)
        if row is None:
            raise NotFound(
                f"there is neither a difference in {wanted} nor any of it in the owner's lane",
                where="symbol",
                remedy="positions shows both",
            )
        if not strategy:
            raise InvalidInput(f"which strategy takes {row.symbol}?", where="strategy", remedy="name it")
        self._may_own(t, strategy, account, row.conid, row.symbol)
        price = row.market_price or row.average_cost
        shares = Position(
            account=account,
            conid=row.conid,
            symbol=row.symbol,
            strategy=strategy,
            quantity=lane[row.conid],
            average_price=price,
            opened_at=None,
            opened_by_run=None,
        )
        self._parts.positions.lanes.take_over(t, shares, strategy, price, said)
        return f"{strategy} takes {shares.quantity} {row.symbol}; place its stop with positions protect"

    def _may_own(self, t: Transaction, strategy: str, account: str, conid: int, symbol: str) -> None:
        """The contract may belong to the strategy (`T-13`)."""
        if self._parts.strategies.latest(t, strategy) is None:
            raise NotFound(
                f"there is no strategy {strategy}", where="strategy", remedy="strategies shows them"
            )
        others = {p.strategy for p in self._held(t) if p.conid == conid}
        others |= {self._parts.strategies.owner_of(t, account, conid) or strategy}
        for other in sorted(others - {strategy}):
            raise Conflict(f"{symbol} belongs to {other}", where="strategy", remedy="one strategy each")

    def _split(self, t: Transaction, wanted: str, said: Said) -> str:
        found = self._break(t, wanted)
        if found is None or found.kind is not BreakKind.SPLIT:
            raise Conflict(
                f"nothing of {wanted} looks like a split", where="symbol", remedy="adopt it plainly"
            )
        held = [p for p in self._held(t) if p.conid == found.conid]
        owners = self._parts.positions.owners(t, found.account).get(found.conid, ZERO)
        self._parts.positions.lanes.split(t, found, held, owners, said)
        return f"{found.symbol} {found.split_new}:{found.split_old}: shares and prices follow"

    def _acknowledge(self, t: Transaction, wanted: str, said: Said, reason: str) -> str:
        found = self._break(t, wanted)
        if found is None:
            raise NotFound(
                f"broker and desk agree on {wanted}", where="symbol", remedy="positions shows breaks"
            )
        if not reason:
            raise InvalidInput("why is it the owner's?", where="reason", remedy="give a reason")
        owners = self._parts.positions.owners(t, found.account).get(found.conid, ZERO)
        self._parts.positions.lanes.owner(t, found, owners, said)
        return f"{found.difference} {found.symbol} are the owner's"

    def _held(self, t: Transaction) -> Sequence[Position]:
        return self._parts.positions.held(t, self._parts.settings.account)

    def _break(self, t: Transaction, wanted: str) -> Break | None:
        account = self._parts.settings.account
        found = [b for b in self._parts.positions.breaks(t) if b.account == account]
        return next((b for b in found if _names(wanted, b.symbol, b.conid)), None)

    def _mark(self, t: Transaction, about: Position | Break) -> Decimal | None:
        """The last price the broker stated, else what was paid."""
        stated = self._parts.positions.broker(t, about.account)
        mark = next((row.market_price for row in stated if row.conid == about.conid), None)
        paid = next((p.average_price for p in self._held(t) if p.conid == about.conid), None)
        return mark or paid


def _names(wanted: str, symbol: str, conid: int) -> bool:
    return wanted.upper() in (symbol.upper(), str(conid))


def _strategy(wanted: str) -> tuple[str, str]:
    """`AAPL` or `AAPL@strategy`."""
    symbol, _, strategy = wanted.partition("@")
    return symbol, strategy


def _paid(external: Sequence[Execution]) -> Decimal | None:
    """What each share of a net trade by hand cost or brought, with its commissions, so that cash agrees."""
    shares = sum((signed(one) for one in external), ZERO)
    money = sum((signed(one) * one.price + (one.commission or ZERO) for one in external), ZERO)
    return money / shares if shares else None
