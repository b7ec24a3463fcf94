"""The session as a page shows it: the steps of sign-in, whose clock runs, what rests at the broker."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from glassdesk.desk import Desk
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.findings import Probe
from glassdesk.workflow.dealing.model import Command, CommandKind
from glassdesk.workflow.orders.switches import NAMES, Switches
from glassdesk.workflow.positions.protection import Protection
from glassdesk.workflow.schedules.sign_in import SignInNeed
from glassdesk.workflow.session.clocks import Reset
from glassdesk.workflow.session.guide import TAKE_OVER, Guide
from glassdesk.workflow.session.model import (
    Account,
    AccountProof,
    GatewayLook,
    GatewayProcess,
    PaidBy,
    SessionState,
    SessionStatus,
)
from glassdesk.workflow.session.port_forward import port_forward


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeView:
    """What is known of the broker's behaviour on this account (`T-60`)."""

    last: Probe | None
    running: Probe | None
    switches: Switches
    names: tuple[str, ...] = NAMES

    @property
    def in_force(self) -> bool:
        """A probe of the last thirty days answered what decides how orders are sent."""
        return self.switches.proven_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """One look, at one instant of market time."""

    status: SessionStatus | None
    epoch: int
    guide: Guide
    next_sign_in: datetime | None
    next_reset: Reset | None
    need: SignInNeed | None
    stops: Sequence[Protection]
    accounts: Sequence[Account]
    proof: AccountProof | None
    paid_by: PaidBy
    process: GatewayProcess | None
    commands: Sequence[Command]
    probe: ProbeView | None
    port_forward: str
    """The ssh line for a browser on another machine than the gateway."""

    @property
    def competing(self) -> bool:
        """Another session has the username, or the broker wants its place taken [F-05, F-06]."""
        if self.status is None:
            return False
        return self.status.state is SessionState.COMPETING or "compete" in self.status.message.lower()

    @property
    def taking_over(self) -> Command | None:
        """A take-over that the dealer has not done yet: there is one, not two."""
        asked = (c for c in self.commands if c.kind is CommandKind.SESSION_LOGIN and c.argument)
        return next((command for command in asked if command.done_at is None), None)

    @property
    def take_over(self) -> tuple[str, ...]:
        """What a person must know before the username is taken from another session."""
        return TAKE_OVER


def look_of(desk: Desk, now: datetime) -> GatewayLook | None:
    """A look at the gateway where the dealer's last one does not tell; outside any transaction."""
    with desk.transactions.read() as t:
        status = desk.session.status(t)
    return desk.session.look(status, now)


def session_view(desk: Desk, t: Transaction, now: datetime, look: GatewayLook | None) -> SessionView:
    """Everything the session page says."""
    session = desk.session
    return SessionView(
        status=session.status(t),
        epoch=session.epoch(t),
        guide=session.guide(t, now, look),
        next_sign_in=session.next_sign_in(t, now),
        next_reset=session.next_reset(now),
        need=desk.sign_in.need(t, now),
        stops=desk.sign_in.stops(t),
        accounts=session.accounts(t),
        proof=session.proof(t, desk.account, desk.account_kind),
        paid_by=session.paid_by(t, desk.account),
        process=session.process(),
        commands=desk.dealing.recent(t),
        probe=_probe(desk, t),
        port_forward=_port_forward(session.login_url),
    )


def _probe(desk: Desk, t: Transaction) -> ProbeView | None:
    """Nothing on a simulated account: there the simulator tells."""
    if desk.account_kind is AccountKind.SIMULATED:
        return None
    probes = desk.probes
    return ProbeView(last=probes.last(t), running=probes.unfinished(t), switches=probes.in_force(t))


def _port_forward(url: str) -> str:
    # A page does not know where its reader sits: the line is offered, as for a machine without a screen.
    environment = {k: v for k, v in os.environ.items() if k == "SSH_CONNECTION"}
    return port_forward(url, environment, user=getpass.getuser(), host=socket.gethostname(), screen=False)
