"""Laws of the stores that keep what was last said, or once decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from glassdesk.adapters.database import Stores
from glassdesk.kernel.errors import Conflict, IntegrityViolation, NotFound
from glassdesk.workflow.access.model import OneTimeLink, Owner
from glassdesk.workflow.contracts.model import Contract, ContractRules, TickBand
from glassdesk.workflow.dealing.model import Command, CommandKind
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSetVersion, IndicatorSpec
from glassdesk.workflow.portfolio.model import BrokerBalances, Snapshot
from glassdesk.workflow.positions.model import Break, BrokerPosition
from glassdesk.workflow.prompts.model import Kind, Prompt, PromptVersion
from glassdesk.workflow.risk.model import Halt, HaltLevel, Verdict
from glassdesk.workflow.session.model import Account, SessionState, SessionStatus
from glassdesk.workflow.signals.model import Action
from glassdesk.workflow.strategies.model import StrategyState
from tests.adapters.laws.makers import (
    AAPL,
    ACCOUNT,
    HOUR,
    MINUTE,
    MSFT,
    NOON,
    a_move,
    a_run,
    a_signal,
    a_strategy,
    store_run,
    write,
)

APPLE = Contract(
    conid=AAPL, symbol="AAPL", name="APPLE INC", sec_type="STK", exchange="NASDAQ", currency="USD"
)
RULES = ContractRules(
    conid=AAPL,
    ticks=(TickBand(lower_edge=Decimal(0), increment=Decimal("0.01")),),
    order_types=frozenset({"LMT", "STP"}),
    tifs=frozenset({"DAY", "GTC"}),
    can_trade=True,
    fetched_at=NOON,
)


def test_the_last_look_at_the_session_replaces_the_one_before(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        assert stores.session.status(t) is None
        for epoch, state in enumerate((SessionState.SIGNED_OUT, SessionState.READY)):
            stores.session.put_status(t, SessionStatus(state=state, seen_at=NOON), epoch=epoch)
        assert stores.session.status(t) == (SessionStatus(state=SessionState.READY, seen_at=NOON), 1)


def test_accounts_keep_the_order_of_the_login(stores: Stores) -> None:
    other = Account(account="DU1", is_paper=True, currency="EUR", trading_type="STKCASH")
    accounts = [Account(account="U9", is_paper=False), other]
    with stores.transactions.begin() as t:
        stores.session.put_accounts(t, [Account(account="old", is_paper=True)])
        stores.session.put_accounts(t, accounts)
        assert stores.session.accounts(t) == accounts
        stores.session.put_accounts(t, [])
        assert stores.session.accounts(t) == []


def test_contracts_are_known_by_number_and_symbol(stores: Stores) -> None:
    abroad = replace(APPLE, conid=7, exchange="IBIS")
    with stores.transactions.begin() as t:
        stores.contracts.put_contract(t, replace(APPLE, name="old"), seen_at=NOON)
        for contract in (APPLE, abroad, replace(APPLE, conid=MSFT, symbol="MSFT")):
            stores.contracts.put_contract(t, contract, seen_at=NOON)
        assert stores.contracts.contract(t, AAPL) == APPLE
        assert stores.contracts.contract(t, 1) is None
        assert stores.contracts.by_symbol(t, "AAPL") == [abroad, APPLE]
        assert [contract.symbol for contract in stores.contracts.all_contracts(t)] == ["AAPL", "AAPL", "MSFT"]


def test_rules_are_replaced(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        assert stores.contracts.rules(t, AAPL) is None
        stores.contracts.put_rules(t, RULES)
        stores.contracts.put_rules(t, replace(RULES, can_trade=False))
        assert stores.contracts.rules(t, AAPL) == replace(RULES, can_trade=False)


def test_versions_of_an_indicator_set_are_kept_as_they_were_put(stores: Stores) -> None:
    rsi = IndicatorSet(name="b", indicators=(IndicatorSpec(kind="rsi", params=(("length", 2),)),))
    first = IndicatorSetVersion(indicators=rsi, version=1, author="owner", created_at=None)
    second = replace(first, version=2, created_at=datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), message="why")
    other = replace(first, indicators=replace(rsi, name="a"))
    with stores.transactions.begin() as t:
        for found in (first, other, second):
            stores.indicators.put(t, found)
        assert stores.indicators.versions(t, "b") == [first, second]
        assert stores.indicators.versions(t, "c") == []
        assert stores.indicators.newest(t) == [other, second]
        with pytest.raises(Conflict, match="has a version 2 already"):
            stores.indicators.put(t, second)


def a_prompt(number: int) -> PromptVersion:
    return PromptVersion(
        name="trend",
        number=number,
        language="en",
        system="Judge the chart. 100 % \U0001f4c8",
        body="{{ symbol }}",
        sha256="0" * 64,
        message="first",
        author="owner",
        created_at=NOON,
    )


def test_prompt_versions_are_appended_and_labels_move(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        for number in (1, 2):
            stores.prompts.add_version(t, a_prompt(number))
        moves = [a_move("trend", 1), a_move("trend", 2, move=2), a_move("trend", 1, label="next")]
        for move in moves:
            stores.prompts.add_move(t, move)
        assert stores.prompts.version(t, "trend", 2) == a_prompt(2)
        assert stores.prompts.version(t, "trend", 3) is None
        assert [found.number for found in stores.prompts.versions(t, "trend")] == [1, 2]
        assert stores.prompts.newest(t) == [a_prompt(2)]
        assert stores.prompts.moves(t, "trend") == stores.prompts.moves(t) == moves
        assert stores.prompts.moves(t, "other") == []
        with pytest.raises(Conflict, match="version 1 already"):
            stores.prompts.add_version(t, a_prompt(1))
        with pytest.raises(Conflict, match="moved meanwhile"):
            stores.prompts.add_move(t, a_move("trend", 1, move=2))
    with pytest.raises(IntegrityViolation):
        write(stores, lambda t: stores.prompts.add_move(t, a_move("trend", 9, move=3)))


def test_a_prompt_changes_one_edition_after_the_other(stores: Stores) -> None:
    first = Prompt(name="trend", kind=Kind.DAILY, tags=("a", "b"), notes="n\u4e00")
    with stores.transactions.begin() as t:
        stores.prompts.add_prompt(t, first)
        with pytest.raises(Conflict, match="exists"):
            stores.prompts.add_prompt(t, first)
        second = replace(first, notes="", archived_at=NOON, edition=2)
        stores.prompts.change_prompt(t, second)
        assert stores.prompts.prompt(t, "trend") == second
        assert stores.prompts.prompt(t, "none") is None
        assert stores.prompts.prompts(t) == [second]
        with pytest.raises(Conflict, match="after you opened it"):
            stores.prompts.change_prompt(t, replace(first, notes="late", edition=2))
        assert stores.prompts.prompts(t) == [second]


def test_strategy_versions_share_the_state_of_their_name(stores: Stores) -> None:
    first, second = a_strategy(), a_strategy(version=2, conids=(MSFT,))
    with stores.transactions.begin() as t:
        for row in (first, second, a_strategy("evening")):
            stores.strategies.add_version(t, row)
        stores.strategies.set_state(t, "morning", StrategyState.CLOSING, at=NOON)
        closing = replace(second, state=StrategyState.CLOSING)
        assert stores.strategies.latest(t, "morning") == closing
        assert stores.strategies.version(t, "morning", 1) == replace(first, state=StrategyState.CLOSING)
        assert [row.strategy.version for row in stores.strategies.versions(t, "morning")] == [1, 2]
        assert [row.strategy.name for row in stores.strategies.all_latest(t)] == ["evening", "morning"]
        assert stores.strategies.latest(t, "nobody") is None
        with pytest.raises(Conflict, match="version 2 already"):
            stores.strategies.add_version(t, second)
        with pytest.raises(NotFound, match="nobody"):
            stores.strategies.set_state(t, "nobody", StrategyState.ENABLED, at=NOON)


def test_T_13_the_owner_of_a_contract_is_who_trades_it_now(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        for row in (a_strategy(), a_strategy(version=2, conids=(MSFT,))):
            stores.strategies.add_version(t, row)
        assert stores.strategies.owner_of(t, ACCOUNT, AAPL) is None
        assert stores.strategies.owner_of(t, ACCOUNT, MSFT) == "morning"
        assert stores.strategies.owner_of(t, "another", MSFT) is None
        for state, owner in ((StrategyState.CLOSING, "morning"), (StrategyState.DISABLED, None)):
            stores.strategies.set_state(t, "morning", state, at=NOON)
            assert stores.strategies.owner_of(t, ACCOUNT, MSFT) == owner


def test_a_run_has_one_signal_and_the_newest_come_first(stores: Stores) -> None:
    early, late = a_run(), a_run(slot=NOON + HOUR, conid=MSFT)
    with stores.transactions.begin() as t:
        for run in (early, late):
            stores.signals.add(t, a_signal(store_run(stores, t, run)))
        assert stores.signals.of_run(t, early.run) == a_signal(early)
        assert stores.signals.recent(t) == [a_signal(late), a_signal(early)]
        assert stores.signals.recent(t, before=NOON + HOUR, strategy="morning") == [a_signal(early)]
        assert stores.signals.recent(t, conid=MSFT, limit=1) == [a_signal(late)]
        with pytest.raises(Conflict, match="its signal already"):
            stores.signals.add(t, a_signal(early, Action.SELL))


def test_verdicts_are_kept_in_the_order_they_were_spoken(stores: Stores) -> None:
    verdicts = [
        Verdict(rule=rule, passed=passed, denies=True, observed="1", limit="2", explanation="why")
        for rule, passed in (("PRICE_COLLAR", True), ("MAX_ORDER", False))
    ]
    with stores.transactions.begin() as t:
        run = store_run(stores, t, a_run())
        for moment in ("reserve", "send"):
            stores.verdicts.add(t, run.run, moment, verdicts, at=NOON)
        stores.verdicts.add(t, run.run, "send", [], at=NOON)
        spoken = stores.verdicts.of_run(t, run.run)
    assert spoken == [(moment, verdict) for moment in ("reserve", "send") for verdict in verdicts]


def test_the_halt_in_force_is_the_last_one_set(stores: Stores) -> None:
    set_by_hand = Halt(level=HaltLevel.HALT, reason="drill", actor="owner", since=NOON)
    with stores.transactions.begin() as t:
        assert stores.halt.halt(t).level is HaltLevel.ACTIVE
        stores.halt.put_halt(t, set_by_hand)
        assert stores.halt.halt(t) == set_by_hand
        stores.halt.put_halt(t, replace(set_by_hand, level=HaltLevel.ACTIVE))
        assert stores.halt.halt(t).level is HaltLevel.ACTIVE


def a_holding(conid: int, quantity: str = "5") -> BrokerPosition:
    return BrokerPosition(
        account=ACCOUNT,
        conid=conid,
        symbol=f"S{conid}",
        quantity=Decimal(quantity),
        average_cost=Decimal("170.25"),
        market_price=None,
    )


def test_a_reading_of_positions_replaces_the_one_before_of_its_account(stores: Stores) -> None:
    other = replace(a_holding(AAPL), account="DU2")
    with stores.transactions.begin() as t:
        stores.positions.put_broker_positions(t, "DU2", [other], seen_at=NOON)
        for reading in ([a_holding(MSFT)], [a_holding(AAPL), a_holding(7, "-1")]):
            stores.positions.put_broker_positions(t, ACCOUNT, reading, seen_at=NOON)
        assert stores.positions.broker_positions(t, ACCOUNT) == [a_holding(7, "-1"), a_holding(AAPL)]
        assert stores.positions.broker_positions(t, "DU2") == [other]


def test_T_11_an_opening_is_kept_as_first_seen(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        for quantity in ("5", "9"):
            stores.positions.put_opening(t, a_holding(AAPL, quantity), seen_at=NOON)
        assert stores.positions.openings(t, ACCOUNT) == [a_holding(AAPL)]


def test_a_contract_has_one_open_break_and_may_break_again(stores: Stores) -> None:
    found = Break(
        account=ACCOUNT,
        conid=AAPL,
        symbol="AAPL",
        broker_quantity=Decimal(3),
        derived_quantity=Decimal(5),
        opened_at=NOON,
    )
    with stores.transactions.begin() as t:
        stores.positions.put_break(t, found)
        stores.positions.put_break(t, replace(found, cause="sold by hand"))
        assert stores.positions.open_breaks(t) == [replace(found, cause="sold by hand")]
        stores.positions.close_break(t, ACCOUNT, AAPL, closed_at=NOON + HOUR)
        stores.positions.close_break(t, ACCOUNT, AAPL, closed_at=NOON + HOUR)
        assert stores.positions.open_breaks(t) == []
        stores.positions.put_break(t, replace(found, opened_at=NOON + HOUR))
        assert len(stores.positions.open_breaks(t)) == 1


def test_the_first_balances_are_the_opening_ones(stores: Stores) -> None:
    first = BrokerBalances(
        account=ACCOUNT,
        net_liquidation=Decimal("100000.01"),
        cash=Decimal("-5.5"),
        settled_cash=None,
        available_funds=Decimal(0),
        currency="USD",
    )
    second = replace(first, cash=Decimal(7))
    with stores.transactions.begin() as t:
        assert stores.portfolio.balances(t, ACCOUNT) is None
        stores.portfolio.put_balances(t, first, seen_at=NOON)
        stores.portfolio.put_balances(t, second, seen_at=NOON + HOUR)
        assert stores.portfolio.balances(t, ACCOUNT) == (second, NOON + HOUR)
        assert stores.portfolio.opening(t, ACCOUNT) == (first, NOON)
        assert stores.portfolio.opening(t, "another") is None


def test_marks_and_snapshots_are_replaced_by_their_key(stores: Stores) -> None:
    snapshot = Snapshot(
        account=ACCOUNT,
        session=date(2024, 3, 4),
        equity=Decimal("10000.12"),
        cash=Decimal(9000),
        market_value=Decimal("1000.12"),
        realised=Decimal(0),
        unrealised=Decimal("-0.01"),
        broker_equity=None,
        taken_at=NOON,
    )
    earlier = replace(snapshot, session=date(2024, 3, 1))
    with stores.transactions.begin() as t:
        stores.portfolio.put_marks(t, {AAPL: Decimal(1), MSFT: Decimal(2)}, marked_at=NOON)
        stores.portfolio.put_marks(t, {AAPL: Decimal("1.5")}, marked_at=NOON + HOUR)
        assert stores.portfolio.marks(t) == {
            AAPL: (Decimal("1.5"), NOON + HOUR),
            MSFT: (Decimal(2), NOON),
        }
        for stored in (replace(snapshot, equity=Decimal(1)), snapshot, earlier):
            stores.portfolio.put_snapshot(t, stored)
        assert stores.portfolio.snapshots(t, ACCOUNT) == [earlier, snapshot]


def test_a_link_signs_in_once_and_not_after_its_time(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        for token in ("a", "b"):
            link = OneTimeLink(token_sha256=token, created_at=NOON, expires_at=NOON + MINUTE)
            stores.access.put_link(t, link)
        assert stores.access.use_link(t, "a", now=NOON)
        assert not stores.access.use_link(t, "a", now=NOON)
        assert not stores.access.use_link(t, "b", now=NOON + MINUTE)
        assert not stores.access.use_link(t, "c", now=NOON)


def test_the_owner_is_unset_before_the_first_password_and_failures_are_counted(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        assert stores.access.owner(t) == Owner(password_hash=None)
        for minutes in (0, 1, 2):
            stores.access.add_failure(t, at=NOON + minutes * MINUTE)
        assert stores.access.failures_since(t, NOON + MINUTE) == 2


def test_a_command_is_done_once(stores: Stores) -> None:
    commands = [
        Command(
            command=name,
            kind=CommandKind.CANCEL_ORDER,
            argument="order",
            actor="owner",
            requested_at=NOON + place * MINUTE,
        )
        for place, name in enumerate(("z", "a"))
    ]
    with stores.transactions.begin() as t:
        for command in [*commands, replace(commands[0], argument="other")]:
            stores.commands.put(t, command)
        assert stores.commands.pending(t) == commands
        stores.commands.done(t, "z", at=NOON + HOUR, result="cancelled")
        done = replace(commands[0], done_at=NOON + HOUR, result="cancelled")
        assert stores.commands.pending(t) == commands[1:]
        assert stores.commands.recent(t) == [commands[1], done]
        with pytest.raises(Conflict, match="done already"):
            stores.commands.done(t, "z", at=NOON, result="again")
        with pytest.raises(NotFound, match="nobody"):
            stores.commands.done(t, "nobody", at=NOON, result="")
