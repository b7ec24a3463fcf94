"""Budgets are reserved before a call and settled after it, by all processes in one line; a model that fails
is left alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.adapters.database import upgrade
from glassdesk.kernel.errors import Conflict, IntegrityViolation, InvalidInput
from glassdesk.workflow.signals.breaker import Breaker
from glassdesk.workflow.signals.calls import CallOutcome, End, ModelCall, Prompt, Spent, Usage
from glassdesk.workflow.signals.governor import BUSY, Allowance
from glassdesk.workflow.signals.prices import Price, Prices, load_prices, tokens_at_most
from tests.workflow.signals.cases import question
from tests.workflow.signals.desks import BEGAN, DEAR, PRICES, Named, Scene, file_url, scene, well

CENT = Decimal("0.01")


def a_call(
    run: str = "r", *, reserved: Decimal = CENT, strategy: str = "s", endpoint: str = "e"
) -> ModelCall:
    return ModelCall(
        call=run,
        run=run,
        strategy=strategy,
        endpoint=endpoint,
        step="combined",
        attempt=1,
        key="k",
        system="s",
        user="u",
        images=(),
        reserved=reserved,
        reserved_tokens=10,
        at=BEGAN,
    )


def an_end(
    call: ModelCall, *, cost: Decimal | None = CENT, failure: str = "", minutes: float = 0
) -> CallOutcome:
    return CallOutcome(
        call=call.call,
        endpoint=call.endpoint,
        text="" if failure else "x",
        model="m",
        usage=Usage(),
        finish="stop",
        failure=failure,
        cost=cost,
        prices="test",
        waited_ms=0,
        latency_ms=1,
        at=BEGAN + timedelta(minutes=minutes),
    )


def allowed(**changes: object) -> Allowance:
    """Without a line to stand in, but where a test wants one."""
    return replace(Allowance(concurrency=1_000), **changes)  # type: ignore[arg-type]


def refused(desk: Scene, call: ModelCall) -> str:
    return desk.governor.reserve(call)[1]


def test_calls_of_a_run_are_numbered_and_kept_before_they_are_sent() -> None:
    with scene() as desk:
        for number in (1, 2):
            call, refusal = desk.governor.reserve(a_call())
            assert (call.call, refusal) == (f"r/{number}", "")
        kept = desk.calls("r")
        assert [(one.call.call, one.outcome) for one in kept] == [("r/1", None), ("r/2", None)]


def test_what_is_reserved_counts_until_it_is_settled_and_then_what_it_cost() -> None:
    with scene() as desk:
        call, _ = desk.governor.reserve(a_call(reserved=Decimal("0.40")))
        assert desk.spent() == Spent(calls=1, cost=Decimal("0.4"))
        desk.governor.settle(an_end(call, cost=Decimal("0.0124")))
        assert desk.spent() == Spent(calls=1, cost=Decimal("0.0124"))


def test_a_call_whose_cost_nobody_knows_counts_with_what_was_reserved() -> None:
    """A timeout may have been billed."""
    with scene() as desk:
        call, _ = desk.governor.reserve(a_call(reserved=Decimal("0.40")))
        desk.governor.settle(an_end(call, cost=None, failure="no answer within 60 s"))
        assert desk.spent().cost == Decimal("0.4")


@pytest.mark.parametrize(
    ("allowance", "told"),
    [
        (allowed(per_day=3 * CENT), "model budget of the day: 0.03 of 0.03 US dollars are used"),
        (allowed(per_month=3 * CENT), "model budget of the month: 0.03 of 0.03"),
        (allowed(calls_per_day=3), "model calls of the day: 3.00 of 3 calls are used"),
        (allowed(strategy_per_day=3 * CENT), "model budget of s: 0.03 of 0.03"),
    ],
    ids=["day", "month", "calls", "strategy"],
)
def test_beyond_a_budget_nothing_is_asked(allowance: Allowance, told: str) -> None:
    with scene(allowance) as desk:
        assert [refused(desk, a_call()) for _ in range(3)] == [""] * 3
        refusal = refused(desk, a_call())
        assert told in refusal
        assert len(desk.calls("r")) == 3, "what is refused is not written down as sent"


def test_a_call_dearer_than_one_may_be_is_not_asked() -> None:
    with scene(allowed(per_call=CENT)) as desk:
        assert "a call may cost 0.01 US dollars" in refused(desk, a_call(reserved=Decimal("0.011")))
        assert refused(desk, a_call()) == ""


def test_another_strategy_has_a_budget_of_its_own_and_a_new_day_a_new_one() -> None:
    with scene(allowed(strategy_per_day=CENT, per_day=2 * CENT)) as desk:
        assert refused(desk, a_call()) == ""
        assert refused(desk, a_call()) != ""
        assert refused(desk, a_call(strategy="other")) == ""
        assert "of the day" in refused(desk, a_call(strategy="third"))
        desk.clock.advance(timedelta(days=1))
        assert refused(desk, a_call()) == ""


def test_the_month_ends_with_the_month() -> None:
    with scene(allowed(per_month=2 * CENT)) as desk:
        desk.clock.advance(timedelta(days=29))
        assert [refused(desk, a_call()) for _ in range(3)][:2] == ["", ""]
        assert "of the month" in refused(desk, a_call())
        desk.clock.advance(timedelta(days=2))
        assert refused(desk, a_call()) == ""


def test_at_four_fifths_a_person_is_told_once_and_at_the_end_again() -> None:
    with scene(allowed(per_day=10 * CENT)) as desk:
        for _ in range(7):
            refused(desk, a_call())
        assert desk.told() == []
        for _ in range(5):
            refused(desk, a_call())
        assert sorted(desk.told()) == [
            "The model budget of the day is nearly used up",
            "The model budget of the day is used up",
        ]


def test_many_workers_cannot_spend_the_last_dollar_twice(tmp_path: Path) -> None:
    """In the database, not in a process: here eight threads over one file."""
    with scene(allowed(per_day=10 * CENT), file_url(tmp_path)) as desk:
        with ThreadPoolExecutor(8) as pool:
            refusals = list(pool.map(lambda n: refused(desk, a_call(f"run-{n}")), range(40)))
        assert refusals.count("") == 10
        assert desk.spent() == Spent(calls=10, cost=10 * CENT)


def test_budgets_outlive_the_process(tmp_path: Path) -> None:
    for expected in ("", "", "used"):
        with scene(allowed(per_day=2 * CENT), file_url(tmp_path)) as desk:
            assert expected in refused(desk, a_call())


def fail(desk: Scene, times: int) -> None:
    for _ in range(times):
        call, refusal = desk.governor.reserve(a_call())
        assert refusal == ""
        desk.governor.settle(replace(an_end(call, failure="HTTP 500"), at=desk.clock.now()))


def test_after_five_failures_a_model_is_left_alone_and_then_tried_once() -> None:
    with scene() as desk:
        fail(desk, 5)
        assert refused(desk, a_call()) == "e failed 5 times in a row: not asked until 2024-03-01T14:31:00Z"
        assert refused(desk, a_call(endpoint="other")) == ""
        assert desk.told() == ["e is left alone"]
        desk.clock.advance(timedelta(seconds=60))
        tried, refusal = desk.governor.reserve(a_call())
        assert refusal == ""
        assert "not asked" in refused(desk, a_call()), "one call tries it, the others wait"
        desk.governor.settle(replace(an_end(tried, failure="HTTP 500"), at=desk.clock.now()))
        assert "not asked until 2024-03-01T14:32:00Z" in refused(desk, a_call())
        desk.clock.advance(timedelta(seconds=60))
        tried, _ = desk.governor.reserve(a_call())
        desk.governor.settle(replace(an_end(tried), at=desk.clock.now()))
        assert [refused(desk, a_call()) for _ in range(3)] == [""] * 3


def test_an_answer_that_speaks_of_failures_is_none() -> None:
    """Whether a call failed is read from its kept form, which holds the model's own words as well."""
    with scene() as desk:
        for text, failure in (
            ('{"failure":"HTTP 500"}', ""),
            ('x", "failure":""', "HTTP 500"),
            ('"failure":""', "no"),
        ):
            call, _ = desk.governor.reserve(a_call())
            desk.governor.settle(replace(an_end(call), text=text, failure=failure))
        with desk.stores.transactions.read() as t:
            ends = desk.stores.model_calls.ends(t, "e", 10)
        assert [one.failed for one in ends] == [False, True, True]


