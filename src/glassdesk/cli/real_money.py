"""`live`: the road from a paper account to a live one (`T-61`)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from glassdesk.cli.files import read_text, write_bytes
from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import as_json, done, rows
from glassdesk.desk import Desk
from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.real_money.bundle import read
from glassdesk.workflow.real_money.conditions import unmet
from glassdesk.workflow.real_money.model import Condition, Sealed
from glassdesk.workflow.risk.model import LiveStanding
from glassdesk.workflow.risk.rules_live import FIRST

app = step("The road to real money: check, unlock, lock.")

Given = Annotated[Path | None, typer.Option("--bundle", help="The bundle that a paper home wrote.")]


@command(app)
def check(
    here: Here,
    bundle: Given = None,
    write: Annotated[
        Path | None, typer.Option(help="On a paper home: write the bundle here, when all is met.")
    ] = None,
) -> None:
    """Every condition with its number and its limit. Ends with 1 where one is not met."""
    if bundle is not None and write is not None:
        raise InvalidInput("a bundle is read on one home and written on another", where="--write")
    if write is not None and write.exists():
        raise InvalidInput("the file is there already", where=str(write), remedy="name a new one")
    with here.desk() as desk:
        if bundle is not None and not desk.road.live:
            raise InvalidInput(
                "this home's account is not live", where="--bundle", remedy="--write FILE makes a bundle here"
            )
        if write is not None:
            content, found = desk.road.pack()
            if content:
                write_bytes(write, content.encode())
        else:
            found = desk.road.look(_sealed(bundle))
        standing = _standing(desk)
    _show(here, found, standing, write if write is not None and not unmet(found) else None)
    if unmet(found):
        raise typer.Exit(1)


@command(app)
def unlock(
    here: Here,
    bundle: Annotated[Path, typer.Option("--bundle", help="The bundle that a paper home wrote.")],
    account: Annotated[
        str | None, typer.Option(help="The live account's id; asked for where it is not given.")
    ] = None,
) -> None:
    """Unlock this home's live account for 30 days, when every condition is met. Strategies and prompts come
    with the bundle; strategies are disabled."""
    sealed = _read(bundle)
    with here.desk() as desk:
        move, found = desk.road.unlock(sealed, OWNER, typed=account or _typed(here, desk))
        standing = _standing(desk)
    if move is None or move.until is None:
        _show(here, found, standing, None)
        raise typer.Exit(1)
    told = f"{move.account} is unlocked until {format_instant(move.until)}; the first {FIRST} wait for you."
    done(here, told, move)


@command(app)
def lock(here: Here, reason: Annotated[str, typer.Option(help="Why, in a few words.")]) -> None:
    """No opening order from now on; exits and protection go on."""
    with here.desk() as desk, desk.transactions.begin() as t:
        move = desk.road.lock(t, reason, OWNER)
    done(here, f"{move.account} is locked.", move)


def _typed(here: Here, desk: Desk) -> str:
    """Asked at a terminal only."""
    if here.json or not sys.stdin.isatty():
        raise InvalidInput("no account given", where="--account", remedy="--account ID, the live account's")
    answer: str = typer.prompt(
        f"Real money. Type the account id to unlock it ({len(desk.account)} characters)"
    )
    return answer.strip()


def _sealed(path: Path | None) -> Sealed | None:
    return None if path is None else _read(path)


def _read(path: Path) -> Sealed:
    return read(read_text(path), str(path))


def _standing(desk: Desk) -> LiveStanding | None:
    with desk.transactions.read() as t:
        return desk.road.standing(t)


def _show(
    here: Here, found: Sequence[Condition], standing: LiveStanding | None, written: Path | None
) -> None:
    if here.json:
        bundle = str(written) if written is not None else None
        as_json({"met": not unmet(found), "live": standing, "conditions": found, "bundle": bundle})
        return
    columns = {
        "": lambda one: "ok" if one.met else "missing",
        "condition": lambda one: one.code,
        "found": lambda one: one.observed,
        "needed": lambda one: one.limit,
        "what would do it": lambda one: one.remedy,
    }
    rows(here, found, columns, empty="none")
    if standing is not None:
        until = f" until {format_instant(standing.until)}" if standing.until is not None else ""
        print(f"\nthe account is {standing.state.value}{until}")
    if written is not None:
        print(f"\nwritten to {written}")
