"""Where each control of the field and of the reliability design lives, or why it does not apply here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control: its number in its list, its name there, the rules or guards that keep it, and the rest."""

    number: str
    name: str
    rules: tuple[str, ...] = ()
    """Names in the table of rules or of guards."""
    elsewhere: str = ""
    """What keeps it outside the gate, or why it does not apply."""


def _control(number: str, name: str, rules: str = "", elsewhere: str = "") -> Control:
    return Control(number=number, name=name, rules=tuple(rules.split()), elsewhere=elsewhere)


DESIGN: tuple[Control, ...] = (
    _control("R1", "Kill switch", "KILL_SWITCH", "levels of T-50; asked at run, reserve and in the send"),
    _control("R2", "Mode and account", "PAPER_PROOF ACCOUNT"),
    _control("R3", "Strategy live flag", "LIVE_LOCKED LIVE_FIRST_ORDERS", "of the account (T-61)"),
    _control("R4", "Data age", "STALE_DATA STALE_BOOKS QUOTE"),
    _control("R5", "Data sanity", "DATA_QUALITY"),
    _control("R6", "Signal lifetime", "", "the entry window, which the dealer closes (T-03 replaces 300 s)"),
    _control("R7", "Confidence floor", "", "off until the analyst is calibrated (T-55)"),
    _control("R8", "Duplicate signal", "DUPLICATE_SIGNAL COOLDOWN"),
    _control("R9", "One working order", "ONE_WORKING_DECISION", "a decision of three legs (T-20)"),
    _control("R10", "Order notional", "MAX_ORDER MAX_ORDER_VALUE"),
    _control("R11", "Order quantity, share of volume", "MAX_ORDER_QTY VOLUME_SHARE"),
    _control("R12", "Position per symbol", "MAX_POSITION"),
    _control("R13", "Gross exposure", "MAX_EXPOSURE MAX_POSITIONS OPEN_RISK GAP_BUDGET"),
    _control(
        "R14", "Orders a day", "ORDERS_PER_DAY MAX_TRADES_PER_DAY MAX_SYMBOL_TRADES_PER_DAY WORKING_ORDERS"
    ),
    _control("R15", "Order rate", "RATE_LIMIT"),
    _control("R16", "Daily loss", "MAX_DAILY_LOSS"),
    _control("R17", "Drawdown", "MAX_DRAWDOWN", "reaches REDUCE_ONLY, not HALT (T-50)"),
    _control("R18", "No short sale", "NO_SHORT SHORT_POSITION", "in the terms of T-36"),
    _control("R19", "Sell what the strategy holds", "NO_SHORT SCOPE", "no position, no order: NO_POSITION"),
    _control("R20", "Price collar", "PRICE_COLLAR", "one-sided (T-22)"),
    _control("R21", "Spread", "SPREAD_TOO_WIDE"),
    _control("R22", "Buying power, what-if", "WHAT_IF BUYING_POWER"),
    _control("R23", "Instrument integrity", "SCOPE", "contract and ticks are read at each run's preflight"),
    _control("R24", "Session and calendar", "MARKET_OPEN SESSION_READY"),
    _control(
        "R25", "Reconcile gate", "SESSION_READY OPEN_BREAK UNKNOWN_ORDER UNKNOWN_OUTSTANDING LATE_ARRIVAL"
    ),
    _control("R26", "Question policy", "", "the adapter answers by message id and leg (T-59)"),
    _control("R27", "Approval", "", "a state of the intent, bound to the order; judged again at the send"),
    _control("R28", "What a model may decide", "", "an action alone; prices and sizes are computed"),
    _control("R29", "Day trades, settlement", "DAY_TRADES BUYING_POWER", "off by default (T-56)"),
)

