"""The synthetic market: everything that happens to stocks, the same cents for the same seed."""

import hashlib
import subprocess
import sys
from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from ibkr_simulator.exchange import history
from ibkr_simulator.exchange.bar import merge
from ibkr_simulator.exchange.market import Market, Watch
from ibkr_simulator.exchange.tape import BadTape, Tape
from ibkr_simulator.exchange.tapes.choice import load
from ibkr_simulator.instants import MINUTE, new_york_day, new_york_midnight

_SMALL = "synthetic:SYMBOLS=40,START=2024-06-03,DAYS=60"
_SCRIPT = "from simulator.tests.test_synthetic_tape import fingerprint; print(fingerprint({name!r}, 7))"


@pytest.fixture(scope="module")
def tape() -> Tape:
    """The whole market, for a year and some."""
    return load("synthetic:DAYS=300", 7)


@pytest.fixture(scope="module")
def market(tape: Tape) -> Market:
    """The same, with its paths."""
    return Market(tape, 7)


def test_the_market_has_what_a_desk_can_meet() -> None:
    tape = load("synthetic", 7)
    stocks = [listing for listing in tape.listings.all if listing.tradable]
    assert len(stocks) == 300
    assert {listing.exchange for listing in stocks} == {"NYSE", "NASDAQ", "ARCA"}
    assert len({listing.conid for listing in tape.listings.all}) == len(tape.listings.all)
    assert len({listing.symbol for listing in stocks}) == 300
    first = [tape.listings.by_symbol(listing.symbol)[0] for listing in stocks]
    assert sum(not listing.is_us for listing in first) >= 10
    assert {listing.kind for listing in tape.listings.all} == {"STK", "IND", "CFD"}
    assert (len(tape.sessions), tape.sessions.days[0]) == (756, date(2023, 1, 3))
    assert any(tape.sessions.minutes(index) == 210 for index in range(len(tape.sessions)))
    assert {split.ratio > 1 for split in tape.splits} == {True, False}
    assert len(tape.dividends) > 1000
    assert len(tape.halts) > 50


def test_bars_are_bars_and_prices_stay_where_stocks_trade(tape: Tape) -> None:
    for listing in tape.listings.all:
        bars = tape.bars.get(listing.conid)
        if bars is None:
            assert not listing.has_prices
            continue
        assert (bars.low <= np.minimum(bars.open, bars.close)).all()
        assert (bars.high >= np.maximum(bars.open, bars.close)).all()
        assert (bars.volume >= 0).all()
        if listing.tradable:
            assert 400 < bars.low.min() <= bars.high.max() < 100_000
    lives = {(bars.first > 0, bars.first + len(bars) < 300) for bars in map(tape.bars.get, tape.bars) if bars}
    assert lives == {(True, False), (False, True), (False, False)}


def test_there_are_trends_ranges_gaps_and_wild_times(tape: Tape) -> None:
    whole = [bars for conid in tape.bars if len(bars := tape.bars[conid]) == 300]
    moves = [bars.close[-1] / bars.close[0] for bars in whole]
    gaps = [np.abs(bars.open[1:] / bars.close[:-1] - 1).max() for bars in whole]
    assert sum(move > 1.5 for move in moves) > 20
    assert sum(move < 0.67 for move in moves) > 20
    assert sum(0.9 < move < 1.1 for move in moves) > 20
    assert sum(gap > 0.05 for gap in gaps) > 50
    sizes = [np.abs(np.diff(np.log(bars.close))) for bars in whole]
    together = [np.corrcoef(size[1:], size[:-1])[0, 1] for size in sizes]
    assert np.median(together) > 0.05
    assert any((bars.volume == 0).any() for bars in whole)


@pytest.mark.process
def test_the_same_seed_makes_the_same_cents_in_another_process() -> None:
    script = _SCRIPT.format(name=_SMALL)
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == fingerprint(_SMALL, 7) == KNOWN
    assert fingerprint(_SMALL, 8) != KNOWN


def fingerprint(name: str, seed: int) -> str:
    """A hash of every number of a tape."""
    tape = load(name, seed)
    names = ("open", "high", "low", "close", "volume")
    table = [(conid, *(getattr(tape.bars[conid], name).tolist() for name in names)) for conid in tape.bars]
    return hashlib.sha256(repr((table, tape.splits, tape.dividends, tape.halts)).encode()).hexdigest()


KNOWN = "e2f2ffa7c7d7aa14c1c6c6102f7b5aa3bf8ee4cdff6b493d9ea2e5f916dc940a"


def test_contract_numbers_depend_on_neither_seed_nor_count(tape: Tape) -> None:
    few = load(_SMALL, 99).listings.all
    assert set(few) < set(tape.listings.all)


