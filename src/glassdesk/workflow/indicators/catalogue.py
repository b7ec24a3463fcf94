"""Which indicators there are. A new one is a file under `kinds/` and a line here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.indicators.kind import Kind, Parameter, Settings
from glassdesk.workflow.indicators.kinds.ad import AD
from glassdesk.workflow.indicators.kinds.adx import ADX
from glassdesk.workflow.indicators.kinds.aroon import AROON
from glassdesk.workflow.indicators.kinds.atr import ATR
from glassdesk.workflow.indicators.kinds.bb import BB
from glassdesk.workflow.indicators.kinds.cci import CCI
from glassdesk.workflow.indicators.kinds.cmf import CMF
from glassdesk.workflow.indicators.kinds.donchian import DONCHIAN
from glassdesk.workflow.indicators.kinds.ema import EMA
from glassdesk.workflow.indicators.kinds.fib import FIB
from glassdesk.workflow.indicators.kinds.hma import HMA
from glassdesk.workflow.indicators.kinds.ichimoku import ICHIMOKU
from glassdesk.workflow.indicators.kinds.kc import KC
from glassdesk.workflow.indicators.kinds.macd import MACD
from glassdesk.workflow.indicators.kinds.mfi import MFI
from glassdesk.workflow.indicators.kinds.mom import MOM
from glassdesk.workflow.indicators.kinds.natr import NATR
from glassdesk.workflow.indicators.kinds.obv import OBV
from glassdesk.workflow.indicators.kinds.pivots import PIVOTS
from glassdesk.workflow.indicators.kinds.roc import ROC
from glassdesk.workflow.indicators.kinds.rsi import RSI
from glassdesk.workflow.indicators.kinds.sar import SAR
from glassdesk.workflow.indicators.kinds.sma import SMA
from glassdesk.workflow.indicators.kinds.stdev import STDEV
from glassdesk.workflow.indicators.kinds.stoch import STOCH
from glassdesk.workflow.indicators.kinds.stochrsi import STOCHRSI
from glassdesk.workflow.indicators.kinds.supertrend import SUPERTREND
from glassdesk.workflow.indicators.kinds.trix import TRIX
from glassdesk.workflow.indicators.kinds.vp import VP
from glassdesk.workflow.indicators.kinds.vwap import VWAP
from glassdesk.workflow.indicators.kinds.willr import WILLR
from glassdesk.workflow.indicators.kinds.wma import WMA
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.indicators.proving import prove

CATALOGUE: tuple[Kind, ...] = (
    SMA,
    EMA,
    WMA,
    HMA,
    BB,
    KC,
    DONCHIAN,
    ICHIMOKU,
    SUPERTREND,
    SAR,
    VWAP,
    VP,
    PIVOTS,
    FIB,
    MACD,
    RSI,
    STOCH,
    STOCHRSI,
    CCI,
    WILLR,
    ROC,
    MOM,
    TRIX,
    ADX,
    AROON,
    OBV,
    AD,
    CMF,
    MFI,
    ATR,
    NATR,
    STDEV,
)

MOST = 12
"""Indicators in one set; more cannot be told apart in a picture."""


class _Known:
    """What there is by name; replaced as a whole, so that no thread ever sees half of it."""

    by_name: Mapping[str, Kind] = {entry.kind: entry for entry in CATALOGUE}


_SET_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def entries() -> tuple[Kind, ...]:
    """The catalogue, and the indicators of one's own that this process uses."""
    return tuple(_Known.by_name.values())


def use_own(kinds: Sequence[Kind]) -> None:
    """Have exactly these beside the catalogue, in the whole process: form, chart, prompts, rules and commands
    find them like the others. Raises `InvalidInput` where one breaks a law or takes a name that is there."""
    named = {entry.kind: entry for entry in CATALOGUE}
    for kind in kinds:
        prove(kind)
        if kind.kind in named:
            raise InvalidInput(
                f"there is an indicator {kind.kind!r} already", where="kind", remedy="choose another name"
            )
        named[kind.kind] = kind
    _Known.by_name = named


def is_known(name: str) -> bool:
    """Is there an indicator of this name?"""
    return name in _Known.by_name


