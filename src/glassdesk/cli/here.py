"""Where a command runs: home, form of the answer, desk. `command` adds `--home` and `--json`."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from glassdesk.cli.given import Given, Home, Json, gathered, remember
from glassdesk.composition import open_desk
from glassdesk.desk import Desk
from glassdesk.kernel.errors import NotFound
from glassdesk.settings import Settings, find_home, load

OWNER = "owner"
"""The actor of every act at the command line: the desk belongs to one person."""

_LAST = inspect.Parameter.KEYWORD_ONLY
_ADDED = (
    inspect.Parameter("home", _LAST, default=None, annotation=Home),
    inspect.Parameter("as_json", _LAST, default=False, annotation=Json),
    inspect.Parameter("ctx", _LAST, annotation=typer.Context),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """The place and the form of an answer."""

    home: Path
    json: bool = False

    @property
    def is_there(self) -> bool:
        """Was anything ever started here?"""
        return self.home.is_dir() or "GLASSDESK_DATABASE_URL" in os.environ

    def settings(self) -> Settings:
        """Settings of this home. Raises `NotFound` where nothing was ever started."""
        if not self.is_there:
            remedy = "`glassdesk demo` or `glassdesk up` makes one; --home names another"
            raise NotFound(f"there is no desk in {self.home}", where="home", remedy=remedy)
        return load(self.home)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The desk of this home; closed at the end of the block."""
        with open_desk(self.settings()) as desk:
            yield desk


def here_of(told: Given) -> Here:
    """The place that the options name."""
    return Here(home=find_home(told.home, dict(os.environ), Path.cwd()), json=told.json)


def step(help: str) -> typer.Typer:
    """The application of one word, with commands below it."""
    group = typer.Typer(help=help, add_completion=False)
    group.callback()(remember)
    return group


def single() -> typer.Typer:
    """The application of a word that is a command itself."""
    return typer.Typer(add_completion=False)


def command(
    group: typer.Typer, name: str | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as a command; its first parameter is `Here`, filled from `--home` and `--json`."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        group.command(name)(_with_here(function))
        return function

    return register


def _with_here(function: Callable[..., None]) -> Callable[..., None]:
    signature = inspect.signature(function, eval_str=True)
    own = [p.replace(kind=_LAST) for p in list(signature.parameters.values())[1:]]

    def run(*, home: Path | None, as_json: bool, ctx: typer.Context, **given: Any) -> None:
        function(here_of(gathered(ctx, home, as_json)), **given)

    # Typer reads the signature and the hints, not the code.
    run.__signature__ = signature.replace(parameters=[*own, *_ADDED])  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in (*own, *_ADDED)}
    run.__name__, run.__doc__ = function.__name__, function.__doc__
    return run
