"""The form of a strategy: from what a person typed to a `Strategy`, every problem by its field, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from glassdesk.desk import Desk
from glassdesk.kernel.errors import GlassdeskError, InvalidInput
from glassdesk.kernel.money import tidy
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web.forms.conditions import field_of, read_conditions, shown_conditions
from glassdesk.web.forms.fields import FormValues, say
from glassdesk.workflow.charts.model import ChartSpec, Theme
from glassdesk.workflow.indicators.model import IndicatorSet
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.positions.model import ExitPlan
from glassdesk.workflow.prompts.model import PromptRef
from glassdesk.workflow.risk.model import Limits
from glassdesk.workflow.risk.presets import PRESETS
from glassdesk.workflow.signals.budget import Budget
from glassdesk.workflow.signals.model import SignalPolicy
from glassdesk.workflow.strategies.model import (
    Approval,
    DecisionBar,
    Overlap,
    Rank,
    Strategy,
    StrategyContract,
    Timing,
)

Value = TypeVar("Value")

PERCENTS = (
    "risk_per_trade",
    "max_position",
    "max_order",
    "max_open_risk",
    "gap",
    "max_gap_loss",
    "max_commission",
    "price_collar",
    "max_exposure",
    "max_volume_share",
    "max_spread",
    "max_daily_loss",
    "max_drawdown",
    "max_margin",
)
COUNTS = (
    "max_positions",
    "max_orders_per_day",
    "max_account_orders",
    "max_symbol_orders",
    "max_orders_per_minute",
    "max_order_quantity",
    "max_losses",
    "cooldown_bars",
    "max_day_trades",
)
BUDGET = ("per_day", "per_month", "per_question")
NAMES_OF_LIMITS = {
    "risk_per_trade": "Risk per trade",
    "max_position": "One position",
    "max_order": "One order",
    "max_open_risk": "Open risk",
    "gap": "Assumed gap",
    "max_gap_loss": "Loss in that gap",
    "max_commission": "Commission, round trip",
    "price_collar": "Price collar",
    "max_exposure": "Everything held",
    "max_volume_share": "Share of the day's volume",
    "max_spread": "Spread",
    "max_daily_loss": "Loss of a day",
    "max_drawdown": "Drawdown",
    "max_margin": "Margin after the order",
    "max_account_orders": "Orders a day, whole account",
    "max_symbol_orders": "Orders a day, one contract",
    "max_orders_per_minute": "Orders a minute",
    "max_order_quantity": "Shares of one order",
    "max_losses": "Losing trades in a week",
    "cooldown_bars": "Bars after an exit; 0 = off",
    "max_day_trades": "Day trades in a week; 0 = off",
    "max_positions": "Positions",
    "max_orders_per_day": "Orders a day",
}


@dataclass(slots=True)
class Reader:
    """Takes fields one by one and collects what is wrong, so that a person sees all of it at once."""

    form: FormValues
    problems: list[InvalidInput] = field(default_factory=list)

    def take(self, where: str, read: Callable[[], Value], instead: Value) -> Value:
        """`read()`, or `instead` with the problem noted at `where`."""
        try:
            return read()
        except (GlassdeskError, ValueError) as problem:
            told = problem if isinstance(problem, GlassdeskError) else InvalidInput(str(problem))
            self.problems.append(InvalidInput(told.problem, where=where, remedy=told.remedy))
            return instead

    def decimal(self, where: str, instead: Decimal) -> Decimal:
        """A number."""
        return self.take(where, lambda: self.form.decimal(where), instead)

    def fraction(self, where: str, instead: Decimal) -> Decimal:
        """A percentage."""
        return self.take(where, lambda: self.form.fraction(where), instead)

    def amount(self, where: str) -> Decimal:
        """A number; nothing is 0."""
        return self.take(where, lambda: self.form.maybe_decimal(where) or Decimal(0), Decimal(0))

    def word(self, where: str, *words: str) -> str:
        """One of these; nothing is the first."""
        return self.take(where, lambda: self.form.word(where, words), words[0])

    def maybe(self, where: str) -> int | None:
        """A whole number, or nothing."""
        return self.take(where, lambda: self.form.maybe_whole(where), None)

    def whole(self, where: str, instead: int) -> int:
        """A whole number."""
        return self.take(where, lambda: self.form.whole(where), instead)


def read_strategy(desk: Desk, t: Transaction, form: FormValues) -> tuple[Strategy, list[InvalidInput]]:
    """The strategy as typed, defaults where a field could not be read, and every problem with its field."""
    reader = Reader(form)
    conditions, unread = read_conditions(form)
    reader.problems += unread
    strategy = Strategy(
        name=form.text("name"),
        version=0,
        account=desk.account,
        contracts=() if form.text("watchlist") else _contracts(desk, t, form),
        bar_size=reader.take("bar_size", lambda: BarSize(form.text("bar_size")), BarSize.DAY),
        history=reader.whole("history", 250),
        decision_bar=reader.take(
            "decision_bar",
            lambda: DecisionBar(form.text("decision_bar") or DecisionBar.CLOSED),
            DecisionBar.CLOSED,
        ),
        weekly=form.ticked("weekly"),
        monthly=form.ticked("monthly"),
        indicators=reader.take("indicators", lambda: _indicators(desk, t, form), NO_SET),
        chart=_chart(reader),
        prompt=_prompt(reader),
        conditions=conditions,
        policy=_policy(reader),
        timing=_timing(reader),
        exits=_exits(reader),
        limits=_limits(reader),
        rank=reader.take("rank", lambda: Rank(form.text("rank")), Rank.LISTED),
        approval=Approval.ALL if form.ticked("approval") else Approval.OFF,
        no_entry=reader.take("no_entry", lambda: _dates(form.raw("no_entry")), ()),
        description=form.text("description")[:400],
        watchlist=form.text("watchlist"),
        analyst=form.text("analyst"),
        budget=_budget(reader),
    )
    seen = {problem.where for problem in reader.problems}
    return strategy, reader.problems + [
        p for p in desk.strategies.problems(t, strategy) if p.where not in seen
    ]


NO_SET = IndicatorSet(name="none", indicators=())


def errors_of(problems: list[InvalidInput]) -> dict[str, str]:
    """The first problem of each field, in the words of the form: its limits are percentages."""
    told: dict[str, str] = {}
    for problem in problems:
        where = "policy.params" if problem.where.startswith("policy.params") else field_of(problem.where)
        told.setdefault(where, _told(problem))
    return told


def _told(problem: InvalidInput) -> str:
    if problem.where.removeprefix("limits.") in PERCENTS and "fraction" in problem.problem:
        return "Out of range: above 0, at most 100 %."
    return say(problem)


def _contracts(desk: Desk, t: Transaction, form: FormValues) -> tuple[StrategyContract, ...]:
    wanted = set(form.all("contracts"))
    known = desk.contracts.known(t)
    return tuple(StrategyContract(conid=c.conid, symbol=c.symbol) for c in known if str(c.conid) in wanted)


def _indicators(desk: Desk, t: Transaction, form: FormValues) -> IndicatorSet:
    """Where the name was left as it is, the set as the strategy has it with which the form began; else the
    newest of that name."""
    name, begin = form.text("indicators"), form.text("begin")
    own = desk.strategies.get(t, begin).strategy.indicators if begin else NO_SET
    if own.name == name and not form.ticked("indicators.newest"):
        return own
    return desk.indicators.get(t, name)


def set_of(desk: Desk, t: Transaction, values: Mapping[str, str]) -> IndicatorSet:
    """The set a form names, empty where there is none."""
    try:
        return _indicators(desk, t, FormValues(tuple(values.items())))
    except GlassdeskError:
        return NO_SET


def _chart(reader: Reader) -> ChartSpec:
    usual = ChartSpec()
    theme = reader.take("chart.theme", lambda: Theme(reader.form.text("chart.theme")), usual.theme)
    return replace(
        usual,
        bars=reader.whole("chart.bars", usual.bars),
        width=reader.maybe("chart.width") or usual.width,
        height=reader.maybe("chart.height") or usual.height,
        title=reader.form.text("chart.title")[:80],
        theme=theme,
    )


def _prompt(reader: Reader) -> PromptRef:
    name, use = reader.form.text("prompt"), reader.form.text("prompt.use") or "live"
    return PromptRef(name=name, number=int(use)) if use.isdigit() else PromptRef(name=name, label=use)


def _policy(reader: Reader) -> SignalPolicy:
    return SignalPolicy(
        rule=reader.form.text("policy.rule"),
        params=reader.take("policy.params", lambda: _params(reader.form.text("policy.params")), ()),
        minimum_r=reader.decimal("policy.minimum_r", Decimal(1)),
        need_confirmations=reader.whole("policy.need_confirmations", 0),
        chart_code=reader.form.text("policy.chart_code") or "require",
        minimum_profit=reader.amount("policy.minimum_profit"),
        weekly_conflict=reader.word("policy.weekly_conflict", "flag", "half", "hold"),
        flow=reader.word("policy.flow", "one_call", "three_steps"),
    )


def _budget(reader: Reader) -> Budget:
    def amount(name: str) -> Decimal | None:
        where = f"budget.{name}"
        return reader.take(where, lambda: reader.form.maybe_decimal(where), None)

    return Budget(**{name: amount(name) for name in BUDGET})


def _dates(text: str) -> tuple[date, ...]:
    """Dates apart by blanks, commas or lines."""
    try:
        return tuple(date.fromisoformat(word) for word in text.replace(",", " ").split())
    except ValueError as failure:
        raise InvalidInput("not readable", remedy="dates like 2012-10-25, one after another") from failure


def _params(text: str) -> tuple[tuple[str, float], ...]:
    pairs = [word.partition("=") for word in text.replace(",", " ").split()]
    try:
        return tuple((name, float(value)) for name, _, value in pairs)
    except ValueError as failure:
        raise InvalidInput("not readable", remedy="name=number, e.g. buy_below=10") from failure


def _timing(reader: Reader) -> Timing:
    form = reader.form
    usual: int | None = 5
    after = reader.take("timing.enter_after_open", lambda: form.maybe_whole("timing.enter_after_open"), usual)
    return Timing(
        cron=form.text("timing.cron"),
        zone=form.text("timing.zone"),
        exchange=form.text("timing.exchange"),
        enter_after_open=after,
        enter_before=reader.whole("timing.enter_before", 60),
        overlap=Overlap(reader.word("timing.overlap", "skip", "wait")),
    )


def _exits(reader: Reader) -> ExitPlan:
    form = reader.form
    return ExitPlan(
        stop_atr=reader.decimal("exits.stop_atr", Decimal(2)),
        target_atr=reader.take("exits.target_atr", lambda: form.maybe_decimal("exits.target_atr"), None),
        max_bars=reader.take("exits.max_bars", lambda: form.maybe_whole("exits.max_bars"), None),
        urgency=form.text("exits.urgency") or "market",
        trail_atr=reader.take("exits.trail_atr", lambda: form.maybe_decimal("exits.trail_atr"), None),
    )


def _limits(reader: Reader) -> Limits:
    """A preset's, where one is chosen; else as typed."""
    usual, preset = Limits(), reader.form.text("preset")
    if preset:
        return reader.take("preset", lambda: _preset(preset), usual)
    parts: dict[str, Any] = {
        name: reader.fraction(f"limits.{name}", getattr(usual, name)) for name in PERCENTS
    }
    parts |= {name: reader.whole(f"limits.{name}", getattr(usual, name)) for name in COUNTS}
    return replace(
        usual,
        **parts,
        max_order_value=reader.decimal("limits.max_order_value", usual.max_order_value),
        max_drift_atr=reader.decimal("limits.max_drift_atr", usual.max_drift_atr),
    )


