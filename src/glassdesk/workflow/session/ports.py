"""What the session step needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.session.model import Account, GatewayLook, GatewayProcess, SessionStatus


class BrokerSession(Protocol):
    """The brokerage session. No method raises for a session that is down: the status says it."""

    login_url: str
    """Where a person signs in; the product fills in no credentials."""

    def status(self, *, seen_at: datetime) -> SessionStatus:
        """One look, without side effects."""
        ...

    def repair(self, *, seen_at: datetime, compete: bool = False) -> SessionStatus:
        """Initialise the brokerage session once [`ssodh/init`] and re-prime the accounts. Callers space the
        calls."""
        ...

    def keep_alive(self, *, seen_at: datetime) -> SessionStatus:
        """Tickle once."""
        ...

    def accounts(self) -> Sequence[Account]:
        """Accounts of the login; primes orders, trades and snapshots [F-11]. Raises `SessionNotReady`."""
        ...

    def logout(self) -> None:
        """End the session at the broker."""
        ...


class Gateway(Protocol):
    """What stands at the gateway's address."""

    supervised: bool
    """True where this desk starts and watches the gateway itself (`gateway_dir`)."""

    def process(self) -> GatewayProcess | None:
        """The supervised gateway's process; `None` where no desk watches one."""
        ...

    def look(self) -> GatewayLook:
        """One look from this machine, within about two seconds; sends no request, raises nothing."""
        ...


class SessionStore(Protocol):
    """The last status and the epoch, for pages and other processes."""

    def put_status(self, t: Transaction, status: SessionStatus, *, epoch: int) -> None:
        """Replace the last status; `epoch` counts brokerage sessions of this desk."""
        ...

    def status(self, t: Transaction) -> tuple[SessionStatus, int] | None:
        """The last status and its epoch, `None` before the first look."""
        ...

    def put_accounts(self, t: Transaction, accounts: Sequence[Account]) -> None:
        """Replace the accounts of the login."""
        ...

    def accounts(self, t: Transaction) -> Sequence[Account]:
        """The accounts last seen."""
        ...
