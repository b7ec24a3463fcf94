"""The form of a strategy file. What a field describes stands in its error message."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from glassdesk.adapters.bundles.conditions import ConditionsForm
from glassdesk.workflow.charts.model import ChartSpec, Theme
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.risk.model import Limits
from glassdesk.workflow.risk.presets import PRESETS
from glassdesk.workflow.strategies.model import Approval, DecisionBar, Overlap, Rank

Number = Annotated[Decimal, Field(max_digits=20, decimal_places=8)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Word = Annotated[str, Field(max_length=60)]
Text = Annotated[str, Field(max_length=4000)]
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]

_D = Limits()
_FRACTION = "a fraction of desk capital, above 0, at most 1"
_STRICT = ConfigDict(extra="forbid", frozen=True)


class Form(BaseModel):
    """A part of the file; an unknown field is refused."""

    model_config = _STRICT


class BarsForm(Form):
    size: BarSize = Field(default=BarSize.DAY, description="1min to 30min, 1h to 8h, 1d, 1w or 1m")
    history: int = Field(default=250, description="how many bars are read for a decision, e.g. 250")
    weekly: bool = Field(default=False, description="true also draws the weekly chart")
    monthly: bool = Field(default=False, description="true also draws the monthly chart")
    decide_on: DecisionBar = Field(
        default=DecisionBar.CLOSED, description="closed: the last finished bar; so_far: the running one"
    )


class IndicatorForm(BaseModel):
    """`kind` and the parameters beside it."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Finite | Word] = Field(init=False)

    kind: Word = Field(description="one of `glassdesk indicators list`")


class ChartForm(Form):
    bars: int = Field(default=ChartSpec().bars, ge=10, le=500, description="newest bars drawn, 10 to 500")
    width: int = Field(default=ChartSpec().width, ge=200, le=4000, description="pixels, 200 to 4000")
    height: int = Field(default=ChartSpec().height, ge=200, le=4000, description="pixels, 200 to 4000")
    theme: Theme = Field(default=Theme.LIGHT, description="light or dark")
    title: str = Field(default="", max_length=80, description="at most 80 characters")


class PromptForm(Form):
    name: Word = Field(description="a prompt of `glassdesk prompts list`")
    label: Word = Field(default="live", description="a label of the prompt, e.g. live")
    number: int | None = Field(default=None, ge=1, description="a version's number; the label's without it")


class SignalForm(Form):
    rule: Word = Field(description="the rule's name, e.g. three_of_four, rsi2_reversion, conditions")
    params: dict[Word, Finite] = Field(default_factory=dict, description="the rule's numbers by name")
    minimum_r: Number = Field(default=Decimal(1), ge=0, description="reward over risk of a BUY, e.g. 1")
    need_confirmations: int = Field(default=0, ge=0, le=4, description="0 to 4 of the four checks")
    chart_code: str = Field(default="require", pattern="^(require|warn)$", description="require or warn")
    minimum_profit: Number = Field(default=Decimal(0), ge=0, lt=1, description="0 = off; 0.05 is 5 %")
    weekly_conflict: str = Field(
        default="flag", pattern="^(flag|half|hold)$", description="flag, half or hold"
    )
    flow: str = Field(
        default="one_call", pattern="^(one_call|three_steps)$", description="one_call or three_steps"
    )


class TimingForm(Form):
    cron: Word = Field(
        description="five fields, e.g. `0 9 * * 1-5`, or words: `15 minutes before the close on trading days`"
    )
    zone: Word = Field(default="America/New_York", description="a time zone, e.g. America/New_York")
    exchange: Word = Field(default="XNYS", description="a calendar's name, e.g. XNYS")
    enter_after_open: Minutes | None = Field(
        default=5, description="minutes after the open, or null: at once"
    )
    enter_before: Minutes = Field(default=60, description="minutes after the open at which the window ends")
    overlap: Overlap = Field(
        default=Overlap.SKIP, description="skip or wait, while the slot before is not done"
    )


class ExitsForm(Form):
    stop_atr: Number = Field(description="the stop's distance in ATR, e.g. 2")
    target_atr: Number | None = Field(
        default=None, description="its distance in ATR, or null: parking target"
    )
    max_bars: int | None = Field(default=None, ge=1, description="leave after so many bars, or null: never")
    urgency: str = Field(default="market", pattern="^(market|page)$", description="market or page")
    trail_atr: Number | None = Field(
        default=None,
        description="how far the stop follows the highest close, in ATR, or null: it stays",
    )


