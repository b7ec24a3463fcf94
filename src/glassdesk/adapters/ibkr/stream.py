"""The broker's websocket: hints for the dealer, prices for the question policy, never a fact [§7, F-77…F-83].

One thread opens it, listens and speaks. REST stays the truth: whatever is said here is read again before
anything follows from it.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from glassdesk.adapters.ibkr.answers import get, settled
from glassdesk.adapters.ibkr.calls import Request, serving
from glassdesk.adapters.ibkr.gate import Gate
from glassdesk.adapters.ibkr.line import Line, LineDown
from glassdesk.adapters.ibkr.orderboard import Heard, OrderBoard
from glassdesk.adapters.ibkr.parse import Fields, Unparsable, load
from glassdesk.adapters.ibkr.prices import Prices
from glassdesk.adapters.ibkr.priming import PRIME_ACCOUNTS
from glassdesk.kernel.clock import Stopwatch
from glassdesk.kernel.errors import SessionNotReady, Unavailable

_TICKLE = Request(method="POST", path="/tickle")
_ORDERS = "/iserver/account/orders"
_SAY_ORDERS, _SAY_TRADES = "sor+{}", 'str+{"realtimeUpdatesOnly":false,"days":1}'
_GREETED_SECONDS = 3.0
"""The first topic is sent after `sts`, or after so long without it [§7.1]."""
_TIC_SECONDS = 55.0
_DEAD_SECONDS = 28.0
"""A heartbeat comes every 10 s; after so long without any frame the line is half-open [F-77]."""
_LISTEN_SECONDS = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 60.0
_GOOD_SECONDS = 60.0
"""A line that stayed up for so long was no failure."""

_log = logging.getLogger(__name__)


class Wire(Protocol):
    """An open websocket, as `line.Line` is one."""

    def send(self, text: str) -> None:
        """Send one text frame."""
        ...

    def receive(self, seconds: float) -> list[str]:
        """What came within that time. Raises `LineDown`."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


Open = Callable[[str], Wire]
"""Opens a line with the session's cookie. Raises `LineDown`."""


