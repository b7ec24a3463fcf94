"""Texts of the broker that are known to be final.

Every text that is not in this table leaves an order `Unknown`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """A text that means the request was refused for good.

    `whole` is true where it refuses the account or the parent, so that no leg of a bracket can live. A text
    about a price may be a child's, and a bracket is not atomic [F-52]: there it is final for a single order
    only.
    """

    pattern: re.Pattern[str]
    whole: bool
    source: str


def _final(pattern: str, source: str, *, whole: bool = False) -> Final:
    return Final(pattern=re.compile(pattern, re.IGNORECASE), whole=whole, source=source)


TABLE = (
    _final(r"^No trading permissions\b", "§5.1(c)", whole=True),
    _final(r"^Your account has a minimum of 15 orders working on either the buy or sell side", "§2, F-64"),
    _final(r"^invalid order price fields", "§5.1(c)"),
    _final(r"^invalid order attribute : Outside Regular Trading Hours", "§5.1(c)"),
    _final(r"^We cannot accept an order at the limit price you selected", "§5.1(c), F-65"),
    _final(r"does not conform to the minimum price variation", "§5.1(c), F-65"),
    _final(r"must exceed the initial margin", "§5.1(c) buying power, F-65", whole=True),
    _final(
        r"available settled cash|insufficient (?:buying power|funds)",
        "§5.1(c) buying power, F-65",
        whole=True,
    ),
)

_REFUSED_CANCEL = (
    re.compile(r"OrderID \S+ doesn'?t exist", re.IGNORECASE),
    re.compile(r"order is inactive", re.IGNORECASE),
)
_DUPLICATE = re.compile(r"Local order ID=.*is already registered", re.IGNORECASE)
_UNPRIMED = re.compile(r"please query /accounts first", re.IGNORECASE)


def is_final(text: str, *, bracket: bool) -> bool:
    """True where `text` proves that nothing of the request lives at the broker."""
    return any(entry.pattern.search(text) for entry in TABLE if entry.whole or not bracket)


def is_duplicate(text: str) -> bool:
    """True for a client order id that is registered already [F-53]."""
    return _DUPLICATE.search(text) is not None


def is_unprimed(text: str) -> bool:
    """True for a definitive non-acceptance: the accounts were not queried in this session [F-11]."""
    return _UNPRIMED.search(text) is not None


def is_refused_cancel(text: str) -> bool:
    """True where a cancel was refused because the order is absent or inactive [F-60].

    Its fate is to be looked up.
    """
    return any(pattern.search(text) for pattern in _REFUSED_CANCEL)
