"""Verbs of the indicators step."""

from __future__ import annotations

from collections.abc import Sequence

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import Conflict, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.indicators.catalogue import complete_set, entries
from glassdesk.workflow.indicators.compute import compute, missing
from glassdesk.workflow.indicators.kind import Kind
from glassdesk.workflow.indicators.model import (
    IndicatorSet,
    IndicatorSetVersion,
    IndicatorValues,
    Shortfall,
)
from glassdesk.workflow.indicators.ports import IndicatorStore
from glassdesk.workflow.indicators.presets import PRESETS
from glassdesk.workflow.market_data.model import Bar

OWNER = "owner"
PROGRAM = "glassdesk"
"""The author of what comes with the program."""


class Indicators:
    """The catalogue, named sets in versions, and values over bars.

    Sets that come with the program can be used by their names like kept ones, as version 0. What a strategy
    or a run has used stands in it word for word: a new version of a set changes neither.
    """

    def __init__(self, store: IndicatorStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def catalogue(self) -> tuple[Kind, ...]:
        """Every indicator there is."""
        return entries()

    def create(
        self, t: Transaction, wanted: IndicatorSet, *, author: str = OWNER, message: str = ""
    ) -> IndicatorSet:
        """Keep `wanted` as version 1, every parameter spelled out; what stands there already changes nothing.

        Raises `InvalidInput` naming the parameter and its range, and `Conflict` when the name stands for
        another set.
        """
        full = complete_set(wanted)
        self._refuse_archived(t, full.name)
        there = self._found(t, full.name)
        if not there:
            return self._put(t, full, 1, author, message).indicators
        if there[-1].indicators != full:
            raise Conflict(
                f"the set {full.name!r} exists with other indicators",
                where="name",
                remedy="choose another name, or make a new version of it",
            )
        return full

    def edit(
        self, t: Transaction, wanted: IndicatorSet, *, base: int, author: str = OWNER, message: str = ""
    ) -> IndicatorSetVersion:
        """Keep `wanted` as the next version of its name; the same content again is no new version.

        `base` is the version that was changed. Raises `InvalidInput`, `NotFound`, and `Conflict` when a newer
        one was kept meanwhile or the set comes with the program.
        """
        full = complete_set(wanted)
        self._refuse_archived(t, full.name)
        newest = self.version(t, full.name)
        if newest.version == 0:
            raise Conflict(
                f"the set {full.name!r} comes with the program", where="name", remedy="choose another name"
            )
        if newest.version != base:
            raise Conflict(
                f"version {newest.version} of {full.name!r} was kept meanwhile",
                where="base",
                remedy="look at it, then change it again",
            )
        if newest.indicators == full:
            return newest
        return self._put(t, full, base + 1, author, message)

    def archive(self, t: Transaction, name: str, *, author: str = OWNER) -> IndicatorSetVersion:
        """Put a set away: nobody is offered it any more, and its name is not used again. Its versions stay,
        and what was made with one keeps it. Raises `NotFound`, and `Conflict` for what comes with the
        program."""
        newest = self.version(t, name)
        if newest.version == 0:
            raise Conflict(
                f"the set {name!r} comes with the program", where="name", remedy="leave it where it is"
            )
        self._store.archive(t, name, author, self._clock.now())
        return newest

    def archived(self, t: Transaction) -> frozenset[str]:
        """Names of sets that were put away."""
        return self._store.archived(t)

    def _refuse_archived(self, t: Transaction, name: str) -> None:
        if name in self._store.archived(t):
            raise Conflict(f"the set {name!r} is archived", where="name", remedy="choose another name")

    def get(self, t: Transaction, name: str, version: int | None = None) -> IndicatorSet:
        """The set called `name`, the newest version by default. Raises `NotFound`."""
        return self.version(t, name, version).indicators

    def version(self, t: Transaction, name: str, version: int | None = None) -> IndicatorSetVersion:
        """One version of a set, the newest by default. Raises `NotFound`."""
        found = self._found(t, name)
        if not found:
            known = ", ".join(one.name for one in self.newest(t))
            raise NotFound(f"there is no indicator set {name!r}", where="name", remedy=f"one of {known}")
        chosen = [one for one in found if version in (None, one.version)]
        if not chosen:
            raise NotFound(
                f"the set {name!r} has no version {version}",
                where="version",
                remedy=f"{found[0].version} to {found[-1].version}",
            )
        return chosen[-1]

    def versions(self, t: Transaction, name: str) -> Sequence[IndicatorSetVersion]:
        """Every version of a set, oldest first. Raises `NotFound`."""
        self.version(t, name)
        return self._found(t, name)

    def newest(self, t: Transaction) -> Sequence[IndicatorSetVersion]:
        """The newest version of every set that is not archived: kept ones by name, then those that come with
        the program."""
        kept, away = self._store.newest(t), self._store.archived(t)
        names = {one.name for one in kept}
        return [
            *(one for one in kept if one.name not in away),
            *(_packaged(preset) for preset in PRESETS if preset.name not in names),
        ]

    def list(self, t: Transaction) -> Sequence[IndicatorSet]:
        """The newest version of every set, without its number."""
        return [one.indicators for one in self.newest(t)]

    def _found(self, t: Transaction, name: str) -> Sequence[IndicatorSetVersion]:
        packaged = [_packaged(preset) for preset in PRESETS if preset.name == name]
        return self._store.versions(t, name) or packaged

    def _put(
        self, t: Transaction, full: IndicatorSet, version: int, author: str, message: str
    ) -> IndicatorSetVersion:
        row = IndicatorSetVersion(
            indicators=full, version=version, author=author, created_at=self._clock.now(), message=message
        )
        self._store.put(t, row)
        return row

    def compute(self, wanted: IndicatorSet, bars: Sequence[Bar]) -> IndicatorValues:
        """The set's lines over `bars`. Raises `InvalidInput`; too few bars give lines of `None`."""
        return compute(wanted, bars)

    def missing(self, wanted: IndicatorSet, bars: Sequence[Bar]) -> tuple[Shortfall, ...]:
        """The indicators of the set that have too few `bars`, and how many each needs."""
        return missing(wanted, bars)


def _packaged(preset: IndicatorSet) -> IndicatorSetVersion:
    return IndicatorSetVersion(indicators=preset, version=0, author=PROGRAM, created_at=None)
