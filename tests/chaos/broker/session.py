"""The brokerage session of the model: lost, mended, signed in again; each new one lists nothing at first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from glassdesk.kernel.errors import SessionNotReady
from glassdesk.workflow.session.model import Account, SessionState, SessionStatus
from tests.chaos.dice import Dice, Fault
from tests.chaos.scheduler import Scheduler

MENDABLE = (SessionState.NO_BRIDGE, SessionState.HALF_READY)


class ModelSession:
    """Implements `BrokerSession`."""

    login_url = "https://localhost:5000"

    def __init__(self, account: str, scheduler: Scheduler, dice: Dice) -> None:
        self._account = account
        self._scheduler = scheduler
        self._dice = dice
        self.state = SessionState.READY
        self.blank_lists = 1
        """So many readings of the order list say nothing yet [F-40]."""
        self.epochs = 1

    def status(self, *, seen_at: datetime) -> SessionStatus:
        self._scheduler.sleep(self._dice.seconds("latency", 0.02, 0.2))
        return SessionStatus(state=self.state, seen_at=seen_at)

    def keep_alive(self, *, seen_at: datetime) -> SessionStatus:
        return self.status(seen_at=seen_at)

    def repair(self, *, seen_at: datetime, compete: bool = False) -> SessionStatus:
        if self.state in MENDABLE or (compete and self.state is SessionState.COMPETING):
            self._begin()
        return self.status(seen_at=seen_at)

    def accounts(self) -> Sequence[Account]:
        self.need_ready()
        return (Account(account=self._account, is_paper=True),)

    def logout(self) -> None:
        self.state = SessionState.SIGNED_OUT
        self._returns()

    def need_ready(self) -> None:
        """Raises `SessionNotReady`."""
        if self.state is not SessionState.READY:
            raise SessionNotReady(f"the session is {self.state.value}")

    # ------------------------------------------------------------ what happens to it

    def tick(self) -> None:
        """Now and then it is lost."""
        if self.state is SessionState.READY and self._dice.strikes(Fault.SESSION_LOST, "session"):
            self.lose()

    def lose(self) -> None:
        """It is gone until it is repaired, or a person signs in."""
        kinds = (SessionState.NO_BRIDGE, SessionState.SIGNED_OUT, SessionState.UNREACHABLE)
        self.state = self._dice.stream("session").choice(kinds)
        if self.state is not SessionState.NO_BRIDGE:
            self._returns()

    def _returns(self) -> None:
        """After a while a person signs in, or the gateway answers again."""

        def back() -> None:
            if self.state is not SessionState.READY:
                self._begin()

        self._scheduler.at(self._scheduler.now + self._dice.seconds("session", 20, 240), back)

    def _begin(self) -> None:
        self.state = SessionState.READY
        self.epochs += 1
        self.blank_lists = self._dice.stream("session").randrange(1, 3)
