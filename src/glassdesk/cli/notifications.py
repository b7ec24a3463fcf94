"""`notifications`: what the desk has told you."""

from __future__ import annotations

from typing import Annotated

import typer

from glassdesk.cli.here import Here, command, step
from glassdesk.cli.show import done, rows

app = step("What the desk has told you.")


@command(app, "list")
def list_all(here: Here, limit: Annotated[int, typer.Option(min=1, max=10_000)] = 30) -> None:
    """Newest first."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.notifications.recent(t, limit=limit)
    rows(
        here,
        found,
        {
            "at": lambda one: one.created_at,
            "severity": lambda one: one.severity,
            "title": lambda one: one.title,
            "body": lambda one: one.body,
            "seen": lambda one: one.acknowledged_at,
            "key": lambda one: one.key,
        },
        empty="nothing to tell",
    )


@command(app)
def ack(here: Here, key: Annotated[str, typer.Argument(help="The key of `notifications list`.")]) -> None:
    """You have seen it."""
    with here.desk() as desk, desk.transactions.begin() as t:
        desk.notifications.acknowledge(t, key)
    done(here, "noted", {"key": key, "acknowledged": True})
