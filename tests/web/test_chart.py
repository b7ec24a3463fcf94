"""The numbers of the chart that a person moves about in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.web.visitor import Visitor


def chart(reader: Visitor, more: str = "") -> dict[str, Any]:
    answer = reader.get(f"/api/v1/contracts/265598/chart?bars=60{more}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_line_has_a_value_for_every_bar(reader: Visitor) -> None:
    view = chart(reader)
    assert len(view["bars"]) == 60
    assert view["bars"][0]["time"] < view["bars"][-1]["time"]
    lines = [line for pane in view["panes"] for line in pane["lines"]]
    assert lines
    assert all(len(line["values"]) == 60 for line in lines)
    assert {pane["own"] for pane in view["panes"]} == {True, False}


def test_signals_and_fills_stand_at_their_bars_and_lead_to_why(reader: Visitor) -> None:
    view = chart(reader)
    times = {bar["time"] for bar in view["bars"]}
    kinds = {mark["kind"] for mark in view["marks"]}
    assert {"BUY", "bought"} <= kinds
    assert all(mark["time"] in times for mark in view["marks"])
    for mark in view["marks"]:
        assert reader.get(mark["link"]).status_code == 200


def test_what_is_held_has_its_levels(reader: Visitor) -> None:
    held = reader.world.desk
    with held.transactions.read() as t:
        conid = held.positions.held(t, held.account)[0].conid
    levels = reader.get(f"/api/v1/contracts/{conid}/chart").json()["levels"]
    titles = [level["title"].split()[0] for level in levels]
    assert titles[0] == "entry"
    assert "stop" in titles


def test_an_unknown_set_contract_or_size_is_a_problem_in_words(reader: Visitor) -> None:
    for path in ("265598/chart?indicators=none", "7/chart"):
        answer = reader.get(f"/api/v1/contracts/{path}")
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("application/problem+json")
    assert reader.get("/api/v1/contracts/265598/chart?size=1y").status_code == 422


def test_the_page_names_bars_and_sets(reader: Visitor) -> None:
    text = reader.get("/charts/265598?size=1w&indicators=trend").text
    assert "size=1w" in text
    assert 'value="trend" selected' in text


def test_a_contract_shows_its_hours_on_the_exchanges_clock(owner: Visitor) -> None:
    owner.post("/contracts", conid="265598", q="aapl")
    owner.world.at(datetime(2012, 11, 21, 16, 0, tzinfo=UTC))
    page = " ".join(owner.get("/contracts/265598").text.split())
    assert "09:30 to 16:00" in page
    assert "open now" in page
    assert "09:30 to 13:00" in page
    assert "closes early" in page
    assert "22 Nov 2012" not in page
