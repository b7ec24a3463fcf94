"""Verbs of the indicators step."""

from __future__ import annotations

from collections.abc import Sequence

from glassdesk.kernel.errors import Conflict, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.indicators.catalogue import CATALOGUE, complete_set
from glassdesk.workflow.indicators.compute import compute, missing
from glassdesk.workflow.indicators.kind import Kind
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorValues, Shortfall
from glassdesk.workflow.indicators.ports import IndicatorStore
from glassdesk.workflow.market_data.model import Bar


class Indicators:
    """The catalogue, named sets, and values over bars."""

    def __init__(self, store: IndicatorStore) -> None:
        self._store = store

    def catalogue(self) -> tuple[Kind, ...]:
        """Every indicator there is."""
        return CATALOGUE

    def create(self, t: Transaction, wanted: IndicatorSet) -> IndicatorSet:
        """Keep `wanted` with every parameter spelled out, and answer it; the same set again changes nothing.

        Raises `InvalidInput` naming the parameter and its range, and `Conflict` when the name stands for
        another set: what a run has used never changes under its name.
        """
        full = complete_set(wanted)
        there = self._store.get(t, full.name)
        if there is None:
            self._store.put(t, full)
        elif there != full:
            raise Conflict(
                f"the set {full.name!r} exists with other indicators",
                where="name",
                remedy="choose another name; a set never changes",
            )
        return full

    def get(self, t: Transaction, name: str) -> IndicatorSet:
        """The set called `name`. Raises `NotFound`."""
        found = self._store.get(t, name)
        if found is None:
            raise NotFound(f"there is no indicator set {name!r}", where="name")
        return found

    def list(self, t: Transaction) -> Sequence[IndicatorSet]:
        """Every set, by name."""
        return self._store.all(t)

    def compute(self, wanted: IndicatorSet, bars: Sequence[Bar]) -> IndicatorValues:
        """The set's lines over `bars`. Raises `InvalidInput`; too few bars give lines of `None`."""
        return compute(wanted, bars)

    def missing(self, wanted: IndicatorSet, bars: Sequence[Bar]) -> tuple[Shortfall, ...]:
        """The indicators of the set that have too few `bars`, and how many each needs."""
        return missing(wanted, bars)
