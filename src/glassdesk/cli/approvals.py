"""`approvals`: decisions that wait for a person's yes or no."""

from __future__ import annotations

from typing import Annotated

import typer

from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, facts, rows, said
from glassdesk.cli.symbols import names_of
from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import Denied
from glassdesk.kernel.ids import short
from glassdesk.workflow.dealing.consent import Waiting
from glassdesk.workflow.orders.model import WhatIfRow

app = step("Orders that wait for your yes or no.")

Identity = Annotated[str, typer.Argument(metavar="INTENT", help="Its id, or eight characters of it.")]


Payload = Annotated[
    str | None,
    typer.Option(metavar="SHA256", help="Only if it is exactly this order; `approvals show` names it."),
]


@command(app, "list")
def list_all(here: Here) -> None:
    """What waits, by the instant at which it is over."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.approvals.waiting(t)
        symbol = names_of(desk, t)
    rows(
        here,
        found,
        {
            "intent": lambda one: short(one.intent.intent),
            "strategy": lambda one: one.intent.strategy,
            "order": lambda one: (
                f"{one.intent.side} {said(one.intent.quantity)} {symbol(one.intent.conid)}"
                f" at {said(one.intent.price)}"
            ),
            "from": lambda one: one.intent.window_opens,
            "over at": lambda one: one.expires_at,
        },
        empty="nothing waits for you",
    )


@command(app)
def show(here: Here, intent: Identity) -> None:
    """One decision with all its legs, and what happens if you do nothing."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.approvals.show(t, intent)
        states = {leg.intent: state for leg, state in desk.orders.intents(t, run=found.intent.run)}
        symbol = names_of(desk, t)(found.intent.conid)
    whole = {
        "intent": found.intent.intent,
        "state": found.state,
        "payload": found.payload,
        "expires_at": found.expires_at,
        "approval": found.approval,
        "what_if": found.what_if,
        "legs": [{"state": states[leg.intent], "intent": leg} for leg in found.legs],
    }
    facts(here, whole, _pairs(found, symbol))


def _pairs(found: Waiting, symbol: str) -> dict[str, object]:
    main, limit = found.intent, found.drift_limit
    drift = "" if limit is None else f", or when the price has moved {said(limit)} since the decision"
    given = found.approval
    idle = f"at {format_instant(found.expires_at)} it is over and nothing is sent{drift}"
    pairs: dict[str, object] = {
        "intent": main.intent,
        "state": found.state,
        "strategy": main.strategy,
        "run": main.run,
        "if you do nothing": idle if given is None else f"approved by {given.actor}",
        "payload": found.payload,
        "what-if": _what_if(found.what_if),
    }
    return pairs | {
        leg.leg: f"{leg.side} {said(leg.quantity)} {symbol} {leg.order_type} {said(leg.price)}"
        for leg in found.legs
    }


def _what_if(row: WhatIfRow | None) -> str:
    """The broker's word in one line, with its time."""
    if row is None:
        return "the broker has not been asked yet"
    told, asked = row.told, f"at {format_instant(row.asked_at)} the broker"
    if told.problem:
        return f"{asked} gave no answer: {told.problem}"
    figures = {
        "initial margin": told.initial_after,
        "maintenance margin": told.maintenance_after,
        "equity": told.equity_after,
        "commission at most": told.commission,
    }
    after = ", ".join(f"{name} {'unknown' if n is None else said(n)}" for name, n in figures.items())
    refusal, warning = told.error and f"; it would refuse: {told.error}", told.warning and f"; {told.warning}"
    return f"{asked} said: {after}{refusal}{warning}"


@command(app)
def approve(here: Here, intent: Identity, payload: Payload = None) -> None:
    """Yes to exactly this order: the rules judge it again now, and at the send."""
    with here.desk() as desk, desk.transactions.begin() as t:
        found = desk.approvals.show(t, intent)
        answer = desk.approvals.approve(t, found.intent.intent, OWNER, payload=payload)
    if not answer.done:
        first = answer.denials[0]
        problem = f"{first.rule}: {first.observed}, the limit is {first.limit}"
        raise Denied(problem, where="approval", remedy="it goes on waiting; decline it, or see why")
    done(
        here,
        f"{short(found.intent.intent)} is approved and sent in its window.",
        {"intent": found.intent.intent, "approved": True, "already": answer.already},
    )


@command(app)
def decline(here: Here, intent: Identity, payload: Payload = None) -> None:
    """No: nothing is sent."""
    with here.desk() as desk, desk.transactions.begin() as t:
        found = desk.approvals.show(t, intent)
        desk.approvals.decline(t, found.intent.intent, OWNER, payload=payload)
    done(
        here,
        f"{short(found.intent.intent)} is declined; nothing is sent.",
        {"intent": found.intent.intent, "approved": False},
    )
