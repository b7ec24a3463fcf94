"""Sets of indicators on their page: made, changed, drawn, and what is said where they will not do."""

from __future__ import annotations

import pytest

from tests.web.visitor import Visitor

PAIR = {"name": "pair", "kind0": "sma", "p0.length": "20", "kind1": "rsi", "p1.length": "2"}


def test_an_indicator_set_is_made_by_form(owner: Visitor) -> None:
    answer = owner.post("/indicators", **PAIR, message="two are enough")
    assert "The set pair version 1 is kept" in answer.text
    assert "two are enough" in answer.text
    with owner.world.desk.transactions.read() as t:
        kept = owner.world.desk.indicators.get(t, "pair")
    assert [(spec.kind, spec.params) for spec in kept.indicators] == [
        ("sma", (("length", 20.0),)),
        ("rsi", (("length", 2.0),)),
    ]


def test_a_set_is_changed_into_a_new_version_and_a_late_change_is_refused(owner: Visitor) -> None:
    owner.post("/indicators", **PAIR)
    changed = {**PAIR, "base": "1", "kind0": "vwap", "p0.anchor": "week"}
    assert "The set pair version 2 is kept" in owner.post("/indicators", **changed).text
    page = owner.get("/indicators/pair").text
    assert "VWAP week" in page
    assert "SMA 20" in page, "the history shows version 1"
    late = owner.post("/indicators", **{**PAIR, "base": "1"})
    assert late.status_code == 422
    assert "version 2 of &#39;pair&#39; was kept meanwhile" in late.text.lower()
    row = owner.get("/indicators").text.split("<strong>pair</strong>")[1].split("</tr>")[0]
    assert "VWAP week" in row
    assert "SMA 20" not in row


@pytest.mark.parametrize(
    ("fields", "where", "says"),
    [
        ({"name": "No Name", "kind0": "sma"}, "e-name", "is no name for a set"),
        ({"name": "x", "kind0": "sma", "p0.length": "twenty"}, "e-p0-length", "is no number"),
        ({"name": "x", "kind0": "sma", "p0.length": "-5"}, "e-p0-length", "cannot be"),
        ({"name": "x", "kind0": "vwap", "p0.anchor": "decade"}, "e-p0-anchor", "one of session, week"),
        ({"name": "x", "kind0": "macd", "p0.fast": "30"}, "f-kind0", "must be below slow"),
        ({"name": "x", "kind0": "zsi"}, "editor", "there is no indicator"),
        ({"name": "x"}, "editor", "a set of 0 indicators"),
        ({"name": "momentum", "kind0": "sma"}, "e-name", "exists with other indicators"),
    ],
)
def test_an_indicator_set_that_will_not_do_is_kept_in_the_form(
    stocked: Visitor, fields: dict[str, str], where: str, says: str
) -> None:
    answer = stocked.post("/indicators", **fields)
    assert answer.status_code == 422
    assert says.lower() in answer.text.split(f'id="{where}"')[1].split("</div>")[0].lower()
    assert f'value="{fields["name"]}"' in answer.text


def test_the_form_asks_for_the_parameters_of_what_is_chosen_and_draws_it(stocked: Visitor) -> None:
    chosen = {"kind0": "sma", "p0.length": "9", "kind1": "", "kind2": "ichimoku"}
    page = stocked.post("/indicators/preview", **chosen).text
    assert 'name="p0.length" type="number" min="1" max="400" step="1" value="9"' in page
    assert 'name="p1.conversion"' in page, "rows move up"
    assert 'name="kind2"' in page, "and there is an empty one"
    assert "data:image/png;base64," in page
    assert "ichimoku_9_26_52_26_span_a" in page
    assert stocked.get("/indicators/x").status_code == 404


def test_a_set_without_a_symbol_says_where_to_find_one(owner: Visitor) -> None:
    page = owner.get("/indicators/new?base=volume").text
    assert "No symbol is remembered yet" in page
    assert 'name="p0.anchor"' in page
