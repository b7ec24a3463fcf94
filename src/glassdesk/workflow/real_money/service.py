"""Verbs of the road to live (`T-61`): look, pack, unlock, lock."""

from __future__ import annotations

from collections.abc import Sequence

from glassdesk.kernel.errors import Denied, GlassdeskError, InvalidInput
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.market_data.service import MarketData
from glassdesk.workflow.real_money import bundle as files
from glassdesk.workflow.real_money import conditions
from glassdesk.workflow.real_money.model import Condition, LiveHome, Sealed
from glassdesk.workflow.real_money.packing import Packing
from glassdesk.workflow.real_money.parts import Place
from glassdesk.workflow.real_money.unpacking import Unpacking
from glassdesk.workflow.risk.model import LiveStanding
from glassdesk.workflow.risk.ports import LiveStore
from glassdesk.workflow.risk.real_money import RealMoney
from glassdesk.workflow.risk.unlocks import LiveMove, Shown
from glassdesk.workflow.session.service import Session


class Road:
    """From a paper home to a live one. On a paper home it packs, on a live one it unlocks."""

    def __init__(
        self,
        place: Place,
        transactions: Transactions,
        gate: RealMoney,
        store: LiveStore,
        session: Session,
        market_data: MarketData,
        packing: Packing,
        unpacking: Unpacking,
    ) -> None:
        self._place = place
        self._transactions = transactions
        self._gate = gate
        self._store = store
        self._session = session
        self._market_data = market_data
        self._packing = packing
        self._unpacking = unpacking

    @property
    def live(self) -> bool:
        """Whether this home's account is a live one."""
        return self._place.kind is AccountKind.LIVE

    def standing(self, t: Transaction) -> LiveStanding | None:
        """Where the live account stands; `None` on another kind."""
        return self._gate.standing(t)

    def history(self, t: Transaction) -> Sequence[LiveMove]:
        """Every unlock and lock, newest first."""
        return self._gate.history(t)

    def here(self, t: Transaction) -> tuple[Condition, ...]:
        """What the live home says by itself, without a look at the broker or into a bundle; a paper home's
        conditions take a look at every act."""
        return conditions.of_home(self._home(t)) if self.live else ()

    def look(self, sealed: Sealed | None) -> tuple[Condition, ...]:
        """Every condition of this home; on a live one also its quotes and what the bundle shows."""
        now = self._place.clock.now()
        if not self.live:
            with self._transactions.read() as t:
                packed = self._packing.bundle(t)
            return (*conditions.of_evidence(packed.evidence, now), *conditions.of_content(packed))
        quotes, unread = self._quotes(_traded(sealed))
        with self._transactions.read() as t:
            home = self._home(t, quotes, unread)
        return (
            *conditions.of_home(home),
            conditions.real_time(home),
            *conditions.of_bundle(sealed, home, now),
        )

    def pack(self) -> tuple[str, tuple[Condition, ...]]:
        """The bundle's file, empty where a condition is not met, and all conditions. Raises `Denied` on a
        live home."""
        if self.live:
            raise Denied(
                "a live account makes no bundle",
                where="--write",
                remedy="make it on the paper account's home",
            )
        with self._transactions.read() as t:
            packed = self._packing.bundle(t)
        now = self._place.clock.now()
        found = (*conditions.of_evidence(packed.evidence, now), *conditions.of_content(packed))
        return ("" if conditions.unmet(found) else files.written(packed)), found

    def unlock(
        self, sealed: Sealed, actor: str, *, typed: str
    ) -> tuple[LiveMove | None, tuple[Condition, ...]]:
        """Look at every condition; where all are met take the bundle in and unlock, in one transaction.
        Raises `Denied`, `InvalidInput` for another account's id, `Conflict`."""
        if not self.live:
            problem = f"{self._place.account} is a {self._place.kind.value} account"
            raise Denied(
                problem, where="account", remedy="a live account has a home of its own: docs/live.md"
            )
        if typed != self._place.account:
            remedy = "type the id of the live account, letter by letter"
            raise InvalidInput("that is not the account of this desk", where="account", remedy=remedy)
        found = self.look(sealed)
        if conditions.unmet(found):
            return None, found
        with self._transactions.begin() as t:
            self._unpacking.take_in(t, sealed, actor)
            move = self._gate.unlock(t, _shown(sealed), actor, typed=typed)
        return move, found

    def lock(self, t: Transaction, reason: str, actor: str) -> LiveMove:
        """See `RealMoney.lock`."""
        return self._gate.lock(t, reason, actor)

    def _home(self, t: Transaction, quotes: dict[str, str] | None = None, unread: str = "") -> LiveHome:
        place = self._place
        proof = self._session.proof(t, place.account, place.kind)
        return LiveHome(
            account=place.account,
            kind=place.kind,
            broker=place.broker,
            deployment=place.deployment,
            proved=proof is not None and proof.agrees,
            others=tuple(self._store.other_accounts(t, place.account)),
            unset=place.unset,
            delayed=place.delayed,
            quotes=quotes or {},
            unread=unread,
        )

    def _quotes(self, contracts: Sequence[Contract]) -> tuple[dict[str, str], str]:
        if not contracts:
            return {}, "a bundle says which contracts are traded"
        try:
            read = self._market_data.quotes([one.conid for one in contracts])
        except GlassdeskError as failure:
            return {}, f"no quote: {failure.problem}"
        words = {}
        for one in contracts:
            quote = read.get(one.conid)
            real = quote is not None and quote.real_time
            late = "delayed" if quote is not None and quote.delayed else "not subscribed, or no quote yet"
            words[one.symbol] = conditions.REAL_TIME if real else late
        return words, ""


def _traded(sealed: Sealed | None) -> list[Contract]:
    """What is carried over, named or listed, each once."""
    if sealed is None:
        return []
    listed = [one for carried in sealed.bundle.watchlists for one in carried.contracts]
    return list({one.conid: one for one in (*sealed.bundle.contracts, *listed)}.values())


def _shown(sealed: Sealed) -> Shown:
    evidence = sealed.bundle.evidence
    probe = evidence.probe
    if probe is None:
        raise InvalidInput("the bundle has no probe", where="bundle", remedy="glassdesk probe, on paper")
    return Shown(
        bundle=sealed.sha256,
        paper_account=evidence.account,
        probe=probe.probe,
        probe_sha256=probe.report_sha256,
        probed_at=probe.ended_at,
        switches=probe.switches,
        paper_days=len(evidence.days),
        closed_trades=len(evidence.trades),
        trades_sha256=evidence.trades_sha256,
        audit_rows=evidence.audit_rows,
        audit_head=evidence.audit_head,
    )
