"""Every act of a person on the pages and over the API is an audit row with the actor and the hashes of before
and after (`T-77`): whoever adds a way to act adds it here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from glassdesk.composition.live import gate_of
from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.lineage.model import AuditEntry
from glassdesk.workflow.orders.model import IntentState, OrderState
from glassdesk.workflow.positions.model import BrokerPosition
from tests.web.test_acts import GOOD, Watch
from tests.web.test_api import act
from tests.web.test_risk_page import SHOWN
from tests.web.test_security import routes
from tests.web.visitor import BASE, Visitor
from tests.web.world import PASSWORD, World, live_a_week, open_world

TEXT = {"system": "You read charts.", "body": "Symbol {{ symbol }}", "message": "first"}
NO_ACTS = {
    "/strategies/preview": "it shows what a form would mean and keeps nothing",
    "/prompts/rehearsal": "it renders what is in the editor and keeps nothing",
    "/indicators/preview": "it draws what a form would make and keeps nothing",
    "/watchlists/match": "it shows what tickers mean and keeps nothing",
    "/lineage/{identity:path}": "it recomputes hashes and changes nothing",
    "/audit/verify": "it recomputes the chain; what it found is a row of inspections",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the recipes are about."""

    order: str
    unsent: str
    waiting: str


HELD = "XYZ"


def payload(world: World, intent: str) -> str:
    """Digest of the order that waits, as the page's form has it."""
    with world.desk.transactions.read() as t:
        return world.desk.approvals.show(t, intent).payload


def wait_for_a_person(world: World, intent: str) -> None:
    """Every leg of it waits, as if its strategy asked first."""
    with world.desk.transactions.begin() as t:
        run = world.desk.orders.intent(t, intent)[0].run
        for leg, _ in world.desk.orders.intents(t, run=run):
            waiting, at = IntentState.AWAITING_APPROVAL, world.clock.now()
            world.ground.stores.orders.set_intent(t, leg.intent, waiting, at=at, note="")


def answer(visitor: Visitor, known: Known, wish: str) -> object:
    """A yes or no over the API to the bracket that was queued."""
    wait_for_a_person(visitor.world, known.unsent)
    return act(visitor, f"approvals/{known.unsent}/{wish}", {"payload": payload(visitor.world, known.unsent)})


def a_run(visitor: Visitor) -> str:
    """A decision that asked a question."""
    with visitor.world.desk.transactions.read() as t:
        return visitor.world.desk.signals.recent(t, limit=1)[0].signal.run


def counted(visitor: Visitor) -> str:
    """A decision that the scoreboard knows."""
    visitor.world.desk.labelling.run()
    return a_run(visitor)


def lock(visitor: Visitor, deed: Callable[[], object]) -> object:
    """The desk as one of a live account that was unlocked."""
    ground = visitor.world.ground
    plain = ground.settings
    object.__setattr__(ground, "settings", plain.model_copy(update={"account_kind": AccountKind.LIVE}))
    try:
        with visitor.world.desk.transactions.begin() as t:
            gate = gate_of(ground, visitor.world.desk.audit, visitor.world.desk.notifications)
            gate.unlock(t, SHOWN, "another", typed=plain.account)
        return deed()
    finally:
        object.__setattr__(ground, "settings", plain)


Recipe = Callable[[Visitor, Known], object]

