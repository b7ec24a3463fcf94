"""What must hold of a strategy before it is kept: every refusal says what is wrong, where, and what would be
right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from glassdesk.kernel.errors import GlassdeskError, InvalidInput
from glassdesk.workflow.indicators.catalogue import complete_set
from glassdesk.workflow.indicators.compute import minimum_bars
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.signals.conditions import needs
from glassdesk.workflow.signals.rules.by_conditions import NAME as BY_CONDITIONS
from glassdesk.workflow.signals.rules.catalogue import needed_indicators
from glassdesk.workflow.strategies import timing
from glassdesk.workflow.strategies.model import DecisionBar, Strategy

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
MOST_BARS = 1000
Check = Callable[[Strategy], None]


def problems(strategy: Strategy) -> list[InvalidInput]:
    """Everything that is wrong with the strategy itself; empty means it can be kept."""
    return [problem for check in CHECKS for problem in _try(check, strategy)]


def _try(check: Check, strategy: Strategy) -> Iterator[InvalidInput]:
    try:
        check(strategy)
    except InvalidInput as problem:
        yield problem
    except GlassdeskError as problem:
        yield InvalidInput(problem.problem, where=problem.where, remedy=problem.remedy)


def _refuse(wrong: bool, problem: str, where: str, remedy: str) -> None:
    if wrong:
        raise InvalidInput(problem, where=where, remedy=remedy)


def check_name(strategy: Strategy) -> None:
    """Names go into identities: lower case, digits, - and _, at most 40."""
    _refuse(
        not _NAME.fullmatch(strategy.name),
        f"{strategy.name!r} is no name for a strategy",
        "name",
        "lower-case letters, digits, - and _, at most 40",
    )


def check_contracts(strategy: Strategy) -> None:
    """At least one contract, none twice; or a watchlist instead."""
    conids = [contract.conid for contract in strategy.contracts]
    if strategy.watchlist:
        remedy = "name symbols, or a watchlist, not both"
        _refuse(bool(conids), "it names symbols and a watchlist", "watchlist", remedy)
        return
    _refuse(not conids, "it trades nothing", "contracts", "name at least one symbol, or a watchlist")
    _refuse(len(set(conids)) < len(conids), "a contract is named twice", "contracts", "name each once")


def check_timing(strategy: Strategy) -> None:
    """Cron, zone and window."""
    timing.check(strategy.timing)


def check_bars(strategy: Strategy) -> None:
    """Indicators valid, and enough history for each of them."""
    needed = bars_needed(strategy)
    _refuse(
        not needed <= strategy.history <= MOST_BARS,
        f"{strategy.history} bars do not fit",
        "history",
        f"its indicators and conditions need {needed}, at most {MOST_BARS} can be read",
    )


def bars_needed(strategy: Strategy) -> int:
    """Decision bars that give every line and every statement a value: statements read closed ones only, so a
    running one comes on top. Raises `InvalidInput`."""
    lines = minimum_bars(complete_set(strategy.indicators))
    stated = needs.bars_needed(strategy.conditions, strategy.indicators, strategy.bar_size)
    running = strategy.decision_bar is DecisionBar.SO_FAR and strategy.conditions is not None
    return max(lines, stated + running)


def check_conditions(strategy: Strategy) -> None:
    """Statements name what is there, on bars that are read; the rule `conditions` has something to buy by."""
    conditions = strategy.conditions
    _refuse(
        strategy.policy.rule == BY_CONDITIONS and (conditions is None or conditions.buy is None),
        "the rule conditions has nothing to buy by",
        "conditions.buy",
        "state what must be true, e.g. [rsi_14 below 30]",
    )
    if conditions is None:
        return
    sizes = {BarSize.WEEK: strategy.weekly, BarSize.MONTH: strategy.monthly}
    drawn = frozenset(size for size, wanted in sizes.items() if wanted)
    needs.check_names(conditions, strategy.indicators)
    needs.check_frames(conditions, strategy.bar_size, drawn)


def check_chart(strategy: Strategy) -> None:
    """A picture that can be drawn and looked at."""
    chart = strategy.chart
    for name, least, most in (("bars", 10, 500), ("width", 200, 4000), ("height", 200, 4000)):
        value = getattr(chart, name)
        _refuse(
            not least <= value <= most, f"{value} does not fit", f"chart.{name}", f"from {least} to {most}"
        )


def check_rule(strategy: Strategy) -> None:
    """The rule exists and the indicator set holds what it reads."""
    have = set(complete_set(strategy.indicators).indicators)
    missing = [spec for spec in needed_indicators(strategy.policy) if spec not in have]
    if missing:
        params = ", ".join(f"{name}={value:g}" for name, value in missing[0].params)
        raise InvalidInput(
            f"the rule {strategy.policy.rule} reads {missing[0].kind}({params}), the set lacks it",
            where="indicators",
            remedy=f"add {missing[0].kind} with {params}",
        )


def check_exits(strategy: Strategy) -> None:
    """A strategy without a stop cannot be kept (`T-30`)."""
    plan = strategy.exits
    _refuse(
        not Decimal("0.1") <= plan.stop_atr <= Decimal(10),
        f"a stop at {plan.stop_atr} ATR is no stop",
        "exits.stop_atr",
        "a distance from 0.1 to 10 ATR; a strategy without a stop cannot trade",
    )
    _refuse(
        plan.target_atr is not None and not Decimal("0.1") <= plan.target_atr <= Decimal(30),
        f"a target at {plan.target_atr} ATR does not fit",
        "exits.target_atr",
        "a distance from 0.1 to 30 ATR, or none",
    )
    _refuse(
        plan.trail_atr is not None and not Decimal("0.1") <= plan.trail_atr <= Decimal(10),
        f"a stop that follows at {plan.trail_atr} ATR is no stop",
        "exits.trail_atr",
        "a distance from 0.1 to 10 ATR, or none",
    )
    _refuse(
        plan.urgency not in {"market", "page"},
        f"{plan.urgency!r} is unknown",
        "exits.urgency",
        "market or page",
    )


def check_limits(strategy: Strategy) -> None:
    """Fractions between 0 and 1, counts above 0."""
    limits = strategy.limits
    fractions = {
        "risk_per_trade": limits.risk_per_trade,
        "max_position": limits.max_position,
        "max_order": limits.max_order,
        "max_open_risk": limits.max_open_risk,
        "gap": limits.gap,
        "max_gap_loss": limits.max_gap_loss,
        "max_commission": limits.max_commission,
        "price_collar": limits.price_collar,
        "max_exposure": limits.max_exposure,
        "max_volume_share": limits.max_volume_share,
        "max_spread": limits.max_spread,
        "max_daily_loss": limits.max_daily_loss,
        "max_drawdown": limits.max_drawdown,
        "max_margin": limits.max_margin,
    }
    for name, value in fractions.items():
        _refuse(not 0 < value <= 1, f"{value} is no fraction", f"limits.{name}", "above 0, at most 1")
    for name in COUNTS:
        count = getattr(limits, name)
        _refuse(count < 1, f"{count} allows nothing", f"limits.{name}", "1 or more")
    for name in ("cooldown_bars", "max_day_trades"):
        count = getattr(limits, name)
        _refuse(count < 0, f"{count} is no count", f"limits.{name}", "0 or more; 0 = off")


def check_budget(strategy: Strategy) -> None:
    """Amounts above nothing, and what one question costs where they are limited."""
    budget = strategy.budget
    for name in ("per_day", "per_month", "per_question"):
        amount = getattr(budget, name)
        _refuse(
            amount is not None and amount <= 0,
            f"{amount} buys no question",
            f"budget.{name}",
            "an amount in USD above 0, or none",
        )
    where, remedy = "budget.per_question", "what one question costs at most, in USD, e.g. 0.05"
    _refuse(
        budget.limited and budget.per_question is None, "a budget cannot be kept without it", where, remedy
    )
    most = min((one for one in (budget.per_day, budget.per_month) if one is not None), default=None)
    _refuse(
        most is not None and budget.per_question is not None and budget.per_question > most,
        f"{budget.per_question} for a question is more than the budget of {most}",
        where,
        f"at most {most}",
    )


COUNTS = (
    "max_positions",
    "max_orders_per_day",
    "max_account_orders",
    "max_symbol_orders",
    "max_orders_per_minute",
    "max_order_quantity",
    "max_losses",
)


CHECKS: tuple[Check, ...] = (
    check_name,
    check_contracts,
    check_timing,
    check_bars,
    check_chart,
    check_rule,
    check_conditions,
    check_exits,
    check_limits,
    check_budget,
)
