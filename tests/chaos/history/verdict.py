"""What a checker answers: how often it looked, and what it saw that must not be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.chaos.history.books import Books
from tests.chaos.history.journal import Journal
from tests.chaos.history.truth import Truth

MOST_WITNESSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One invariant on one history."""

    id: str
    evaluations: int
    """On how many things it was evaluated; zero says nothing."""
    witnesses: tuple[str, ...] = ()
    """What broke it, at most five."""

    @property
    def ok(self) -> bool:
        return not self.witnesses


Checker = Callable[[Books, Truth, Journal], Verdict]


@dataclass(slots=True)
class Case:
    """Collects one invariant's evidence."""

    id: str
    evaluations: int = 0
    witnesses: list[str] = field(default_factory=list)

    def expect(self, holds: bool, *words: object) -> None:
        """One evaluation; the words are the witness where it does not hold."""
        self.evaluations += 1
        if not holds and len(self.witnesses) < MOST_WITNESSES:
            self.witnesses.append(" ".join(str(word) for word in words))

    def verdict(self) -> Verdict:
        """The end of it."""
        return Verdict(id=self.id, evaluations=self.evaluations, witnesses=tuple(self.witnesses))