ACTS: Mapping[str, Recipe] = {
    "/sign-in": lambda v, k: v.post("/sign-in", password=PASSWORD),
    "/sign-in/link/{token}": lambda v, k: v.post(
        f"/sign-in/link/{v.world.link()}", password=PASSWORD, again=PASSWORD
    ),
    "/contracts": lambda v, k: v.post("/contracts", conid="265598", q="aapl"),
    "/watchlists": lambda v, k: v.post("/watchlists", name="few", text="AAPL MSFT", version="0"),
    "/watchlists/{name}/remove": lambda v, k: v.post("/watchlists/few/remove"),
    "/prompts/new": lambda v, k: v.post("/prompts/new", name="own", language="en", **TEXT),
    "/prompts/{name}/new": lambda v, k: v.post("/prompts/own/new", **{**TEXT, "body": "Ticker {{ symbol }}"}),
    "/prompts/{name}/label": lambda v, k: v.post("/prompts/own/label", label="live", number="2"),
    "/prompts/{name}/rollback": lambda v, k: (
        v.post("/prompts/own/label", label="paper", number="1"),
        v.post("/prompts/own/label", label="paper", number="2"),
        v.post("/prompts/own/rollback", label="paper"),
    ),
    "/prompts/{name}/describe": lambda v, k: v.post(
        "/prompts/own/describe", tags="mine", notes="n", edition="1"
    ),
    "/prompts/{name}/restore": lambda v, k: v.post("/prompts/own/restore", number="1"),
    "/prompts/{name}/clone": lambda v, k: v.post("/prompts/own/clone", number="1", new_name="copy"),
    "/prompts/{name}/archive": lambda v, k: v.post("/prompts/copy/archive", do="archive"),
    "/prompts/{name}/test": lambda v, k: v.post("/prompts/own/test", number="1", run=a_run(v)),
    "/api/v1/prompts/{name}/label": lambda v, k: act(
        v, "prompts/own/label", {"label": "shadow", "number": 1}
    ),
    "/api/v1/prompts/{name}/rollback": lambda v, k: (
        act(v, "prompts/own/label", {"label": "shadow", "number": 2}),
        act(v, "prompts/own/rollback", {"label": "shadow", "reason": "worse"}),
    ),
    "/scoreboard/outcomes/{run}": lambda v, k: v.post(
        f"/scoreboard/outcomes/{counted(v)}", do="set", r="0.5", reason="sold by hand"
    ),
    "/api/v1/scoreboard/outcomes/{run}": lambda v, k: act(
        v, f"scoreboard/outcomes/{counted(v)}", {"ending": "cancelled", "reason": "a test"}
    ),
    "/strategies": lambda v, k: v.post("/strategies", **{**GOOD, "name": "other"}),
    "/models/probe": lambda v, k: v.post("/models/probe"),
    "/strategies/{name}/{wish}": lambda v, k: v.post("/strategies/dips/disable"),
    "/indicators": lambda v, k: v.post("/indicators", name="pair", kind0="sma", **{"p0.length": "20"}),
    "/session": lambda v, k: v.post("/session", do="reconcile"),
    "/orders/{order}/cancel": lambda v, k: v.post(f"/orders/{k.order}/cancel"),
    "/orders/{order}/look": lambda v, k: v.post(f"/orders/{k.order}/look"),
    "/orders/{order}/resolve": lambda v, k: v.post(
        f"/orders/{k.order}/resolve", state="cancelled", reason="seen at the broker", sure="on"
    ),
    "/orders/{order}/modify": lambda v, k: v.post(f"/orders/{k.order}/modify", price="1.00"),
    "/approvals/{intent}": lambda v, k: v.post(
        f"/approvals/{k.waiting}", do="decline", payload=payload(v.world, k.waiting)
    ),
    "/positions/{symbol}/{act}": lambda v, k: v.post(f"/positions/{HELD}/exit", confirmed="on"),
    "/api/v1/positions/{symbol}/{act}": lambda v, k: act(v, f"positions/{HELD}/exit", {}),
    "/risk/halt": lambda v, k: v.post("/risk/halt", level="PAUSE_ENTRIES", reason="lunch"),
    "/risk/lock": lambda v, k: lock(v, lambda: v.post("/risk/lock", lock_reason="a bad week")),
    "/api/v1/live/lock": lambda v, k: lock(v, lambda: act(v, "live/lock", {"reason": "a bad week"})),
    "/risk/resume": lambda v, k: v.post("/risk/resume", why="back", sure="on"),
    "/schedules/{name}": lambda v, k: v.post("/schedules/trend", do="pause"),
    "/notifications": lambda v, k: v.post("/notifications", key="test:alarm"),
    "/notifications/all": lambda v, k: v.post("/notifications/all"),
    "/notifications/test": lambda v, k: v.post("/notifications/test"),
    "/simulation": lambda v, k: v.post("/simulation", do="pause"),
    "/api/v1/indicators/sets": lambda v, k: act(v, "indicators/sets", {"name": "own", "indicators": ["obv"]}),
    "/indicators/{name}/archive": lambda v, k: v.post("/indicators/own/archive"),
    "/api/v1/strategies": lambda v, k: act(v, "strategies", json.loads(STRATEGY(v))),
    "/api/v1/risk/halt": lambda v, k: act(v, "risk/halt", {"level": "PAUSE_ENTRIES", "reason": "x"}),
    "/api/v1/risk/resume": lambda v, k: act(v, "risk/resume", {"reason": "x"}),
    "/api/v1/strategies/{name}/run": lambda v, k: act(v, "strategies/other/run", {}),
    "/api/v1/strategies/{name}/enable": lambda v, k: act(v, "strategies/dips/enable"),
    "/api/v1/strategies/{name}/disable": lambda v, k: act(v, "strategies/dips/disable"),
    "/api/v1/orders/{order}/cancel": lambda v, k: act(v, f"orders/{k.unsent}/cancel"),
    "/api/v1/approvals/{intent}/approve": lambda v, k: answer(v, k, "approve"),
    "/api/v1/approvals/{intent}/decline": lambda v, k: answer(v, k, "decline"),
    "/sign-out": lambda v, k: v.post("/sign-out"),
}