def test_a_try_whose_process_died_does_not_block_for_ever() -> None:
    with scene() as desk:
        fail(desk, 5)
        desk.clock.advance(timedelta(seconds=60))
        assert refused(desk, a_call()) == ""
        desk.clock.advance(timedelta(seconds=149))
        assert refused(desk, a_call()) != ""
        desk.clock.advance(timedelta(seconds=2))
        assert refused(desk, a_call()) == ""


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 200)), max_size=40))
def test_the_breaker_opens_exactly_after_five_close_failures_or_a_failed_try(
    story: list[tuple[bool, int]],
) -> None:
    """Against a plain telling of the same rule."""
    breaker, at = Breaker(), 0
    row: list[int] = []
    until: int | None = None
    ends: list[End] = []
    for failed, seconds in story:
        at += seconds
        ends.append(End(at=BEGAN + timedelta(seconds=at), failed=failed))
        row = [*row, at] if failed else []
        if not failed:
            until = None
        elif until is not None or (len(row) >= 5 and at - row[-5] <= 60):
            until = at + 60
    expected = None if until is None else BEGAN + timedelta(seconds=until)
    assert breaker.resting_until(ends) == expected


def test_a_call_is_written_once_and_ends_once() -> None:
    with scene() as desk:
        call, _ = desk.governor.reserve(a_call())
        desk.governor.settle(an_end(call))
        with pytest.raises(Conflict):
            desk.governor.settle(an_end(call, cost=Decimal(0)))
        with pytest.raises(Conflict), desk.stores.transactions.begin() as t:
            desk.stores.model_calls.reserve(t, call)
        with pytest.raises(IntegrityViolation), desk.stores.transactions.begin() as t:
            desk.stores.model_calls.settle(t, an_end(replace(call, call="nobody/1")))


