"""`contracts`: from a ticker or a name to the broker's number."""

from __future__ import annotations

from typing import Annotated

import typer

from glassdesk.cli.here import Here, command, step
from glassdesk.cli.show import facts, rows, working

app = step("Find a ticker.")


@command(app)
def search(here: Here, text: Annotated[str, typer.Argument(help="A ticker or a company's name.")]) -> None:
    """Every listing that matches; one that cannot be traded says why."""
    with here.desk() as desk, working("asking the broker"):
        found = desk.contracts.search(text)
    rows(
        here,
        found,
        {
            "conid": lambda one: one.contract.conid,
            "symbol": lambda one: one.contract.symbol,
            "name": lambda one: one.contract.name,
            "exchange": lambda one: one.contract.exchange,
            "currency": lambda one: one.contract.currency,
            "can be traded": lambda one: one.reason or "yes",
        },
        empty="nothing matches",
    )


@command(app)
def show(here: Here, conid: Annotated[int, typer.Argument(help="The broker's number.")]) -> None:
    """A contract known here, and how it may be ordered."""
    with here.desk() as desk, desk.transactions.read() as t:
        contract, rules = desk.contracts.contract(t, conid), desk.contracts.rules(t, conid)
    pairs = {
        "conid": contract.conid,
        "symbol": contract.symbol,
        "name": contract.name,
        "type": contract.sec_type,
        "exchange": contract.exchange,
        "currency": contract.currency,
        "order types": ", ".join(sorted(rules.order_types)) if rules else "not fetched yet",
        "tick sizes": ", ".join(f"{b.increment} from {b.lower_edge}" for b in rules.ticks) if rules else None,
    }
    facts(here, {"contract": contract, "rules": rules}, pairs)
