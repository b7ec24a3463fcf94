"""Prompts for programs: found, read, compared, previewed, labelled, rolled back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from glassdesk.web.parts import OWNER, Here
from glassdesk.workflow.prompts.model import Card, Move, PromptVersion, Search
from glassdesk.workflow.runs.replaying import Preview

router = APIRouter()

Text = Annotated[str, Query(max_length=200)]


class Found(BaseModel):
    """A prompt as a list shows it."""

    name: str
    kind: str
    language: str
    newest: int
    sha256: str
    labels: dict[str, int]
    """`live`, or `live strategy:NAME` where it holds for one scope."""
    tags: list[str]
    notes: str
    translation_of: str
    stale: bool
    archived: bool


class Pointing(BaseModel):
    """Where a label shall point."""

    label: str
    number: int
    scope: str = ""
    reason: str = ""
    seen: int | None = None
    """Where it pointed when you looked; refused where it points elsewhere by now."""
    sure: bool = False
    """Also where strategies that trade real money follow it."""


class Back(BaseModel):
    """Which label goes back."""

    label: str
    scope: str = ""
    reason: str = ""


@router.get("/prompts")
def prompts(
    here: Here,
    q: Text = "",
    kind: Text = "",
    language: Text = "",
    tag: Text = "",
    label: Text = "",
    archived: bool = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[Found]:
    """Prompts by name, narrowed by what is asked for."""
    search = Search(text=q, kind=kind, language=language, tag=tag, label=label, archived=archived)
    with here.desk.transactions.read() as t:
        found = here.desk.prompts.find(t, search)
    return [_found(card) for card in found[offset : offset + limit]]


def _found(card: Card) -> Found:
    scoped = {f"{label} {scope}": number for (scope, label), number in card.scoped.items()}
    return Found(
        name=card.prompt.name,
        kind=card.prompt.kind.value,
        language=card.newest.language,
        newest=card.newest.number,
        sha256=card.newest.sha256,
        labels={**card.labels, **scoped},
        tags=list(card.prompt.tags),
        notes=card.prompt.notes,
        translation_of=card.prompt.translation_of,
        stale=card.stale,
        archived=card.prompt.archived_at is not None,
    )


@router.get("/prompts/{name}")
def prompt(here: Here, name: str) -> Sequence[PromptVersion]:
    """All versions of a prompt, oldest first."""
    with here.desk.transactions.read() as t:
        return here.desk.prompts.versions(t, name)


@router.get("/prompts/{name}/labels")
def labels(here: Here, name: str) -> dict[str, int]:
    """Which version each label for all points at."""
    with here.desk.transactions.read() as t:
        here.desk.prompts.versions(t, name)
        return dict(here.desk.prompts.labels(t, name))


@router.get("/prompts/{name}/moves")
def moves(here: Here, name: str) -> Sequence[Move]:
    """Where its labels pointed, newest move first."""
    with here.desk.transactions.read() as t:
        here.desk.prompts.versions(t, name)
        return here.desk.prompts.moves(t, name)


@router.get("/prompts/{name}/diff")
def difference(here: Here, name: str, before: int, after: int) -> dict[str, str]:
    """What changed between two versions, as a unified diff."""
    with here.desk.transactions.read() as t:
        one, other = here.desk.prompts.version(t, name, before), here.desk.prompts.version(t, name, after)
    return {"diff": here.desk.prompts.compare(one, other)}


@router.get("/prompts/{name}/preview")
def preview(here: Here, name: str, run: str, version: int | None = None) -> Preview:
    """A version, the newest by default, on a past decision's values and pictures."""
    with here.desk.transactions.read() as t:
        versions = here.desk.prompts.versions(t, name)
        chosen = here.desk.prompts.version(t, name, version) if version else versions[-1]
    return here.desk.replays.preview(run, chosen)


@router.post("/prompts/{name}/label")
def point(here: Here, name: str, body: Pointing) -> dict[str, int]:
    """Point a label at a version, from the next run on."""
    with here.desk.transactions.begin() as t:
        here.desk.prompts.label(
            t, name, body.label, body.number, OWNER, scope=body.scope, reason=body.reason, seen=body.seen,
            followers=here.desk.strategies.followers(t, name), sure=body.sure,
        )  # fmt: skip
        return dict(here.desk.prompts.labels(t, name))


@router.post("/prompts/{name}/rollback")
def rollback(here: Here, name: str, body: Back) -> dict[str, int]:
    """Point a label where it pointed before, from the next run on."""
    with here.desk.transactions.begin() as t:
        here.desk.prompts.rollback(t, name, body.label, OWNER, scope=body.scope, reason=body.reason)
        return dict(here.desk.prompts.labels(t, name))
