"""Open pages in a real browser show what the dealer commits, within a second and without a reload."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from glassdesk.workflow.notifications.model import Severity
from tests.web.test_browser import Visit, visiting
from tests.web.world import World, live_a_week, open_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]


WATCH = """(order) => {
    const row = () => document.querySelector(`#live a[href="/orders/${order}"]`).closest("tr").innerText;
    const before = row();
    window.stays = true;
    window.seen = 0;
    const look = () => {
        if (row() !== before && row().includes("filled")) window.seen = Date.now();
        else requestAnimationFrame(look);
    };
    look();
}"""


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("traded")) as world:
        live_a_week(world, days=1)
        yield world


@pytest.fixture(scope="module")
def open_page(browser: Browser, traded: World) -> Iterator[Visit]:
    with visiting(browser, traded) as visit:
        yield visit


def a_resting_target(world: World) -> tuple[str, str]:
    """Its client order id and its order."""
    coid = next(
        coid
        for coid, held in world.broker.held.items()
        if held.ticket.role.value == "target" and held.row.status == "PreSubmitted" and held.ticket.price
    )
    with world.desk.transactions.read() as t:
        order = next(one for one in world.desk.orders.orders(t) if one.coid == coid)
    return coid, order.order


def test_an_open_orders_page_shows_a_fill_within_a_second_of_the_dealers_commit(
    open_page: Visit, traded: World
) -> None:
    page = open_page.page
    open_page.go("/orders")
    coid, order = a_resting_target(traded)
    page.evaluate(WATCH, order)
    page.wait_for_timeout(600)  # the page hears the stream by now
    price = traded.broker.held[coid].ticket.price
    assert price is not None
    traded.broker.fill(coid, price)
    commits: list[float] = []
    silence = traded.desk.changes.listen(lambda: commits.append(time.time()))
    traded.clock.advance(timedelta(seconds=7))
    traded.dealer.turn()
    silence()
    page.wait_for_timeout(1500)
    seen = page.evaluate("window.seen") / 1000
    assert seen, "the fill is not on the page"
    assert seen - commits[0] < 1.0, f"{seen - commits[0]:.3f} s after the first commit of the dealer's turn"
    assert page.evaluate("window.stays"), "the page was loaded anew"
    assert not open_page.complaints


def test_an_open_page_asks_nothing_while_the_stream_lives_and_nothing_happens(open_page: Visit) -> None:
    open_page.go("/orders")
    open_page.page.wait_for_timeout(1000)
    asked: list[str] = []
    open_page.page.on("request", lambda request: asked.append(request.url))
    open_page.page.wait_for_timeout(5500)
    assert asked == []
    assert not open_page.complaints


def test_several_pages_of_one_browser_share_one_stream(open_page: Visit, traded: World) -> None:
    pages = [open_page.page.context.new_page() for _ in range(3)]
    for page, path in zip(pages, ("/", "/positions", "/notifications"), strict=True):
        page.goto(open_page.base + path)
    pages[2].wait_for_timeout(600)
    with traded.desk.transactions.begin() as t:
        traded.desk.notifications.tell(t, "live:shared", Severity.INFO, "Heard by all", "", "session")
    pages[2].bring_to_front()
    expect(pages[2].get_by_text("Heard by all")).to_be_visible(timeout=1500)
    assert len({thread.name for thread in threading.enumerate() if thread.name == "live"}) == 1
    for page in pages:
        page.close()
