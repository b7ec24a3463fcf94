"""From a story to what risk judges: the gates, the proposal, and the books narrowed to what matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from glassdesk.kernel.money import down_to_tick, up_to_tick
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.market_data.model import BarSet, BarSize
from glassdesk.workflow.orders.model import SendTerms
from glassdesk.workflow.risk.model import Exposure, Gates, Proposal, Purpose
from glassdesk.workflow.runs.outputs import Preflight
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.steps import Moment, need
from glassdesk.workflow.signals.model import Signal
from glassdesk.workflow.strategies.model import StrategyRow

NOTHING = Decimal(0)
HALF = Decimal("0.5")
VOLUME_DAYS = 20
_SESSIONS = {BarSize.WEEK: 5, BarSize.MONTH: 21}
"""In one bar; any other bar belongs to one session."""


def gates(parts: Parts, t: Transaction, moment: Moment) -> Gates:
    """Facts around the decision, as of the slot."""
    run, story, strategy = moment.run, moment.story, moment.row.strategy
    flight, daily = need(story.preflight), need(story.bars).daily
    last_bar = _told_up_to(daily.size, flight, daily.last.session)
    status = parts.session.status(t)
    proof = parts.session.proof(t, run.account, parts.account_kind)
    owner = parts.strategies.owner_of(t, run.account, run.conid)
    return Gates(
        halt=parts.risk.halt(t).level,
        account_kind=parts.account_kind,
        account_proved=proof is not None and proof.agrees,
        session_ready=status is not None and status.ready,
        market_open=parts.contracts.is_open(flight.exchange, run.slot),
        bars_fit=daily.quality.fit,
        bars_problem="; ".join(daily.quality.problems),
        # A bar of the session that is open is newer than what had to be there, as at the send.
        expected_last=max(flight.expected_last, last_bar),
        last_bar=last_bar,
        no_entry=flight.window_opens.astimezone(parts.contracts.zone(flight.exchange)).date()
        in strategy.no_entry,
        other_owner=owner if owner not in (None, strategy.name) else "",
        bar_seconds=strategy.bar_size.seconds,
        live=parts.risk.live(t),
    )


def entry_proposal(moment: Moment) -> Proposal:
    """A BUY on the tick grid, without its quantity (`T-57`: limit down, stop of a long up, target down)."""
    signal, flight = need(moment.story.signal), need(moment.story.preflight)
    tick = flight.tick_at(signal.last_close)
    return replace(
        _proposal(moment, signal, tick),
        purpose=Purpose.OPENING,
        side="BUY",
        limit=down_to_tick(signal.entry_high, tick) if signal.entry_high is not None else None,
        stop=up_to_tick(signal.stop, tick) if signal.stop is not None else None,
        target=down_to_tick(signal.target, tick) if signal.target is not None else None,
        reference=signal.entry_high,
        share=HALF if signal.half else Decimal(1),
        average_volume=_average_volume(need(moment.story.bars).daily),
    )


def _average_volume(bars: BarSet) -> Decimal | None:
    """Shares a day, over the last 20 sessions, or those the bars tell of."""
    by_session: dict[date, Decimal] = {}
    for bar in bars.bars:
        by_session[bar.session] = by_session.get(bar.session, NOTHING) + bar.volume
    newest = [by_session[session] for session in sorted(by_session)[-VOLUME_DAYS:]]
    if not newest:
        return None
    sessions = len(newest) * _SESSIONS.get(bars.size, 1)
    return (sum(newest, NOTHING) / sessions).to_integral_value(ROUND_FLOOR)


def exit_proposal(moment: Moment, quantity: Decimal) -> Proposal:
    """A SELL of what the strategy holds."""
    signal, flight = need(moment.story.signal), need(moment.story.preflight)
    tick = flight.tick_at(signal.last_close)
    return replace(_proposal(moment, signal, tick), quantity=quantity)


def _proposal(moment: Moment, signal: Signal, tick: Decimal) -> Proposal:
    return Proposal(
        run=moment.run.run,
        strategy=moment.run.strategy,
        conid=moment.run.conid,
        symbol=moment.run.symbol,
        purpose=Purpose.REDUCING,
        side="SELL",
        quantity=NOTHING,
        limit=None,
        stop=None,
        target=None,
        reference=signal.last_close,
        atr=signal.atr,
        tick=tick,
    )


def _told_up_to(size: BarSize, flight: Preflight, session: date) -> date:
    """The session up to which bars tell. A week and a month are named by their first one; whether a newer bar
    is over is part of the bars' own verdict."""
    return flight.expected_last if size in (BarSize.WEEK, BarSize.MONTH) else session


def terms(row: StrategyRow, flight: Preflight, signal: Signal) -> SendTerms:
    """What the re-check at send needs (`T-03`)."""
    strategy = row.strategy
    return SendTerms(
        symbol=flight.contract.symbol,
        exchange=flight.exchange,
        last_bar=_told_up_to(strategy.bar_size, flight, signal.last_bar),
        reference_close=signal.last_close,
        atr=signal.atr,
        tick=flight.tick_at(signal.last_close),
        entry_high=signal.entry_high,
        limits=strategy.limits,
        no_entry=strategy.no_entry,
        ttl_seconds=min(strategy.bar_size.seconds, 1800) if strategy.bar_size.intraday else None,
        urgency=strategy.exits.urgency,
        bar_seconds=strategy.bar_size.seconds,
    )


def narrowed(exposure: Exposure, conid: int) -> Exposure:
    """The books about one contract: an exit is judged by these alone, so that what else happens in the same
    slot does not enter its lineage."""
    return replace(
        exposure,
        holdings=tuple(h for h in exposure.holdings if h.conid == conid),
        working=tuple(replace(w, run="another") for w in exposure.working if w.conid == conid),
        broken=exposure.broken & {conid},
        cash=None,
        equity=None,
        opened=(),
        closed=(),
        day_pnl=None,
        peak=None,
        books_of=None,
        settled_cash=None,
    )
