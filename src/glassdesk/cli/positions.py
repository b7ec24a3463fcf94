"""`positions`: what is held, what protects it, and where the broker disagrees."""

from __future__ import annotations

from glassdesk.cli.here import Here, command, single
from glassdesk.cli.show import as_json, rows

app = single()


@command(app)
def positions(here: Here) -> None:
    """What each strategy holds with its stop, the owner's lane, and differences with the broker."""
    with here.desk() as desk, desk.transactions.read() as t:
        held = desk.positions.held(t, desk.account)
        stops = desk.positions.protections(t, desk.account, desk.session.epoch(t))
        broker = desk.positions.broker(t, desk.account)
        owners = desk.positions.openings(t, desk.account)
        breaks = desk.positions.breaks(t)
    if here.json:
        as_json(
            {"held": held, "protections": stops, "broker": broker, "owners_lane": owners, "breaks": breaks}
        )
        return
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
        },
        empty="the desk holds nothing",
    )
    for found in breaks:
        print(
            f"! {found.symbol}: broker {found.broker_quantity}, desk {found.derived_quantity}"
            f" since {found.opened_at:%Y-%m-%d %H:%M}Z ({found.cause or 'cause unknown'})"
        )
