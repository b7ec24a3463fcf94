"""Everything that can be read. Decimals are text, instants are UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.web.api import shapes
from glassdesk.web.parts import Here
from glassdesk.web.views.bar import bar_of
from glassdesk.web.views.chart import ChartView, chart_view
from glassdesk.web.views.lineage import verified
from glassdesk.web.views.session import look_of, session_view
from glassdesk.workflow.contracts.model import Contract, SearchResult
from glassdesk.workflow.dealing.consent import Waiting
from glassdesk.workflow.dealing.model import Command
from glassdesk.workflow.lineage.model import AuditEntry, Graph
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.notifications.model import Notification
from glassdesk.workflow.orders.model import Order
from glassdesk.workflow.processes.model import Fleet
from glassdesk.workflow.risk.model import Halt
from glassdesk.workflow.risk.rules_live import FIRST
from glassdesk.workflow.runs.model import Run
from glassdesk.workflow.schedules.model import Slot
from glassdesk.workflow.signals.model import SignalRow
from glassdesk.workflow.strategies.model import StrategyRow

router = APIRouter()

Limit = Annotated[int, Query(ge=1, le=1000, description="at most this many")]
Strategy = Annotated[str | None, Query(description="only of this strategy")]
Before = Annotated[
    datetime | None, Query(description="only slots before this instant: the last row's, for the next page")
]


@router.get("/status")
def status(here: Here) -> shapes.Status:
    """Kind of account, session, trading state, next slot."""
    with here.desk.transactions.read() as t:
        bar = bar_of(here, t)
    due = bar.next_slot
    return shapes.Status(
        account=bar.account,
        account_kind=bar.kind,
        now=bar.now,
        session=bar.session,
        halt=bar.halt,
        next_slot=due.instant if due else None,
        next_strategy=due.strategy if due else None,
    )


@router.get("/session")
def session(here: Here) -> shapes.SessionAnswer:
    """The brokerage session as last seen by the dealer, and what sign-in lacks."""
    now = here.now()
    look = look_of(here.desk, now)
    with here.desk.transactions.read() as t:
        view = session_view(here.desk, t, now, look)
    return shapes.SessionAnswer(
        status=view.status,
        epoch=view.epoch,
        accounts=list(view.accounts),
        proof=view.proof,
        paid_by=view.paid_by,
        ready=view.guide.ready,
        steps=view.guide.steps,
        next_sign_in=view.next_sign_in,
        next_reset=view.next_reset,
        need=view.need,
        stops=view.stops,
        process=view.process,
    )


@router.get("/processes")
def processes(here: Here) -> Fleet:
    """Processes of the desk: who deals until when, who is at which run, what waits for a worker."""
    with here.desk.transactions.read() as t:
        return here.desk.processes.fleet(t)


@router.get("/commands")
def commands(here: Here) -> Sequence[Command]:
    """What was asked of the dealer and what became of it, newest first."""
    with here.desk.transactions.read() as t:
        return here.desk.dealing.recent(t)


@router.get("/contracts")
def contracts(here: Here) -> Sequence[Contract]:
    """Remembered contracts."""
    with here.desk.transactions.read() as t:
        return here.desk.contracts.known(t)


@router.get("/contracts/search")
def search(here: Here, q: Annotated[str, Query(max_length=40)]) -> list[SearchResult]:
    """Listings at the broker, each with the reason where it cannot be traded."""
    return here.desk.contracts.search(q)


@router.get("/contracts/{conid}")
def contract(here: Here, conid: int) -> Contract:
    """One remembered contract."""
    with here.desk.transactions.read() as t:
        return here.desk.contracts.contract(t, conid)


@router.get("/strategies")
def strategies(here: Here) -> Sequence[StrategyRow]:
    """Newest version of every strategy."""
    with here.desk.transactions.read() as t:
        return here.desk.strategies.list(t)


@router.get("/strategies/{name}")
def strategy(here: Here, name: str, version: int | None = None) -> StrategyRow:
    """One version, the newest by default."""
    with here.desk.transactions.read() as t:
        return here.desk.strategies.get(t, name, version)


@router.get("/strategies/{name}/versions")
def strategy_versions(here: Here, name: str) -> Sequence[StrategyRow]:
    """All versions, oldest first."""
    with here.desk.transactions.read() as t:
        return here.desk.strategies.versions(t, name)


@router.get("/schedules/next")
def coming(here: Here, limit: Limit = 5) -> list[shapes.DueAnswer]:
    """Coming slots."""
    desk = here.desk
    with desk.transactions.read() as t:
        due = desk.schedules.next(t, desk.clock.now(), limit)
    return [shapes.DueAnswer(instant=one.instant, strategy=one.strategy) for one in due]


@router.get("/schedules/slots")
def slots(here: Here, strategy: Strategy = None, limit: Limit = 200) -> Sequence[Slot]:
    """What became of past slots, newest first."""
    with here.desk.transactions.read() as t:
        return here.desk.schedules.slots(t, strategy=strategy, limit=limit)


@router.get("/runs")
def runs(here: Here, strategy: Strategy = None, before: Before = None, limit: Limit = 100) -> Sequence[Run]:
    """Runs, newest slot first."""
    with here.desk.transactions.read() as t:
        return here.desk.runs.runs(t, strategy=strategy, before=before, limit=limit)


@router.get("/runs/{run}")
def run(here: Here, run: str) -> shapes.RunAnswer:
    """One run with its steps, signal, verdicts, intents and orders; eight characters of its id are enough."""
    desk = here.desk
    with desk.transactions.read() as t:
        found = desk.runs.run(t, run)
        return shapes.RunAnswer(
            run=found,
            steps=list(desk.runs.steps(t, found.run)),
            signal=desk.signals.of_run(t, found.run),
            verdicts=[shapes.VerdictAnswer(moment=m, verdict=v) for m, v in desk.risk.verdicts(t, found.run)],
            intents=[
                shapes.IntentAnswer(intent=i, state=s) for i, s in desk.orders.intents(t, run=found.run)
            ],
            orders=list(desk.orders.orders(t, run=found.run)),
        )


@router.get("/signals")
def signals(
    here: Here,
    strategy: Strategy = None,
    symbol: Annotated[str | None, Query(description="only of this contract")] = None,
    before: Before = None,
    limit: Limit = 100,
) -> Sequence[SignalRow]:
    """Signals, newest slot first."""
    with here.desk.transactions.read() as t:
        conid = here.desk.contracts.by_symbol(t, symbol).conid if symbol else None
        return here.desk.signals.recent(t, strategy=strategy, conid=conid, before=before, limit=limit)


@router.get("/signals/latest")
def latest(here: Here, strategy: Strategy = None) -> Sequence[SignalRow]:
    """The newest signal of each strategy and contract."""
    with here.desk.transactions.read() as t:
        return here.desk.signals.latest(t, strategy=strategy)


@router.get("/orders")
def orders(here: Here, strategy: Strategy = None, limit: Limit = 200) -> Sequence[Order]:
    """Order rows, newest reservation first."""
    with here.desk.transactions.read() as t:
        return here.desk.orders.orders(t, strategy=strategy, limit=limit)


@router.get("/orders/owner")
def owner_orders(here: Here) -> list[shapes.OwnerOrder]:
    """What works at the broker for the owner of the account: shown, never acted upon."""
    with here.desk.transactions.read() as t:
        found = here.desk.tracking.owner_orders(t, here.desk.account)
    return [shapes.OwnerOrder(order=row, since=since) for row, since in found]


@router.get("/orders/{order}")
def order(here: Here, order: str) -> shapes.OrderAnswer:
    """One order by id, client order id or the broker's id, with facts and fills."""
    desk = here.desk
    with desk.transactions.read() as t:
        found = desk.orders.order(t, order)
        return shapes.OrderAnswer(
            order=found,
            facts=list(desk.tracking.facts(t, found.order)),
            executions=list(desk.tracking.executions(t, order=found.order)),
        )


