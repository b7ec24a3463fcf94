"""What a person does on the pages: forms keep what was typed, say what is wrong, and leave a trace."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.orders.model import OrderState
from glassdesk.workflow.prompts.model import PromptTest
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.strategies.model import StrategyState
from tests.web.visitor import BASE, Visitor
from tests.web.world import World, furnish, live_a_week

GOOD = {
    "name": "mine",
    "contracts": ["265598"],
    "bar_size": "1d",
    "history": "250",
    "indicators": "three-of-four",
    "chart.bars": "90",
    "chart.theme": "light",
    "prompt": "chart-analyst",
    "prompt.use": "live",
    "policy.rule": "three_of_four",
    "policy.params": "",
    "policy.minimum_r": "1",
    "policy.need_confirmations": "0",
    "timing.cron": "0 9 * * 1-5",
    "timing.zone": "America/New_York",
    "timing.exchange": "XNYS",
    "timing.enter_after_open": "5",
    "timing.enter_before": "60",
    "exits.stop_atr": "2",
    "exits.target_atr": "3",
    "exits.max_bars": "",
    "exits.urgency": "market",
    "limits.risk_per_trade": "0.5",
    "limits.max_position": "20",
    "limits.max_order": "20",
    "limits.max_open_risk": "3",
    "limits.gap": "15",
    "limits.max_gap_loss": "10",
    "limits.max_commission": "0.5",
    "limits.price_collar": "0.5",
    "limits.max_positions": "5",
    "limits.max_orders_per_day": "4",
    "limits.max_order_value": "10000",
    "limits.max_drift_atr": "0.5",
    "limits.max_exposure": "100",
    "limits.max_volume_share": "0.5",
    "limits.max_spread": "0.5",
    "limits.max_daily_loss": "2",
    "limits.max_drawdown": "10",
    "limits.max_margin": "90",
    "limits.max_account_orders": "20",
    "limits.max_symbol_orders": "6",
    "limits.max_orders_per_minute": "3",
    "limits.max_order_quantity": "1000",
    "limits.max_losses": "4",
    "limits.cooldown_bars": "1",
    "limits.max_day_trades": "0",
    "rank": "listed",
    "message": "first",
}


@pytest.fixture
def furnished(owner: Visitor) -> Visitor:
    """Signed in at a desk with prompts, symbols, sets and two strategies."""
    furnish(owner.world)
    return owner


def halt_of(world: World) -> HaltLevel:
    with world.desk.transactions.read() as t:
        return world.desk.risk.halt(t).level


def test_the_red_button_halts_and_resume_needs_a_reason(owner: Visitor) -> None:
    stopped = owner.post("/risk/halt", level="HALT_CANCEL_ENTRIES", reason="red button")
    assert "The level is HALT_CANCEL_ENTRIES now" in stopped.text
    assert halt_of(owner.world) is HaltLevel.HALT_CANCEL_ENTRIES
    refused = owner.post("/risk/resume", why="  ", sure="on")
    assert refused.status_code == 422
    assert "No reason given" in refused.text
    unsure = owner.post("/risk/resume", why="false alarm")
    assert unsure.status_code == 422
    assert halt_of(owner.world) is HaltLevel.HALT_CANCEL_ENTRIES
    owner.post("/risk/resume", why="false alarm", sure="on")
    assert halt_of(owner.world) is HaltLevel.ACTIVE


def test_every_act_on_the_switch_is_audited(owner: Visitor) -> None:
    owner.post("/risk/halt", level="HALT", reason="lunch")
    owner.post("/risk/resume", why="back", sure="on")
    with owner.world.desk.transactions.read() as t:
        rows = [(row.actor, row.kind) for row in owner.world.desk.audit.entries(t)][-2:]
    assert rows == [("owner", "halt"), ("owner", "resume")]


@pytest.mark.parametrize("level", ["FREEZE", "FLATTEN"])
def test_the_hardest_levels_must_be_typed(owner: Visitor, level: str) -> None:
    refused = owner.post("/risk/halt", level=level, reason="because")
    assert refused.status_code == 422
    assert f"Not confirmed: type {level}" in refused.text
    assert 'value="because"' in refused.text
    assert owner.post("/risk/halt", level=level, reason="because", typed=level).status_code == 200


def test_a_level_is_not_lowered_by_the_raising_form(owner: Visitor) -> None:
    owner.post("/risk/halt", level="HALT", reason="x")
    assert owner.post("/risk/halt", level="PAUSE_ENTRIES", reason="x").status_code == 409
    assert owner.post("/risk/halt", level="NONSENSE", reason="x").status_code == 422


def test_a_symbol_is_searched_and_remembered(owner: Visitor) -> None:
    page = owner.get("/contracts?q=aapl").text
    assert "it trades in CAD" in page
    answer = owner.post("/contracts", conid="265598", q="aapl")
    assert "AAPL is remembered" in answer.text
    assert owner.post("/contracts", conid="1", q="aapl").status_code == 404


def test_a_search_for_too_much_says_so_and_keeps_the_text(stocked: Visitor) -> None:
    answer = stocked.get("/contracts", params={"q": "x" * 41})
    assert answer.status_code == 422
    assert f'value="{"x" * 41}"' in answer.text


def test_a_strategy_made_by_form_is_what_was_typed(furnished: Visitor) -> None:
    answer = furnished.post("/strategies", **GOOD)
    assert "mine version 1 is kept" in answer.text
    with furnished.world.desk.transactions.read() as t:
        row = furnished.world.desk.strategies.get(t, "mine")
    assert row.state is StrategyState.DISABLED
    assert row.strategy.contracts[0].symbol == "AAPL"
    assert str(row.strategy.limits.risk_per_trade) == "0.005"
    assert row.author == "owner"


def test_a_version_made_from_another_differs_only_where_it_was_changed(furnished: Visitor) -> None:
    furnished.post("/strategies", **GOOD)
    furnished.post("/strategies", **{**GOOD, "exits.stop_atr": "2.5", "base": "mine"})
    with furnished.world.desk.transactions.read() as t:
        first, second = furnished.world.desk.strategies.versions(t, "mine")
    assert str(second.strategy.exits.stop_atr) == "2.5"
    assert first.strategy.limits == second.strategy.limits
    assert second.strategy.version == 2


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("name", "Not A Name", "is no name for a strategy"),
        ("timing.cron", "99 9 * * *", "is no schedule"),
        ("timing.zone", "Mars/Olympus", "there is no time zone"),
        ("history", "many", "is no whole number"),
        ("history", "3", "bars do not fit"),
        ("exits.stop_atr", "0", "is no stop"),
        ("exits.target_atr", "NaN", "is no number"),
        ("exits.trail_atr", "NaN", "is no number"),
        ("exits.trail_atr", "99", "is no stop"),
        ("limits.risk_per_trade", "150", "Out of range: above 0, at most 100 %"),
        ("limits.max_positions", "0", "0 allows nothing"),
        ("prompt", "", "there is no prompt"),
        ("indicators", "", "there is no indicator set"),
        ("indicators", "rsi2-reversion", "the set lacks it"),
        ("policy.params", "buy_below", "Not readable"),
    ],
)
def test_a_field_that_will_not_do_is_told_beside_it_and_everything_is_kept(
    stocked: Visitor, field: str, typed: str, says: str
) -> None:
    answer = stocked.post("/strategies", **{**GOOD, field: typed, "description": "keep me"})
    assert answer.status_code == 422
    told = answer.text.split(f'id="e-{field.replace(".", "-")}">')[1].split("</small>")[0]
    assert says.lower() in told.lower().replace("&#39;", "'")
    assert 'value="keep me"' in answer.text
    assert 'value="265598" checked' in answer.text


def test_the_preview_says_the_next_slots_and_what_is_wrong_and_keeps_nothing(stocked: Visitor) -> None:
    good = stocked.post("/strategies/preview", **GOOD).text
    assert "Mon 1 Oct 2012 09:00 EDT" in good
    assert "Nothing is wrong" in good
    bad = stocked.post("/strategies/preview", **{**GOOD, "timing.cron": "nonsense"}).text
    assert 'id="e-timing-cron" hx-swap-oob="true">' in bad
    assert "is no schedule" in bad
    assert stocked.get("/strategies/mine").status_code == 404


def test_a_strategy_is_enabled_and_disabled_and_a_refusal_names_the_owner(furnished: Visitor) -> None:
    furnished.post("/strategies", **GOOD)
    refused = furnished.post("/strategies/mine/enable")
    assert "AAPL belongs to the strategy trend" in refused.text
    furnished.post("/strategies/trend/disable")
    assert "mine is enabled now" in furnished.post("/strategies/mine/enable").text
    assert furnished.post("/strategies/mine/fly").text.count("Not done") == 1


def test_slots_are_paused_and_resumed(furnished: Visitor) -> None:
    furnished.post("/schedules/trend", do="pause")
    assert "trend" not in furnished.get("/api/v1/schedules/next").text
    furnished.post("/schedules/trend", do="resume")
    assert "trend" in furnished.get("/api/v1/schedules/next").text


def test_a_prompt_is_written_revised_and_labelled(owner: Visitor) -> None:
    text = {"system": "You read charts.", "body": "Symbol {{ symbol }}", "message": "first"}
    assert "own version 1 is kept" in owner.post("/prompts/new", name="own", language="en", **text).text
    owner.post("/prompts/own/new", **{**text, "body": "Ticker {{ symbol }}", "message": "better word"})
    owner.post("/prompts/own/label", label="live", number="2")
    page = owner.get("/prompts/own").text
    assert "better word" in page
    assert "+Ticker {{ symbol }}" in page
    with owner.world.desk.transactions.read() as t:
        assert owner.world.desk.prompts.labels(t, "own")["live"] == 2


def test_a_prompt_with_an_unknown_variable_is_told_with_the_text_kept(stocked: Visitor) -> None:
    answer = stocked.post(
        "/prompts/new", name="own", language="en", system="Hi", body="{{ simbol }} and more", message="m"
    )
    assert answer.status_code == 422
    assert "simbol" in answer.text.split('id="e-body"')[1].split("</small>")[0]
    assert "{{ simbol }} and more</textarea>" in answer.text


def test_a_prompt_that_reads_the_same_is_refused_in_its_form(owner: Visitor) -> None:
    text = {"system": "You read charts.", "body": "Symbol {{ symbol }}", "message": "first"}
    owner.post("/prompts/new", name="own", language="en", **text)
    assert "reads exactly so already" in owner.post("/prompts/own/new", **text).text


def test_a_notification_is_seen_once_and_stays(owner: Visitor) -> None:
    furnish(owner.world)
    live_a_week(owner.world, days=0)
    assert "I have seen it" in owner.get("/notifications").text
    owner.post("/notifications", key="test:alarm")
    with owner.world.desk.transactions.read() as t:
        row = next(n for n in owner.world.desk.notifications.recent(t) if n.key == "test:alarm")
    assert isinstance(row.acknowledged_at, datetime)


def test_cancelling_an_order_is_a_wish_that_the_dealer_fulfils(owner: Visitor) -> None:
    world = owner.world
    live_a_week(world, days=1)
    world.at(datetime.fromisoformat("2012-10-09T13:00:00+00:00"))
    with world.desk.transactions.read() as t:
        row = next(o for o in world.desk.orders.orders(t) if not o.state.final)
    answer = owner.post(f"/orders/{row.order}/cancel")
    assert "Asked for" in answer.text
    with world.desk.transactions.read() as t:
        wish = world.desk.dealing.recent(t)[0]
    assert wish.kind is CommandKind.CANCEL_ORDER
    for _ in range(3):
        world.dealer.turn()
        world.clock.advance(timedelta(seconds=7))
    with world.desk.transactions.read() as t:
        assert world.desk.dealing.recent(t)[0].result.startswith("cancel accepted")
        after = world.desk.orders.order(t, row.order)
    assert after.state in (OrderState.CANCEL_REQUESTED, OrderState.CANCELLED)


def test_a_final_order_has_nothing_to_cancel(owner: Visitor) -> None:
    live_a_week(owner.world, days=1)
    with owner.world.desk.transactions.read() as t:
        row = next(o for o in owner.world.desk.orders.orders(t) if o.state.final)
    assert owner.post(f"/orders/{row.order}/cancel").status_code == 409


def test_the_session_is_asked_for_through_the_dealer(owner: Visitor) -> None:
    assert "at its next turn" in owner.post("/session", do="reconcile").text
    assert owner.post("/session", do="dance").status_code == 422
    assert "reconcile" in owner.get("/session").text


def test_the_audit_is_verified_on_its_page(owner: Visitor) -> None:
    assert "Verified: all 1 rows" in owner.post("/audit/verify").text


class Watch:
    """A simulated clock that only remembers what it was told."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.told: list[object] = []

    def now(self) -> datetime:
        return self._world.clock.now()

    def pause(self) -> None:
        self.told.append("pause")

    def resume(self) -> None:
        self.told.append("resume")

    def poke(self) -> None:
        self.told.append("poke")

    def set_speed(self, n: int) -> None:
        self.told.append(n)


