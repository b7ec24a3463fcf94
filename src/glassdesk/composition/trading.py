"""The dealer over the writable broker."""

from __future__ import annotations

from datetime import datetime

from glassdesk.adapters.ibkr.callbook import CallBook
from glassdesk.adapters.ibkr.calls import serving
from glassdesk.adapters.simulation.switches import simulated_switches
from glassdesk.composition.brokerage import Brokerage
from glassdesk.composition.ground import Ground
from glassdesk.composition.services import EXCHANGE
from glassdesk.desk import Desk
from glassdesk.kernel.work import Kind, doing
from glassdesk.settings import Settings
from glassdesk.workflow.dealing.parts import BrokerParts, DealerSettings, Parts, ProbeParts
from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.runs.manual import StoredManualRuns


class FilingDealer:
    """Files the exchanges with the broker after each turn: the dealer's own and, where runs execute in other
    processes, those that went through the gate for them."""

    def __init__(self, dealer: Dealer, desk: Desk, book: CallBook, *, files_for_runs: bool) -> None:
        self._dealer = dealer
        self._desk = desk
        self._book = book
        self._purposes = ("dealer", "run:") if files_for_runs else ("dealer",)

    @property
    def reigns(self) -> bool:
        """It holds the lease."""
        return self._dealer.reigns

    @property
    def watched(self) -> bool:
        """Its last turn looked at everything."""
        return self._dealer.watched

    def turn(self) -> datetime | None:
        """One turn, then one transaction with what was exchanged."""
        try:
            with doing(Kind.TURN, "dealer"):
                return self._dealer.turn()
        finally:
            self._file()

    def end(self) -> None:
        """Give the pen up and file what is left."""
        self._dealer.step_down()
        self._file()

    def _file(self) -> None:
        drained = [pair for purpose in self._purposes for pair in self._book.drain(purpose)]
        # every call of a run is kept, one without an answer too; of the dealer's what changed something
        kept = [(call, body) for call, body in drained if call.response_sha256 or call.purpose[:4] == "run:"]
        if not kept:
            return
        self._desk.lineage.store_answers(kept)
        with self._desk.transactions.begin() as t:
            self._desk.lineage.file_calls(t, kept)


def build_dealer(
    ground: Ground, desk: Desk, brokerage: Brokerage, owner: str, *, files_for_runs: bool = False
) -> FilingDealer:
    """The dealer over the writable broker."""
    dealer = Dealer(dealer_parts(ground, desk, brokerage, owner))
    if ground.settings.gate_token is not None:
        # Of several dealers each has a gate, and their username one pace.
        brokerage.broker.gate.only_while(dealer.may_ask)
    return FilingDealer(dealer, desk, brokerage.book, files_for_runs=files_for_runs)


def dealer_parts(ground: Ground, desk: Desk, brokerage: Brokerage, owner: str) -> Parts:
    """Everything the dealer's turn calls. On a simulated account the simulator says what it does (`T-60`)."""
    settings, stores, broker = ground.settings, ground.stores, brokerage.broker
    endpoint = ground.simulator
    return Parts(
        settings=_dealer_settings(settings, owner),
        clock=ground.clock,
        transactions=stores.transactions,
        broker=BrokerParts(
            session=broker.session,
            orders=broker.orders,
            reads=broker.order_tracking,
            positions=broker.positions,
            portfolio=broker.portfolio,
            # Simulated time jumps to what happens; hints in machine time would make two runs differ.
            hints=None if ground.clock.wakes_on_events else broker.stream,
            # Skew compares sources of the same time: the `Date` of an answer is the system's (`design.md`).
            clock=broker.wire if settings.clock_url.startswith("system:") else None,
            preview=broker.preview,
        ),
        leases=stores.leases,
        sessions=stores.session,
        commands=stores.commands,
        order_rows=stores.orders,
        strategies=stores.strategies,
        contracts=desk.contracts,
        market_data=desk.market_data,
        risk=desk.risk,
        orders=desk.orders,
        tracking=desk.tracking,
        positions=desk.positions,
        portfolio=desk.portfolio,
        lineage=desk.lineage,
        audit=desk.audit,
        notifications=desk.notifications,
        waits_for_sign_in=desk.sign_in.waits,
        manual_runs=StoredManualRuns(stores.runs),
        probing=ProbeParts(
            broker=broker.probe,
            store=stores.probes,
            book=brokerage.book,
            purpose=serving,
            artifacts=ground.artifacts,
        ),
        board=broker.board,
        simulated=(lambda: simulated_switches(endpoint)) if settings.simulated and endpoint else None,
    )


def _dealer_settings(settings: Settings, owner: str) -> DealerSettings:
    return DealerSettings(
        account=settings.account,
        kind=settings.account_kind,
        owner=owner,
        exchange=EXCHANGE,
        deployment=settings.deployment,
        region=settings.broker_region,
        forced_login=not settings.simulated,
        take_over=settings.session_take_over,
        delayed_quotes=settings.delayed_quotes == "allow",
        canary=settings.canary,
        # One token opens the gates of all dealers of a desk: who sets it means to have several.
        shared=settings.gate_token is not None,
    )