@router.get("/approvals")
def approvals(here: Here) -> list[shapes.ApprovalAnswer]:
    """What waits for a yes or no, the first to be over first."""
    with here.desk.transactions.read() as t:
        return [_approval(one) for one in here.desk.approvals.waiting(t)]


@router.get("/approvals/{intent}")
def approval(here: Here, intent: str) -> shapes.ApprovalAnswer:
    """One decision, whatever became of it."""
    with here.desk.transactions.read() as t:
        return _approval(here.desk.approvals.show(t, intent))


def _approval(found: Waiting) -> shapes.ApprovalAnswer:
    main = found.intent
    return shapes.ApprovalAnswer(
        intent=main.intent,
        state=found.state,
        strategy=main.strategy,
        run=main.run,
        payload=found.payload,
        expires_at=found.expires_at,
        drift_limit=found.drift_limit,
        legs=list(found.legs),
        what_if=found.what_if,
        approval=found.approval,
    )


@router.get("/positions")
def positions(here: Here) -> shapes.PositionsAnswer:
    """Held, protected, compared with the broker."""
    desk = here.desk
    with desk.transactions.read() as t:
        return shapes.PositionsAnswer(
            held=desk.positions.held(t, desk.account),
            protections=desk.positions.protections(t, desk.account, desk.session.epoch(t)),
            broker=list(desk.positions.broker(t, desk.account)),
            breaks=list(desk.positions.breaks(t)),
            owners=desk.positions.owners(t, desk.account),
            adjustments=list(desk.positions.adjustments(t, desk.account)),
        )