def test_the_simulated_clock_is_paused_braked_and_woken(world: World) -> None:
    watch = Watch(world)
    with TestClient(world.app(simulation=watch), base_url=BASE) as client:
        visitor = Visitor(world, client)
        visitor.enter()
        assert "Pause simulated time" in visitor.get("/").text
        visitor.post("/simulation", do="pause")
        visitor.post("/simulation", do="60")
        assert visitor.post("/simulation", do="7").status_code == 422
        visitor.post("/session", do="reconcile")
    assert watch.told == ["pause", 60, "resume", "poke"]


def test_a_desk_on_real_time_has_no_clock_to_brake(owner: Visitor) -> None:
    assert owner.post("/simulation", do="pause").status_code == 404


def test_all_notifications_are_seen_at_once_and_the_bar_counts_alarms_no_more(owner: Visitor) -> None:
    tell_alarms(owner, 3)
    assert "3 not seen" in owner.get("/bar").text
    owner.post("/notifications/all")
    assert "not seen</span>" not in owner.get("/bar").text
    with owner.world.desk.transactions.read() as t:
        assert owner.world.desk.audit.entries(t)[-1].kind == "notification.acknowledge"


def test_a_test_of_the_channels_says_how_it_went_and_is_audited(owner: Visitor) -> None:
    answer = owner.post("/notifications/test")
    assert "Test: log: delivered." in answer.text
    with owner.world.desk.transactions.read() as t:
        assert owner.world.desk.audit.entries(t)[-1].kind == "notification.test"


