"""Scenario files, and the same words in a control request.

```toml
[[fault]]
number = 22                       # F-22; `python -m ibkr_simulator faults` lists them
at = "2012-10-01T14:00:00Z"       # or: after = 90, seconds of market time; without both at once
endpoint = "reply"                # a word of the list or a path; without it the fault's own
skip = 2                          # requests that pass before it strikes
count = 3                         # how often it strikes; seconds = 60 lets it strike for so long
stall = 11                        # everything else is the fault's own, also as [fault.parameters]
```
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from ibkr_simulator.instants import SECOND, Instant, parse
from ibkr_simulator.scenarios.armed import Armed, CannotArm, Wish
from ibkr_simulator.scenarios.catalogue import CATALOGUE
from ibkr_simulator.scenarios.endpoints import matcher
from ibkr_simulator.scenarios.scenario import Scenario

_HEAD = re.compile(r"^\s*\[\[\s*fault\s*\]\]")
_WORDS = ("number", "at", "after", "endpoint", "count", "skip", "parameters")


class BadField(CannotArm):
    """A word of a fault has a wrong value."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(problem)
        self.name = name


def read(file: Path) -> tuple[Wish, ...]:
    """The faults of a file. Raises CannotArm with file and line, OSError."""
    return parsed(file.read_text(encoding="utf-8"), str(file))


def parsed(text: str, where: str) -> tuple[Wish, ...]:
    """The faults of a file's text, in its order. Raises CannotArm with the line."""
    try:
        stated = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise CannotArm(f"{where}: no TOML: {problem}") from problem
    listed = stated.get("fault")
    if set(stated) != {"fault"} or not isinstance(listed, list):
        raise CannotArm(f"{where}: a scenario is a list of [[fault]] and nothing else")
    return tuple(_in_file(fields, index, text, where) for index, fields in enumerate(listed))


def _in_file(fields: Mapping[str, Any], index: int, text: str, where: str) -> Wish:
    try:
        return wish(fields)
    except BadField as problem:
        raise CannotArm(f"{where}, line {_line(text, index, problem.name)}: {problem}") from problem


def _line(text: str, index: int, name: str) -> int:
    """Where the word stands in that fault, else where the fault begins."""
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines, 1) if _HEAD.match(line)]
    if index >= len(heads):
        return 1
    end = heads[index + 1] - 1 if index + 1 < len(heads) else len(lines)
    word = re.compile(rf"^\s*{re.escape(name)}\s*=")
    found = (number for number in range(heads[index] + 1, end + 1) if word.match(lines[number - 1]))
    return next(found, heads[index])


def wish(fields: Mapping[str, Any]) -> Wish:
    """One fault in words. Raises CannotArm: what is wrong, and what would be right."""
    scenario = _scenario(fields.get("number"))
    return Wish(
        number=scenario.number,
        endpoint=_endpoint(fields.get("endpoint", "")),
        count=_whole(fields, "count", 1),
        skip=_whole(fields, "skip", 0),
        at=_instant(fields),
        after=_after(fields),
        parameters=_parameters(scenario, fields),
    )


def begin(world: Any, wishes: Sequence[Wish]) -> list[Armed]:
    """Arm all of them, in their order. Raises CannotArm."""
    return [world.faults.arm(one) for one in wishes]


def begin_once(world: Any, text: str, where: str) -> None:
    """Arm a file's faults, unless this world began with the same file already. Raises CannotArm."""
    wishes, known = parsed(text, where), sha256(text.encode()).hexdigest()
    if world.truth.kept("scenario") != known:
        begin(world, wishes)
        world.truth.keep("scenario", known)


def _scenario(number: object) -> Scenario:
    if isinstance(number, bool) or not isinstance(number, int):
        raise BadField("number", f"number takes a whole number from 1 to {max(CATALOGUE)}, not {number!r}")
    if number not in CATALOGUE:
        raise BadField("number", f"no fault F-{number:02}; there are F-01 to F-{max(CATALOGUE):02}")
    return CATALOGUE[number]


def _endpoint(stated: object) -> str:
    name = str(stated or "")
    try:
        if name:
            matcher(name)
    except ValueError as problem:
        raise BadField("endpoint", str(problem)) from problem
    return name


def _whole(fields: Mapping[str, Any], name: str, least: int) -> int:
    stated = fields.get(name, least)
    if isinstance(stated, bool) or not isinstance(stated, int) or stated < least:
        raise BadField(name, f"{name} takes a whole number of at least {least}, not {stated!r}")
    return stated


def _instant(fields: Mapping[str, Any]) -> Instant | None:
    stated = fields.get("at")
    if stated is None:
        return None
    try:
        return parse(str(stated))
    except ValueError as problem:
        raise BadField("at", f"at takes an instant such as 2012-10-01T14:00:00Z, not {stated!r}") from problem


def _after(fields: Mapping[str, Any]) -> Instant:
    stated = fields.get("after", 0)
    if fields.get("at") is not None and "after" in fields:
        raise BadField("after", "at and after exclude each other")
    return round(_seconds("after", stated) * SECOND)


def _seconds(name: str, stated: object) -> float:
    if isinstance(stated, bool) or not isinstance(stated, int | float) or stated < 0:
        raise BadField(name, f"{name} takes seconds, not {stated!r}")
    return float(stated)


def _parameters(scenario: Scenario, fields: Mapping[str, Any]) -> dict[str, Any]:
    inner = fields.get("parameters", {})
    if not isinstance(inner, dict):
        raise BadField("parameters", f"parameters takes a table, not {inner!r}")
    given = {name: value for name, value in fields.items() if name not in _WORDS} | inner
    for name in given:
        if name not in scenario.takes:
            known = ", ".join(scenario.takes) or "no words of its own"
            raise BadField(name, f"{scenario.code} ({scenario.name}) takes {known}, not {name}")
    for name in ("seconds", "stall", "late", "age"):
        if name in given:
            _seconds(name, given[name])
    return given