FIELD: tuple[Control, ...] = (
    _control("1", "TRADING_HALTED, TRADING_REDUCING", "KILL_SWITCH"),
    _control("2", "KILL_SWITCH", "KILL_SWITCH", "row and file; no resume without a person"),
    _control("3", "PERMISSION_EXPIRED", "LIVE_LOCKED", "an unlock of a live account ends (T-61)"),
    _control("4", "MODE_MISMATCH", "PAPER_PROOF ACCOUNT"),
    _control("5", "READINESS_NOT_MET", "LIVE_LOCKED LIVE_FIRST_ORDERS", "`glassdesk live check` (T-61)"),
    _control("6", "SESSION_NOT_READY", "SESSION_READY"),
    _control("7", "MARKET_CLOSED", "MARKET_OPEN"),
    _control("8", "DATA_STALE, DATA_DELAYED, DATA_GAP", "STALE_DATA STALE_BOOKS QUOTE DATA_QUALITY"),
    _control("9", "SIGNAL_EXPIRED", "", "the entry window (T-03)"),
    _control("10", "PRICE_DRIFT", "PRICE_DRIFT"),
    _control("11", "PRICE_COLLAR", "PRICE_COLLAR"),
    _control("12", "INVALID_TICK, INVALID_LOT", "SCOPE", "rounded towards safety before sizing (T-57)"),
    _control("13", "MAX_ORDER_QTY", "MAX_ORDER_QTY"),
    _control("14", "MAX_ORDER_NOTIONAL", "MAX_ORDER MAX_ORDER_VALUE"),
    _control("15", "MAX_POSITION", "MAX_POSITION"),
    _control("16", "MAX_OPEN_POSITIONS", "MAX_POSITIONS"),
    _control("17", "MAX_OPEN_ORDERS", "WORKING_ORDERS ONE_WORKING_DECISION"),
    _control("18", "MAX_EXPOSURE, MAX_LEVERAGE", "MAX_EXPOSURE"),
    _control("19", "CONCENTRATION", "MAX_POSITION PYRAMIDING OWNERSHIP", "sectors are not known to the desk"),
    _control("20", "MAX_OPEN_RISK", "OPEN_RISK GAP_BUDGET"),
    _control("21", "MAX_TRADE_RISK", "RISK_PER_TRADE"),
    _control("22", "MAX_DAILY_LOSS", "MAX_DAILY_LOSS", "never sells by itself (T-50)"),
    _control("23", "MAX_DRAWDOWN", "MAX_DRAWDOWN"),
    _control("24", "LOSS_STREAK", "LOSS_STREAK"),
    _control("25", "COOLDOWN", "COOLDOWN"),
    _control("26", "LOW_PROFIT_LOCK", "", "minimum profit is off by default (T-55)"),
    _control("27", "MAX_TRADES_PER_DAY", "ORDERS_PER_DAY MAX_TRADES_PER_DAY MAX_SYMBOL_TRADES_PER_DAY"),
    _control("28", "RATE_LIMIT", "RATE_LIMIT REJECT_STREAK", "the gate paces every request as well"),
    _control("29", "REPEATED_EXECUTION", "MAX_SYMBOL_TRADES_PER_DAY DUPLICATE_SIGNAL"),
    _control("30", "DUPLICATE_INTENT", "ONE_WORKING_DECISION DUPLICATE_SIGNAL", "and unique rows"),
    _control(
        "31", "OUT_IN_MISMATCH", "SHORT_POSITION", "an intent is unique per run and leg, in the database"
    ),
    _control("32", "RECONCILIATION_OPEN", "OPEN_BREAK"),
    _control("33", "UNKNOWN_OUTSTANDING", "UNKNOWN_ORDER UNKNOWN_OUTSTANDING LATE_ARRIVAL"),
    _control("34", "UNPROTECTED_POSITION", "", "an alarm and the remedy of T-32, T-33; no rule of an order"),
    _control("35", "INSUFFICIENT_MARGIN", "WHAT_IF BUYING_POWER"),
    _control("36", "SYMBOL_NOT_ALLOWED", "SCOPE OWNERSHIP", "a strategy names its contracts"),
    _control("37", "SHORT_NOT_ALLOWED", "NO_SHORT"),
    _control("38", "SPREAD_TOO_WIDE, VOLUME_SHARE", "SPREAD_TOO_WIDE VOLUME_SHARE"),
    _control("39", "BAD_LEVELS", "STOP_PRESENT", "and the checks of the signal, V01 to V20"),
    _control("40", "LOW_CONFIDENCE, UNSTABLE_SIGNAL, BAD_CHART_READ", "", "checks of the signal: no signal"),
    _control("41", "LLM_BUDGET, LLM_TIMEOUT", "", "the governor of the model: no signal"),
    _control("42", "APPROVAL_REQUIRED, APPROVAL_EXPIRED", "", "a state of the intent"),
    _control("43", "QUESTION_REFUSED", "", "the adapter's policy (T-59)"),
    _control("44", "VERSION_MIXED", "", "the database refuses a process of another schema"),
    _control("45", "CLOCK_SKEW", "CLOCK_SKEW", "seen in the broker's answers and in the times of its quotes"),
)
