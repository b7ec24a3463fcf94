"""What the dealer answers to a wish: it reads wishes at its next turn, within a second."""

from __future__ import annotations

from glassdesk.cli.show import working
from glassdesk.desk import Desk
from glassdesk.kernel.errors import Conflict, Unavailable
from glassdesk.workflow.dealing.model import Command

LOOK_SECONDS, PATIENCE_SECONDS = 0.2, 60.0
REFUSED = "refused: "


def answered(desk: Desk, wish: Command) -> Command:
    """The wish once it is done. Raises `Conflict` where the dealer refused it, `Unavailable` where it did not
    answer in time: the wish stands, and is done when it can be."""
    began = desk.stopwatch.seconds()
    with working("waiting for the dealer"):
        while True:
            with desk.transactions.read() as t:
                found = desk.dealing.answer(t, wish.command)
            if found.done_at is not None:
                break
            if desk.stopwatch.seconds() - began >= PATIENCE_SECONDS:
                raise Unavailable(
                    _why(desk), where="dealer", remedy="the wish stands and is done when it can be"
                )
            desk.stopwatch.pause(LOOK_SECONDS)
    if found.result.startswith(REFUSED):
        raise Conflict(found.result.removeprefix(REFUSED))
    return found


def _why(desk: Desk) -> str:
    with desk.transactions.read() as t:
        status = desk.session.status(t)
    if status is None or not status.ready:
        return "no answer: the brokerage session is not ready"
    return "no answer: is `glassdesk up` or `glassdesk dealer` running?"
