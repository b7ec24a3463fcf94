"""Which signals a page of the scoreboard counts, and what a person says became of one."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Depends, Query

from glassdesk.kernel.errors import InvalidInput
from glassdesk.web.forms.fields import FormValues
from glassdesk.workflow.evaluation.board import named
from glassdesk.workflow.evaluation.model import Ending, Wanted
from glassdesk.workflow.evaluation.service import Word

Text = Annotated[str, Query(max_length=200)]
WORDS = ("set", "cancelled", "taken_back")


def read_wanted(
    prompt: Text = "",
    analyst: Text = "",
    strategy: Text = "",
    language: Text = "",
    kind: Text = "",
    since: Text = "",
    until: Text = "",
) -> Wanted:
    """`prompt` is NAME or NAME@2, `analyst` engine:model, the days are those of slots in UTC. Raises
    `InvalidInput`."""
    name, version = named(prompt)
    return Wanted(
        prompt=name,
        version=version,
        analyst=analyst,
        strategy=strategy,
        language=language,
        kind=kind,
        since=day_of(since, "since"),
        until=day_of(until, "until"),
    )


def day_of(text: str, where: str) -> date | None:
    """A day, or none. Raises `InvalidInput`."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(f"{text!r:.40} is no day", where=where, remedy="2024-05-31") from None


Selection = Annotated[Wanted, Depends(read_wanted)]


def read_word(form: FormValues) -> Word:
    """Raises `InvalidInput` by the field."""
    ending = Ending(form.word("do", WORDS))
    if ending is not Ending.SET:
        return Word(ending=ending, reason=form.text("reason"))
    return Word(
        ending=ending,
        reason=form.text("reason"),
        r=form.maybe_decimal("r"),
        exit=form.maybe_decimal("exit"),
        ended_on=day_of(form.text("ended_on"), "ended_on"),
        pnl=form.maybe_decimal("pnl"),
    )
