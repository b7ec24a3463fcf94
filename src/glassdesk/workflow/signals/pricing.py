"""Rules about prices: could this be bought, and is it worth its risk (V05–V12, V14, V18)?

A SELL leaves a position through the exit ladder (`T-41`) and needs no prices; where it gives some they must
be the mirror image, or the answer contradicts itself. Nothing here can block a consistent SELL.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from glassdesk.workflow.signals.case import (
    ABSTAIN,
    DOWNGRADE,
    FLAG,
    REJECT,
    Case,
    Finding,
    fine,
    in_atr,
    not_applicable,
    unless,
)
from glassdesk.workflow.signals.levels import Levels, r_multiple
from glassdesk.workflow.signals.model import View

_FURTHEST_ENTRY = Decimal(1)
_NEAREST_STOP = Decimal("0.5")
_FURTHEST_STOP = Decimal(4)
_FURTHEST_TARGET = Decimal(8)
_COMFORTABLE_R = Decimal("1.5")
_NOT_A_BUY = "only an entry has prices"


def v05(case: Case) -> Finding:
    """BUY: 0 < stop < entry_low ≤ entry_high; SELL the mirror image, or no prices."""
    if not case.trades:
        return not_applicable(_NOT_A_BUY)
    asked = case.asked
    if not case.buys and asked.none_given:
        return fine("an exit needs no prices")
    if asked.entry_low is None or asked.entry_high is None or asked.stop is None:
        return Finding(detail="entry_low, entry_high or stop is missing", effect=ABSTAIN)
    if min(asked.entry_low, asked.entry_high, asked.stop) <= 0:
        return Finding(detail="a price is not above 0", effect=ABSTAIN)
    beyond = asked.stop < asked.entry_low if case.buys else asked.stop > asked.entry_high
    told = f"stop {asked.stop}, entry {asked.entry_low} to {asked.entry_high}"
    return unless(beyond and asked.entry_low <= asked.entry_high, told, ABSTAIN)


def v06(case: Case) -> Finding:
    """BUY: entry_high < target_1 ≤ target_2; SELL the mirror image, or no prices."""
    if not case.trades or (not case.buys and case.asked.none_given):
        return not_applicable(_NOT_A_BUY)
    asked = case.asked
    if asked.target_1 is None:
        return _without_target(case)
    if asked.entry_low is None or asked.entry_high is None:
        return Finding(detail="a target without an entry", effect=ABSTAIN)
    second = asked.target_1 if asked.target_2 is None else asked.target_2
    up = asked.entry_high < asked.target_1 <= second
    down = asked.entry_low > asked.target_1 >= second > 0
    told = f"targets {asked.target_1}, {asked.target_2}; entry {asked.entry_low} to {asked.entry_high}"
    return unless(up if case.buys else down, told, ABSTAIN)


def _without_target(case: Case) -> Finding:
    if case.asked.target_2 is not None:
        return Finding(detail="target_2 without target_1", effect=ABSTAIN)
    if case.facts.target_atr is None or not case.buys:
        return fine("no target of its own")
    return Finding(detail="target_1 is missing", effect=ABSTAIN)


def v07(case: Case) -> Finding:
    """HOLD and ABSTAIN carry no prices; what they carry is dropped."""
    if case.trades:
        return not_applicable("a trade has prices")
    return unless(case.asked.none_given, "prices beside no trade are dropped", FLAG)


def v08(case: Case) -> Finding:
    """The entry lies within one ATR of the last close."""
    if not case.buys:
        return not_applicable(_NOT_A_BUY)
    low, high, atr = case.levels.entry_low, case.levels.entry_high, case.facts.atr
    if low is None or high is None or not atr:
        return _unmeasured(case)
    distance = max(abs(low - case.facts.last_close), abs(high - case.facts.last_close))
    return unless(
        distance <= _FURTHEST_ENTRY * atr + case.facts.tick,
        f"{in_atr(distance, atr)} from the last close, at most {_FURTHEST_ENTRY}",
        REJECT,
    )


def v09(case: Case) -> Finding:
    """The stop is 0.5 to 4 ATR away from the worse end of the entry."""
    if not case.buys:
        return not_applicable(_NOT_A_BUY)
    high, stop, atr = case.levels.entry_high, case.levels.stop, case.facts.atr
    if high is None or stop is None or not atr:
        return _unmeasured(case)
    distance, tick = high - stop, case.facts.tick
    return unless(
        _NEAREST_STOP * atr - tick <= distance <= _FURTHEST_STOP * atr + tick,
        f"{in_atr(distance, atr)}, allowed {_NEAREST_STOP} to {_FURTHEST_STOP}",
        REJECT,
    )


def v10(case: Case) -> Finding:
    """No target is further than 8 ATR from the worse end of the entry."""
    if not case.buys:
        return not_applicable(_NOT_A_BUY)
    targets = [price for price in (case.levels.target_1, case.levels.target_2) if price is not None]
    high, atr = case.levels.entry_high, case.facts.atr
    if not targets:
        return not_applicable("no target of its own")
    if high is None or not atr:
        return _unmeasured(case)
    distance = max(targets) - high
    return unless(
        distance <= _FURTHEST_TARGET * atr + case.facts.tick,
        f"{in_atr(distance, atr)}, at most {_FURTHEST_TARGET}",
        REJECT,
    )


def v11(case: Case) -> Finding:
    """R from the worse end of the entry is at least the strategy's minimum; below 1.5 it is flagged."""
    if not case.buys:
        return not_applicable(_NOT_A_BUY)
    if case.levels.target_1 is None and case.facts.target_atr is None:
        return not_applicable("no target of its own: a parking target follows (T-30)")
    r, minimum = r_multiple(case.levels), case.policy.minimum_r
    if r is None:
        return Finding(detail="R cannot be computed from these prices", effect=REJECT)
    if r < minimum:
        return Finding(detail=f"R {r:.2f}, at least {minimum}", effect=REJECT)
    return unless(r >= _COMFORTABLE_R, f"R {r:.2f}", FLAG)


