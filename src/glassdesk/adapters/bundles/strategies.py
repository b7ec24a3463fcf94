"""Strategy files: text or plain data ↔ `Strategy`, exactly, in both directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from pydantic import ValidationError

from glassdesk.adapters.bundles import text as yaml_text
from glassdesk.adapters.bundles.conditions import conditions_of, conditions_to
from glassdesk.adapters.bundles.problems import as_input
from glassdesk.adapters.bundles.schema import IndicatorForm, StrategyForm
from glassdesk.kernel.errors import GlassdeskError, InvalidInput
from glassdesk.workflow.charts.model import ChartSpec
from glassdesk.workflow.indicators.catalogue import is_known, kind_of, value_of
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.positions.model import ExitPlan
from glassdesk.workflow.prompts.model import PromptRef
from glassdesk.workflow.risk.model import Limits
from glassdesk.workflow.risk.presets import PRESETS, STANDARD
from glassdesk.workflow.signals.budget import Budget
from glassdesk.workflow.signals.model import SignalPolicy
from glassdesk.workflow.strategies.model import Strategy, StrategyContract, Timing

Resolve = Callable[[str], int]
"""From a ticker to the broker's number. Raises a `GlassdeskError` for one it does not know."""


def load_strategy(text: str | bytes, *, file: str, account: str, resolve: Resolve) -> Strategy:
    """The strategy a file describes, as version 0: the desk numbers it when it is kept.

    `account` is used where the file names none. Raises `InvalidInput` naming file, field
    and what would be right.
    """
    return strategy_from(yaml_text.read(text, file), file=file, account=account, resolve=resolve)


def strategy_from(data: Mapping[str, Any], *, file: str, account: str, resolve: Resolve) -> Strategy:
    """As `load_strategy`, from data already read."""
    try:
        form = StrategyForm.model_validate(data)
    except ValidationError as failure:
        raise as_input(failure, StrategyForm, file) from failure
    if bool(form.symbols) == bool(form.watchlist):
        problem = "it names symbols and a watchlist" if form.symbols else "it trades nothing"
        remedy = "a list of tickers, e.g. [AAPL], or a watchlist instead"
        raise InvalidInput(problem, where=f"{file}: symbols", remedy=remedy)
    return Strategy(
        name=form.name,
        version=0,
        account=form.account or account,
        contracts=tuple(_contract(at, symbol, file, resolve) for at, symbol in enumerate(form.symbols)),
        bar_size=form.bars.size,
        history=form.bars.history,
        decision_bar=form.bars.decide_on,
        weekly=form.bars.weekly,
        monthly=form.bars.monthly,
        indicators=_indicators(form, file),
        chart=ChartSpec(**form.chart.model_dump()),
        prompt=PromptRef(**form.prompt.model_dump()),
        conditions=conditions_of(form.conditions, file),
        policy=SignalPolicy(**(form.signal.model_dump() | {"params": _sorted(form.signal.params)})),
        timing=Timing(**form.timing.model_dump()),
        exits=ExitPlan(**form.exits.model_dump()),
        limits=_limits(form, file),
        rank=form.rank,
        approval=form.approval,
        no_entry=form.no_entry,
        description=form.description,
        watchlist=form.watchlist or "",
        analyst=form.analyst or "",
        budget=Budget(**form.budget.model_dump()),
    )


def _limits(form: StrategyForm, file: str) -> Limits:
    """The preset's, but for what the file names."""
    name = form.preset or STANDARD
    if name not in PRESETS:
        where = f"{file}: preset"
        raise InvalidInput(f"{name!r} is no preset", where=where, remedy=f"one of {', '.join(PRESETS)}")
    return replace(PRESETS[name], **form.limits.model_dump(exclude_unset=True))


def _contract(at: int, symbol: str, file: str, resolve: Resolve) -> StrategyContract:
    ticker = symbol.strip().upper()
    try:
        return StrategyContract(conid=resolve(ticker), symbol=ticker)
    except GlassdeskError as failure:
        where = f"{file}: symbols[{at}]"
        raise InvalidInput(failure.problem, where=where, remedy=failure.remedy) from failure


