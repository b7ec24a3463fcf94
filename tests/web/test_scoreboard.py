"""The scoreboard's pages and API: every number leads to its signals, a person's word stands by its field."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from glassdesk.workflow.signals.conditions.model import Conditions
from glassdesk.workflow.signals.conditions.sentences import parse_statement
from tests.web.conftest import door_of
from tests.web.test_api import act
from tests.web.visitor import Visitor
from tests.web.world import World, dips, furnish


def signals(visitor: Visitor, **asked: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = visitor.get("/api/v1/scoreboard/signals", params=asked).json()
    return found


def test_every_row_stands_beside_its_twins_and_every_number_leads_to_its_signals(reader: Visitor) -> None:
    page = reader.get("/scoreboard").text
    assert "Always long" in page
    assert "too few" in page
    [first, *_] = re.findall(r'href="(/scoreboard/signals\?[^"]+)"', page)
    listed = reader.get(first.replace("&amp;", "&")).text
    rows = reader.get("/api/v1/scoreboard").json()
    assert {row["strategy"] for row in rows} >= {"trend"}
    assert sum(row["figures"]["signals"] for row in rows) == len(signals(reader))
    for one in signals(reader, prompt="chart-analyst@1", strategy=rows[0]["strategy"]):
        assert str(one["run"]) in reader.get("/scoreboard/signals").text
    assert "Twins bought" in listed
    for row in rows:
        assert [name for name, _ in row["figures"]["twins"]] == ["always long", "rules", "coin"]


def test_a_prompt_has_its_days_its_twins_and_what_its_confidence_was_worth(reader: Visitor) -> None:
    page = reader.get("/scoreboard/prompts/chart-analyst?version=1")
    assert page.status_code == 200
    for words in ("Beside its twins", "What its confidence was worth", 'id="days"', 'id="scores"'):
        assert words in page.text
    days = reader.get("/api/v1/scoreboard/days", params={"prompt": "chart-analyst@1"}).json()
    [narrow] = reader.get(
        "/api/v1/scoreboard/days", params={"since": days[0]["day"], "until": days[0]["day"]}
    ).json()
    assert narrow["figures"]["signals"] == days[0]["figures"]["signals"]
    assert reader.get("/scoreboard/prompts/chart-analyst").text.count("all versions") == 0
    assert "What it made" in reader.get("/prompts/chart-analyst").text
    assert 'href="/scoreboard/prompts/chart-analyst"' in reader.get("/prompts").text
    told = reader.get("/api/v1/prompts/chart-analyst/performance").json()
    assert told["total"]["signals"] == len(signals(reader))


def test_two_prompts_are_compared_and_one_is_told_to_choose(reader: Visitor) -> None:
    address = "/scoreboard/compare?names=chart-analyst@1&names=chart-analyst"
    assert "not distinguishable" in reader.get(address).text
    few = reader.get("/scoreboard/compare?names=chart-analyst@1")
    assert (few.status_code, "2 to 10 different ones" in few.text) == (422, True)
    assert reader.get("/api/v1/scoreboard/compare/chart-analyst").status_code == 422
    both = reader.get("/api/v1/scoreboard/compare/chart-analyst,chart-analyst@1").json()
    assert [one["name"] for one in both] == ["chart-analyst", "chart-analyst@1"]


def test_what_conditions_kept_back_is_a_row_that_leads_to_its_run_and_to_no_prompt(world: World) -> None:
    patient = replace(dips(), name="patient", conditions=Conditions(buy=parse_statement("close below 1")))
    furnish(world)
    with world.desk.transactions.begin() as t:
        world.desk.strategies.disable(t, "dips", "owner", holds_shares=False)
        world.desk.strategies.create(t, patient, author="owner", message="")
        world.desk.strategies.enable(t, "patient", "owner")
    world.at(datetime(2012, 10, 2, 13, 0, tzinfo=UTC))
    for run in world.desk.schedules.tick():
        world.pipeline.execute(run)
    world.desk.labelling.run()
    with door_of(world) as visitor:
        visitor.enter()
        page = visitor.get("/scoreboard?strategy=patient").text
        assert page.count("not asked") == 1
        assert ">conditions</option>" in page, "it can be asked for as an analyst can"
        [leads] = re.findall(r'href="(/scoreboard/signals\?[^"]+strategy=patient)"', page)[:1]
        [kept] = signals(visitor, analyst="conditions")
        address = f"/runs/{kept['run']}#kept-back"
        assert f'href="{address}"' in visitor.get(leads.replace("&amp;", "&")).text
        assert "What became of it" in visitor.get(address).text


@pytest.mark.parametrize(
    "query", ["by=luck", "since=yesterday", "since=2024-01-02&until=2024-01-01", "prompt=x@first"]
)
def test_a_question_that_makes_no_sense_is_refused_in_words(reader: Visitor, query: str) -> None:
    for path in ("/scoreboard", "/api/v1/scoreboard"):
        answer = reader.get(f"{path}?{query}")
        assert answer.status_code == 422
        assert any(word in answer.text for word in ("metric", "no day", "is before", "no version"))


def test_a_person_sets_an_outcome_on_the_card_and_a_wrong_number_stands_by_its_field(reader: Visitor) -> None:
    run = str(signals(reader)[0]["run"])
    wrong = reader.post(f"/scoreboard/outcomes/{run}", do="set", r="much", reason="seen")
    assert wrong.status_code == 422
    assert re.search(r'id="e-r">[^<]*is no number', wrong.text)
    missing = reader.post(f"/scoreboard/outcomes/{run}", do="set", r="1", reason="")
    assert re.search(r'id="e-reason">A reason is missing', missing.text)
    assert (
        reader.post(f"/scoreboard/outcomes/{run}", do="set", r="0", reason="sold by hand").status_code == 200
    )
    card = reader.get(f"/signals/{run}").text
    assert "sold by hand" in card
    assert signals(reader)[0]["outcome"]["r"] == "0"  # type: ignore[index]
    cancelled = act(reader, f"scoreboard/outcomes/{run}", {"ending": "cancelled", "reason": "a test"})
    assert cancelled.json()["ending"] == "cancelled"
    assert reader.get(f"/api/v1/scoreboard/outcomes/{run}").json()["outcome"]["said_by"] == "owner"
    act(reader, f"scoreboard/outcomes/{run}", {"ending": "taken_back", "reason": "no test"})


def test_a_signals_card_names_the_prompt_version_that_made_it_and_how_many_it_made(reader: Visitor) -> None:
    found = signals(reader)
    card = reader.get(f"/signals/{found[0]['run']}").text
    assert 'href="/prompts/chart-analyst?version=1">chart-analyst v1</a>' in card
    assert f"{len(found)} signals</a>" in card
    assert '<span class="chip quiet">en</span>' in card
