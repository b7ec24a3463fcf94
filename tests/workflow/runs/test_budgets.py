"""A strategy's budget for questions holds before a question is asked, and its analyst is the one it names."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.adapters.bundles import load_strategy
from glassdesk.adapters.database import open_database
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.signals.budget import Budget, Budgets, Expense
from glassdesk.workflow.signals.calls import Reply
from glassdesk.workflow.signals.deciding import ModelAnalyst
from glassdesk.workflow.signals.model import Question, RawAnswer
from glassdesk.workflow.signals.rules.analyst import RulesAnalyst
from tests.workflow.runs.harness import ACCOUNT, FILE, SLOT, SYMBOLS, Harness, harness
from tests.workflow.signals.analysts import Written
from tests.workflow.signals.desks import PRICES, ByHand, Named, in_turn, well

USUAL = {"history": 120, "weekly": "false", "monthly": "false", "decide_on": "closed", "approval": "off"}


@pytest.fixture
def h(tmp_path: Path) -> Iterator[Harness]:
    with harness(tmp_path / "home") as made:
        yield made


def paid(cost: str | None) -> Written:
    """A model that answers as the rules do, for money."""

    def answer(question: Question) -> RawAnswer:
        return replace(RulesAnalyst().ask(question), cost=None if cost is None else Decimal(cost))

    return Written(answer)


def strategy(h: Harness, symbols: str, *more: str) -> None:
    text = FILE.format(name="asks", symbol=symbols, cron="0 9 * * 1-5", **USUAL) + "\n".join(more) + "\n"
    made = load_strategy(text, file="asks", account=ACCOUNT, resolve=SYMBOLS.__getitem__)
    with h.desk.transactions.begin() as t:
        h.desk.strategies.create(t, made, author="owner")
        h.desk.strategies.enable(t, "asks", "owner")


def spent(h: Harness) -> tuple[Decimal, Decimal]:
    with h.desk.transactions.read() as t:
        return h.parts.budgets.spent(t, "asks", h.clock.now())


def test_a_question_beyond_the_budget_is_not_asked_and_says_why(h: Harness) -> None:
    strategy(h, "UP, DOWN, ALSO", "budget: {per_day: 0.25, per_question: 0.10}")
    model = paid("0.08")
    parts, runs = replace(h.parts, analyst=model), h.due()
    h.execute(*runs, parts=parts)
    assert len(model.asked) == 2
    assert spent(h) == (Decimal("0.16"), Decimal("0.16"))
    reason = h.run(runs[2]).reason
    assert reason.startswith("NO_SIGNAL: ")
    assert "BUDGET: 0.16 of 0.25 USD a day are spent or set aside, a question may cost 0.1" in reason
    with h.desk.transactions.read() as t:
        told = [one for one in h.desk.notifications.recent(t) if "budget for questions" in one.title]
    assert len(told) == 1


def test_a_question_counts_once_in_the_strategys_budget_and_once_with_the_governor(h: Harness) -> None:
    """Also where a model failed for money and the rules answered in its place."""
    cent = Decimal("0.01")
    for number, (reply, symbol) in enumerate(((well(), "UP"), (cut_off(), "ALSO"))):
        name = f"asks-{number}"
        text = FILE.format(name=name, symbol=symbol, cron="0 9 * * 1-5", **USUAL)
        made = load_strategy(
            text + "budget: {per_day: 5, per_question: 1}\n", file=name, account=ACCOUNT,
            resolve=SYMBOLS.__getitem__,
        )  # fmt: skip
        with h.desk.transactions.begin() as t:
            h.desk.strategies.create(t, made, author="owner")
            h.desk.strategies.enable(t, name, "owner")
        model = Named(in_turn(reply))
        analyst = ModelAnalyst([model], h.desk.governor, PRICES, h.clock, ByHand(), last=RulesAnalyst())
        runs = [one for one in h.tick_at(SLOT + timedelta(days=number)) if h.run(one).strategy == name]
        h.execute(*runs, parts=replace(h.parts, analyst=analyst))
        with h.desk.transactions.read() as t:
            own = h.parts.budgets.spent(t, name, h.clock.now())
            limits = {one.name: one.used for one in h.desk.governor.limits(t, name)}
            calls = len(h.desk.governor.calls(t, run=runs[0]))
        assert own == (calls * cent, calls * cent)
        assert limits[f"model budget of {name}"] == limits["model budget of the day"] == calls * cent


def cut_off() -> Reply:
    """An answer that cannot be used and is paid for."""
    return replace(well("{"), failure="the answer was cut off")


def test_a_model_that_does_not_read_its_pictures_is_told_of_and_its_confidences_are_kept(h: Harness) -> None:
    """V04: more than one of a hundred; V17 looks back at what was said before."""
    strategy(h, "UP")

    def blind(question: Question) -> RawAnswer:
        said = json.loads(RulesAnalyst().ask(question).text)
        said["echo"]["chart_code"], said["confidence"] = "????", 0.7
        return RawAnswer(text=json.dumps(said), engine="m", model="m-1", cost=Decimal(0))

    model = Written(blind, engine="m")
    runs = []
    for day in range(2):
        runs += h.tick_at(SLOT + timedelta(days=day))
        h.execute(runs[-1], parts=replace(h.parts, analyst=model))
    with h.desk.transactions.read() as t:
        told = [one for one in h.desk.notifications.recent(t) if "does not read" in one.title]
    assert [one.severity for one in told] == [Severity.ALARM] * 2, "once a day"
    assert "In 2 of its last 2 answers" in told[0].body
    assert [question.facts.confidences for question in model.asked] == [(), (0.7,)]


def test_the_next_day_has_its_own_budget_and_the_month_goes_on(h: Harness) -> None:
    strategy(h, "UP", "budget: {per_day: 0.10, per_month: 0.20, per_question: 0.10}")
    model = paid("0.10")
    parts = replace(h.parts, analyst=model)
    for day in range(3):
        h.execute(*h.tick_at(SLOT + timedelta(days=day)), parts=parts)
    assert len(model.asked) == 2
    assert spent(h) == (Decimal(0), Decimal("0.20"))


def test_a_cost_that_nobody_stated_counts_as_what_was_set_aside(h: Harness) -> None:
    strategy(h, "UP, DOWN", "budget: {per_day: 0.15, per_question: 0.10}")
    model = paid(None)
    h.execute(*h.due(), parts=replace(h.parts, analyst=model))
    assert len(model.asked) == 1
    assert spent(h)[0] == Decimal("0.10")


def test_questions_under_way_count(h: Harness) -> None:
    """Both runs have been set money aside for before either is answered."""
    strategy(h, "UP, DOWN", "budget: {per_day: 0.15, per_question: 0.10}")
    first, second = h.due()
    nested: list[str] = []

    def meanwhile(question: Question) -> RawAnswer:
        if not nested:
            nested.append(question.run)
            h.execute(second, parts=replace(h.parts, analyst=paid("0.01")))
        return replace(RulesAnalyst().ask(question), cost=Decimal("0.01"))

    h.execute(first, parts=replace(h.parts, analyst=Written(meanwhile)))
    assert "BUDGET: 0.1 of 0.15 USD a day" in h.run(second).reason


def test_the_rules_cost_nothing_and_leave_no_row(h: Harness) -> None:
    strategy(h, "UP", "budget: {per_day: 0.10, per_question: 0.10}")
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).state is RunState.QUEUED
    with h.desk.transactions.read() as t:
        assert h.ground.stores.expenses.of_run(t, run) is None


def test_a_budget_costs_no_commit_more(h: Harness) -> None:
    strategy(h, "UP", "budget: {per_day: 1, per_question: 0.10}")
    (run,) = h.due()
    h.counting.commits = 0
    h.execute(run, parts=replace(h.parts, analyst=paid("0.10")))
    assert h.run(run).state is RunState.QUEUED
    assert h.counting.commits <= 14


def test_the_analyst_it_names_is_asked_and_no_other(h: Harness) -> None:
    strategy(h, "UP", "analyst: rules")
    desks = paid("0.10")
    (run,) = h.due()
    h.execute(run, parts=replace(h.parts, analyst=desks))
    assert desks.asked == []
    with h.desk.transactions.read() as t:
        row = h.ground.stores.signals.of_run(t, run)
    assert row is not None
    assert row.signal.engine == "rules"


def test_an_analyst_the_desk_does_not_have_is_refused_and_later_asks_nobody(h: Harness) -> None:
    with pytest.raises(InvalidInput, match=r"there is no analyst 'local' on this desk.*one of rules"):
        strategy(h, "UP", "analyst: local")
    strategy(h, "UP", "analyst: rules")
    (run,) = h.due()
    h.execute(run, parts=replace(h.parts, analysts={"other": paid("1")}))
    assert h.run(run).reason == "ANALYST: there is no analyst 'rules' on this desk, there are other"


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ("{per_day: 1}", "what one question costs at most"),
        ("{per_day: 0, per_question: 0.1}", "0 buys no question"),
        ("{per_month: 0.05, per_question: 0.10}", "more than the budget of 0.05"),
    ],
)
def test_a_budget_that_cannot_hold_is_refused(h: Harness, budget: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        strategy(h, "UP", f"budget: {budget}")


cents = st.integers(1, 300).map(lambda value: Decimal(value) / 100)


class Ledger:
    """An expense store of this test."""

    def __init__(self) -> None:
        self.rows: dict[str, Expense] = {}

    def one_at_a_time(self, t: object, strategy: str) -> None:
        """Nobody else is here."""

    def add(self, t: object, expense: Expense) -> bool:
        return self.rows.setdefault(expense.run, expense) is expense

    def settle(self, t: object, run: str, cost: Decimal) -> None:
        self.rows[run] = replace(self.rows[run], cost=cost)

    def of_run(self, t: object, run: str) -> Expense | None:
        return self.rows.get(run)

    def spent(self, t: object, strategy: str, since: datetime) -> Decimal:
        rows = [row for row in self.rows.values() if row.asked_at >= since]
        return sum((row.set_aside if row.cost is None else row.cost for row in rows), Decimal(0))

    def asked(self, t: object, strategy: str, limit: int) -> list[Expense]:
        return list(self.rows.values())[:limit]


@given(
    day=cents, month=cents, each=cents, hours=st.lists(st.integers(0, 40), max_size=60), cheap=st.booleans()
)
def test_no_day_and_no_month_ever_costs_more_than_its_budget(
    day: Decimal, month: Decimal, each: Decimal, hours: list[int], cheap: bool
) -> None:
    ledger, now = Ledger(), datetime(2024, 1, 20, tzinfo=UTC)
    budgets, budget = Budgets(ledger), Budget(per_day=day, per_month=month, per_question=each)
    for number, step in enumerate(hours):
        now += timedelta(hours=step)
        run = f"run-{number}"
        if not budgets.set_aside(None, run, "one", budget, now):  # type: ignore[arg-type]
            budgets.settle(None, run, each / 2 if cheap else None)  # type: ignore[arg-type]
        of_day, of_month = budgets.spent(None, "one", now)  # type: ignore[arg-type]
        assert of_day <= day
        assert of_month <= month


def test_without_a_price_nothing_is_asked_within_a_budget() -> None:
    said = Budgets(Ledger()).set_aside(None, "r", "one", Budget(per_day=Decimal(1)), SLOT)  # type: ignore[arg-type]
    assert said == "BUDGET: nothing says what a question costs (budget.per_question)"


def test_what_was_asked_stays_and_only_its_cost_is_added() -> None:
    stores = open_database("memory:")
    with stores.transactions.read() as t:
        assert stores.expenses.spent(t, "nobody", SLOT) == 0
        assert stores.expenses.asked(t, "nobody", 5) == []
    stores.close()
