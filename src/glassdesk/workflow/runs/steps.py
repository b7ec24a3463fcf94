"""What each step of a run does: from the story so far to one frozen output. Nothing here writes to the
database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from glassdesk.kernel.canonical import sha256_hex
from glassdesk.kernel.errors import GlassdeskError, SessionNotReady
from glassdesk.workflow.charts.model import Picture
from glassdesk.workflow.contracts.model import TickBand
from glassdesk.workflow.contracts.scope import CENT, calendar_of
from glassdesk.workflow.indicators.model import IndicatorValues, Line
from glassdesk.workflow.market_data.model import BarSet, BarSize
from glassdesk.workflow.prompts.model import PromptVersion
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.runs import prompting
from glassdesk.workflow.runs.answered import confidences
from glassdesk.workflow.runs.asking import question_of
from glassdesk.workflow.runs.model import KEPT_BACK, Run
from glassdesk.workflow.runs.outputs import Asked, Bars, Charts, Preflight, Story
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.wording import context_of, earlier_signals
from glassdesk.workflow.signals.conditions.needs import frames_read
from glassdesk.workflow.signals.conditions.screening import reason, screen
from glassdesk.workflow.signals.confirmations import confirmations
from glassdesk.workflow.signals.facts import gather
from glassdesk.workflow.signals.model import Confirmations, Facts, Question, RawAnswer, Signal
from glassdesk.workflow.signals.ports import Analyst
from glassdesk.workflow.signals.rules.analyst import ENGINE
from glassdesk.workflow.signals.rules.by_conditions import NAME as BY_CONDITIONS
from glassdesk.workflow.strategies.model import Approval, DecisionBar, Strategy, StrategyRow
from glassdesk.workflow.strategies.timing import entry_window

Value = TypeVar("Value")

FACT_BARS = 60
"""Values per line that go into the facts: what a rule or a check looks back on."""


class NoTrade(GlassdeskError):
    """The run ends here without an order; the message begins with the reason's code."""

    code = "no_trade"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Bytes that a step made; they are stored by content before the step commits."""

    data: bytes
    media_type: str

    @property
    def sha256(self) -> str:
        return sha256_hex(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A node of its own that a step read, recorded with it."""

    kind: str
    entity: str
    content: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A step's output, the nodes it came from, and the files it made."""

    output: object
    parents: tuple[str, ...]
    files: tuple[File, ...] = ()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a step is given: the run, its strategy, and everything committed so far."""

    run: Run
    row: StrategyRow
    story: Story
    listed: int = 0
    """Its place among the contracts that the strategy names or its watchlist had."""

    def node(self, kind: str) -> str:
        """Name of the node that a step of this run left."""
        return f"{kind}:{self.run.run}"

    @property
    def needs_approval(self) -> bool:
        """True where a person must say yes to opening orders."""
        return self.row.strategy.approval is Approval.ALL

    @property
    def strategy_node(self) -> str:
        """Name of the strategy version's node."""
        return f"strategy:{self.run.strategy}@{self.run.version}"


Step = Callable[[Parts, Moment], Made]


def preflight(parts: Parts, moment: Moment) -> Made:
    """Session, halt, calendar, contract, tick sizes, entry window. Raises `SessionNotReady` or `NoTrade`."""
    run, strategy = moment.run, moment.row.strategy
    with parts.transactions.read() as t:
        status = parts.session.status(t)
        level = parts.risk.halt(t).level
        contract = parts.contracts.contract(t, run.conid)
        owner = parts.strategies.owner_of(t, run.account, run.conid)
    if strategy.watchlist and owner not in (None, strategy.name):
        raise NoTrade(f"OTHER_OWNER: {run.symbol} belongs to the strategy {owner}")
    if level >= HaltLevel.HALT:
        raise NoTrade(f"HALTED: the desk is at {level.name}")
    if status is None or not status.ready:
        raise SessionNotReady("the brokerage session is not ready", remedy="sign in on the Session page")
    exchange = calendar_of(contract)
    opens, closes = entry_window(strategy.timing, run.slot, parts.contracts.next_session(exchange, run.slot))
    output = Preflight(
        contract=contract,
        ticks=_ticks(parts, run),
        exchange=exchange,
        zone=str(parts.contracts.zone(exchange)),
        expected_last=parts.contracts.last_closed_session(exchange, run.slot).session,
        window_opens=opens,
        window_closes=closes,
    )
    return Made(output=output, parents=(moment.node("run"),))


