"""The dealer's pulse and the heartbeat, around its turns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from glassdesk.adapters.notify.heartbeat import HeartbeatAddress
from glassdesk.composition.beside import Beside
from glassdesk.composition.ground import Ground
from glassdesk.composition.trading import FilingDealer
from glassdesk.desk import Desk
from glassdesk.settings import Settings
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.operations.heart import BEAT_SECONDS, Heart
from glassdesk.workflow.operations.pulse import Pulse

LOOK_SECONDS = 15.0
"""How often another process feels the pulse."""


class BeatingDealer:
    """A dealer whose turns are felt."""

    def __init__(self, dealer: FilingDealer, pulse: Pulse, heart: Heart) -> None:
        self._dealer = dealer
        self._pulse = pulse
        self._heart = heart

    def turn(self) -> datetime | None:
        """One turn, and the word of it."""
        due = self._dealer.turn()
        self._heart.turned(reigns=self._dealer.reigns, whole=self._dealer.watched)
        self._pulse.turned(reigns=self._dealer.reigns)
        return due


@contextmanager
def beating(ground: Ground, desk: Desk, dealer: FilingDealer) -> Iterator[BeatingDealer]:
    """The dealer with its pulse; the address of the settings is told while the block lasts."""
    address = _address(ground.settings)
    heart = Heart(ground.stopwatch, address.send if address is not None else lambda _: None)
    beats = Beside("heartbeat", heart.beat, seconds=BEAT_SECONDS)
    if address is not None:
        beats.start()
    try:
        yield BeatingDealer(dealer, desk.operations.pulse, heart)
    finally:
        if address is not None:
            beats.stop()


@contextmanager
def feeling(desk: Desk) -> Iterator[None]:
    """Feel the pulse of a dealer elsewhere, or on another thread, while the block lasts. Who finds it quiet
    sends alarms too: whoever else should may be gone."""

    def look() -> None:
        if desk.operations.pulse.look():
            desk.notifications.dispatch(only=Severity.ALARM)

    felt = Beside("pulse", look, seconds=LOOK_SECONDS)
    felt.start()
    try:
        yield
    finally:
        felt.stop()


def _address(settings: Settings) -> HeartbeatAddress | None:
    if settings.heartbeat_url is None:
        return None
    fail = settings.heartbeat_fail_url
    return HeartbeatAddress(
        settings.heartbeat_url.get_secret_value(), fail.get_secret_value() if fail else ""
    )
