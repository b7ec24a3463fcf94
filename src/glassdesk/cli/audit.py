"""`audit`: the chain of every act of a person and of the desk."""

from __future__ import annotations

from typing import Annotated

import typer

from glassdesk.cli.here import Here, command, step
from glassdesk.cli.show import done, rows, working
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.workflow.lineage.model import Reason

app = step("The chain of every act.")


@command(app, "list")
def list_all(
    here: Here,
    after: Annotated[int, typer.Option(min=0, help="Begin behind this row.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    actor: Annotated[str, typer.Option(help="Only acts of this actor.")] = "",
    kind: Annotated[str, typer.Option(help="Only kinds that begin so.")] = "",
    ref: Annotated[str, typer.Option(help="Only what happened to what begins so.")] = "",
) -> None:
    """Rows in order."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.audit.entries(t, after=after, limit=limit, actor=actor, kind=kind, ref=ref)
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
        empty="nothing happened yet" if not (actor or kind or ref) else "nothing like that happened",
    )


@command(app)
def verify(here: Here) -> None:
    """Recompute the whole chain and hold it against its anchors; exit code 1 and the first bad row where it
    does not hold."""
    with here.desk() as desk, working("recomputing the chain"):
        found = desk.inspection.full(Reason.DEMAND)
        _, anchors = desk.inspection.recent(limit=1)
    if found.problem:
        raise IntegrityViolation(found.problem, where="audit")
    held = f"; row {anchors[0].seq} is anchored outside the database" if anchors else ""
    said = f"{found.rows} rows: the chain holds{held}"
    done(here, said, {"verified": True, "rows": found.rows, "anchored": anchors[0].seq if anchors else 0})


@command(app)
def anchors(here: Here) -> None:
    """Copies of the chain's head outside the database: in `audit.anchors` of the home, in the artifact store,
    at the foot of every message."""
    with here.desk() as desk:
        _, found = desk.inspection.recent(limit=10_000)
    rows(
        here,
        found,
        {
            "row": lambda one: one.seq,
            "at": lambda one: one.at,
            "hash": lambda one: one.hash,
            "artifact": lambda one: one.artifact[:12],
        },
        empty="none yet: the first is made when the desk starts",
    )
