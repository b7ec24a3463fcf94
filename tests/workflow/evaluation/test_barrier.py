"""The triple barrier on bars of every kind: pessimistic, gap-aware, blind to what comes after."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassdesk.workflow.evaluation.barrier import scaled, touched
from glassdesk.workflow.evaluation.model import Barriers, Ending
from glassdesk.workflow.evaluation.restated import factor, settled
from glassdesk.workflow.market_data.model import Bar

START = datetime(2024, 1, 2, 14, 30, tzinfo=UTC)
PLAN = Barriers(horizon=4, entry_high=Decimal(101), stop=Decimal(96), target=Decimal(110))


def bar(number: int, open_: object, high: object, low: object, close: object) -> Bar:
    start = START + timedelta(days=number)
    prices = [Decimal(str(price)) for price in (open_, high, low, close)]
    return Bar(
        start=start,
        session=start.date(),
        open=prices[0],
        high=prices[1],
        low=prices[2],
        close=prices[3],
        volume=Decimal(1000),
    )


def row(*prices: tuple[object, object, object, object]) -> list[Bar]:
    return [bar(number, *one) for number, one in enumerate(prices)]


QUIET = (100, 103, 98, 101)


@pytest.mark.parametrize(
    ("name", "bars", "ending", "r", "count"),
    [
        ("target", row(QUIET, (101, 111, 100, 108)), "target", "2.5", 2),
        ("stop", row(QUIET, (100, 101, 95, 97)), "stop", "-1", 2),
        ("both in one bar: the stop", row(QUIET, (100, 112, 95, 111)), "stop", "-1", 2),
        ("a gap through the stop is left at the open", row(QUIET, (92, 93, 90, 91)), "stop", "-2", 2),
        ("a gap over the target is left at the open", row(QUIET, (114, 115, 90, 91)), "target", "3.5", 2),
        ("time", row(QUIET, QUIET, QUIET, (101, 104, 99, 102)), "time", "0.5", 4),
        ("time, a zero", row(QUIET, QUIET, QUIET, (101, 102, 99, 100)), "time", "0", 4),
        ("the bar of the purchase counts", row((100, 110, 97, 109)), "target", "2.5", 1),
        ("bought lower, its high is no proof", row((104, 112, 100, 103), *[QUIET] * 3), "time", "0", 4),
        ("bought lower, its close is later", row((104, 112, 100, 110)), "target", "1.8", 1),
        ("bought lower and stopped", row((104, 105, 95, 97)), "stop", "-1", 1),
        ("never as low as the limit", row((104, 106, 102, 105)), "not_bought", None, 1),
        ("opens at the stop", row((96, 99, 95, 98)), "not_bought", None, 1),
    ],
)  # fmt: skip
def test_the_first_barrier_decides(
    name: str, bars: list[Bar], ending: str, r: str | None, count: int
) -> None:
    found = touched(PLAN, bars)
    assert found is not None, name
    assert (found.ending, found.bars) == (Ending(ending), count), name
    assert found.r == (None if r is None else Decimal(r)), name


def test_what_is_not_over_has_no_outcome() -> None:
    assert touched(PLAN, []) is None
    assert touched(PLAN, row(QUIET, QUIET, QUIET)) is None


def test_a_signal_without_prices_ends_between_the_strategys_distances() -> None:
    plan = Barriers(horizon=3, stop_distance=Decimal(4), target_distance=Decimal(6))
    found = touched(plan, row((200, 203, 198, 202), (202, 206, 201, 205)))
    assert found is not None
    assert (found.ending, found.fill, found.exit, found.r) == (
        Ending.TARGET, Decimal(200), Decimal(206), Decimal("1.5"),
    )  # fmt: skip
    held = Barriers(horizon=2, stop_distance=Decimal(4))
    assert touched(held, row((200, 250, 198, 240), (240, 300, 239, 280))).ending is Ending.TIME  # type: ignore[union-attr]
    assert touched(Barriers(horizon=3), row(QUIET)).ending is Ending.UNMEASURED  # type: ignore[union-attr]


@st.composite
def paths(draw: st.DrawFn) -> list[Bar]:
    found = []
    for number in range(draw(st.integers(1, 8))):
        four = [draw(st.integers(8800, 11600)) for _ in range(4)]
        low, high = min(four), max(four)
        found.append(bar(number, *(Decimal(price) / 100 for price in (four[0], high, low, four[1]))))
    return found


@settings(max_examples=50, deadline=None)
@given(paths(), st.sampled_from(["0.5", "2", "10", "0.1"]))
def test_X_16_the_arithmetic_of_r_holds_for_any_bars(bars: list[Bar], k: str) -> None:
    """R is by the risk of the purchase, exact, of the right sign, never missing where something was bought,
    and the same in shares of any size; a zero stays a zero."""
    found = touched(PLAN, bars)
    if found is None or found.ending is Ending.NOT_BOUGHT:
        assert found is None or found.r is None
        return
    assert found.fill is not None
    assert found.exit is not None
    assert found.r is not None
    assert found.fill <= Decimal(101)
    assert abs(found.r * (found.fill - Decimal(96)) - (found.exit - found.fill)) < Decimal("0.000001")
    if found.ending is Ending.STOP:
        assert found.r <= -1
    if found.ending is Ending.TARGET:
        assert found.exit >= Decimal(110)
        assert found.r > 0
    if found.ending is Ending.TIME:
        assert found.r > -1
        assert (found.r == 0) == (found.exit == found.fill)
    by = Decimal(k)
    split = [bar(n, one.open * by, one.high * by, one.low * by, one.close * by) for n, one in enumerate(bars)]
    again = touched(scaled(PLAN, by), split)
    assert again is not None
    assert (again.ending, again.r, again.bars) == (found.ending, found.r, found.bars)


@settings(max_examples=50, deadline=None)
@given(paths())
def test_no_outcome_looks_at_a_bar_after_its_end(bars: list[Bar]) -> None:
    whole = touched(PLAN, bars)
    for count in range(len(bars) + 1):
        part = touched(PLAN, bars[:count])
        assert part is None or part == whole
        if whole is not None and count < whole.bars:
            assert part is None


@settings(max_examples=50, deadline=None)
@given(paths())
def test_no_path_inside_the_bars_ends_worse_than_the_pessimist_says(bars: list[Bar]) -> None:
    """The stop is taken wherever a bar reaches it: no order of prices inside a bar makes less."""
    found = touched(PLAN, bars)
    if found is None or found.r is None or found.ending is Ending.STOP:
        return
    assert all(one.low > Decimal(96) for one in bars[: found.bars - 1])
    last = bars[found.bars - 1]
    assert last.low > Decimal(96) or last.open >= Decimal(110)


def test_a_split_restates_the_past_and_the_prices_follow() -> None:
    assert factor(Decimal(100), Decimal("100.02")) == 1
    assert factor(Decimal(100), Decimal(50)) == Decimal("0.5")
    assert factor(Decimal(100), Decimal("9.99")) == Decimal("0.1")
    assert factor(Decimal(100), Decimal(300)) == 3
    assert factor(Decimal(100), Decimal(88)) is None


def test_a_jump_waits_until_a_reading_would_have_shown_a_split() -> None:
    jump = row(QUIET, QUIET, (50, 51, 49, 50), *[(50, 51, 49, 50)] * 3)
    assert settled(jump, 2)
    assert not settled(jump, 3)
    assert settled([*jump, *row(*[(50, 51, 49, 50)] * 2)], 3)
