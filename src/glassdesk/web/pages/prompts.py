"""Prompts: found, read, compared, seen on a past decision, labelled, rolled back."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import GlassdeskError, NotFound
from glassdesk.web.forms.fields import Form, say
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page
from glassdesk.web.views.prompts import rehearse, runs_to_try
from glassdesk.workflow.evaluation.model import Wanted
from glassdesk.workflow.prompts.bundle import tags_of
from glassdesk.workflow.prompts.model import Kind, PromptVersion, Search
from glassdesk.workflow.prompts.service import LABELS

router = APIRouter()


@router.get("/prompts")
def names(
    request: Request,
    here: Here,
    q: str = "",
    kind: str = "",
    language: str = "",
    tag: str = "",
    label: str = "",
    archived: str = "",
) -> Response:
    """Prompts with their newest version and their labels, narrowed by what is asked for."""
    search = Search(
        text=q.strip(), kind=kind, language=language, tag=tag, label=label, archived=bool(archived)
    )
    with here.desk.transactions.read() as t:
        everything = here.desk.prompts.find(t)
        return page(
            request,
            t,
            "prompts/list.html",
            cards=here.desk.prompts.find(t, search),
            search=search,
            kinds=list(Kind),
            languages=sorted({card.newest.language for card in everything}),
            tags=sorted({tag for card in everything for tag in card.prompt.tags}),
            choices=LABELS,
            made=here.desk.scoreboard.by_prompt(t),
        )


@router.get("/prompts/{name}")
def show(
    request: Request, here: Here, name: str, version: int | None = None, against: int | None = None
) -> Response:
    """One version with its text, what changed since another, its labels and their history."""
    prompts = here.desk.prompts
    with here.desk.transactions.read() as t:
        versions = prompts.versions(t, name)
        chosen = _chosen(versions, version)
        before = _chosen(versions, against) if against else versions[max(chosen.number - 2, 0)]
        return page(
            request,
            t,
            "prompts/show.html",
            prompt=chosen,
            about=prompts.prompt(t, name),
            versions=versions,
            made=here.desk.scoreboard.rows(t, Wanted(prompt=name)),
            before=before,
            changes=prompts.compare(before, chosen).splitlines(),
            labels=prompts.labels(t, name),
            scoped=prompts.scoped(t, name),
            moves=prompts.moves(t, name),
            findings=prompts.lint(t, chosen),
            users=here.desk.strategies.followers(t, name),
            strategies=[row.strategy.name for row in here.desk.strategies.list(t)],
            runs=runs_to_try(here.desk, t),
            choices=LABELS,
            tests=prompts.tests(t, name),
            gate=prompts.gate,
        )


@router.get("/prompts/{name}/preview")
def preview(request: Request, here: Here, name: str, version: int | None = None, run: str = "") -> Response:
    """A version on a past decision: its text, the pictures as they are sent, what would change."""
    chosen = _version(here, name, version)
    told = rehearse(here.desk, chosen, run)
    with here.desk.transactions.read() as t:
        runs = runs_to_try(here.desk, t)
        return page(request, t, "prompts/preview.html", prompt=chosen, rehearsal=told, run=run, runs=runs)


@router.post("/prompts/{name}/test")
def test_run(request: Request, here: Here, name: str, form: Form) -> Response:
    """Ask the model about a past decision with this version; both answers side by side, nothing traded."""
    chosen = _version(here, name, form.whole("number"))
    problem, told = "", None
    try:
        told = here.desk.replays.replay(form.text("run"), chosen, OWNER)
    except GlassdeskError as refused:
        problem = say(refused)
    with here.desk.transactions.read() as t:
        return page(
            request,
            t,
            "prompts/test.html",
            status=422 if problem else 200,
            prompt=chosen,
            told=told,
            problem=problem,
        )


@router.post("/prompts/{name}/label")
def label(request: Request, here: Here, name: str, form: Form) -> Response:
    """Point a label at a version: strategies that follow it use that version from their next run."""
    number, word, scope = form.whole("number"), form.text("label"), form.text("scope")
    clear = form.ticked("clear")
    with here.desk.transactions.begin() as t:
        here.desk.prompts.label(
            t,
            name,
            word,
            None if clear else number,
            OWNER,
            scope=scope,
            reason=form.text("reason"),
            seen=form.maybe_whole("seen"),
            followers=here.desk.strategies.followers(t, name),
            sure=form.ticked("sure"),
        )
    points = "points to nothing: the one for all holds" if clear else f"now points to version {number}"
    return go(request, f"/prompts/{name}?version={number}", f"The label {word} {points}.")


@router.post("/prompts/{name}/rollback")
def rollback(request: Request, here: Here, name: str, form: Form) -> Response:
    """Point a label where it pointed before."""
    word, scope = form.text("label"), form.text("scope")
    with here.desk.transactions.begin() as t:
        number = here.desk.prompts.rollback(t, name, word, OWNER, scope=scope, reason=form.text("reason"))
    points = f"version {number} again" if number else "nothing again"
    return go(request, f"/prompts/{name}", f"The label {word} points to {points}, from the next run on.")


@router.post("/prompts/{name}/describe")
def describe(request: Request, here: Here, name: str, form: Form) -> Response:
    """Keep other tags and notes."""
    with here.desk.transactions.begin() as t:
        here.desk.prompts.describe(
            t, name, tags_of(form.text("tags")), form.raw("notes"), OWNER, edition=form.whole("edition")
        )
    return go(request, f"/prompts/{name}", "Tags and notes are kept.")


@router.post("/prompts/{name}/archive")
def archive(request: Request, here: Here, name: str, form: Form) -> Response:
    """Put a prompt away, or bring it back."""
    with here.desk.transactions.begin() as t:
        if form.text("do") == "unarchive":
            here.desk.prompts.unarchive(t, name, OWNER)
        else:
            here.desk.prompts.archive(t, name, OWNER, here.desk.strategies.followers(t, name))
    return go(
        request, f"/prompts/{name}", f"{name} is {'back' if form.text('do') == 'unarchive' else 'archived'}."
    )


@router.post("/prompts/{name}/restore")
def restore(request: Request, here: Here, name: str, form: Form) -> Response:
    """An old text as the next version."""
    with here.desk.transactions.begin() as t:
        made = here.desk.prompts.restore(t, name, form.whole("number"), OWNER)
    return go(request, f"/prompts/{name}?version={made.number}", f"Version {made.number} is kept.")


@router.post("/prompts/{name}/clone")
def clone(request: Request, here: Here, name: str, form: Form) -> Response:
    """A new prompt with a version's text."""
    with here.desk.transactions.begin() as t:
        made = here.desk.prompts.clone(t, name, form.whole("number"), form.text("new_name"), OWNER)
    return go(request, f"/prompts/{made.name}", f"{made.name} version 1 is kept.")


@router.get("/prompts/{name}/file")
def file(here: Here, name: str, version: int | None = None) -> Response:
    """A version as one text file, fit for git."""
    chosen = _version(here, name, version)
    with here.desk.transactions.read() as t:
        text = here.desk.prompts.export(t, name, chosen.number)
    headers = {"Content-Disposition": f'attachment; filename="{name}.md"'}
    return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)


def _version(here: Parts, name: str, number: int | None) -> PromptVersion:
    with here.desk.transactions.read() as t:
        return _chosen(here.desk.prompts.versions(t, name), number)


def _chosen(versions: Sequence[PromptVersion], number: int | None) -> PromptVersion:
    if number is None:
        return versions[-1]
    for version in versions:
        if version.number == number:
            return version
    raise NotFound(f"{versions[0].name} has no version {number}", remedy=f"1 to {versions[-1].number}")
