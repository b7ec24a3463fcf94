"""Rows of coloured words: legends, and the header's second line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from glassdesk.workflow.charts.scene import Text
from glassdesk.workflow.charts.text import text_width
from glassdesk.workflow.charts.theme import Style


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A piece of a row; pieces of one indicator stand together."""

    text: str
    colour: str


def row_width(words: Sequence[Words], style: Style) -> float:
    """Pixels that a row takes."""
    return sum(text_width(piece.text, style.small) for piece in words) + _gap(style) * (len(words) - 1)


def _gap(style: Style) -> float:
    return 1.5 * style.gap


def in_rows(groups: Sequence[tuple[Words, ...]], width: float, style: Style) -> tuple[tuple[Words, ...], ...]:
    """The groups in as few rows as fit into `width`; a group is never torn apart."""
    rows: list[list[Words]] = []
    room = 0.0
    for group in groups:
        need = row_width(group, style) + _gap(style)
        if not rows or need > room:
            rows.append([])
            room = width
        rows[-1].extend(group)
        room -= need
    return tuple(tuple(row) for row in rows)


def draw_row(words: Iterable[Words], x: float, y: float, style: Style, role: str) -> Iterator[Text]:
    """One row from `x` on, on the baseline `y`."""
    for piece in words:
        yield Text(x=x, y=y, text=piece.text, size=style.small, colour=piece.colour, role=role)
        x += text_width(piece.text, style.small) + _gap(style)
