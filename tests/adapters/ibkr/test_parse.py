"""One form per field: everything else is an error that names it [F-31, F-76]."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.adapters.ibkr.parse import (
    Fields,
    Unparsable,
    compact_date,
    last_price,
    load,
    millis,
    number,
    plain_number,
    seconds,
)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1,300", "1300"),
        ("-1,234,567.89", "-1234567.89"),
        ("12.3M", "12300000"),
        ("4.5K", "4500"),
        ("655.05", "655.05"),
        (" 7 ", "7"),
        ("+0.5", "0.5"),
        (7, "7"),
        (Decimal("7.10"), "7.10"),
    ],
)
def test_a_number_is_read_exactly(raw: object, value: str) -> None:
    assert number(raw) == Decimal(value)


@pytest.mark.parametrize(
    "raw", ["", "NA", "1,30", "1.2.3", "NaN", "inf", "1e5", "C655", None, True, [], "M", "1_000", "١"]
)
def test_what_is_no_number_is_refused(raw: object) -> None:
    with pytest.raises(Unparsable, match="is no number"):
        number(raw)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
def test_thousands_separators_change_nothing(value: Decimal) -> None:
    assert number(f"{value:,f}") == value


@given(st.decimals(min_value=0, max_value=10**7, places=2))
def test_a_price_goes_over_the_wire_and_back_exactly(value: Decimal) -> None:
    assert Decimal(repr(plain_number(value))) == value


@pytest.mark.parametrize(
    ("raw", "prefix", "price"),
    [("655.05", "", "655.05"), ("C655.05", "C", "655.05"), ("H1,655.05", "H", "1655.05")],
)
def test_the_prefix_of_a_last_price_is_told(raw: str, prefix: str, price: str) -> None:
    assert last_price(raw) == (prefix, Decimal(price))


def test_milliseconds_and_seconds_are_not_mistaken_for_each_other() -> None:
    instant = datetime(2026, 4, 2, 13, 30, tzinfo=UTC)
    assert millis(1775136600000) == instant
    assert seconds(1775136600) == instant
    with pytest.raises(Unparsable, match="milliseconds"):
        millis(1775136600)
    with pytest.raises(Unparsable, match="seconds"):
        seconds(1775136600000)


def test_a_compact_date_is_read() -> None:
    assert compact_date("20260402") == date(2026, 4, 2)
    with pytest.raises(Unparsable, match="YYYYMMDD"):
        compact_date("2026-04-02")


@pytest.mark.parametrize("body", [b"<html>", b'{"a":1', b"", b'{"a":NaN}'])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Unparsable, match="no JSON"):
        load(body)


def test_bad_bytes_do_not_stop_the_reader() -> None:
    assert load(b'{"a":"\x99"}') == {"a": "\ufffd"}


def test_numbers_of_a_body_stay_exact() -> None:
    assert load(b'{"a":655.10}')["a"] == Decimal("655.10")


def test_an_empty_text_counts_as_not_stated() -> None:
    fields = Fields({"a": "", "b": None, "c": "x"}, "row")
    assert fields.text_or_none("a") is None
    assert fields.text("a", "b", "c") == "x"
    assert fields.decimal_or_none("a") is None


@pytest.mark.parametrize(
    ("read", "problem"),
    [
        (lambda row: row.text("missing"), "row.missing: is missing"),
        (lambda row: row.decimal("word"), "row.word: 'x' is no number"),
        (lambda row: row.integer("half"), "row.half: 0.5 is not whole"),
        (lambda row: row.flag("word", missing=False), "row.word: 'x' is neither true nor false"),
        (lambda row: row.text("list"), r"row.list: \[\] is no text"),
        (lambda row: row.inner("word"), "row.word: an object is expected"),
        (lambda row: row.rows("word"), "row.word: a list is expected"),
    ],
)
def test_an_error_names_the_field(read: object, problem: str) -> None:
    row = Fields({"word": "x", "half": Decimal("0.5"), "list": []}, "row")
    assert callable(read)
    with pytest.raises(Unparsable, match=problem):
        read(row)
