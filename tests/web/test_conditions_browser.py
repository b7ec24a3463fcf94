"""Conditions in a real browser: rows that grow while one types, and a page that fits a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.web.test_browser import LOOKS, PICTURES, visiting
from tests.web.world import World, furnish

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_condition_is_stated_by_choosing_tried_at_once_and_kept(browser: Browser, world: World) -> None:
    furnish(world)
    with visiting(browser, world) as visit:
        visit.go("/strategies/new?base=trend")
        page = visit.page
        page.locator("#f-buy0-left").select_option("rsi_14")
        page.locator("#f-buy0-relation").select_option("below")
        expect(page.locator("#f-buy1-left")).to_be_visible()
        page.locator("#f-buy0-right").fill("smaa_20")
        page.locator("#f-buy0-right").press("Tab")
        expect(page.locator("#e-buy0-left")).to_contain_text("did you mean sma_20")
        page.locator("#f-buy0-right").fill("70")
        page.locator("#f-buy0-right").press("Tab")
        expect(page.locator("#e-buy0-left")).to_be_empty()
        expect(page.locator(".tried")).to_contain_text("of the last year's")
        assert page.locator(".past .buy").count() > 0
        for look, width, theme in LOOKS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            PICTURES.mkdir(parents=True, exist_ok=True)
            page.locator("#conditions").screenshot(path=PICTURES / f"conditions-{look}.png")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_role("button", name="Keep this version").click()
        page.wait_for_url("**/strategies/trend")
        expect(page.locator("main")).to_contain_text("only when rsi_14 below 70")
        assert not visit.complaints
