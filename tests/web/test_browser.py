"""Pages in a real browser: pictures of each, nothing wider than a phone, a silent console, keys that work."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from glassdesk.kernel.clock import Clock
from glassdesk.web.navigation import SECTIONS
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.session.model import SessionState
from tests.web.test_session_page import see
from tests.web.world import PASSWORD, World, furnish

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
LOOKS = [("wide-light", 1280, "light"), ("wide-dark", 1280, "dark"), ("phone-light", 390, "light")]
PAGES = [
    *((name.lower(), href) for _, links in SECTIONS for href, name in links),
    ("portfolio-explain", "/portfolio/explain"),
    ("run", "/runs/{run}"),
    ("order", "/orders/{order}"),
    ("strategy", "/strategies/trend"),
    ("strategy-form", "/strategies/new?base=trend"),
    ("prompt", "/prompts/chart-analyst"),
    ("prompt-form", "/prompts/chart-analyst/new"),
    ("indicator-set", "/indicators/momentum"),
    ("indicator-set-new", "/indicators/new?base=levels"),
    ("contract", "/contracts/265598"),
    ("chart", "/charts/265598"),
    ("search", "/contracts?q=AAPL"),
    ("lineage-graph", "/lineage/order:{order}"),
    ("stop", "/risk/stop"),
]


_QUIET_NETWORK = """() => new Promise((done) => {
    const look = () => {
        const ends = performance.getEntriesByType("resource").map((entry) => entry.responseEnd);
        if (performance.now() - 400 > Math.max(0, ...ends)) done();
        else setTimeout(look, 50);
    };
    look();
})"""


class StandingWatch:
    """The simulated clock's handle over a clock that a test moves."""

    def __init__(self, clock: Clock) -> None:
        self.now = clock.now

    def pause(self) -> None:
        """Time stands already."""

    def resume(self) -> None:
        """The test moves it."""

    def poke(self) -> None:
        """Nobody waits."""

    def set_speed(self, n: int) -> None:
        """The test sets the pace."""


