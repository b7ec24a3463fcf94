"""Text that a model wrote, made harmless before it is stored and shown (V20)."""

from __future__ import annotations

import re

MOST_CHARACTERS = 900

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_ADDRESS = re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,15}://|\bwww\.)\S+", re.IGNORECASE)
_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:instruction|prompt|rule|limit|previous|above)"
    r"|\bsystem prompt\b|\byou must (?:now )?(?:buy|sell|execute|place)\b|\bdeveloper mode\b|</?\w{1,20}>",
    re.IGNORECASE,
)
_OTHER_TICKER = re.compile(r"\$([A-Z]{1,5})\b|\b(?:NASDAQ|NYSE|AMEX|ARCA)\s?:\s?([A-Z]{1,5})\b")


def problems(text: str, symbol: str) -> tuple[str, ...]:
    """What does not belong into a rationale about `symbol`; empty when all is well."""
    found = []
    if len(text) > MOST_CHARACTERS:
        found.append(f"{len(text)} characters, at most {MOST_CHARACTERS}")
    if _ADDRESS.search(text):
        found.append("an address")
    if _INSTRUCTION.search(text):
        found.append("text like an instruction")
    others = {cash or listed for cash, listed in _OTHER_TICKER.findall(text)} - {symbol}
    if others:
        found.append(f"other tickers: {', '.join(sorted(others))}")
    return tuple(found)


def clean(text: str, most: int = MOST_CHARACTERS) -> str:
    """One paragraph without control characters, addresses and instructions, at most `most` characters."""
    plain = _CONTROL.sub(" ", text)
    for pattern in (_ADDRESS, _INSTRUCTION):
        plain = pattern.sub("[removed]", plain)
    plain = " ".join(plain.split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"
