"""Requests and answers, free of any server."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

Json = Any
# Made once: every call of json.dumps with separators would make an encoder of its own.
_encoded = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request; `path` is below `/v1/api`, `params` are filled in by the route."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    text: str = ""
    has_agent: bool = True
    has_length: bool = True
    params: Mapping[str, str] = field(default_factory=dict)

    def but(self, params: Mapping[str, str]) -> "Request":
        """The same request with the route's variable parts."""
        return replace(self, params=params) if params else self

    def fields(self) -> Mapping[str, Any]:
        """The body when it is an object, else an empty one."""
        return self.body if isinstance(self.body, dict) else {}

    def asked(self, name: str, default: str = "") -> str:
        """A value from query or body, as text."""
        if name in self.query:
            return self.query[name]
        return str(self.fields().get(name, default))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status and body. `raw` replaces the JSON body; `stall` seconds of machine time pass before it;
    `cut` closes the connection: after the headers and half of the body, or before anything is sent.
    `malformed` says that a fault changed it on purpose."""

    status: int = 200
    body: Json = None
    raw: bytes | None = None
    kind: str = "application/json; charset=utf-8"
    stall: float = 0.0
    cut: str = ""
    malformed: bool = False

    def content(self) -> bytes:
        """The bytes on the wire."""
        if self.raw is not None:
            return self.raw
        return _encoded(self.body).encode()

    def but(self, **changes: Any) -> "Answer":
        """The same answer with some parts changed."""
        return replace(self, **changes)


def ok(body: Json) -> Answer:
    """200 with JSON."""
    return Answer(body=body)


def error(status: int, text: str) -> Answer:
    """The broker's usual error body."""
    return Answer(status=status, body={"error": text, "statusCode": status})


def bare_error(status: int, text: str) -> Answer:
    """An error body without the status code in it."""
    return Answer(status=status, body={"error": text})


def empty(status: int) -> Answer:
    """A status without a body."""
    return Answer(status=status, raw=b"", kind="text/plain; charset=utf-8")


def page(text: str, status: int = 200) -> Answer:
    """An HTML page."""
    return Answer(status=status, raw=text.encode(), kind="text/html; charset=utf-8")


class Observer(Protocol):
    """Sees everything the gateway says."""

    def answered(self, request: Request, answer: Answer) -> None:
        """One answer of the Web API, before it is sent."""

    def framed(self, frame: Any) -> None:
        """One frame of the websocket, before it is sent; bytes when it is none on purpose."""


Handler = Callable[[Any, Request], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`pattern` has `{names}` for variable parts; `priming` routes need `/iserver/accounts` first."""

    methods: str
    pattern: str
    handler: Handler
    priming: bool = False


class Routes:
    """Finds the route of a request: fixed paths by dictionary, the others part by part."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._fixed: dict[tuple[str, str], Route] = {}
        self._shaped: dict[tuple[str, int], list[tuple[list[str], Route]]] = {}
        for route in routes:
            for method in route.methods.split("|"):
                self._add(method, route)

    def _add(self, method: str, route: Route) -> None:
        if "{" not in route.pattern:
            self._fixed[method, route.pattern] = route
            return
        parts = route.pattern.split("/")
        self._shaped.setdefault((method, len(parts)), []).append((parts, route))

    def all(self) -> Iterator[tuple[str, str, Route]]:
        """Method, pattern and route of everything there is."""
        for (method, pattern), route in self._fixed.items():
            yield method, pattern, route
        for (method, _), shaped in self._shaped.items():
            for _, route in shaped:
                yield method, route.pattern, route

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route and the variable parts of the path; a slash at its end does not matter."""
        path = path.rstrip("/") or "/"
        fixed = self._fixed.get((method, path))
        if fixed is not None:
            return fixed, {}
        given = path.split("/")
        for parts, route in self._shaped.get((method, len(given)), ()):
            params = _matched(parts, given)
            if params is not None:
                return route, params
        return None


def _matched(parts: list[str], given: list[str]) -> dict[str, str] | None:
    params = {}
    for part, value in zip(parts, given, strict=True):
        if part.startswith("{"):
            params[part[1:-1]] = value
        elif part != value:
            return None
    return params