def test_a_cost_is_what_the_table_says_rounded_up_and_never_above_what_was_reserved() -> None:
    usage = Usage(input_tokens=4_000, output_tokens=600, cached_tokens=1_000)
    assert PRICES.cost("dear", "one", usage) == Decimal("0.00910000")
    assert PRICES.cost("dear", "one", Usage(input_tokens=1)) is None
    assert PRICES.cost("nobody", "x", usage) is None
    assert PRICES.cost("memory", "memory", Usage()) == 0


@given(
    st.text(max_size=2_000),
    st.integers(0, 3),
    st.integers(1, 5_000),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)
def test_a_reservation_covers_the_bill(text: str, images: int, most: int, cached: int, less: int) -> None:
    """Where as many tokens are read as were counted, or fewer."""
    prompt = Prompt(system="", user=text, images=(b"png",) * images, max_output=most)
    read = tokens_at_most(prompt, DEAR.image_tokens) - most
    usage = Usage(
        input_tokens=max(0, read - less), output_tokens=most, cached_tokens=min(cached, max(0, read - less))
    )
    held, cost = PRICES.at_most("dear", "one", prompt), PRICES.cost("dear", "one", usage)
    assert held is not None
    assert cost is not None
    assert cost <= held


def test_a_dated_snapshot_costs_what_its_family_costs_and_the_longest_name_counts() -> None:
    cheap = replace(DEAR, input=Decimal(0))
    table = Prices(version="v", models={"openai:gpt-5.4": DEAR, "openai:gpt-5.4-mini": cheap})
    assert table.of("openai", "gpt-5.4-mini-2026-03-17") == cheap
    assert table.of("openai", "gpt-5.4-2026-03-05") == DEAR
    assert table.of("openai", "gpt-4") is None


def test_the_packaged_table_is_whole(tmp_path: Path) -> None:
    table = load_prices()
    assert table.version
    assert len(table.models) >= 10
    assert all(price.cached <= price.input <= price.output for price in table.models.values())
    own = tmp_path / "prices.toml"
    own.write_text('version="1"\n[models."x:"]\ninput=1\ncached=0.1\noutput=2\nimage_tokens=3\n')
    assert load_prices(own).models == {
        "x:": Price(input=Decimal(1), cached=Decimal("0.1"), output=Decimal(2), image_tokens=3)
    }


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("version=", "prices.toml"),
        ('version="1"', "prices.toml"),
        ('version="1"\n[models."x:"]\ninput=1\ncached=1\noutput=-2\nimage_tokens=3\n', "models.x:.output"),
        ('version="1"\n[models."x:"]\ninput=nan\ncached=1\noutput=2\nimage_tokens=3\n', "models.x:.input"),
        ('version="1"\n[models."x:"]\ninput="1"\ncached=1\noutput=2\nimage_tokens=3\n', "models.x:.input"),
        ('version="1"\n[models."x:"]\ninput=1\ncached=1\noutput=2\n', "models.x:.image_tokens"),
    ],
)
def test_a_price_table_that_is_none_says_where(tmp_path: Path, text: str, where: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text)
    with pytest.raises(InvalidInput) as refused_table:
        load_prices(file)
    assert str(refused_table.value.where).endswith(where)


def test_the_line_of_a_provider_is_one_for_all_processes_and_models(tmp_path: Path) -> None:
    """What another process has under way stands in the database; a call that died stands in nobody's way."""
    url = file_url(tmp_path)
    upgrade(url)
    allowance = Allowance(concurrency=2)
    with scene(allowance, url) as one, scene(allowance, url) as other:
        first, _ = one.governor.reserve(replace(a_call(), run="a", call="a", endpoint="dear:one"))
        assert refused(other, replace(a_call(), run="b", call="b", endpoint="dear:two")) == ""
        third = replace(a_call(), run="c", call="c", endpoint="dear:three")
        assert refused(one, third) == refused(other, third) == BUSY
        assert refused(one, replace(third, run="d", call="d", endpoint="openai-compatible:m@host:1")) == ""
        one.governor.settle(an_end(first))
        assert refused(other, third) == ""
        assert refused(one, replace(third, run="e", call="e")) == BUSY
        one.clock.advance(timedelta(minutes=3))
        assert refused(one, replace(third, run="e", call="e")) == ""


def test_whoever_finds_the_line_full_waits_in_it_and_gives_up_in_time() -> None:
    with scene(Allowance(concurrency=1)) as desk:
        held, _ = desk.governor.reserve(replace(a_call(), endpoint="dear:one"))
        asked = replace(question(), run="waits", strategy="s")
        gave_up = desk.analyst(Named(lambda _: well())).ask(asked)
        assert "105 s of the decision are used up" in gave_up.failure
        assert 50 < sum(desk.watch.pauses) <= 105
        desk.governor.settle(an_end(held))
        assert desk.analyst(Named(lambda _: well())).ask(asked).failure == ""
