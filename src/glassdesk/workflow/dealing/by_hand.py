"""Exits that a person asks for: `positions exit`, and FLATTEN (`T-50`). An act is a run of kind `manual`; its
lineage has the act where others have signal, prompt and model."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from glassdesk.kernel.errors import Conflict, NotFound
from glassdesk.kernel.ids import manual_run_id
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.scope import CENT
from glassdesk.workflow.dealing.exit_rules import InForce
from glassdesk.workflow.dealing.facts_part import OPEN_INTENTS
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.orders.bracket import Decision, exit_order
from glassdesk.workflow.orders.late import may_sell_yet
from glassdesk.workflow.orders.model import Intent, IntentKind, IntentState, Order, Role, SendTerms
from glassdesk.workflow.positions.model import Position
from glassdesk.workflow.risk.model import HaltLevel, Limits

AGAIN = timedelta(minutes=1)
WAITING = (IntentState.AWAITING_APPROVAL, IntentState.QUEUED)


class ByHand:
    """Reserves exits for people; the ladder climbs them like any other."""

    def __init__(self, parts: Parts, telling: Telling) -> None:
        self._parts = parts
        self._telling = telling
        self._tried: dict[int, datetime] = {}

    def exit(self, reign: Reign, wanted: str, actor: str, at: datetime) -> str:
        """Reserve the sale of everything held of a symbol or conid, in place of what only waits. Raises
        `NotFound` or `Conflict`."""
        with self._parts.transactions.begin() as t:
            found = [p for p in self._held(t) if wanted.upper() in (p.symbol.upper(), str(p.conid))]
            if not found:
                raise NotFound(f"the desk holds no {wanted}", where="symbol", remedy="positions shows them")
            for position in found:
                self._reserve(t, reign, position, actor, at, "exit")
        return f"selling {', '.join(position.symbol for position in found)}"

    def flatten(self, reign: Reign) -> None:
        """While the kill switch says FLATTEN: an exit for whatever is held and has none."""
        with self._parts.transactions.read() as t:
            halt = self._parts.risk.halt(t)
            if halt.level is not HaltLevel.FLATTEN or halt.since is None:
                return
            held = [p for p in self._held(t) if not self._at_work(t, p.conid)]
        for position in held:
            self._flatten(reign, position, halt.actor, halt.since)

    def _at_work(self, t: Transaction, conid: int) -> bool:
        """Something was sent, or an exit goes out as soon as it may."""
        states = (IntentState.QUEUED, IntentState.SENT)
        open_ones = self._parts.orders.intents(t, states=states)
        decisions = [(one, state) for one, state in open_ones if one.parent is None and one.conid == conid]
        # A stop that a person had placed is no decision: it must not hold up the sale.
        found = [(one, state) for one, state in decisions if one.kind is not IntentKind.PROTECT]
        return any(state is IntentState.SENT or one.kind is IntentKind.REDUCE for one, state in found)

    def _flatten(self, reign: Reign, position: Position, actor: str, since: datetime) -> None:
        """One position that cannot be sold must not hold up the others: a person is told. An exit that ended
        with shares left is followed by another, a minute apart, until flat."""
        now = self._parts.now()
        if now - self._tried.get(position.conid, since) < AGAIN and position.conid in self._tried:
            return
        self._tried[position.conid] = now
        try:
            with self._parts.transactions.begin() as t:
                ended = bool(self._parts.orders.intents(t, run=self._run(position, since)))
                self._reserve(t, reign, position, actor, now if ended else since, "flatten")
        except Conflict as failure:
            with self._parts.transactions.begin() as t:
                self._telling.not_flattened(t, position, str(failure), since)

    def leave(self, t: Transaction, held: Position, rules: InForce, at: datetime, why: str) -> None:
        """Reserve an exit by the position's own rules, once per instant; nothing while another decision on
        the contract is open. Raises `Conflict` where acts get no runs."""
        open_ones = self._parts.orders.intents(t, states=OPEN_INTENTS)
        decisions = [one for one, _ in open_ones if one.parent is None and one.kind is not IntentKind.PROTECT]
        busy = any(one.conid == held.conid for one in decisions)
        if busy or self._parts.orders.intents(t, run=self._run(held, at)):
            return
        run, _ = self.act(t, held, "desk", at, why)
        plain = self._decision(t, held, run, rules.version)
        terms = replace(plain.terms, by_person=False, urgency=rules.plan.urgency)
        self._record(t, replace(plain, terms=terms), held)
        self._telling.leaves(t, held, why, run)

    def _held(self, t: Transaction) -> list[Position]:
        return self._parts.positions.held(t, self._parts.settings.account)

    def act(self, t: Transaction, position: Position, actor: str, at: datetime, what: str) -> tuple[str, int]:
        """Begin the run of an act about a position and record the act; answers the run, and the version of
        the strategy. The same act again is harmless. Raises `Conflict`."""
        runs, run = self._parts.manual_runs, self._run(position, at)
        if runs is None:
            raise Conflict("acts of a person are not wired in this process", where="dealer")
        row, reason = self._parts.strategies.latest(t, position.strategy), f"{what} by {actor}"
        version = row.strategy.version if row is not None else 1
        runs.begin(
            t,
            run=run,
            account=position.account,
            strategy=position.strategy,
            version=version,
            conid=position.conid,
            symbol=position.symbol,
            at=at,
            reason=reason,
        )
        act = {"act": reason, "symbol": position.symbol, "quantity": position.quantity}
        self._parts.lineage.record(t, kind="act", entity=run, content=act, run=run)
        return run, version

    def _run(self, position: Position, at: datetime) -> str:
        deployment = self._parts.settings.deployment
        if not deployment:
            raise Conflict("acts of a person are not wired in this process", where="dealer")
        return manual_run_id(deployment, position.account, position.conid, at)

    def _reserve(
        self, t: Transaction, reign: Reign, position: Position, actor: str, at: datetime, what: str
    ) -> None:
        if self._parts.orders.intents(t, run=self._run(position, at)):
            return
        self._displace(t, reign, position, actor)
        run, version = self.act(t, position, actor, at, what)
        self._record(t, self._decision(t, position, run, version), position)

    def _displace(self, t: Transaction, reign: Reign, position: Position, actor: str) -> None:
        """A decision on the contract of which nothing was sent gives way: it may wait for an approval, its
        window or a lower level, and none of these may hold up a person's exit (`T-40`). Of two exits of
        persons the first stays."""
        for intent, _ in self._parts.orders.intents(t, states=WAITING):
            by_person = intent.terms is not None and intent.terms.by_person
            if intent.parent is None and intent.conid == position.conid and not by_person:
                self._not_under_way(t, intent)
                self._parts.orders.cancel_intent(t, intent.intent, actor, lease=reign.lease)

    def _not_under_way(self, t: Transaction, intent: Intent) -> None:
        row = self._parts.order_rows.order(t, intent.intent)
        if row is not None and may_sell_yet(row, self._parts.order_rows.sends(t, row.order)):
            raise Conflict(
                "its shares are on sale already: a request of that order may still arrive",
                where="symbol",
                remedy="cancel that order; it waits for you then",
            )

    def _record(self, t: Transaction, decision: Decision, position: Position) -> None:
        target = self._target(t, position)
        reservation = exit_order(decision, target_order=target.order if target is not None else None)
        [intent] = reservation.intents
        lineage, run = self._parts.lineage, decision.run
        wanted = {"kind": IntentKind.REDUCE, "side": intent.side, "quantity": intent.quantity}
        lineage.record(
            t, kind="intent", entity=intent.intent, content=wanted, parents=(f"act:{run}",), run=run
        )
        self._parts.orders.reserve(t, reservation, state=IntentState.QUEUED)

    def _decision(self, t: Transaction, position: Position, run: str, version: int) -> Decision:
        now, settings = self._parts.now(), self._parts.settings
        here = self._parts.contracts.session_at(settings.exchange, now)
        session = here or self._parts.contracts.next_session(settings.exchange, now)
        return Decision(
            run=run,
            account=position.account,
            kind=settings.kind,
            strategy=position.strategy,
            strategy_version=version,
            conid=position.conid,
            quantity=position.quantity,
            terms=self._terms(t, position, now),
            window_opens=max(now, session.opens_at),
            window_closes=session.closes_at,
            reserved_at=now,
        )

    def _terms(self, t: Transaction, position: Position, now: datetime) -> SendTerms:
        tick = self._parts.contracts.tick(t, position.conid, position.average_price)
        if tick is None:
            self._telling.tick_unknown(t, position.account, position.conid, position.symbol, now)
        exchange = self._parts.settings.exchange
        return SendTerms(
            symbol=position.symbol,
            exchange=exchange,
            last_bar=self._parts.contracts.last_closed_session(exchange, now).session,
            reference_close=position.average_price,
            atr=None,
            tick=tick or CENT,
            entry_high=None,
            limits=Limits(),
            by_person=True,
        )

    def _target(self, t: Transaction, position: Position) -> Order | None:
        around = self._parts.order_rows.orders(t, strategy=position.strategy, conid=position.conid, limit=50)
        theirs = self._parts.positions.released(t, position.account)
        mine = [o for o in around if o.role is Role.TARGET and o.state.at_broker and o.order not in theirs]
        return next(iter(mine), None)
