"""The table of risk rules: checks, `risk limits` and the documentation come from here (`T-55`)."""

from __future__ import annotations

from glassdesk.workflow.risk import rules_gates as gate
from glassdesk.workflow.risk import rules_money as money
from glassdesk.workflow.risk.model import Assessment, Exposure, Gates, Limits, Proposal
from glassdesk.workflow.risk.verdicts import Judge, Rule, verdict

_D = Limits()


def _rule(name: str, judge: Judge, meaning: str, default: object, source: str, **exits: bool) -> Rule:
    return Rule(name=name, meaning=meaning, default=str(default), source=source, judge=judge, **exits)


RULES: tuple[Rule, ...] = (
    _rule(
        "KILL_SWITCH",
        gate.kill_switch,
        "The level of the kill switch allows this order",
        "ACTIVE",
        "T-50",
        denies_exits=True,
    ),
    _rule(
        "PAPER_PROOF",
        gate.paper_proof,
        "Settings, broker and account id name the same kind of account",
        "on",
        "T-61",
        denies_exits=True,
    ),
    _rule(
        "ACCOUNT",
        gate.account,
        "The account is known and not live: live trading is locked",
        "on",
        "T-10, T-61",
        denies_exits=True,
    ),
    _rule(
        "SESSION_READY",
        gate.session_ready,
        "The brokerage session is ready",
        "on",
        "T-40",
        denies_exits=True,
        warns_before_send=True,
    ),
    _rule(
        "MARKET_OPEN",
        gate.market_open,
        "Regular hours; before the send a closed market only means waiting",
        "on",
        "T-18, T-40",
        denies_exits=True,
        warns_before_send=True,
    ),
    _rule("STALE_DATA", gate.stale_data, "The last closed bar is the one the calendar expects", "on", "T-06"),
    _rule("DATA_QUALITY", gate.data_quality, "The bars are fit to decide on", "on", "T-06"),
    _rule(
        "PRICE_DRIFT",
        gate.price_drift,
        "The price has not run away since the decision (ATR)",
        _D.max_drift_atr,
        "T-03",
    ),
    _rule(
        "NO_SHORT", gate.no_short, "Never sell more than the strategy holds", "on", "T-36", denies_exits=True
    ),
    _rule(
        "SCOPE",
        gate.scope,
        "Whole shares, long only: buy to open, sell to close",
        "on",
        "T-18",
        denies_exits=True,
    ),
    _rule(
        "ONE_WORKING_DECISION",
        gate.one_working_decision,
        "No other decision works on the contract",
        0,
        "T-20",
    ),
    _rule(
        "UNKNOWN_ORDER",
        gate.unknown_order,
        "No order of unknown fate on the contract",
        0,
        "T-40",
        denies_exits=True,
    ),
    _rule("PYRAMIDING", gate.pyramiding, "The strategy does not hold the contract yet", 0, "T-14"),
    _rule("OWNERSHIP", gate.ownership, "The contract belongs to no other strategy", "on", "T-13"),
    _rule(
        "MAX_POSITION",
        money.max_position,
        "Position in the contract, as a fraction of desk capital",
        _D.max_position,
        "T-55",
    ),
    _rule("MAX_ORDER", money.max_order, "Order value, as a fraction of desk capital", _D.max_order, "T-55"),
    _rule("MAX_ORDER_VALUE", money.max_order_value, "Order value in USD", _D.max_order_value, "T-55"),
    _rule("MAX_POSITIONS", money.max_positions, "Contracts held or being bought", _D.max_positions, "T-55"),
    _rule(
        "OPEN_RISK",
        money.open_risk,
        "Sum of the distances to all stops, as a fraction of desk capital",
        _D.max_open_risk,
        "T-55",
    ),
    _rule(
        "GAP_BUDGET",
        money.gap_budget,
        f"Loss if everything gaps by {_D.gap}, as a fraction of desk capital",
        _D.max_gap_loss,
        "T-55",
    ),
    _rule(
        "RISK_PER_TRADE",
        money.risk_per_trade,
        "Loss at the stop, as a fraction of desk capital",
        _D.risk_per_trade,
        "T-55",
    ),
    _rule(
        "COMMISSION",
        money.commission,
        "Commission both ways, as a fraction of the order's value",
        _D.max_commission,
        "T-55",
    ),
    _rule(
        "ORDERS_PER_DAY",
        money.orders_per_day,
        "Opening orders of the strategy in one session",
        _D.max_orders_per_day,
        "R14",
    ),
    _rule(
        "PRICE_COLLAR",
        money.price_collar,
        "A purchase pays at most so much above the reference price",
        _D.price_collar,
        "T-22",
    ),
    _rule("STOP_PRESENT", money.stop_present, "An entry has a stop below it", "on", "T-30"),
    _rule(
        "NO_ENTRY_DATE",
        gate.no_entry_date,
        "Today is not on the list of days without entries",
        "none",
        "T-18",
    ),
    _rule(
        "BROKER_CANCEL",
        gate.broker_cancel,
        "No entry that the broker cancelled by itself waits for a person to look",
        0,
        "F-61",
    ),
    _rule(
        "WORKING_ORDERS",
        gate.working_orders,
        "The broker's limit of working orders on one side of the contract leaves room for a bracket",
        gate.MOST_WORKING,
        "F-64",
    ),
    _rule("OPEN_BREAK", gate.open_break, "Broker and desk agree about the contract", "on", "R25"),
    _rule(
        "BUYING_POWER",
        money.buying_power,
        "Cash covers the order, its commission and what is promised",
        "on",
        "T-56",
    ),
)


def assess(proposal: Proposal, exposure: Exposure, gates: Gates, limits: Limits) -> Assessment:
    """All verdicts, in the table's order; none is skipped."""
    return Assessment(verdicts=tuple(verdict(rule, proposal, exposure, gates, limits) for rule in RULES))