def _ticks(parts: Parts, run: Run) -> tuple[TickBand, ...]:
    """Tick sizes of today. For what is held they are never a reason to wait (`T-40`): then those known last,
    else cents. Raises `Unavailable` or `NotFound` for what is not held."""
    try:
        return parts.contracts.fetch_rules(run.conid).ticks
    except GlassdeskError:
        with parts.transactions.read() as t:
            held = [(p.conid, p.strategy) for p in parts.positions.held(t, run.account)]
            known = parts.contracts.rules(t, run.conid)
        if (run.conid, run.strategy) not in held:
            raise
        return known.ticks if known is not None else (TickBand(lower_edge=Decimal(0), increment=CENT),)


def bars(parts: Parts, moment: Moment) -> Made:
    """Closed bars as of the slot; unfit bars end the run."""
    strategy, flight = moment.row.strategy, need(moment.story.preflight)
    market, slot, exchange = parts.market_data, moment.run.slot, flight.exchange
    closed = market.closed_bars(
        flight.contract, strategy.bar_size, strategy.history, as_of=slot, exchange=exchange
    )
    wanted = {BarSize.WEEK: strategy.weekly, BarSize.MONTH: strategy.monthly}
    longer = {
        size: market.longer(closed, size, as_of=slot, exchange=exchange) for size in wanted if wanted[size]
    }
    for size in frames_read(strategy.conditions, strategy.bar_size) & {BarSize.DAY}:
        longer[size] = market.longer(closed, size, as_of=slot, exchange=exchange)
    so_far = strategy.decision_bar is DecisionBar.SO_FAR
    output = Bars(
        daily=market.so_far(closed, as_of=slot, exchange=exchange) if so_far else closed,
        weekly=longer.get(BarSize.WEEK),
        monthly=longer.get(BarSize.MONTH),
        days=longer.get(BarSize.DAY),
    )
    return Made(output=output, parents=(moment.node("preflight"),))


def indicators(parts: Parts, moment: Moment) -> Made:
    """The strategy's indicators over the decision bars. Ends the run where the bars are unfit or too few."""
    daily = need(moment.story.bars).daily
    if not daily.quality.fit:
        raise NoTrade(f"DATA: {'; '.join(daily.quality.problems)}")
    short = parts.indicators.missing(moment.row.strategy.indicators, daily.bars)
    if short:
        first = short[0]
        raise NoTrade(f"TOO_FEW_BARS: {first.title} needs {first.needed} bars, there are {first.given}")
    values = parts.indicators.compute(moment.row.strategy.indicators, daily.bars)
    return Made(output=values, parents=(moment.node("bars"), moment.strategy_node))


def conditions(parts: Parts, moment: Moment) -> Made:
    """What the strategy's conditions say at the newest closed bar, both sides, whatever counts."""
    story, strategy = moment.story, moment.row.strategy
    row = need(story.bars)
    output = screen(
        need(strategy.conditions),
        row.daily,
        need(story.indicators),
        row.longer,
        strategy.indicators,
        holding=_holding(parts, moment),
    )
    return Made(output=output, parents=(moment.node("bars"), moment.node("indicators"), moment.strategy_node))


