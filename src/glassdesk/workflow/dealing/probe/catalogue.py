"""Which questions the probe asks (`reliability.md` §8, `ibkr-web-api.md` §11), in which experiment, and what
each costs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from glassdesk.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing that nobody could settle from papers."""

    code: str
    text: str
    switch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What is done to answer some questions; `orders` tells a person what is placed, empty = nothing."""

    name: str
    title: str
    codes: tuple[str, ...]
    orders: str = ""
    consent: str = ""
    """`trade` or `overnight`: agreed to by an option of its own."""


QUESTIONS = (
    Question(code="P1", text="Is a client order id refused the second time?", switch="duplicate_coid"),
    Question(
        code="P1-ended", text="Is it refused after the first order was cancelled?", switch="duplicate_scope"
    ),
    Question(
        code="P1-filled", text="Is it refused after the first order was filled?", switch="duplicate_scope"
    ),
    Question(code="P2", text="Where does our client order id come back?"),
    Question(code="P3", text="Is a client order id of our form accepted?"),
    Question(code="P4", text="What does the order list's snapshot flag say?", switch="snapshot_flag"),
    Question(code="P5", text="Does another request void a question that waits for its reply?"),
    Question(code="P6", text="What is answered to an order during the reset or from a competing session?"),
    Question(code="P7", text="How is a GTC order shown the next day?", switch="gtc_visible_next_day"),
    Question(code="P8", text="What form has an execution's id?"),
    Question(code="P9", text="Does a what-if need a market data snapshot first?"),
    Question(code="P10", text="How are rate limits enforced, and how long does market data live?"),
    Question(code="B1", text="What becomes of a child's own client order id?", switch="child_coid"),
    Question(code="B2", text="Does the list show a child's own client order id?", switch="child_order_ref"),
    Question(code="B3", text="Does the answer to a bracket name every leg's id?", switch="bracket_ids"),
    Question(code="B4", text="Which questions are asked for our types of order?"),
    Question(code="B5", text="Can a child be changed while its entry rests?"),
    Question(code="C1", text="What is answered to the cancel of an order that ended?"),
    Question(code="T1", text="What do children do while the entry is filled in part?", switch="children"),
    Question(
        code="T2", text="What becomes of children when the rest is cancelled?", switch="on_parent_cancel"
    ),
    Question(code="V1", text="Does volume times its factor fit the day's volume?"),
    Question(code="R1", text="When does the account's session reset?"),
)
BY_CODE = {question.code: question for question in QUESTIONS}

PREVIEW = Experiment(name="preview", title="preview an order without market data", codes=("P9",))
RESTING = Experiment(
    name="resting",
    title="one order, sent a second time while it works and after its cancel",
    codes=("P1", "P1-ended", "P2", "P3", "P4", "C1"),
    orders="BUY 1 {symbol} LMT {far} DAY, the same again twice (expected to be refused)",
)
BRACKET = Experiment(
    name="bracket",
    title="one bracket whose children carry client ids, one child changed",
    codes=("B1", "B2", "B3", "B4", "B5"),
    orders="BUY 1 {symbol} LMT {far} DAY with SELL STP {stop} and SELL LMT {target} GTC as its children",
)
BETWEEN = Experiment(
    name="between",
    title="three brackets, each with another request between question and reply",
    codes=("P5",),
    orders="three times BUY 1 {symbol} LMT {far} DAY with SELL STP {stop} and SELL LMT {target} GTC",
)
TRADE = Experiment(
    name="trade",
    title="three shares bought in a bracket and sold again",
    codes=("T1", "T2", "P1-filled", "P8"),
    orders="BUY 3 {symbol} LMT {over} DAY with children, cancelled on the way, then SELL what was bought",
    consent="trade",
)
VOLUME = Experiment(name="volume", title="compare two statements of today's volume", codes=("V1",))
OVERNIGHT = Experiment(
    name="overnight",
    title="one order left resting until the next day",
    codes=("P7",),
    orders="BUY 1 {symbol} LMT {far} GTC, which stays until `glassdesk probe --second-day`",
    consent="overnight",
)
SHEET = Experiment(
    name="sheet", title="what is read from papers and never provoked", codes=("P6", "P10", "R1")
)

BLIND = Experiment(
    name="blind",
    title="read an order list that does not become complete",
    codes=("P4", "P1", "P1-ended", "B1"),
)
"""Made instead of all others where the list never settles."""

EXPERIMENTS = (PREVIEW, RESTING, BRACKET, BETWEEN, TRADE, VOLUME, SHEET, OVERNIGHT)
"""In the order they are made: what costs nothing first, what stays last."""


def chosen(only: Collection[str], *, trade: bool, overnight: bool) -> tuple[Experiment, ...]:
    """The experiments that answer these codes, all where none is named, as far as they are agreed to.
    Raises `InvalidInput` for a code that is none."""
    wrong = sorted(set(only) - set(BY_CODE))
    if wrong:
        known = ", ".join(BY_CODE)
        raise InvalidInput(f"{', '.join(wrong)} is no question of the probe", where="only", remedy=known)
    agreed = {"": True, "trade": trade, "overnight": overnight}
    wanted = [one for one in EXPERIMENTS if not only or set(one.codes) & set(only)]
    return tuple(one for one in wanted if agreed[one.consent])
