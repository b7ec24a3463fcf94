"""Tickers a person types: the contract kept under that name, else the broker's, which is then kept."""

from __future__ import annotations

from collections.abc import Callable

from glassdesk.desk import Desk
from glassdesk.kernel.errors import NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.model import Contract


def contract_of(desk: Desk, symbol: str) -> Contract:
    """The contract of a ticker. Raises `InvalidInput` for one that is unknown or ambiguous."""
    try:
        with desk.transactions.read() as t:
            return desk.contracts.by_symbol(t, symbol)
    except NotFound:
        found = desk.contracts.resolve(symbol)
    with desk.transactions.begin() as t:
        desk.contracts.remember(t, found)
    return found


def resolver(desk: Desk) -> Callable[[str], int]:
    """From ticker to conid, for strategy files."""
    return lambda symbol: contract_of(desk, symbol).conid


def names_of(desk: Desk, t: Transaction) -> Callable[[int], str]:
    """From conid to ticker; an unknown one stays a number."""
    known = {contract.conid: contract.symbol for contract in desk.contracts.known(t)}
    return lambda conid: known.get(conid, str(conid))