@router.get("/contracts/{conid}/chart")
def chart(
    here: Here,
    conid: int,
    size: BarSize = BarSize.DAY,
    indicators: Annotated[str, Query(description="an indicator set's name")] = "standard",
    bars: Annotated[int, Query(ge=10, le=1000, description="the newest so many")] = 400,
) -> ChartView:
    """Closed bars with an indicator set's lines, signals and fills at their bars, and the levels of what is
    held; numbers are for drawing, so they are no decimals."""
    with here.desk.transactions.read() as t:
        contract = here.desk.contracts.contract(t, conid)
        wanted = here.desk.indicators.get(t, indicators)
    return chart_view(here.desk, contract, wanted, size, bars)


@router.get("/risk/halt")
def halt(here: Here) -> Halt:
    """The level of the kill switch."""
    with here.desk.transactions.read() as t:
        return here.desk.risk.halt(t)


@router.get("/live")
def live(here: Here) -> shapes.LiveAnswer:
    """Where a live account stands, what this home says by itself, and every unlock and lock, newest first."""
    desk = here.desk
    with desk.transactions.read() as t:
        return shapes.LiveAnswer(
            account=desk.account,
            kind=desk.account_kind,
            standing=desk.road.standing(t),
            first_orders=FIRST,
            conditions=list(desk.road.here(t)),
            moves=list(desk.road.history(t)),
        )


@router.get("/risk/rules")
def rules(here: Here) -> list[shapes.RuleAnswer]:
    """The table of rules."""
    return [
        shapes.RuleAnswer(
            name=r.name, meaning=r.meaning, default=r.default, source=r.source, acts_on=r.acts_on
        )
        for r in here.desk.risk.rules()
    ]


@router.get("/notifications")
def notifications(here: Here, limit: Limit = 200) -> Sequence[Notification]:
    """Newest first."""
    with here.desk.transactions.read() as t:
        return here.desk.notifications.recent(t, limit=limit)


@router.get("/audit")
def audit(here: Here, after: Annotated[int, Query(ge=0)] = 0, limit: Limit = 200) -> Sequence[AuditEntry]:
    """Rows after a number, in order."""
    with here.desk.transactions.read() as t:
        return here.desk.audit.entries(t, after=after, limit=limit)


@router.get("/audit/verify")
def verify_audit(here: Here) -> shapes.AuditAnswer:
    """Recompute the chain."""
    try:
        with here.desk.transactions.read() as t:
            return shapes.AuditAnswer(rows=here.desk.audit.verify(t), broken=None)
    except IntegrityViolation as broken:
        return shapes.AuditAnswer(rows=None, broken=broken.problem)


@router.get("/lineage/{identity}")
def lineage(here: Here, identity: str) -> Graph:
    """A node and all it came from, parents before children."""
    with here.desk.transactions.read() as t:
        return here.desk.lineage.graph(t, identity)


@router.get("/lineage/{identity}/verify")
def verify_lineage(here: Here, identity: str) -> shapes.VerifyAnswer:
    """Recompute every hash of a graph from what is stored."""
    with here.desk.transactions.read() as t:
        graph, findings = verified(here.desk, t, here.desk.lineage.graph(t, identity))
        return shapes.VerifyAnswer(nodes=len(graph.nodes), findings=findings)
