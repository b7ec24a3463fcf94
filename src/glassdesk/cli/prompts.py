"""`prompts`: immutable versions, and labels that say which one is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from glassdesk.cli.files import hand_out, read_text
from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, facts, rows, text
from glassdesk.desk import Desk
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts.model import PromptVersion

app = step("Prompts: versions and labels.")

Name = Annotated[str, typer.Argument(help="A prompt's name.")]
Number = Annotated[
    int | None, typer.Option("--number", "-n", min=1, help="A version; the newest by default.")
]
Message = Annotated[str, typer.Option("--message", "-m", help="Why this version was made.")]


@command(app, "list")
def list_all(here: Here) -> None:
    """Every prompt with its newest version and its labels."""
    with here.desk() as desk, desk.transactions.read() as t:
        found: list[dict[str, Any]] = [
            {
                "name": name,
                "versions": desk.prompts.versions(t, name)[-1].number,
                "labels": dict(desk.prompts.labels(t, name)),
            }
            for name in desk.prompts.names(t)
        ]
    rows(
        here,
        found,
        {
            "name": lambda one: one["name"],
            "versions": lambda one: one["versions"],
            "labels": lambda one: ", ".join(f"{label} → {number}" for label, number in one["labels"].items()),
        },
        empty="no prompt yet: `glassdesk prompts import FILE`",
    )


@command(app)
def show(here: Here, name: Name, number: Number = None) -> None:
    """A version's text."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = _version(desk, t, name, number)
        labels = [label for label, at in desk.prompts.labels(t, name).items() if at == found.number]
    head = {
        "prompt": f"{found.name} version {found.number}",
        "labels": ", ".join(labels),
        "language": found.language,
        "author": found.author,
        "made at": found.created_at,
        "message": found.message,
        "sha256": found.sha256,
    }
    facts(here, found, head)
    if not here.json:
        print(f"\n--- system\n{found.system}\n--- body\n{found.body}")


@command(app)
def new(
    here: Here,
    name: Name,
    system: Annotated[Path, typer.Option(help="File of the part that is the same for every contract.")],
    body: Annotated[Path, typer.Option(help="File of the part about the contract and its bar.")],
    language: Annotated[str, typer.Option(help="The language it is written in.")] = "en",
    message: Message = "",
) -> None:
    """Version 1 of a new prompt."""
    parts = read_text(system), read_text(body)
    with here.desk() as desk, desk.transactions.begin() as t:
        made = desk.prompts.create(t, name, language, *parts, message, OWNER)
    done(here, f"{made.name} version {made.number} is kept, labelled draft.", made)


@command(app)
def edit(
    here: Here,
    name: Name,
    system: Annotated[Path | None, typer.Option(help="File; the part stays as it is without one.")] = None,
    body: Annotated[Path | None, typer.Option(help="File; the part stays as it is without one.")] = None,
    message: Message = "",
) -> None:
    """The next version; no label but draft moves."""
    given = [read_text(path) if path else None for path in (system, body)]
    with here.desk() as desk, desk.transactions.begin() as t:
        last = _version(desk, t, name, None)
        parts = (last.system if given[0] is None else given[0], last.body if given[1] is None else given[1])
        made = desk.prompts.revise(t, name, *parts, message, OWNER, base=last.number)
    done(here, f"{made.name} version {made.number} is kept, labelled draft.", made)


@command(app)
def clone(here: Here, name: Name, new_name: Annotated[str, typer.Argument()], number: Number = None) -> None:
    """A new prompt with a version's text."""
    with here.desk() as desk, desk.transactions.begin() as t:
        made = desk.prompts.clone(t, name, _version(desk, t, name, number).number, new_name, OWNER)
    done(here, f"{made.name} version {made.number} is kept.", made)


@command(app)
def diff(
    here: Here,
    name: Name,
    before: Annotated[int, typer.Argument(min=1)],
    after: Annotated[int, typer.Argument(min=1)],
) -> None:
    """What changed between two versions."""
    with here.desk() as desk, desk.transactions.read() as t:
        changes = desk.prompts.compare(t, name, before, after)
    text(here, "diff", changes if changes or here.json else "no difference")


@command(app)
def label(
    here: Here,
    name: Name,
    word: Annotated[str, typer.Argument(metavar="LABEL", help="draft, shadow, paper or live.")],
    number: Annotated[int, typer.Argument(min=1, help="The version it shall point to.")],
) -> None:
    """Point a label at a version: strategies that follow it use that version from their next run on."""
    with here.desk() as desk, desk.transactions.begin() as t:
        desk.prompts.label(t, name, word, number, OWNER)
        labels = dict(desk.prompts.labels(t, name))
    done(here, f"{word} of {name} points to version {number}.", labels)


@command(app)
def preview(here: Here, name: Name, number: Number = None) -> None:
    """A version with the catalogue's example values in it."""
    with here.desk() as desk:
        with desk.transactions.read() as t:
            found = _version(desk, t, name, number)
        rendered = desk.prompts.preview(found)
    if here.json:
        facts(here, rendered, {})
    else:
        print(f"--- system\n{rendered.system}\n--- user\n{rendered.user}")


@command(app)
def export(
    here: Here,
    name: Name,
    number: Number = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file.")] = None,
) -> None:
    """A version as one text file."""
    with here.desk() as desk, desk.transactions.read() as t:
        content = desk.prompts.export(t, name, _version(desk, t, name, number).number)
    hand_out(here, "prompt", content, output)


@command(app, "import")
def take_in(here: Here, files: Annotated[list[Path], typer.Argument(help="Prompt files.")]) -> None:
    """Files as new prompts, or as next versions of those with their names."""
    contents = [read_text(path) for path in files]
    with here.desk() as desk, desk.transactions.begin() as t:
        made = [desk.prompts.take_in(t, content, OWNER) for content in contents]
    done(here, "kept: " + ", ".join(f"{one.name} version {one.number}" for one in made), made)


def _version(desk: Desk, t: Transaction, name: str, number: int | None) -> PromptVersion:
    return desk.prompts.versions(t, name)[-1] if number is None else desk.prompts.version(t, name, number)
