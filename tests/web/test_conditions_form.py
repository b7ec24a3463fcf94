"""Conditions on the strategy's page: rows of statements, what they would have done, and nothing lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from glassdesk.web.forms.conditions import read_conditions, shown_conditions, sides_of
from glassdesk.web.forms.fields import FormValues
from glassdesk.workflow.signals.conditions.model import Conditions
from tests.web.test_acts import GOOD
from tests.web.visitor import Visitor
from tests.web.world import furnish
from tests.workflow.signals.stated import both

STATED = {
    "buy.take": "at_least",
    "buy.need": "2",
    "buy0.left": "close",
    "buy0.relation": "above",
    "buy0.right": "sma_20",
    "buy1.left": "rsi_14",
    "buy1.relation": "between",
    "buy1.right": "20",
    "buy1.upper": "80",
    "buy2.left": "sma_20",
    "buy2.relation": "rising",
    "buy2.right": "3",
    "buy2.not": "not",
    "sell.take": "one",
    "sell0.frame": "daily",
    "sell0.left": "close",
    "sell0.ago": "2",
    "sell0.relation": "crosses below",
    "sell0.right": "sma_20",
}


@pytest.fixture
def furnished(owner: Visitor) -> Visitor:
    """Signed in at a desk of its own with two strategies."""
    furnish(owner.world)
    return owner


def errors(answer: str) -> dict[str, str]:
    """What is told beside rows, by field."""
    found = re.findall(r'<small class="error" id="e-((?:buy|sell)[^"]*)">(.*?)</small>', answer)
    return {field: text for field, text in found if text}


@given(conditions=both)
@settings(deadline=None, max_examples=60)
def test_any_conditions_survive_the_form_exactly(conditions: Conditions) -> None:
    values = shown_conditions(conditions)
    again, problems = read_conditions(FormValues(tuple(values.items())))
    assert (again, problems) == (conditions, [])


def test_a_strategy_with_conditions_is_made_changed_and_copied_by_form(furnished: Visitor) -> None:
    assert "mine version 1 is kept" in furnished.post("/strategies", **{**GOOD, **STATED}).text
    page = furnished.get("/strategies/mine").text
    assert (
        "at least 2 of 3: close above sma_20, rsi_14 between 20 and 80, (not sma_20 rising over 3 bars)"
        in page
    )
    assert "daily close 2 bars ago crosses below sma_20" in page
    form = furnished.get("/strategies/new?copy=mine").text
    assert 'name="buy2.right" id="f-buy2-right" value="3"' in form
    assert "add a statement" in form
    changed = {**GOOD, **STATED, "buy.need": "3", "base": "mine"}
    furnished.post("/strategies", **changed)
    assert "-    at_least: 2" in furnished.get("/strategies/mine").text.replace("&#39;", "'")
    with furnished.world.desk.transactions.read() as t:
        first, second = furnished.world.desk.strategies.versions(t, "mine")
    assert first.strategy.conditions != second.strategy.conditions


def test_the_preview_says_when_they_would_have_been_true_on_a_real_symbol(stocked: Visitor) -> None:
    page = stocked.post("/strategies/preview", **{**GOOD, **STATED}).text
    assert '<div id="conditions" hx-swap-oob="true">' in page
    buy = re.search(r"<strong>(\d+)</strong> of the last year's (\d+) days", page)
    assert buy is not None
    counted, days = int(buy[1]), int(buy[2])
    assert 245 <= days <= 262
    assert 0 < counted <= days
    assert page.count('<circle class="buy"') == counted
    assert "Nothing is wrong" in page
    assert 'name="buy3.left"' in page, "there is an empty row"
    assert "<option selected>rsi_14</option>" in page
    other = stocked.post("/strategies/preview", **{**GOOD, **STATED, "try_on": "272093"}).text
    assert "Closes of MSFT" in other


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"buy0.right": ""}, "buy0-left", "compares with nothing"),
        ({"buy0.right": "smaa_20"}, "buy0-left", "did you mean sma_20"),
        ({"buy1.right": "90"}, "buy1-left", "between 80 and 90"),
        ({"buy1.left": "rsi_9"}, "buy1-left", "add {kind: rsi, length: 9}"),
        ({"buy2.right": "0"}, "buy2-left", "over N bars"),
        ({"buy.need": "4"}, "buy-need", "1 to 3"),
        ({"buy.need": ""}, "buy-need", "1 to 3"),
        ({"sell0.frame": "weekly"}, "sell0-left", "set bars.weekly to true"),
        ({"sell0.ago": "x"}, "sell0-left", "names no value"),
        ({"buy0.left": "(group)", "buy0.text": "{al: [close above 1]}"}, "buy0-left", "did you mean all?"),
        ({"buy0.left": "(group)", "buy0.text": "nonsense"}, "buy0-left", "This is no"),
    ],
)
def test_what_will_not_do_is_told_beside_its_row_and_nothing_is_lost(
    stocked: Visitor, fields: dict[str, str], field: str, says: str
) -> None:
    sent = {**GOOD, **STATED, **fields}
    for answer in (stocked.post("/strategies/preview", **sent), stocked.post("/strategies", **sent)):
        told = errors(answer.text)
        assert says.lower() in told[field].lower().replace("&#39;", "'"), told
        assert 'value="80"' in answer.text
    assert stocked.get("/strategies/mine").status_code == 404


def test_a_row_set_to_remove_is_gone_and_the_others_move_up() -> None:
    values = {**STATED, "buy0.left": ""}
    rows = sides_of(values)[0].rows
    assert [row.values["left"] for row in rows] == ["rsi_14", "sma_20", ""]
    assert [row.number for row in rows] == [0, 1, 2]
    assert sides_of({**values, "buy.take": "one"})[0].take == "all", "two rows are not one"


def test_the_run_page_shows_every_statement_and_why_nobody_was_asked(furnished: Visitor) -> None:
    stated = {"buy.take": "all", "buy0.left": "close", "buy0.relation": "below", "buy0.right": "1"}
    furnished.post("/strategies", **{**GOOD, **stated, "contracts": ["756733"]})
    for path in ("dips/disable", "mine/enable"):
        furnished.post(f"/strategies/{path}")
    furnished.world.at(datetime(2012, 10, 1, 13, 0, tzinfo=UTC))
    for due in furnished.world.desk.schedules.tick():
        furnished.world.pipeline.execute(due)
    with furnished.world.desk.transactions.read() as t:
        [run] = furnished.world.desk.runs.runs(t, strategy="mine", limit=1)
    assert run.reason.startswith("CONDITIONS: close ")
    page = furnished.get(f"/runs/{run.run}").text
    card = page.split('<li id="conditions"')[1].split("</li>")[0]
    assert "close below 1" in card
    assert "is not below 1" in card
    assert "did not happen" in page.split('<li id="charts"')[1].split("</li>")[0]
