"""Everything the Run page tells, gathered once: steps, verdicts, orders, fills, calls, neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glassdesk.desk import Desk
from glassdesk.kernel.money import tidy
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web.views.brackets import Bracket, brackets_of
from glassdesk.workflow.evaluation.service import Told
from glassdesk.workflow.indicators.model import IndicatorValues
from glassdesk.workflow.lineage.model import Call, Node
from glassdesk.workflow.orders.model import Intent, IntentState
from glassdesk.workflow.risk.model import Verdict
from glassdesk.workflow.runs.model import KEPT_BACK, Run, StepRow
from glassdesk.workflow.runs.outputs import STEPS, Story

TITLES = {
    "preflight": "Preflight",
    "bars": "Bars",
    "indicators": "Indicators",
    "conditions": "Conditions",
    "charts": "Chart",
    "question": "Prompt",
    "answer": "Answer",
    "signal": "Signal",
    "verdicts": "Size and risk",
    "reserve": "Reservation",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCard:
    """One step: its stored row (`None` where it did not happen), the nodes it came from, its calls."""

    name: str
    title: str
    row: StepRow | None
    parents: tuple[Node, ...] = ()
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One number then and now."""

    name: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """How the story stands: a state and one sentence (`T-73`)."""

    state: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """One run as a person reads it."""

    run: Run
    story: Story
    cards: tuple[StepCard, ...]
    at_send: tuple[Verdict, ...]
    """Verdicts of the dealer's second look, right before the send."""
    intents: Sequence[tuple[Intent, IntentState]]
    brackets: tuple[Bracket, ...]
    headline: Headline
    previous: Run | None
    following: Run | None
    changes: tuple[Change, ...]
    kept_back: Told | None
    """What became of it, where conditions kept the analyst from being asked."""


def run_page(desk: Desk, t: Transaction, run: Run) -> RunPage:
    """The page of one run."""
    story = desk.runs.story(t, run.run)
    previous, following = _neighbours(desk, t, run)
    at_send = [verdict for moment, verdict in desk.risk.verdicts(t, run.run) if moment == "send"]
    intents = desk.orders.intents(t, run=run.run)
    brackets = brackets_of(desk, t, desk.orders.orders(t, run=run.run))
    return RunPage(
        run=run,
        story=story,
        cards=_cards(desk, t, run),
        at_send=tuple(at_send),
        intents=intents,
        brackets=brackets,
        headline=_headline(run, intents, brackets, at_send),
        previous=previous,
        following=following,
        changes=_changes(desk, t, previous, story.indicators),
        kept_back=desk.scoreboard.told(t, run.run) if run.reason.startswith(KEPT_BACK) else None,
    )


def _headline(
    run: Run,
    intents: Sequence[tuple[Intent, IntentState]],
    brackets: Sequence[Bracket],
    at_send: Sequence[Verdict],
) -> Headline:
    state = next((state for intent, state in intents if intent.parent is None), None)
    denials = [verdict for verdict in at_send if not verdict.passed and verdict.denies]
    if state is IntentState.DENIED and denials:
        first = denials[0]
        text = f"{first.rule}: {first.observed}, the limit is {first.limit}. {first.explanation}"
        return Headline(state=state.value, text=text)
    if state is None or not brackets:
        return Headline(state=run.state.value, text=run.reason or "It has not ended yet.")
    order = brackets[0].main.order
    done = f" {tidy(order.filled)} filled at {order.average_price}." if order.filled else ""
    quantity = tidy(order.ticket.quantity)
    text = f"{order.ticket.side.value} {quantity}: {order.state.value.replace('_', ' ')}.{done} {order.note}"
    return Headline(state=order.state.value, text=text.strip())


def _cards(desk: Desk, t: Transaction, run: Run) -> tuple[StepCard, ...]:
    rows = {row.name: row for row in desk.runs.steps(t, run.run)}
    stated = desk.strategies.get(t, run.strategy, run.version).strategy.conditions is not None
    names = [name for name in STEPS if stated or name != "conditions"]
    return tuple(_card(desk, t, run, name, rows) for name in names)


def _card(desk: Desk, t: Transaction, run: Run, name: str, rows: Mapping[str, StepRow]) -> StepCard:
    row = rows.get(name)
    if row is None:
        return StepCard(name=name, title=TITLES[name], row=None)
    node = desk.lineage.node(t, row.node)
    parents = [desk.lineage.node(t, parent) for parent in node.parents] if node else []
    calls = desk.lineage.calls(t, f"run:{run.run}:{name}")
    return StepCard(
        name=name,
        title=TITLES[name],
        row=row,
        parents=tuple(parent for parent in parents if parent is not None),
        calls=tuple(calls),
    )


def _neighbours(desk: Desk, t: Transaction, run: Run) -> tuple[Run | None, Run | None]:
    before = desk.runs.runs(t, strategy=run.strategy, conid=run.conid, before=run.slot, limit=1)
    return (before[0] if before else None), desk.runs.next_run(t, run)


def _changes(
    desk: Desk, t: Transaction, previous: Run | None, now: IndicatorValues | None
) -> tuple[Change, ...]:
    if previous is None or now is None:
        return ()
    then = desk.runs.story(t, previous.run).indicators
    if then is None:
        return ()
    known = set(then.names)
    return tuple(
        Change(name=name, before=then.last(name) if name in known else None, after=now.last(name))
        for name in now.names
    )
