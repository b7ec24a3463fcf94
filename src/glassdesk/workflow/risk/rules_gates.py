"""Rules about the world around the order: stop switch, account, session, data, ownership."""

from __future__ import annotations

from decimal import Decimal

from glassdesk.workflow.risk import amounts, halt
from glassdesk.workflow.risk.model import Exposure, Gates, Limits, Proposal, Purpose
from glassdesk.workflow.risk.verdicts import Finding, amount, at_most, at_the_send, missing, says


def kill_switch(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if p.purpose is Purpose.REDUCING:
        allowed, limit = halt.may_exit(g.halt, by_person=p.by_person), "below HALT"
    elif p.moment == "send":
        allowed, limit = halt.may_send_entry(g.halt), "below REDUCE_ONLY"
    else:
        allowed, limit = halt.may_reserve_entry(g.halt), "ACTIVE"
    return says(allowed, g.halt.name, limit)


def paper_proof(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    observed = "agree" if g.account_proved else "not proved"
    return says(g.account_proved, observed, "settings, broker and account id agree")


def account(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    return says(bool(e.account), f"{e.account or 'no account'} ({g.account_kind})", "a known account")


def session_ready(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    return says(g.session_ready, "ready" if g.session_ready else "not ready", "ready")


def market_open(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    return says(g.market_open, "open" if g.market_open else "closed", "open")


def stale_data(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if g.expected_last is None:
        return missing("the session whose bar must be there", str(g.last_bar))
    return says(g.last_bar == g.expected_last, str(g.last_bar), str(g.expected_last))


def stale_books(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if e.books_of is None or g.expected_last is None:
        return missing("the age of a mark or of the balances", str(g.expected_last))
    return says(e.books_of >= g.expected_last, str(e.books_of), f"{g.expected_last} or later")


def quote(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if p.moment != "send":
        return at_the_send()
    return says(not g.quote_problem, g.quote_problem or "fresh", "fresh", g.quote_problem)


MOST_SKEW = Decimal(5)
"""Seconds that two clocks may be apart (RF-81)."""


def clock_skew(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if p.moment != "send":
        return at_the_send()
    if not g.asks_clock:
        return says(True, "one clock", f"{MOST_SKEW} s", "the desk lives by the simulator's clock")
    return at_most(None if g.clock_skew is None else abs(g.clock_skew), MOST_SKEW, "the broker's clock")


def data_quality(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    return says(g.bars_fit, g.bars_problem or "fit", "fit", g.bars_problem)


def price_drift(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if p.decision_close is None and (p.moment != "send" or p.purpose is Purpose.REDUCING):
        return says(True, "decided on this price", "none", "nothing to drift from at the decision itself")
    if p.decision_close is None:
        return missing("the close decided on", f"{amount(li.max_drift_atr)} ATR")
    if p.reference is None or p.atr is None:
        return missing("the quote or the ATR", f"{amount(li.max_drift_atr)} ATR")
    drift, limit = abs(p.reference - p.decision_close), li.max_drift_atr * p.atr
    return says(drift <= limit, amount(drift), amount(limit))


def no_short(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    if p.side == "BUY":
        return says(True, "buys", "shares held")
    selling = sum(
        (
            w.remaining
            for w in amounts.other_orders(p, e)
            if w.side == "SELL" and w.conid == p.conid and w.strategy == p.strategy
        ),
        Decimal(0),
    )
    free = amounts.held(p, e) - selling
    return says(p.quantity <= free, amount(p.quantity), amount(free))


def scope(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    whole = p.quantity > 0 and p.quantity == p.quantity.to_integral_value()
    way = (p.purpose is Purpose.OPENING) == (p.side == "BUY")
    return says(whole and way, f"{p.side} {amount(p.quantity)}", "whole shares: buy to open, sell to close")


def one_working_decision(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    others = [w for w in amounts.other_orders(p, e) if w.conid == p.conid]
    return says(not others, str(len(others)), "0")


def unknown_order(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    unknown = [w for w in amounts.other_orders(p, e) if w.conid == p.conid and w.unknown]
    return says(not unknown, str(len(unknown)), "0")


def pyramiding(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    shares = amounts.held(p, e)
    return says(p.purpose is Purpose.REDUCING or shares == 0, amount(shares), "0")


def ownership(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    return says(not g.other_owner, g.other_owner or p.strategy, p.strategy)


def no_entry_date(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    return says(not g.no_entry, "listed" if g.no_entry else "not listed", "not listed")


MOST_WORKING = 15
"""Orders that the broker lets work on one side of a contract [F-64]."""
_OF_A_BRACKET = 2
"""Stop and target sell together."""


def broker_cancel(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    waits = p.conid in e.withheld
    return says(not waits, "nobody has looked" if waits else "none", "none")


def late_arrival(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    may = p.conid in e.arriving
    return says(not may, "one may arrive" if may else "none", "none")


def working_orders(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    free = MOST_WORKING - _OF_A_BRACKET
    return says(g.same_side <= free, str(g.same_side), str(free))


def open_break(p: Proposal, e: Exposure, g: Gates, li: Limits) -> Finding:
    broken = p.conid in e.broken
    return says(not broken, "open" if broken else "none", "none")
