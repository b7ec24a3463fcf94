"""An indicator as one word: `rsi:length=2`, `vwap:anchor=month`, `obv`."""

from __future__ import annotations

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.indicators.catalogue import kind_of, value_of
from glassdesk.workflow.indicators.kind import Kind
from glassdesk.workflow.indicators.model import IndicatorSpec


def read_spec(text: str) -> IndicatorSpec:
    """The indicator that `text` names, ranges unseen. Raises `InvalidInput` naming what is wrong."""
    name, _, rest = text.strip().partition(":")
    kind = kind_of(name)
    pairs = [pair for pair in rest.split(",") if pair.strip()]
    return IndicatorSpec(kind=name, params=tuple(_pair(kind, pair) for pair in pairs))


def _pair(kind: Kind, text: str) -> tuple[str, float]:
    name, equals, value = (part.strip() for part in text.partition("="))
    known = {parameter.name: parameter for parameter in kind.parameters}
    if not equals or name not in known:
        raise InvalidInput(
            f"{text.strip()!r} is no parameter of {kind.title}",
            where=kind.kind,
            remedy=f"{kind.kind}:NAME=VALUE with {', '.join(known) or 'no parameter at all'}",
        )
    return name, value_of(kind, known[name], value)


def write_spec(spec: IndicatorSpec) -> str:
    """What `read_spec` reads; parameters in the catalogue's order. `spec` is complete."""
    chosen = dict(spec.params)
    pairs = (f"{p.name}={p.word(chosen[p.name])}" for p in kind_of(spec.kind).parameters)
    return f"{spec.kind}:{','.join(pairs)}".rstrip(":")
