"""The editor of prompts: a text is checked and rendered while it is written, and kept as a version."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from glassdesk.kernel.errors import Conflict, InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web.forms.fields import Form, FormValues, say
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import go, page, plain_page
from glassdesk.web.views.prompts import Rehearsal, rehearse_form, runs_to_try, words
from glassdesk.workflow.prompts.bundle import kind_of
from glassdesk.workflow.prompts.model import Kind, PromptVersion

router = APIRouter()

_FIELDS = ("name", "language", "kind", "system", "body", "message", "translation_of", "system_prompt", "base")


@router.get("/prompts/new")
def blank(request: Request, here: Here) -> Response:
    """An empty form for a new prompt."""
    with here.desk.transactions.read() as t:
        return _form(request, here, t, "", values={"language": "en", "kind": Kind.COMBINED.value})


@router.post("/prompts/new")
def create(request: Request, here: Here, form: Form) -> Response:
    """Keep version 1 of a new prompt."""
    try:
        with here.desk.transactions.begin() as t:
            made = here.desk.prompts.create(
                t,
                form.text("name"),
                form.text("language"),
                form.raw("system"),
                form.raw("body"),
                form.text("message"),
                OWNER,
                kind=kind_of(form.text("kind") or Kind.COMBINED.value),
                system_prompt=form.text("system_prompt"),
                translation_of=form.text("translation_of"),
            )
    except (InvalidInput, Conflict, NotFound) as problem:
        return _refused(request, here, "", problem, form)
    return go(request, f"/prompts/{made.name}", f"{made.name} version {made.number} is kept.")


@router.post("/prompts/rehearsal")
def rehearsal(request: Request, here: Here, form: Form) -> Response:
    """What the text in the editor would send, and what is wrong with it; nothing is kept."""
    name = form.text("of")
    told = rehearse_form(here.desk, name, form)
    if "hx-request" in request.headers:
        return plain_page(request, "prompts/_rehearsal.html", rehearsal=told)
    with here.desk.transactions.read() as t:
        return _form(request, here, t, name, values=_typed(form), rehearsal=told)


@router.get("/prompts/{name}/new")
def next_version(request: Request, here: Here, name: str, base: int | None = None) -> Response:
    """A form that begins with the newest version's text, or with that of `base`."""
    with here.desk.transactions.read() as t:
        newest = here.desk.prompts.versions(t, name)[-1]
        begin = here.desk.prompts.version(t, name, base) if base else newest
        values = {"system": begin.system, "body": begin.body, "base": str(newest.number)}
        return _form(request, here, t, name, values=values)


@router.post("/prompts/{name}/new")
def revise(request: Request, here: Here, name: str, form: Form) -> Response:
    """Keep the next version."""
    try:
        with here.desk.transactions.begin() as t:
            made = here.desk.prompts.revise(
                t,
                name,
                form.raw("system"),
                form.raw("body"),
                form.text("message"),
                OWNER,
                base=form.maybe_whole("base"),
                translates=_translated(here, t, name, form),
            )
    except (InvalidInput, Conflict) as problem:
        return _refused(request, here, name, problem, form)
    return go(request, f"/prompts/{name}?version={made.number}", f"{name} version {made.number} is kept.")


def _translated(here: Parts, t: Transaction, name: str, form: FormValues) -> str | None:
    """Hash of the original's newest text, where the author says that this version says the same."""
    original = here.desk.prompts.prompt(t, name).translation_of
    if not original or not form.ticked("up_to_date"):
        return None
    return here.desk.prompts.versions(t, original)[-1].sha256


def _refused(
    request: Request,
    here: Parts,
    name: str,
    problem: InvalidInput | Conflict | NotFound,
    form: FormValues,
) -> Response:
    field = problem.where.replace(",", " ").replace(":", " ").split(" ")[0]
    where = field if field in _FIELDS and field != "base" else "other"
    text = say(problem) if where == problem.where else f"{problem.where}: {say(problem)}"
    newer = problem.where == "base"
    with here.desk.transactions.read() as t:
        meanwhile = _meanwhile(here, t, name, form) if newer else []
        return _form(
            request,
            here,
            t,
            name,
            status=409 if newer else 422,
            values=_typed(form),
            errors={where: text},
            meanwhile=meanwhile,
        )


def _meanwhile(here: Parts, t: Transaction, name: str, form: FormValues) -> list[str]:
    """What somebody else saved since the form was opened, beside what is in it (R-12)."""
    theirs = here.desk.prompts.versions(t, name)[-1]
    try:
        mine: PromptVersion = here.desk.prompts.sketch(t, name, form.raw("system"), form.raw("body"))
    except InvalidInput:
        return []
    return here.desk.prompts.compare(theirs, mine).splitlines()


def _typed(form: FormValues) -> dict[str, str]:
    return form.shown() | {"system": form.raw("system"), "body": form.raw("body")}


def _form(
    request: Request,
    here: Parts,
    t: Transaction,
    name: str,
    *,
    values: dict[str, str],
    status: int = 200,
    errors: dict[str, str] | None = None,
    meanwhile: list[str] | None = None,
    rehearsal: Rehearsal | None = None,
) -> Response:
    prompts = here.desk.prompts
    known = prompts.find(t)
    return page(
        request,
        t,
        "prompts/form.html",
        status=status,
        values=values,
        errors=errors or {},
        meanwhile=meanwhile or [],
        rehearsal=rehearsal,
        name=name,
        about=prompts.prompt(t, name) if name else None,
        live=prompts.labels(t, name).get("live") if name else None,
        catalogue=prompts.catalogue(),
        words=words(here.desk),
        kinds=[(kind.value, kind.value) for kind in Kind],
        originals=[("", "none")] + [(card.prompt.name, card.prompt.name) for card in known],
        shared=[("", "its own")]
        + [(card.prompt.name, card.prompt.name) for card in known if card.prompt.kind is Kind.SYSTEM],
        runs=runs_to_try(here.desk, t),
    )
