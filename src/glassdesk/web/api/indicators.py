"""Indicators: the catalogue, sets in versions, values over a contract's bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from glassdesk.web.api import shapes
from glassdesk.web.parts import Here
from glassdesk.web.views.indicators import bars_for
from glassdesk.workflow.indicators.catalogue import complete, line_names
from glassdesk.workflow.indicators.kind import Kind
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSetVersion, IndicatorSpec
from glassdesk.workflow.indicators.writing import read_spec

router = APIRouter()


@router.get("/indicators")
def indicators(here: Here) -> list[shapes.KindAnswer]:
    """The catalogue."""
    return [_kind(kind) for kind in here.desk.indicators.catalogue()]


def _kind(kind: Kind) -> shapes.KindAnswer:
    usual = complete(IndicatorSpec(kind=kind.kind))
    return shapes.KindAnswer(
        kind=kind.kind,
        title=kind.title,
        family=kind.family,
        meaning=kind.meaning,
        convention=kind.convention,
        panel=kind.panel,
        minimum_bars=kind.minimum_bars(dict(usual.params)),
        parameters=[
            shapes.ParameterAnswer(**asdict(parameter) | {"options": list(parameter.options)})
            for parameter in kind.parameters
        ],
        lines=list(line_names(usual)),
    )


@router.get("/indicators/sets")
def indicator_sets(here: Here) -> Sequence[IndicatorSetVersion]:
    """The newest version of every set; 0 comes with the program."""
    with here.desk.transactions.read() as t:
        return here.desk.indicators.newest(t)


@router.get("/indicators/sets/{name}")
def indicator_set(here: Here, name: str, version: int | None = None) -> IndicatorSetVersion:
    """One version of a set, the newest by default."""
    with here.desk.transactions.read() as t:
        return here.desk.indicators.version(t, name, version)


@router.get("/indicators/sets/{name}/versions")
def indicator_set_versions(here: Here, name: str) -> Sequence[IndicatorSetVersion]:
    """Every version of a set, oldest first."""
    with here.desk.transactions.read() as t:
        return here.desk.indicators.versions(t, name)


@router.get("/indicators/values/{conid}")
def indicator_values(here: Here, conid: int, i: Annotated[list[str], Query()]) -> shapes.LinesAnswer:
    """Indicators (`?i=rsi:length=2&i=obv`) over the newest daily bars of a remembered contract."""
    desk, wanted = here.desk, IndicatorSet(name="values", indicators=tuple(read_spec(text) for text in i))
    with desk.transactions.read() as t:
        contract = desk.contracts.contract(t, conid)
    bars = bars_for(desk, contract, wanted).bars
    return shapes.LinesAnswer(
        conid=conid,
        sessions=[bar.session for bar in bars],
        lines=list(desk.indicators.compute(wanted, bars).lines),
        missing=list(desk.indicators.missing(wanted, bars)),
    )