def test_notifications_are_filtered_and_show_how_each_went_out(owner: Visitor) -> None:
    tell_alarms(owner, 1)
    owner.world.desk.notifications.dispatch()
    assert "Alarm 0" in owner.get("/notifications?severity=alarm&seen=no").text
    assert '<span class="chip ok" title="delivered">log' in owner.get("/notifications").text
    assert "Nothing fits" in owner.get("/notifications?severity=info").text
    assert "Nothing fits" in owner.get("/notifications?seen=yes").text
    assert "Alarm 0" in owner.get("/notifications?severity=nonsense").text


def tell_alarms(owner: Visitor, count: int) -> None:
    told = owner.world.desk.notifications
    with owner.world.desk.transactions.begin() as t:
        for number in range(count):
            told.tell(t, f"test:{number}", Severity.ALARM, f"Alarm {number}", "", "session")


def test_a_strategy_is_copied_and_its_versions_are_laid_beside_each_other(owner: Visitor) -> None:
    furnish(owner.world)
    copy = owner.get("/strategies/new?copy=trend").text
    assert 'name="name" type="text" value=""' in copy
    assert "Least capital that trades" in copy
    owner.post("/strategies", **{**GOOD, "name": "trend", "timing__cron": "0 10 * * 1-5"})
    owner.post("/strategies", **{**GOOD, "name": "trend", "timing__cron": "0 11 * * 1-5"})
    page = owner.get("/strategies/trend").text
    assert "changed</h3>" in page
    assert "0 11 * * 1-5" in page
    assert "decide_on: closed" in page