def STRATEGY(visitor: Visitor) -> str:
    """A strategy as the API gives and takes it."""
    found = visitor.get("/api/v1/strategies/trend").json()["strategy"]
    return json.dumps({**found, "name": "third"})


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("busy")) as world:
        live_a_week(world, days=1)
        yield world


def decide(world: World) -> Known:
    """Next morning's runs are decided; one bracket waits for a person."""
    world.at(datetime.fromisoformat("2012-10-09T13:00:00+00:00"))
    for run in world.desk.schedules.tick():
        world.pipeline.execute(run)
    with world.desk.transactions.begin() as t:
        theirs = BrokerPosition(
            account=world.desk.account,
            conid=1,
            symbol=HELD,
            quantity=Decimal(1),
            average_cost=Decimal(1),
            market_price=None,
        )
        stated = [*world.desk.positions.broker(t, world.desk.account), theirs]
        now = world.clock.now()
        world.ground.stores.positions.put_broker_positions(t, world.desk.account, stated, seen_at=now)
        orders = world.desk.orders.orders(t)
        queued = [
            i for i, state in world.desk.orders.intents(t, states=[IntentState.QUEUED]) if i.leg == "main"
        ]
    wait_for_a_person(world, queued[0].intent)
    return Known(
        order=next(o.order for o in orders if not o.state.final and o.state is not OrderState.RESERVED),
        unsent=next(o.order for o in orders if o.intent == queued[1].intent),
        waiting=queued[0].intent,
    )


def rows_after(world: World, seq: int) -> list[AuditEntry]:
    with world.desk.transactions.read() as t:
        return list(world.desk.audit.entries(t, after=seq))


def test_T_77_every_way_to_act_is_listed_here(busy: World) -> None:
    assert set(routes(busy, "POST")) == set(ACTS) | set(NO_ACTS)


def test_T_77_every_act_is_an_audit_row_with_the_actor_and_hashes_of_before_and_after(busy: World) -> None:
    known = decide(busy)
    with TestClient(busy.app(simulation=Watch(busy)), base_url=BASE) as client:
        visitor = Visitor(busy, client)
        visitor.enter()
        for path, recipe in ACTS.items():
            with busy.desk.transactions.read() as t:
                before = busy.desk.audit.length(t)
            recipe(visitor, known)
            rows = [row for row in rows_after(busy, before) if row.actor == "owner"]
            assert rows, f"{path} left no row"
            for row in rows:
                hashes = json.loads(row.body)["hashes"]
                assert hashes["before"] or hashes["after"], f"{path}: {row.kind}"


def test_T_77_a_failed_sign_in_is_a_row_of_a_stranger(busy: World) -> None:
    with TestClient(busy.app(), base_url=BASE) as client:
        visitor = Visitor(busy, client)
        visitor.enter()
        visitor.post("/sign-out")
        visitor.post("/sign-in", password="wrong wrong wrong")
    last = rows_after(busy, 0)[-1]
    assert (last.actor, last.kind) == ("stranger", "access.failure")


def test_I_38_every_change_of_an_orders_state_has_exactly_one_audit_row_and_reverse(tmp_path: Path) -> None:
    with open_world(tmp_path) as world:
        with world.desk.transactions.begin() as t:
            link = t.connection.connection.driver_connection  # type: ignore[attr-defined]
            link.execute('CREATE TEMP TABLE moves ("order" TEXT, before TEXT, after TEXT)')
            link.execute(
                "CREATE TEMP TRIGGER noted AFTER UPDATE OF state ON main.orders WHEN OLD.state <> NEW.state "
                'BEGIN INSERT INTO moves VALUES (NEW."order", OLD.state, NEW.state); END'
            )
        live_a_week(world, days=4)
        with world.desk.transactions.read() as t:
            link = t.connection.connection.driver_connection  # type: ignore[attr-defined]
            moves = link.execute('SELECT "order", before, after FROM moves').fetchall()
            rows = [
                row
                for row in world.desk.audit.entries(t, limit=100_000)
                if row.ref.startswith("order:") and row.kind.removeprefix("order.") in set(OrderState)
            ]
    told = [
        (row.ref.removeprefix("order:"), json.loads(row.body)["before"], json.loads(row.body)["after"])
        for row in rows
    ]
    assert len(moves) > 20
    assert sorted(moves) == sorted(told)
