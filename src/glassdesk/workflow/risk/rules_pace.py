"""Rules about how often: orders in a session and a minute, the same decision twice, losses in a row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from glassdesk.workflow.risk.model import Exposure, Gates, Limits, Opened, Proposal, Purpose
from glassdesk.workflow.risk.verdicts import Finding, at_the_send, counted, missing, says

DAY = 86_400
MINUTE = 60
OLD_MINUTES = 5
"""An order of unknown fate for longer stops entries of the whole account (R25)."""


def others(p: Proposal, e: Exposure, which: Callable[[Opened], bool]) -> int | None:
    """Opening orders of other runs; `None` where nobody knows."""
    if e.opened is None:
        return None
    return sum(1 for one in e.opened if one.run != p.run and which(one))


def orders_per_day(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    found = others(p, e, lambda one: one.today and one.strategy == p.strategy)
    return counted(found, 1, li.max_orders_per_day)


def account_orders(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    return counted(others(p, e, lambda one: one.today), 1, li.max_account_orders)


def symbol_orders(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    return counted(others(p, e, lambda one: one.today and one.conid == p.conid), 1, li.max_symbol_orders)


def rate(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if p.moment != "send":
        return at_the_send()
    found = others(p, e, lambda o: o.seconds_since_send is not None and o.seconds_since_send < MINUTE)
    return counted(found, 1, li.max_orders_per_minute)


def duplicate_signal(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    """The same strategy has ordered the contract on the same bar already (R8)."""
    return counted(others(p, e, lambda one: _same_bar(p, g, one)), 0, 0)


def _same_bar(p: Proposal, g: Gates, one: Opened) -> bool:
    if (one.conid, one.strategy) != (p.conid, p.strategy) or not one.traded:
        return False
    if g.bar_seconds < DAY:
        return one.minutes_ago * MINUTE < g.bar_seconds
    return one.last_bar is None or one.last_bar >= g.last_bar


def cooldown(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    """So many bars have closed since the strategy left the contract."""
    limit = str(li.cooldown_bars)
    if p.purpose is Purpose.REDUCING or not li.cooldown_bars:
        return says(True, "reduces" if li.cooldown_bars else "off", limit)
    if li.cooldown_bars < 0:
        return missing("a limit that is a number", "0 or more")
    if e.closed is None:
        return missing("the trades of the last week", limit)
    ended = [one for one in e.closed if (one.conid, one.strategy) == (p.conid, p.strategy)]
    if not ended:
        return says(True, "no exit within a week", limit)
    if g.bar_seconds < DAY:
        bars = min(one.minutes_ago * MINUTE // g.bar_seconds for one in ended)
    else:
        bars = _weekdays(max(one.closed for one in ended), g.last_bar)
    return says(bars >= li.cooldown_bars, str(bars), limit)


def _weekdays(first: date, last: date) -> int:
    """From the one to the other, both counted: a daily bar closes on each."""
    days = (first + timedelta(days=after) for after in range((last - first).days + 1))
    return sum(1 for day in days if day.weekday() < 5)


def loss_streak(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    limit = f"below {li.max_losses}"
    if e.closed is None:
        return missing("the trades of the last week", limit)
    since = g.last_bar - timedelta(days=7)
    lost = [one for one in e.closed if one.strategy == p.strategy and one.net < 0 and one.closed > since]
    return says(len(lost) < li.max_losses, str(len(lost)), limit)


def day_trades(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if not li.max_day_trades:
        return says(True, "off", "off", "the broker's own rule decides")
    if e.closed is None:
        return missing("the trades of the last week", f"below {li.max_day_trades}")
    found = sum(1 for one in e.closed if one.opened == one.closed)
    return says(found < li.max_day_trades, str(found), f"below {li.max_day_trades}")


def long_unknown(e: Exposure) -> int:
    """Orders of the account that are of unknown fate for a while."""
    return sum(1 for one in e.working if one.unknown and one.unknown_minutes >= OLD_MINUTES)


def unknown_outstanding(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    old = long_unknown(e)
    return says(not old, str(old), "0")
