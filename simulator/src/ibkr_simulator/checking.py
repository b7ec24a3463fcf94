"""Holds every answer and every frame against its schema; for tests, and for `serve --check-answers`."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ibkr_simulator import schemas
from ibkr_simulator.messages import Answer, Request
from ibkr_simulator.web_api.pipeline import API

_LOG = logging.getLogger(__name__)
_NO_TOPIC = ("error", "message", "result")


class WrongShape(AssertionError):
    """An answer or frame that no schema allows."""


class CannotCheck(ValueError):
    """What reads schemas is not installed."""


class Checker:
    """Observes a world; raises WrongShape for whatever has not the shape it should have.

    Raises CannotCheck when it is made without the library.
    """

    def __init__(self) -> None:
        try:
            # Comes with the tests only: a simulator that checks nothing runs without it.
            import jsonschema_rs
        except ImportError as missing:
            raise CannotCheck("checking answers needs the package jsonschema-rs") from missing
        self._validator_of = jsonschema_rs.Draft202012Validator
        self._made: dict[tuple[str, str], jsonschema_rs.Draft202012Validator] = {}

    def answered(self, request: Request, answer: Answer) -> None:
        """One answer of the Web API."""
        if answer.malformed or answer.cut == "at once":
            return
        what = f"{request.method} {request.path} {answer.status}"
        self.check_answer(self._word(request), answer.status, _body(answer), what)

    def framed(self, frame: Any) -> None:
        """One frame of the websocket, as it is sent."""
        if isinstance(frame, bytes):
            return
        topic = frame_word(frame)
        named = schemas.documents()[schemas.FRAMES]["frames"].get(topic)
        if named is None:
            raise WrongShape(f"no schema for websocket frames of {topic}: {frame}")
        self._check(schemas.FRAMES, named, json.loads(json.dumps(frame)), f"frame {topic}")

    def check_answer(self, word: str, status: int, body: Any, what: str) -> None:
        """Hold a body against the shapes of an endpoint's status. Raises WrongShape."""
        named = schemas.shapes(word, status)
        if not named:
            raise WrongShape(f"{what}: schemas/{word}.json knows no status {status}; body {body!r}")
        self._check(word, named, body, what)

    def accepts(self, word: str, shape: str, body: Any) -> bool:
        """Whether a body has one shape of an endpoint."""
        return bool(self._validator(word, shape).is_valid(body))

    def _check(self, word: str, named: Iterable[str], body: Any, what: str) -> None:
        if any(self.accepts(word, shape, body) for shape in named):
            return
        reasons = "; ".join(f"{shape}: {self._why(word, shape, body)}" for shape in named)
        raise WrongShape(f"{what} is none of schemas/{word}.json: {reasons}")

    def _why(self, word: str, shape: str, body: Any) -> str:
        first = next(self._validator(word, shape).iter_errors(body))
        return f"{first.message} at /{'/'.join(str(part) for part in first.instance_path)}"[:300]

    def _validator(self, word: str, shape: str) -> Any:
        if (word, shape) not in self._made:
            self._made[word, shape] = self._validator_of(schemas.shape_schema(word, shape))
        return self._made[word, shape]

    def _word(self, request: Request) -> str:
        found = API.find(request.method, request.path)
        if found is None:
            return schemas.COMMON
        pattern = found[0].pattern
        word = schemas.words_by_route().get((request.method, pattern))
        if word is None:
            raise WrongShape(f"no schema for {request.method} {pattern}")
        return word


@dataclass(slots=True)
class Watch:
    """A checker for a running server: a violation is logged, kept and, if wanted, appended to a report; the
    client gets its answer."""

    checker: Checker = field(default_factory=Checker)
    violations: list[str] = field(default_factory=list)
    report: Path | None = None

    def answered(self, request: Request, answer: Answer) -> None:
        """One answer of the Web API."""
        try:
            self.checker.answered(request, answer)
        except WrongShape as wrong:
            self._note(wrong)

    def framed(self, frame: Any) -> None:
        """One frame of the websocket."""
        try:
            self.checker.framed(frame)
        except WrongShape as wrong:
            self._note(wrong)

    def _note(self, wrong: WrongShape) -> None:
        self.violations.append(str(wrong))
        _LOG.error("wrong shape: %s", wrong)
        if self.report is not None:
            with self.report.open("a", encoding="utf-8") as report:
                report.write(f"{wrong}\n")


def frame_word(frame: Any) -> str:
    """The topic of a frame without its target; a frame without topic goes by its first known key."""
    if "topic" in frame and "error" not in frame:
        return str(frame["topic"]).partition("+")[0]
    return next((key for key in _NO_TOPIC if key in frame), "nothing known")


def _body(answer: Answer) -> Any:
    if answer.raw is None:
        return json.loads(answer.content())
    return answer.raw.decode("utf-8", "replace")
