"""What the readers of all wire protocols share: parsing, counting, and a server's words as one line."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from glassdesk.workflow.signals.calls import Prompt, Reply

_MOST_TOKENS = 10**9
_LONGEST_WAIT = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An HTTP response: what of it a reader may look at."""

    status: int
    content_type: str
    body: bytes
    retry_after: str = ""


class Wire(Protocol):
    """One wire protocol. Pure: it builds requests and reads responses."""

    def path(self, model: str) -> str:
        """Where a question goes, below the base address."""
        ...

    def headers(self, key: str) -> dict[str, str]:
        """What identifies the caller; empty without a key."""
        ...

    def request(self, prompt: Prompt, model: str, temperature: float | None) -> dict[str, Any]:
        """The body: texts word for word, pictures, and the schema to be enforced."""
        ...

    def read(self, body: bytes) -> Reply:
        """What a whole 200 response in JSON says. Never raises."""
        ...


class Lenient(BaseModel):
    """A response's part: fields we know are strict, others are let pass."""

    model_config = ConfigDict(extra="ignore", strict=True)


Parsed = TypeVar("Parsed", bound=Lenient)


def parsed(kind: type[Parsed], body: bytes, what: str) -> Parsed | Reply:
    """The response as `kind`, or the failure that says where it is none."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        return Reply(failure=f"the response is no {what}: {where[:80]}: {first['msg'][:120]}")


def read(wire: Wire, answered: Answered) -> Reply:
    """What a response says. Anything but one whole, unrefused text is a failure."""
    if answered.status != 200:
        return _refused(answered)
    if "json" not in answered.content_type.lower():
        said = words(answered.content_type, 60) or "no content type"
        return Reply(failure=f"HTTP 200 with {said}, not JSON")
    return wire.read(answered.body)


def count(usage: object, name: str) -> int | None:
    """A count of tokens, or `None`: a bad count voids no answer."""
    number = usage.get(name) if isinstance(usage, dict) else None
    if isinstance(number, bool) or not isinstance(number, int):
        return None
    return number if 0 <= number < _MOST_TOKENS else None


def total(*counts: int | None) -> int | None:
    """The sum of what is known; `None` where nothing is."""
    known = [number for number in counts if number is not None]
    return sum(known) if known else None


def words(said: str, most: int) -> str:
    """A server's words as one printable line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())[:most]


def base64_of(image: bytes) -> str:
    """A picture as text."""
    return base64.b64encode(image).decode()


def _refused(answered: Answered) -> Reply:
    again = answered.status in (408, 429) or 500 <= answered.status <= 599
    return Reply(
        failure=f"HTTP {answered.status}{_complaint(answered.body)}",
        again=again,
        after=_seconds(answered.retry_after) if again else None,
        billed=False,
    )


def _seconds(text: str) -> float | None:
    """`Retry-After` in seconds; a date is not read: our clock is not the server's."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds <= _LONGEST_WAIT else None


def _complaint(body: bytes) -> str:
    """The server's own words, where it has some."""
    try:
        said = json.loads(body[:20_000])
    except (ValueError, RecursionError):
        return ""
    error = said.get("error") if isinstance(said, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return f": {words(message, 200)}" if isinstance(message, str) else ""
