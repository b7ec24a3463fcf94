"""A tape of one's own: two contracts, chosen closes, and whatever companies do."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np

from ibkr_simulator.exchange.listings import AAPL, IBM, Listings
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.sessions import new_york_sessions
from ibkr_simulator.exchange.tape import Bars, Dividend, Halt, Split, Tape
from ibkr_simulator.instants import MINUTE, new_york_midnight


def small_market(
    first: date,
    last: date,
    closes: Sequence[int],
    *,
    splits: Sequence[tuple[date, Fraction]] = (),
    dividends: Sequence[tuple[date, str, date]] = (),
    halts: Sequence[tuple[date, int, int]] = (),
) -> Market:
    """Both contracts close at the given cents, the last of them for ever; a day is flat at its close.

    Dividends are given as ex-date, dollars and pay date, halts as date and minutes from the open. Everything
    but the prices concerns AAPL only.
    """
    sessions = new_york_sessions(first, last)
    close = np.array([*closes, *[closes[-1]] * len(sessions)][: len(sessions)], dtype=np.int64)
    volume = np.full(len(sessions), 1_000_000, dtype=np.int64)
    bars = Bars(first=0, open=close, high=close, low=close, close=close, volume=volume)
    opens = {day: sessions.opens[index] for index, day in enumerate(sessions.days)}
    tape = Tape(
        name="small",
        sessions=sessions,
        listings=Listings((AAPL, IBM)),
        bars={AAPL.conid: bars, IBM.conid: bars},
        splits=tuple(
            Split(conid=AAPL.conid, session=sessions.index_of(day), ratio=ratio, at=new_york_midnight(day))
            for day, ratio in splits
        ),
        dividends=tuple(
            Dividend(
                conid=AAPL.conid,
                session=sessions.index_of(ex),
                amount=Decimal(amount),
                at=new_york_midnight(ex),
                pays_at=new_york_midnight(pays),
            )
            for ex, amount, pays in dividends
        ),
        halts=tuple(
            Halt(conid=AAPL.conid, starts=opens[day] + begin * MINUTE, ends=opens[day] + end * MINUTE)
            for day, begin, end in halts
        ),
    )
    return Market(tape, 7)