def kind_of(name: str) -> Kind:
    """The catalogue's entry. Raises `InvalidInput` with the names there are."""
    known = _Known.by_name
    if name not in known:
        raise InvalidInput(
            f"there is no indicator {name!r}", where="kind", remedy=f"one of {', '.join(known)}"
        )
    return known[name]


def complete(spec: IndicatorSpec) -> IndicatorSpec:
    """`spec` with every parameter spelled out. Raises `InvalidInput` naming the parameter and its range."""
    kind = kind_of(spec.kind)
    given = dict(spec.params)
    if len(given) < len(spec.params):
        raise InvalidInput("a parameter is given twice", where=spec.kind)
    known = {parameter.name for parameter in kind.parameters}
    for name in given:
        if name not in known:
            raise InvalidInput(
                f"{kind.title} has no parameter {name!r}",
                where=f"{spec.kind}.{name}",
                remedy=f"it has {', '.join(parameter.name for parameter in kind.parameters)}",
            )
    chosen = {p.name: _in_range(kind, p, given.get(p.name, p.default)) for p in kind.parameters}
    if problem := kind.refuse(chosen):
        raise InvalidInput(problem, where=spec.kind)
    return IndicatorSpec(kind=spec.kind, params=tuple(chosen.items()))


def _in_range(kind: Kind, parameter: Parameter, value: float) -> float:
    # Line names carry the numbers, so two that differ must not read the same.
    digits = 0 if parameter.whole else 2
    if parameter.low <= value <= parameter.high and value == round(value, digits):
        return value
    raise InvalidInput(
        f"{value:.12g} {parameter.unit}".rstrip() + " cannot be",
        where=f"{kind.kind}.{parameter.name}",
        remedy=parameter.range,
    )


def value_of(kind: Kind, parameter: Parameter, text: str) -> float:
    """A parameter as a person writes it: `14`, `2.5`, or one of its words. Raises `InvalidInput`."""
    if text in parameter.options:
        return float(parameter.options.index(text))
    where = f"{kind.kind}.{parameter.name}"
    if parameter.options:
        raise InvalidInput(f"{text!r} is no choice", where=where, remedy=parameter.range)
    try:
        return float(text)
    except ValueError as failure:
        raise InvalidInput(f"{text!r} is no number", where=where, remedy=parameter.range) from failure


def complete_set(wanted: IndicatorSet) -> IndicatorSet:
    """`wanted` with every parameter spelled out. Raises `InvalidInput` naming what is wrong."""
    if not _SET_NAME.fullmatch(wanted.name):
        raise InvalidInput(
            f"{wanted.name!r} is no name for a set",
            where="name",
            remedy="up to 40 of a-z, 0-9, - and _, beginning with a letter or digit",
        )
    if not 1 <= len(wanted.indicators) <= MOST:
        raise InvalidInput(
            f"a set of {len(wanted.indicators)} indicators", where=wanted.name, remedy=f"1 to {MOST}"
        )
    specs = tuple(complete(spec) for spec in wanted.indicators)
    for index, spec in enumerate(specs):
        if spec in specs[:index]:
            raise InvalidInput(f"{label(spec)} stands in the set twice", where=wanted.name, remedy="keep one")
    return IndicatorSet(name=wanted.name, indicators=specs)


def settings_of(spec: IndicatorSpec) -> Settings:
    """The parameters of a completed `spec` by name."""
    return dict(spec.params)


def _numbers(spec: IndicatorSpec) -> list[str]:
    chosen = dict(spec.params)
    return [parameter.word(chosen[parameter.name]) for parameter in kind_of(spec.kind).parameters]


def stem(spec: IndicatorSpec) -> str:
    """How the names of a completed `spec`'s lines begin: `macd_12_26_9`; a point becomes `p`: `bb_20_2p5`."""
    return "_".join([spec.kind, *_numbers(spec)]).replace(".", "p")


def line_names(spec: IndicatorSpec) -> tuple[str, ...]:
    """The names of a completed `spec`'s lines, in the order of its kind's outputs."""
    return tuple(stem(spec) + output.suffix for output in kind_of(spec.kind).outputs)


def label(spec: IndicatorSpec) -> str:
    """What a person reads for a completed `spec`: `MACD 12 26 9`."""
    return " ".join([kind_of(spec.kind).title, *_numbers(spec)])
