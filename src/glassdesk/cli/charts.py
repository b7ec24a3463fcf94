"""`charts`: the picture a decision was made on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glassdesk.cli.files import write_bytes
from glassdesk.cli.here import Here, command, step
from glassdesk.cli.show import done
from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.kernel.ids import short

app = step("The picture a decision was made on.")


@command(app)
def show(
    here: Here,
    run: Annotated[str, typer.Argument(help="The run's id, or eight characters of it.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="A file; its ending chooses .png or .svg.")],
    weekly: Annotated[bool, typer.Option(help="The weekly picture.")] = False,
    monthly: Annotated[bool, typer.Option(help="The monthly picture.")] = False,
) -> None:
    """Write the picture to a file."""
    if output.suffix not in (".png", ".svg"):
        raise InvalidInput(
            f"{output.name} is no picture's name", where="--output", remedy="end it with .png or .svg"
        )
    with here.desk() as desk:
        with desk.transactions.read() as t:
            found = desk.runs.run(t, run)
            drawn = desk.runs.story(t, found.run).charts
        which = "monthly" if monthly else "weekly" if weekly else "decision"
        chart = None if drawn is None else getattr(drawn, which)
        if chart is None:
            raise NotFound(f"run {short(found.run)} has no {which} picture", where="run", remedy=found.reason)
        write_bytes(
            output, desk.artifacts.get(chart.png_sha256 if output.suffix == ".png" else chart.svg_sha256)
        )
    done(here, f"{found.symbol} {chart.first_bar} to {chart.last_bar} is drawn in {output}", chart)