def _preset(name: str) -> Limits:
    if name not in PRESETS:
        raise InvalidInput(f"{name!r} is no preset", remedy=f"one of {', '.join(PRESETS)}")
    return PRESETS[name]


def shown(strategy: Strategy) -> dict[str, str]:
    """A strategy as the form shows it."""
    limits, exits, timing, policy = strategy.limits, strategy.exits, strategy.timing, strategy.policy
    values = {
        "name": strategy.name,
        "description": strategy.description,
        "bar_size": strategy.bar_size.value,
        "history": str(strategy.history),
        "decision_bar": strategy.decision_bar.value,
        "weekly": "on" if strategy.weekly else "",
        "monthly": "on" if strategy.monthly else "",
        "indicators": strategy.indicators.name,
        "chart.bars": str(strategy.chart.bars),
        "chart.theme": strategy.chart.theme.value,
        "prompt": strategy.prompt.name,
        "prompt.use": str(strategy.prompt.number or strategy.prompt.label),
        "policy.rule": policy.rule,
        "policy.params": " ".join(f"{name}={value:g}" for name, value in policy.params),
        "policy.minimum_r": tidy(policy.minimum_r),
        "policy.need_confirmations": str(policy.need_confirmations),
        "timing.cron": timing.cron,
        "timing.zone": timing.zone,
        "timing.exchange": timing.exchange,
        "timing.enter_after_open": _maybe(timing.enter_after_open),
        "timing.enter_before": str(timing.enter_before),
        "timing.overlap": timing.overlap.value,
        "exits.stop_atr": tidy(exits.stop_atr),
        "exits.target_atr": "" if exits.target_atr is None else tidy(exits.target_atr),
        "exits.max_bars": _maybe(exits.max_bars),
        "exits.urgency": exits.urgency,
        "exits.trail_atr": "" if exits.trail_atr is None else tidy(exits.trail_atr),
        "limits.max_order_value": tidy(limits.max_order_value),
        "limits.max_drift_atr": tidy(limits.max_drift_atr),
        "watchlist": strategy.watchlist,
        "analyst": strategy.analyst,
        "no_entry": " ".join(day.isoformat() for day in strategy.no_entry),
        "chart.width": str(strategy.chart.width),
        "chart.height": str(strategy.chart.height),
        "chart.title": strategy.chart.title,
        "policy.chart_code": policy.chart_code,
        "policy.minimum_profit": tidy(policy.minimum_profit),
        "policy.weekly_conflict": policy.weekly_conflict,
        "policy.flow": policy.flow,
        "rank": strategy.rank.value,
        "approval": "on" if strategy.approval is Approval.ALL else "",
        **shown_conditions(strategy.conditions),
    }
    values |= {f"budget.{name}": _amount(getattr(strategy.budget, name)) for name in BUDGET}
    values |= {f"limits.{name}": tidy(getattr(limits, name) * 100) for name in PERCENTS}
    return values | {f"limits.{name}": str(getattr(limits, name)) for name in COUNTS}


def _amount(value: Decimal | None) -> str:
    return "" if value is None else tidy(value)


def _maybe(value: int | None) -> str:
    return "" if value is None else str(value)


def blank() -> dict[str, str]:
    """What an empty form begins with: a daily strategy on the defaults of `T-55`."""
    usual = Strategy(
        name="",
        version=0,
        account="",
        contracts=(),
        bar_size=BarSize.DAY,
        history=250,
        decision_bar=DecisionBar.CLOSED,
        weekly=False,
        indicators=NO_SET,
        chart=ChartSpec(),
        prompt=PromptRef(name=""),
        policy=SignalPolicy(),
        timing=Timing(cron="0 9 * * 1-5", zone="America/New_York", exchange="XNYS"),
        exits=ExitPlan(stop_atr=Decimal(2), target_atr=Decimal(3)),
        limits=Limits(),
    )
    return shown(usual)
