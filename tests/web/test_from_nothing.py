"""From an empty desk to a strategy that runs, in a browser: at most twelve clicks, and typing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.web.test_browser import PICTURES, Visit, visiting
from tests.web.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_CLICKS = 12
SLOT = datetime(2012, 10, 1, 13, 0, tzinfo=UTC)


class Hand:
    """Clicks and counts."""

    def __init__(self, visit: Visit) -> None:
        self.page, self.clicks = visit.page, 0

    def click(self, there: Locator) -> None:
        self.clicks += 1
        there.click()

    def press(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name, exact=True).first)

    def choose(self, label: str, option: str) -> None:
        self.clicks += 1
        self.page.get_by_label(label, exact=True).select_option(option)

    def type(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)


def test_a_strategy_is_made_from_nothing_and_seen_to_run(browser: Browser, world: World) -> None:
    with world.desk.transactions.begin() as t:
        world.desk.prompts.seed(t)
    world.dealer.turn()
    with visiting(browser, world) as visit:
        hand = Hand(visit)
        hand.follow("Watchlists")
        hand.follow("New list")
        hand.type("Name", "large-caps")
        hand.type("Tickers", "AAPL, MSFT\nSPY")
        hand.press("Look up")
        hand.press("Keep the list")
        hand.follow("New strategy with it")
        hand.type("Name", "morning")
        hand.choose("Indicator set", "standard")
        hand.choose("Prompt", "chart-analyst")
        hand.press("before the open")
        hand.type("Stop", "2.5")
        hand.type("Target", "4")
        hand.choose("Preset", "careful")
        expect(visit.page.locator("#preview")).to_contain_text("Nothing is wrong")
        expect(visit.page.locator("#preview")).to_contain_text("At worst, by its limits")
        visit.page.screenshot(path=PICTURES / "from-nothing-form-wide-light.png", full_page=True)
        hand.press("Keep this version")
        hand.press("Enable")
        expect(visit.page.get_by_role("button", name="Disable", exact=True)).to_be_visible()
        _slot(world)
        hand.follow("Runs")
        assert hand.clicks <= MOST_CLICKS
        for symbol in ("AAPL", "MSFT", "SPY"):
            expect(visit.page.get_by_role("row").filter(has_text=symbol).first).to_contain_text("morning")
        visit.page.screenshot(path=PICTURES / "from-nothing-runs-wide-light.png", full_page=True)
        assert not visit.complaints


def _slot(world: World) -> None:
    world.at(SLOT)
    runs = world.desk.schedules.tick()
    assert len(runs) == 3
    for run in runs:
        world.pipeline.execute(run)
