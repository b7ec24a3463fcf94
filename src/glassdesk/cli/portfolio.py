"""`portfolio`: the books, with the broker's figures beside them."""

from __future__ import annotations

from glassdesk.cli.here import Here, command, single
from glassdesk.cli.show import as_json, facts, rows
from glassdesk.kernel.money import cents
from glassdesk.workflow.portfolio.model import Books

app = single()


@command(app)
def portfolio(here: Here) -> None:
    """Cash, equity, profit, and every closed trade."""
    with here.desk() as desk, desk.transactions.read() as t:
        books = desk.portfolio.books(t, desk.account, desk.clock.now())
        trades = desk.portfolio.trades(t, desk.account)
    if here.json:
        as_json({"books": books, "trades": trades})
        return
    facts(here, books, _lines(books))
    print()
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
            "R": lambda one: None if one.r_multiple is None else cents(one.r_multiple),
        },
        empty="no trade is closed yet",
    )


def _lines(books: Books) -> dict[str, object]:
    amounts = {
        "equity": books.equity,
        "cash": books.cash,
        "market value": books.market_value,
        "realised": books.realised,
        "unrealised": books.unrealised,
        "commissions": books.commissions,
        "broker's equity": books.broker_equity,
        "broker's cash": books.broker_cash,
    }
    shown: dict[str, object] = {name: None if one is None else cents(one) for name, one in amounts.items()}
    return {"account": books.account, "as of": books.as_of} | shown
