"""`glassdesk halt` on a desk of which only the dealer is up: no page, worker, queue or model (T-50)."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from glassdesk.adapters.simulation import ControlPlane
from glassdesk.composition.ground import Ground, open_ground
from glassdesk.composition.reading import reading_desk
from glassdesk.composition.simulation import start_simulator
from glassdesk.desk import Desk
from glassdesk.settings import load
from glassdesk.workflow.orders.bracket import bracket
from glassdesk.workflow.orders.model import IntentState
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.signals.model import Action
from tests.faults.reserving import a_decision, a_run, reserved
from tests.journeys import stage
from tests.workflow.dealing.makers import a_strategy

pytestmark = [pytest.mark.process, pytest.mark.slow]

MORNING = datetime(2012, 10, 1, 14, 0, tzinfo=UTC)
"""Half an hour after the open in New York."""
AAPL, IBM, MSFT = (stage.CONIDS[symbol] for symbol in ("AAPL", "IBM", "MSFT"))
PRICES = {AAPL: Decimal(667), IBM: Decimal(209), MSFT: Decimal(30)}
"""Of that morning, about."""
SHARES = {AAPL: 10, IBM: 10, MSFT: 40}
SECOND = timedelta(seconds=1)
PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """A desk whose dealer is its only process. Time passes when the test says so."""

    home: Path
    ground: Ground
    desk: Desk
    control: ControlPlane

    def passes(self, span: timedelta) -> None:
        """Market time goes on."""
        self.control.advance_to(self.control.now() + span)

    def decides(self, conid: int, *, away: int = 0) -> str:
        """A worker that is gone again left an entry, so many dollars below the market; answers its intent."""
        price = PRICES[conid]
        limit = price * Decimal("1.004") - away
        run = a_run(self.desk, self.ground.stores, conid, Action.BUY)
        terms = {"reference_close": price, "atr": Decimal(20), "entry_high": limit}
        decision = a_decision(self.desk, run, conid, SHARES[conid], 300, terms)
        reservation = reserved(self.desk, run, bracket(decision, stop=price - price // 20, target=None))
        self.control.poke()
        return reservation.intents[0].intent

    def intent(self, identity: str) -> IntentState:
        with self.desk.transactions.read() as t:
            return self.desk.orders.intent(t, identity)[1]

    def level(self) -> HaltLevel:
        with self.desk.transactions.read() as t:
            return self.desk.risk.halt(t).level

    def live(self, conid: int) -> list[tuple[str, int]]:
        """Kind and rest of every order that lives at the broker, by its own account."""
        rows = [row for row in self.control.truth("orders") if row["conid"] == conid and alive(row["status"])]
        return sorted((str(row["kind"]), int(row["remaining"])) for row in rows)

    def says(self, *words: str) -> stage.Told:
        return stage.glassdesk(*words, "--home", str(self.home), cwd=self.home)


def alive(status: object) -> bool:
    return status in ("PreSubmitted", "Submitted", "PendingSubmit")


def soon(holds: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.05)


@contextmanager
def a_dealer(home: Path, control: ControlPlane) -> Iterator[subprocess.Popen[str]]:
    """`glassdesk dealer`, in the round of those who wait for market time."""
    dealer = stage.start("dealer", "--home", str(home), cwd=home)
    try:
        soon(lambda: dealer.poll() is not None or control.clock()["participants"])
        yield dealer
    finally:
        dealer.terminate()
        out, err = dealer.communicate(timeout=PATIENCE)
        assert dealer.returncode == 0, out + err


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Alone]:
    for name in [name for name in os.environ if name.startswith("GLASSDESK_")]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    settings = load(home)
    control = ControlPlane(start_simulator(settings, speed=None))
    try:
        control.pause()
        control.advance_to(MORNING)
        control.sign_in()
        with (
            a_dealer(home, control),
            open_ground(settings) as ground,
            reading_desk(ground) as desk,
        ):
            with desk.transactions.begin() as t:
                ground.stores.strategies.add_version(t, a_strategy())
            yield Alone(home=home, ground=ground, desk=desk, control=control)
    finally:
        control.close()
        stage.Home(folder=home).end_simulator()


def test_the_red_button_with_only_a_dealer_up_leaves_every_stop_live_and_resume_wants_a_reason(
    alone: Alone,
) -> None:
    alone.passes(15 * SECOND)
    alone.decides(AAPL)
    alone.passes(30 * SECOND)
    alone.decides(IBM, away=5)
    alone.passes(10 * SECOND)
    assert alone.live(AAPL) == [("LMT", 10), ("STP", 10)]
    assert alone.live(IBM) == [("LMT", 10), ("LMT", 10), ("STP", 10)]

    halted_at, accepted = alone.control.now(), len(alone.control.truth("orders"))
    assert alone.says("halt", "--reason", "a drill").code == 0
    alone.passes(5 * SECOND)
    assert alone.control.now() - halted_at <= 5 * SECOND
    assert alone.live(AAPL) == [("LMT", 10), ("STP", 10)]
    assert alone.live(IBM) == []
    denied = alone.decides(MSFT)
    alone.passes(10 * SECOND)
    assert alone.intent(denied) is IntentState.DENIED
    assert len(alone.control.truth("orders")) == accepted

    refused = alone.says("resume")
    assert refused.code == 2
    assert "--reason" in refused.complaint
    assert alone.level() is HaltLevel.HALT_CANCEL_ENTRIES
    assert alone.says("resume", "--reason", "looked at it", "--yes").code == 0
    alone.decides(MSFT)
    alone.passes(10 * SECOND)
    assert alone.live(MSFT) == [("LMT", 40), ("STP", 40)]

    # A sentinel that nobody can read is a halt.
    (alone.home / "halt.json").write_bytes(b"\x00\xff")
    alone.passes(10 * SECOND)
    unread = alone.decides(IBM)
    alone.passes(10 * SECOND)
    assert (alone.level(), alone.intent(unread)) == (HaltLevel.HALT, IntentState.DENIED)
    assert alone.live(AAPL) == [("LMT", 10), ("STP", 10)]
