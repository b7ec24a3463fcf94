"""The analyst's text: only the one right form is an answer, everything else is no signal."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.kernel.canonical import canonical_bytes, decode_text
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.signals.answers import ANSWER_SCHEMA, parse, write
from glassdesk.workflow.signals.levels import Levels, on_grid, r_multiple
from glassdesk.workflow.signals.model import Action, Answer, RawAnswer, Signal
from glassdesk.workflow.signals.service import judge
from tests.workflow.signals.cases import FACTS, NO_PRICES, answer, effects, judged, question, raw
from tests.workflow.signals.malformed import GOOD, corpus

CORPUS = dict(corpus())
TRADES = (Action.BUY, Action.SELL)


def test_the_corpus_is_large_and_its_origin_is_a_buy() -> None:
    assert len(CORPUS) >= 150
    assert judged(GOOD).action is Action.BUY


@pytest.mark.parametrize("text", CORPUS.values(), ids=CORPUS.keys())
def test_a_malformed_answer_is_no_signal_and_says_why(text: str) -> None:
    signal = judged(text)
    assert signal.action is Action.ABSTAIN
    assert signal.reason.startswith(("unusable answer: ", "no answer: "))
    assert len(signal.reason) > 20
    assert (signal.entry_high, signal.stop, signal.target, signal.checks) == (None, None, None, ())
    canonical_bytes(signal)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("entry_high", "100.5", "entry_high: needs a number, got str '100.5'"),
        ("action", "buy", "action: needs one of BUY, SELL, HOLD, ABSTAIN, got str 'buy'"),
        ("echo", None, "echo: needs an object, got null"),
        ("data_issues", [1], "data_issues[0]: needs a text, got int '1'"),
    ],
)
def test_the_reason_names_place_need_and_what_came(path: str, value: Any, told: str) -> None:
    assert judged(answer(**{path: value})).reason == f"unusable answer: {told}"


def test_a_missing_and_an_extra_field_are_named() -> None:
    with pytest.raises(InvalidInput, match="the field 'stop' is missing"):
        parse(json.dumps({k: v for k, v in answer().items() if k != "stop"}))
    with pytest.raises(InvalidInput, match="the field 'size' is unknown"):
        parse(json.dumps(answer(size=10)))


@pytest.mark.parametrize("failure", ["no key", "HTTP 500", "no answer within 60 s", "the model refused"])
@pytest.mark.parametrize("text", ["", GOOD])
def test_X_1_a_failing_provider_is_no_signal_and_never_a_default_buy(failure: str, text: str) -> None:
    """X-1: also when a text came along with the failure."""
    signal = judge(raw(text, failure=failure), question())
    assert (signal.action, signal.reason) == (Action.ABSTAIN, f"no answer: {failure}")
    assert (signal.entry_high, signal.stop, signal.target, signal.confidence) == (None,) * 4


@pytest.mark.parametrize(
    "words", ["do not buy", "BUY BUY BUY", "strong bearish, never buy", "the action is not SELL but BUY"]
)
def test_X_2_words_decide_nothing(words: str) -> None:
    """X-2: the action is a field, whatever the sentences hold."""
    said = answer(action="HOLD", **NO_PRICES, rationale=words, counter_case=words)
    assert judged(said).action is Action.HOLD
    assert judged(words).action is Action.ABSTAIN


PRICES = st.decimals(min_value="0.01", max_value="5000", places=2)


@given(entry=PRICES, stop=PRICES, target=PRICES)
def test_X_3_r_is_positive_exactly_for_prices_in_order(
    entry: Decimal, stop: Decimal, target: Decimal
) -> None:
    """X-3."""
    r = r_multiple(Levels(entry_low=stop, entry_high=entry, stop=stop, target_1=target))
    if stop < entry < target:
        assert r is not None
        assert 0 <= (target - entry) / (entry - stop) - r < Decimal("0.0001")
    else:
        assert r is None


def test_r_is_measured_from_the_worse_end_of_the_entry() -> None:
    """X-3: 100.5, not 99.5, although the better end would give 3.0."""
    signal = judged(answer(entry_low=99.5, entry_high=100.5, stop=96.5, target_1=108.5))
    assert signal.r_multiple == Decimal(2)


@given(
    entry=PRICES,
    stop=PRICES,
    target=PRICES,
    tick=st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal(1)]),
)
def test_rounding_never_grows_the_planned_loss(
    entry: Decimal, stop: Decimal, target: Decimal, tick: Decimal
) -> None:
    """T-57."""
    before = Levels(entry_low=entry, entry_high=entry, stop=stop, target_1=target)
    after = on_grid(before, tick)
    assert after.entry_high is not None
    assert after.stop is not None
    assert after.target_1 is not None
    assert after.entry_high - after.stop <= entry - stop
    assert after.target_1 <= target
    assert all(price % tick == 0 for price in (after.entry_high, after.stop, after.target_1))


def test_the_schema_is_one_that_every_provider_takes() -> None:
    """§4.1: all fields required, none extra, unions with null only, no bounds, no references."""
    allowed = {"type", "properties", "required", "additionalProperties", "items", "enum", "description"}
    todo: list[dict[str, Any]] = [ANSWER_SCHEMA]
    while todo:
        schema = todo.pop()
        assert set(schema) <= allowed
        if schema["type"] == "object":
            assert schema["required"] == list(schema["properties"])
            assert schema["additionalProperties"] is False
            todo.extend(schema["properties"].values())
        if schema["type"] == "array":
            todo.append(schema["items"])


def test_the_schema_names_no_number_that_a_model_could_copy() -> None:
    """X-17: an example price would be an anchor."""
    text = json.dumps(ANSWER_SCHEMA)
    assert not any(digit in text for digit in ("250", "245", "265", "72.5"))
    assert "examples" not in text


def test_evidence_comes_before_the_action_and_the_action_before_prices() -> None:
    fields = list(ANSWER_SCHEMA["properties"])
    assert fields.index("evidence") < fields.index("counter_case") < fields.index("action")
    assert fields.index("action") < fields.index("entry_low") < fields.index("confidence")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(field=st.sampled_from(sorted(answer())), value=JSON)
def test_what_the_parser_takes_the_schema_takes(field: str, value: Any) -> None:
    said = answer(**{field: value})
    try:
        parse(json.dumps(said))
    except InvalidInput:
        return
    jsonschema_rs.validate(ANSWER_SCHEMA, said)


@given(data=st.data())
def test_no_mutation_of_an_answer_is_an_order_unless_it_is_valid(data: st.DataObject) -> None:
    """Whatever is changed, a BUY has whole, ordered prices and no failed rule; a SELL has no failed rule."""
    said = copy.deepcopy(answer())
    for _ in range(data.draw(st.integers(1, 3))):
        mutate(said, data)
    signal = judged(json.dumps(said))
    canonical_bytes(signal)
    if signal.action in TRADES:
        assert set(effects(signal).values()) <= {"flag"}
        jsonschema_rs.validate(ANSWER_SCHEMA, said)
        assert said["action"] == signal.action
    if signal.action is Action.BUY:
        assert_sound(signal)
    else:
        assert (signal.entry_high, signal.stop, signal.target) == (None, None, None)


def mutate(said: dict[str, Any], data: st.DataObject) -> None:
    places: list[tuple[Any, Any]] = [(said, key) for key in said]
    for parent in (said.get("echo"), said.get("confirmations")):
        if isinstance(parent, dict):
            places += [(parent, key) for key in parent]
    parent, key = data.draw(st.sampled_from(places))
    near = st.floats(80, 130) | st.sampled_from(["BUY", "SELL", "HOLD", "bull", "bear", "K7QX"])
    if data.draw(st.integers(0, 9)) == 0:
        del parent[key]
    else:
        parent[key] = data.draw(near | JSON)


def assert_sound(signal: Signal) -> None:
    assert signal.entry_high is not None
    assert signal.stop is not None
    assert signal.target is not None
    assert signal.r_multiple is not None
    assert Decimal(0) < signal.stop < signal.entry_high < signal.target
    assert signal.r_multiple >= 1
    assert abs(signal.entry_high - FACTS.last_close) <= Decimal("2.01")


@given(text=st.text(max_size=200))
def test_no_text_makes_the_judge_raise(text: str) -> None:
    assert judge(RawAnswer(text=text, engine="e", model="m"), question()).action is Action.ABSTAIN


PRICE_TEXTS = st.decimals(min_value="0.0001", max_value="99999", places=4)


@given(price=PRICE_TEXTS)
def test_what_is_written_is_read_back_to_the_last_digit(price: Decimal) -> None:
    said = replace(parse(GOOD), entry_high=price, echo=replace(parse(GOOD).echo, last_close=price))
    assert parse(write(said)) == said


def test_prices_are_read_as_written_not_as_binary_fractions() -> None:
    assert parse(GOOD.replace("100.5", "100.10")).entry_high == Decimal("100.10")


@pytest.mark.parametrize("zero", ["0", "-0", "0E+999999999", "1E-999999", "-0.0"])
def test_zero_in_disguise_is_zero(zero: str) -> None:
    parsed = parse(GOOD.replace("96.5", zero))
    assert str(parsed.stop) == "0"
    assert judged(GOOD.replace("96.5", zero)).action is Action.ABSTAIN


def test_an_answer_survives_its_canonical_form() -> None:
    said = parse(GOOD)
    assert decode_text(Answer, canonical_bytes(said)) == said
    signal = judged(GOOD)
    assert decode_text(Signal, canonical_bytes(signal)) == signal
