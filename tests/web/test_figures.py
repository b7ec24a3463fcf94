"""Figures that a scraper reads: true to what is written down, few queries, few series, not for everybody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from glassdesk.adapters.ibkr.calls import endpoint_of
from glassdesk.adapters.metrics import FiguresServer, Latencies, Tallies, told
from glassdesk.adapters.metrics.latencies import TIMED
from glassdesk.adapters.metrics.tallies import FIGURES, UP
from glassdesk.composition import figures
from glassdesk.kernel import work
from glassdesk.kernel.errors import Unavailable
from glassdesk.kernel.work import Kind, doing, watch_with
from glassdesk.workflow.operations.figures import Tally
from tests.web.broker import ACCOUNT
from tests.web.test_live import statements
from tests.web.visitor import BASE, Visitor
from tests.web.world import World

PAGE = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
TOKEN = "t" * 40
MOST_QUERIES = 30

Samples = dict[str, dict[tuple[str, ...], float]]


def samples(text: str) -> Samples:
    """Numbers by name and label values, the labels in the order of their names."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[labels] = float(sample.value)
    return found


def told_by(world: World) -> Callable[[], bytes]:
    tallies = Tallies(world.desk.operations.figures.tally)
    return lambda: told(tallies.registry)


@pytest.fixture(scope="module")
def scraped(lived: World) -> Samples:
    """A desk after a week, scraped."""
    return samples(told_by(lived)().decode())


def test_runs_orders_and_fills_are_those_that_are_written_down(lived: World, scraped: Samples) -> None:
    desk = lived.desk
    with desk.transactions.read() as t:
        runs = Counter(run.state.value for run in desk.runs.runs(t, limit=1000))
        orders = Counter(order.state.value for order in desk.orders.orders(t, limit=1000))
        fills = Counter(one.side.value for one in desk.tracking.executions(t))
        level = desk.schedules.service_level(t, lived.clock.now())
    assert {name: value for (name,), value in scraped["glassdesk_runs"].items()} == runs
    assert {name: value for (name,), value in scraped["glassdesk_orders"].items()} == orders
    assert {name: value for (name,), value in scraped["glassdesk_executions"].items()} == fills
    assert fills["BUY"] > 0
    assert scraped["glassdesk_service_level_slots"]["complete",] == level.complete > 0
    assert scraped["glassdesk_service_level"][()] == pytest.approx(float(level.share or 0))
    assert sum(scraped["glassdesk_sends"].values()) > 0
    assert scraped["glassdesk_alarms"][()] >= 1
    assert scraped["glassdesk_halt_level"][()] == 0
    assert scraped["glassdesk_session_ready"][()] == 1
    assert scraped[UP][()] == 1


def test_what_is_not_known_has_no_figure(bare: Visitor) -> None:
    found = samples(told_by(bare.world)().decode())
    assert "glassdesk_dealer_lease_seconds" not in found
    assert "glassdesk_service_level" not in found
    assert found["glassdesk_orders_unknown"][()] == found["glassdesk_runs_waiting"][()] == 0
    assert found["glassdesk_budget_left"]["model budget of the day",] == 20


def test_no_order_no_run_and_no_account_is_a_label(lived: World, scraped: Samples) -> None:
    values = {value for series in scraped.values() for labels in series for value in labels}
    assert len(values) < 60
    assert ACCOUNT not in values
    assert all(re.fullmatch(r"[\w .:/-]{0,60}", value) for value in values)
    with lived.desk.transactions.read() as t:
        identities = {run.run for run in lived.desk.runs.runs(t)}
    assert not values & identities


def test_a_scrape_asks_a_number_of_queries_that_does_not_grow(lived: World, bare: Visitor) -> None:
    asked = []
    for desk in (bare.world.desk, lived.desk):
        desk.operations.figures.tally()  # what is kept for longer is kept now
        with statements() as told_now:
            desk.operations.figures.tally()
        asked.append(len(told_now))
    assert max(asked) <= MOST_QUERIES
    assert asked[1] - asked[0] <= 1


