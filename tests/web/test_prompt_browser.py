"""A person writes a prompt in a real browser: completion, preview on yesterday's chart, labels; and what the
next runs are sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.test_browser import Visit, visiting
from tests.web.world import World, live_a_week, open_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PICTURES = Path(__file__).parents[2] / "build" / "screenshots"


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """A picture is drawn and a run decided between two looks: on a busy machine that is longer than the usual
    five seconds."""
    expect.set_options(timeout=60_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[World]:
    """A desk after a week that nobody else looks at."""
    with open_world(tmp_path) as world:
        live_a_week(world)
        yield world


def decide(world: World, day: int) -> list[tuple[str, str]]:
    """The morning of a day in October: every strategy decides. Prompts in the lineage, and why those."""
    world.at(datetime(2012, 10, day, 13, 0, tzinfo=UTC))
    found = []
    for run in world.desk.schedules.tick():
        world.pipeline.execute(run)
        with world.desk.transactions.read() as t:
            asked = world.desk.runs.story(t, run).question
            if asked is None:
                continue
            graph = world.desk.lineage.graph(t, f"signal:{run}")
        [prompt] = [node.entity for node in graph.nodes if node.kind == "prompt"]
        found.append((prompt, asked.rendered.reason))
    assert found
    return found


def write_a_sentence(visit: Visit) -> None:
    """With completion, seen as it would be sent on the newest decision, with its picture."""
    page = visit.page
    visit.go("/prompts/chart-analyst/new")
    body = page.locator(".CodeMirror").nth(1)
    expect(body.locator(".cm-keyword").first).to_be_visible()
    body.locator(".CodeMirror-code").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("Be brief about {{ volat")
    hint = page.locator(".CodeMirror-hint", has_text="volatility")
    expect(hint).to_be_visible()
    hint.click()
    # The editor takes the focus back a moment after the click; what is typed before that goes nowhere.
    expect(body).to_contain_text("Be brief about {{ volatility")
    expect(body.locator(".CodeMirror-code")).to_be_focused()
    page.keyboard.type(" }}.")
    expect(body).to_contain_text("Be brief about {{ volatility }}.")
    page.get_by_label("Shown on").select_option(index=1)
    sent = page.locator("#rehearsal")
    page.get_by_role("button", name="Show as sent").click()
    expect(sent.locator("pre.diff .gain", has_text="+Be brief about 0.0")).to_be_visible()
    expect(sent.locator("img.picture.sent").first).to_be_visible()
    shown = page.evaluate("() => [...document.querySelectorAll('img.sent')].map((one) => one.naturalWidth)")
    assert shown
    assert min(shown) > 500
    page.screenshot(path=PICTURES / "prompt-editor.png", full_page=True)


def test_a_prompt_is_edited_compared_previewed_labelled_and_rolled_back(browser: Browser, own: World) -> None:
    with visiting(browser, own) as visit:
        page = visit.page
        write_a_sentence(visit)
        page.get_by_label("Why this version?").fill("Brevity")
        page.get_by_role("button", name="Keep this version").click()
        page.wait_for_url("**/prompts/chart-analyst?version=2")
        expect(page.locator("pre.diff .gain", has_text="+Be brief about {{ volatility }}.")).to_be_visible()
        assert set(decide(own, 9)) == {("chart-analyst@1", "label live")}

        page.get_by_label("Label", exact=True).select_option("live")
        page.get_by_label("because").fill("shorter")
        page.get_by_role("button", name="to v2").click()
        expect(page.get_by_role("status")).to_have_text("The label live now points to version 2.")
        assert set(decide(own, 10)) == {("chart-analyst@2", "label live")}

        page.get_by_role("button", name="Preview").click()
        expect(page.locator("#rehearsal pre", has_text="Be brief about 0.0").first).to_be_visible()
        page.screenshot(path=PICTURES / "prompt-preview.png", full_page=True)
        visit.go("/prompts/chart-analyst")
        page.get_by_role("button", name="Ask the model").click()
        expect(page.get_by_role("heading", name="Then")).to_be_visible()
        expect(page.get_by_text("RULES, not AI").first).to_be_visible()
        page.screenshot(path=PICTURES / "prompt-test.png", full_page=True)

        visit.go("/prompts/chart-analyst")
        page.get_by_role("button", name="Roll back live").click()
        expect(page.get_by_role("status")).to_contain_text("live points to version 1 again")
        page.screenshot(path=PICTURES / "prompt-show.png", full_page=True)
        assert set(decide(own, 11)) == {("chart-analyst@1", "label live")}
        page.set_viewport_size({"width": 390, "height": 800})
        page.screenshot(path=PICTURES / "prompt-show-phone.png", full_page=True)
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= 390
        visit.go("/prompts?q=chart&kind=combined&label=live")
        expect(page.get_by_role("link", name="chart-analyst").first).to_be_visible()
        page.screenshot(path=PICTURES / "prompts-list.png", full_page=True)
        assert visit.complaints == []


def test_what_is_wrong_is_told_while_it_is_written(browser: Browser, own: World) -> None:
    with visiting(browser, own) as visit:
        page = visit.page
        visit.go("/prompts/new")
        page.locator(".CodeMirror").nth(0).locator(".CodeMirror-code").click()
        page.keyboard.type("Read.")
        page.locator(".CodeMirror").nth(1).locator(".CodeMirror-code").click()
        page.keyboard.type("{{ next_close }")
        page.keyboard.type("}")
        expect(page.locator("#rehearsal")).to_contain_text("'next_close' looks ahead")
        page.locator("summary", has_text="contract").click()
        page.get_by_role("button", name="company", exact=True).click()
        expect(page.locator(".CodeMirror").nth(1)).to_contain_text("{{ company }}")
        assert visit.complaints == []


def test_two_people_who_edit_at_once_see_what_the_other_saved(browser: Browser, own: World) -> None:
    """R-12."""
    with visiting(browser, own) as visit:
        page = visit.page
        visit.go("/prompts/chart-analyst/new")
        with own.desk.transactions.begin() as t:
            newest = own.desk.prompts.versions(t, "chart-analyst")[-1]
            own.desk.prompts.revise(t, "chart-analyst", newest.system, "{{ symbol }} theirs", "", "bob")
        page.locator(".CodeMirror").nth(1).locator(".CodeMirror-code").click()
        page.keyboard.type("Mine. ")
        page.get_by_role("button", name="Keep this version").click()
        expect(page.get_by_role("alert")).to_contain_text("was saved after you opened version 1")
        expect(page.locator("pre.diff .loss", has_text="-{{ symbol }} theirs")).to_be_visible()
