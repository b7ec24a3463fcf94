"""One more round with a model whose answer failed in form: what it is told, and when it is worth the money.

What is told is the form that was expected, never the value: a model that misread the picture must not learn
the right answer from us (V02–V04, V13, V15).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from glassdesk.workflow.signals.calls import Prompt
from glassdesk.workflow.signals.case import ABSTAIN, REJECT
from glassdesk.workflow.signals.model import Check, Signal
from glassdesk.workflow.signals.wording import clean

NEEDS: Mapping[str, str] = {
    "V01": "echo.symbol and echo.timeframe exactly as in the message",
    "V02": "echo.last_bar is the date in the message's line about the last bar, YYYY-MM-DD",
    "V03": "echo.last_close is the number in the message's line about the last close",
    "V05": "a BUY has 0 < stop < entry_low <= entry_high; a SELL has no prices",
    "V06": "a BUY has entry_high < target_1 <= target_2, or target_2 null",
    "V08": "entry_low and entry_high lie within one ATR of the last close",
    "V09": "the stop is 0.5 to 4 ATR below entry_high",
    "V10": "no target is further than 8 ATR above entry_high",
}
"""The rules whose failure may be a slip of form, and what each needs."""

ADVICE: Mapping[str, str] = {
    "V04": "the picture was not read: `glassdesk models probe` tells whether this model sees pictures",
    "V13": "say that the confirmations are copied from the message",
    "V15": "say that values are those of the message, and that none is calculated",
    "V19": "the bars of that run are old: try another run",
}
"""What may help where a value, not a form, was wrong."""

_ORDER = ("V05", "V06")
_FOLLOWS = ("V11", "V12", "V18")
"""Rules that cannot hold while prices are out of order: they say nothing of their own then."""

_QUOTED = 8_000
_VOIDS = (ABSTAIN, REJECT)


def repairable(signal: Signal) -> bool:
    """True where every rule that voids the answer is one of form, or where it could not be read at all."""
    failed = {check.rule for check in _failed(signal)}
    if not signal.checks:
        return True
    if failed.intersection(_ORDER):
        failed -= set(_FOLLOWS)
    return bool(failed) and failed <= NEEDS.keys()


def again(prompt: Prompt, said: str, signal: Signal) -> Prompt:
    """The same prompt, the answer that failed, and what was wrong with its form."""
    wrong = [f"- {check.rule}: {NEEDS[check.rule]}" for check in _failed(signal) if check.rule in NEEDS]
    if not signal.checks:
        wrong = [f"- {clean(signal.reason, 300)}"]
    quoted = said[:_QUOTED].replace("```", "'''")
    told = "\n".join(
        (
            "",
            "Your previous answer cannot be used. It was:",
            "```",
            quoted,
            "```",
            "What is wrong with its form:",
            *wrong,
            "Read the message and the pictures again and answer with the JSON object only.",
        )
    )
    return replace(prompt, user=f"{prompt.user}\n{told}")


def advice(signal: Signal, failure: str) -> tuple[str, ...]:
    """What a person may change in a prompt, or look at, so that an answer can be used."""
    if failure:
        return (f"no answer came: {failure}. `glassdesk models probe` asks the model without this prompt",)
    if not signal.checks:
        return ("ask for one JSON object and nothing else, and name every field of the answer",)
    known = {**NEEDS, **ADVICE}
    return tuple(f"{one.rule}: {known[one.rule]}" for one in _failed(signal) if one.rule in known)


def _failed(signal: Signal) -> tuple[Check, ...]:
    return tuple(check for check in signal.checks if check.effect in _VOIDS)
