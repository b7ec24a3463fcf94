"""`strategies`: files in and out, versions, and the state of each name."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from glassdesk.cli.explaining import Explained, explain, tell
from glassdesk.cli.files import hand_out, read_text
from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, facts, rows, text, working
from glassdesk.cli.symbols import resolver
from glassdesk.cli.trial import desk_or_trial
from glassdesk.composition.bundles import dump_strategy, load_strategy
from glassdesk.desk import Desk
from glassdesk.kernel.errors import Conflict, InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.strategies.model import Preview, Strategy, StrategyRow

app = step("Strategies: write, check, enable, disable.")

Name = Annotated[str, typer.Argument(help="A strategy's name.")]
Version = Annotated[int | None, typer.Option("--version", "-v", min=1, help="The newest by default.")]
Message = Annotated[str, typer.Option("--message", "-m", help="Why.")]
Files = Annotated[list[Path], typer.Argument(help="Strategy files; - is standard input.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="A file.")]

TEMPLATE = """\
# A strategy. `glassdesk strategies validate FILE` says what is wrong, `apply FILE` keeps it.
name: {name}
description: Buys a short dip in a rising market, sells the bounce.
symbols: [{symbols}]
bars: {{size: 1d, history: 250, weekly: true}}
indicators:
- {{kind: sma, length: 200}}
- {{kind: sma, length: 5}}
- {{kind: rsi, length: 2}}
- {{kind: atr, length: 14}}
prompt: {{name: {prompt}, label: live}}
signal: {{rule: rsi2_reversion, params: {{trend: 200, low: 10, high: 70, exit: 5}}}}
timing: {{cron: 0 9 * * 1-5, zone: America/New_York, exchange: XNYS, enter_after_open: 5, enter_before: 60}}
exits: {{stop_atr: 2, target_atr: 3}}
"""


@command(app, "list")
def list_all(here: Here) -> None:
    """The newest version of every name."""
    with here.desk() as desk, desk.transactions.read() as t:
        found = desk.strategies.list(t)
    rows(
        here,
        found,
        {
            "name": lambda one: one.strategy.name,
            "version": lambda one: one.strategy.version,
            "state": lambda one: one.state,
            "symbols": lambda one: _symbols(one.strategy),
            "rule": lambda one: one.strategy.policy.rule,
            "schedule": lambda one: f"{one.strategy.timing.cron} {one.strategy.timing.zone}",
        },
        empty="no strategy yet: `glassdesk strategies new NAME` prints one to begin with",
    )


@command(app)
def show(here: Here, name: Name, version: Version = None) -> None:
    """A version as a file, with its state and what its next slots would see."""
    with here.desk() as desk, desk.transactions.read() as t:
        row = desk.strategies.get(t, name, version)
        ahead = desk.strategies.preview(t, row.strategy, desk.clock.now())
    pairs = {
        "strategy": f"{row.strategy.name} version {row.strategy.version}",
        "state": row.state,
        "author": row.author,
        "made at": row.created_at,
        "message": row.message,
        "sha256": row.sha256,
        "next slot": ahead.slots[0] if ahead.slots else None,
        "decides on": ahead.decides_on,
        **_outlook(ahead),
        "problems": "; ".join(ahead.problems),
    }
    facts(here, {"row": row, "preview": ahead}, pairs)
    if not here.json:
        print(f"\n{dump_strategy(row.strategy)}", end="")


@command(app)
def new(
    here: Here,
    name: Name,
    symbols: Annotated[
        list[str] | None, typer.Option("--symbol", "-s", help="A ticker; may be repeated.")
    ] = None,
    output: Output = None,
) -> None:
    """A file to begin with."""
    with here.desk() as desk, desk.transactions.read() as t:
        prompts = list(desk.prompts.names(t))
    content = TEMPLATE.format(
        name=name, symbols=", ".join(symbols or ["AAPL"]), prompt=(prompts or ["chart-analyst"])[0]
    )
    hand_out(here, "strategy", content, output)


@command(app)
def validate(here: Here, files: Files) -> None:
    """What is wrong with strategy files, and what their conditions say; nothing is kept."""
    checked: list[dict[str, object]] = []
    told: list[Explained] = []
    with desk_or_trial(here) as desk:
        for path in files:
            strategy = _read(desk, path)
            with desk.transactions.read() as t:
                problems = [str(problem) for problem in desk.strategies.problems(t, strategy)]
            about = Explained() if problems else explain(desk, strategy)
            told.append(about)
            one = {"file": str(path), "name": strategy.name, "problems": problems}
            checked.append({**one, "conditions": about.conditions, "last_year": about.last_year})
    wrong = [f"{one['file']}: {problem}" for one in checked for problem in one["problems"]]  # type: ignore[attr-defined]
    if wrong and not here.json:
        raise InvalidInput("; ".join(wrong))
    done(here, f"{len(checked)} file(s) can be kept", checked)
    if wrong:
        raise typer.Exit(2)
    tell(here, told)


@command(app)
def apply(here: Here, files: Files, message: Message = "") -> None:
    """Keep files as new strategies or next versions; a file that says what is kept changes nothing."""
    with here.desk() as desk, working("checking"):
        strategies = [_read(desk, path) for path in files]
        with desk.transactions.begin() as t:
            made = [
                _kept(desk, t, one, str(path), message) for one, path in zip(strategies, files, strict=True)
            ]
    done(here, "kept: " + ", ".join(_called(row) for row in made), made)


@command(app, "import")
def take_in(here: Here, files: Files, message: Message = "") -> None:
    """Keep files of another desk for this desk's account; refuses a name taken by another."""
    with here.desk() as desk, working("checking"):
        strategies = [replace(_read(desk, path), account=desk.account) for path in files]
        with desk.transactions.begin() as t:
            made = [
                _imported(desk, t, one, str(path), message)
                for one, path in zip(strategies, files, strict=True)
            ]
    done(here, "kept: " + ", ".join(_called(row) for row in made), made)


