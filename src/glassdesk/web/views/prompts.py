"""What the pages of prompts show beside the texts: a text as it is sent, and runs to try it on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glassdesk.desk import Desk
from glassdesk.kernel.errors import GlassdeskError, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web.forms.fields import FormValues, say
from glassdesk.workflow.prompts.bundle import kind_of
from glassdesk.workflow.prompts.lint import Finding
from glassdesk.workflow.prompts.model import Kind, PromptVersion, Rendered
from glassdesk.workflow.prompts.tokens import MOST, estimate
from glassdesk.workflow.runs.replaying import Cost
from glassdesk.workflow.signals.model import SignalRow

MOST_RUNS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """A text on a past decision, or on the examples where no run is chosen."""

    problem: str = ""
    rendered: Rendered | None = None
    tokens: int = 0
    most: int = MOST
    images: tuple[str, ...] = ()
    about: str = ""
    costs: tuple[Cost, ...] = ()
    changes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def runs_to_try(desk: Desk, t: Transaction) -> Sequence[SignalRow]:
    """Past decisions that asked a question, newest first."""
    return desk.signals.recent(t, limit=MOST_RUNS)


def rehearse_form(desk: Desk, name: str, form: FormValues) -> Rehearsal:
    """The text in the editor, as far as it is written: what is wrong with it is told, not raised."""
    findings: tuple[Finding, ...] = ()
    try:
        kind = kind_of(form.text("kind")) if form.text("kind") else Kind.COMBINED
        with desk.transactions.read() as t:
            shared = desk.prompts.versions(t, name)[-1].system_prompt if name else ""
            kind = desk.prompts.prompt(t, name).kind if name else kind
            findings = desk.prompts.lint_text(t, form.raw("system"), form.raw("body"), kind, shared)
            made = desk.prompts.sketch(t, name, form.raw("system"), form.raw("body"), kind=kind)
    except InvalidInput as problem:
        return Rehearsal(problem=f"{problem.where}: {say(problem)}", findings=findings)
    return rehearse(desk, made, form.text("run"), findings)


def rehearse(desk: Desk, version: PromptVersion, run: str, findings: tuple[Finding, ...] = ()) -> Rehearsal:
    """A version on a run's values and pictures, else on the examples. Opens transactions of its own."""
    try:
        if run:
            told = desk.replays.preview(run, version)
            about = f"{told.symbol} at {told.slot[:16].replace('T', ' ')} UTC"
            return Rehearsal(
                rendered=told.rendered,
                tokens=told.tokens,
                images=told.images,
                costs=told.costs,
                about=about,
                changes=tuple(told.changes.splitlines()),
                findings=findings,
            )
        with desk.transactions.read() as t:
            rendered = desk.prompts.preview(desk.prompts.chosen(t, version, "preview"))
    except GlassdeskError as problem:
        return Rehearsal(problem=say(problem), findings=findings)
    tokens = estimate(rendered.system) + estimate(rendered.user)
    return Rehearsal(
        rendered=rendered, tokens=tokens, about="the examples of the catalogue", findings=findings
    )


def words(desk: Desk) -> dict[str, list[str]]:
    """What the editor completes: variables inside braces, filters after a bar."""
    return {
        "variables": [variable.name for variable in desk.prompts.catalogue()],
        "filters": list(desk.prompts.filters()),
    }
