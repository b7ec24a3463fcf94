"""The gate: all traffic of one username passes through one object (`design.md` §4).

It paces in market time, keeps an order and its questions one exclusive call, primes what the broker wants
primed, shuts itself after a 429 and records every exchange. Nobody ever waits for market time while holding
one of its locks: in simulated time a thread that waits for a lock counts as working, and time would stand for
ever.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from glassdesk.adapters.ibkr.calls import (
    Answer,
    Call,
    CallRecorder,
    Request,
    endpoint_of,
    purpose,
    redacted,
    serving,
)
from glassdesk.adapters.ibkr.http import Lost, NeverLeft, Wire
from glassdesk.adapters.ibkr.pacing import PENALTY, Pacing, interval_of
from glassdesk.adapters.ibkr.penalties import Penalties
from glassdesk.adapters.ibkr.priming import PRIME_ACCOUNTS, PRIME_PORTFOLIO, Priming
from glassdesk.adapters.ibkr.windows import Windows
from glassdesk.kernel.clock import Clock, Stopwatch, format_instant
from glassdesk.kernel.errors import ReadFailed, Unavailable
from glassdesk.kernel.work import Kind, doing

READ_ATTEMPTS = 3
HISTORY_CALLS = 4
"""The broker allows five at once and sometimes refuses the fifth [F-33]."""
_HISTORY = "/iserver/marketdata/history"
_ALLOWED_IN_CHAINS = "/tickle"
_BACK_OFF_SECONDS = 0.2
_BOXED = "nothing is sent until then; open positions keep their stops at the broker"
_BLOCKED = (
    "the third time within a day: the broker may block this address for good; stop whatever else uses the "
    "username and ask IBKR"
)


class TooSoon(Exception):
    """Pacing asks at `now` to wait until `at`; raised only for callers that wait elsewhere."""

    def __init__(self, at: datetime, now: datetime) -> None:
        super().__init__(f"not before {format_instant(at)}")
        self.at = at
        self.seconds = (at - now).total_seconds()


class Reads(Protocol):
    """What the reading ports need: the gate itself, or a client of the gate in another process."""

    def read(self, request: Request, *, attempts: int = READ_ATTEMPTS) -> Answer:
        """The broker's answer, whatever its status.

        Raises `ReadFailed` where none came, `Unavailable` in the penalty box.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Fate of one write: an answer, or none with what is known. `sent` is false only where no byte left."""

    answer: Answer | None
    sent: bool
    failure: str = ""


class Turnstile:
    """Many readers or one exclusive caller; a waiting exclusive caller goes before new readers."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._readers = 0
        self._waiting = 0
        self._taken = False

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Enter beside other readers."""
        with self._changed:
            self._changed.wait_for(lambda: not self._taken and not self._waiting)
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Enter alone."""
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: not self._taken and not self._readers)
            self._waiting -= 1
            self._taken = True
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                self._changed.notify_all()


class Chain:
    """One order and its questions: no other request but `/tickle` comes between.

    Each `send` is exactly one attempt.
    """

    def __init__(self, gate: Gate, slots: int) -> None:
        self._gate = gate
        self.left = slots
        """Requests this chain may still send; they were paid for before it began."""

    def send(self, request: Request) -> Delivery:
        """Send once. Never raises for a fault of the broker or the network."""
        if self.left < 1:
            return Delivery(answer=None, sent=False, failure="the chain of questions is too long")
        self.left -= 1
        return self._gate._write(request)


