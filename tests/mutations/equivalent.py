"""Damages that change nothing anybody could see, each with the reason. They count neither way."""

from __future__ import annotations

EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("workflow/order_tracking/fold.py", "_age(f) < _age(settled)", "(_age(f) <= _age(settled))"): (
        "a statement of the broker and a person's word have different ranks: their ages are never equal"
    ),
}
"""(module, before, after), white space as one blank → why it is the same program."""
