"""`prompts`: immutable versions, and labels that say which one is used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from glassdesk.cli import prompt_rehearsal as rehearsing
from glassdesk.cli.files import hand_out, read_text
from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, facts, rows, text
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.prompts.bundle import kind_of, tags_of
from glassdesk.workflow.prompts.diff import compare_rendered
from glassdesk.workflow.prompts.model import Card, Search
from glassdesk.workflow.prompts.pointers import said

app = step("Prompts: versions and labels.")
rehearsing.register(app)

Name = Annotated[str, typer.Argument(help="A prompt's name.")]
Version = Annotated[
    str, typer.Argument(metavar="VERSION", help="NAME (its newest), NAME@NUMBER or NAME@LABEL.")
]
Label = Annotated[str, typer.Argument(metavar="LABEL", help="draft, shadow, paper or live.")]
Message = Annotated[str, typer.Option("--message", "-m", help="Why this version was made.")]
Scope = Annotated[
    str, typer.Option(help="Only for strategy:NAME, or for class:STK; for all where it is not given.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why; it stands in the history.")]


@command(app, "list")
def list_all(
    here: Here,
    search: Annotated[str, typer.Argument(help="A word in name, tags, notes or text.")] = "",
    kind: Annotated[str, typer.Option(help="daily, weekly, combined, consolidation or system.")] = "",
    language: Annotated[str, typer.Option(help="For example en.")] = "",
    tag: Annotated[str, typer.Option(help="With this tag only.")] = "",
    label: Annotated[str, typer.Option(help="With this label only.")] = "",
    archived: Annotated[bool, typer.Option("--archived", help="Those that were archived.")] = False,
) -> None:
    """Prompts with their newest version and their labels."""
    wanted = Search(text=search, kind=kind, language=language, tag=tag, label=label, archived=archived)
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.prompts.find(t, wanted)
    rows(
        here,
        [_told(card) for card in found],
        {
            "name": lambda one: one["name"],
            "kind": lambda one: one["kind"],
            "language": lambda one: one["language"] + (" (older than the original)" if one["stale"] else ""),
            "versions": lambda one: one["versions"],
            "labels": lambda one: ", ".join(f"{where} → {number}" for where, number in one["labels"].items()),
            "tags": lambda one: ", ".join(one["tags"]),
        },
        empty="no such prompt" if wanted != Search() else "no prompt yet: `glassdesk prompts import FILE`",
    )


def _pointers(card: Card) -> dict[str, int]:
    return dict(card.labels) | {
        f"{label}{said(scope)}": number for (scope, label), number in card.scoped.items()
    }


def _told(card: Card) -> dict[str, Any]:
    return {
        "name": card.prompt.name,
        "kind": card.prompt.kind,
        "tags": card.prompt.tags,
        "notes": card.prompt.notes,
        "translation_of": card.prompt.translation_of,
        "archived_at": card.prompt.archived_at,
        "versions": card.newest.number,
        "language": card.newest.language,
        "labels": _pointers(card),
        "stale": card.stale,
    }


@command(app)
def show(here: Here, version: Version) -> None:
    """A version's text."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.prompts.named(t, version)
        prompt = desk.prompts.prompt(t, found.name)
        labels = [label for label, at in desk.prompts.labels(t, found.name).items() if at == found.number]
        test = desk.prompts.last_test(t, found.name, found.number)
    head = {
        "prompt": f"{found.name} version {found.number}",
        "kind": prompt.kind,
        "labels": ", ".join(labels),
        "language": found.language,
        "translation of": prompt.translation_of,
        "system part of": found.system_prompt,
        "tags": ", ".join(prompt.tags),
        "notes": prompt.notes,
        "author": found.author,
        "made at": found.created_at,
        "archived at": prompt.archived_at,
        "message": found.message,
        "tested": "" if test is None else f"on run {test.run[:8]}: {test.problem or 'passed'}",
        "sha256": found.sha256,
    }
    facts(here, found, {key: value for key, value in head.items() if value})
    if not here.json:
        print(f"\n--- system\n{found.system}\n--- body\n{found.body}")