def _indicators(form: StrategyForm, file: str) -> IndicatorSet:
    specs = tuple(
        IndicatorSpec(kind=wanted.kind, params=_sorted(_params(wanted, f"{file}: indicators[{at}]")))
        for at, wanted in enumerate(form.indicators)
    )
    return IndicatorSet(name=form.indicator_set or form.name, indicators=specs)


def _params(wanted: IndicatorForm, where: str) -> dict[str, float]:
    return {
        name: _value(wanted.kind, name, value, where) for name, value in (wanted.model_extra or {}).items()
    }


def _value(kind: str, name: str, value: float | str, where: str) -> float:
    """A number as it is; a word by its place among the parameter's."""
    if not isinstance(value, str):
        return value
    known = [p for p in kind_of(kind).parameters if p.name == name] if is_known(kind) else []
    try:
        return value_of(kind_of(kind), known[0], value) if known else float(value)
    except (InvalidInput, ValueError) as failure:
        remedy = known[0].range if known else "a number"
        raise InvalidInput(f"{value!r} does not fit", where=f"{where}.{name}", remedy=remedy) from failure


def _sorted(params: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted((name, float(value)) for name, value in params.items()))


def dump_strategy(strategy: Strategy) -> str:
    """The file of a strategy, every field spelled out; `load_strategy` gives the same strategy back."""
    return yaml_text.write(strategy_to(strategy))


def strategy_to(strategy: Strategy) -> dict[str, Any]:
    """The plain data of a strategy in the file's order; conids stay behind."""
    own_set = strategy.indicators.name == strategy.name
    return {
        "name": strategy.name,
        "description": strategy.description,
        "account": strategy.account,
        **_traded(strategy),
        "bars": {
            "size": strategy.bar_size.value,
            "history": strategy.history,
            "weekly": strategy.weekly,
            "monthly": strategy.monthly,
            "decide_on": strategy.decision_bar.value,
        },
        **({} if own_set else {"indicator_set": strategy.indicators.name}),
        "indicators": [{"kind": spec.kind} | _written(spec) for spec in strategy.indicators.indicators],
        "chart": _fields(strategy.chart) | {"theme": strategy.chart.theme.value},
        "prompt": _fields(strategy.prompt),
        **({} if strategy.conditions is None else {"conditions": conditions_to(strategy.conditions)}),
        "signal": _fields(strategy.policy) | {"params": _numbers(strategy.policy.params)},
        "timing": _fields(strategy.timing) | {"overlap": strategy.timing.overlap.value},
        "exits": _fields(strategy.exits),
        "limits": _fields(strategy.limits),
        "rank": strategy.rank.value,
        "approval": strategy.approval.value,
        "no_entry": list(strategy.no_entry),
        **({"analyst": strategy.analyst} if strategy.analyst else {}),
        "budget": _fields(strategy.budget),
    }


def _traded(strategy: Strategy) -> dict[str, Any]:
    if strategy.watchlist:
        return {"watchlist": strategy.watchlist}
    return {"symbols": [contract.symbol for contract in strategy.contracts]}


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _written(spec: IndicatorSpec) -> dict[str, float | int | str]:
    """Parameters by name, choices as their words."""
    kind = kind_of(spec.kind) if is_known(spec.kind) else None
    chosen: dict[str, float | int | str] = dict(_numbers(spec.params))
    words = {p.name: p.options for p in kind.parameters if p.options} if kind else {}
    for name, options in words.items():
        at = chosen.get(name)
        if isinstance(at, int) and 0 <= at < len(options):
            chosen[name] = options[at]
    return chosen


def _numbers(params: tuple[tuple[str, float], ...]) -> dict[str, float | int]:
    return {name: int(value) if value == int(value) else value for name, value in params}
