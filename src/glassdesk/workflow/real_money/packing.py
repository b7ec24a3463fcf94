"""What a paper home puts into a bundle: its evidence, and what trades."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from glassdesk.kernel.canonical import digest
from glassdesk.kernel.errors import IntegrityViolation, NotFound
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.contracts.watchlists import Watchlists
from glassdesk.workflow.dealing.findings import Probe, ProbeState, in_force
from glassdesk.workflow.dealing.probes import Probes
from glassdesk.workflow.indicators.service import Indicators
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.orders.switches import NAMES, UNKNOWN
from glassdesk.workflow.portfolio.service import Portfolio
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.prompts.model import PromptVersion
from glassdesk.workflow.prompts.service import Prompts
from glassdesk.workflow.real_money.model import (
    Bundle,
    CarriedLabel,
    CarriedList,
    CarriedPrompt,
    CarriedStrategy,
    Evidence,
    ProbeShown,
)
from glassdesk.workflow.real_money.parts import Place
from glassdesk.workflow.session.service import Session
from glassdesk.workflow.strategies.model import Strategy, StrategyRow, StrategyState
from glassdesk.workflow.strategies.service import Strategies


class Packing:
    """Reads everything in one transaction of the caller."""

    def __init__(
        self,
        place: Place,
        *,
        session: Session,
        probes: Probes,
        portfolio: Portfolio,
        positions: Positions,
        audit: Audit,
        strategies: Strategies,
        prompts: Prompts,
        indicators: Indicators,
        watchlists: Watchlists,
        contracts: Contracts,
        dump: Callable[[Strategy], str],
    ) -> None:
        self._place = place
        self._session = session
        self._probes = probes
        self._portfolio = portfolio
        self._positions = positions
        self._audit = audit
        self._strategies = strategies
        self._prompts = prompts
        self._indicators = indicators
        self._watchlists = watchlists
        self._contracts = contracts
        self._dump = dump

    def evidence(self, t: Transaction) -> Evidence:
        """What this home has to show; nothing is judged yet."""
        place = self._place
        proof = self._session.proof(t, place.account, place.kind)
        trades = self._portfolio.trades(t, place.account)
        rows, head = self._audit.head(t)
        return Evidence(
            account=place.account,
            kind=place.kind,
            broker=place.broker,
            deployment=place.deployment,
            version=place.version,
            made_at=place.clock.now(),
            proved=proof is not None and proof.agrees and place.kind is AccountKind.PAPER,
            probe=self._probe(t),
            days=tuple(sorted({one.session for one in self._portfolio.snapshots(t, place.account)})),
            trades=tuple(dict.fromkeys(one.entry_order for one in trades)),
            trades_sha256=digest(list(trades)),
            open_breaks=self._breaks(t),
            audit_rows=rows,
            audit_head=head,
            audit_problem=self._audit_problem(t),
        )

    def bundle(self, t: Transaction) -> Bundle:
        """Evidence and content."""
        rows = [row for row in self._strategies.list(t) if row.state is not StrategyState.ARCHIVED]
        versions = self._versions(t, rows)
        return Bundle(
            evidence=self.evidence(t),
            contracts=self._known(t, rows),
            strategies=tuple(self._strategy(row) for row in rows),
            prompts=tuple(self._prompt(t, one) for one in versions),
            labels=tuple(
                label for name in dict.fromkeys(v.name for v in versions) for label in self._labels(t, name)
            ),
            indicator_sets=tuple(one.indicators for one in self._indicators.newest(t) if one.version),
            watchlists=tuple(
                CarriedList(name=one.name, contracts=one.contracts) for one in self._watchlists.list(t)
            ),
        )

    def _probe(self, t: Transaction) -> ProbeShown | None:
        """The last that answered the core questions to its end."""
        now = self._place.clock.now()
        whole = next((one for one in self._probes.all(t) if _whole(one)), None)
        if whole is None or whole.ended_at is None:
            return None
        found = self._probes.in_force(t) if now >= whole.ended_at else in_force([whole], whole.ended_at)
        told = ((name, str(getattr(found, name))) for name in NAMES)
        return ProbeShown(
            probe=whole.probe,
            ended_at=whole.ended_at,
            report_sha256=whole.report,
            switches=tuple((name, setting) for name, setting in told if setting != UNKNOWN),
        )

    def _breaks(self, t: Transaction) -> tuple[str, ...]:
        account = self._place.account
        shares = [one.symbol for one in self._positions.breaks(t) if one.account == account]
        cash = ["cash"] if self._portfolio.cash_break(t, account) is not None else []
        return (*shares, *cash)

    def _audit_problem(self, t: Transaction) -> str:
        try:
            self._audit.verify(t)
        except IntegrityViolation as broken:
            return str(broken)
        return ""

    def _known(self, t: Transaction, rows: Iterable[StrategyRow]) -> tuple[Contract, ...]:
        conids = sorted({one.conid for row in rows for one in row.strategy.contracts})
        return tuple(self._contracts.contract(t, conid) for conid in conids)

    def _strategy(self, row: StrategyRow) -> CarriedStrategy:
        strategy = row.strategy
        return CarriedStrategy(
            name=strategy.name,
            version=strategy.version,
            sha256=row.sha256,
            text=self._dump(strategy),
            conids={one.symbol: one.conid for one in strategy.contracts},
        )

    def _versions(self, t: Transaction, rows: Iterable[StrategyRow]) -> list[PromptVersion]:
        """Every version of every prompt that a strategy may ask, system parts first, then by number."""
        wanted = dict.fromkeys(ref.name for row in rows for ref in row.strategy.prompts)
        found = {name: self._kept(t, name) for name in wanted}
        for versions in list(found.values()):
            for version in versions:
                if version.system_prompt:
                    found.setdefault(version.system_prompt, self._kept(t, version.system_prompt))
        every = [version for versions in found.values() for version in versions]
        return sorted(every, key=lambda one: (bool(one.system_prompt), one.name, one.number))

    def _kept(self, t: Transaction, name: str) -> list[PromptVersion]:
        try:
            return [one for one in self._prompts.versions(t, name) if one.number]
        except NotFound:
            return []

    def _prompt(self, t: Transaction, version: PromptVersion) -> CarriedPrompt:
        return CarriedPrompt(
            name=version.name,
            number=version.number,
            sha256=version.sha256,
            text=self._prompts.export(t, version.name, version.number),
        )

    def _labels(self, t: Transaction, name: str) -> Iterable[CarriedLabel]:
        places = {("", label): number for label, number in self._prompts.labels(t, name).items()}
        for (scope, label), number in (places | dict(self._prompts.scoped(t, name))).items():
            test = self._prompts.last_test(t, name, number)
            yield CarriedLabel(
                prompt=name,
                label=label,
                scope=scope,
                sha256=self._prompts.version(t, name, number).sha256,
                tested=test.run if test is not None and test.passed else "",
            )


def _whole(probe: Probe) -> bool:
    ended = probe.ended_at
    done = probe.state is ProbeState.DONE and ended is not None
    return done and in_force([probe], ended).proven_at is not None  # type: ignore[arg-type]  # ended is there
