"""A mutant: the product without its handling of one fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

Undo = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """`undo` takes the handling of fault `number` out of the product; `about` says what is left."""

    number: int
    about: str
    undo: Undo

    def __str__(self) -> str:
        return f"F-{self.number:02} {self.about}"
