"""How a command answers: a table, facts, one line, or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from glassdesk.cli.failures import one_line
from glassdesk.cli.here import Here
from glassdesk.kernel.canonical import plain
from glassdesk.kernel.money import tidy

Row = TypeVar("Row")
Columns = Mapping[str, Callable[[Row], object]]
NOTHING = "–"


def as_json(value: object) -> None:
    """One JSON value on standard output."""
    print(json.dumps(plain(value), indent=2, ensure_ascii=False))


def said(value: object) -> str:
    """A value in a person's words; instants are UTC."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return one_line(str(value.value if isinstance(value.value, str) else value.name)).replace("_", " ")
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}Z"
    if isinstance(value, date):
        return value.isoformat()
    return tidy(value) if isinstance(value, Decimal) else one_line(str(value))


def rows(here: Here, found: Sequence[Row], columns: Columns[Row], *, empty: str) -> None:
    """A table with one line per row; with `--json` a list of whole values."""
    if here.json:
        as_json(found)
    elif not found:
        print(empty)
    else:
        _draw(_table(columns, [[said(read(row)) for read in columns.values()] for row in found]))


def _table(headers: Mapping[str, object], cells: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    return table


def facts(here: Here, value: object, pairs: Mapping[str, object]) -> None:
    """Name and value, one per line; with `--json` the whole value."""
    if here.json:
        as_json(value)
        return
    width = max((len(name) for name in pairs), default=0)
    for name, fact in pairs.items():
        print(f"{name:<{width}}  {said(fact)}")


def done(here: Here, line: str, value: object) -> None:
    """What was done, in one line; with `--json` what came of it."""
    if here.json:
        as_json(value)
    else:
        print(one_line(line))


def text(here: Here, name: str, content: str) -> None:
    """A text as it is; with `--json` an object of one field."""
    if here.json:
        as_json({name: content})
    else:
        print(content, end="" if content.endswith("\n") else "\n")


@contextmanager
def working(words: str) -> Iterator[None]:
    """Says on standard error what takes its time; a person sees it move."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with Status(words, console=console):
        yield


def _draw(table: Table) -> None:
    console = Console(highlight=False)
    if not sys.stdout.isatty():
        # A pipe has no width of its own: nothing is folded or cut.
        console = Console(highlight=False, width=max(80, console.measure(table).maximum, _widest(table)))
    console.print(table)


def _widest(table: Table) -> int:
    wide: list[int] = []
    for column in table.columns:
        cells: list[Any] = [*column.cells]
        wide.append(max((len(str(cell)) for cell in [column.header, *cells]), default=0) + 2)
    return sum(wide)
