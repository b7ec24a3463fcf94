"""What is wrong with a prompt, and what may be: every finding; `checking` stops at the first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.prompts import checking, tokens
from glassdesk.workflow.prompts.catalogue import CATALOGUE, sample
from glassdesk.workflow.prompts.model import Kind
from glassdesk.workflow.prompts.ports import TemplateEngine

FUTURE = re.compile(r"(?:^|_)(?:next|future|tomorrow|forward|later|upcoming|outcome|result)(?:_|$)")
"""Names of what nobody knows at the slot."""

_WITH_A_RUN = {v.name for v in CATALOGUE if v.group not in ("strategy", "fixed")}
_SECTIONS = ("action", "entry_high", "stop", "target_1", "confidence")
"""Fields of the answer that a prompt speaks of (R-16)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One remark. An `error` keeps the prompt from being saved; a `warning` does not."""

    level: str
    where: str
    problem: str
    remedy: str


def lint(
    engine: TemplateEngine, system: str, body: str, kind: Kind = Kind.COMBINED, shared: str | None = None
) -> tuple[Finding, ...]:
    """All findings, errors first. `shared` is the text of the system part that the prompt leans on."""
    found = [*_errors(engine, system, body, kind, shared), *_warnings(engine, system, body, kind, shared)]
    return tuple(sorted(found, key=lambda one: one.level))


def _errors(
    engine: TemplateEngine, system: str, body: str, kind: Kind, shared: str | None
) -> Iterator[Finding]:
    for part, text in (("system", system), ("body", body)):
        try:
            names = engine.variables(text)
        except InvalidInput:
            continue
        for name in sorted(names - checking.NAMES, key=lambda one: (checking.line_of(text, one), one)):
            yield _unknown(part, text, name)
    try:
        checking.check(engine, system, body, kind, "shared" if shared is not None else "")
    except InvalidInput as first:
        if "there is no variable" not in first.problem:
            yield Finding(level="error", where=first.where, problem=first.problem, remedy=first.remedy)


def _unknown(part: str, text: str, name: str) -> Finding:
    where = f"{part}, line {checking.line_of(text, name)}"
    if FUTURE.search(name):
        problem = f"{name!r} looks ahead: nobody knows it when the decision is made"
        return Finding(level="error", where=where, problem=problem, remedy="use closed bars")
    problem, remedy = f"there is no variable {name!r}", f"did you mean {checking.nearest(name)}?"
    return Finding(level="error", where=where, problem=problem, remedy=remedy)


def _warnings(
    engine: TemplateEngine, system: str, body: str, kind: Kind, shared: str | None
) -> Iterator[Finding]:
    parts = (("system", system), ("body", body))
    for part, text in parts:
        try:
            for name, line in engine.unused(text):
                yield _warning(f"{part}, line {line}", f"{name!r} is never used", "remove it")
        except InvalidInput:
            return
    yield from _prefix(engine, system if shared is None else shared)
    yield from _sections(kind, "\n".join((system, shared or "", body)))
    yield from _length(engine, system if shared is None else shared, body)


def _prefix(engine: TemplateEngine, system: str) -> Iterator[Finding]:
    moving = sorted(engine.variables(system) & _WITH_A_RUN)
    if moving:
        problem = f"{', '.join(moving)} differs between runs, and the system part is sent first"
        remedy = "move it to the body: what is the same for every symbol is cached by providers"
        yield _warning(f"system, line {checking.line_of(system, moving[0])}", problem, remedy)


def _sections(kind: Kind, text: str) -> Iterator[Finding]:
    missing = [name for name in _SECTIONS if not re.search(rf"\b{name}\b", text)]
    if missing and kind is not Kind.SYSTEM:
        problem = f"nothing is said about {', '.join(missing)}"
        yield _warning("text", problem, "say what the model shall put into these fields")


def _length(engine: TemplateEngine, system: str, body: str) -> Iterator[Finding]:
    try:
        length = sum(tokens.estimate(engine.render(text, whole_sample())) for text in (system, body))
    except InvalidInput:
        return
    if length > tokens.MOST:
        problem = f"about {length:,} tokens of text with a full set of bars, more than {tokens.MOST:,}"
        yield _warning("text", problem, "shorten it, or print fewer bars: bars[-20:]")


def whole_sample() -> dict[str, object]:
    """The catalogue's examples with as many bars and lines as a real run has: what a length is judged by."""
    context = sample()
    bar = {"open": 100.25, "high": 101.75, "low": 99.13, "close": 100.87, "volume": 11_251_213}
    for name, count in (("bars", 30), ("weekly_bars", 26)):
        context[name] = [{"date": f"2012-{1 + at // 28:02d}-{1 + at % 28:02d}", **bar} for at in range(count)]
    context["indicators"] = {f"sma_{length}": 123.456 for length in range(10, 24)}
    return context


def _warning(where: str, problem: str, remedy: str) -> Finding:
    return Finding(level="warning", where=where, problem=problem, remedy=remedy)
