"""What a person may ask about a position, in the words of the doors (`T-16`); the dealer does it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import StrEnum

from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.money import tidy
from glassdesk.workflow.dealing.model import CommandKind


class Act(StrEnum):
    """The word of a door."""

    EXIT = "exit"
    RELEASE = "release"
    ADOPT = "adopt"
    SPLIT = "split"
    PROTECT = "protect"
    ACKNOWLEDGE = "acknowledge"
    APPLY = "apply"
    """The exit rules of the newest version hold for what is held (`T-15`)."""


_KINDS = {
    Act.EXIT: CommandKind.EXIT_POSITION,
    Act.RELEASE: CommandKind.RELEASE_POSITION,
    Act.ADOPT: CommandKind.ADOPT_POSITION,
    Act.SPLIT: CommandKind.ADOPT_SPLIT,
    Act.PROTECT: CommandKind.PROTECT_POSITION,
    Act.ACKNOWLEDGE: CommandKind.ACKNOWLEDGE_BREAK,
    Act.APPLY: CommandKind.APPLY_EXITS,
}


def wish(
    act: Act, symbol: str, *, strategy: str = "", price: str = "", reason: str = ""
) -> tuple[CommandKind, str]:
    """Kind and argument of the command. Raises `InvalidInput` where something is missing or no number."""
    name = symbol.strip().upper()
    if not name or any(letter in name for letter in " @"):
        raise InvalidInput(f"{symbol!r} is no symbol", where="symbol", remedy="positions shows them")
    if strategy and act is not Act.ADOPT:
        raise InvalidInput("a strategy is named only to adopt", where="strategy", remedy="leave it out")
    if price and act is not Act.PROTECT:
        raise InvalidInput("a price is given only to protect", where="price", remedy="leave it out")
    if act is Act.ACKNOWLEDGE and not reason.strip():
        raise InvalidInput("why is the difference yours?", where="reason", remedy="give a reason")
    argument = name
    if strategy:
        argument = f"{name}@{strategy.strip()}"
    if price:
        argument = f"{name}@{tidy(price_of(price))}"
    why = " ".join(reason.split())
    tells = act in (Act.RELEASE, Act.ADOPT, Act.SPLIT, Act.ACKNOWLEDGE, Act.APPLY) and why
    return _KINDS[act], f"{argument} {why}" if tells else argument


def price_of(text: str) -> Decimal:
    """A price a person typed. Raises `InvalidInput`."""
    try:
        price = Decimal(text.strip())
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or price <= 0:
        raise InvalidInput(f"{text!r} is no price", where="price", remedy="give one above 0, like 165.50")
    return price
