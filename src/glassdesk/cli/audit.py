"""`audit`: the chain of every act of a person and of the desk."""

from __future__ import annotations

from typing import Annotated

import typer

from glassdesk.cli.here import Here, command, step
from glassdesk.cli.show import done, rows, working

app = step("The chain of every act.")


@command(app, "list")
def list_all(
    here: Here,
    after: Annotated[int, typer.Option(min=0, help="Begin behind this row.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """Rows in order."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.audit.entries(t, after=after, limit=limit)
    rows(
        here,
        found,
        {
            "row": lambda one: one.seq,
            "at": lambda one: one.at,
            "actor": lambda one: one.actor,
            "what": lambda one: one.kind,
            "of": lambda one: one.ref,
            "hash": lambda one: one.hash[:12],
        },
        empty="nothing happened yet",
    )


@command(app)
def verify(here: Here) -> None:
    """Recompute the whole chain; exit code 1 and the first bad row where it does not hold."""
    with here.desk() as desk, desk.transactions.read() as t, working("recomputing the chain"):
        count = desk.audit.verify(t)
    done(here, f"{count} rows: the chain holds", {"verified": True, "rows": count})
