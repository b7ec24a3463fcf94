"""Whether a prompt can be saved: it parses, knows its variables, and renders on the sample context."""

from __future__ import annotations

import difflib
import re

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.indicators.catalogue import entries
from glassdesk.workflow.prompts.catalogue import CATALOGUE, MISSING, sample, sparse
from glassdesk.workflow.prompts.model import Kind
from glassdesk.workflow.prompts.ports import TemplateEngine

MOST_CHARACTERS = 20_000
"""Of one part of a prompt, before rendering."""

NAMES = frozenset(variable.name for variable in CATALOGUE)
"""Every variable there is."""

_LINE = re.compile(r"\bindicators(?:\.(\w+)|\[\s*[\"'](\w+)[\"']\s*\])")
_READERS = {"items", "keys", "values", "get"}
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def check(
    engine: TemplateEngine, system: str, body: str, kind: Kind = Kind.COMBINED, system_prompt: str = ""
) -> None:
    """Raises `InvalidInput` naming part, line, what is wrong and what would be right."""
    absent = _absent(kind, system, body, system_prompt)
    for part, text in (("system", system), ("body", body)):
        if part not in absent:
            _check_text(part, text)
            _check_variables(engine, part, text)
            _check_rendering(engine, part, text)


def _absent(kind: Kind, system: str, body: str, system_prompt: str) -> tuple[str, ...]:
    """Parts that a prompt has not. Raises `InvalidInput` where there is text in one of them."""
    if kind is Kind.SYSTEM and body.strip():
        raise InvalidInput("a prompt of kind system has no body", where="body", remedy="empty it")
    if kind is Kind.SYSTEM and system_prompt:
        raise InvalidInput("a shared system part leans on no other", where="system_prompt", remedy="empty it")
    if system_prompt and system.strip():
        problem = f"the system part is that of {system_prompt}"
        raise InvalidInput(problem, where="system", remedy="empty it, or name no shared one")
    return (*(("body",) if kind is Kind.SYSTEM else ()), *(("system",) if system_prompt else ()))


def _check_text(part: str, text: str) -> None:
    if not text.strip():
        raise InvalidInput("it is empty", where=part, remedy="write what the model shall do")
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(
            f"{len(text):,} characters", where=part, remedy=f"at most {MOST_CHARACTERS:,}: shorten it"
        )
    if found := _UNSTORABLE.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise InvalidInput(
            f"the character {found.group()!r}", where=f"{part}, line {line}", remedy="remove it"
        )


def _check_variables(engine: TemplateEngine, part: str, text: str) -> None:
    try:
        used = engine.variables(text)
    except InvalidInput as failure:
        raise _in_part(part, failure) from failure
    unknown = sorted(used - NAMES, key=lambda name: (line_of(text, name), name))
    if unknown:
        name = unknown[0]
        raise InvalidInput(
            f"there is no variable {name!r}",
            where=f"{part}, line {line_of(text, name)}",
            remedy=f"did you mean {nearest(name)}?",
        )


def _check_rendering(engine: TemplateEngine, part: str, text: str) -> None:
    lines = lines_used(text)
    _known_lines(part, text, lines)
    for context, value in ((sample(), 1.5), (sparse(), MISSING)):
        context["indicators"] = dict.fromkeys(("sma_20", *lines), value)
        try:
            engine.render(text, context)
        except InvalidInput as failure:
            raise _in_part(part, failure) from failure


def lines_used(text: str) -> tuple[str, ...]:
    """Lines of indicators that a prompt names itself: the strategy's indicator set must have them."""
    return tuple(sorted({dotted or quoted for dotted, quoted in _LINE.findall(text)} - _READERS))


def _known_lines(part: str, text: str, lines: tuple[str, ...]) -> None:
    kinds = [entry.kind for entry in entries()]
    for name in lines:
        if name.split("_", maxsplit=1)[0] not in kinds:
            raise InvalidInput(
                f"no indicator has a line {name!r}",
                where=f"{part}, line {line_of(text, name)}",
                remedy="for example indicators.rsi_14; kinds: " + ", ".join(kinds),
            )


def _in_part(part: str, failure: InvalidInput) -> InvalidInput:
    where = f"{part}, {failure.where}" if failure.where else part
    return InvalidInput(failure.problem, where=where, remedy=failure.remedy)


def line_of(text: str, name: str) -> int:
    """The first line with `name` between template brackets, else the first with it at all, else 1."""
    word = rf"\b{re.escape(name)}\b"
    for pattern in (rf"\{{[{{%](?:(?![}}%]\}}).)*?{word}", word):
        if found := re.search(pattern, text, re.DOTALL):
            return text.count("\n", 0, found.end()) + 1
    return 1


def nearest(name: str) -> str:
    """The variables that look most like a name."""
    close = difflib.get_close_matches(name, sorted(NAMES), n=3, cutoff=0.5)
    return " or ".join(close or difflib.get_close_matches(name, sorted(NAMES), n=3, cutoff=0.0))
