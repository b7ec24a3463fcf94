"""Values of the stories: one strategy, its decisions, and how acts of a person get their runs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.canonical import digest
from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.charts.model import ChartSpec
from glassdesk.workflow.contracts.model import ContractRules, TickBand
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.orders.bracket import Decision
from glassdesk.workflow.orders.model import SendTerms
from glassdesk.workflow.positions.model import ExitPlan
from glassdesk.workflow.prompts.model import PromptRef
from glassdesk.workflow.risk.model import Limits
from glassdesk.workflow.signals.model import Action, Signal, SignalPolicy
from glassdesk.workflow.strategies.model import (
    DecisionBar,
    Strategy,
    StrategyContract,
    StrategyRow,
    StrategyState,
    Timing,
)
from tests.workflow.dealing.scripted_broker import ACCOUNT

AAPL = 265598
MSFT = 272093
# Tuesday; the New York session of 5 March 2024 is 14:30 to 21:00 UTC.
EVENING = datetime(2024, 3, 4, 21, 30, tzinfo=UTC)
OPEN = datetime(2024, 3, 5, 14, 30, tzinfo=UTC)
WINDOW = OPEN + timedelta(minutes=5)
CLOSE = datetime(2024, 3, 5, 21, 0, tzinfo=UTC)


def terms_of(**changes: object) -> SendTerms:
    """What a decision of 4 March on a 170-dollar stock leaves for the send."""
    plain: dict[str, object] = {
        "symbol": "AAPL",
        "exchange": "XNYS",
        "last_bar": date(2024, 3, 4),
        "reference_close": Decimal(170),
        "atr": Decimal(4),
        "tick": Decimal("0.01"),
        "entry_high": Decimal("171.004"),
        "limits": Limits(),
    }
    return SendTerms(**{**plain, **changes})  # type: ignore[arg-type]  # the fields' own types, by name


def a_decision(run: str, conid: int, quantity: int, terms: SendTerms, now: datetime) -> Decision:
    return Decision(
        run=run,
        account=ACCOUNT,
        kind=AccountKind.SIMULATED,
        strategy="morning",
        strategy_version=1,
        conid=conid,
        quantity=Decimal(quantity),
        terms=terms,
        window_opens=max(WINDOW, now),
        window_closes=max(WINDOW, now) + timedelta(minutes=55),
        reserved_at=now,
    )


def a_signal(run: str, conid: int, action: Action) -> Signal:
    return Signal(
        run=run,
        symbol=f"S{conid}",
        action=action,
        reason="three of four",
        last_bar=date(2024, 3, 4),
        last_close=Decimal(170),
        atr=Decimal(4),
        entry_high=Decimal("171.004"),
        stop=Decimal("165.01"),
        target=None,
        confidence=None,
        r_multiple=None,
        score=None,
        rationale="",
        engine="rules",
        model="three_of_four",
        checks=(),
    )


def a_strategy() -> StrategyRow:
    strategy = Strategy(
        name="morning",
        version=1,
        account=ACCOUNT,
        contracts=(StrategyContract(conid=AAPL, symbol="AAPL"), StrategyContract(conid=MSFT, symbol="MSFT")),
        bar_size=BarSize.DAY,
        history=250,
        decision_bar=DecisionBar.CLOSED,
        weekly=False,
        indicators=IndicatorSet(name="one", indicators=(IndicatorSpec(kind="rsi"),)),
        chart=ChartSpec(),
        prompt=PromptRef(name="trend"),
        policy=SignalPolicy(),
        timing=Timing(cron="30 16 * * *", zone="America/New_York", exchange="XNYS"),
        exits=ExitPlan(stop_atr=Decimal("2.5")),
        limits=Limits(),
    )
    return StrategyRow(
        strategy=strategy,
        sha256=digest(strategy),
        state=StrategyState.ENABLED,
        author="owner",
        created_at=EVENING,
    )


def rules_of(conid: int) -> ContractRules:
    """Cents everywhere."""
    return ContractRules(
        conid=conid,
        ticks=(TickBand(lower_edge=Decimal(0), increment=Decimal("0.01")),),
        order_types=frozenset({"LMT", "MKT", "STP"}),
        tifs=frozenset({"DAY", "GTC"}),
        can_trade=True,
        fetched_at=EVENING,
    )