def test_a_prompt_that_nobody_made_live_is_told(owner: Visitor) -> None:
    """R-67."""
    text = {"system": "You read charts.", "body": "Symbol {{ symbol }}", "message": "first"}
    owner.post("/prompts/new", name="own", language="en", **text)
    assert "No version is live for all" in owner.get("/prompts/own").text
    assert "nothing uses it until a label points to it" in owner.get("/prompts/own/new").text
    owner.post("/prompts/own/label", label="live", number="1")
    assert "No version is live for all" not in owner.get("/prompts/own").text
    assert "live stays at version 1 until you point it here" in owner.get("/prompts/own/new").text
    owner.post("/prompts/own/new", system="You read charts.", body="{{ close }}", message="", base="1")
    desk = owner.world.desk
    with desk.transactions.begin() as t:
        desk.prompts.keep_test(
            t,
            PromptTest(
                name="own", number=2, test=0, run="r" * 8, engine="m", model="m-1", problem="no JSON object",
                answer="", actor="owner", at=desk.clock.now(),
            ),
        )  # fmt: skip
    assert "v2 failed its last test" in owner.get("/prompts/own").text
    refused = owner.post("/prompts/own/label", label="live", number="2")
    assert refused.status_code == 409
    assert "failed its last test, on run rrrrrrrr: no JSON object" in refused.text
    assert "live stays at version 1" in owner.get("/prompts/own/new").text
