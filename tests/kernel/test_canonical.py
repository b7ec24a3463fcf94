"""The canonical JSON is one text per value, and reading it back gives the value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.kernel.canonical import canonical_text, decode_text, digest


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    amount: Decimal
    when: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: str
    colour: Colour
    day: date
    ratio: float | None
    count: int
    inner: tuple[Inner, ...]
    tags: frozenset[str]
    table: dict[str, Decimal]
    pair: tuple[str, float]
    on: bool


NAIVE = datetime(2012, 1, 1)  # noqa: DTZ001 - that it is naive is the point
instants = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2050, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
amounts = st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**9), max_value=10**9)
inners = st.builds(Inner, amount=amounts, when=st.none() | instants)
outers = st.builds(
    Outer,
    name=st.text(),
    colour=st.sampled_from(Colour),
    day=st.dates(),
    ratio=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    count=st.integers(),
    inner=st.lists(inners, max_size=3).map(tuple),
    tags=st.frozensets(st.text(max_size=5), max_size=3),
    table=st.dictionaries(st.text(max_size=5), amounts, max_size=3),
    pair=st.tuples(st.text(max_size=3), st.floats(allow_nan=False, allow_infinity=False)),
    on=st.booleans(),
)


@given(outers)
def test_reading_the_text_back_gives_the_same_value(value: Outer) -> None:
    text = canonical_text(value)
    again = decode_text(Outer, text)
    assert again == value
    assert canonical_text(again) == text


def test_keys_are_sorted_and_instants_are_utc() -> None:
    paris = timezone(timedelta(hours=2))
    value = {"b": datetime(2012, 10, 1, 15, 30, tzinfo=paris), "a": Decimal("1E+2")}
    assert canonical_text(value) == '{"a":"100","b":"2012-10-01T13:30:00Z"}'


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), Decimal("NaN"), b"bytes", object(), NAIVE])
def test_what_has_no_canonical_form_is_refused(bad: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical_text({"x": bad})


@pytest.mark.parametrize(
    "text",
    [
        '{"amount":"1","when":null,"more":1}',
        '{"amount":"x","when":null}',
        '{"amount":"1","when":"2012-01-01T00:00:00"}',
        '"amount"',
    ],
)
def test_text_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises((TypeError, ValueError, ArithmeticError)):
        decode_text(Inner, text)


@given(amounts, st.integers(min_value=0, max_value=6))
def test_equal_amounts_have_one_text_whatever_their_scale(amount: Decimal, zeros: int) -> None:
    wider = Decimal(format(amount, "f") + "0" * zeros)
    assert canonical_text(wider) == canonical_text(amount)


def test_equal_values_have_equal_digests_and_others_do_not() -> None:
    one = Inner(amount=Decimal("1.50"), when=None)
    assert digest(one) == digest(Inner(amount=Decimal("1.50"), when=None))
    assert digest(one) != digest(Inner(amount=Decimal("1.51"), when=None))
