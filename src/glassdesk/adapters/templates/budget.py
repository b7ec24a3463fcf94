"""What one rendering may spend. Counted, not timed: a template fails at the same place on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextvars import ContextVar

from glassdesk.kernel.errors import InvalidInput

MOST_TURNS = 20_000
"""Loop turns and macro calls of one rendering, all loops together."""

MOST_CHARACTERS = 100_000
"""Characters of one rendering, and of any text made on the way."""

MOST_ITEMS = 10_000
"""Items of a list made on the way, lists inside it included."""

MOST_BITS = 512
"""Length of a whole number made on the way."""


class Budget:
    """Counts down during one rendering. Every method raises `InvalidInput` when a limit is passed."""

    def __init__(self) -> None:
        self._turns = 0
        self._characters = 0

    def turn(self) -> None:
        """One more loop turn or macro call."""
        self._turns += 1
        if self._turns > MOST_TURNS:
            raise InvalidInput(
                f"more than {MOST_TURNS:,} loop turns and macro calls", remedy="loop over fewer items"
            )

    def write(self, pieces: Iterable[str]) -> str:
        """Join pieces of output; what a macro or block captured counts again where it is printed."""
        kept = []
        for piece in pieces:
            self._characters += len(piece)
            if self._characters > MOST_CHARACTERS:
                raise InvalidInput(f"more than {MOST_CHARACTERS:,} characters of output", remedy="print less")
            kept.append(piece)
        return "".join(kept)


_CURRENT: ContextVar[Budget] = ContextVar("budget")


def fresh() -> Budget:
    """Begin a rendering in this context."""
    budget = Budget()
    _CURRENT.set(budget)
    return budget


def current() -> Budget:
    """The budget of the rendering under way; while a template is compiled, one that is thrown away."""
    return _CURRENT.get(None) or fresh()


def write(pieces: Iterable[str]) -> str:
    """`Budget.write` of the rendering under way."""
    return current().write(pieces)


def turns(items: object) -> Iterator[object]:
    """Walk through `items`, counting. Raises `InvalidInput` for what is no list."""
    if isinstance(items, str | int | float) or not isinstance(items, Iterable):
        raise InvalidInput(f"a loop over {type(items).__name__} {items!r:.40}", remedy="loop over a list")
    budget = current()
    for item in items:
        budget.turn()
        yield item


def weigh(value: object) -> int:
    """Items in `value`, nested ones included; stops past the limit, so that shared parts cannot explode."""
    stack, weight = [value], 0
    while stack and weight <= MOST_ITEMS:
        item = stack.pop()
        weight += 1
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list | tuple):
            stack.extend(item)
    return weight


def measured(characters: int) -> None:
    """Raises `InvalidInput` where a text of so many characters would be too long."""
    if characters > MOST_CHARACTERS:
        raise InvalidInput(f"a text of more than {MOST_CHARACTERS:,} characters", remedy="make it shorter")


def within(value: object) -> object:
    """`value`, unless it is too large. Raises `InvalidInput`."""
    if isinstance(value, str):
        measured(len(value))
    if isinstance(value, list | tuple | dict) and weigh(value) > MOST_ITEMS:
        raise InvalidInput(f"a list of more than {MOST_ITEMS:,} items", remedy="make it shorter")
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        raise InvalidInput(f"a whole number of more than {MOST_BITS} bits", remedy="use smaller numbers")
    return value
