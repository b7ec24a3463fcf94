"""A model that fails is left alone; one that answers stays within its budget."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from glassdesk.adapters.clocks.manual import ManualClock
from glassdesk.adapters.llm import Scripted
from glassdesk.workflow.signals.governor import Allowance, Governed
from glassdesk.workflow.signals.model import Action, Question, RawAnswer
from glassdesk.workflow.signals.service import judge
from tests.workflow.signals.cases import question
from tests.workflow.signals.malformed import GOOD

BEGAN = datetime(2024, 3, 1, 14, 30, tzinfo=UTC)
ASKED = question()


class Model:
    """Answers while it is well."""

    def __init__(self) -> None:
        self.well = True
        self.analyst = Scripted(self.answer)

    def answer(self, _: Question) -> RawAnswer:
        failure = "" if self.well else "HTTP 500"
        return RawAnswer(text=GOOD if self.well else "", engine="e", model="m", failure=failure)


def governed(**allowance: object) -> tuple[Governed, Model, ManualClock]:
    model, clock = Model(), ManualClock(BEGAN)
    return Governed(model.analyst, clock, Allowance(**allowance)), model, clock  # type: ignore[arg-type]


def test_answers_pass_through_unchanged() -> None:
    analyst, _, _ = governed()
    assert (analyst.engine, analyst.ask(ASKED).text) == ("memory", GOOD)


def test_after_five_failures_it_is_left_alone_and_then_tried_once() -> None:
    analyst, model, clock = governed()
    model.well = False
    for _ in range(5):
        assert analyst.ask(ASKED).failure == "HTTP 500"
    refused = analyst.ask(ASKED)
    assert refused.failure == "the model failed 5 times in a row: not asked until 2024-03-01T14:31:00Z"
    assert (refused.attempts, len(model.analyst.asked)) == (0, 5)
    assert judge(refused, ASKED).action is Action.ABSTAIN
    clock.advance(timedelta(seconds=60))
    assert analyst.ask(ASKED).failure == "HTTP 500"
    assert analyst.ask(ASKED).attempts == 0
    clock.advance(timedelta(seconds=60))
    model.well = True
    assert [analyst.ask(ASKED).text for _ in range(3)] == [GOOD] * 3
    assert len(model.analyst.asked) == 9


def test_failures_that_are_far_apart_do_not_add_up() -> None:
    analyst, model, clock = governed()
    model.well = False
    for _ in range(12):
        assert analyst.ask(ASKED).failure == "HTTP 500"
        clock.advance(timedelta(seconds=20))


def test_an_answer_in_between_starts_the_count_again() -> None:
    analyst, model, _ = governed()
    for well in (False, False, False, False, True) * 3:
        model.well = well
        assert analyst.ask(ASKED).attempts == 1


def test_a_days_budget_is_spent_once_and_comes_back_the_next_day() -> None:
    analyst, _, clock = governed(decisions_per_day=3)
    answers = [analyst.ask(ASKED) for _ in range(5)]
    assert [bool(answer.failure) for answer in answers] == [False] * 3 + [True] * 2
    assert answers[-1].failure == "the day's 3 model decisions are used up"
    clock.advance(timedelta(hours=10))
    assert analyst.ask(ASKED).failure == ""


def test_the_budget_holds_for_many_threads() -> None:
    analyst, model, _ = governed(decisions_per_day=50)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(analyst.ask, [ASKED] * 200))
    assert sum(not answer.failure for answer in answers) == len(model.analyst.asked) == 50
