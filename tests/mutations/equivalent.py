"""Damages that change nothing anybody could see, each with the reason. They count neither way."""

from __future__ import annotations

EQUIVALENT: dict[tuple[str, str, str], str] = {}
"""(module, before, after), white space as one blank → why it is the same program."""
