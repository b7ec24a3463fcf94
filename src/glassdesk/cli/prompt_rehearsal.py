"""`prompts preview|test|lint`: what a prompt would send and get, and what is wrong with it."""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path
from typing import Annotated

import typer

from glassdesk.cli.files import read_text, write_bytes
from glassdesk.cli.here import Here, command
from glassdesk.cli.replay import side_by_side
from glassdesk.cli.show import facts, rows
from glassdesk.desk import Desk
from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts import bundle
from glassdesk.workflow.prompts.lint import Finding
from glassdesk.workflow.prompts.model import PromptVersion, Rendered
from glassdesk.workflow.runs.replaying import Preview

Run = Annotated[str | None, typer.Option("--run", help="On the values of this run: its id, or eight of it.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `prompts`."""
    command(app)(preview)
    command(app)(test)
    command(app)(lint)


def preview(
    here: Here,
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="With --run: else what its strategy would use now.")
    ] = "",
    run: Run = None,
    pictures: Annotated[Path | None, typer.Option(help="A folder for the pictures as they are sent.")] = None,
) -> None:
    """What a model is sent, word for word: on a run's stored values, else on the catalogue's examples."""
    with here.desk() as desk:
        found = _version(desk, version)
        if run is not None:
            told = desk.replays.preview(run, found)
            saved = _pictures(desk, told, pictures)
            _show_preview(here, told, saved)
            return
        if found is None:
            raise InvalidInput("name a version or a run", where="prompts preview", remedy="--run RUN")
        with desk.transactions.read() as t:
            rendered = desk.prompts.preview(desk.prompts.chosen(t, found, "preview"))
    if here.json:
        facts(here, rendered, {})
    else:
        _print(rendered)


def _version(desk: Desk, text: str) -> PromptVersion | None:
    if not text:
        return None
    with desk.transactions.read() as t:
        return desk.prompts.named(t, text)


def _pictures(desk: Desk, told: Preview, folder: Path | None) -> list[str]:
    if folder is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{told.symbol}-{number}.png" for number, _ in enumerate(told.images, start=1)]
    for path, sha256 in zip(paths, told.images, strict=True):
        write_bytes(path, desk.artifacts.get(sha256))
    return [str(path) for path in paths]


def _show_preview(here: Here, told: Preview, saved: list[str]) -> None:
    head = {
        "run": told.run,
        "symbol": told.symbol,
        "slot": told.slot,
        "prompt": f"{told.rendered.name} version {told.rendered.number}, {told.rendered.reason}",
        "text": f"about {told.tokens:,} tokens",
        "costs": "; ".join(f"{one.model} {one.dollars:.4f} USD" for one in told.costs),
        "pictures": ", ".join(saved or told.images),
        "changed": "" if told.changes else "nothing, against what was sent then",
    }
    facts(here, told, {key: value for key, value in head.items() if value})
    if not here.json:
        _print(told.rendered)
        print(f"--- changed against what was sent then\n{told.changes}" if told.changes else "")


def _print(rendered: Rendered) -> None:
    print(f"--- system\n{rendered.system}\n--- user\n{rendered.user}")


def test(
    here: Here,
    version: Annotated[str, typer.Argument(metavar="VERSION", help="NAME, NAME@NUMBER or NAME@LABEL.")],
    run: Annotated[str, typer.Option("--run", help="A past run: its id, or eight characters of it.")],
) -> None:
    """Ask the model of the settings with a version about a past decision; nothing is traded."""
    side_by_side(here, run, version)


def lint(
    here: Here,
    targets: Annotated[list[str], typer.Argument(metavar="VERSION|FILE …", help="Kept versions, or files.")],
) -> None:
    """Everything that is wrong with prompts, or may be. Exit code 2 where there is an error."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = [(target, one) for target in targets for one in _findings(desk, t, target)]
    rows(
        here,
        [{"prompt": target, **_plain(one)} for target, one in found],
        {name: itemgetter(name) for name in ("prompt", "level", "where", "problem", "remedy")},
        empty="nothing is wrong",
    )
    errors = sum(1 for _, one in found if one.level == "error")
    if errors:
        raise InvalidInput(f"{errors} error(s)", where="prompts lint", remedy="mend them before you save")


def _findings(desk: Desk, t: Transaction, target: str) -> tuple[Finding, ...]:
    path = Path(target)
    if path.suffix == ".md" or path.is_file():
        file = bundle.parse(read_text(path))
        return desk.prompts.lint_text(t, file.system, file.body, file.kind, file.system_prompt)
    return desk.prompts.lint(t, desk.prompts.named(t, target))


def _plain(one: Finding) -> dict[str, str]:
    return {"level": one.level, "where": one.where, "problem": one.problem, "remedy": one.remedy}
