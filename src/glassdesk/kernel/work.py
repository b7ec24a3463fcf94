"""Work that somebody may watch: a run, a step, a turn, a call. Logs, figures and traces listen here, so that
what works knows none of them. Unwatched it costs a call and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType

from glassdesk.kernel.errors import GlassdeskError


class Kind(StrEnum):
    """What is worked at."""

    RUN = "run"
    STEP = "step"
    TURN = "turn"
    """One pass of the dealer."""
    SEND = "send"
    """One write for an order: place, modify or cancel."""
    BROKER = "broker"
    """One exchange with the broker."""
    WAIT = "wait"
    """A request whose turn has not come: pacing."""
    MODEL = "model"
    """One call of a model."""


@dataclass(slots=True)
class Work:
    """One piece of it. `name` comes from a small set; identities stand in `about`."""

    kind: Kind
    name: str
    about: Mapping[str, str] = field(default_factory=dict)
    result: str = "ok"
    """How it ended: whoever works may say so; an error says its code."""


Watcher = Callable[[Work], AbstractContextManager[object]]
"""Is entered when a piece of work begins, in the thread that does it, and left when it has ended. It never
raises."""


def trace_of(run: str) -> str:
    """The id of the trace that a run's work and its sends belong to: its own, without hyphens."""
    return run.replace("-", "")


_watchers: tuple[Watcher, ...] = ()


def watch_with(watcher: Watcher) -> Callable[[], None]:
    """Listen to all work of this process from now on; answers what ends it."""
    global _watchers  # noqa: PLW0603 - a process has one set of ears, as it has one set of log handlers
    _watchers = (*_watchers, watcher)
    return lambda: _forget(watcher)


def _forget(watcher: Watcher) -> None:
    global _watchers  # noqa: PLW0603 - as above
    _watchers = tuple(one for one in _watchers if one is not watcher)


def doing(kind: Kind, name: str, **about: str) -> AbstractContextManager[Work]:
    """The block is one piece of work."""
    return _Watched(_watchers, Work(kind, name, about)) if _watchers else _UNWATCHED


class _Unwatched:
    """Nobody listens."""

    def __enter__(self) -> Work:
        return _UNHEARD

    def __exit__(self, *_: object) -> None:
        return None


_UNHEARD = Work(Kind.RUN, "")
_UNWATCHED = _Unwatched()


class _Watched:
    """Everybody hears of it."""

    def __init__(self, watchers: tuple[Watcher, ...], work: Work) -> None:
        self._watchers = watchers
        self._work = work
        self._entered = ExitStack()

    def __enter__(self) -> Work:
        for watcher in self._watchers:
            self._entered.enter_context(watcher(self._work))
        return self._work

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        if failure is not None:
            self._work.result = failure.code if isinstance(failure, GlassdeskError) else "error"
        self._entered.__exit__(kind, failure, trace)
