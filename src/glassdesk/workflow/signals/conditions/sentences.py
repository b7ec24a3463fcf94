"""Statements as a trader writes them: from text to `Statement` and back, exactly.

    rsi_14 below 30                          close crosses above sma_20
    rsi_14 between 40 and 60                 sma_50 rising over 5 bars
    close above donchian_20_upper 1 bar ago  weekly close above weekly sma_20

`rsi(14)` and `bb(20, 2).upper` are read as the lines `rsi_14` and `bb_20_2_upper`, `>` and `<` as above and
below.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NoReturn

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.signals.conditions.model import (
    Condition,
    GroupKind,
    Operand,
    Relation,
    Statement,
    Timeframe,
)

MOST_AGO = 100
MOST_CHARACTERS = 200
MOST_BARS = 100
EXAMPLES = "like `rsi_14 below 30`, `close crosses above sma_20`, `sma_50 rising over 5 bars`"

_WORDS = ("above", "below", "crosses", "between", "and", "rising", "falling", "over", "bars", "bar", "ago")
_FRAMES = tuple(one.value for one in Timeframe if one is not Timeframe.DECISION)
_STATEMENT = re.compile(
    r"(?P<left>.+?) (?P<relation>crosses above|crosses below|above|below|between|rising|falling)"
    r"(?: (?P<rest>.+))?"
)
_OPERAND = re.compile(
    rf"(?:(?P<frame>{'|'.join(_FRAMES)}) )?(?P<name>[a-z][a-z0-9_]*)(?: (?P<ago>\d{{1,4}}) bars? ago)?"
)
_NUMBER = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,12})?")
_OVER = re.compile(r"over (?P<bars>\d{1,4}) bars?")
_CALL = re.compile(r"(?P<kind>[a-z][a-z0-9]*) ?\((?P<numbers>[^()]*)\)(?:\.(?P<output>[a-z_]+))?")


def parse_statement(text: str) -> Statement:
    """The statement in a sentence; names are not looked up. Raises `InvalidInput`."""
    if len(text) > MOST_CHARACTERS:
        _refuse(text, f"has {len(text)} characters", f"at most {MOST_CHARACTERS}")
    spelt = _spelt(text)
    found = _STATEMENT.fullmatch(spelt)
    if found is None:
        _refuse(text, f"is no statement{_wrong_word(spelt)}", EXAMPLES)
    relation, rest = Relation(found["relation"]), found["rest"] or ""
    left = _operand(text, found["left"])
    if not left.name:
        _refuse(text, "begins with a number", "begin with what is compared, " + EXAMPLES)
    if relation.over_bars:
        return Statement(left=left, relation=relation, bars=_bars(text, relation, rest))
    if relation is Relation.BETWEEN:
        low, _, high = rest.partition(" and ")
        right, upper = _operand(text, low.removesuffix(" and")), _operand(text, high)
        return Statement(left=left, relation=relation, right=right, upper=_in_order(text, right, upper))
    return Statement(left=left, relation=relation, right=_operand(text, rest))


def _spelt(text: str) -> str:
    """One spelling for what may be written in several ways."""
    low = _CALL.sub(_line, " ".join(text.lower().split()))
    low = re.sub(r" ?([<>]) ?", lambda sign: " below " if sign[1] == "<" else " above ", low)
    return re.sub(r" is (above|below|between|rising|falling)\b", r" \1", low)


def _line(call: re.Match[str]) -> str:
    numbers = [number.strip().replace(".", "p") for number in call["numbers"].split(",") if number.strip()]
    return "_".join([call["kind"], *numbers, *([call["output"]] if call["output"] else [])])


def _operand(text: str, part: str) -> Operand:
    if _NUMBER.fullmatch(part):
        return Operand(number=float(part) + 0.0)
    found = _OPERAND.fullmatch(part)
    if found is None:
        said = f"names no value: {part!r}" if part else "compares with nothing"
        _refuse(text, said + _wrong_word(part), "a number, a price such as close, or a line such as sma_20")
    ago = int(found["ago"] or 0)
    if ago > MOST_AGO:
        _refuse(text, f"looks {ago} bars back", f"at most {MOST_AGO}")
    frame = Timeframe(found["frame"]) if found["frame"] else Timeframe.DECISION
    return Operand(name=found["name"], timeframe=frame, ago=ago)


def _bars(text: str, relation: Relation, rest: str) -> int:
    found = _OVER.fullmatch(rest)
    bars = int(found["bars"]) if found else 0
    if not 1 <= bars <= MOST_BARS:
        _refuse(
            text, f"does not say how long it is {relation.value}", f"over N bars, N from 1 to {MOST_BARS}"
        )
    return bars


def _in_order(text: str, low: Operand, high: Operand) -> Operand:
    if low.number is not None and high.number is not None and low.number > high.number:
        _refuse(text, "is never true", f"between {_number(high.number)} and {_number(low.number)}")
    return high


def _wrong_word(text: str) -> str:
    """A word that is almost one of ours, named."""
    for word in text.split():
        near = get_close_matches(word, (*_WORDS, *_FRAMES), n=1, cutoff=0.75)
        if near and near[0] != word:
            return f" ({word}: did you mean {near[0]}?)"
    return ""


def _refuse(text: str, problem: str, remedy: str) -> NoReturn:
    shown = text if len(text) <= 80 else f"{text[:77]}…"
    raise InvalidInput(f"{shown!r} {problem}", where="conditions", remedy=remedy)


def statement_text(statement: Statement) -> str:
    """The sentence of a statement; `parse_statement` gives the same statement back."""
    left, relation = operand_text(statement.left), statement.relation
    if relation.over_bars:
        return f"{left} {relation.value} over {count(statement.bars)}"
    right = operand_text(statement.right or Operand())
    if statement.upper is not None:
        right = f"{right} and {operand_text(statement.upper)}"
    return f"{left} {relation.value} {right}"


def condition_text(condition: Condition) -> str:
    """A condition in one line, for people: `close above sma_200 and (rsi_2 below 10 or rsi_14 below 30)`."""
    if isinstance(condition, Statement):
        return statement_text(condition)
    parts = [
        condition_text(part) if isinstance(part, Statement) else f"({condition_text(part)})"
        for part in condition.of
    ]
    if condition.kind is GroupKind.NOT:
        return f"not {parts[0]}"
    if condition.kind is GroupKind.AT_LEAST:
        return f"at least {condition.need} of {len(parts)}: {', '.join(parts)}"
    return (" and " if condition.kind is GroupKind.ALL else " or ").join(parts)


def operand_text(operand: Operand) -> str:
    """A value as it is written: `weekly sma_20 1 bar ago`."""
    if operand.number is not None:
        return _number(operand.number)
    frame = "" if operand.timeframe is Timeframe.DECISION else f"{operand.timeframe.value} "
    return f"{frame}{operand.name}" + (f" {count(operand.ago)} ago" if operand.ago else "")


def count(bars: int) -> str:
    """`1 bar`, `5 bars`."""
    return "1 bar" if bars == 1 else f"{bars} bars"


def _number(number: float) -> str:
    """The shortest text that reads back as the same number, without an exponent."""
    return str(int(number)) if number == int(number) else f"{number:.12f}".rstrip("0")
