"""Where a mutant can be played: a seed of the order path, or a story of the whole desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.desk.campaign import ground
from tests.chaos.desk.scenarios import SCENARIOS
from tests.chaos.desk.sweep import run
from tests.chaos.mutants.stories import STORIES
from tests.chaos.orders.environments import ENVIRONMENTS
from tests.chaos.orders.playing import play

ALL_STORIES = {story.name: story for story in (*SCENARIOS, *STORIES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A seed of an environment, or a death in a story (0: nobody dies)."""

    world: str
    number: int

    def __str__(self) -> str:
        return f"{self.world}/{self.number}"

    @classmethod
    def named(cls, text: str) -> Place:
        """As `str` writes it. Raises `ValueError` for what is neither an environment nor a story."""
        world, _, number = text.partition("/")
        if world not in ENVIRONMENTS and world not in ALL_STORIES:
            raise ValueError(f"{text!r}: neither an environment nor a story is called {world!r}")
        return cls(world=world, number=int(number or 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An invariant that did not hold."""

    place: Place
    invariant: str
    witness: str


class Playground:
    """Plays places of both worlds; the whole desk's ground is laid when it is needed first."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._ground: tuple[tuple[Path, Path], Path] | None = None

    def close(self) -> None:
        """Nothing is played any more."""
        self._open.close()

    def play(self, place: Place) -> Iterator[Broken]:
        """Every invariant that the history of this place breaks."""
        broken = self._seed(place) if place.world in ENVIRONMENTS else self._story(place)
        for invariant, witness in broken:
            yield Broken(place=place, invariant=invariant, witness=witness)

    def _seed(self, place: Place) -> Iterator[tuple[str, str]]:
        for one in play(place.world, place.number)[1].violations:
            yield one.invariant, one.witness

    def _story(self, place: Place) -> Iterator[tuple[str, str]]:
        if self._ground is None:
            self._ground = self._open.enter_context(ground())
        _, played = run(ALL_STORIES[place.world], place.number, *self._ground)
        for invariant, verdict in played.verdicts.items():
            for witness in verdict.witnesses:
                yield invariant, witness
        for accident in played.accidents:
            yield "ACCIDENT", accident