def require_asked(parts: Parts, moment: Moment) -> None:
    """Raises `NoTrade` where the conditions keep the analyst from being asked; where they are the analyst
    themselves, its answer says so."""
    screening, rule = moment.story.conditions, moment.row.strategy.policy.rule
    if screening is None or not screening.keeps_back:
        return
    if rule != BY_CONDITIONS or analyst_of(parts, moment).engine != ENGINE:
        raise NoTrade(f"{KEPT_BACK}: {reason(screening)}")


def _holding(parts: Parts, moment: Moment) -> bool:
    run = moment.run
    with parts.transactions.read() as t:
        held = parts.positions.held(t, run.account)
    return any(p.conid == run.conid and p.strategy == run.strategy for p in held)


def charts(parts: Parts, moment: Moment) -> Made:
    """The decision chart, the weekly and the monthly one, drawn from committed values only."""
    story = moment.story
    decision = _draw(parts, moment, need(story.bars).daily, need(story.indicators))
    weekly = _longer(parts, moment, need(story.bars).weekly)
    monthly = _longer(parts, moment, need(story.bars).monthly)
    output = Charts(
        decision=decision.chart,
        weekly=weekly.chart if weekly else None,
        monthly=monthly.chart if monthly else None,
    )
    pictures = [one for one in (decision, weekly, monthly) if one is not None]
    parents = (moment.node("bars"), moment.node("indicators"), moment.strategy_node)
    return Made(
        output=output, parents=parents, files=tuple(file for picture in pictures for file in _files(picture))
    )


def _longer(parts: Parts, moment: Moment, bar_set: BarSet | None) -> Picture | None:
    if bar_set is None or not bar_set.bars:
        return None
    values = parts.indicators.compute(moment.row.strategy.indicators, bar_set.bars)
    return _draw(parts, moment, bar_set, values)


def _draw(parts: Parts, moment: Moment, bar_set: BarSet, values: IndicatorValues) -> Picture:
    flight = need(moment.story.preflight)
    return parts.charts.draw(
        spec=moment.row.strategy.chart,
        contract=flight.contract,
        bar_set=bar_set,
        values=values,
        levels=(),
        zone=flight.zone,
        running=bar_set.so_far,
    )


def _files(picture: Picture) -> tuple[File, File]:
    return (
        File(data=picture.png, media_type="image/png"),
        File(data=picture.svg, media_type="image/svg+xml"),
    )


def question(parts: Parts, moment: Moment) -> Made:
    """The prompt, resolved and rendered with this run's values, and the facts every check will use."""
    story, strategy = moment.story, moment.row.strategy
    facts = make_facts(parts, moment)
    with parts.transactions.read() as t:
        chosen = prompting.choose(parts.prompts, t, strategy, story)
        reads = prompting.reads(parts.prompts, chosen, "previous_analyses")
        earlier = earlier_signals(parts.signals, t, moment.run) if reads else ()
    in_steps = len(chosen.prompts) > 1
    context = context_of(moment.run, strategy, story, facts, earlier, in_steps=in_steps)
    *readings, rendered = prompting.render(parts.prompts, chosen, context)
    drawn = need(story.charts)
    images = tuple(chart.png_sha256 for chart in drawn.pictures)
    screened = ("conditions",) if story.conditions is not None else ()
    before = tuple(f"signal:{row.signal.run}" for row in earlier)
    parents = (*(moment.node(kind) for kind in ("charts", "indicators", "bars", *screened)), *before)
    return Made(
        output=Asked(rendered=rendered, facts=facts, images=images, readings=tuple(readings)),
        parents=parents,
        sources=tuple(_prompt_source(one) for one in chosen.versions),
    )


def _prompt_source(version: PromptVersion) -> Source:
    content = {
        "name": version.name,
        "number": version.number,
        "language": version.language,
        "system": version.system,
        "body": version.body,
        "sha256": version.sha256,
    }
    # The file of another release is another text under the same number.
    number = str(version.number) if version.number else f"packaged-{version.sha256[:12]}"
    return Source(kind="prompt", entity=f"{version.name}@{number}", content=content)


