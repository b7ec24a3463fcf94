"""Every page, with a week of content and without any: what it shows, and what to do next."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from glassdesk.kernel.canonical import sha256_hex
from glassdesk.web.navigation import SECTIONS
from tests.web.visitor import Visitor
from tests.web.world import World

MENU = [href for _, links in SECTIONS for href, _ in links]


class Markup(HTMLParser):
    """What a page must not hold, and how its tags balance."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.ids: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        bad = [n for n in given if n == "style" or n.startswith(("on", "hx-on"))]
        self.inline += [f"{tag} {name}" for name in bad]
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in given) else []
        self.inline += ["javascript:"] if (given.get("href") or "").startswith("javascript:") else []
        if given.get("id"):
            self.ids.append(str(given["id"]))


def check_markup(path: str, text: str) -> None:
    parser = Markup()
    parser.feed(text)
    assert not parser.inline, (path, parser.inline)
    twice = {name for name in parser.ids if parser.ids.count(name) > 1}
    assert not twice, (path, twice)


def test_everything_that_is_linked_answers_and_keeps_to_the_rules(reader: Visitor) -> None:
    walked = list(reader.walk(most=600))
    assert len(walked) > 120
    for path, answer in walked:
        assert answer.status_code == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            check_markup(path, answer.text)
            assert answer.text.count("<h1") == 1, path


def test_the_empty_desk_answers_everywhere_too(bare: Visitor) -> None:
    walked = dict(bare.walk())
    assert set(MENU) <= set(walked)
    for path, answer in walked.items():
        assert answer.status_code == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            check_markup(path, answer.text)


@pytest.mark.parametrize("path", [p for p in MENU if p not in ("/risk", "/api", "/audit", "/indicators")])
def test_a_page_without_content_says_what_to_do_next(bare: Visitor, path: str) -> None:
    assert 'class="empty"' in bare.get(path).text


@pytest.mark.parametrize("path", [*MENU, "/strategies/new", "/prompts/new", "/risk/stop"])
def test_the_bar_is_on_every_page(reader: Visitor, path: str) -> None:
    page = reader.get(path).text
    for word in ("SIMULATED", "DU1234567", "Session", "Trading", "Next slot", "Halt and cancel entries"):
        assert word in page, word


def test_instants_are_the_exchanges_with_utc_behind(reader: Visitor) -> None:
    page = reader.get("/schedules").text
    assert 'title="2012-10-09T13:00:00 UTC">Tue 9 Oct 2012 09:00 EDT</time>' in page


def test_home_puts_what_is_wrong_first(reader: Visitor) -> None:
    page = reader.get("/").text
    assert page.index("its stop was not seen") < page.index("What happens next")
    assert "2 slots were lost" in page


def test_the_funnel_counts_from_slots_to_fills(reader: Visitor) -> None:
    page = reader.get("/?days=30").text
    rows = re.findall(r'<span title="[^"]+">([^<]+)</span>.*?<b>(\d+)</b>', page, re.DOTALL)
    assert dict(rows) == {
        "Slots": "12",
        "Runs": "15",
        "BUY or SELL": "5",
        "Passed risk": "5",
        "Sent": "3",
        "Filled": "3",
    }


def bought(world: World, symbol: str) -> str:
    """The run of a filled entry."""
    with world.desk.transactions.read() as t:
        orders = [o for o in world.desk.orders.orders(t) if o.role.value == "entry" and o.filled]
        runs = [world.desk.runs.run(t, order.run) for order in orders]
    return next(run.run for run in runs if run.symbol == symbol)


def test_T_06_a_symbol_shows_its_quote_with_how_it_comes_and_its_age(reader: Visitor) -> None:
    assert 'hx-get="/contracts/265598/quote"' in reader.get("/contracts/265598").text
    told = reader.get("/contracts/265598/quote").text
    assert "real time" in told
    assert "RpB" in told
    assert re.search(r"\d+ s when it was read", told)


def test_the_run_page_tells_the_whole_story(reader: Visitor) -> None:
    run = bought(reader.world, "AAPL")
    page = reader.get(f"/runs/{run}").text
    for title in ("Preflight", "Bars", "Indicators", "Chart", "Prompt", "Answer", "Signal", "Size and risk"):
        assert f"<h2>{title}</h2>" in page
    assert "RULES, not AI" in page
    assert "V01" in page
    assert "80 shares" in page
    assert "80 filled at 124.05" in page
    assert "Looked at again right before the send" in page
    assert page.count("raw JSON") == 9
    assert 'rel="prev"' in page
    assert 'rel="next"' in page


def test_eight_characters_of_a_run_are_enough(reader: Visitor) -> None:
    run = bought(reader.world, "SPY")
    assert reader.get(f"/runs/{run[:8]}").status_code == 200


def test_a_step_is_one_click_from_its_stored_bytes(reader: Visitor) -> None:
    run = bought(reader.world, "AAPL")
    answer = reader.get(f"/runs/{run}/steps/signal")
    with reader.world.desk.transactions.read() as t:
        stored = {row.name: row for row in reader.world.desk.runs.steps(t, run)}["signal"]
    assert answer.headers["content-type"] == "application/json"
    assert sha256_hex(answer.content) == stored.output_sha256
    assert reader.get(f"/runs/{run}/steps/nonsense").status_code == 404


def test_a_denied_run_names_the_rule_the_number_and_the_limit(reader: Visitor) -> None:
    with reader.world.desk.transactions.read() as t:
        denied = [o for o in reader.world.desk.orders.orders(t) if "denied" in o.note]
    page = reader.get(f"/runs/{denied[0].run}").text
    assert re.search(r'class="lead">PRICE_DRIFT: [\d.]+, the limit is [\d.]+', page)


