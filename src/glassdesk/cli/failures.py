"""Every failure becomes one line on standard error and an exit code; the unexpected also leaves a log."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import typer

from glassdesk.kernel.errors import GlassdeskError, InvalidInput, NotFound, VersionSkew

WRONG_INPUT, FAILED = 2, 1
_WRONG = (InvalidInput, NotFound, VersionSkew)
_FOR_THE_LOG = logging.getLogger("glassdesk.cli")


def report(failure: Exception, arguments: Sequence[str]) -> int:
    """Say it in one line and answer the exit code."""
    if isinstance(failure, GlassdeskError):
        _say(str(failure))
        return WRONG_INPUT if isinstance(failure, _WRONG) else FAILED
    if isinstance(failure, typer.TyperException):
        _say(_usage(failure))
        return WRONG_INPUT
    if isinstance(failure, typer.Abort):
        _say("given up")
        return FAILED
    _say(f"{type(failure).__name__}: {failure} (this should not happen: see {_log(failure, arguments)})")
    return FAILED


def one_line(text: str) -> str:
    """Text on one line, without anything a terminal would obey."""
    return "".join(letter if letter.isprintable() else "�" for letter in " ".join(text.split()))


def _say(text: str) -> None:
    print(f"error: {one_line(text)}", file=sys.stderr)


def _usage(failure: typer.TyperException) -> str:
    ctx: Any = getattr(failure, "ctx", None)
    where = ctx.command_path if ctx is not None else "glassdesk"
    names = list(getattr(ctx.command, "commands", ())) if ctx is not None else []
    message = failure.format_message().rstrip(".")
    if message == "Missing command" and names:
        return f"{where}: which command? (one of {', '.join(names)})"
    return f"{where}: {message} (see `{where} --help`)"


def _log(failure: Exception, arguments: Sequence[str]) -> Path:
    path = _home(arguments) / "logs" / "cli.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    _FOR_THE_LOG.addHandler(handler)
    _FOR_THE_LOG.error("glassdesk %s", " ".join(arguments), exc_info=failure)
    _FOR_THE_LOG.removeHandler(handler)
    handler.close()
    return path


def _home(arguments: Sequence[str]) -> Path:
    # By name, as commands are: settings bring a library that `--help` need not wait for.
    settings = importlib.import_module("glassdesk.settings")
    named = [after for word, after in pairwise([*arguments, ""]) if word == "--home"]
    named += [word.removeprefix("--home=") for word in arguments if word.startswith("--home=")]
    given = Path(named[0]) if named else None
    home: Path = settings.find_home(given, dict(os.environ), Path.cwd())
    return home
