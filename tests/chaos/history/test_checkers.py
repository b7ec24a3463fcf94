"""Every checker passes a good history and fires on a bad one: the good one, changed in the one place."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.workflow.orders.model import OrderState, Role
from ibkr_simulator import certificate
from tests.chaos.desk.scenarios import SCENARIOS
from tests.chaos.desk.sweep import run
from tests.chaos.history.at_broker import adoptions, late_arrivals
from tests.chaos.history.bad import (
    History,
    audit_changed,
    bare,
    called_over,
    cash_gone,
    change_unwritten,
    changed,
    dwells,
    elsewhere,
    facts_gone,
    fill_lost,
    guessed,
    halted,
    hurried,
    interrupted,
    late_send,
    lie,
    miscounted,
    moved,
    never_ends,
    no_lineage,
    no_signal,
    old_fence,
    orphan,
    other_contract,
    other_payload,
    overfilled,
    run_left,
    said_yes,
    second_intent,
    secret_told,
    sent_after,
    shares_gone,
    short,
    signed_out,
    silent_break,
    step_twice,
    twice,
    two_decisions,
    undelivered,
    unjudged,
    unlawful,
)
from tests.chaos.history.bad_entries import (
    YES,
    asked_in_vain,
    awaited,
    child_sold,
    climbed_blind,
    end_forgotten,
    fewer_filled,
    frozen,
    held_up,
    left_unjudged,
    made_twice,
    nothing_arrived,
    other_price,
    other_signal,
    past_its_time,
    past_the_halt,
    run_twice,
    second_sell,
    stop_taken,
    unread,
)
from tests.chaos.history.books import Books
from tests.chaos.history.invariants import ELSEWHERE, INVARIANTS, checked, violations
from tests.chaos.history.journal import Journal
from tests.chaos.history.truth import Truth

Bad = Callable[[Books, Truth, Journal], History]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> History:
    """A bracket whose entry is filled and whose children rest."""
    logging.disable(logging.CRITICAL)
    scenario = next(one for one in SCENARIOS if one.name == "entry_filled")
    folder = tmp_path_factory.mktemp("good")
    for name in ("pem", "home"):
        (folder / name).mkdir()
    _, played = run(scenario, 0, certificate.ensure(folder / "pem"), folder / "home")
    logging.disable(logging.NOTSET)
    return played.books, played.truth, played.journal


BAD: Mapping[str, Bad] = {
    "I-01": twice,
    "I-02": second_intent,
    "I-03": orphan,
    "I-04": sent_after,
    "I-05": lie,
    "I-06": fill_lost,
    "I-07": fill_lost,
    "I-08": called_over,
    "I-09": guessed,
    "I-10": run_twice,
    "I-12": run_left,
    "I-13": old_fence,
    "I-14": step_twice,
    "I-17": no_signal,
    "I-18": no_signal,
    "I-19": late_send,
    "I-20": unjudged,
    "I-21": shares_gone,
    "I-22": signed_out,
    "I-23": lambda books, truth, journal: (replace(books, is_open=lambda _: False), truth, journal),
    "I-24": elsewhere,
    "I-25": other_contract,
    "I-26": halted,
    "I-27": said_yes,
    "I-28": overfilled,
    "I-29": orphan,
    "I-30": lambda books, truth, journal: (replace(books, problems=("row 7 missing",)), truth, journal),
    "I-32": no_lineage,
    "I-33": silent_break,
    "I-34": cash_gone,
    "I-35": facts_gone,
    "I-36": secret_told,
    "I-37": audit_changed,
    "I-38": change_unwritten,
    "I-40": undelivered,
    "I-41": other_payload,
    "I-42": short,
    "I-43": two_decisions,
    "I-45": interrupted,
    "I-46": hurried,
    "I-50": never_ends,
    "I-51": unlawful,
    "I-52": dwells,
    "I-53": shares_gone,
    "FOLD": miscounted,
    "NOT-AFTER": held_up,
    "T-21": past_its_time,
    "T-23": child_sold,
    "T-33": bare,
}
ALSO_BAD: tuple[tuple[str, Bad], ...] = (
    ("I-05", other_price),
    ("I-05", fewer_filled),
    ("I-14", made_twice),
    ("I-17", other_signal),
    ("I-22", unread),
    ("I-26", lambda books, truth, journal: (books, truth, awaited(journal))),
    ("I-26", lambda books, truth, journal: (books, truth, awaited(journal, YES, price=Decimal(999)))),
    ("I-26", lambda books, truth, journal: (books, truth, awaited(journal, YES, quantity=Decimal(99)))),
    ("I-20", left_unjudged),
    ("I-21", second_sell),
    ("I-26", stop_taken),
    ("I-40", nothing_arrived),
    ("I-41", climbed_blind),
    ("I-50", end_forgotten),
    ("T-21", past_the_halt),
)


@pytest.mark.slow
def test_a_good_history_has_no_witness(good: History) -> None:
    assert violations(checked(*good)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", INVARIANTS)
def test_a_bad_history_has_a_witness(name: str, good: History) -> None:
    assert INVARIANTS[name](*BAD[name](*good)).witnesses, f"{name} sees nothing"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "bad"), ALSO_BAD)
def test_another_bad_history_has_a_witness_too(name: str, bad: Bad, good: History) -> None:
    assert INVARIANTS[name](*bad(*good)).witnesses, f"{name} sees nothing"


@pytest.mark.slow
def test_an_entry_that_goes_out_after_the_yes_and_cheaper_is_what_was_approved(good: History) -> None:
    books, truth, journal = good
    assert INVARIANTS["I-26"](books, truth, awaited(journal, YES)).ok
    assert INVARIANTS["I-26"](books, truth, awaited(journal, YES, price=Decimal(1))).ok


@pytest.mark.slow
def test_an_entry_past_its_time_is_the_desks_fault_only_where_it_might_cancel_and_does_not(
    good: History,
) -> None:
    assert INVARIANTS["T-21"](*past_its_time(*good)).witnesses
    assert INVARIANTS["T-21"](*asked_in_vain(*good)).ok
    assert INVARIANTS["T-21"](*frozen(*good)).ok


@pytest.mark.slow
def test_an_order_called_over_and_seen_alive_is_a_late_arrival_and_an_adoption(good: History) -> None:
    books, truth, journal = good
    stop = next(one for one in truth.orders if one.kind == "STP")
    first, last = journal.commits[0], journal.commits[-1]
    over = moved(books, Role.STOP, OrderState.UNKNOWN, OrderState.ABANDONED)
    back = moved(books, Role.STOP, OrderState.ABANDONED, OrderState.WORKING)
    told = replace(journal, commits=[replace(first, rows=(over,)), replace(last, rows=(back,))])
    late = changed(truth, stop, replace(stop, visible_at=first.at + timedelta(seconds=1)))
    assert (adoptions(told), late_arrivals(books, late, told)) == (1, 1)
    assert (adoptions(journal), late_arrivals(books, truth, journal)) == (0, 0)


def test_every_invariant_has_a_checker_or_a_reason() -> None:
    numbered = {f"I-{number:02}" for number in range(1, 54)}
    assert numbered == ({name for name in INVARIANTS if name.startswith("I-")} | set(ELSEWHERE))
    assert BAD.keys() == INVARIANTS.keys()