def v12(case: Case) -> Finding:
    """The gain to target_1, as a share of the worst entry, reaches the strategy's minimum; off by default
    (`T-55`)."""
    minimum = case.policy.minimum_profit
    if not case.buys or minimum <= 0:
        return not_applicable("minimum profit is off" if case.buys else _NOT_A_BUY)
    high, target = case.levels.entry_high, case.levels.target_1
    if high is None or target is None or high <= 0:
        return Finding(detail="the gain cannot be computed from these prices", effect=REJECT)
    gain = (target - high) / high
    return unless(gain >= minimum, f"a gain of {gain:.2%}, at least {minimum:.2%}", REJECT)


def v14(case: Case) -> Finding:
    """A BUY has as many bullish checks as the strategy asks for; with fewer it becomes HOLD."""
    needed = case.policy.need_confirmations
    if not case.buys or needed == 0:
        return not_applicable("the strategy asks for none" if case.buys else _NOT_A_BUY)
    bulls = case.facts.confirmations.count(View.BULL)
    return unless(bulls >= needed, f"{bulls} of 4 bullish, at least {needed}", DOWNGRADE)


def v18(case: Case) -> Finding:
    """On the price grid, rounded so that no planned loss grows (`T-57`), the prices are still in order."""
    if not case.buys:
        return not_applicable(_NOT_A_BUY)
    if case.facts.tick <= 0:
        return Finding(detail=f"{case.facts.tick} is no tick", effect=REJECT)
    levels = case.levels
    rising = [levels.stop, levels.entry_high, levels.target_1]
    prices = [price for price in rising if price is not None]
    ordered = all(low < high for low, high in pairwise(prices)) and all(price > 0 for price in prices)
    return unless(ordered and len(prices) >= 2, _moved(case.asked, levels), REJECT)


def _moved(asked: Levels, levels: Levels) -> str:
    pairs = (
        ("entry_high", asked.entry_high, levels.entry_high),
        ("stop", asked.stop, levels.stop),
        ("target_1", asked.target_1, levels.target_1),
    )
    moved = [f"{name} {before} → {after}" for name, before, after in pairs if before != after]
    return "; ".join(moved) or "on the grid"


def _unmeasured(case: Case) -> Finding:
    missing = "the ATR" if not case.facts.atr else "a price"
    return Finding(detail=f"{missing} is missing: the distance cannot be measured", effect=REJECT)
