"""`notifications`: what the desk has told you, and through what."""

from __future__ import annotations

from typing import Annotated

import typer

from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, rows
from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.workflow.notifications.model import Severity

app = step("What the desk has told you.")


@command(app, "list")
def list_all(
    here: Here,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 30,
    severity: Annotated[Severity | None, typer.Option(help="Only those.")] = None,
    unseen: Annotated[bool, typer.Option("--unseen", help="Only what nobody has acknowledged.")] = False,
) -> None:
    """Newest first."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.notifications.recent(t, limit=limit, severity=severity, seen=False if unseen else None)
    rows(
        here,
        found,
        {
            "at": lambda one: one.created_at,
            "severity": lambda one: one.severity,
            "title": lambda one: one.title,
            "body": lambda one: one.body,
            "sent": lambda one: one.sent_at,
            "seen": lambda one: one.acknowledged_at,
            "key": lambda one: one.key,
        },
        empty="nothing to tell",
    )


@command(app)
def ack(
    here: Here,
    key: Annotated[str, typer.Argument(help="The key of `notifications list`.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="You have seen all of them.")] = False,
) -> None:
    """You have seen it."""
    if bool(key) == everything:
        raise InvalidInput("which one?", where="KEY", remedy="a key, or --all")
    with here.desk() as desk, desk.transactions.begin() as t:
        if everything:
            count = desk.notifications.acknowledge_all(t, OWNER)
        else:
            desk.notifications.acknowledge(t, key, OWNER)
            count = 1
    done(here, f"noted: {count}", {"key": key or "all", "acknowledged": True, "count": count})


@command(app)
def channels(here: Here) -> None:
    """Every channel, and how it does."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.notifications.channels(t)
    rows(
        here,
        found,
        {
            "channel": lambda one: one.name,
            "gets": lambda one: "alarms nobody has seen" if one.second else "everything",
            "last delivered": lambda one: one.delivered_at,
            "waiting": lambda one: one.waiting,
            "problem": lambda one: one.problem,
        },
        empty="no channel",
    )


@command(app)
def test(here: Here) -> None:
    """Send a test through every channel; exit code 1 and what is wrong where one does not take it."""
    with here.desk() as desk:
        desk.notifications.check()
        found = desk.notifications.test(OWNER)
    broken = {name: problem for name, problem in found.items() if problem}
    if broken:
        told = ", ".join(f"{name}: {problem}" for name, problem in broken.items())
        raise Unavailable(f"not delivered by {told}", where="notify_urls", remedy="look at the address")
    done(here, f"delivered by {', '.join(found)}", {"delivered": list(found)})
