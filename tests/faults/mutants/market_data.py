"""Mutants of market data."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from glassdesk.adapters.ibkr import history
from glassdesk.adapters.ibkr.parse import Fields
from glassdesk.adapters.ibkr.prices import quote_of
from glassdesk.workflow.dealing import quoting
from glassdesk.workflow.market_data.ends import Ends
from glassdesk.workflow.market_data.model import Bar, Quote
from tests.faults.mutants.mutant import Mutant


def _last_for_ask(patch: pytest.MonkeyPatch) -> None:
    def filled(raw: object, read_at: datetime) -> Quote | None:
        quote = quote_of(raw, read_at)
        return quote if quote is None else replace(quote, ask=quote.ask or quote.last)

    patch.setattr("glassdesk.adapters.ibkr.market_data.quote_of", filled)


def _any_availability(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Quote, "real_time", property(lambda self: True))


def _any_age(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(quoting, "QUOTE_AGE", timedelta(days=1))


def _any_series(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(history, "_same_series", lambda series, size, period: None)


def _running_bar(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Ends, "of", lambda self, bar: bar.start)


def _lots_for_shares(patch: pytest.MonkeyPatch) -> None:
    whole = history._bar

    def unscaled(row: Fields, factor: Decimal, zone: ZoneInfo) -> Bar:
        return whole(row, Decimal(1), zone)

    patch.setattr(history, "_bar", unscaled)


MUTANTS = (
    Mutant(number=28, about="the last price stands for an ask that is missing", undo=_last_for_ask),
    Mutant(number=29, about="whatever the availability says, it is real time", undo=_any_availability),
    Mutant(number=30, about="a quote may be a day old", undo=_any_age),
    Mutant(number=35, about="period and bar of the answer are not compared", undo=_any_series),
    Mutant(number=36, about="the running bar counts as closed", undo=_running_bar),
    Mutant(number=36, about="lots are taken for shares", undo=_lots_for_shares),
)