def test_who_is_not_signed_in_needs_the_token(stocked: Visitor) -> None:
    told_now = told_by(stocked.world)
    for token, given in (("", ""), ("", "Bearer "), (TOKEN, ""), (TOKEN, f"Bearer {TOKEN}x")):
        app = stocked.world.app(metrics=told_now, metrics_token=token)
        with TestClient(app, base_url=BASE) as stranger:
            answer = stranger.get("/metrics", headers={"authorization": given}, follow_redirects=False)
        assert answer.status_code == 303, (token, given)
        assert "glassdesk_" not in answer.text
    app = stocked.world.app(metrics=told_now, metrics_token=TOKEN)
    with TestClient(app, base_url=BASE) as scraper:
        answer = scraper.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert samples(answer.text)[UP][()] == 1


def test_who_is_signed_in_sees_figures_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_watchers", ())
    figures._watched.cache_clear()
    with TestClient(world.app(metrics=figures.figures_of(world.desk)), base_url=BASE) as client:
        visitor = Visitor(world, client)
        visitor.enter()
        with doing(Kind.TURN, "dealer"):
            pass
        text = visitor.get("/metrics").text
    assert "glassdesk_halt_level 0.0" in text
    assert samples(text)["glassdesk_turn_seconds_count"]["ok",] == 1


def test_a_database_that_is_away_is_a_figure_and_no_failure() -> None:
    def away() -> Tally:
        raise Unavailable("no answer from postgresql://desk:secret@db.example")

    text = told(Tallies(away).registry).decode()
    assert samples(text) == {UP: {(): 0.0}}
    assert "secret" not in text


def test_work_is_timed_by_kind_name_and_result() -> None:
    latencies = Latencies()
    end = watch_with(latencies)
    try:
        with doing(Kind.BROKER, "/iserver/account/{id}/orders", method="POST") as done:
            done.result = "200"
        with pytest.raises(Unavailable), doing(Kind.STEP, "bars", run="r" * 64):
            raise Unavailable("no answer")
        with doing(Kind.RUN, "run", run="r" * 64) as done:
            done.result = "no_trade"
    finally:
        end()
    text = told(latencies.registry).decode()
    found = samples(text)
    assert found["glassdesk_broker_request_seconds_count"]["/iserver/account/{id}/orders", "200"] == 1
    assert found["glassdesk_step_seconds_count"]["unavailable", "bars"] == 1
    assert found["glassdesk_run_seconds_count"]["no_trade",] == 1
    assert "rrrr" not in text


def test_unwatched_work_makes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_watchers", ())
    assert doing(Kind.RUN, "run", run="a") is doing(Kind.STEP, "bars", run="b")


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/iserver/account/DU1234567/orders", "/iserver/account/{id}/orders"),
        ("/iserver/account/DU1234567/order/1377295422", "/iserver/account/{id}/order/{id}"),
        ("/iserver/reply/07a13a5a-4a48-44a5-bb25-5ab37b79186c", "/iserver/reply/{id}"),
        ("/portfolio2/DU1234567/positions", "/portfolio2/{id}/positions"),
        ("/tickle", "/tickle"),
    ],
)
def test_an_endpoint_names_no_account_and_no_order(path: str, endpoint: str) -> None:
    assert endpoint_of(path) == endpoint


def test_a_role_of_its_own_tells_what_it_times_on_this_machine_only() -> None:
    latencies = Latencies()
    server = FiguresServer(lambda: told(latencies.registry), port=0, token=TOKEN)
    server.start()
    try:
        assert server.address.startswith("http://127.0.0.1:")
        known = {"authorization": f"Bearer {TOKEN}"}
        assert httpx2.get(f"{server.address}/healthz").json() == {"status": "alive"}
        assert httpx2.get(f"{server.address}/metrics").status_code == 401
        assert "glassdesk_turn_seconds" in httpx2.get(f"{server.address}/metrics", headers=known).text
        elsewhere = {**known, "host": "evil.example"}
        assert httpx2.get(f"{server.address}/metrics", headers=elsewhere).status_code == 403
        assert httpx2.get(f"{server.address}/orders", headers=known).status_code == 404
        with pytest.raises(Unavailable, match="nothing can be served on port"):
            FiguresServer(bytes, port=int(server.address.rpartition(":")[2]))
    finally:
        server.stop()


def test_the_page_names_every_figure_and_no_other() -> None:
    rows = re.findall(r"^\| `(glassdesk_\w+)` \| (.*?) ?\| (.*) \|$", PAGE, re.MULTILINE)
    figures = [(one.name, ", ".join(one.labels), one.meaning) for one in FIGURES]
    timed = [(one.name, ", ".join(one.labels), one.meaning) for one in TIMED.values()]
    assert rows == [(UP, "", "1 where the database could be read"), *figures, *timed]