def test_nothing_prints_while_trading_is_halted(market: Market) -> None:
    halt = next(halt for halt in market.tape.halts if halt.ends - halt.starts > 30 * MINUTE)
    within = halt.starts + 3 * MINUTE
    quote, before = market.quote(halt.conid, within), market.quote(halt.conid, halt.starts - 1)
    assert quote is not None
    assert before is not None
    assert (quote.live, quote.halted, before.live) == (False, True, True)
    assert (quote.last, quote.changed) == (before.last, halt.starts - MINUTE)
    wake = market.first_crossing(_any_price(halt.conid), halt.starts - MINUTE, None)
    assert wake == halt.ends
    session = market.sessions.latest(within)
    close = market.sessions.closes[session]
    bars = history.minute_bars(market, halt.conid, session, 1, close)
    silent = range(halt.starts, halt.ends, MINUTE)
    assert not {bar.at for bar in bars} & set(silent)
    assert merge(bars).high == market.day_bar(halt.conid, session).high
    assert sum(bar.volume for bar in bars) == market.day_bar(halt.conid, session).volume


def test_a_day_without_a_trade_shows_the_close_before_and_lets_orders_wait(market: Market) -> None:
    conid = next(c for c in market.tape.bars if (market.tape.bars[c].volume[1:250] == 0).any())
    bars = market.tape.bars[conid]
    session = bars.first + 1 + int((bars.volume[1:] == 0).argmax())
    at = market.sessions.opens[session] + 60 * MINUTE
    quote = market.quote(conid, at)
    assert quote is not None
    assert (quote.live, quote.last) == (False, market.day_bar(conid, session - 1).close)
    wake = market.first_crossing(_any_price(conid), at, None)
    assert wake is not None
    assert market.sessions.latest(wake) > session
    assert history.session_bar(market, conid, session, at) is None


def test_a_reverse_split_makes_fewer_dearer_shares(market: Market) -> None:
    split = next(split for split in market.tape.splits if split.ratio < Fraction(1, 4))
    before = market.quote(split.conid, split.at - 1)
    after = market.quote(split.conid, split.at)
    assert before is not None
    assert after is not None
    assert after.last == before.last / split.ratio
    day = market.day_bar(split.conid, split.session)
    assert 0.6 < day.open / after.last < 1.5
    shown = history.session_bar(market, split.conid, split.session - 1, split.at)
    assert shown is not None
    now = market.sessions.closes[split.session]
    assert history.adjusted(market, split.conid, [shown], now)[0].close == after.last
    numerator, denominator = split.words.split(":")
    assert int(numerator) < int(denominator)


def test_dividends_come_quarterly_and_are_paid_later(tape: Tape) -> None:
    paid = [each for each in tape.dividends if each.conid == tape.dividends[0].conid]
    sessions = [each.session for each in paid]
    assert set(np.diff(sessions).tolist()) == {63}
    assert all(each.at == new_york_midnight(tape.sessions.days[each.session]) for each in paid)
    assert all((new_york_day(each.pays_at) - new_york_day(each.at)).days == 21 for each in paid)
    assert all(each.amount.as_tuple().exponent == -2 and each.amount > 0 for each in tape.dividends)


def test_a_delisted_stock_trades_no_more(market: Market) -> None:
    conid, bars = next((c, b) for c in market.tape.bars if (b := market.tape.bars[c]).first + len(b) < 290)
    gone = market.sessions.opens[bars.first + len(bars)] + MINUTE
    quote = market.quote(conid, gone)
    assert quote is not None
    assert (quote.live, quote.last) == (False, int(bars.close[-1]))
    assert market.first_crossing(_any_price(conid), gone, None) is None


def test_a_stock_not_yet_listed_has_no_price(market: Market) -> None:
    conid, bars = next((c, b) for c in market.tape.bars if (b := market.tape.bars[c]).first > 0)
    opened = market.sessions.opens[bars.first]
    assert market.quote(conid, opened - 1) is None
    assert market.first_crossing(_any_price(conid), opened - 1000 * MINUTE, None) == opened


def _any_price(conid: int) -> Watch:
    return Watch(conid=conid, down=True, at_open=1 << 60, later=1 << 60)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing", "no tape 'nothing'; there are history, synthetic"),
        ("history:DAYS=3", "no tape 'history:DAYS=3'"),
        ("synthetic:SYMBOLS=0", "SYMBOLS takes a whole number from 1 to 504, not '0'"),
        ("synthetic:DAYS=many", "DAYS takes a whole number from 2 to 3000, not 'many'"),
        ("synthetic:START=1803-01-01", "START takes a date from 1995-01-01"),
        ("synthetic:START=soon", "START takes a date such as 2023-01-03, not 'soon'"),
        ("synthetic:COLOUR=red", "has no option COLOUR; there are SYMBOLS, START, DAYS"),
        ("synthetic:DAYS=9,DAYS=8", "DAYS is given twice"),
    ],
)
def test_a_tape_that_is_not_there_is_refused_in_one_line(name: str, words: str) -> None:
    with pytest.raises(BadTape, match=words) as refused:
        load(name, 7)
    assert "\n" not in str(refused.value)
