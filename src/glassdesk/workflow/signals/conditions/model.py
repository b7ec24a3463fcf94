"""Nouns of conditions: what a strategy states, and what was found when it was looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

PRICES = ("open", "high", "low", "close", "volume")
"""What a bar itself says; everything else is a line of the strategy's indicators."""


class Timeframe(StrEnum):
    """The bars a value is read on."""

    DECISION = "decision"
    """The strategy's own bars; the word is not written."""
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Relation(StrEnum):
    """How a value is compared. Equality is neither above nor below."""

    ABOVE = "above"
    BELOW = "below"
    CROSSES_ABOVE = "crosses above"
    """Above now, not above one bar before."""
    CROSSES_BELOW = "crosses below"
    BETWEEN = "between"
    """Both ends are inside."""
    RISING = "rising"
    """Above each of the values of so many bars before it, as on TradingView."""
    FALLING = "falling"

    @property
    def crosses(self) -> bool:
        return self in (Relation.CROSSES_ABOVE, Relation.CROSSES_BELOW)

    @property
    def over_bars(self) -> bool:
        return self in (Relation.RISING, Relation.FALLING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand:
    """A number, or the value called `name` as it was `ago` bars of its timeframe before the newest."""

    name: str = ""
    number: float | None = None
    timeframe: Timeframe = Timeframe.DECISION
    ago: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One comparison: `rsi_14 below 30`. `right` is what it is compared with, `upper` the other end of
    `between`, `bars` how many `rising` and `falling` look back."""

    left: Operand
    relation: Relation
    right: Operand | None = None
    upper: Operand | None = None
    bars: int = 0

    @property
    def operands(self) -> tuple[Operand, ...]:
        return tuple(one for one in (self.left, self.right, self.upper) if one is not None)

    @property
    def reach(self) -> int:
        """Bars before an operand's own that are looked at too."""
        return 1 if self.relation.crosses else self.bars


class GroupKind(StrEnum):
    """How statements are taken together."""

    ALL = "all"
    ANY = "any"
    AT_LEAST = "at_least"
    NOT = "not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Statements and groups taken together; `need` counts for `at_least` only, `not` holds one."""

    kind: GroupKind
    of: tuple[Statement | Group, ...]
    need: int = 0


Condition = Statement | Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What must be true before an analyst is asked: of a contract that is not held `buy`, of one that is held
    `sell`. The rule `conditions` decides by them alone. `None` asks at every slot."""

    buy: Condition | None = None
    sell: Condition | None = None

    @property
    def sides(self) -> tuple[tuple[str, Condition], ...]:
        """Those there are, by the name a file has for them."""
        given = (("buy", self.buy), ("sell", self.sell))
        return tuple((name, side) for name, side in given if side is not None)


def statements(condition: Condition, where: str) -> Iterator[tuple[str, Statement]]:
    """Every statement with its place, as a file's path: `conditions.buy.all[1]`."""
    if isinstance(condition, Statement):
        yield where, condition
        return
    for at, part in enumerate(condition.of):
        yield from statements(part, place(condition, where, at))


def place(group: Group, where: str, at: int) -> str:
    """The path of a group's part in a file."""
    if group.kind is GroupKind.NOT:
        return f"{where}.not"
    return f"{where}.{'of' if group.kind is GroupKind.AT_LEAST else group.kind.value}[{at}]"


class Truth(StrEnum):
    """Three values: what cannot be told is never taken for true, nor its opposite."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A value as it was read; `None` where there is none."""

    name: str
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A statement or a group as it was found, with the values it was found by and a sentence about them."""

    text: str
    truth: Truth
    said: str
    values: tuple[Observed, ...] = ()
    of: tuple[Observation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """A strategy's conditions over the closed bars of one run: every statement, its values and its truth."""

    last_bar: date
    """The newest closed bar."""
    holding: bool
    """The strategy holds the contract: then `sell` counts, else `buy`."""
    buy: Observation | None
    sell: Observation | None

    @property
    def side(self) -> Observation | None:
        """What counts now."""
        return self.sell if self.holding else self.buy

    @property
    def keeps_back(self) -> bool:
        """No analyst is asked. What cannot be told keeps an entry back, and never an exit (`T-40`)."""
        truth = self.side.truth if self.side is not None else Truth.TRUE
        return truth is Truth.FALSE or (truth is Truth.UNKNOWN and not self.holding)
