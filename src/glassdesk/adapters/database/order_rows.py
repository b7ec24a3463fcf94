"""Tables of the orders step: intents, order rows and sends, with the promises of the desk as constraints.

An intent needs its run, its node in the lineage and either the signal of its run or the act of a person; an
order needs its intent; a send needs its order. References to the lineage are checked when the transaction
commits, so that a reservation may write its rows in any order.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    text,
)

from glassdesk.adapters.database.faults import WORDS
from glassdesk.adapters.database.schema import append_only, keep_columns, metadata, refuse
from glassdesk.adapters.database.types import Instant, Json, Money, Word, Words
from glassdesk.workflow.orders.model import (
    IntentKind,
    IntentState,
    OrderState,
    OrderType,
    Outcome,
    OutcomeKind,
    Role,
    SendTerms,
    Side,
    Ticket,
    TimeInForce,
)
from glassdesk.workflow.orders.transitions import INITIAL, LEGAL
from glassdesk.workflow.risk.model import WhatIf

OPEN = (IntentState.AWAITING_APPROVAL, IntentState.QUEUED, IntentState.SENT)
"""States of an intent that is not over."""


def _listed(states: tuple[IntentState, ...]) -> str:
    return ", ".join(f"'{state.value}'" for state in states)


_OPEN_DECISION = text(f"leg = 'main' AND state IN ({_listed(OPEN)})")

intents = Table(
    "intents",
    metadata,
    Column("intent", Words, primary_key=True),
    Column("run", Words, ForeignKey("runs.run"), nullable=False),
    Column("leg", Words, nullable=False),
    Column("parent", Words, ForeignKey("intents.intent")),
    Column("kind", Word(IntentKind), nullable=False),
    Column("account", Words, nullable=False),
    Column("strategy", Words, nullable=False),
    Column("strategy_version", Integer, nullable=False),
    Column("conid", BigInteger, nullable=False),
    Column("side", Word(Side), nullable=False),
    Column("order_type", Word(OrderType), nullable=False),
    Column("quantity", Money, nullable=False),
    Column("price", Money),
    Column("tif", Word(TimeInForce), nullable=False),
    Column("role", Word(Role), nullable=False),
    Column("window_opens", Instant, nullable=False),
    Column("window_closes", Instant, nullable=False),
    Column("reserved_at", Instant, nullable=False),
    Column("target_order", Words),
    Column("parking", Boolean, nullable=False),
    Column("terms", Json(SendTerms, shared=True)),
    Column("state", Word(IntentState), nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("note", Words, nullable=False),
    # lineage: exactly two shapes are complete
    Column("node", Words, ForeignKey("nodes.node", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("signal", Words, ForeignKey("signals.run", deferrable=True, initially="DEFERRED")),
    Column("act", Words, ForeignKey("nodes.node", deferrable=True, initially="DEFERRED")),
    CheckConstraint("node = 'intent:' || intent", name="node"),
    CheckConstraint(
        "(signal = run AND act IS NULL) OR (signal IS NULL AND act = 'act:' || run)", name="lineage"
    ),
    CheckConstraint("quantity > 0", name="quantity"),
    UniqueConstraint("run", "leg", info={WORDS: "this leg of the run is reserved already"}),
    UniqueConstraint("intent", "run", "account", "conid"),
    Index(
        "one_open_decision",
        "account",
        "conid",
        unique=True,
        sqlite_where=_OPEN_DECISION,
        postgresql_where=_OPEN_DECISION,
        info={WORDS: "another decision on this contract is still open [T-20]"},
    ),
    Index("ix_intents_state", "state"),
)
keep_columns(
    intents,
    [column.name for column in intents.columns if column.name not in {"state", "changed_at", "note"}],
)
refuse(
    intents,
    "ended",
    "UPDATE OF state",
    "an intent that ended stays as it is",
    when=f"OLD.state NOT IN ({_listed(OPEN)}) AND OLD.state <> NEW.state",
    conflict=True,
)

approvals = append_only(
    Table(
        "approvals",
        metadata,
        Column("intent", Words, ForeignKey("intents.intent"), primary_key=True),
        Column("payload_sha256", Words, nullable=False),
        Column("actor", Words, nullable=False),
        Column("approved_at", Instant, nullable=False),
    )
)

what_ifs = append_only(
    Table(
        "what_ifs",
        metadata,
        Column("intent", Words, ForeignKey("intents.intent"), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column(
            "moment", Words, CheckConstraint("moment in ('approve', 'send')", name="moment"), nullable=False
        ),
        Column("asked_at", Instant, nullable=False),
        Column("quantity", Money, nullable=False),
        Column("price", Money),
        Column("told", Json(WhatIf), nullable=False),
    )
)

orders = Table(
    "orders",
    metadata,
    Column("order", Words, primary_key=True),
    Column("intent", Words, nullable=False),
    Column("run", Words, nullable=False),
    Column("coid", Words, nullable=False),
    Column("role", Word(Role), nullable=False),
    Column("parent", Words, ForeignKey("orders.order")),
    Column("account", Words, nullable=False),
    Column("strategy", Words, nullable=False),
    Column("conid", BigInteger, nullable=False),
    Column("state", Word(OrderState), nullable=False),
    Column("ticket", Json(Ticket, shared=True), nullable=False),
    Column("reserved_at", Instant, nullable=False),
    Column("broker_order_id", Words),
    Column("filled", Money, nullable=False),
    Column("average_price", Money),
    Column("sends", Integer, nullable=False),
    Column("last_sent_at", Instant),
    Column("note", Words, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint('"order" = intent', name="one_per_intent"),
    UniqueConstraint("coid", info={WORDS: "this client order id is taken"}),
    UniqueConstraint("account", "broker_order_id", info={WORDS: "another order has this broker id"}),
    ForeignKeyConstraint(
        ["intent", "run", "account", "conid"],
        ["intents.intent", "intents.run", "intents.account", "intents.conid"],
    ),
    Index("ix_orders_state", "state"),
    Index("ix_orders_run", "run"),
    Index("ix_orders_parent", "parent"),
    Index("ix_orders_conid", "conid"),
    Index("ix_orders_reserved_at", "reserved_at"),
)
CHANGING = (
    "state",
    "ticket",
    "broker_order_id",
    "filled",
    "average_price",
    "sends",
    "last_sent_at",
    "note",
    "version",
)
"""Columns of an order row that a move may change."""

keep_columns(orders, [column.name for column in orders.columns if column.name not in CHANGING])
refuse(
    orders,
    "begins",
    "INSERT",
    f"an order row begins as {INITIAL.value}, before anything is sent",
    when=f"NEW.state <> '{INITIAL.value}' OR NEW.version <> 0 OR NEW.sends <> 0",
)
refuse(
    orders,
    "transition",
    "UPDATE OF state",
    "an order does not change its state so",
    when="OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ("
    + ", ".join(sorted(f"'{before.value}>{after.value}'" for before, after in LEGAL))
    + ")",
    conflict=True,
)
refuse(
    orders,
    "version",
    "UPDATE",
    "an order row was changed meanwhile",
    when="NEW.version <> OLD.version + 1",
    conflict=True,
)

sends = append_only(
    Table(
        "sends",
        metadata,
        Column("order", Words, ForeignKey("orders.order"), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("verb", Words, nullable=False),
        Column("payload_sha256", Words, nullable=False),
        Column("fence", BigInteger, nullable=False),
        Column("epoch", Integer, nullable=False),
        Column("started_at", Instant, nullable=False),
        Column("not_after", Instant, nullable=False),
        CheckConstraint("verb in ('place', 'modify', 'cancel', 'reply')", name="verb"),
    )
)

send_outcomes = append_only(
    Table(
        "send_outcomes",
        metadata,
        Column("order", Words, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("kind", Word(OutcomeKind), nullable=False),
        Column("body", Json(Outcome, shared=True), nullable=False),
        Column("at", Instant, nullable=False),
        ForeignKeyConstraint(["order", "number"], ["sends.order", "sends.number"]),
    )
)
