"""How a log line looks: a line of JSON, or text for people. Whatever uses Python's logging comes out so."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Collection, Mapping, MutableMapping
from typing import Any, TextIO

Event = MutableMapping[str, Any]

HIDDEN = "[redacted]"
SHORTEST_SECRET = 6
"""What is shorter would hide ordinary words."""
QUIET = (
    "httpx2",
    "httpcore2",
    "urllib3",
    "botocore",
    "apprise",
    "exchange_calendars",
    "asyncio",
    "multipart",
)
"""Loggers that tell each request, some with its headers: only their warnings are let through."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
_IN_ADDRESS = re.compile(r"(?<=://)([^/\s:@]*):([^/\s@]+)@")


def write_lines(
    *, form: str, level: str, secrets: Collection[str] = (), stream: TextIO | None = None
) -> Callable[[], None]:
    """Write everything from `level` on to `stream` (standard error) as `json` or `text`; answers what puts
    the logging of the process back as it was. No secret of `secrets` ever leaves."""
    out = stream if stream is not None else sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(_formatter(form, _Redactor(secrets), colours=form == "text" and out.isatty()))
    root, number = logging.getLogger(), logging.getLevelNamesMapping()[level.upper()]
    before = (root.level, list(root.handlers), {name: logging.getLogger(name).level for name in QUIET})
    root.handlers[:] = [handler]
    root.setLevel(number)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))

    def undo() -> None:
        root.setLevel(before[0])
        root.handlers[:] = before[1]
        for name, old in before[2].items():
            logging.getLogger(name).setLevel(old)

    return undo


def _formatter(form: str, redact: _Redactor, *, colours: bool) -> logging.Formatter:
    # Imported here: a command that only looks does not pay for it.
    import structlog

    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    if form == "json":
        last: list[Any] = [structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
    else:
        plain = structlog.dev.plain_traceback
        shown = structlog.dev.ConsoleRenderer(
            colors=colours, exception_formatter=plain, timestamp_key="at", pad_event_to=0
        )
        last = [_without_commands, shown]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=chain,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            *last,
        ],
    )


class _Redactor:
    """Takes secrets out of every text of an event, its traces too."""

    def __init__(self, secrets: Collection[str]) -> None:
        # the longest first: one may hold another
        known = sorted({one for one in secrets if len(one) >= SHORTEST_SECRET}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, logger: object, method: str, event: Event) -> Event:
        return {name: self._clean(value) for name, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {key: self._clean(each) for key, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(each) for each in value]
        if isinstance(value, int | float | bool) or value is None:
            return value
        return self._text(str(value))

    def _text(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        text = _BEARER.sub(rf"\1 {HIDDEN}", text)
        return _IN_ADDRESS.sub(rf"\1:{HIDDEN}@", text)


def _without_commands(logger: object, method: str, event: Event) -> Event:
    """Text from outside cannot command a terminal."""
    return {
        name: _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else value
        for name, value in event.items()
    }
