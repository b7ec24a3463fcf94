"""A paper home with something to show, and a live one, each over its own world of the simulator."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from glassdesk.adapters.bundles import load_strategy
from glassdesk.adapters.ibkr.callbook import CallBook
from glassdesk.adapters.memory.bell import MemoryBell
from glassdesk.composition.pipelines import build_parts
from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.orders.model import OrderState
from glassdesk.workflow.risk.model import Limits
from glassdesk.workflow.runs.model import Run
from glassdesk.workflow.runs.pipeline import Pipeline
from glassdesk.workflow.strategies.model import StrategyState
from tests.faults.stage import MINUTE, SECOND, Stage, build
from tests.workflow.dealing.probe.probing import may_send, probed

Pem = tuple[Path, Path]
PAPER, LIVE = "DU1234567", "U7654321"
FIRST_DAY = "2012-08-01T14:00:00Z"
CONIDS = {"AAPL": 265598, "IBM": 8314, "MSFT": 272093}
BY_HAND = {"desk_capital": 100_000, "max_daily_loss": "0.02", "max_drawdown": "0.10"}

STRATEGY = """\
name: {name}
description: Buys whatever closed above one dollar.
symbols: [{symbol}]
bars: {{size: 1d, history: 60}}
indicators:
- {{kind: sma, length: 20}}
- {{kind: atr, length: 14}}
prompt: {{name: chart-analyst, label: live}}
conditions:
  buy: close above 1
  sell: close below 1
signal: {{rule: conditions}}
timing: {{cron: 0 9 * * 1-5, zone: America/New_York, enter_after_open: null, enter_before: 300}}
exits: {{stop_atr: 3.5, target_atr: 7.5}}
"""


def keep(stage: Stage, name: str, symbol: str) -> None:
    """A strategy of the home's own, enabled."""
    desk = stage.desk
    contract = desk.contracts.resolve(symbol)
    text = STRATEGY.format(name=name, symbol=symbol)
    with desk.transactions.begin() as t:
        desk.prompts.seed(t)
        desk.contracts.remember(t, contract)
        strategy = load_strategy(text, file=name, account=desk.account, resolve=CONIDS.__getitem__)
        desk.strategies.create(t, strategy, author="owner")
        desk.strategies.enable(t, name, "owner")


def decide(stage: Stage) -> list[Run]:
    """Every run that is due now, to its end."""
    pipeline = Pipeline(build_parts(stage.ground, stage.desk, MemoryBell(), CallBook(), "worker"))
    found = list(stage.desk.schedules.tick())
    for run in found:
        pipeline.execute(run)
    with stage.desk.transactions.read() as t:
        return [stage.desk.runs.run(t, run) for run in found]


def trade(stage: Stage) -> None:
    """One round trip: bought, and sold again. A losing week is no reason to stop collecting evidence."""
    patient = replace(Limits(), max_losses=1_000)
    bought = stage.reserve_entry(limits=patient)
    stage.run_until(lambda: stage.entry_state(bought) is OrderState.FILLED)
    stage.run(5 * SECOND)
    stage.reserve_exit(None)
    stage.run_until(lambda: stage.held() == 0, within=20 * MINUTE)


def next_day(stage: Stage, hour: int = 14, minute: int = 0) -> None:
    """Past the close, where the books of the day are kept, and on to the next session."""
    contracts = stage.desk.contracts
    here = contracts.session_at("XNYS", stage.now)
    if here is not None:
        stage.travel(here.closes_at + timedelta(minutes=10))
        stage.run(5 * SECOND)
    opens: datetime = contracts.next_session("XNYS", stage.now).opens_at
    stage.travel(opens.replace(hour=hour, minute=minute))
    stage.run(5 * SECOND)


def paper(pem: Pem, home: Path, *, days: int = 20) -> Stage:
    """A paper account that traded for so many sessions, once a day, and was probed at their end."""
    settings: dict[str, object] = {"deployment": "paper", "account": PAPER}
    stage = build(pem, home, at=FIRST_DAY, kind=AccountKind.PAPER, settings=settings, poll=None, events=True)
    stage.run_until(lambda: may_send(stage))
    # The books of the session before the first are kept as well.
    for _ in range(days - 1):
        trade(stage)
        next_day(stage)
    trade(stage)
    probed(stage, only=("P1", "P1-ended", "B1"))
    with stage.desk.transactions.begin() as t:
        now = stage.now
        stage.ground.stores.strategies.set_state(t, "morning", StrategyState.ARCHIVED, at=now)
    keep(stage, "carried", "AAPL")
    return stage


def live(pem: Pem, home: Path, at: datetime) -> Stage:
    """A live account's own home, signed in; nothing was unlocked."""
    settings: dict[str, object] = {"deployment": "live", "account": LIVE, **BY_HAND}
    words = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    stage = build(pem, home, at=words, kind=AccountKind.LIVE, settings=settings, poll=None, events=True)
    stage.run(10 * SECOND)
    return stage
