"""What this version trades (`T-18`): whole shares of US-listed stocks and ETFs in USD."""

from __future__ import annotations

from decimal import Decimal

from glassdesk.workflow.contracts.model import Contract

CENT = Decimal("0.01")
"""What an exit or a stop is priced in where the tick size is not known: whole cents are on the grid of
nearly every US listing (17 CFR 242.612: none finer from 1.00 on), and no exit waits for the rest (`T-40`)."""
US_EXCHANGES = frozenset({"NASDAQ", "NYSE", "ARCA", "AMEX", "BATS", "IEX"})


def out_of_scope(contract: Contract) -> str:
    """Why orders for the contract are not possible here; empty when they are."""
    if contract.sec_type not in {"STK", "ETF"}:
        return f"{contract.sec_type} is not traded in this version, only stocks and ETFs"
    if contract.currency != "USD":
        return f"it trades in {contract.currency or 'an unknown currency'}, this version trades USD only"
    if contract.exchange.upper().split(".")[0] not in US_EXCHANGES:
        return f"{contract.exchange} is not a US listing"
    return ""


def calendar_of(contract: Contract) -> str:
    """The calendar of a US listing; one calendar serves all of them."""
    del contract
    return "XNYS"
