"""The desk's books beside the broker's, figure by figure, to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from glassdesk.desk import Desk
from glassdesk.kernel.money import cents
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.portfolio.model import Lanes as DeskLanes
from tests.soak.truth import Lanes, Truth

LANES = ("trades", "commissions", "dividends", "interest", "deposits")


def differences(desk: Desk, t: Transaction, truth: Truth) -> list[str]:
    """Every figure that is not the broker's, in words."""
    return [*_holdings(desk, t, truth), *_money(desk, t, truth)]


def _holdings(desk: Desk, t: Transaction, truth: Truth) -> Iterator[str]:
    held: dict[int, Decimal] = {}
    for position in desk.positions.held(t, desk.account):
        held[position.conid] = held.get(position.conid, Decimal(0)) + position.quantity
    yield from _same("shares of the desk", held, dict(truth.ours))
    stated = {row.conid: row.quantity for row in desk.positions.broker(t, desk.account) if row.quantity}
    yield from _same("shares of the account", stated, dict(truth.positions))


def _money(desk: Desk, t: Transaction, truth: Truth) -> Iterator[str]:
    books = desk.portfolio.books(t, desk.account, desk.clock.now())
    yield from _to_the_cent("cash", books.cash, truth.cash)
    yield from _to_the_cent("equity", books.equity, truth.equity)
    yield from _to_the_cent("realised", books.realised, truth.realised)
    yield from _to_the_cent("unrealised", books.unrealised, truth.unrealised)
    since = replace(truth.lanes, deposits=truth.lanes.deposits - (books.opening or Decimal(0)))
    yield from _lanes("account", books.lanes, since)
    for name in ("trades", "commissions"):
        ours, theirs = getattr(books.desk, name), getattr(truth.desk, name)
        yield from _to_the_cent(f"the desk's {name}", ours, theirs)
    closed = sum((one.net for one in desk.portfolio.trades(t, desk.account)), Decimal(0))
    yield from _to_the_cent("sum of closed trades", closed, truth.realised)


def _lanes(what: str, ours: DeskLanes, theirs: Lanes) -> Iterator[str]:
    for name in LANES:
        yield from _to_the_cent(f"{name} of the {what}", getattr(ours, name), getattr(theirs, name))


def _to_the_cent(what: str, ours: Decimal | None, theirs: Decimal) -> Iterator[str]:
    told = "unknown" if ours is None else cents(ours)
    if told != cents(theirs):
        yield f"{what}: the desk says {told}, the broker {cents(theirs)}"


def _same(what: str, ours: object, theirs: object) -> Iterator[str]:
    if ours != theirs:
        yield f"{what}: the desk says {ours}, the broker {theirs}"
