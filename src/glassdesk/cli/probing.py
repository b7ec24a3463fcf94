"""What `probe` says before it begins, asks for each order, and shows while the dealer works."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from glassdesk.cli.here import OWNER
from glassdesk.desk import Desk
from glassdesk.kernel.errors import Conflict, Unavailable
from glassdesk.kernel.ids import manual_run_id
from glassdesk.kernel.money import tidy
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.contracts.scope import calendar_of
from glassdesk.workflow.dealing.findings import Probe, ProbePlan
from glassdesk.workflow.dealing.model import Command, CommandKind
from glassdesk.workflow.dealing.probe.catalogue import BY_CODE, Experiment, chosen
from glassdesk.workflow.dealing.probe.making import Prices, prices_of

LOOK_SECONDS = 0.5
ANSWER_SECONDS = 60.0
"""Machine seconds after which a dealer that has not taken the wish up counts as not running."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was asked for on the command line."""

    only: tuple[str, ...]
    trade: bool
    overnight: bool
    second_day: bool


def prices_now(desk: Desk, contract: Contract) -> Prices:
    """Prices of the orders, as of now. Raises `Unavailable` without bid and ask."""
    rules = desk.contracts.fetch_rules(contract.conid)
    quote = desk.market_data.quotes([contract.conid]).get(contract.conid)
    tick = rules.tick_at(quote.bid) if quote is not None and quote.bid is not None else None
    found = prices_of(quote, tick) if tick is not None else None
    if found is None:
        raise Unavailable(f"{contract.symbol} has no bid and ask now", where="quote")
    return found


def explained(desk: Desk, contract: Contract, wishes: Wishes, prices: Prices) -> Iterator[str]:
    """What will be done, order by order."""
    bid, ask = tidy(prices.bid), tidy(prices.ask)
    yield f"The dealer asks your broker on {desk.account} ({desk.account_kind.value}), with {contract.symbol}"
    yield f"(bid {bid}, ask {ask}). Orders rest far from the market; all of them are cancelled again, also"
    yield "after Ctrl-C or a crash. At most twenty minutes. Nothing is tried that could lock you out."
    yield ""
    for one in chosen(wishes.only, trade=wishes.trade, overnight=wishes.overnight):
        yield f"- {one.title}: {', '.join(code for code in one.codes if code in (wishes.only or BY_CODE))}"
        if one.orders:
            yield f"    {listed(one, contract.symbol, prices)}"
    yield ""


def listed(experiment: Experiment, symbol: str, prices: Prices) -> str:
    """The orders of an experiment with their prices."""
    named = {name: tidy(getattr(prices, name)) for name in ("far", "stop", "target", "over")}
    return experiment.orders.format(symbol=symbol, **named)


def plan_of(contract: Contract, wishes: Wishes, prices: Prices, agreed: Callable[[str], bool]) -> ProbePlan:
    """The plan of what a person agrees to, order by order. Raises `Conflict` where nothing is left."""
    experiments = chosen(wishes.only, trade=wishes.trade, overnight=wishes.overnight)
    taken = [
        one
        for one in experiments
        if not one.orders or agreed(f"{listed(one, contract.symbol, prices)}. Place it?")
    ]
    codes = tuple(code for one in taken for code in one.codes if code in (wishes.only or BY_CODE))
    if not any(one.orders for one in taken) and any(one.orders for one in experiments):
        raise Conflict("no order was agreed to", where="probe", remedy="nothing was asked of the broker")
    names = {one.name for one in taken}
    return ProbePlan(
        conid=contract.conid,
        symbol=contract.symbol,
        exchange=calendar_of(contract),
        only=() if taken == list(experiments) and not wishes.only else codes,
        trade="trade" in names,
        overnight="overnight" in names,
    )


class Following:
    """Follows the dealer until a probe is over; Ctrl-C asks it to stop and still follows the clean-up."""

    def __init__(self, desk: Desk, *, quiet: bool) -> None:
        self._desk = desk
        self._quiet = quiet
        self._said = ""

    def answered(self, wish: Command) -> str:
        """What the dealer said to a wish. Raises `Unavailable` where none runs, `Conflict` on a refusal."""
        began = self._desk.stopwatch.seconds()
        while self._desk.stopwatch.seconds() - began < ANSWER_SECONDS:
            with self._desk.transactions.read() as t:
                known = [one for one in self._desk.dealing.recent(t) if one.command == wish.command]
            if known and known[0].done_at is not None:
                return _granted(known[0].result)
            self._desk.stopwatch.pause(LOOK_SECONDS)
        raise Unavailable("no dealer took the wish up", where="dealer", remedy="start `glassdesk up`")

    def to_the_end(self, wish: Command, plan: ProbePlan) -> Probe:
        """The probe when it is over."""
        self.answered(wish)
        desk = self._desk
        run = manual_run_id(desk.deployment, desk.account, plan.conid, wish.requested_at)
        while True:
            try:
                found = self._look(run)
                if found.state.final:
                    return found
                desk.stopwatch.pause(LOOK_SECONDS)
            except KeyboardInterrupt:
                self._stop()

    def _look(self, run: str) -> Probe:
        with self._desk.transactions.read() as t:
            found = self._desk.probes.probe(t, run)
        if found is None:
            raise Conflict("the probe has no row", where="probe")
        words = f"{found.state.value}: {found.note}"
        if words != self._said and not self._quiet:
            print(words, file=sys.stderr, flush=True)
        self._said = words
        return found

    def _stop(self) -> None:
        print("stopping; what was placed is being cancelled", file=sys.stderr, flush=True)
        with self._desk.transactions.begin() as t:
            self._desk.dealing.ask(t, CommandKind.PROBE_STOP, "", OWNER)


def _granted(result: str) -> str:
    if result.startswith("refused: "):
        raise Conflict(result.removeprefix("refused: "))
    return result