def make_facts(parts: Parts, moment: Moment) -> Facts:
    """What the desk knows itself about the decision."""
    strategy, story = moment.row.strategy, moment.story
    daily, drawn = need(story.bars).daily, need(story.charts).decision
    screening = story.conditions
    facts = gather(
        bars=daily,
        values=need(story.indicators),
        chart_code=drawn.code,
        tick=need(story.preflight).tick_at(daily.last.close),
        stop_atr=strategy.exits.stop_atr,
        target_atr=strategy.exits.target_atr,
        holding=_holding(parts, moment) if screening is None else screening.holding,
        screening=screening,
        weekly=_weekly_checks(parts, moment),
        expected_last=need(story.preflight).expected_last if daily.size is BarSize.DAY else None,
    )
    values, closes = _tail(facts.values), facts.closes[-FACT_BARS:]
    said = confidences(parts, moment.run, analyst_of(parts, moment).engine)
    return replace(facts, values=values, closes=closes, confidences=said)


def _weekly_checks(parts: Parts, moment: Moment) -> Confirmations | None:
    weekly = need(moment.story.bars).weekly
    if weekly is None or not weekly.bars:
        return None
    values = parts.indicators.compute(moment.row.strategy.indicators, weekly.bars)
    return confirmations(values, [bar.close for bar in weekly.bars])


def _tail(values: IndicatorValues) -> IndicatorValues:
    lines = tuple(Line(name=line.name, values=line.values[-FACT_BARS:]) for line in values.lines)
    return replace(values, lines=lines)


def ask(parts: Parts, moment: Moment) -> Question:
    """The question as the analyst gets it, images included."""
    asked = question_of(parts.artifacts, moment.run, moment.row.strategy, moment.story)
    return replace(asked, deadline=need(moment.story.preflight).window_closes)


def answer(parts: Parts, moment: Moment) -> Made:
    """One decision's answer. A stored answer is never asked for again; nothing is asked beyond the budget."""
    analyst = analyst_of(parts, moment)
    with parts.transactions.read() as t:
        refused = parts.budgets.refusal(t, moment.run.run)
    if refused:
        raw = RawAnswer(text="", engine=analyst.engine, model="", attempts=0, failure=refused)
    else:
        raw = analyst.ask(ask(parts, moment))
    return Made(output=raw, parents=(moment.node("question"),))


def analyst_of(parts: Parts, moment: Moment) -> Analyst:
    """The strategy's analyst. Raises `NoTrade` where the desk has none of that name any more."""
    name = moment.row.strategy.analyst
    found = parts.analysts.get(name) if name else parts.analyst
    if found is None:
        known = ", ".join(sorted(parts.analysts))
        raise NoTrade(f"ANALYST: there is no analyst {name!r} on this desk, there are {known}")
    return found


def signal(parts: Parts, moment: Moment) -> Made:
    """The answer, checked by schema and V01…V20."""
    judged: Signal = parts.signals.judge(need(moment.story.answer), ask(parts, moment))
    parents = (moment.node("answer"), moment.node("question"), moment.strategy_node)
    return Made(output=replace(judged, run=""), parents=parents)


def need(value: Value | None) -> Value:
    """A value that an earlier step committed. Raises RuntimeError when it is not there."""
    if value is None:
        raise RuntimeError("a step ran before the step it reads")
    return value


DECIDING: tuple[tuple[str, Step], ...] = (
    ("preflight", preflight),
    ("bars", bars),
    ("indicators", indicators),
    ("conditions", conditions),
    ("charts", charts),
    ("question", question),
    ("answer", answer),
    ("signal", signal),
)
"""From slot to signal."""


def steps_of(strategy: Strategy) -> tuple[tuple[str, Step], ...]:
    """The steps of a run of this strategy."""
    there = strategy.conditions is not None
    return tuple(pair for pair in DECIDING if there or pair[0] != "conditions")
