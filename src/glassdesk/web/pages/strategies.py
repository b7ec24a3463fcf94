"""Strategies: the list, one with its versions, and the form that makes one and says what is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from glassdesk.composition.bundles import dump_strategy
from glassdesk.desk import Desk
from glassdesk.kernel.errors import GlassdeskError, InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web.forms import strategies as forms
from glassdesk.web.forms.conditions import (
    FRAMES,
    GROUP,
    RELATIONS,
    TAKES,
    is_condition_field,
    sides_of,
)
from glassdesk.web.forms.fields import Form, say
from glassdesk.web.parts import OWNER, Here, Parts
from glassdesk.web.rendering import Told, go, page, plain_page
from glassdesk.web.views.conditions import tried_on
from glassdesk.workflow.charts.header import TIMEFRAMES
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.indicators.catalogue import complete_set
from glassdesk.workflow.indicators.model import IndicatorSet
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.prompts.model import PromptRef, Resolution
from glassdesk.workflow.risk.presets import PRESETS
from glassdesk.workflow.signals.conditions.model import PRICES, Condition
from glassdesk.workflow.signals.conditions.needs import values_of
from glassdesk.workflow.signals.conditions.sentences import condition_text
from glassdesk.workflow.signals.rules.catalogue import RULES
from glassdesk.workflow.strategies.model import Strategy, StrategyRow

router = APIRouter()

CRONS = (
    ("0 9 * * 1-5", "before the open"),
    ("0 17 * * 1-5", "after the close"),
    ("*/30 10-15 * * 1-5", "every 30 min"),
    ("15 minutes before the close on trading days", "15 min before the close"),
    ("30 minutes after the close", "after the close, enter at the open"),
    ("every hour of the day's hours", "every hour of the day's hours"),
)


@router.get("/strategies")
def strategies(request: Request, here: Here) -> Response:
    """Newest version of every name."""
    with here.desk.transactions.read() as t:
        return page(request, t, "strategies/list.html", rows=here.desk.strategies.list(t))


@router.get("/strategies/new")
def blank(request: Request, here: Here, base: str = "", watchlist: str = "", copy: str = "") -> Response:
    """An empty form, one that trades a watchlist, or one filled with a strategy to change or to copy
    under another name."""
    with here.desk.transactions.read() as t:
        if not base and not copy:
            values = forms.blank() | {"watchlist": watchlist}
            return _form(request, here, t, values=values, chosen=set())
        strategy = here.desk.strategies.get(t, base or copy).strategy
        chosen = {str(contract.conid) for contract in strategy.contracts}
        ahead = here.desk.strategies.preview(t, strategy, here.desk.clock.now())
        values = forms.shown(strategy) | ({} if base else {"name": ""}) | {"begin": base or copy}
        return _form(request, here, t, values=values, chosen=chosen, base=base, ahead=ahead)


@router.post("/strategies/preview")
def preview(request: Request, here: Here, form: Form) -> Response:
    """What the form would make: next slots, the bar they see, and every problem; nothing is kept."""
    desk = here.desk
    with desk.transactions.read() as t:
        strategy, problems = forms.read_strategy(desk, t, form)
        ahead = desk.strategies.preview(t, strategy, desk.clock.now())
        known = desk.contracts.known(t)
    values = form.shown()
    return plain_page(
        request,
        "strategies/_preview.html",
        ahead=ahead,
        errors=Told(forms.errors_of(problems)),
        fields=_fields(values),
        live=True,
        values=values,
        tried=tried_on(desk, strategy, known, form.text("try_on")),
        **_stating(strategy.indicators, values, known),
    )


@router.post("/strategies")
def create(request: Request, here: Here, form: Form) -> Response:
    """Keep a new version."""
    desk = here.desk
    with desk.transactions.begin() as t:
        strategy, problems = forms.read_strategy(desk, t, form)
        row = (
            None
            if problems
            else desk.strategies.create(t, strategy, author=OWNER, message=form.text("message"))
        )
    if row is not None:
        name, version = row.strategy.name, row.strategy.version
        return go(request, f"/strategies/{name}", f"{name} version {version} is kept.")
    with desk.transactions.read() as t:
        return _form(
            request,
            here,
            t,
            status=422,
            values=form.shown(),
            chosen=set(form.all("contracts")),
            errors=forms.errors_of(problems),
            base=form.text("base"),
        )


@router.get("/strategies/{name}")
def show(request: Request, here: Here, name: str, version: int | None = None) -> Response:
    """One version, its state, what it does next and what it did."""
    desk = here.desk
    with desk.transactions.read() as t:
        row = desk.strategies.get(t, name, version)
        versions = desk.strategies.versions(t, name)
        return page(
            request,
            t,
            "strategies/show.html",
            row=row,
            s=row.strategy,
            asked=_asked(here, t, row.strategy),
            versions=versions,
            file=dump_strategy(row.strategy),
            changes=_changes(versions, row),
            ahead=desk.strategies.preview(t, row.strategy, desk.clock.now()),
            values=forms.shown(row.strategy),
            traded=desk.strategies.traded(t, row.strategy),
            spent=desk.strategies.spent(t, row.strategy, desk.clock.now()),
            stated=[(name, condition_text(side)) for name, side in _sides(row.strategy)],
            limit_names=forms.NAMES_OF_LIMITS,
            percents=forms.PERCENTS,
            runs=desk.runs.runs(t, strategy=name, limit=12),
            slots=desk.schedules.slots(t, strategy=name, limit=6),
        )


def _asked(here: Parts, t: Transaction, strategy: Strategy) -> list[tuple[PromptRef, Resolution | None]]:
    """Each prompt with the version that it means now; `None` where the problems say why there is none."""
    found: list[tuple[PromptRef, Resolution | None]] = []
    for ref in strategy.prompts:
        try:
            found.append((ref, here.desk.prompts.resolve(t, ref, strategy=strategy.name)))
        except NotFound:
            found.append((ref, None))
    return found


@router.post("/strategies/{name}/{wish}")
def change_state(request: Request, here: Here, name: str, wish: str) -> Response:
    """Enable, disable or archive it; a refusal is told on its page."""
    try:
        notice = set_state(here, name, wish)
    except GlassdeskError as problem:
        notice = f"Not done. {say(problem)}"
    return go(request, f"/strategies/{name}", notice)


def _sides(strategy: Strategy) -> tuple[tuple[str, Condition], ...]:
    return strategy.conditions.sides if strategy.conditions is not None else ()


def _changes(versions: Sequence[StrategyRow], row: StrategyRow) -> list[str]:
    """Lines that are other than in the version before."""
    before = [one.strategy for one in versions if one.strategy.version == row.strategy.version - 1]
    if not before:
        return []
    old, new = (dump_strategy(one).splitlines() for one in (before[0], row.strategy))
    return list(difflib.unified_diff(old, new, lineterm="", n=1))[2:]


def set_state(here: Parts, name: str, wish: str) -> str:
    """Do it and answer a sentence about it. Raises what the service raises."""
    desk = here.desk
    with desk.transactions.begin() as t:
        holds = desk.owns(t, name)
        if wish == "enable":
            row = desk.strategies.enable(t, name, OWNER)
        elif wish == "disable":
            row = desk.strategies.disable(t, name, OWNER, holds_shares=holds)
        elif wish == "archive":
            row = desk.strategies.archive(t, name, OWNER, holds_shares=holds)
        else:
            raise InvalidInput(f"{wish!r} is no wish", where="wish", remedy="enable, disable or archive")
    return f"{name} is {row.state.value} now."


def _form(request: Request, here: Parts, t: Transaction, **more: object) -> Response:
    desk = here.desk
    prompts = [(name, desk.prompts.labels(t, name)) for name in desk.prompts.names(t)]
    values: dict[str, str] = {"base": "", "begin": "", **_text(more.get("values"))}
    more = {"base": "", "ahead": None, "tried": None, **more, "values": values}
    known = desk.contracts.known(t)
    return page(
        request,
        t,
        "strategies/form.html",
        known=known,
        sets=_sets(here, t, values.get("indicators", "")),
        lists=[one.name for one in desk.watchlists.list(t)],
        analysts=[("", "the desk's"), *((name, name) for name in desk.strategies.analysts)],
        prompts=prompts,
        limit_names=forms.NAMES_OF_LIMITS,
        percents=forms.PERCENTS,
        counts=forms.COUNTS,
        presets=tuple(PRESETS),
        sizes=[(size.value, TIMEFRAMES[size]) for size in BarSize],
        crons=CRONS,
        rules=[(rule.name, rule.name.replace("_", " ")) for rule in RULES],
        fields=_fields(values),
        live=False,
        newer_set=_newer_set(desk, t, values),
        **_stating(forms.set_of(desk, t, values), values, known),
        **more,  # type: ignore[arg-type]
    )


def _newer_set(desk: Desk, t: Transaction, values: Mapping[str, str]) -> bool:
    """True where the strategy that the form began with has another version of its set than the newest."""
    if not values.get("begin"):
        return False
    own = desk.strategies.get(t, values["begin"]).strategy.indicators
    kept = [one for one in desk.indicators.list(t) if one.name == own.name == values.get("indicators")]
    return any(complete_set(one) != complete_set(own) for one in kept)


def _sets(here: Parts, t: Transaction, chosen: str) -> list[IndicatorSet]:
    """Those offered, and the one it has by itself or that was put away since."""
    offered = list(here.desk.indicators.list(t))
    if chosen and chosen not in {one.name for one in offered}:
        offered.append(IndicatorSet(name=chosen, indicators=()))
    return offered


def _stating(
    indicators: IndicatorSet, values: Mapping[str, str], known: Sequence[Contract]
) -> dict[str, Any]:
    """What the rows of conditions are made of."""
    return {
        "sides": sides_of(values),
        "names": _names(indicators),
        "takes": TAKES,
        "frames": FRAMES,
        "relations": RELATIONS,
        "group": GROUP,
        "symbols": [(str(one.conid), one.symbol) for one in known],
    }


def _names(indicators: IndicatorSet) -> tuple[str, ...]:
    try:
        return values_of(indicators)
    except InvalidInput:
        return PRICES


def _text(values: object) -> dict[str, str]:
    return dict(values) if isinstance(values, dict) else {}


def _fields(values: dict[str, str]) -> list[str]:
    """Fields beside which a problem can be told."""
    named = {*forms.blank(), "contracts", "message", *values} - {"csrf", "base", "begin", "try_on"}
    return sorted(name for name in named if not is_condition_field(name))
