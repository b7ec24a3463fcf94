"""Prompts: names, versions that never change, labels that say which one is used."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import Conflict, InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web.forms.fields import Form, FormValues, say
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page
from glassdesk.workflow.prompts.model import PromptVersion
from glassdesk.workflow.prompts.service import LABELS

router = APIRouter()


@router.get("/prompts")
def names(request: Request, here: Here) -> Response:
    """Every prompt with its newest version and its labels."""
    prompts = here.desk.prompts
    with here.desk.transactions.read() as t:
        rows = [(prompts.versions(t, name)[-1], prompts.labels(t, name)) for name in prompts.names(t)]
        return page(request, t, "prompts/list.html", rows=rows)


@router.get("/prompts/new")
def blank(request: Request, here: Here) -> Response:
    """An empty form for a new prompt."""
    with here.desk.transactions.read() as t:
        return _form(request, here, t, "", values={"language": "en"})


@router.post("/prompts/new")
def create(request: Request, here: Here, form: Form) -> Response:
    """Keep version 1 of a new prompt."""
    name = form.text("name")
    try:
        with here.desk.transactions.begin() as t:
            made = here.desk.prompts.create(
                t,
                name,
                form.text("language"),
                form.raw("system"),
                form.raw("body"),
                form.text("message"),
                OWNER,
            )
    except (InvalidInput, Conflict) as problem:
        return _refused(request, here, "", problem, form)
    return go(request, f"/prompts/{made.name}", f"{made.name} version {made.number} is kept.")


@router.get("/prompts/{name}")
def show(request: Request, here: Here, name: str, version: int | None = None) -> Response:
    """One version with its text, what changed since the one before, and all others."""
    prompts = here.desk.prompts
    with here.desk.transactions.read() as t:
        versions = prompts.versions(t, name)
        chosen = _chosen(versions, version)
        before = versions[chosen.number - 2] if chosen.number > 1 else chosen
        changes = prompts.compare(before, chosen)
        return page(
            request,
            t,
            "prompts/show.html",
            prompt=chosen,
            versions=versions,
            labels=prompts.labels(t, name),
            changes=changes.splitlines(),
            choices=LABELS,
        )


@router.get("/prompts/{name}/new")
def next_version(request: Request, here: Here, name: str) -> Response:
    """A form that begins with the newest version's text."""
    with here.desk.transactions.read() as t:
        newest = here.desk.prompts.versions(t, name)[-1]
        return _form(request, here, t, name, values={"system": newest.system, "body": newest.body})


@router.post("/prompts/{name}/new")
def revise(request: Request, here: Here, name: str, form: Form) -> Response:
    """Keep the next version."""
    try:
        with here.desk.transactions.begin() as t:
            made = here.desk.prompts.revise(
                t, name, form.raw("system"), form.raw("body"), form.text("message"), OWNER
            )
    except (InvalidInput, Conflict) as problem:
        return _refused(request, here, name, problem, form)
    return go(request, f"/prompts/{name}?version={made.number}", f"{name} version {made.number} is kept.")


@router.post("/prompts/{name}/label")
def label(request: Request, here: Here, name: str, form: Form) -> Response:
    """Point a label at a version: strategies that follow it use that version from their next run."""
    number, word = form.whole("number"), form.text("label")
    with here.desk.transactions.begin() as t:
        here.desk.prompts.label(t, name, word, number, OWNER)
    return go(
        request, f"/prompts/{name}?version={number}", f"The label {word} now points to version {number}."
    )


def _chosen(versions: Sequence[PromptVersion], number: int | None) -> PromptVersion:
    if number is None:
        return versions[-1]
    for version in versions:
        if version.number == number:
            return version
    raise NotFound(f"{versions[0].name} has no version {number}", remedy=f"1 to {versions[-1].number}")


def _refused(
    request: Request, here: Parts, name: str, problem: InvalidInput | Conflict, form: FormValues
) -> Response:
    field = problem.where.replace(",", " ").replace(":", " ").split(" ")[0]
    where = field if field in ("name", "language", "system", "body", "message") else "other"
    text = say(problem) if where == problem.where else f"{problem.where}: {say(problem)}"
    values = form.shown() | {"system": form.raw("system"), "body": form.raw("body")}
    with here.desk.transactions.read() as t:
        return _form(request, here, t, name, status=422, values=values, errors={where: text})


def _form(request: Request, here: Parts, t: Transaction, name: str, **more: object) -> Response:
    return page(
        request,
        t,
        "prompts/form.html",
        name=name,
        catalogue=here.desk.prompts.catalogue(),
        **more,  # type: ignore[arg-type]
    )