@command(app)
def history(here: Here, name: Name) -> None:
    """Where the labels of a prompt pointed, newest move first."""
    with here.desk() as desk, desk.transactions.read() as t:
        desk.prompts.versions(t, name)
        found = desk.prompts.moves(t, name)
    rows(
        here,
        found,
        {
            "at": lambda one: one.at,
            "label": lambda one: f"{one.label}{said(one.scope)}",
            "from": lambda one: one.before or "",
            "to": lambda one: one.number or "nowhere",
            "by": lambda one: one.actor,
            "why": lambda one: ("rolled back. " if one.undoes else "") + one.reason,
        },
        empty="no label was moved yet",
    )


@command(app)
def new(
    here: Here,
    name: Name,
    system: Annotated[
        Path | None, typer.Option(help="File of the part that is the same for every contract.")
    ] = None,
    body: Annotated[
        Path | None, typer.Option(help="File of the part about the contract and its bar.")
    ] = None,
    language: Annotated[str, typer.Option(help="The language it is written in.")] = "en",
    kind: Annotated[str, typer.Option(help="daily, weekly, combined, consolidation, system.")] = "combined",
    system_prompt: Annotated[str, typer.Option(help="Take the system part of this prompt.")] = "",
    translation_of: Annotated[str, typer.Option(help="The prompt of which this is the translation.")] = "",
    tags: Annotated[str, typer.Option(help="Words between commas.")] = "",
    message: Message = "",
) -> None:
    """Version 1 of a new prompt."""
    parts = [read_text(path) if path else "" for path in (system, body)]
    with here.desk() as desk, desk.transactions.begin() as t:
        made = desk.prompts.create(
            t, name, language, parts[0], parts[1], message, OWNER,
            kind=kind_of(kind), system_prompt=system_prompt, translation_of=translation_of,
            tags=tags_of(tags),
        )  # fmt: skip
    done(here, f"{made.name} version {made.number} is kept, labelled draft.", made)


@command(app)
def edit(
    here: Here,
    name: Name,
    system: Annotated[Path | None, typer.Option(help="File; the part stays as it is without one.")] = None,
    body: Annotated[Path | None, typer.Option(help="File; the part stays as it is without one.")] = None,
    base: Annotated[int | None, typer.Option(min=1, help="The version you began with.")] = None,
    message: Message = "",
) -> None:
    """The next version; no label but draft moves."""
    given = [read_text(path) if path else None for path in (system, body)]
    with here.desk() as desk, desk.transactions.begin() as t:
        last = desk.prompts.versions(t, name)[-1]
        parts = (last.system if given[0] is None else given[0], last.body if given[1] is None else given[1])
        made = desk.prompts.revise(t, name, *parts, message, OWNER, base=base or last.number)
    done(here, f"{made.name} version {made.number} is kept, labelled draft.", made)


@command(app)
def restore(here: Here, version: Version) -> None:
    """An old text as the next version."""
    with here.desk() as desk, desk.transactions.begin() as t:
        old = desk.prompts.named(t, version)
        made = desk.prompts.restore(t, old.name, old.number, OWNER)
    done(here, f"{made.name} version {made.number} reads as version {old.number} did.", made)


@command(app)
def clone(here: Here, version: Version, new_name: Annotated[str, typer.Argument()]) -> None:
    """A new prompt with a version's text."""
    with here.desk() as desk, desk.transactions.begin() as t:
        origin = desk.prompts.named(t, version)
        made = desk.prompts.clone(t, origin.name, origin.number, new_name, OWNER)
    done(here, f"{made.name} version {made.number} is kept.", made)


@command(app)
def describe(
    here: Here,
    name: Name,
    tags: Annotated[str | None, typer.Option(help="Words between commas.")] = None,
    notes: Annotated[str | None, typer.Option(help="What there is to say about it.")] = None,
) -> None:
    """Other tags and notes; no text changes."""
    with here.desk() as desk, desk.transactions.begin() as t:
        before = desk.prompts.prompt(t, name)
        words = before.tags if tags is None else tags_of(tags)
        said_now = before.notes if notes is None else notes
        after = desk.prompts.describe(t, name, words, said_now, OWNER, edition=before.edition)
    done(here, f"{name} is described.", after)


@command(app)
def archive(here: Here, name: Name) -> None:
    """Out of the lists; nothing is deleted. Refused while a strategy that trades asks it."""
    with here.desk() as desk, desk.transactions.begin() as t:
        found = desk.prompts.archive(t, name, OWNER, desk.strategies.followers(t, name))
    done(here, f"{name} is archived.", found)


