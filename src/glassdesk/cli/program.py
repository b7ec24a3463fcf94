"""The program `glassdesk`: finds the command's file, runs it, and turns every failure into one line."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from glassdesk import __version__
from glassdesk.cli.failures import report
from glassdesk.cli.given import Home, Json, remember
from glassdesk.cli.table import TABLE, Entry

EVERYWHERE = "Every command takes --home DIR and --json."


class LazyGroup(TyperGroup):
    """Knows every command's name and line; loads its file when it is used, so that help is quick."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {entry.name: _placeholder(entry) for entry in TABLE}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The real command."""
        name, _, rest = super().resolve_command(ctx, args)
        return (
            (name, load(next(entry for entry in TABLE if entry.name == name)), rest)
            if name
            else (None, None, rest)
        )


def _placeholder(entry: Entry) -> TyperCommand:
    return TyperCommand(entry.name, help=entry.line, rich_help_panel=entry.panel)


def load(entry: Entry) -> Any:
    """Import the command's file and answer what runs."""
    # By name: with every file at the top, `--help` would wait for database, web and charts.
    module = importlib.import_module(f"glassdesk.cli.{entry.module}")
    loaded = get_command(getattr(module, entry.attribute))
    loaded.name = entry.name
    return loaded


app = typer.Typer(
    name="glassdesk",
    cls=LazyGroup,
    help="The transparent trading desk for Interactive Brokers: every order with its reasons.",
    epilog=EVERYWHERE,
    add_completion=True,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"glassdesk {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    home: Home = None,
    as_json: Json = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Name the version.")
    ] = False,
) -> None:
    """The transparent trading desk for Interactive Brokers: every order with its reasons."""
    del version
    remember(ctx, home, as_json)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and answer its exit code: 0 done, 1 failed, 2 the input was wrong."""
    try:
        code = get_command(app).main(
            list(arguments) or ["--help"], prog_name="glassdesk", standalone_mode=False
        )
    except Exception as failure:  # noqa: BLE001 - the last stop: whatever it is becomes one line
        return report(failure, arguments)
    return code if isinstance(code, int) else 0


def main() -> None:
    """The entry point."""
    sys.exit(run(sys.argv[1:]))
