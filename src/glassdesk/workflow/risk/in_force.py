"""Which limits count: those of the strategy, never wider than those of the account; and for the guards, which
stop the whole account, those of the account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from types import MappingProxyType

from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.workflow.risk.model import Limits

_OF_THE_ACCOUNT = ("max_daily_loss", "max_drawdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLimits:
    """What a person allows the desk on its account, as fractions like those of `Limits`; `None` where only
    the strategies say."""

    max_daily_loss: Decimal | None = None
    max_drawdown: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLimits:
    """What the guards measure by, and for each limit of the account in words where it comes from."""

    limits: Limits
    origins: Mapping[str, str]


def in_force(strategy: Limits, account: AccountLimits) -> Limits:
    """The strategy's limits, each never wider than the account's."""
    return replace(
        strategy,
        max_daily_loss=_least(strategy.max_daily_loss, account.max_daily_loss),
        max_drawdown=_least(strategy.max_drawdown, account.max_drawdown),
    )


def of_the_guards(trading: Mapping[str, Limits], account: AccountLimits) -> GuardLimits:
    """A guard stops every strategy, so it trips where none may enter any more: at the widest limit of those
    that trade, never above the account's. A stricter strategy is stopped by its own rule before."""
    found = {name: _widest(name, trading) for name in _OF_THE_ACCOUNT}
    widest = Limits(max_daily_loss=found["max_daily_loss"][0], max_drawdown=found["max_drawdown"][0])
    after = in_force(widest, account)
    origins = {
        name.upper(): origin if getattr(after, name) == limit else f"the setting {name}"
        for name, (limit, origin) in found.items()
    }
    return GuardLimits(limits=after, origins=MappingProxyType(origins))


def _least(strategy: Decimal, account: Decimal | None) -> Decimal:
    return strategy if account is None else min(strategy, account)


def _widest(name: str, trading: Mapping[str, Limits]) -> tuple[Decimal, str]:
    if not trading:
        return getattr(Limits(), name), "the default: no strategy trades"
    widest = max(getattr(limits, name) for limits in trading.values())
    same = sorted(one for one, limits in trading.items() if getattr(limits, name) == widest)
    return widest, f"the widest of the strategies that trade: {', '.join(same)}"


def require_of(strategy: Limits, used: Limits) -> None:
    """Raise `IntegrityViolation` unless `used` can have been in force for a strategy of these limits."""
    for name in (one.name for one in fields(Limits)):
        ours, theirs = getattr(used, name), getattr(strategy, name)
        if ours > theirs if name in _OF_THE_ACCOUNT else ours != theirs:
            raise IntegrityViolation(f"it was judged by {name} {ours}, the strategy says {theirs}")
