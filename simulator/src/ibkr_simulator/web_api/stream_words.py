"""Messages of a websocket's client, and the refusals they earn [§7.2]."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Put = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """`TOPIC+TARGET+{JSON}`, taken apart. `rest` is everything after the topic."""

    topic: str
    target: str
    body: Mapping[str, Any]
    rest: str


def words(text: str) -> Words:
    """A message taken apart; topics without a target have their JSON in its place."""
    topic, _, rest = text.partition("+")
    if rest.startswith("{"):
        return Words(topic=topic, target="", body=_object(rest), rest=rest)
    target, _, body = rest.partition("+")
    return Words(topic=topic, target=target, body=_object(body), rest=rest)


def refusal(text: str, code: int, asked: Words) -> dict[str, Any]:
    """The frame that answers a bad request."""
    topic = f"{asked.topic}+{asked.target}" if asked.target else asked.topic
    return {"error": text, "code": code, "topic": topic}


def _object(text: str) -> Mapping[str, Any]:
    try:
        body = json.loads(text or "{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
