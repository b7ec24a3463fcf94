"""A governor over a database in memory, a clock moved by hand, a stopwatch that only pauses move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.adapters.llm import Scripted
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.dispatching import Channels
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.signals.calls import CallRecord, Prompt, Reply, Spent, Usage
from glassdesk.workflow.signals.deciding import ModelAnalyst, Times
from glassdesk.workflow.signals.governor import Allowance, Governor
from glassdesk.workflow.signals.ports import Analyst, Model
from glassdesk.workflow.signals.prices import Price, Prices
from tests.workflow.signals.malformed import GOOD

BEGAN = datetime(2024, 3, 1, 14, 30, tzinfo=UTC)
DEAR = Price(input=Decimal(1), cached=Decimal("0.1"), output=Decimal(10), image_tokens=1000)
PRICES = Prices(
    version="test",
    models={
        "dear:": DEAR,
        "openai:": DEAR,
        "memory": Price(input=Decimal(0), cached=Decimal(0), output=Decimal(0), image_tokens=0),
    },
)
USED = Usage(input_tokens=4_000, output_tokens=600)
"""0.01 US dollars of a dear model."""


@dataclass
class ByHand:
    """Machine time: it passes when somebody pauses, or a model takes its time."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def seconds(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@dataclass
class Scene:
    """Everything a test turns."""

    stores: Stores
    clock: ManualClock
    watch: ByHand
    governor: Governor
    notifications: Notifications

    def analyst(
        self, *models: Model, last: Analyst | None = None, times: Times | None = None
    ) -> ModelAnalyst:
        return ModelAnalyst(
            models, self.governor, PRICES, self.clock, self.watch, last=last, times=times or Times()
        )

    def calls(self, run: str = "run-1") -> list[CallRecord]:
        with self.stores.transactions.read() as t:
            return list(self.stores.model_calls.of_run(t, run))

    def spent(self, strategy: str | None = None) -> Spent:
        with self.stores.transactions.read() as t:
            return self.stores.model_calls.spent(t, BEGAN.replace(hour=0, minute=0), strategy)

    def told(self) -> list[str]:
        with self.stores.transactions.read() as t:
            return [one.title for one in self.notifications.recent(t)]


@contextmanager
def scene(allowance: Allowance | None = None, url: str = "memory:") -> Iterator[Scene]:
    stores, clock = open_database(url), ManualClock(BEGAN)
    notifications = Notifications(
        stores.transactions, stores.outbox, Channels(), clock, Audit(stores.audit, clock)
    )
    governor = Governor(stores.transactions, stores.model_calls, clock, notifications, allowance)
    yield Scene(stores=stores, clock=clock, watch=ByHand(), governor=governor, notifications=notifications)
    stores.close()


def file_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'desk.sqlite'}"


class Named(Scripted):
    """A scripted model under a name of its own, which may take time."""

    def __init__(
        self,
        script: Callable[[Prompt], Reply | str],
        engine: str = "dear",
        *,
        watch: ByHand | None = None,
        takes: float = 0.0,
    ) -> None:
        super().__init__(script)
        self.engine = engine
        self.endpoint = f"{engine}:one"
        self.model = "one"
        self.seconds: list[float] = []
        self._watch, self._takes = watch, takes

    def ask(self, prompt: Prompt, seconds: float) -> Reply:
        self.seconds.append(seconds)
        if self._watch is not None:
            self._watch.now += min(self._takes, seconds)
        return super().ask(prompt, seconds)


def well(text: str = GOOD) -> Reply:
    return Reply(text=text, model="one-2024", usage=USED, finish="stop")


def busy(after: float | None = None) -> Reply:
    return Reply(failure="HTTP 503", again=True, after=after, billed=False)


def in_turn(*replies: Reply | str) -> Callable[[Prompt], Reply | str]:
    """One after the other, the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]
