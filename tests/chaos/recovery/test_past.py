"""A new dealer goes on soon after the death of the last one, however long the past is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glassdesk.workflow.dealing.turn import Dealer
from tests.chaos.recovery.past import counted, engine_of, may_send, until_it_may_send, with_a_past
from tests.faults.conftest import Make
from tests.faults.stage import ACCOUNT, MINUTE, SECOND, Stage

PROGRESS, EMBEDDED = 45 * SECOND, 5 * SECOND
RECONCILED = 10 * SECOND


def test_after_a_death_another_dealer_may_send_within_45_seconds(make: Make) -> None:
    stage = make()
    stage.run(10 * SECOND)
    assert may_send(stage)
    # The dead one's lease stands until it ends by itself.
    elsewhere = replace(stage.parts, settings=replace(stage.parts.settings, owner="another"))
    stage.dealers.append(Dealer(elsewhere))
    assert until_it_may_send(stage) <= PROGRESS


def test_where_one_process_holds_the_home_the_next_one_goes_on_at_once(make: Make) -> None:
    stage = make()
    stage.run(10 * SECOND)
    stage.restart()
    before = len(stage.audit("reign"))
    began = stage.now
    stage.turn()
    assert len(stage.audit("reign")) == before + 1
    assert until_it_may_send(stage) <= EMBEDDED + (stage.now - began)


@pytest.mark.slow
def test_neither_a_restart_nor_a_minute_of_work_nor_a_page_asks_more_of_the_database_beside_a_longer_past(
    make: Make,
) -> None:
    short, long = _asked(make(poll=6 * SECOND), 3, 11), _asked(make(poll=6 * SECOND), 33, 100)
    assert short == long


def _asked(stage: Stage, brackets: int, facts: int) -> tuple[int, int, int]:
    """Statements of a restart until it may send, of a minute beside a fresh position of the contract that the
    past is full of, and of Portfolio. In a minute in which nothing comes no past is read again."""
    stage.run(10 * SECOND)
    with_a_past(stage, brackets, facts)
    stage.restart()
    with counted(engine_of(stage)) as restart:
        assert until_it_may_send(stage) <= RECONCILED
    stage.a_position()
    with counted(engine_of(stage)) as minute:
        stage.run(MINUTE)
    with counted(engine_of(stage)) as page:
        report = stage.read(lambda t: stage.desk.portfolio.report(t, ACCOUNT, stage.now))
    assert report.statistics.trades == brackets + 1
    assert minute.folds == 0
    return restart.statements, minute.statements, page.statements
