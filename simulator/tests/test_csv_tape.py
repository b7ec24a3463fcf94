"""Any folder of bars becomes a market; what cannot be read is named by file and line."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from ibkr_simulator.cli import main
from ibkr_simulator.exchange import history
from ibkr_simulator.exchange.bar import merge
from ibkr_simulator.exchange.market import Market, Watch
from ibkr_simulator.exchange.tape import BadTape
from ibkr_simulator.exchange.tapes.choice import load
from ibkr_simulator.instants import MINUTE, parse

Write = Callable[..., Path]
_DAILY = """Date,Open,High,Low,Close,Volume
2024-01-02,10,11,9.5,10.5,1000
2024-01-03,10.5,12,10,11.25,2000
2024-01-05,11.25,11.5,11,11.10,0
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of the folder; answers the folder."""

    def file(text: str, name: str = "acme.csv") -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return file


def open_market(folder: Path, options: str = "") -> tuple[Market, int]:
    market = Market(load(f"csv:{folder}{options}", 7), 7)
    return market, market.listings.by_symbol("ACME")[0].conid


def test_days_are_played_and_a_missing_day_is_one_without_trades(write: Write) -> None:
    market, conid = open_market(write(_DAILY))
    assert [day.day for day in market.sessions.days] == [2, 3, 4, 5]
    assert (market.day_bar(conid, 1).high, market.day_bar(conid, 1).volume) == (1200, 2000)
    assert [market.has_bar(conid, session) for session in range(4)] == [True, True, False, True]
    quote = market.quote(conid, parse("2024-01-04T16:00:00Z"))
    assert quote is not None
    assert (quote.last, quote.live) == (1125, False)


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("timestamp,open,high,low,close,volume", ("1704153600,{}", "1704240000,{}")),
        ("TIMESTAMP,Open,HIGH,low,close,Vol", ("1704153600000,{}", "1704240000000,{}")),
        (
            "datetime,open,high,low,close,volume",
            ("2024-01-02 00:00:00-05:00,{}", "2024-01-03T00:00:00-05:00,{}"),
        ),
        ("time,open,high,low,close,volume", ("2024-01-03,{}", "20240102,{}")),
        (" Date ,Open,High,Low,Close,Volume", ("2024-01-02T00:00:00Z,{}", "2024-01-03T00:00:00Z,{}")),
    ],
)
def test_time_may_be_written_in_many_ways(write: Write, header: str, rows: tuple[str, ...]) -> None:
    lines = [header, *(row.format("10,11,9,10,5") for row in rows)]
    market, _ = open_market(write("\n".join(lines)))
    assert list(market.sessions.days) == [date(2024, 1, 2), date(2024, 1, 3)]


_MINUTES = """Date,Time,Open,High,Low,Close,Volume
2024-01-02,09:25,50,60,40,50,999
2024-01-02,09:30,10.00,10.50,9.90,10.20,400
2024-01-02,09:35,10.30,10.40,10.10,10.15,100
2024-01-02,09:45,10.20,10.90,10.20,10.80,300
2024-01-02,16:00,50,60,40,50,999
"""


def test_minutes_are_the_truth_inside_the_day(write: Write) -> None:
    market, conid = open_market(write(_MINUTES))
    close = market.sessions.closes[0]
    day = history.session_bar(market, conid, 0, close)
    assert day is not None
    assert (day.open, day.high, day.low, day.close, day.volume) == (1000, 1090, 990, 1080, 800)
    shown = history.minute_bars(market, conid, 0, 5, close)
    table = [(bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in shown]
    assert table == [
        (1000, 1050, 990, 1020, 400),
        (1030, 1040, 1010, 1015, 100),
        (1020, 1090, 1020, 1080, 300),
    ]
    assert [(bar.at - market.sessions.opens[0]) // MINUTE for bar in shown] == [0, 5, 15]
    assert history.minute_bars(market, conid, 0, 30, close) == [merge(shown)]


def test_orders_meet_the_prices_inside_recorded_minutes(write: Write) -> None:
    market, conid = open_market(
        write(_MINUTES.replace("09:35,10.30", "09:31,10.30").replace("09:45", "09:33"))
    )
    opened = market.sessions.opens[0]
    low = market.first_crossing(Watch(conid=conid, down=True, at_open=990, later=990), opened - 1, None)
    high = market.first_crossing(Watch(conid=conid, down=False, at_open=1090, later=1090), opened - 1, None)
    assert low is not None
    assert opened < low < opened + MINUTE
    assert high is not None
    assert opened + 3 * MINUTE < high < opened + 4 * MINUTE
    before = market.quote(conid, opened + 2 * MINUTE + 1)
    assert before is not None
    assert (before.last, before.changed) == (1015, opened + MINUTE + 45_000_000)


def test_a_zone_can_be_given_for_times_that_name_none(write: Write) -> None:
    berlin = _MINUTES.replace("09:", "15:").replace("16:00", "22:00")
    market, conid = open_market(write(berlin), ",ZONE=Europe/Berlin")
    assert market.day_bar(conid, 0).open == 1000


def test_splits_and_dividends_come_from_their_columns(write: Write) -> None:
    market, conid = open_market(
        write(
            "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n"
            "2024-01-02,100,100,100,100,5,0,0\n"
            "2024-01-03,50,50,50,50,5,0.235,2.0\n"
            "2024-01-04,500,500,500,500,5,0,1:10\n"
        )
    )
    assert [(split.ratio, split.session) for split in market.tape.splits] == [
        (Fraction(2), 1),
        (Fraction(1, 10), 2),
    ]
    paid = market.tape.dividends[0]
    assert (paid.conid, paid.session, paid.amount) == (conid, 1, Decimal("0.235"))


def test_adjusted_prices_do_not_split_again(write: Write) -> None:
    header = "Date,Open,High,Low,Close,Volume,Adj Close,Splits\n"
    adjusted = header + "2024-01-02,50,50,50,50,5,50,0\n2024-01-03,50,51,49,50,5,50,2\n"
    assert open_market(write(adjusted))[0].tape.splits == ()
    plain = header + "2024-01-02,100,100,100,100,5,50,\n2024-01-03,50,51,49,50,5,50,\n"
    assert [split.ratio for split in open_market(write(plain))[0].tape.splits] == [2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n", r"acme.csv:1: the header has no open, high, low, close, volume, date"),
        ("date,open,high,low,close,volume\n", "acme.csv:1: a header and no rows"),
        (_DAILY.replace("12,10,", "twelve,10,"), "acme.csv:3: high takes a number, not 'twelve'"),
        (_DAILY.replace("12,10,", "nan,10,"), "acme.csv:3: high takes a number of at least 0"),
        (_DAILY.replace("10.5,12", "0,12"), "acme.csv:3: open takes a price of at least 0.01"),
        (_DAILY.replace("10.5,12", "10.5,9"), "acme.csv:3: open and close lie outside of low and high"),
        (_DAILY.replace("2024-01-03", "03/01/2024"), "acme.csv:3: the time takes an ISO date or time"),
        (_DAILY.replace("2024-01-03", "2024-01-02"), "acme.csv:3: the same day as line 2"),
        (_DAILY.replace("2024-01-05", "2024-01-06"), "acme.csv:4: .* no session on 2024-01-06"),
        (_DAILY.replace(",2000", ""), "acme.csv:3: fewer cells than the header"),
        (
            _MINUTES.replace("09:35", "09:30:30"),
            "acme.csv:4: bars of 30 seconds; there may be bars of 1, 2, 3",
        ),
        (
            _MINUTES.replace("09:45", "09:44"),
            "acme.csv:5: 09:44:00 New York is not a whole number of 5-minute",
        ),
        ("date,time,open,high,low,close,volume\n2024-01-02,03:00,1,1,1,1,1\n", "outside regular"),
    ],
)
def test_what_cannot_be_read_is_named_by_file_and_line(write: Write, text: str, words: str) -> None:
    with pytest.raises(BadTape, match=words):
        open_market(write(text))


def test_the_command_says_so_in_one_line(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(_DAILY.replace("12,10,", "twelve,10,"))
    code = main(["serve", "--home", str(tmp_path / "home"), "--tape", f"csv:{folder}"])
    said = capsys.readouterr().err
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("ibkr-simulator: ")
    assert "acme.csv:3: high takes a number" in said
    for bad, words in (
        ("csv:/nowhere", "no files named SYMBOL.csv"),
        (f"csv:{folder},ZONE=Mars", "ZONE takes"),
    ):
        assert main(["serve", "--home", str(tmp_path / "home2"), "--tape", bad]) == 2
        assert words in capsys.readouterr().err
