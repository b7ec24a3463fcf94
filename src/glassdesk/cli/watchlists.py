"""`watchlists`: named lists of symbols, made from tickers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glassdesk.cli.files import read_text
from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, rows, working

app = step("Lists of symbols.")
Name = Annotated[str, typer.Argument(help="The list's name.")]


@command(app)
def add(
    here: Here,
    name: Name,
    file: Annotated[
        Path,
        typer.Argument(
            allow_dash=True,
            help="Tickers, or a CSV with a column symbol; - reads the input. TICKER=CONID picks one.",
        ),
    ],
) -> None:
    """Keep a list made of a file's tickers; one that may mean several contracts is asked about."""
    typed = read_text(file)
    with here.desk() as desk, working("asking the broker"):
        contracts = desk.watchlists.picked(desk.watchlists.match(typed), {})
        with desk.transactions.begin() as t:
            kept = desk.watchlists.save(t, name, contracts, OWNER)
    done(here, f"{kept.name} version {kept.version} holds {len(kept.contracts)} symbols", kept)


@command(app, "list")
def list_all(here: Here) -> None:
    """Every list."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.watchlists.list(t)
    rows(
        here,
        found,
        {
            "name": lambda one: one.name,
            "version": lambda one: one.version,
            "symbols": lambda one: " ".join(contract.symbol for contract in one.contracts),
        },
        empty="no list yet: `glassdesk watchlists add NAME FILE`",
    )


@command(app)
def show(here: Here, name: Name) -> None:
    """The contracts of a list."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.watchlists.get(t, name).contracts
    rows(
        here,
        found,
        {
            "conid": lambda one: one.conid,
            "symbol": lambda one: one.symbol,
            "name": lambda one: one.name,
            "exchange": lambda one: one.exchange,
        },
        empty="the list is empty",
    )


@command(app)
def remove(here: Here, name: Name) -> None:
    """Forget a list; a strategy that trades it enters nothing more, one made from it keeps its symbols."""
    with here.desk() as desk, desk.transactions.begin() as t:
        desk.watchlists.remove(t, name, OWNER)
    done(here, f"{name} is removed", {"removed": name})