def test_pictures_come_with_their_type_and_stay_in_their_box(reader: Visitor) -> None:
    page = reader.get(f"/runs/{bought(reader.world, 'AAPL')}").text
    found = re.search(r'src="(/artifacts/[0-9a-f]{64})" width="(\d+)" height="(\d+)"', page)
    assert found
    answer = reader.get(found[1])
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.content.startswith(b"\x89PNG")
    assert reader.get("/artifacts/nonsense").status_code == 404
    assert reader.get(f"/artifacts/{'0' * 64}").status_code == 404


def test_an_order_shows_its_bracket_its_facts_and_its_fill(reader: Visitor) -> None:
    run = bought(reader.world, "SPY")
    with reader.world.desk.transactions.read() as t:
        entry = next(o for o in reader.world.desk.orders.orders(t, run=run) if o.parent is None)
    page = reader.get(f"/orders/{entry.order}").text
    for word in ("161.70", "Submitted", "STP GTC", "LMT GTC", "0000e0d5", entry.coid):
        assert word in page
    assert reader.get(f"/orders/{entry.coid}").status_code == 200


def test_positions_show_stop_and_broker_beside(reader: Visitor) -> None:
    page = reader.get("/positions").text
    assert page.count(">live</span>") == 2
    assert "121.61" in page
    assert 'data-label="Broker" class="num">80' in page
    in_words = page.replace("\u2212", "-")
    each = [float(r) for r in re.findall(r'data-label="R".*?([+-]?\d+\.\d\d)\u202fR', in_words)]
    average = re.search(r"2 open, .*?([+-]?\d+\.\d\d)\u202fR.*? on average", in_words)
    assert average is not None
    assert float(average[1]) == pytest.approx(sum(each) / len(each), abs=0.011)
    assert len(each) == 2


def test_a_strategy_shows_its_prompts_with_the_version_that_is_meant_now(reader: Visitor) -> None:
    page = reader.get("/strategies/trend").text
    assert "chart-analyst v1</a> <small>label live" in page


def test_the_portfolio_shows_books_trades_and_r(reader: Visitor) -> None:
    page = reader.get("/portfolio").text
    for word in ("100,354.76", "+410.36", "+1.72", "8 Oct 2012"):
        assert word in page


def test_T_70_the_portfolio_shows_lanes_lots_and_results_that_lead_to_where_they_came_from(
    reader: Visitor,
) -> None:
    page = reader.get("/portfolio").text
    for word in ("Unexplained", "Dividends", "−19,476.14", "So few trades say little", "The broker&#39;s"):
        assert word in page or word.replace("&#39;", "'") in page, word
    desk = reader.world.desk
    with desk.transactions.read() as t:
        lots = desk.portfolio.report(t, desk.account, desk.clock.now()).lots
    assert len(lots) == 2
    for lot in lots:
        assert f'href="/orders/{lot.order}"' in page
        assert f'href="/runs/{lot.run}"' in page
        assert reader.get(f"/runs/{lot.run}").status_code == 200


def test_lineage_leads_from_an_order_to_the_code_and_verifies(reader: Visitor) -> None:
    run = bought(reader.world, "AAPL")
    with reader.world.desk.transactions.read() as t:
        entry = next(o for o in reader.world.desk.orders.orders(t, run=run) if o.parent is None)
    page = reader.get(f"/lineage/order:{entry.order}").text
    for kind in ("code", "strategy", "slot", "bars", "charts", "prompt", "answer", "signal", "verdicts"):
        assert f'<span class="kind">{kind}</span>' in page, kind
    checked = reader.post(f"/lineage/order:{entry.order}").text
    assert re.search(r"Verified: all \d+ hashes", checked)


def test_a_lineage_id_that_names_nothing_is_not_found(reader: Visitor) -> None:
    assert reader.get("/lineage/ffffffff-none").status_code == 404
    assert reader.get("/lineage", params={"id": "abc"}).status_code == 422


def test_a_page_that_is_not_there_says_so_in_plain_words(bare: Visitor) -> None:
    answer = bare.get("/runs/ffffffffffff")
    assert answer.status_code == 404
    assert "no run is called" in answer.text.lower()
    assert bare.get("/strategies/nonsense").status_code == 404
    assert bare.get("/prompts/nonsense").status_code == 404


def test_a_parameter_that_cannot_be_is_told_without_a_trace(bare: Visitor) -> None:
    answer = bare.get("/runs?before=yesterday")
    assert answer.status_code == 422
    assert "before" in answer.text


def test_T_70_each_number_of_the_portfolio_is_taken_apart_down_to_its_lineage(reader: Visitor) -> None:
    assert 'href="/portfolio/explain"' in reader.get("/portfolio").text
    page = reader.get("/portfolio/explain").text
    for name in ("equity", "cash", "market-value", "realised", "unrealised", "commissions", "fees"):
        assert f'id="of-{name}"' in page, name
    # The drawing of the portfolio has the id `equity` and a height of its own.
    assert 'id="equity"' not in page
    assert "commission of BUY" in page
    numbers = {one["name"]: one for one in reader.get("/api/v1/portfolio/explain").json()}
    assert numbers["cash"]["value"] == reader.get("/api/v1/portfolio").json()["cash"]
    refs = {part["ref"] for one in numbers.values() for part in one["parts"]} - {""}
    behind = [ref for ref in refs if not ref.startswith("portfolio:")]
    assert len(behind) >= 5
    for ref in behind:
        assert reader.get(f"/api/v1/lineage/{ref}").status_code == 200, ref
        assert f'href="/lineage/{ref}"' in page
