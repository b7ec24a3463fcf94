"""`--home` and `--json`, wherever they stand: before a word, between two, or behind the last."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

Home = Annotated[Path | None, typer.Option("--home", metavar="DIR", help="The desk's folder.")]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What stood at one word."""

    home: Path | None
    json: bool


def gathered(ctx: Any, home: Path | None, as_json: bool) -> Given:
    """The options of the last word that has them; the words before it are asked for the rest."""
    before = ctx.parent.obj if ctx.parent is not None else None
    if not isinstance(before, Given):
        return Given(home=home, json=as_json)
    return Given(home=home or before.home, json=as_json or before.json)


def remember(ctx: typer.Context, home: Home = None, as_json: Json = False) -> None:
    """The callback of a group: keeps its options for the command below it."""
    ctx.obj = gathered(ctx, home, as_json)
