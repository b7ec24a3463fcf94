"""The pages Models and Signals after days on which a model decided."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

from glassdesk.composition.pipelines import build_parts
from glassdesk.workflow.runs.pipeline import Pipeline
from glassdesk.workflow.signals.calls import Capability, Prompt, Reply
from glassdesk.workflow.signals.deciding import ModelAnalyst
from glassdesk.workflow.signals.endpoints import Endpoints
from tests.adapters.llm.sight import code_of
from tests.adapters.llm.standin import read_prompt
from tests.web.conftest import door_of
from tests.web.test_browser import PICTURES, visiting
from tests.web.visitor import Visitor
from tests.web.world import Silence, World, furnish, live_a_week, open_world
from tests.workflow.signals.desks import PRICES, USED, Named

STEADY = Capability(
    endpoint="dear:one",
    at=datetime(2012, 10, 1, 12, tzinfo=UTC),
    sees=True,
    schema=False,
    model="one-2024",
    latency_ms=840,
    detail="HELLO",
)


def seeing(prompt: Prompt) -> Reply:
    """Reads text and picture; one confirmation is wrong."""
    said = read_prompt(prompt, code_of(prompt.images))
    said["confirmations"]["rsi"] = "neutral"
    return Reply(text=json.dumps(said), model="one-2024", usage=USED, finish="stop")


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("models")) as world:
        furnish(world)
        desk = replace(world.desk, endpoints=Endpoints(named=(("the desk's", "dear:one"),)))
        model = Named(seeing)
        analyst = ModelAnalyst([model], desk.governor, PRICES, world.clock, desk.stopwatch)
        parts = build_parts(world.ground, desk, Silence(), Silence(), "test")
        pipeline = Pipeline(replace(parts, analyst=analyst))
        made = replace(world, desk=desk, pipeline=pipeline)
        live_a_week(made, days=2)
        desk.governor.keep(STEADY)
        yield made


@pytest.fixture(scope="module")
def reader(decided: World) -> Iterator[Visitor]:
    with door_of(decided) as visitor:
        visitor.enter()
        yield visitor


def test_the_page_shows_what_the_probe_found_the_budgets_and_the_calls(
    reader: Visitor, decided: World
) -> None:
    text = reader.get("/models").text
    assert "dear:one" in text
    assert text.count("gauge") >= 3
    assert "model budget of the day" in text
    with decided.desk.transactions.read() as t:
        calls = decided.desk.governor.calls(t)
        spent = decided.desk.governor.limits(t)[1].used
    assert len(calls) >= 2
    assert spent > 0
    assert text.count("0.0100 USD") == min(50, len(calls))


def test_a_signals_card_has_claims_beside_the_truth_its_chart_and_its_cost(
    reader: Visitor, decided: World
) -> None:
    with decided.desk.transactions.read() as t:
        row = next(one for one in decided.desk.signals.recent(t) if one.signal.entry_high is not None)
    text = reader.get(f"/signals/{row.signal.run}").text
    assert re.search(r">neutral</td>.*?differs", text)
    assert text.count("agrees") >= 8
    assert "unknown: 0 of 150" in text
    assert '/prompts/chart-analyst?version=1">chart-analyst v1</a>' in text
    assert "Valid until" in text
    assert "0.0100 USD" in text
    svg = reader.get(f"/signals/{row.signal.run}/chart.svg")
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert all(f">{word}" in svg.text or word in svg.text for word in ("stop", "target"))


@pytest.mark.parametrize(("look", "width"), [("wide", 1280), ("phone", 390)])
def test_both_pages_fit_their_window_and_the_console_is_silent(
    browser: Browser, decided: World, look: str, width: int
) -> None:
    with decided.desk.transactions.read() as t:
        row = next(one for one in decided.desk.signals.recent(t) if one.signal.entry_high is not None)
    with visiting(browser, decided) as visit:
        visit.page.set_viewport_size({"width": width, "height": 900})
        for name, path in (
            ("models", "/models"),
            ("signal", f"/signals/{row.signal.run}"),
            ("signals", "/signals"),
        ):
            visit.go(path)
            PICTURES.mkdir(parents=True, exist_ok=True)
            visit.page.screenshot(path=PICTURES / f"{name}-asked-{look}.png", full_page=True)
            root = "document.documentElement"
            assert visit.page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), (
                f"{path} scrolls sideways"
            )
        assert not visit.complaints


def test_the_newest_signals_are_cards_with_their_charts(reader: Visitor) -> None:
    """R-73."""
    text = reader.get("/signals").text
    assert text.count('/chart.svg" alt="Chart of ') == 4
    assert "chart.svg" not in reader.get("/signals?before=2012-10-03T00:00:00Z").text


def test_a_model_is_probed_from_the_page_and_what_is_missing_is_told(owner: Visitor) -> None:
    """R-96, R-98."""
    desk, known = owner.world.desk, replace(STEADY, at=owner.world.desk.clock.now())

    def probe() -> list[Capability]:
        desk.governor.keep(known)
        return [known]

    lacking = Endpoints(
        named=(("the desk's", "dear:one"),), problems={"dear:one": "the key is missing: set IT"}, probe=probe
    )
    parts = owner.client.app.state.parts  # type: ignore[attr-defined]
    owner.client.app.state.parts = replace(parts, desk=replace(desk, endpoints=lacking))  # type: ignore[attr-defined]
    page = owner.get("/models").text
    assert "the key is missing: set IT" in page
    assert "never probed" in page
    owner.post("/models/probe")
    assert "never probed" not in owner.get("/models").text


def test_a_run_without_a_signal_has_no_card(reader: Visitor) -> None:
    assert reader.get("/signals/ffffffff").status_code == 404