class LimitsForm(Form):
    risk_per_trade: Number = Field(default=_D.risk_per_trade, description=_FRACTION)
    max_position: Number = Field(default=_D.max_position, description=_FRACTION)
    max_order: Number = Field(default=_D.max_order, description=_FRACTION)
    max_order_value: Number = Field(default=_D.max_order_value, description="an amount, e.g. 10000")
    max_positions: int = Field(default=_D.max_positions, description="a number of contracts, e.g. 5")
    max_open_risk: Number = Field(default=_D.max_open_risk, description=_FRACTION)
    gap: Number = Field(default=_D.gap, description="a fraction of the price, e.g. 0.15")
    max_gap_loss: Number = Field(default=_D.max_gap_loss, description=_FRACTION)
    max_commission: Number = Field(default=_D.max_commission, description="a fraction of the order")
    max_orders_per_day: int = Field(default=_D.max_orders_per_day, description="a number of orders, e.g. 4")
    price_collar: Number = Field(default=_D.price_collar, description="a fraction of the price, e.g. 0.005")
    max_drift_atr: Number = Field(default=_D.max_drift_atr, description="a distance in ATR, e.g. 0.5")
    max_exposure: Number = Field(default=_D.max_exposure, description=_FRACTION)
    max_order_quantity: int = Field(
        default=_D.max_order_quantity, description="a number of shares, e.g. 1000"
    )
    max_volume_share: Number = Field(default=_D.max_volume_share, description="a fraction of a day's volume")
    max_spread: Number = Field(default=_D.max_spread, description="a fraction of the price, e.g. 0.005")
    max_account_orders: int = Field(default=_D.max_account_orders, description="a number of orders, e.g. 20")
    max_symbol_orders: int = Field(default=_D.max_symbol_orders, description="a number of orders, e.g. 6")
    max_orders_per_minute: int = Field(
        default=_D.max_orders_per_minute, description="a number of orders, e.g. 3"
    )
    max_daily_loss: Number = Field(default=_D.max_daily_loss, description=_FRACTION)
    max_drawdown: Number = Field(
        default=_D.max_drawdown, description="a fraction of the desk's highest worth"
    )
    max_losses: int = Field(default=_D.max_losses, description="a number of losing trades in a week, e.g. 4")
    cooldown_bars: int = Field(
        default=_D.cooldown_bars, ge=0, le=250, description="a number of bars, or 0: off"
    )
    max_margin: Number = Field(default=_D.max_margin, description="a fraction of the account's equity")
    max_day_trades: int = Field(default=_D.max_day_trades, ge=0, description="a number in a week, or 0: off")


class BudgetForm(Form):
    per_day: Number | None = Field(default=None, description="an amount in USD, or null: no limit")
    per_month: Number | None = Field(default=None, description="an amount in USD, or null: no limit")
    per_question: Number | None = Field(
        default=None, description="what one question costs at most, in USD, e.g. 0.05"
    )


class StrategyForm(Form):
    """One strategy. Only name, symbols or a watchlist, indicators, prompt, signal, timing and exits have to
    be given."""

    name: Word = Field(description="lower-case letters, digits, - and _, at most 40")
    description: Text = ""
    account: Word | None = Field(default=None, description="an account id, or leave it out for the desk's")
    symbols: tuple[Word, ...] = Field(
        default=(), max_length=50, description="a list of tickers, e.g. [AAPL]; or a watchlist"
    )
    watchlist: Word | None = Field(
        default=None, min_length=1, description="a list of `glassdesk watchlists list` instead of symbols"
    )
    bars: BarsForm = BarsForm()
    indicator_set: Word | None = Field(
        default=None, description="a name for the indicators; the strategy's by default"
    )
    indicators: tuple[IndicatorForm, ...] = Field(
        min_length=1, max_length=12, description="a list, e.g. [{kind: rsi, length: 2}]"
    )
    chart: ChartForm = ChartForm()
    prompt: PromptForm = Field(description="{name: chart-analyst, label: live}")
    conditions: ConditionsForm | None = Field(
        default=None, description="{buy: [close above sma_200, rsi_2 below 10], sell: rsi_2 above 70}"
    )
    signal: SignalForm = Field(description="{rule: rsi2_reversion, params: {}}")
    timing: TimingForm = Field(description="{cron: `0 9 * * 1-5`, zone: America/New_York}")
    exits: ExitsForm = Field(
        description="{stop_atr: 2, target_atr: 3}; a strategy without a stop cannot trade"
    )
    preset: Word | None = Field(
        default=None, description=f"one of {', '.join(PRESETS)}; `limits` beside it wins"
    )
    limits: LimitsForm = LimitsForm()
    rank: Rank = Field(default=Rank.LISTED, description="listed, score or r_multiple")
    approval: Approval = Field(default=Approval.OFF, description="off or all")
    no_entry: tuple[date, ...] = Field(
        default=(), max_length=400, description="a list of dates, e.g. [2012-10-25]"
    )
    analyst: Word | None = Field(
        default=None, min_length=1, description="rules, or an analyst of the settings; the desk's by default"
    )
    budget: BudgetForm = BudgetForm()
