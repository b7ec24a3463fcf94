"""What outcomes say together: from the raw ones, with their n, beside their twins."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.evaluation import board
from glassdesk.workflow.evaluation.calibration import Throw, calibrate, throws
from glassdesk.workflow.evaluation.counting import in_force
from glassdesk.workflow.evaluation.intervals import mean, student, wilson
from glassdesk.workflow.evaluation.model import Ending, Outcome
from glassdesk.workflow.evaluation.scored import Scored, Traded, traded_by_run
from glassdesk.workflow.evaluation.scores import FEW, daily, figures
from glassdesk.workflow.order_tracking.model import Execution, Fill
from glassdesk.workflow.orders.model import Role, Side
from glassdesk.workflow.portfolio.lots import match, trades
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.signals.model import Action

BEGIN = datetime(2024, 1, 2, 14, 0, tzinfo=UTC)


def outcome(r: object, ending: Ending = Ending.TIME, revision: int = 1, said_by: str = "desk") -> Outcome:
    return Outcome(
        run="run",
        revision=revision,
        ending=ending,
        r=None if r is None else Decimal(str(r)),
        fill=Decimal(100),
        exit=None if r is None else Decimal(100) + Decimal(str(r)) * 4,
        said_by=said_by,
        at=BEGIN,
    )


def scored(day: int = 0, r: object = None, **changes: object) -> Scored:
    usual = Scored(
        run=f"run-{day}",
        strategy="trend",
        conid=1,
        symbol="UP",
        slot=BEGIN + timedelta(days=day),
        action=Action.BUY,
        prompt="chart-analyst",
        prompt_version=1,
        language="en",
        engine="openai",
        model="m",
        confidence=0.6,
        cost=Decimal("0.01"),
        rules=Action.HOLD,
        coin=False,
        state=RunState.RESERVED,
        reason="",
        outcome=None if r is None else outcome(r),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_X_9_averages_are_of_raw_outcomes_and_count_every_signal_not_only_what_was_executed() -> None:
    """One day with one great trade, one with nine small losses: the average of the days would be a gain."""
    found = [
        scored(0, 5),
        *(scored(1, "-0.8", run=f"b{n}") for n in range(9)),
        scored(2, state=RunState.NO_TRADE),
    ]
    told, days = figures(found), daily(found)
    assert told.bought.average_r == Decimal("-0.22")
    assert sum((d.figures.bought.average_r or Decimal(0) for d in days[:2]), Decimal(0)) / 2 == Decimal("2.1")
    assert (told.signals, told.bought.n, told.open, told.refused) == (11, 10, 1, 1)
    assert told.bought.win_rate == Decimal("0.1")
    assert told.money.executed == 0
    assert days[-1].total_r == Decimal("-2.2")


def test_X_16_an_r_of_zero_is_a_zero_and_money_is_by_the_quantity() -> None:
    told = figures([scored(0, 0), scored(1, 0)])
    assert (told.bought.n, told.bought.wins, told.bought.losses) == (2, 0, 0)
    assert told.bought.average_r == 0
    assert told.bought.win_rate == 0
    even = scored(0, 0, traded=Traded(net=Decimal("0.01"), risk=Decimal(100), closed=True))
    assert even.real_r == 0
    assert figures([even]).money.average_r == 0
    assert figures([scored()]).bought.average_r is None
    [day] = daily([scored(0, 1), scored(0, -1, run="b")])
    assert (day.gain, day.loss) == (Decimal("0.04"), Decimal("-0.04"))


def test_X_14_a_late_outcome_is_in_every_number_the_next_time_anybody_looks() -> None:
    """A purchase counts from the first day as open; what it made is counted on the day of its slot, whenever
    that is known, and so is what a person says later."""
    waiting = scored(0)
    assert (figures([waiting]).signals, figures([waiting]).open, figures([waiting]).bought.n) == (1, 1, 0)
    first = outcome(-1, Ending.STOP)
    late = replace(waiting, outcome=in_force([first]))
    [day] = daily([late])
    assert (day.day, day.figures.bought.losses, day.figures.open) == (date(2024, 1, 2), 1, 0)
    said = outcome("0.5", Ending.SET, 2, "owner")
    assert figures([replace(late, outcome=in_force([first, said]))]).bought.average_r == Decimal("0.5")
    back = outcome(None, Ending.TAKEN_BACK, 3, "owner")
    assert in_force([first, said, back]) == first
    newer = outcome(1, Ending.TARGET, 4)
    assert in_force([first, said, back, newer]) == newer
    gone = replace(late, outcome=outcome(None, Ending.CANCELLED, 2, "owner"))
    assert (figures([gone]).signals, figures([gone]).cancelled) == (0, 1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-300, 500)), min_size=1, max_size=30), st.randoms())
def test_X_9_no_order_and_no_grouping_of_days_changes_the_average(pairs, chance) -> None:  # type: ignore[no-untyped-def]
    found = [scored(day, Decimal(r) / 100, run=f"r{n}") for n, (day, r) in enumerate(pairs)]
    told = figures(found)
    chance.shuffle(found)
    assert figures(found) == told
    exact = sum((Decimal(r) for _, r in pairs), Decimal(0)) / 100 / len(pairs)
    assert told.bought.average_r is not None
    assert abs(told.bought.average_r - exact) < Decimal("0.0000001")
    parts = [day.figures.bought for day in daily(found)]
    assert sum(part.n for part in parts) == len(found)
    weighed = sum((part.average_r * part.n for part in parts if part.average_r is not None), Decimal(0))
    assert abs(weighed / len(found) - exact) < Decimal("0.000001")


def test_what_was_traded_is_net_of_both_commissions_and_of_the_answers_cost() -> None:
    def fill(number: int, side: Side, shares: int, price: str, order: str, run: str) -> Fill:
        execution = Execution(
            execution=f"e{number}",
            revision=1,
            order_ref=order,
            broker_order_id=None,
            account="DU1",
            conid=1,
            symbol="UP",
            side=side,
            quantity=Decimal(shares),
            price=Decimal(price),
            commission=Decimal(1),
            executed_at=BEGIN + timedelta(minutes=number),
        )
        role = Role.ENTRY if side is Side.BUY else Role.STOP
        return Fill(execution=execution, order=order, run=run, strategy="trend", role=role)

    fills = [
        fill(1, Side.BUY, 10, "100", "entry", "run-0"),
        fill(2, Side.SELL, 4, "104", "target", "run-0"),
        fill(3, Side.SELL, 6, "104", "target-2", "run-0"),
        fill(4, Side.BUY, 5, "100", "other", "run-1"),
    ]
    closed = trades(match(fills).matches, {"entry": Decimal(96)})
    made = traded_by_run(fills, closed)
    assert made["run-0"] == Traded(net=Decimal(37), risk=Decimal(40), closed=True)
    assert made["run-1"] == Traded(net=Decimal(0), risk=None, closed=False)
    told = figures([scored(0, traded=made["run-0"]), scored(1, traded=made["run-1"])])
    assert (told.money.executed, told.money.closed, told.money.pnl) == (2, 1, Decimal(37))
    assert told.money.average_r == Decimal("0.92475")
    assert told.money.after_cost == Decimal("36.98")


def test_twins_decide_the_same_slots_between_the_same_barriers() -> None:
    found = [
        scored(0, 2, rules=Action.BUY),
        scored(1, -1, coin=True),
        scored(2, "-1", action=Action.HOLD, rules=Action.BUY, coin=True),
    ]
    told = figures(found)
    twins = {name: (one.n, one.average_r) for name, one in told.twins}
    assert twins == {"always long": (3, 0), "rules": (2, Decimal("0.5")), "coin": (2, -1)}
    assert told.bought.average_r == Decimal("0.5")
    assert told.missed.average_r == -1
    assert figures([scored(0, 1, state=RunState.NO_TRADE)]).turned_down.average_r == 1


def test_rows_rank_by_a_metric_and_what_rests_on_too_few_stands_last() -> None:
    many = [scored(day, "0.1", prompt="steady") for day in range(FEW)]
    one = [scored(0, 5, prompt="lucky")]
    ranked = board.leaderboard(many + one, "average_r", 50)
    assert [(row.prompt, row.figures.bought.few) for row in ranked] == [("steady", False), ("lucky", True)]
    assert len(board.leaderboard(many + one, "signals", 1)) == 1
    for metric, limit in (("luck", 5), ("pnl", 0), ("pnl", 51)):
        with pytest.raises(InvalidInput):
            board.leaderboard(many, metric, limit)


def test_a_comparison_says_whether_the_difference_may_be_chance() -> None:
    good = [scored(day, 1 + day % 2) for day in range(FEW)]
    bad = [scored(day, -1 + day % 2) for day in range(FEW)]
    first, same, other = board.compare({"a": good, "b": list(reversed(good)), "c": bad})
    assert (first.distinguishable, same.distinguishable, other.distinguishable) == (False, False, True)
    assert other.difference is not None
    assert other.difference.high < 0
    for count in (1, 11):
        with pytest.raises(InvalidInput):
            board.compare({str(number): good for number in range(count)})


def test_intervals_are_those_of_the_textbooks() -> None:
    seven = wilson(7, 10)
    assert seven is not None
    assert (round(seven.low, 4), round(seven.high, 4)) == (Decimal("0.3968"), Decimal("0.8922"))
    assert wilson(0, 0) is None
    assert [round(student(df), 3) for df in (1, 10, 30, 40, 120)] == [12.706, 2.228, 2.042, 2.021, 1.980]
    apart = mean([(day, Decimal(value)) for day, value in enumerate((1, 2, 3, 4, 5))])
    assert apart is not None
    assert apart.interval is not None
    assert round(apart.interval.low, 3) == Decimal("1.037")
    together = mean([(0, Decimal(1)), (0, Decimal(2)), (1, Decimal(3)), (1, Decimal(4))])
    assert together is not None
    assert together.days == 2
    alone = mean([(0, Decimal(1)), (0, Decimal(2))])
    assert alone is not None
    assert alone.interval is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 0.99), st.booleans()), max_size=400))
def test_a_calibrated_confidence_rises_with_what_was_said_and_is_unknown_of_too_few(
    pairs: list[tuple[float, bool]],
) -> None:
    made = [Throw(said=said, came=came) for said, came in pairs]
    told = calibrate(made)
    if len(made) < 150:
        assert told.of(0.5) is None
        assert told.words(0.5).startswith(f"unknown: {len(made)} of 150")
        return
    asked = [told.of(number / 20) for number in range(21)]
    assert all(one is not None and 0 < one < 1 for one in asked)
    assert asked == sorted(asked)  # type: ignore[type-var]
    assert sum(one.n for one in told.bins) == len(made)


def test_a_boaster_is_told_what_its_confidence_was_worth() -> None:
    made = [Throw(said=0.9, came=n % 2 == 0) for n in range(100)] + [
        Throw(said=0.6, came=n % 5 == 0) for n in range(100)
    ]
    told = calibrate(made)
    assert round(told.of(0.9) or 0, 2) == 0.5
    assert round(told.of(0.6) or 0, 2) == 0.21
    assert told.words(0.9) == "50% by 200 decisions with a known end"
    assert told.skill is not None
    assert told.skill < 0
    assert [(one.n, round(one.came, 2)) for one in told.bins] == [(100, 0.2), (100, 0.5)]
    ends = [scored(0, 1), replace(scored(1, 2), outcome=outcome(2, Ending.TARGET)), scored(2)]
    assert throws(ends) == [Throw(said=0.6, came=False), Throw(said=0.6, came=True)]