@dataclass
class Visit:
    """A signed-in browser page and what its console complained about."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)
        # the stream never ends, so the network is never idle: what the page fetches has come for 400 ms
        self.page.evaluate(_QUIET_NETWORK)

    def note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {message.text}")


@contextmanager
def served(world: World) -> Iterator[str]:
    """The pages on a free port; answers the address."""
    app = world.app(simulation=StandingWatch(world.clock))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    started = threading.Event()
    while not server.started and thread.is_alive():
        started.wait(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    app.state.parts.live.close()
    server.should_exit = True
    thread.join(timeout=10)
    assert not thread.is_alive(), "a stream kept the server from ending"


@contextmanager
def visiting(browser: Browser, world: World) -> Iterator[Visit]:
    """Sign in as a person does."""
    with served(world) as base, browser.new_context() as context:
        visit = Visit(context.new_page(), base)
        visit.page.on("console", visit.note)
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.goto(base + world.door())
        for box in visit.page.locator("[type=password]").all():
            box.fill(PASSWORD)
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_url(f"{base}/")
        yield visit


@pytest.fixture(scope="module")
def visit(browser: Browser, lived: World) -> Iterator[Visit]:
    with visiting(browser, lived) as opened:
        yield opened


@pytest.fixture(scope="module")
def addresses(lived: World) -> dict[str, str]:
    """The run and the entry order of a position that is open."""
    with lived.desk.transactions.read() as t:
        held = lived.desk.positions.held(t, lived.desk.account)[0]
        entry = next(o for o in lived.desk.orders.orders(t, run=held.opened_by_run) if o.parent is None)
    return {"run": entry.run, "order": entry.order}


@pytest.mark.parametrize(("look", "width", "theme"), LOOKS)
@pytest.mark.parametrize(("name", "path"), PAGES)
def test_a_page_fits_its_window_and_the_console_is_silent(
    visit: Visit, addresses: dict[str, str], name: str, path: str, look: str, width: int, theme: str
) -> None:
    visit.complaints.clear()
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    visit.go(path.format(**addresses))
    PICTURES.mkdir(parents=True, exist_ok=True)
    visit.page.screenshot(path=PICTURES / f"{name}-{look}.png", full_page=True)
    root = "document.documentElement"
    assert visit.page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), "it scrolls sideways"
    assert not visit.complaints


def test_the_sign_in_is_pictured_too(browser: Browser, lived: World, visit: Visit) -> None:
    with served(lived) as base, browser.new_context() as context:
        page = context.new_page()
        page.set_viewport_size({"width": 390, "height": 700})
        page.goto(f"{base}/sign-in")
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / "sign-in-phone-light.png")
        expect(page.locator("[name=password]")).to_be_focused()


def test_nothing_jumps_while_home_loads(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 900})
    visit.go("/")
    moved = visit.page.evaluate(
        """() => new Promise((done) => {
            let sum = 0;
            new PerformanceObserver((list) => list.getEntries().forEach((e) => { sum += e.value; }))
                .observe({ type: "layout-shift", buffered: true });
            setTimeout(() => done(sum), 300);
        })"""
    )
    assert moved < 0.02


@pytest.mark.parametrize("address", ["/", "/portfolio"])
def test_the_curve_is_drawn_from_numbers_of_the_desk(visit: Visit, address: str) -> None:
    visit.go(address)
    expect(visit.page.locator("#equity canvas").first).to_be_visible()
    source = visit.page.locator("#equity").get_attribute("data-source")
    points = visit.page.evaluate("(address) => fetch(address).then((answer) => answer.json())", source)
    assert points
    for point in points:
        assert float(point["desk_equity"]) > 0
        assert 0 <= float(point["desk_drawdown"]) <= 1


def test_the_curve_takes_another_theme_after_its_page_was_refreshed(visit: Visit, lived: World) -> None:
    visit.page.emulate_media(color_scheme="light")
    visit.go("/")
    expect(visit.page.locator("#equity canvas").first).to_be_visible()
    visit.complaints.clear()
    with (
        visit.page.expect_response(lambda answer: answer.url.endswith("/"), timeout=5000),
        lived.desk.transactions.begin() as t,
    ):
        lived.desk.notifications.tell(t, "test:curve", Severity.INFO, "Something new", "", "session")
    visit.page.wait_for_timeout(200)
    visit.page.emulate_media(color_scheme="dark")
    visit.page.wait_for_timeout(200)
    expect(visit.page.locator("#equity canvas").first).to_be_visible()
    assert not visit.complaints


def test_a_list_is_refreshed_in_place(visit: Visit, lived: World) -> None:
    visit.page.set_viewport_size({"width": 1280, "height": 900})
    visit.go("/notifications")
    visit.page.evaluate("window.first = document.querySelector('#live td')")
    with (
        visit.page.expect_response(lambda r: r.url.endswith("/notifications"), timeout=2000),
        lived.desk.transactions.begin() as t,
    ):
        lived.desk.notifications.tell(t, "test:seen", Severity.INFO, "Something new", "", "session")
    visit.page.wait_for_timeout(300)
    assert visit.page.evaluate("window.first.isConnected"), "the rows were replaced, not refreshed"
    assert visit.page.locator("#live").count() == 1
    assert visit.page.locator("h1").inner_text() == "Notifications"
    assert not visit.complaints


def test_the_theme_is_chosen_and_remembered(visit: Visit) -> None:
    visit.page.emulate_media(color_scheme="light")
    visit.go("/audit")
    visit.page.locator(".side [data-theme-toggle]").click()
    assert visit.page.evaluate("document.documentElement.dataset.theme") == "dark"
    visit.go("/risk")
    assert visit.page.evaluate("document.documentElement.dataset.theme") == "dark"
    visit.page.evaluate("localStorage.clear()")


def test_the_red_button_by_keyboard(browser: Browser, world: World) -> None:
    furnish(world)
    with visiting(browser, world) as visit:
        stop = visit.page.locator("#bar .stop")
        stop.focus()
        visit.page.keyboard.press("Enter")
        expect(visit.page.locator("dialog#stop")).to_be_visible()
        visit.page.keyboard.press("Escape")
        expect(visit.page.locator("dialog#stop")).to_be_hidden()
        stop.focus()
        visit.page.keyboard.press("Enter")
        visit.page.locator("dialog#stop button.danger").click()
        visit.page.wait_for_url("**/risk")
        expect(visit.page.locator("#bar")).to_contain_text("halt, entries cancelled")
        assert not visit.complaints
    with world.desk.transactions.read() as t:
        assert world.desk.risk.halt(t).level.name == "HALT_CANCEL_ENTRIES"


def test_the_form_says_what_is_wrong_while_one_types(browser: Browser, world: World) -> None:
    furnish(world)
    with visiting(browser, world) as visit:
        visit.go("/strategies/new?base=trend")
        cron = visit.page.locator("#f-timing-cron")
        cron.fill("99 9 * * *")
        cron.press("Tab")
        expect(visit.page.locator("#e-timing-cron")).to_contain_text("is no schedule")
        visit.page.get_by_role("button", name="after the close", exact=True).click()
        expect(visit.page.locator("#e-timing-cron")).to_be_empty()
        expect(visit.page.locator("#preview")).to_contain_text("17:00 EDT")
        visit.page.get_by_role("button", name="Keep this version").click()
        visit.page.wait_for_url("**/strategies/trend")
        expect(visit.page.locator(".notice")).to_contain_text("trend version 2 is kept")
        assert not visit.complaints


def test_the_bar_follows_the_clock(browser: Browser, world: World) -> None:
    furnish(world)
    with visiting(browser, world) as visit:
        expect(visit.page.locator("#bar .clock")).to_contain_text("08:00 EDT")
        world.at(world.clock.now().replace(hour=13, minute=30))
        expect(visit.page.locator("#bar .clock")).to_contain_text("09:30 EDT")
        assert not visit.complaints


def test_the_session_page_fits_a_phone_in_every_state_and_a_take_over_has_to_be_meant(
    browser: Browser, world: World
) -> None:
    furnish(world)
    with visiting(browser, world) as visit:
        visit.page.set_viewport_size({"width": 390, "height": 900})
        root = "document.documentElement"
        for state in SessionState:
            see(world, state, message="no bridge", next_try_at=world.clock.now())
            visit.go("/session")
            visit.page.screenshot(path=PICTURES / f"session-{state.value}-phone-light.png", full_page=True)
            assert visit.page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), state
            assert visit.page.locator("[aria-current=step]").count() == (state is not SessionState.READY)
        see(world, SessionState.COMPETING)
        visit.go("/session")
        visit.page.get_by_role("button", name="Take over").click()
        visit.page.get_by_role("button", name="Take over once").click()
        expect(visit.page.locator("#e-confirmed")).to_contain_text("Not confirmed")
        # The answer to a form that lacks something is 422, which the console notes.
        visit.complaints.clear()
        visit.page.get_by_label("I know that the other session ends").check()
        visit.page.get_by_role("button", name="Take over once").click()
        expect(visit.page.locator(".notice")).to_contain_text("at its next turn, once")
        assert not visit.complaints


def test_a_desk_that_falls_silent_does_not_look_quiet(browser: Browser, world: World) -> None:
    with visiting(browser, world) as visit:
        expect(visit.page.locator("#bar .silence")).to_be_hidden()
        visit.page.context.set_offline(True)
        expect(visit.page.locator("#bar .silence")).to_be_visible(timeout=9000)
        visit.page.context.set_offline(False)
        expect(visit.page.locator("#bar .silence")).to_be_hidden(timeout=9000)


def test_a_list_is_pasted_settled_and_kept(browser: Browser, world: World) -> None:
    with visiting(browser, world) as visit:
        page = visit.page
        visit.go("/watchlists/new")
        page.get_by_label("Name").fill("large-caps")
        page.get_by_label("CSV file").set_input_files(
            {"name": "mine.csv", "mimeType": "text/csv", "buffer": b"symbol,shares\nAAPL,10\nDUO,5\nNONE,1\n"}
        )
        page.get_by_role("button", name="Look up").click()
        expect(page.get_by_label("Which one?")).to_be_visible()
        page.screenshot(path=PICTURES / "watchlist-asked-wide-light.png", full_page=True)
        page.get_by_label("Which one?").select_option("9000003")
        page.get_by_role("checkbox", name="leave it out").check()
        page.get_by_role("button", name="Keep the list").click()
        expect(page.get_by_role("heading", name="large-caps")).to_be_visible()
        page.screenshot(path=PICTURES / "watchlist-wide-light.png", full_page=True)
        assert not visit.complaints


def test_the_chart_tells_every_value_and_hides_what_is_not_wanted(visit: Visit) -> None:
    visit.go("/charts/265598?indicators=standard")
    card = visit.page.locator("#candles")
    expect(card).to_have_attribute("data-drawn", re.compile(r"\d+"))
    before = visit.page.locator("#candles-legend p").inner_text()
    box = visit.page.locator("#candles-chart").bounding_box()
    assert box is not None
    visit.page.mouse.move(box["x"] + box["width"] / 3, box["y"] + 80)
    expect(visit.page.locator("#candles-legend p")).not_to_have_text(before)
    first = visit.page.locator("#candles-legend button").first
    first.click()
    expect(first).to_have_attribute("aria-pressed", "false")
    visit.page.mouse.wheel(0, -400)
    assert not visit.complaints
