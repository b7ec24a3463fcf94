"""The brokerage session over `/iserver/auth/status`, `/tickle`, `ssodh/init` [§1]."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from glassdesk.adapters.ibkr.answers import error_text, get, reading
from glassdesk.adapters.ibkr.calls import Answer, Request
from glassdesk.adapters.ibkr.gate import Gate
from glassdesk.adapters.ibkr.parse import Fields, Unparsable, listed, load
from glassdesk.adapters.ibkr.priming import PRIME_ACCOUNTS, PRIME_PORTFOLIO
from glassdesk.kernel.errors import SessionNotReady, Unavailable
from glassdesk.workflow.session.model import Account, SessionState, SessionStatus

_STATUS = Request(method="POST", path="/iserver/auth/status")
_TICKLE = Request(method="POST", path="/tickle")
_VALIDATE = Request(method="GET", path="/sso/validate")
_LOGOUT = Request(method="POST", path="/logout")
_WANTS_COMPETE = re.compile(r"compete", re.IGNORECASE)
_SECOND_FACTOR = re.compile(r"second.?factor|two.?factor|2fa", re.IGNORECASE)


class IbkrSession:
    """Implements `session.ports.BrokerSession`."""

    def __init__(self, gate: Gate, login_url: str) -> None:
        self._gate = gate
        self.login_url = login_url

    def status(self, *, seen_at: datetime) -> SessionStatus:
        return self._look(seen_at, None)

    def repair(self, *, seen_at: datetime, compete: bool = False) -> SessionStatus:
        # One attempt: loops of init made a gateway refuse even browser sign-ins [F-14].
        init = Request(
            method="POST", path="/iserver/auth/ssodh/init", body={"publish": True, "compete": compete}
        )
        answer = self._ask(init)
        self._gate.forget_session()
        refused = _refusal(answer) if isinstance(answer, Answer) else None
        status = self._look(seen_at, None)
        if refused and not status.ready:
            # Only a take-over would help, and that is for a person or the policy to decide [F-06].
            wants = _WANTS_COMPETE.search(refused) is not None and not compete
            state = SessionState.COMPETING if wants else status.state
            return SessionStatus(state=state, seen_at=seen_at, message=refused)
        if status.ready:
            self._ask(PRIME_ACCOUNTS)
        return status

    def keep_alive(self, *, seen_at: datetime) -> SessionStatus:
        answer = self._ask(_TICKLE)
        if isinstance(answer, SessionFailure):
            return answer.status(seen_at)
        # A tickle knows nothing of `established` [§1.3], so the state always comes from the status answer.
        return self._look(seen_at, _sso_expiry(answer, seen_at))

    def accounts(self) -> Sequence[Account]:
        stated = get(self._gate, PRIME_ACCOUNTS.path)
        rows = get(self._gate, PRIME_PORTFOLIO.path)
        with reading(PRIME_ACCOUNTS.path):
            found = accounts_of(stated, rows)
        if not found:
            raise SessionNotReady("the broker has not loaded the accounts yet", where=PRIME_ACCOUNTS.path)
        return found

    def logout(self) -> None:
        self._ask(_LOGOUT)
        self._gate.forget_session()

    def _look(self, seen_at: datetime, expires: datetime | None) -> SessionStatus:
        if self._gate.boxed_until is not None:
            # The one request that a penalty leaves us keeps the session alive until it ends [F-20].
            self._ask(_TICKLE)
        answer = self._ask(_STATUS)
        if isinstance(answer, SessionFailure):
            return answer.status(seen_at)
        state, message = _read_state(answer)
        if state is SessionState.SIGNED_OUT:
            state, message = self._confirmed(message)
        return SessionStatus(state=state, seen_at=seen_at, message=message, sso_expires_at=expires)

    def _confirmed(self, message: str) -> tuple[SessionState, str]:
        """Nobody is signed in only where the tickle says so too: a single 401 proves nothing [F-07], and as
        long as the outer session lives an init is worth trying [§1.3]."""
        tickle = self._ask(_TICKLE)
        if isinstance(tickle, Answer) and tickle.status == 200 and error_text(tickle) is None:
            state = _outer_state(tickle)
            if state is not None:
                return state, message
        return (
            SessionState.TWO_FACTOR if self._second_factor_pending() else SessionState.SIGNED_OUT
        ), message

    def _second_factor_pending(self) -> bool:
        """Name and password were right and the second factor is open: the sign-in is there without being
        valid. [?] How the gateway words it is nowhere documented."""
        answer = self._ask(_VALIDATE) if self._gate.is_free(_VALIDATE.path) else None
        if not isinstance(answer, Answer):
            return False
        try:
            fields = Fields(load(answer.body), "validate")
            valid = fields.flag("RESULT", missing=False)
            return not valid and fields.flag("SF_ENABLED", missing=False)
        except Unparsable:
            return _SECOND_FACTOR.search(answer.text) is not None

    def _ask(self, request: Request) -> Answer | SessionFailure:
        try:
            return self._gate.read(request, attempts=1)
        except Unavailable as failure:
            return SessionFailure(str(failure))


class SessionFailure:
    """The gateway did not answer, or may not be asked now."""

    def __init__(self, message: str) -> None:
        self._message = message

    def status(self, seen_at: datetime) -> SessionStatus:
        return SessionStatus(state=SessionState.UNREACHABLE, seen_at=seen_at, message=self._message)


def accounts_of(stated: object, rows: object) -> tuple[Account, ...]:
    """Accounts from `/iserver/accounts` and their currencies from `/portfolio/accounts`.

    Raises `Unparsable`.
    """
    fields = Fields(stated, "accounts")
    found = [Fields(row, "portfolio account") for row in listed(rows, "portfolio accounts")]
    currencies = {row.text("accountId", "id"): row.text_or_none("currency") for row in found}
    types = {row.text("accountId", "id"): row.text_or_none("tradingType") for row in found}
    is_paper = fields.flag("isPaper", missing=False)
    return tuple(
        Account(
            account=str(account),
            is_paper=is_paper,
            currency=currencies.get(str(account)) or "USD",
            trading_type=types.get(str(account)) or "",
        )
        for account in fields.rows("accounts")
    )


def _read_state(answer: Answer) -> tuple[SessionState, str]:
    text = error_text(answer) or ""
    if answer.status == 401 and "no bridge" not in text:
        return SessionState.SIGNED_OUT, text
    if "no bridge" in text:
        return SessionState.NO_BRIDGE, text
    if answer.status != 200 or text:
        known = SessionState.SIGNED_OUT if "no session" in text else SessionState.UNREACHABLE
        return known, text or f"HTTP {answer.status}"
    try:
        return state_of_fields(Fields(load(answer.body), "status"))
    except Unparsable as failure:
        return SessionState.UNREACHABLE, str(failure)


def state_of_fields(status: Fields) -> tuple[SessionState, str]:
    """Ready means authenticated, connected, established and not competing [§1.3].

    `established` may be missing.
    """
    authenticated = status.flag("authenticated", missing=False)
    message = status.text_or_none("message", "fail") or ""
    if status.flag("competing", missing=False):
        return SessionState.COMPETING, message
    if not authenticated:
        connected = status.flag("connected", missing=False)
        return (SessionState.NO_BRIDGE if connected else SessionState.SIGNED_OUT), message
    whole = status.flag("connected", missing=False) and status.flag("established", missing=authenticated)
    return (SessionState.READY if whole else SessionState.HALF_READY), message


def _outer_state(tickle: Answer) -> SessionState | None:
    """What a tickle proves: signed in, with a brokerage session or without; `None` where it says nothing."""
    try:
        fields = Fields(load(tickle.body), "tickle")
        if fields.stated("session") is None:
            return None
        inner = fields.inner("iserver").inner("authStatus")
        if inner.flag("competing", missing=False):
            return SessionState.COMPETING
        alive = inner.flag("authenticated", missing=False)
        return SessionState.HALF_READY if alive else SessionState.NO_BRIDGE
    except Unparsable:
        return None


def _refusal(answer: Answer) -> str | None:
    try:
        fields = Fields(load(answer.body), "init")
        return None if fields.flag("passed", missing=True) else fields.text_or_none("fail") or "init refused"
    except Unparsable:
        return error_text(answer)


def _sso_expiry(answer: Answer, seen_at: datetime) -> datetime | None:
    try:
        left = Fields(load(answer.body), "tickle").decimal_or_none("ssoExpires")
    except Unparsable:
        return None
    return None if left is None else seen_at + timedelta(milliseconds=float(left))
