"""What a live home takes out of a bundle. Strategies come disabled; nothing that is there is overwritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from glassdesk.kernel.errors import Conflict, InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.service import Contracts
from glassdesk.workflow.contracts.watchlists import Watchlists
from glassdesk.workflow.indicators.model import IndicatorSet
from glassdesk.workflow.indicators.service import Indicators
from glassdesk.workflow.prompts.gate import UNTESTED
from glassdesk.workflow.prompts.service import Prompts
from glassdesk.workflow.real_money.model import CarriedLabel, CarriedStrategy, Sealed
from glassdesk.workflow.strategies.model import Strategy, StrategyState
from glassdesk.workflow.strategies.service import Strategies

Load = Callable[[str, str, str, Callable[[str], int]], Strategy]
"""From a strategy's text, its file's name, the account and what tickers mean."""


class Unpacking:
    """Writes in the caller's transaction: all of it, or nothing."""

    def __init__(
        self,
        account: str,
        *,
        strategies: Strategies,
        prompts: Prompts,
        indicators: Indicators,
        watchlists: Watchlists,
        contracts: Contracts,
        load: Load,
    ) -> None:
        self._account = account
        self._strategies = strategies
        self._prompts = prompts
        self._indicators = indicators
        self._watchlists = watchlists
        self._contracts = contracts
        self._load = load

    def take_in(self, t: Transaction, sealed: Sealed, actor: str) -> None:
        """Keep everything of the bundle that is not here yet. Raises `InvalidInput` or `Conflict`."""
        bundle, message = sealed.bundle, f"Carried over by the live bundle {sealed.sha256[:12]}"
        for contract in bundle.contracts:
            self._contracts.remember(t, contract)
        for listed in bundle.watchlists:
            self._watchlists.save(t, listed.name, listed.contracts, actor)
        for wanted in bundle.indicator_sets:
            self._set(t, wanted, actor, message)
        for prompt in bundle.prompts:
            if prompt.sha256 not in self._numbers(t, prompt.name):
                self._prompts.take_in(t, prompt.text, actor)
        for label in bundle.labels:
            self._label(t, label, actor, sealed)
        for carried in bundle.strategies:
            self._strategy(t, carried, sealed, actor, message)

    def _set(self, t: Transaction, wanted: IndicatorSet, actor: str, message: str) -> None:
        kept = {one.indicators.name: one for one in self._indicators.newest(t)}
        there = kept.get(wanted.name)
        if there is None:
            self._indicators.create(t, wanted, author=actor, message=message)
        elif there.indicators != wanted:
            self._indicators.edit(t, wanted, base=there.version, author=actor, message=message)

    def _numbers(self, t: Transaction, name: str) -> Mapping[str, int]:
        """Version by the text's hash; of a prompt that is only packaged none is kept yet."""
        try:
            return {one.sha256: one.number for one in self._prompts.versions(t, name) if one.number}
        except NotFound:
            return {}

    def _label(self, t: Transaction, carried: CarriedLabel, actor: str, sealed: Sealed) -> None:
        number = self._numbers(t, carried.prompt).get(carried.sha256)
        labels = self._prompts.labels(t, carried.prompt), self._prompts.scoped(t, carried.prompt)
        now = labels[1].get((carried.scope, carried.label)) if carried.scope else labels[0].get(carried.label)
        if number is None:
            raise InvalidInput(
                f"the text of {carried.prompt} is not in it", where="bundle", remedy="make it again"
            )
        if now == number:
            return
        tested = (
            f"it was tested on paper, run {carried.tested[:8]}" if carried.tested else "it was live on paper"
        )
        self._prompts.label(
            t, carried.prompt, carried.label, number, actor, scope=carried.scope,
            reason=f"{UNTESTED}{tested}: live bundle {sealed.sha256[:12]}", sure=True,
        )  # fmt: skip

    def _strategy(
        self, t: Transaction, carried: CarriedStrategy, sealed: Sealed, actor: str, message: str
    ) -> None:
        strategy = replace(
            self._load(carried.text, f"bundle: {carried.name}", self._account, _meaning(carried)),
            account=self._account,
        )
        for ref in strategy.prompts:
            self._require_same(t, ref.name, ref.number, sealed)
        known = {row.strategy.name: row for row in self._strategies.list(t)}
        before = known.get(carried.name)
        made = self._strategies.create(t, strategy, author=actor, message=message)
        runs = before is not None and before.state not in (StrategyState.DISABLED, StrategyState.ARCHIVED)
        if before is not None and runs and before.sha256 != made.sha256:
            remedy = f"glassdesk strategies disable {carried.name}, then unlock again"
            raise Conflict(f"{carried.name} runs here in another version", where="bundle", remedy=remedy)

    def _require_same(self, t: Transaction, name: str, number: int | None, sealed: Sealed) -> None:
        """A strategy that names a version by number must find the same text under it."""
        wanted = [one.sha256 for one in sealed.bundle.prompts if (one.name, one.number) == (name, number)]
        if wanted and self._numbers(t, name).get(wanted[0]) != number:
            problem = f"version {number} of {name} is another text here"
            raise Conflict(
                problem, where="bundle", remedy="let the strategy follow a label on the paper home"
            )


def _meaning(carried: CarriedStrategy) -> Callable[[str], int]:
    def resolve(ticker: str) -> int:
        try:
            return carried.conids[ticker]
        except KeyError:
            raise InvalidInput(
                f"the bundle does not say what {ticker} is", where="bundle", remedy="make it again"
            ) from None

    return resolve
