"""Which of a signal's outcomes counts. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from glassdesk.workflow.evaluation.model import DESK, Ending, Outcome


def in_force(revisions: Sequence[Outcome]) -> Outcome | None:
    """A person's newest word, unless it was taken back; else the desk's newest. `None` where there is none
    yet. Revisions come oldest first."""
    said = [one for one in revisions if one.said_by != DESK]
    if said and said[-1].ending is not Ending.TAKEN_BACK:
        return said[-1]
    own = [one for one in revisions if one.said_by == DESK]
    return own[-1] if own else None
