"""What closed trades say together: win rate, expectancy, profit factor, R; with how many they are. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from glassdesk.kernel.money import exact
from glassdesk.workflow.portfolio.model import Trade

ZERO = Decimal(0)
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Of `trades` closed trades. A ratio that nothing supports is `None`, never zero."""

    trades: int
    wins: int
    losses: int
    net: Decimal
    commissions: Decimal
    gross_profit: Decimal
    """Sum of what the winners made, net."""
    gross_loss: Decimal
    """Sum of what the losers lost, net, as a positive number."""
    win_rate: Decimal | None
    expectancy: Decimal | None
    """Net result of a trade on average."""
    profit_factor: Decimal | None
    """`gross_profit` by `gross_loss`; `None` while nothing was lost."""
    average_win: Decimal | None
    average_loss: Decimal | None
    best: Decimal | None
    worst: Decimal | None
    with_r: int
    """How many have an R: where no stop was live at the fill there is none (`T-72`)."""
    average_r: Decimal | None
    best_r: Decimal | None
    worst_r: Decimal | None


def statistics(trades: Iterable[Trade]) -> Statistics:
    """The statistics of trades in any order."""
    nets: list[Decimal] = []
    rs: list[Decimal] = []
    paid = ZERO
    for one in trades:
        nets.append(one.net)
        paid += one.commissions
        rs += [one.r_multiple] if one.r_multiple is not None else []
    wins, losses = [net for net in nets if net > 0], [-net for net in nets if net < 0]
    won, lost = sum(wins, ZERO), sum(losses, ZERO)
    return Statistics(
        trades=len(nets),
        wins=len(wins),
        losses=len(losses),
        net=sum(nets, ZERO),
        commissions=paid,
        gross_profit=won,
        gross_loss=lost,
        win_rate=_ratio(Decimal(len(wins)), Decimal(len(nets))),
        expectancy=_average(nets),
        profit_factor=_ratio(won, lost),
        average_win=_average(wins),
        average_loss=_average(losses),
        best=max(nets, default=None),
        worst=min(nets, default=None),
        with_r=len(rs),
        average_r=_average(rs),
        best_r=max(rs, default=None),
        worst_r=min(rs, default=None),
    )


def grouped(trades: Sequence[Trade], by: Callable[[Trade], Key]) -> dict[Key, Statistics]:
    """Statistics of each group, in the order of its first trade."""
    groups: dict[Key, list[Trade]] = {}
    for one in trades:
        groups.setdefault(by(one), []).append(one)
    return {key: statistics(group) for key, group in groups.items()}


def _average(amounts: Sequence[Decimal]) -> Decimal | None:
    return _ratio(sum(amounts, ZERO), Decimal(len(amounts)))


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    return exact(part / whole) if whole else None
