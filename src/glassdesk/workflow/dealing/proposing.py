"""A bracket that waits, and the facts around it, in the words of the rules: one form for a person's yes and
for the send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.orders.model import Intent, Role, SendTerms
from glassdesk.workflow.risk.model import Gates, HaltLevel, Proposal, Purpose
from glassdesk.workflow.strategies.ports import StrategyStore


def opening(
    intent: Intent,
    terms: SendTerms,
    prices: Mapping[Role, Decimal | None],
    *,
    quantity: Decimal,
    reference: Decimal | None,
    moment: str,
) -> Proposal:
    """The bracket with the price of each leg; `moment` is `approve` or `send`."""
    return Proposal(
        run=intent.run,
        strategy=intent.strategy,
        conid=intent.conid,
        symbol=terms.symbol,
        purpose=Purpose.OPENING,
        side=intent.side.value,
        quantity=quantity,
        limit=prices.get(Role.ENTRY),
        stop=prices.get(Role.STOP),
        target=prices.get(Role.TARGET),
        reference=reference,
        atr=terms.atr,
        tick=terms.tick,
        moment=moment,
        by_person=terms.by_person,
    )


def gates_of(
    t: Transaction,
    contracts: Contracts,
    strategies: StrategyStore,
    intent: Intent,
    terms: SendTerms,
    *,
    level: HaltLevel,
    kind: AccountKind,
    proved: bool,
    ready: bool,
    now: datetime,
) -> Gates:
    """The facts at `now`; bars are those of the decision."""
    closed = contracts.last_closed_session(terms.exchange, now).session
    owner = strategies.owner_of(t, intent.account, intent.conid)
    return Gates(
        halt=level,
        account_kind=kind,
        account_proved=proved,
        session_ready=ready,
        market_open=contracts.is_open(terms.exchange, now),
        bars_fit=True,
        bars_problem="",
        expected_last=max(closed, terms.last_bar),
        last_bar=terms.last_bar,
        no_entry=_goes_out_on(contracts, intent, terms, now) in terms.no_entry,
        other_owner="" if owner in (None, intent.strategy) else str(owner),
        bar_seconds=terms.bar_seconds,
    )


def _goes_out_on(contracts: Contracts, intent: Intent, terms: SendTerms, now: datetime) -> date:
    """The day of the market on which it is sent: today, or when its window opens."""
    return max(now, intent.window_opens).astimezone(contracts.zone(terms.exchange)).date()
