"""`python -m tests.tour`: plays a fortnight of an invented market on the simulator and pictures the pages
into `docs/pictures`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pyvips
from playwright.sync_api import Page, sync_playwright

from glassdesk.adapters.bundles.strategies import load_strategy
from glassdesk.adapters.simulation import ControlPlane, start_or_attach
from glassdesk.cli.embedded import Embedded, open_embedded
from glassdesk.composition.simulation import end_simulator
from glassdesk.desk import Desk
from glassdesk.settings import load
from glassdesk.web.serving import serve_web
from glassdesk.workflow.orders.model import IntentState
from tests.soak import market
from tests.soak.__main__ import wait_until_ready
from tests.web.conftest import CHROMIUM, QUIET

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PASSWORD = "a password of the tour"
MOST_DAYS = 25
MOST_BYTES = 150_000
WIDE, HIGH = 1280, 860
TALL = {"strategy-form": 1500, "indicators": 1750}
BEFORE_THE_OPEN = timedelta(minutes=15)

SWING = """
name: swing
description: Dips of a list of symbols; a person approves each entry.
watchlist: swing
bars: {size: 1d, history: 120, weekly: true}
indicators:
- {kind: sma, length: 20}
- {kind: sma, length: 5}
- {kind: rsi, length: 2}
- {kind: atr, length: 14}
chart: {bars: 90}
prompt: {name: chart-analyst, label: live}
analyst: rules
budget: {per_day: 1, per_month: 15, per_question: 0.05}
signal: {rule: rsi2_reversion, params: {trend: 20, low: 40, high: 70, exit: 5}}
timing: {cron: 0 9 * * 1-5, zone: America/New_York, exchange: XNYS, enter_after_open: 5, enter_before: 60}
exits: {stop_atr: 1.5, target_atr: 2}
rank: r_multiple
approval: all
no_entry: [2012-07-03, 2012-12-24]
"""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tour")
    parser.add_argument("--out", type=Path, default=PICTURES, help="where the pictures go")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        settings = load(home, simulator_start=market.START)
        endpoint = start_or_attach(home, start=market.START, seed=market.SEED, tape=market.TAPE)
        control = ControlPlane(endpoint)
        try:
            with open_embedded(settings) as running:
                _play(running, control, given.out)
        finally:
            control.close()
            end_simulator(home)
    return 0


def _play(running: Embedded, control: ControlPlane, out: Path) -> None:
    with running.ground.clock.working("tour", "person"):
        control.sign_in()
        running.start()
        wait_until_ready(running)
        take_in(running.desk)
        for _ in range(MOST_DAYS):
            if _worth_seeing(running):
                break
        control.pause()
        _picture_all(running, out)


def take_in(desk: Desk) -> None:
    """The strategies of the soak, and one that trades a list with a person's consent."""
    market.take_in(desk)
    found = [match.chosen for match in desk.watchlists.match(" ".join(_free(desk)))]
    with desk.transactions.begin() as t:
        desk.watchlists.save(t, "swing", [one for one in found if one], "owner")
    swing = load_strategy(
        SWING, file="swing.yaml", account=desk.account, resolve=partial(market.resolved, desk)
    )
    with desk.transactions.begin() as t:
        desk.strategies.create(t, swing, author="owner", message="a list instead of symbols")
        desk.strategies.enable(t, "swing", "owner")


def _free(desk: Desk) -> list[str]:
    """Symbols of the tape that nobody trades yet."""
    taken = {symbol for symbol, _ in market.STRATEGIES} | {market.BY_HAND}
    return [symbol for symbol in market.symbols() if symbol not in taken][:8]


def _worth_seeing(running: Embedded) -> bool:
    """A day further: something is held, and something waits for a person before the open."""
    desk, clock = running.desk, running.ground.clock
    hours = desk.contracts.next_session("XNYS", clock.now() + BEFORE_THE_OPEN)
    clock.wait_until(hours.opens_at - BEFORE_THE_OPEN)
    if running.failure is not None:
        raise running.failure
    with desk.transactions.read() as t:
        waiting = desk.orders.intents(t, states=[IntentState.AWAITING_APPROVAL])
        held = desk.positions.held(t, desk.account)
    return len(held) >= 2 and len(waiting) >= 2


def _picture_all(running: Embedded, out: Path) -> None:
    with signed_in(running) as (page, base):
        for name, path in _pages(running.desk).items():
            page.goto(base + path)
            page.wait_for_timeout(900)
            page.set_viewport_size({"width": WIDE, "height": TALL.get(name, HIGH)})
            page.wait_for_timeout(300)
            shrunk = smaller(page.screenshot())
            (out / f"{name}.png").write_bytes(shrunk)
            sys.stdout.write(f"{name}: {len(shrunk)} bytes\n")


@contextmanager
def signed_in(running: Embedded) -> Iterator[tuple[Page, str]]:
    """A browser in which the owner has signed in, and the address of the pages."""
    with (
        serve_web(running.ground, running.desk, port=0) as served,
        sync_playwright() as playwright,
        closing(playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)) as browser,
    ):
        page = browser.new_page(viewport={"width": WIDE, "height": HIGH}, color_scheme="light")
        page.goto(served.link)
        for box in page.locator("[type=password]").all():
            box.fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{served.url}/")
        yield page, served.url


def _pages(desk: Desk) -> dict[str, str]:
    with desk.transactions.read() as t:
        held = desk.positions.held(t, desk.account)[0]
        entry = next(one for one in desk.orders.orders(t, run=held.opened_by_run) if one.parent is None)
    return {
        "home": "/",
        "symbols": "/contracts",
        "watchlist": "/watchlists/swing",
        "indicators": "/indicators/momentum",
        "strategy-form": "/strategies/new?base=swing",
        "strategy": "/strategies/swing",
        "chart": f"/charts/{held.conid}",
        "run": f"/runs/{entry.run}",
        "approvals": "/approvals",
        "orders": "/orders",
        "portfolio": "/portfolio",
        "risk": "/risk",
        "lineage": f"/lineage/order:{entry.order}",
    }


def smaller(png: bytes) -> bytes:
    """The picture in as many colours as fit into the size allowed. Raises ValueError where none does."""
    image = pyvips.Image.pngload_buffer(png)
    packed = (
        bytes(image.pngsave_buffer(palette=True, bitdepth=depth, compression=9, keep="none"))
        for depth in (8, 4, 2)
    )
    found = next((one for one in packed if len(one) <= MOST_BYTES), None)
    if found is None:
        raise ValueError(f"more than {MOST_BYTES} bytes, also in four colours")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
