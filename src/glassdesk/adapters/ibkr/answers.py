"""From an answer to a read to its JSON, or to the error a step knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from glassdesk.adapters.ibkr.calls import Answer, Request
from glassdesk.adapters.ibkr.gate import Reads
from glassdesk.adapters.ibkr.parse import Unparsable, load
from glassdesk.kernel.errors import NotFound, ReadFailed, SessionNotReady

_NO_SESSION = ("no bridge", "not authenticated", "no session", "access denied")


def get(reads: Reads, path: str, params: Mapping[str, str] | None = None) -> Any:
    """The JSON of a GET. Raises `SessionNotReady`, `ReadFailed`, or `Unavailable` in the penalty box."""
    return settled(reads.read(Request(method="GET", path=path, params=params or {})), path)


def post(reads: Reads, path: str, body: Mapping[str, object]) -> Any:
    """The JSON of a reading POST, with the errors of `get`."""
    return settled(reads.read(Request(method="POST", path=path, body=body)), path)


def settled(answer: Answer, where: str, *, missing: Callable[[Answer], bool] | None = None) -> Any:
    """The JSON of a 200 without `error`.

    `missing` tells which refusals mean that the thing does not exist (`NotFound`).
    """
    text = error_text(answer)
    if answer.status == 200 and text is None:
        return load_or_fail(answer, where)
    if any(word in (text or answer.text).lower() for word in _NO_SESSION) and answer.status in (
        200,
        400,
        401,
    ):
        raise SessionNotReady(text or f"HTTP {answer.status}", where=where, remedy="sign in at the gateway")
    if answer.status == 401 and not where.startswith("/portfolio"):
        raise SessionNotReady("HTTP 401", where=where, remedy="sign in at the gateway")
    if missing is not None and missing(answer):
        raise NotFound(text or f"HTTP {answer.status}", where=where)
    raise ReadFailed(f"HTTP {answer.status}: {text or answer.text or 'empty body'}", where=where)


def load_or_fail(answer: Answer, where: str) -> Any:
    """The JSON of the body. Raises `ReadFailed`."""
    with reading(where):
        return load(answer.body)


@contextmanager
def reading(where: str) -> Iterator[None]:
    """An answer of another form than documented is a failed read, never a guess."""
    try:
        yield
    except Unparsable as failure:
        raise ReadFailed(f"the broker's answer has an unknown form: {failure}", where=where) from failure


def error_text(answer: Answer) -> str | None:
    """The broker's own words in `{"error": …}`, also wrapped in an array; `None` where there are none."""
    try:
        value = load(answer.body)
    except Unparsable:
        return None
    first = value[0] if isinstance(value, list) and value else value
    error = first.get("error") if isinstance(first, dict) else None
    if not error:
        return None
    # Only words can be compared with known words.
    return error if isinstance(error, str) else "an error that is no text"


def says_no_data(answer: Answer) -> bool:
    """True for the texts that mean an empty series, whatever the status [F-34]."""
    text = (error_text(answer) or "").lower()
    return "no data" in text or "chart data unavailable" in text