@command(app)
def unarchive(here: Here, name: Name) -> None:
    """Back in the lists."""
    with here.desk() as desk, desk.transactions.begin() as t:
        found = desk.prompts.unarchive(t, name, OWNER)
    done(here, f"{name} is back.", found)


@command(app)
def diff(
    here: Here,
    before: Version,
    after: Annotated[str, typer.Argument(help="NAME@NUMBER, or NUMBER of the same prompt.")],
    run: Annotated[
        str | None, typer.Option("--run", help="Of what both would send for this run, instead.")
    ] = None,
) -> None:
    """What changed between two versions: their texts and the answer's schema, or what they would send."""
    with here.desk() as desk:
        with desk.transactions.read() as t:
            one = desk.prompts.named(t, before)
            other = desk.prompts.named(t, f"{one.name}@{after}" if after.isdecimal() else after)
        changes = desk.prompts.compare(one, other)
        if run is not None:
            changes = compare_rendered(*(desk.replays.preview(run, v).rendered for v in (one, other)))
    text(here, "diff", changes if changes or here.json else "no difference")


@command(app)
def label(
    here: Here,
    version: Version,
    word: Label,
    scope: Scope = "",
    reason: Reason = "",
    clear: Annotated[bool, typer.Option("--clear", help="Take the label of a scope away.")] = False,
    sure: Annotated[bool, typer.Option("--yes", help="Also where real money follows it.")] = False,
) -> None:
    """Point a label at a version: strategies that follow it use that version from their next run on.
    Live needs a passed test, or --reason "untested, because …"."""
    with here.desk() as desk, desk.transactions.begin() as t:
        found = desk.prompts.named(t, version)
        number = None if clear else found.number
        desk.prompts.label(
            t, found.name, word, number, OWNER, scope=scope, reason=reason,
            followers=desk.strategies.followers(t, found.name), sure=sure,
        )  # fmt: skip
        labels = dict(desk.prompts.labels(t, found.name))
    where = f"{word} of {found.name}{said(scope).replace(' of ', ' for ')}"
    done(here, f"{where} points to {'nothing' if clear else f'version {number}'}.", labels)


@command(app)
def rollback(here: Here, name: Name, word: Label, scope: Scope = "", reason: Reason = "") -> None:
    """Point a label where it pointed before; once more goes back one further."""
    with here.desk() as desk, desk.transactions.begin() as t:
        number = desk.prompts.rollback(t, name, word, OWNER, scope=scope, reason=reason)
        labels = dict(desk.prompts.labels(t, name))
    points = f"version {number}" if number else "nothing: the label for all holds again"
    done(here, f"{word} of {name} points to {points}.", labels)


@command(app)
def export(
    here: Here,
    version: Annotated[str, typer.Argument(help="NAME, NAME@NUMBER or NAME@LABEL; with --all nothing.")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; with --all a folder.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="The newest of every prompt.")] = False,
) -> None:
    """A version as one text file, or all prompts as a folder that git can keep."""
    with here.desk() as desk, desk.transactions.read() as t:
        if everything:
            _write_all(here, desk.prompts.export_all(t), output)
        else:
            found = desk.prompts.named(t, version)
            hand_out(here, "prompt", desk.prompts.export(t, found.name, found.number), output)


def _write_all(here: Here, files: Mapping[str, str], folder: Path | None) -> None:
    if folder is None:
        raise InvalidInput("no folder to write to", where="--output", remedy="-o FOLDER")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
    done(here, f"{len(files)} prompts are in {folder}.", sorted(files))


@command(app, "import")
def take_in(
    here: Here,
    files: Annotated[list[Path], typer.Argument(help="Prompt files, or folders of them.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; keep nothing.")] = False,
) -> None:
    """Files as new prompts, or as next versions of those with their names."""
    found = [path for given in files for path in (sorted(given.glob("*.md")) if given.is_dir() else [given])]
    contents = [read_text(path) for path in found]
    with here.desk() as desk:
        if dry_run:
            with desk.transactions.read() as t:
                plan = [desk.prompts.plan(t, content) for content in contents]
            rows(here, plan, {"prompt": lambda one: one["name"], "would": lambda one: one["would"]}, empty="")
            return
        with desk.transactions.begin() as t:
            made = desk.prompts.take_in_all(t, contents, OWNER)
    done(here, "kept: " + ", ".join(f"{one.name} version {one.number}" for one in made), made)