class Gate:
    """See the module. `account` is selected at the broker when the accounts are primed, and `suppressed`
    questions are suppressed then.

    `windows` and `penalties` are what a predecessor of the same username left behind.
    """

    def __init__(
        self,
        wire: Wire,
        clock: Clock,
        stopwatch: Stopwatch,
        recorder: CallRecorder,
        *,
        account: str | None = None,
        suppressed: Sequence[str] = (),
        windows: Windows | None = None,
        penalties: Penalties | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._wire = wire
        self._clock = clock
        self._stopwatch = stopwatch
        self._recorder = recorder
        self._jitter = jitter
        self._penalties = penalties or Penalties()
        self._windows = windows or Windows()
        sent, last = self._windows.recall(clock.now())
        boxed = self._penalties.recall(clock.now(), longest=PENALTY)
        self._pacing = Pacing(sent=sent, last=last, boxed_until=boxed)
        self._priming = Priming(account, suppressed)
        self._lock = threading.Lock()
        self._turnstile = Turnstile()
        self._history = threading.Semaphore(HISTORY_CALLS)
        self._permitted: Callable[[], bool] = lambda: True

    def only_while(self, permitted: Callable[[], bool]) -> None:
        """Refuse whatever has to be admitted unless `permitted()`: two gates at once break the pace of their
        username [§2]."""
        self._permitted = permitted

    def purpose(self, text: str) -> AbstractContextManager[None]:
        """Calls of this thread inside the block are recorded for `text`, e.g. `dealer:orders`."""
        return serving(text)

    def read(self, request: Request, *, attempts: int = READ_ATTEMPTS, patient: bool = True) -> Answer:
        """A read with bounded retry and jitter, primed as the broker wants it [F-11, F-26, F-40].

        Where pacing asks to wait, the caller waits in market time; with `patient` false `TooSoon` is raised.
        """
        for first in self._priming.missing(request.path):
            self._prime(first, patient)
        answer = self._retried(request, attempts, patient)
        if self._priming.was_unprimed(answer):
            self.forget_session()
            self._prime(PRIME_ACCOUNTS, patient)
            answer = self._retried(request, attempts, patient)
        if self._priming.unsettled(request, answer):
            answer = self._retried(request, attempts, patient)
        if self._priming.was_unprimed_portfolio(request, answer):
            self._prime(PRIME_PORTFOLIO, patient)
            answer = self._retried(request, attempts, patient)
        self._follow(request, answer, patient)
        return answer

    def look(self, request: Request) -> Answer:
        """One read as it comes: primed and paced, never repeated, an unsettled answer as well (`T-60`)."""
        for first in self._priming.missing(request.path):
            self._prime(first, True)
        return self._retried(request, 1, True)

    @contextmanager
    def exclusive(self, slots: int) -> Iterator[Chain]:
        """A chain of at most `slots` writes. Raises `Unavailable` before anything is sent."""
        for first in self._priming.missing("/iserver/account/"):
            self._prime(first, True)
        self._hold(slots)
        with self._turnstile.exclusive():
            chain = Chain(self, slots)
            try:
                yield chain
            finally:
                with self._lock:
                    self._pacing.release(chain.left)

    def close(self) -> None:
        """Close what the gate keeps open on this machine."""
        self._windows.close()

    def forget_session(self) -> None:
        """A brokerage session began or ended: everything has to be primed anew."""
        self._priming.forget()

    @property
    def sessions_seen(self) -> int:
        """Grows whenever the brokerage session is known to have ended or begun; what is bound to one, such as
        a stream, is opened anew."""
        return self._priming.forgotten

    @property
    def boxed_until(self) -> datetime | None:
        """The end of a penalty that runs now [F-20]."""
        with self._lock:
            until = self._pacing.boxed_until
        return until if until > self._clock.now() else None

    def is_free(self, path: str) -> bool:
        """True where a request for `path` would leave at once."""
        now = self._clock.now()
        with self._lock:
            return self._pacing.boxed(path, now) is None and self._pacing.free(path) <= now

    def _prime(self, request: Request, patient: bool) -> None:
        with serving("priming"):
            self._follow(request, self._retried(request, READ_ATTEMPTS, patient), patient)

    def _follow(self, request: Request, answer: Answer, patient: bool) -> None:
        for then in self._priming.primed(request, answer):
            self._retried(then, 1, patient)

    def _retried(self, request: Request, attempts: int, patient: bool) -> Answer:
        failure = ""
        for attempt in range(attempts):
            if attempt:
                self._stopwatch.pause(_BACK_OFF_SECONDS * 2**attempt * (0.5 + self._jitter()))
            try:
                answer = self._admitted(request, patient)
            except (NeverLeft, Lost) as lost:
                failure = str(lost)
                continue
            if attempt == attempts - 1 or answer.settled:
                return answer
        raise ReadFailed(failure or "no answer", where=f"{request.method} {request.path}")

    def _admitted(self, request: Request, patient: bool) -> Answer:
        while True:
            self._require_permission(request.path)
            with self._entered(request.path):
                now = self._clock.now()
                at = self._admit(request.path, now)
                if at is None:
                    return self._exchange(request, write=False, started_at=now)
            if not patient:
                with self._lock:
                    raise TooSoon(self._pacing.turn(request.path, at), now)
            self._wait(at)

    @contextmanager
    def _entered(self, path: str) -> Iterator[None]:
        alone = self._turnstile.shared() if path != _ALLOWED_IN_CHAINS else nullcontext()
        with self._history if path == _HISTORY else nullcontext(), alone:
            yield

    def _admit(self, path: str, now: datetime) -> datetime | None:
        with self._lock:
            self._refuse_boxed(path, now)
            at = self._pacing.admit(path, now)
            if at is None:
                self._windows.keep(now, interval_of(path))
            return at

    def _hold(self, slots: int) -> None:
        while True:
            self._require_permission("order")
            now = self._clock.now()
            with self._lock:
                self._refuse_boxed("", now)
                at = self._pacing.hold(slots, now)
            if at is None:
                return
            self._wait(at)

    def _require_permission(self, where: str) -> None:
        if not self._permitted():
            raise Unavailable(
                "this dealer does not reign",
                where=where,
                remedy="the one that reigns has the gate; ask there",
            )

    def _refuse_boxed(self, path: str, now: datetime) -> None:
        until = self._pacing.boxed(path, now)
        if until is not None:
            raise Unavailable(
                f"the broker limits our requests until {format_instant(until)}",
                where=path or "order",
                remedy=_BLOCKED if self._penalties.repeated else _BOXED,
            )

    def _wait(self, at: datetime) -> None:
        with doing(Kind.WAIT, "pacing"):
            self._clock.wait_until(at)
        if self._clock.now() < at:
            raise Unavailable("the clock was stopped while a request waited its turn")

    def _write(self, request: Request) -> Delivery:
        now = self._clock.now()
        with self._lock:
            self._pacing.use_held(now)
            self._windows.keep(now, None)
        try:
            return Delivery(answer=self._exchange(request, write=True, started_at=now), sent=True)
        except NeverLeft as failure:
            return Delivery(answer=None, sent=False, failure=str(failure))
        except Lost as failure:
            return Delivery(answer=None, sent=True, failure=str(failure))

    def _exchange(self, request: Request, *, write: bool, started_at: datetime) -> Answer:
        began = self._stopwatch.seconds()
        answer, failure = None, ""
        try:
            with doing(Kind.BROKER, endpoint_of(request.path), method=request.method) as work:
                answer = self._wire.send(request, fresh=write)
                work.result = str(answer.status)
            return answer
        except (NeverLeft, Lost) as lost:
            failure = str(lost)
            raise
        finally:
            seconds = self._stopwatch.seconds() - began
            self._learn(answer, started_at)
            self._recorder(_recorded(request, answer, started_at, seconds, write, failure))

    def _learn(self, answer: Answer | None, at: datetime) -> None:
        # Simulated time stands while a request travels, and looking at that clock may be a request itself.
        ended = at if self._clock.wakes_on_events else self._clock.now()
        with self._lock:
            self._pacing.ended(ended)
            if self._pacing.answered(answer.status if answer else None, at):
                self._penalties.keep(self._pacing.boxed_until)
        if answer is not None and self._priming.is_stale(answer):
            self.forget_session()


def _recorded(
    request: Request, answer: Answer | None, started_at: datetime, seconds: float, write: bool, failure: str
) -> Call:
    return Call(
        method=request.method,
        path=request.path,
        params=dict(request.params),
        request=redacted(request.content),
        status=answer.status if answer else None,
        response=redacted(answer.body) if answer else b"",
        started_at=started_at,
        seconds=seconds,
        purpose=purpose.get(),
        write=write,
        failure=failure,
    )
