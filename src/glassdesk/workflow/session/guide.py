"""Sign-in step by step: what is done, what is missing now, and what a person does about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.session.gateway_words import certificate_missing, gateway_missing
from glassdesk.workflow.session.model import (
    Account,
    AccountProof,
    GatewayLook,
    SessionState,
    SessionStatus,
)

NEW_YORK = ZoneInfo("America/New_York")
STALE = timedelta(minutes=3)
"""The dealer looks every minute; after three its last look says nothing about now."""

TAKE_OVER = (
    "Whoever signs in last wins: TWS, IBKR Mobile, Client Portal or another gateway has this username now.",
    "Stops and targets that rest at IBKR stay there, whoever is signed in.",
    "A take-over throws the other session out: a person at TWS or on the phone loses it at once.",
    "The desk does not do it by itself unless GLASSDESK_SESSION_TAKE_OVER is set; asked, it tries once.",
    "A second username for the desk, which IBKR gives for the same account, ends this for good.",
)
"""What a person must know before the username is taken from another session [F-05]."""


class StepState(StrEnum):
    DONE = "done"
    NOW = "now"
    """What is missing: the one thing to look at."""
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step on the way to a ready session. `problem` is a word for programs, empty unless it is `now`."""

    name: str
    title: str
    state: StepState
    problem: str = ""
    detail: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """All steps, in order."""

    steps: tuple[Step, ...]
    login_url: str

    @property
    def ready(self) -> bool:
        """Every step is done."""
        return all(step.state is StepState.DONE for step in self.steps)

    @property
    def missing(self) -> Step | None:
        """The step that is missing now."""
        return next((step for step in self.steps if step.state is StepState.NOW), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the guide is made from: the dealer's last look, a look at the gateway, the accounts."""

    now: datetime
    status: SessionStatus | None
    look: GatewayLook | None
    """`None` where the dealer reaches the gateway, so that nobody else had to look."""
    accounts: Sequence[Account]
    proof: AccountProof | None
    account: str
    kind: AccountKind
    login_url: str
    supervised: bool
    """The desk starts the gateway itself."""
    simulated: bool = False
    """Simulated time leaps: the age of a look says nothing."""

    @property
    def state(self) -> SessionState | None:
        """The dealer's last look; `None` where there is none that counts."""
        if self.status is None or (not self.simulated and self.now - self.status.seen_at > STALE):
            return None
        return self.status.state

    @property
    def reached(self) -> bool:
        """The dealer spoke to a gateway that it trusts: in a reset nobody knows without a look."""
        return self.state not in (None, SessionState.UNREACHABLE, SessionState.RESETTING)


Missing = tuple[str, str, str]
"""A word for programs, what is missing, and what to do about it."""


def guide(facts: Facts) -> Guide:
    """The steps as they stand: done up to the first that is missing, later after it."""
    steps: list[Step] = []
    blocked = False
    for name, title, check in _STEPS:
        missing = None if blocked else check(facts)
        state = StepState.LATER if blocked else StepState.NOW if missing else StepState.DONE
        problem, detail, remedy = missing or ("", "", "")
        steps.append(Step(name=name, title=title, state=state, problem=problem, detail=detail, remedy=remedy))
        blocked = blocked or missing is not None
    return Guide(steps=tuple(steps), login_url=facts.login_url)


def eastern(instant: datetime) -> str:
    """`09:00 ET`: the exchange's clock."""
    return f"{instant.astimezone(NEW_YORK):%H:%M} ET"


def _gateway(facts: Facts) -> Missing | None:
    if facts.reached or facts.look is None:
        return None
    simulated = facts.kind is AccountKind.SIMULATED
    return gateway_missing(facts.look, supervised=facts.supervised, simulated=simulated)


def _certificate(facts: Facts) -> Missing | None:
    if facts.reached or facts.look is None:
        return None
    return certificate_missing(facts.look)


def _desk(facts: Facts) -> Missing | None:
    if facts.state is None:
        seen = facts.status
        last = f"it looked last at {eastern(seen.seen_at)}" if seen else "it has never looked"
        return (
            "desk_not_running",
            f"The dealer does not look at the gateway: {last}.",
            "start `glassdesk up` (or `glassdesk dealer`)",
        )
    if facts.state is SessionState.UNREACHABLE and facts.status is not None:
        said = facts.status.message or "the gateway did not answer"
        return ("unreachable", f"The dealer's last look failed: {said}", _looks_again(facts))
    return None


def _signed_in(facts: Facts) -> Missing | None:
    if facts.state is SessionState.SIGNED_OUT:
        return (
            "signed_out",
            "Nobody is signed in at the gateway.",
            f"open {facts.login_url} in a browser and sign in there; the desk never sees your password",
        )
    if facts.state is SessionState.TWO_FACTOR:
        return (
            "two_factor",
            "Name and password were given; the second factor is not confirmed yet.",
            "confirm the sign-in in IBKR Mobile on your phone",
        )
    return None


def _brokerage(facts: Facts) -> Missing | None:
    if facts.state is SessionState.RESETTING:
        quiet = facts.status.quiet_until if facts.status else None
        until = f"until about {eastern(quiet)}" if quiet else "for some minutes"
        return (
            "resetting",
            f"IBKR resets its servers {until}; the session comes back by itself.",
            "wait; resting stops and targets stay at IBKR",
        )
    message = facts.status.message if facts.status else ""
    if facts.state is SessionState.NO_BRIDGE and "compete" in message.lower():
        return (
            "take_over_needed",
            f"The broker opens the session only by a take-over: {message}",
            "if nobody else needs this username now: `glassdesk session login --take-over`",
        )
    if facts.state is SessionState.NO_BRIDGE:
        return ("no_bridge", "Signed in, without a brokerage session yet.", _looks_again(facts))
    if facts.state is SessionState.COMPETING:
        since = facts.status.competing_since if facts.status else None
        when = f" since {eastern(since)}" if since else ""
        return (
            "competing",
            f"Another session uses this username{when}. {TAKE_OVER[0]}",
            "sign out there, or take over once: `glassdesk session login --take-over`",
        )
    return None


def _loaded(facts: Facts) -> Missing | None:
    if facts.state is SessionState.HALF_READY:
        return ("half_ready", "The broker is loading the accounts; this takes seconds.", _looks_again(facts))
    return None


def _account(facts: Facts) -> Missing | None:
    names = ", ".join(account.account for account in facts.accounts)
    if facts.proof is None:
        if not facts.accounts:
            return ("no_accounts", "The broker has not named its accounts yet.", _looks_again(facts))
        return (
            "wrong_account",
            f"This login has {names}; the desk is set to {facts.account}.",
            "sign in with the login of that account, or set GLASSDESK_ACCOUNT to one of these",
        )
    if facts.proof.agrees:
        return None
    broker = "paper" if facts.proof.broker_is_paper else "live"
    prefix = "paper" if facts.proof.prefix_is_paper else "live"
    said = f"{facts.account} is set as {facts.kind.value}; the broker says {broker}, its id says {prefix}"
    return (
        "wrong_kind",
        f"{said}. Nothing is sent.",
        "sign in with the login you mean, or set GLASSDESK_ACCOUNT_KIND to what the broker says",
    )


def _looks_again(facts: Facts) -> str:
    at = facts.status.next_try_at if facts.status else None
    if at is None or at <= facts.now:
        return "the desk looks again at once"
    return f"the desk looks again in {max(1, round((at - facts.now).total_seconds()))} s"


_STEPS: tuple[tuple[str, str, Callable[[Facts], Missing | None]], ...] = (
    ("gateway", "The gateway runs", _gateway),
    ("certificate", "Its certificate is the accepted one", _certificate),
    ("desk", "The desk reaches it", _desk),
    ("sign_in", "A person is signed in", _signed_in),
    ("brokerage", "The brokerage session is ours", _brokerage),
    ("accounts", "Accounts are loaded", _loaded),
    ("account", "It is the account we mean", _account),
)
