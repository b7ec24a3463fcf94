"""`probe`: questions to the broker on the user's own paper account, asked by the dealer (`T-60`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from glassdesk.cli.files import write_bytes
from glassdesk.cli.here import OWNER, Here, command, single
from glassdesk.cli.probing import Following, Wishes, explained, plan_of, prices_now
from glassdesk.cli.show import as_json, done
from glassdesk.cli.symbols import contract_of
from glassdesk.desk import Desk
from glassdesk.kernel.canonical import canonical_text
from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.kernel.ids import AccountKind, short
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.dealing.findings import Probe, ProbePlan, ProbeState
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.probe.ending import summary

app = single()

CANDIDATES = ("F", "T", "KO", "SPY", "IBM", "MSFT")
"""Cheap and liquid; the first that no strategy trades is taken."""
RUN, SHOW = "run", "show"


@command(app)
def probe(
    here: Here,
    what: Annotated[
        str, typer.Argument(metavar="[run|show]", help="Ask now, or print the last report.")
    ] = RUN,
    only: Annotated[str, typer.Option(help="Questions by code, with commas: P1,B1.")] = "",
    symbol: Annotated[str | None, typer.Option(help="The contract to ask with; nobody may use it.")] = None,
    trade: Annotated[bool, typer.Option(help="Also buy three shares and sell them again.")] = False,
    overnight: Annotated[bool, typer.Option(help="Also leave one GTC order for the second day.")] = False,
    second_day: Annotated[bool, typer.Option(help="Look at the order of an earlier day, cancel it.")] = False,
    clean_up: Annotated[bool, typer.Option(help="Ask nothing; cancel whatever a probe left.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Agree to every order without being asked.")] = False,
    report: Annotated[Path | None, typer.Option(help="Also write the report here (.md or .json).")] = None,
) -> None:
    """Find out on your paper account what the broker's papers leave open, in at most twenty minutes; every
    order is listed, asked for, and cancelled again."""
    if what not in (RUN, SHOW):
        raise InvalidInput(f"{what!r} is neither run nor show", where="probe", remedy="glassdesk probe show")
    if here.json and not (yes or what == SHOW or clean_up):
        raise InvalidInput("--json asks nothing", where="probe", remedy="add --yes to agree to every order")
    with here.desk() as desk:
        if what == SHOW:
            _show(here, desk, report)
        elif clean_up:
            _clean_up(here, desk)
        else:
            wishes = Wishes(only=_codes(only), trade=trade, overnight=overnight, second_day=second_day)
            _run(here, desk, wishes, symbol, yes=yes, report=report)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _run(
    here: Here, desk: Desk, wishes: Wishes, symbol: str | None, *, yes: bool, report: Path | None
) -> None:
    with desk.transactions.read() as t:
        desk.probes.admit(t)
    plan = _second_day(desk) if wishes.second_day else _first_day(here, desk, wishes, symbol, yes=yes)
    with desk.transactions.begin() as t:
        wish = desk.dealing.ask(t, CommandKind.PROBE, canonical_text(plan), OWNER)
    ended = Following(desk, quiet=here.json).to_the_end(wish, plan)
    _hand_over(here, desk, ended, report)
    if ended.state is not ProbeState.DONE:
        raise typer.Exit(1)


def _first_day(here: Here, desk: Desk, wishes: Wishes, symbol: str | None, *, yes: bool) -> ProbePlan:
    contract = contract_of(desk, symbol) if symbol else _free(desk)
    prices = prices_now(desk, contract)
    if not here.json:
        for line in explained(desk, contract, wishes, prices):
            print(line)
    agreed = (lambda _: True) if yes else (lambda question: typer.confirm(question, default=False))
    return plan_of(contract, wishes, prices, agreed)


def _second_day(desk: Desk) -> ProbePlan:
    with desk.transactions.read() as t:
        left = [one for one in desk.probes.all(t) if one.kept]
    if not left:
        raise NotFound("no order of a probe rests", where="probe", remedy="leave one with --overnight")
    return ProbePlan(
        conid=left[0].plan.conid,
        symbol=left[0].plan.symbol,
        exchange=left[0].plan.exchange,
        second_day=True,
    )


def _free(desk: Desk) -> Contract:
    """The first candidate that no strategy of the desk names."""
    with desk.transactions.read() as t:
        rows = desk.strategies.list(t)
        taken = {one.conid for row in rows for one in desk.strategies.traded(t, row.strategy).contracts}
    for symbol in CANDIDATES:
        try:
            found = contract_of(desk, symbol)
        except InvalidInput:
            continue
        if found.conid not in taken:
            return found
    raise NotFound("every usual symbol is in use", where="symbol", remedy="name one with --symbol")


def _clean_up(here: Here, desk: Desk) -> None:
    with desk.transactions.begin() as t:
        wish = desk.dealing.ask(t, CommandKind.PROBE_CLEAN_UP, "", OWNER)
    result = Following(desk, quiet=here.json).answered(wish)
    done(here, result, {"result": result})


def _hand_over(here: Here, desk: Desk, ended: Probe, report: Path | None) -> None:
    files = _written(here, desk, ended, report)
    if here.json:
        as_json(_told(desk, ended) | {"files": [str(file) for file in files]})
        return
    print(f"\n{ended.state.value}: {summary(ended)}")
    for one in ended.findings:
        setting = f"  → {one.switch} = {one.setting}" if one.switch else ""
        print(f"  {one.code:<10} {one.conclusion}{setting}")
    print(f"report: {', '.join(str(file) for file in files)}")


def _told(desk: Desk, ended: Probe) -> dict[str, object]:
    with desk.transactions.read() as t:
        switches = desk.probes.in_force(t)
    return {
        "probe": ended.probe,
        "state": ended.state,
        "note": ended.note,
        "began_at": ended.began_at,
        "ended_at": ended.ended_at,
        "findings": ended.findings,
        "kept": ended.kept,
        "switches": switches,
    }


def _written(here: Here, desk: Desk, ended: Probe, report: Path | None) -> Sequence[Path]:
    """The report in the home's folder, and where it was wanted."""
    folder = here.home / "probes"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{format_instant(ended.began_at).replace(':', '')}-{short(ended.probe)}"
    told = {".json": desk.artifacts.get(ended.report), ".md": desk.artifacts.get(ended.text)}
    files = [folder / f"{name}{ending}" for ending in told]
    for file, content in zip(files, told.values(), strict=True):
        write_bytes(file, content)
    if report is not None:
        write_bytes(report, told[".json" if report.suffix == ".json" else ".md"])
        files.append(report)
    return files


def _show(here: Here, desk: Desk, report: Path | None) -> None:
    with desk.transactions.read() as t:
        found = desk.probes.last(t)
    if found is None:
        why = "the simulator tells by itself" if desk.account_kind is AccountKind.SIMULATED else ""
        raise NotFound("this account was never probed", where="probe", remedy=why or "glassdesk probe")
    if report is not None:
        _written(here, desk, found, report)
    if here.json:
        as_json(_told(desk, found))
        return
    age = desk.clock.now() - (found.ended_at or found.began_at)
    print(f"{age.days} days old\n")
    print(desk.artifacts.get(found.text).decode(), end="")