@command(app)
def export(here: Here, name: Name, version: Version = None, output: Output = None) -> None:
    """A version as a file."""
    with here.desk() as desk, desk.transactions.read() as t:
        content = dump_strategy(desk.strategies.get(t, name, version).strategy)
    hand_out(here, "strategy", content, output)


@command(app)
def clone(
    here: Here, name: Name, new_name: Annotated[str, typer.Argument()], version: Version = None
) -> None:
    """A new strategy with a version's content, disabled."""
    with here.desk() as desk, desk.transactions.begin() as t:
        origin = desk.strategies.get(t, name, version).strategy
        _refuse_taken(desk, t, new_name)
        copy = replace(origin, name=new_name, version=0)
        made = desk.strategies.create(t, copy, author=OWNER, message=f"Copy of {_called_as(origin)}")
    done(here, f"kept: {_called(made)}", made)


@command(app)
def diff(
    here: Here,
    name: Name,
    before: Annotated[int, typer.Argument(min=1)],
    after: Annotated[int, typer.Argument(min=1)],
) -> None:
    """What changed between two versions."""
    with here.desk() as desk, desk.transactions.read() as t:
        texts = [dump_strategy(desk.strategies.get(t, name, number).strategy) for number in (before, after)]
    old, new_lines = (content.splitlines() for content in texts)
    labels = (f"{name} version {before}", f"{name} version {after}")
    changes = "\n".join(difflib.unified_diff(old, new_lines, *labels, lineterm="", n=2))
    text(here, "diff", changes if changes or here.json else "no difference")


@command(app)
def enable(here: Here, name: Name) -> None:
    """Let it run from its next slot on."""
    with here.desk() as desk, desk.transactions.begin() as t:
        row = desk.strategies.enable(t, name, OWNER)
    done(here, f"{_called(row)} is {row.state.value}.", row)


@command(app)
def disable(here: Here, name: Name) -> None:
    """No new entries; what it holds is still protected and left by its exits."""
    with here.desk() as desk, desk.transactions.begin() as t:
        row = desk.strategies.disable(t, name, OWNER, holds_shares=desk.owns(t, name))
    done(here, f"{_called(row)} is {row.state.value}.", row)


@command(app)
def archive(here: Here, name: Name) -> None:
    """Put it away for good; refused while it owns shares or orders."""
    with here.desk() as desk, desk.transactions.begin() as t:
        row = desk.strategies.archive(t, name, OWNER, holds_shares=desk.owns(t, name))
    done(here, f"{_called(row)} is {row.state.value}.", row)


def _read(desk: Desk, path: Path) -> Strategy:
    return load_strategy(read_text(path), file=str(path), account=desk.account, resolve=resolver(desk))


def _kept(desk: Desk, t: Transaction, strategy: Strategy, file: str, message: str) -> StrategyRow:
    try:
        return desk.strategies.create(t, strategy, author=OWNER, message=message)
    except InvalidInput as problem:
        raise InvalidInput(
            problem.problem, where=f"{file}: {problem.where}", remedy=problem.remedy
        ) from problem


def _imported(desk: Desk, t: Transaction, strategy: Strategy, file: str, message: str) -> StrategyRow:
    before = next((row for row in desk.strategies.list(t) if row.strategy.name == strategy.name), None)
    made = _kept(desk, t, strategy, file, message)
    if before is not None and before.sha256 != made.sha256:
        remedy = "rename it in the file, or `strategies apply` it as the next version"
        raise Conflict(f"{strategy.name} is another strategy here", where=file, remedy=remedy)
    return made


def _refuse_taken(desk: Desk, t: Transaction, name: str) -> None:
    try:
        desk.strategies.get(t, name)
    except NotFound:
        return
    raise Conflict(f"there is a strategy {name} already", where="name", remedy="choose another name")


def _outlook(ahead: Preview) -> dict[str, object]:
    found = ahead.outlook
    if found is None:
        return {}
    needs = ((need.symbol, need.capital if need.capital is not None else need.why) for need in found.needs)
    return {
        "at worst in a day": found.loss_at_stops,
        f"all opens {found.gap:.0%} lower": found.loss_in_gap,
        "questions a month": found.questions_per_month,
        "which are": found.questions_why,
        "cost a month, USD": found.cost_per_month,
        "made of": found.cost_why,
        "least capital": ", ".join(f"{symbol}: {least}" for symbol, least in needs),
    }


def _symbols(strategy: Strategy) -> str:
    if strategy.watchlist:
        return f"watchlist {strategy.watchlist}"
    return ", ".join(contract.symbol for contract in strategy.contracts)


def _called_as(strategy: Strategy) -> str:
    return f"{strategy.name} version {strategy.version}"


def _called(row: StrategyRow) -> str:
    return _called_as(row.strategy)
