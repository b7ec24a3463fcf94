"""Reading single fields of a form."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import Depends, Request

from glassdesk.kernel.errors import GlassdeskError, InvalidInput


@dataclass(frozen=True, slots=True)
class FormValues:
    """A form as it was sent: text by field name."""

    fields: tuple[tuple[str, str], ...]

    def text(self, name: str) -> str:
        """The field without surrounding space; empty when absent."""
        return next((value.strip() for key, value in self.fields if key == name), "")

    def raw(self, name: str) -> str:
        """The field with its line ends as one character; empty when absent."""
        return next((value.replace("\r\n", "\n") for key, value in self.fields if key == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of a field that may be sent more than once."""
        return [value for key, value in self.fields if key == name]

    def ticked(self, name: str) -> bool:
        """True when the box was ticked."""
        return bool(self.text(name))

    def whole(self, name: str) -> int:
        """A whole number. Raises `InvalidInput`."""
        try:
            return int(self.text(name))
        except ValueError as failure:
            raise self._no("whole number", name, "digits only, e.g. 60") from failure

    def maybe_whole(self, name: str) -> int | None:
        """A whole number, or nothing."""
        return self.whole(name) if self.text(name) else None

    def decimal(self, name: str) -> Decimal:
        """A number with a point. Raises `InvalidInput`."""
        try:
            value = Decimal(self.text(name))
        except InvalidOperation as failure:
            raise self._no("number", name, "digits with a point, e.g. 2.5") from failure
        if not value.is_finite():
            raise self._no("number", name, "digits with a point, e.g. 2.5")
        return value

    def maybe_decimal(self, name: str) -> Decimal | None:
        """A number, or nothing."""
        return self.decimal(name) if self.text(name) else None

    def fraction(self, name: str) -> Decimal:
        """A percentage as a fraction: `0.5` is 0.005. Raises `InvalidInput`."""
        return self.decimal(name) / 100

    def word(self, name: str, words: tuple[str, ...]) -> str:
        """One of these words; the first where nothing is said. Raises `InvalidInput`."""
        said = self.text(name) or words[0]
        if said not in words:
            raise InvalidInput(f"{said!r:.40} is none of these", where=name, remedy=" or ".join(words))
        return said

    def shown(self) -> dict[str, str]:
        """What was typed, to be shown again."""
        return {name: value for name, value in reversed(self.fields) if name != "csrf"}

    def _no(self, kind: str, name: str, remedy: str) -> InvalidInput:
        return InvalidInput(f"{self.text(name)!r} is no {kind}", where=name, remedy=remedy)


async def read_form(request: Request) -> FormValues:
    """The text fields of the request's form; files are not taken."""
    sent = await request.form()
    return FormValues(tuple((name, value) for name, value in sent.multi_items() if isinstance(value, str)))


Form = Annotated[FormValues, Depends(read_form)]


def say(problem: GlassdeskError) -> str:
    """One sentence for beside the field."""
    text = f"{problem.problem[:1].upper()}{problem.problem[1:]}"
    return f"{text}: {problem.remedy}." if problem.remedy else f"{text}."
