"""From the analyst's text to an `Answer`, strictly, and back. What is not exactly one is none (X-1, X-2)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from glassdesk.kernel.canonical import plain
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.signals.model import (
    Action,
    Agreement,
    Answer,
    Confirmations,
    Echo,
    Evidence,
    Trend,
    View,
)
from glassdesk.workflow.signals.shapes import (
    Shape,
    choice,
    day,
    fraction,
    nullable,
    price,
    record,
    rows,
    text,
    whole,
)

SCHEMA_VERSION = 2

MOST_CHARACTERS = 32_768
"""Of a whole answer; longer ones are not read."""

_VIEW = choice(View)

_SHAPE: Shape = record(
    Answer,
    {
        "schema_version": whole("Always 2.", only=SCHEMA_VERSION),
        "echo": record(
            Echo,
            {
                "symbol": text(40, "As in the message."),
                "timeframe": text(20, "As in the message."),
                "last_bar": day("Date of the last closed bar, YYYY-MM-DD, as in the message."),
                "last_close": price("Close of the last closed bar, as in the message."),
                "n_bars": whole("Number of bars, as in the message."),
                "chart_code": text(16, "The code printed in the picture; empty where none is seen."),
            },
            "What was shown.",
        ),
        "evidence": rows(
            record(
                Evidence,
                {
                    "panel": text(40, "Where in the picture it is seen, or numbers."),
                    "indicator": text(60, "Its name as in the message, or close."),
                    "reading": text(300, "What it says, in a few words."),
                    "value": nullable(fraction("Its value as given; null where the reading has none.")),
                    "direction": _VIEW,
                },
            ),
            8,
            "At most eight readings.",
        ),
        "confirmations": record(
            Confirmations,
            {"supertrend": _VIEW, "price_vs_sma20": _VIEW, "macd": _VIEW, "rsi": _VIEW},
            "The four checks as in the message.",
        ),
        "weekly_agreement": choice(
            Agreement, "What the weekly chart says of the decision; na for HOLD, ABSTAIN or without one."
        ),
        "trend": choice(Trend, "The trend of the decision chart."),
        "counter_case": text(2_000, "The best argument against the decision."),
        "invalidation": text(2_000, "What would prove it wrong."),
        "action": choice(Action, "SELL leaves a position; it opens none."),
        "entry_low": nullable(price("Lowest price at which to buy; null unless BUY.")),
        "entry_high": nullable(price("Highest price at which to buy; null unless BUY.")),
        "stop": nullable(price("Price at which the decision was wrong; null unless BUY.")),
        "target_1": nullable(price("Where to leave with a gain; null unless BUY.")),
        "target_2": nullable(price("A further target, or null.")),
        "target_1_basis": text(200, "What target_1 rests on; empty without one."),
        "target_2_basis": text(200, "What target_2 rests on; empty without one."),
        "horizon_bars": nullable(whole("Bars the decision needs; null for HOLD and ABSTAIN.")),
        "confidence": nullable(
            fraction("Probability, 0 to 1, that target_1 is reached before the stop; null if unknown.")
        ),
        "rationale": text(4_000, "At most 900 characters, plain text."),
        "data_issues": rows(text(300), 10, "What is missing or contradicts itself."),
    },
)

ANSWER_SCHEMA: dict[str, Any] = dict(_SHAPE.schema)
"""The portable JSON schema that a model's decoder enforces."""


def parse(raw: str) -> Answer:
    """The answer in `raw`: one JSON object and nothing else. Raises `InvalidInput` saying what is wrong.

    Nothing is guessed or repaired: no fence is peeled off, no word is searched for.
    """
    if not raw.strip():
        raise InvalidInput("it is empty", where="answer")
    if len(raw) > MOST_CHARACTERS:
        raise InvalidInput(f"{len(raw):,} characters, at most {MOST_CHARACTERS:,}", where="answer")
    answer: Answer = _SHAPE.read(_json(raw), "")
    return answer


def _json(raw: str) -> object:
    try:
        return json.loads(
            raw, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_no_duplicates
        )
    except RecursionError as failure:
        raise InvalidInput("it is nested too deeply", where="answer") from failure
    except (ValueError, ArithmeticError) as failure:
        raise InvalidInput(f"it is no JSON object: {str(failure)[:120]}", where="answer") from failure


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is no number")


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    seen = dict(pairs)
    if len(seen) < len(pairs):
        raise ValueError("a field is given twice")
    return seen


def write(answer: Answer) -> str:
    """The inverse of `parse`: JSON in schema order, prices as numbers.

    Prices of up to fifteen digits keep every digit; more do not occur on any price grid.
    """
    return json.dumps(_numbers(answer), ensure_ascii=False, allow_nan=False)


def _numbers(answer: Answer) -> dict[str, Any]:
    flat: dict[str, Any] = plain(answer)
    for name in ("entry_low", "entry_high", "stop", "target_1", "target_2"):
        flat[name] = _float(flat[name])
    flat["echo"]["last_close"] = _float(flat["echo"]["last_close"])
    return flat


def _float(number: str | None) -> float | None:
    return None if number is None else float(number)
