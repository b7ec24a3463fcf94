"""What other tables repeat of the graph's nodes, compared with them, for `lineage --verify`.

A node's hash protects the node. Steps, signals, verdicts, intents and orders are read from rows of their own,
so each row has to say what its node says, or a change of the row would go unnoticed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from glassdesk.kernel.canonical import canonical_text, decode_text, plain
from glassdesk.kernel.errors import GlassdeskError, NotFound
from glassdesk.kernel.ids import AccountKind, coid
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.graph import Finding
from glassdesk.workflow.lineage.model import Graph, Node
from glassdesk.workflow.orders.model import Order, OrderState, Role
from glassdesk.workflow.orders.service import Orders
from glassdesk.workflow.risk.model import Judged
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.runs.outputs import STEPS
from glassdesk.workflow.runs.service import Runs
from glassdesk.workflow.signals.service import Signals

_MOVABLE = {"order_type", "price", "quantity"}
"""What the dealer may change of a ticket after it was reserved (`T-21`, `T-23`, `T-41`)."""


Check = Callable[[Transaction, Node], str]
"""Compares one node with its row; answers what differs, empty when nothing does."""


class Mirrors:
    """Compares rows with the nodes they came with."""

    def __init__(self, runs: Runs, signals: Signals, risk: Risk, orders: Orders, kind: AccountKind) -> None:
        self._runs = runs
        self._signals = signals
        self._risk = risk
        self._orders = orders
        self._kind = kind

    def check(self, t: Transaction, graph: Graph) -> list[Finding]:
        """What differs between the graph and the tables beside it; empty when nothing does."""
        checks: Mapping[str, Sequence[Check]] = {
            **dict.fromkeys(STEPS, (self._step,)),
            "signal": (self._step, self._signal),
            "verdicts": (self._step, self._verdicts),
            "send_verdicts": (self._send_verdicts,),
            "intent": (self._intent,),
            "order": (self._order,),
        }
        told = [(node, _said(check, t, node)) for node in graph.nodes for check in checks.get(node.kind, ())]
        return [Finding(node=node.node, problem=problem) for node, problem in told if problem]

    def _step(self, t: Transaction, node: Node) -> str:
        rows = {row.name: row for row in self._runs.steps(t, node.entity)}
        row = rows.get(node.kind)
        if row is None:
            return f"the run has no row for its step {node.kind}"
        same = row.output == node.content and row.output_sha256 == node.content_sha256
        return (
            "" if same and row.node == node.node else f"the row of the step {node.kind} says something else"
        )

    def _signal(self, t: Transaction, node: Node) -> str:
        row = self._signals.of_run(t, node.entity)
        if row is None:
            return "the signal has no row"
        same = canonical_text(replace(row.signal, run="")) == node.content
        return "" if same else "the row of the signal says something else"

    def _verdicts(self, t: Transaction, node: Node) -> str:
        kept = tuple(v for moment, v in self._risk.verdicts(t, node.entity) if moment == "reserve")
        judged = decode_text(Judged, node.content).verdicts
        if len(kept) != len(judged):
            return f"{len(judged)} verdicts were given, {len(kept)} are kept"
        other = [given.rule for given, row in zip(judged, kept, strict=True) if given != row]
        return f"the verdict row of {other[0]} says something else" if other else ""

    def _send_verdicts(self, t: Transaction, node: Node) -> str:
        """One of possibly several assessments of the send, each kept in one piece."""
        kept = [v for moment, v in self._risk.verdicts(t, node.run or "") if moment == "send"]
        judged = list(decode_text(Judged, node.content).verdicts)
        starts = range(len(kept) - len(judged) + 1)
        if any(kept[at : at + len(judged)] == judged for at in starts):
            return ""
        other = [one.rule for one in judged if one not in kept]
        return (
            f"the verdict row of {other[0]} at the send says something else" if other else "rows are missing"
        )

    def _intent(self, t: Transaction, node: Node) -> str:
        try:
            intent, _ = self._orders.intent(t, node.entity)
        except NotFound:
            return "the intent has no row"
        return _differs("the intent's row", _content(node), plain(intent))

    def _order(self, t: Transaction, node: Node) -> str:
        try:
            order = self._orders.order(t, node.entity)
        except NotFound:
            return "the order has no row"
        own = coid(self._kind, order.account, order.intent)
        if order.coid != own or order.ticket.coid != own:
            return f"the order's client id is not {own}"
        content = _content(node)
        reserved = content.get("ticket", content)
        fixed = {name: value for name, value in reserved.items() if value != "" and name not in _moved(order)}
        return _differs("the order's ticket", fixed, plain(order.ticket)) or _dearer(order, reserved)


def _said(check: Check, t: Transaction, node: Node) -> str:
    try:
        return check(t, node)
    except (GlassdeskError, ArithmeticError, LookupError, TypeError, ValueError) as failure:
        # Changed content or a changed row need not even be readable any more.
        return f"it cannot be compared with its row: {failure}"


def _content(node: Node) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(node.content)
    return content


def _moved(order: Order) -> set[str]:
    """Fields of the ticket that may have changed since it was reserved."""
    if order.state is OrderState.RESERVED:
        return set()
    if order.sends > 1 or order.role is Role.EXIT:
        return _MOVABLE
    return {"price"} if order.role is Role.ENTRY else set()


def _dearer(order: Order, reserved: Mapping[str, Any]) -> str:
    """An entry is repriced downwards only (`T-21`)."""
    wanted, price = reserved.get("price"), order.ticket.price
    if order.role is not Role.ENTRY or wanted is None or price is None or price <= type(price)(wanted):
        return ""
    return f"the entry pays {price}, {wanted} was reserved"


def _differs(what: str, told: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    other = [name for name, value in told.items() if row.get(name) != value]
    return f"{what} has another {other[0]}" if other else ""
