"""`positions`: what is held, what protects it, where the broker disagrees; and acts about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer

from glassdesk.cli.here import OWNER, Here, command, single
from glassdesk.cli.show import as_json, done, rows, said
from glassdesk.desk import Desk
from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.exit_rules import InForce
from glassdesk.workflow.dealing.wishes import Act
from glassdesk.workflow.positions.expiry import end_of
from glassdesk.workflow.positions.model import Break, BreakKind

app = single()
EXCHANGE = "XNYS"
"""Calendar of everything this version trades (`T-18`)."""

ActWord = Annotated[
    str,
    typer.Argument(
        metavar="[exit|release|adopt|protect|acknowledge|apply]",
        help="exit: sell it. release: shares and resting orders become yours, the desk never touches them "
        "again. adopt: a strategy takes a difference, or your shares. protect: place its stop now. "
        "acknowledge: a difference is yours. apply: the exit rules of the newest version hold.",
    ),
]


@command(app)
def positions(
    here: Here,
    act: ActWord = "",
    symbol: Annotated[str, typer.Argument(metavar="[SYMBOL]", help="Its symbol or conid.")] = "",
    split: Annotated[bool, typer.Option("--split", help="adopt: shares and prices follow a split.")] = False,
    strategy: Annotated[str, typer.Option(help="adopt: which strategy takes the shares.")] = "",
    at: Annotated[str, typer.Option("--at", metavar="PRICE", help="protect: the stop's price.")] = "",
    reason: Annotated[str, typer.Option(help="Why; acknowledge needs one.")] = "",
) -> None:
    """What each strategy holds with its stop, the owner's lane, and differences with the broker."""
    if act:
        _ask(here, _act(act, split), symbol, strategy, at, reason)
        return
    with here.desk() as desk, desk.transactions.read() as t:
        _list(here, desk, t)


def _act(word: str, split: bool) -> Act:
    if word not in [act.value for act in Act if act is not Act.SPLIT]:
        raise InvalidInput(
            f"{word!r} is nothing one does with a position",
            where="act",
            remedy="exit, release, adopt, protect, acknowledge or apply",
        )
    if split and word != Act.ADOPT:
        raise InvalidInput("--split goes with adopt", where="split", remedy="positions adopt SYMBOL --split")
    return Act.SPLIT if split else Act(word)


def _ask(here: Here, act: Act, symbol: str, strategy: str, price: str, reason: str) -> None:
    if not symbol:
        raise InvalidInput(f"{act.value} what?", where="symbol", remedy=f"positions {act.value} SYMBOL")
    with here.desk() as desk, desk.transactions.begin() as t:
        name = desk.positions.named(t, desk.account, symbol)
        wish = desk.dealing.about_position(t, act, name, OWNER, strategy=strategy, price=price, reason=reason)
    done(here, f"The dealer does it at its next turn: {act.value} {name}.", wish)


def _list(here: Here, desk: Desk, t: Transaction) -> None:
    held = desk.positions.held(t, desk.account)
    stops = desk.positions.protections(t, desk.account, desk.session.epoch(t))
    breaks = desk.positions.breaks(t)
    if here.json:
        as_json(
            {
                "held": held,
                "protections": stops,
                "broker": desk.positions.broker(t, desk.account),
                "owners_lane": desk.positions.openings(t, desk.account),
                "owners_shares": desk.positions.owners(t, desk.account),
                "owners_orders": [
                    {"order": row, "since": since}
                    for row, since in desk.tracking.owner_orders(t, desk.account)
                ],
                "adjustments": desk.positions.adjustments(t, desk.account),
                "breaks": breaks,
                "exit_rules": {one.symbol: desk.exit_rules.of(t, one) for one in held},
                "stops_end": {
                    one.symbol: _rests_until(desk, t, one.stop_order) for one in stops if one.stop_order
                },
            }
        )
        return
    ends = {one.stop_order: _rests_until(desk, t, one.stop_order) for one in stops if one.stop_order}
    rules = {(one.conid, one.strategy): desk.exit_rules.of(t, one) for one in held}
    average = {(one.conid, one.strategy): one.average_price for one in held}
    rows(
        here,
        stops,
        {
            "symbol": lambda one: one.symbol,
            "strategy": lambda one: one.strategy,
            "shares": lambda one: one.quantity,
            "average": lambda one: average.get((one.conid, one.strategy)),
            "stop": lambda one: one.stop_price,
            "protection": lambda one: one.state,
            "stop seen": lambda one: one.seen_at,
            "exit rules": lambda one: _rules_words(rules.get((one.conid, one.strategy))),
            "stop ends": lambda one: ends.get(one.stop_order or ""),
        },
        empty="the desk holds nothing",
    )
    _tell_owner(desk, t)
    _tell(breaks)


def _rules_words(rules: InForce | None) -> str:
    """The version whose exit rules hold, and the one that waits for a person (`T-15`)."""
    if rules is None:
        return ""
    return f"v{rules.version}" + (f", v{rules.newest} waits" if rules.waits else "")


def _rests_until(desk: Desk, t: Transaction, stop: str) -> date | None:
    """When the broker ends the stop by itself (`T-34`)."""
    zone = desk.contracts.zone(EXCHANGE)
    return end_of(desk.orders.order(t, stop), desk.session.signed_in_at(t), zone)


def _tell_owner(desk: Desk, t: Transaction) -> None:
    names = {row.conid: row.symbol for row in desk.positions.broker(t, desk.account)}
    for conid, quantity in sorted(desk.positions.owners(t, desk.account).items()):
        if quantity:
            print(f"yours, not the desk's: {said(quantity)} {names.get(conid, conid)}")
    for row, since in desk.tracking.owner_orders(t, desk.account):
        order = (
            f"{row.side.value} {said(row.total)} {row.symbol or row.conid} {row.order_type} {said(row.price)}"
        )
        print(f"your own order {row.broker_order_id}: {order}, {row.status} since {format_instant(since)}")


def _tell(breaks: Sequence[Break]) -> None:
    for found in breaks:
        print(
            f"! {found.symbol}: broker {found.broker_quantity}, desk {found.derived_quantity}"
            f" since {found.opened_at:%Y-%m-%d %H:%M}Z, {found.kind.value} ({found.cause or 'cause unknown'})"
        )
        print(f"  {_way_out(found)}")


def _way_out(found: Break) -> str:
    if found.kind is BreakKind.SPLIT:
        return f"positions adopt {found.symbol} --split"
    return (
        f"positions adopt {found.symbol} if it was the desk's, "
        f"positions acknowledge {found.symbol} --reason … if it was yours"
    )
