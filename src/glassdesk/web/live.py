"""Live events: one watcher of the database for all open pages, and one ear for each browser that listens."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress

from glassdesk.kernel.changes import Changes
from glassdesk.kernel.clock import Stopwatch
from glassdesk.kernel.errors import GlassdeskError, Unavailable
from glassdesk.kernel.unit_of_work import Transactions

LOOK_SECONDS = 0.25
"""How often the counters are read, whoever listens: what another process commits is known this soon."""
REST_SECONDS = 0.2
"""A burst of this process's own commits is one look, at most five in a second."""
BEAT_SECONDS = 2.0
"""How often a stream carries the clock; a page that hears nothing for longer asks by itself."""
MOST_EARS = 64
LIFE_SECONDS = 600.0
"""A browser asks again after this long, so that its sign-in is looked at again."""

Texts = Callable[[], Mapping[str, str]]

_log = logging.getLogger(__name__)


class Ear:
    """What one browser has not heard yet. A slow one misses nothing: it hears the newest counters."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._loop = asyncio.get_running_loop()
        self._stirred = asyncio.Event()
        self._heard: Mapping[str, int] = {}
        self._beats = 0

    def stir(self) -> None:
        """There is something new; called from any thread."""
        with suppress(RuntimeError):  # the loop of a browser that has just left
            self._loop.call_soon_threadsafe(self._stirred.set)

    async def events(self) -> AsyncIterator[str]:
        """Server-sent events until the desk closes, somebody's password changes, or the life is over."""
        began, access = self._live.seconds(), self._live.versions.get("access")
        yield "retry: 1000\n\n"
        self._stirred.set()
        while not self._live.closed and self._live.seconds() - began < LIFE_SECONDS:
            await self._stirred.wait()
            self._stirred.clear()
            for event in self._news():
                yield event
            present = self._live.versions.get("access")
            access = present if access is None else access
            if present != access:
                return

    def _news(self) -> list[str]:
        live, found = self._live, []
        changed = {topic: at for topic, at in live.versions.items() if self._heard.get(topic) != at}
        if changed:
            self._heard = live.versions
            found.append(_event("changed", changed))
        if live.beats != self._beats:
            self._beats = live.beats
            found.append(_event("clock", live.texts))
        return found


class Live:
    """Reads the counters for all pages together, only while somebody listens."""

    def __init__(
        self, changes: Changes, transactions: Transactions, stopwatch: Stopwatch, texts: Texts
    ) -> None:
        self._changes = changes
        self._transactions = transactions
        self._write = texts
        self.seconds = stopwatch.seconds
        self.versions: Mapping[str, int] = {}
        self.texts: Mapping[str, str] = {}
        self.beats = 0
        self._end = threading.Event()
        self._ears: set[Ear] = set()
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._watcher: threading.Thread | None = None

    async def stream(self) -> AsyncIterator[str]:
        """Events for one browser. Raises `Unavailable` where too many listen."""
        ear = Ear(self)
        self._begin(ear)
        try:
            async for event in ear.events():
                yield event
        finally:
            with self._lock:
                self._ears.discard(ear)

    @property
    def closed(self) -> bool:
        """True once every stream is to end."""
        return self._end.is_set()

    @property
    def ears(self) -> int:
        """How many browsers listen."""
        return len(self._ears)

    def check(self) -> None:
        """Raise `Unavailable` where no more can listen."""
        if self.closed or len(self._ears) >= MOST_EARS:
            raise Unavailable("too many pages listen already", remedy="this page asks by itself instead")

    def close(self) -> None:
        """Let every stream end and the watcher with them: a server waits for its streams."""
        self._end.set()
        self._bell.set()
        self._stir()
        watcher = self._watcher
        if watcher is not None:
            watcher.join(timeout=5)

    def _begin(self, ear: Ear) -> None:
        with self._lock:
            self._ears.add(ear)
            if self._watcher is None and not self.closed:
                self._watcher = threading.Thread(target=self._watch, name="live", daemon=True)
                self._watcher.start()

    def _watch(self) -> None:
        silence = self._changes.listen(self._bell.set)
        try:
            beat = 0.0
            while self._wanted():
                beat = self._look(beat)
                if self._bell.wait(LOOK_SECONDS):
                    self._end.wait(REST_SECONDS)
                    self._bell.clear()
        finally:
            silence()

    def _wanted(self) -> bool:
        """True while somebody listens; else the watcher is done, and the next ear starts another."""
        with self._lock:
            if self._ears and not self.closed:
                return True
            self._watcher = None
            return False

    def _look(self, beat: float) -> float:
        """One read for everybody; answers when the last beat was."""
        try:
            with self._transactions.read() as t:
                versions = self._changes.versions(t)
            due = self.seconds() - beat >= BEAT_SECONDS
            if due:
                self.texts = self._write()
        except GlassdeskError as failure:
            # Without a beat the pages ask by themselves, and show what they are told.
            _log.warning("live events pause: %s", failure)
            return beat
        if due or versions != self.versions:
            self.versions = versions
            self.beats += due
            self._stir()
        return self.seconds() if due else beat

    def _stir(self) -> None:
        with self._lock:
            ears = tuple(self._ears)
        for ear in ears:
            ear.stir()


def _event(name: str, body: Mapping[str, object]) -> str:
    return f"event: {name}\ndata: {json.dumps(body, separators=(',', ':'), sort_keys=True)}\n\n"
