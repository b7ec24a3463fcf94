"""Whether a probe may begin, and the rows that stand before anything is sent: its run, its act, itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from glassdesk.kernel.canonical import decode_text
from glassdesk.kernel.errors import Conflict, Denied, InvalidInput
from glassdesk.kernel.ids import manual_run_id
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.scope import out_of_scope
from glassdesk.workflow.dealing.facts_part import OPEN_INTENTS, FactsPart
from glassdesk.workflow.dealing.findings import Probe, ProbePlan, ProbeState
from glassdesk.workflow.dealing.model import Command
from glassdesk.workflow.dealing.parts import Parts, ProbeParts
from glassdesk.workflow.dealing.probe import admission, catalogue
from glassdesk.workflow.dealing.probe.lab import Lab, living
from glassdesk.workflow.dealing.probe.making import Maker
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.orders.model import PROBE_LANE, Order
from glassdesk.workflow.session.service import prove


class Beginning:
    """Admits probes."""

    def __init__(self, parts: Parts, facts: FactsPart, telling: Telling) -> None:
        self._parts = parts
        self._facts = facts
        self._telling = telling

    def admit(self, reign: Reign, command: Command) -> Probe:
        """The row of a probe that may begin. Raises `Denied`, `Conflict`, `InvalidInput`."""
        plan = _plan(command.argument)
        self._check(plan)
        if plan.second_day:
            plan = self._second_day(plan)
        else:
            self._check_contract(reign, plan)
        return self._begin(reign, command, plan, ProbeState.RUNNING)

    def clean_up(self, reign: Reign, command: Command) -> Probe | None:
        """The row of a clean-up without questions; `None` where nothing of a probe is left."""
        left = self._alive()
        if not left:
            return None
        with self._parts.transactions.read() as t:
            symbol = self._parts.contracts.contract(t, left[0].conid).symbol
        exchange = self._parts.settings.exchange
        plan = ProbePlan(conid=left[0].conid, symbol=symbol, exchange=exchange)
        return self._begin(reign, command, plan, ProbeState.CLEANING)

    def kept_order(self) -> Order:
        """The order that was left resting. Raises `Conflict` where there is none."""
        left = self._alive()
        if not left:
            raise Conflict("no order of a probe rests", where="probe", remedy="leave one with --overnight")
        return left[0]

    def lab(self, reign: Reign, row: Probe) -> Lab:
        """The bench of a probe under this lease."""
        settings = self._parts.settings
        maker = Maker(
            run=row.probe,
            account=settings.account,
            kind=settings.kind,
            conid=row.plan.conid,
            closes_at=row.began_at + admission.LONGEST,
        )
        with self._parts.transactions.read() as t:
            used = len(self._parts.orders.intents(t, run=row.probe))
        return Lab(
            parts=self._parts,
            means=self._means(),
            reign=reign,
            facts=self._facts,
            telling=self._telling,
            maker=maker,
            symbol=row.plan.symbol,
            legs=used,
            kept=list(row.kept),
        )

    # ------------------------------------------------------------ checks

    def _check(self, plan: ProbePlan) -> None:
        now, settings = self._parts.now(), self._parts.settings
        admission.check_kind(settings.kind)
        with self._parts.transactions.read() as t:
            admission.check_halt(self._parts.risk.halt(t))
            admission.check_alone(self._means().store.unfinished(t, settings.account))
            known = [one for one in self._parts.sessions.accounts(t) if one.account == settings.account]
        if not known or not prove(known[0], settings.kind).agrees:
            raise Denied("settings, broker and account id do not agree", where="account")
        here = self._parts.contracts.session_at(settings.exchange, now)
        admission.check_hours(now, here, self._parts.contracts.next_session(settings.exchange, now))
        catalogue.chosen(plan.only, trade=plan.trade, overnight=plan.overnight)

    def _check_contract(self, reign: Reign, plan: ProbePlan) -> None:
        """Nobody else's: no strategy owns it, nobody holds it, nothing works on it (`T-11`, `T-13`)."""
        settings = self._parts.settings
        with self._parts.transactions.read() as t:
            problem = out_of_scope(self._parts.contracts.contract(t, plan.conid))
            owner = self._parts.strategies.owner_of(t, settings.account, plan.conid)
            orders = self._parts.order_rows.orders(t, conid=plan.conid)
            waiting = self._parts.orders.intents(t, states=OPEN_INTENTS)
        stated = self._parts.broker.positions.positions(settings.account)
        busy = {
            problem: bool(problem),
            f"the strategy {owner} trades it": owner is not None,
            "an order of the desk is not over": any(not order.state.final for order in orders),
            "a decision waits": any(i.conid == plan.conid and i.kind.value != "probe" for i, _ in waiting),
            "the account holds it": any(r.conid == plan.conid and r.quantity for r in stated),
            "an order works on it": any(r.conid == plan.conid and living(r) for r in reign.rows),
        }
        for why, holds in busy.items():
            if holds:
                raise Conflict(f"{plan.symbol}: {why}", where="symbol", remedy="name another with --symbol")

    def _second_day(self, plan: ProbePlan) -> ProbePlan:
        """The contract of the order that rests, on a later day in New York. Raises `Conflict`."""
        order, zone = self.kept_order(), self._parts.contracts.zone(self._parts.settings.exchange)
        if self._parts.now().astimezone(zone).date() <= order.reserved_at.astimezone(zone).date():
            raise Conflict(
                "the order was placed today", where="probe", remedy="come back on the next trading day"
            )
        with self._parts.transactions.read() as t:
            symbol = self._parts.contracts.contract(t, order.conid).symbol
        return replace(plan, conid=order.conid, symbol=symbol)

    def _alive(self) -> list[Order]:
        with self._parts.transactions.read() as t:
            rows = self._parts.order_rows.orders(t, strategy=PROBE_LANE)
        return [order for order in rows if not order.state.final]

    # ------------------------------------------------------------ rows

    def _begin(self, reign: Reign, command: Command, plan: ProbePlan, state: ProbeState) -> Probe:
        settings, at = self._parts.settings, command.requested_at
        run = manual_run_id(settings.deployment, settings.account, plan.conid, at)
        row = Probe(
            probe=run,
            account=settings.account,
            kind=settings.kind,
            plan=plan,
            actor=command.actor,
            state=state,
            began_at=self._parts.now(),
            fence=reign.lease.fence,
        )
        with self._parts.transactions.begin() as t:
            self._write(t, row, at)
        return row

    def _write(self, t: Transaction, row: Probe, at: datetime) -> None:
        if self._parts.manual_runs is None:
            raise Conflict("acts of a person are not wired in this process", where="dealer")
        reason = f"probe by {row.actor}"
        self._parts.manual_runs.begin(
            t,
            run=row.probe,
            account=row.account,
            strategy=PROBE_LANE,
            version=1,
            conid=row.plan.conid,
            symbol=row.plan.symbol,
            at=at,
            reason=reason,
        )
        act = {"act": reason, "plan": row.plan}
        self._parts.lineage.record(t, kind="act", entity=row.probe, content=act, run=row.probe)
        self._means().store.put(t, row)
        self._parts.audit.append(t, row.actor, "probe.began", f"run:{row.probe}", {"plan": row.plan})

    def _means(self) -> ProbeParts:
        if self._parts.probing is None:
            raise Denied("probes are not wired in this process", where="dealer")
        return self._parts.probing


def _plan(argument: str) -> ProbePlan:
    try:
        return decode_text(ProbePlan, argument)
    except (TypeError, ValueError) as failure:
        raise InvalidInput(f"not a plan: {failure}", where="probe") from failure
