"""The form of a strategy has every field: what it shows and is sent back is the strategy it began with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from glassdesk.web.forms import strategies as forms
from glassdesk.web.forms.fields import FormValues
from glassdesk.workflow.indicators.presets import spec
from glassdesk.workflow.strategies.model import Approval, Strategy
from glassdesk.workflow.strategies.service import content_sha256
from tests.web.visitor import Visitor
from tests.web.world import World, furnish


def kept(world: World) -> Strategy:
    with world.desk.transactions.read() as t:
        return world.desk.strategies.get(t, "trend").strategy


def sent_back(world: World, strategy: Strategy) -> Strategy:
    shown = forms.shown(strategy) | {"base": strategy.name, "begin": "trend"}
    ticked = [("contracts", str(contract.conid)) for contract in strategy.contracts]
    with world.desk.transactions.read() as t:
        again, problems = forms.read_strategy(world.desk, t, FormValues((*shown.items(), *ticked)))
    assert problems == []
    return again


def changed(strategy: Strategy) -> Strategy:
    """Another value in every field that a new version by form used to lose."""
    return replace(
        strategy,
        no_entry=(date(2012, 10, 25), date(2012, 12, 24)),
        chart=replace(strategy.chart, width=1200, height=900, title="mine"),
        policy=replace(
            strategy.policy,
            chart_code="warn",
            minimum_profit=Decimal("0.05"),
            weekly_conflict="hold",
            flow="three_steps",
        ),
        approval=Approval.ALL,
        analyst="rules",
        budget=replace(
            strategy.budget, per_day=Decimal("1.5"), per_month=Decimal(20), per_question=Decimal("0.05")
        ),
    )


@pytest.mark.parametrize("how", [lambda strategy: strategy, changed])
def test_what_the_form_shows_is_the_whole_strategy(owner: Visitor, how: object) -> None:
    furnish(owner.world)
    strategy = how(kept(owner.world))  # type: ignore[operator]
    assert content_sha256(sent_back(owner.world, strategy)) == content_sha256(strategy)


def test_a_watchlist_takes_the_place_of_symbols(owner: Visitor) -> None:
    furnish(owner.world)
    owner.post("/watchlists", name="few", text="AAPL MSFT", version="0")
    listed = replace(kept(owner.world), watchlist="few", contracts=())
    assert content_sha256(sent_back(owner.world, listed)) == content_sha256(listed)
    page = owner.get("/watchlists/few").text
    assert "/strategies/new?watchlist=few" in page
    assert '<option value="few" selected>' in owner.get("/strategies/new?watchlist=few").text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("no_entry", "christmas", "Not readable: dates like 2012-10-25"),
        ("budget.per_day", "much", "is no number"),
        ("policy.flow", "seven_steps", "is none of these"),
        ("policy.minimum_profit", "some", "is no number"),
        ("budget.per_question", "", "A budget cannot be kept without it"),
        ("watchlist", "gone", "The watchlist &#39;gone&#39; is gone"),
        ("analyst", "nobody", "There is no analyst &#39;nobody&#39; on this desk"),
        ("chart.width", "10", "from 200 to 4000"),
    ],
)
def test_each_is_checked_while_it_is_typed(owner: Visitor, field: str, typed: str, said: str) -> None:
    furnish(owner.world)
    shown = forms.shown(changed(kept(owner.world))) | {field: typed}
    answer = owner.post("/strategies/preview", **{name.replace(".", "__"): v for name, v in shown.items()})
    assert answer.status_code == 200
    place = f'id="e-{field.replace(".", "-")}" hx-swap-oob="true">'
    assert said in answer.text.partition(place)[2].partition("</small>")[0]


def test_a_new_version_keeps_the_set_it_has_until_the_newest_is_asked_for(owner: Visitor) -> None:
    furnish(owner.world)
    desk, trend = owner.world.desk, kept(owner.world)
    first = replace(trend.indicators, name="mine")
    wider = replace(first, indicators=(*first.indicators, spec("sma", length=77)))
    with desk.transactions.begin() as t:
        desk.indicators.create(t, first)
        desk.strategies.create(t, replace(trend, indicators=first), author="owner")
        desk.indicators.edit(t, wider, base=1)
    own = kept(owner.world)
    assert sent_back(owner.world, own).indicators == own.indicators
    assert 'name="indicators.newest"' in owner.get("/strategies/new?base=trend").text
    shown = forms.shown(own) | {"base": own.name, "begin": "trend", "indicators.newest": "on"}
    ticked = [("contracts", str(contract.conid)) for contract in own.contracts]
    with desk.transactions.read() as t:
        again, problems = forms.read_strategy(desk, t, FormValues((*shown.items(), *ticked)))
    assert problems == []
    assert spec("sma", length=77) in again.indicators.indicators
