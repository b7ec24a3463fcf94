"""`glassdesk run`: decide now."""

from __future__ import annotations

from typing import Annotated

import typer

from glassdesk.cli.here import OWNER, Here, command, single
from glassdesk.cli.show import done
from glassdesk.kernel.ids import short

app = single()


@command(app)
def run(
    here: Here,
    strategy: Annotated[str, typer.Argument(help="Name of the strategy.")],
    symbol: Annotated[str | None, typer.Option(help="Only this one of its symbols.")] = None,
) -> None:
    """Decide now, outside the schedule. Risk, approval and entry window hold as ever."""
    run_now(here, strategy, symbol)


def run_now(here: Here, strategy: str, symbol: str | None) -> None:
    """A slot at this instant."""
    with here.desk() as desk, desk.transactions.begin() as t:
        conids = None if symbol is None else [desk.contracts.by_symbol(t, symbol).conid]
        runs = desk.schedules.run_now(t, strategy, conids=conids, actor=OWNER)
    names = ", ".join(short(one) for one in runs)
    done(
        here,
        f"{len(runs)} run(s) due now: {names}; see `glassdesk runs show {short(runs[0])}`",
        {"runs": runs},
    )
