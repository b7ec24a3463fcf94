"""Nouns of the operations step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

OK = "ok"
NOT_KNOWN = "not_known"
"""The code of a check that needs the database, while that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that trading needs. `code` is for machines: `ok`, or what is wrong. `why` is one line that
    may be told to strangers: it holds no account, no address and no word of a person."""

    check: str
    code: str = OK
    why: str = ""

    @property
    def ok(self) -> bool:
        return self.code == OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether the desk can trade, as looked at once."""

    at: datetime
    checks: tuple[Check, ...]

    @property
    def ready(self) -> bool:
        """Everything that trading needs is there."""
        return all(check.ok for check in self.checks)

    @property
    def missing(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.ok)

    @property
    def said(self) -> str:
        """`the desk cannot trade: no dealer reigns; nobody is signed in`."""
        if self.ready:
            return "the desk can trade"
        return "the desk cannot trade: " + "; ".join(check.why for check in self.missing)