class Stream:
    """Implements `dealing.ports.BrokerHints`. Its thread begins with the first `attend(True)`."""

    def __init__(
        self,
        gate: Gate,
        open_line: Open,
        stopwatch: Stopwatch,
        board: OrderBoard,
        prices: Prices,
        *,
        rest: Callable[[threading.Event, float], object] = threading.Event.wait,
    ) -> None:
        """`rest` waits between two lines, so many seconds or until the event is set."""
        self._gate = gate
        self._open = open_line
        self._stopwatch = stopwatch
        self._board = board
        self._prices = prices
        self._rest = rest
        self._wanted = threading.Event()
        self._stopped = threading.Event()
        self._orders = threading.Event()
        self._session = threading.Event()
        self._up = threading.Event()
        self._thread: threading.Thread | None = None
        self._forced = -1
        self.opened = 0
        """How often a line was opened."""

    @property
    def flowing(self) -> bool:
        return self._up.is_set()

    def orders_changed(self) -> bool:
        return _taken(self._orders)

    def session_changed(self) -> bool:
        return _taken(self._session)

    def attend(self, ready: bool) -> None:
        if ready and self._thread is None and not self._stopped.is_set():
            self._thread = threading.Thread(target=self._run, name="broker-stream", daemon=True)
            self._thread.start()
        (self._wanted.set if ready else self._wanted.clear)()

    def stop(self) -> None:
        """Close the line and end the thread."""
        self._stopped.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(15.0)

    # --- one line after the other

    def _run(self) -> None:
        failures = 0
        while True:
            self._wanted.wait()
            if self._stopped.is_set():
                return
            began = self._stopwatch.seconds()
            try:
                with serving("stream"):
                    self._attend()
            except (LineDown, Unavailable) as failure:
                _log.info("the broker's stream is down: %s", failure)
            except Exception:  # noqa: BLE001 - see below
                # A stream that ends for good would leave the desk with fewer hints and nobody told.
                _log.exception("the broker's stream broke")
            finally:
                self._up.clear()
                # What was said meanwhile is lost [F-83]: the next reading is the new baseline.
                self._orders.set()
            lived = self._stopwatch.seconds() - began
            failures = 0 if lived >= _GOOD_SECONDS else failures + 1
            self._rest(self._stopped, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(max(failures - 1, 0), 6)))

    def _attend(self) -> None:
        """One line, from its opening to its end."""
        session = self._gate.sessions_seen
        line = self._open(self._cookie())
        self.opened += 1
        try:
            self._greeted(line)
            self._prime(session)
            for text in (_SAY_ORDERS, _SAY_TRADES):
                line.send(text)
            self._prices.forget_lines()
            self._up.set()
            self._orders.set()
            self._listen(line, session)
        finally:
            line.close()

    def _cookie(self) -> str:
        """The session's value for the websocket. Raises `SessionNotReady` where there is none."""
        stated = settled(self._gate.read(_TICKLE, attempts=1), _TICKLE.path)
        value = stated.get("session") if isinstance(stated, dict) else None
        if not isinstance(value, str) or not value:
            raise SessionNotReady("the tickle names no session", where="/tickle")
        return value

    def _greeted(self, line: Wire) -> None:
        until = self._stopwatch.seconds() + _GREETED_SECONDS
        while self._stopwatch.seconds() < until and not self._stopped.is_set():
            for text in line.receive(_LISTEN_SECONDS / 4):
                frame = _loaded(text)
                if frame.get("topic") == "sts":
                    self._status(frame)
                    return
                if "waiting for session" in str(frame.get("message", "")):
                    raise LineDown("it waits for a session")

    def _prime(self, session: int) -> None:
        """The order in which the broker wants to be asked before it speaks of orders [§7.2]; the forced list
        only drops its cache and is asked once in a session [F-41]."""
        if self._forced != session:
            self._gate.read(PRIME_ACCOUNTS)
            self._gate.read(Request(method="GET", path=_ORDERS, params={"force": "true"}))
            self._forced = session
        stated = get(self._gate, _ORDERS)
        self._board.read(stated.get("orders") or () if isinstance(stated, dict) else ())

    def _listen(self, line: Wire, session: int) -> None:
        heard = ticked = self._stopwatch.seconds()
        while self._wanted.is_set() and not self._stopped.is_set():
            texts = line.receive(_LISTEN_SECONDS)
            now = self._stopwatch.seconds()
            for text in texts:
                self._take(text)
            heard = now if texts else heard
            if now - heard > _DEAD_SECONDS:
                raise LineDown(f"no frame for {now - heard:.0f} s")
            if self._gate.sessions_seen != session:
                raise LineDown("the brokerage session is another one")
            if now - ticked >= _TIC_SECONDS:
                line.send("tic")
                ticked = now
            for message in self._prices.wishes(self._board.working_conids(), now):
                line.send(message)

    # --- frames

    def _take(self, text: str) -> None:
        """One frame; what is not understood is logged and changes nothing [F-82]."""
        frame = _loaded(text)
        topic = str(frame.get("topic", ""))
        if topic == "sor":
            self._heard_rows(frame, self._board.heard)
        elif topic == "str":
            self._heard_rows(frame, self._board.heard_trade)
        elif topic.startswith("smd+"):
            self._price(frame)
        elif topic == "sts":
            self._status(frame)
        elif topic == "ntf":
            self._orders.set()
            _log.warning("the broker notes: %s", text[:500])
        elif "error" in frame:
            self._refused(frame)
        elif topic not in ("system", "act", "tic", "blt"):
            _log.info("the broker's stream says something unknown: %s", text[:200])

    def _heard_rows(self, frame: Mapping[str, Any], heard: Callable[[object], Heard]) -> None:
        args = frame.get("args")
        rows = args if isinstance(args, list) else [args]
        if any(heard(row) is not Heard.NOTHING for row in rows if row is not None):
            self._orders.set()

    def _price(self, frame: Mapping[str, Any]) -> None:
        try:
            self._prices.take(frame)
        except Unparsable as failure:
            _log.info("a price that cannot be read: %s", failure)

    def _status(self, frame: Mapping[str, Any]) -> None:
        """A loss is told here, its end never is: the line is of no more use [F-78]."""
        args = frame.get("args")
        try:
            fields = Fields(args[0] if isinstance(args, list) and args else args, "sts")
            lost = not fields.flag("authenticated", missing=True) or fields.flag("competing", missing=False)
        except Unparsable:
            return
        if lost:
            self._session.set()
            raise LineDown("the brokerage session was lost")

    def _refused(self, frame: Mapping[str, Any]) -> None:
        _log.warning("the broker's stream refuses: %s", str(frame.get("error"))[:200])
        if frame.get("code") in (401, "401") or "not authenticated" in str(frame.get("error")).lower():
            self._session.set()
            raise LineDown("not authenticated")


def gateway_line(api_url: str, trust: ssl.SSLContext, tls_name: str | None) -> Open:
    """Opens the websocket of the gateway behind `api_url`."""
    url = "wss" + api_url.removeprefix("https") + "/ws"

    def open_line(cookie: str) -> Wire:
        # The JSON form is what the gateway sets itself; without an agent it answers 403 [§7.1].
        headers = {
            "Cookie": f"api={json.dumps({'session': cookie}, separators=(',', ':'))}",
            "User-Agent": "ClientPortalGW/1",
        }
        return Line(url, trust, tls_name=tls_name, headers=headers)

    return open_line


def _loaded(text: str) -> Mapping[str, Any]:
    try:
        frame = load(text.encode(errors="replace"))
    except Unparsable:
        return {"topic": "", "text": text[:200]}
    return frame if isinstance(frame, dict) else {"topic": "", "text": text[:200]}


def _taken(event: threading.Event) -> bool:
    said = event.is_set()
    event.clear()
    return said
