"""`portfolio`: the books, with the broker's figures beside them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from glassdesk.cli.here import Here, command, single
from glassdesk.cli.show import as_json, facts, rows
from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.money import cents
from glassdesk.workflow.portfolio.model import Trade
from glassdesk.workflow.portfolio.report import Group, Report

app = single()


@command(app)
def portfolio(
    here: Here,
    what: Annotated[
        str, typer.Argument(metavar="[explain]", help="Take numbers apart into what they are made of.")
    ] = "",
    number: Annotated[
        str, typer.Argument(metavar="[NUMBER]", help="explain: only this one, like cash or realised.")
    ] = "",
) -> None:
    """Cash in lanes, equity, profit, drawdown, and every closed trade."""
    if what:
        _explain(here, what, number)
        return
    with here.desk() as desk, desk.transactions.read() as t:
        report = desk.portfolio.report(t, desk.account, desk.clock.now())
        trades = desk.portfolio.trades(t, desk.account)
    if here.json:
        as_json({"books": report.books, "trades": trades, "report": report})
        return
    facts(here, report.books, _lines(report))
    print()
    _strategies(here, report.by_strategy)
    _trades(here, trades)


def _explain(here: Here, what: str, number: str) -> None:
    if what != "explain":
        raise InvalidInput(
            f"{what!r} is nothing one does with a portfolio", where="portfolio", remedy="explain"
        )
    with here.desk() as desk, desk.transactions.read() as t:
        known = desk.portfolio.explain(t, desk.account, desk.clock.now())
    found = [one for one in known if number in ("", one.name)]
    if not found:
        names = ", ".join(one.name for one in known)
        raise InvalidInput(f"there is no number {number!r}", where="number", remedy=f"one of {names}")
    if here.json:
        as_json(found)
        return
    for one in found:
        print(f"{one.name}  {_amount(one.value) or 'missing'}   {one.meaning}")
        for part in one.parts:
            when = f"  {format_instant(part.at)}" if part.at is not None else ""
            print(f"  {_amount(part.amount) or 'missing':>14}  {part.what}{when}  {part.ref}".rstrip())


def _strategies(here: Here, groups: tuple[Group, ...]) -> None:
    if not groups:
        return
    rows(
        here,
        groups,
        {
            "strategy": lambda one: one.name,
            "trades": lambda one: one.statistics.trades,
            "won": lambda one: _percent(one.statistics.win_rate),
            "each": lambda one: _amount(one.statistics.expectancy),
            "profit factor": lambda one: _amount(one.statistics.profit_factor),
            "R on average": lambda one: _amount(one.statistics.average_r),
            "net": lambda one: cents(one.statistics.net),
            "open": lambda one: _amount(one.unrealised),
        },
        empty="",
    )
    print()


def _trades(here: Here, trades: list[Trade]) -> None:
    rows(
        here,
        trades,
        {
            "sold": lambda one: one.sold_at,
            "strategy": lambda one: one.strategy,
            "symbol": lambda one: one.symbol,
            "shares": lambda one: one.quantity,
            "bought at": lambda one: one.bought_price,
            "sold at": lambda one: one.sold_price,
            "net": lambda one: cents(one.net),
            "R": lambda one: _amount(one.r_multiple),
        },
        empty="no trade is closed yet",
    )


def _lines(report: Report) -> dict[str, object]:
    books, standing = report.books, report.standing
    amounts = {
        "equity": books.equity,
        "cash": books.cash,
        "market value": books.market_value,
        "the owner's shares": books.owner_value,
        "realised": books.realised,
        "unrealised": books.unrealised,
        "today": standing.pnl_today,
        "commissions": books.commissions,
        "dividends": books.lanes.dividends,
        "interest": books.lanes.interest,
        "fees": books.lanes.fees,
        "deposits": books.lanes.deposits,
        "unexplained": books.unexplained,
        "broker's equity": books.broker_equity,
        "broker's cash": books.broker_cash,
        "broker's realised": report.realised.broker,
    }
    shown: dict[str, object] = {name: _amount(one) for name, one in amounts.items()}
    for reason in report.realised.reasons:
        shown[f"  {cents(reason.amount)}"] = reason.why
    shown["drawdown"] = _percent(standing.drawdown)
    return {"account": books.account, "as of": books.as_of} | shown


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else cents(value)


def _percent(value: Decimal | None) -> str | None:
    return None if value is None else f"{value * 100:.1f} %"
