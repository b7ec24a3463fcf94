"""One seed of the order path: the product over a broker that does its worst, then two quiet hours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.errors import Unavailable
from glassdesk.workflow.notifications.model import Message
from glassdesk.workflow.orders.model import OrderType, Side, Ticket, TimeInForce
from glassdesk.workflow.orders.model import Role as OrderRole
from glassdesk.workflow.orders.switches import Switches
from glassdesk.workflow.signals.model import Action
from tests.chaos.broker.book import Book
from tests.chaos.broker.market import TICK, Market
from tests.chaos.broker.reads import ModelReads
from tests.chaos.broker.session import ModelSession
from tests.chaos.broker.wire import Wire
from tests.chaos.broker.writes import ModelOrders, Rules
from tests.chaos.dice import Dice, Fault
from tests.chaos.history.journal import Journal
from tests.chaos.history.truth import Truth
from tests.chaos.orders.environments import Environment
from tests.chaos.orders.office import ACCOUNT, OURS, THEIRS, Outside, calendar, database, no_artifacts
from tests.chaos.orders.plans import Hazards
from tests.chaos.orders.roles import Act, People, Setting, Slotted, dealer, decider, dispatcher, person
from tests.chaos.ports import Stage
from tests.chaos.scheduler import Scheduler, Trace

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
SESSION = date(2024, 3, 5)
OPENS, CLOSES = datetime(2024, 3, 5, 14, 30, tzinfo=UTC), datetime(2024, 3, 5, 21, 0, tzinfo=UTC)
SETTLING = 6 * MINUTE
"""After the faults the desk goes on at its pace for so long; then every process is started anew."""
QUIET = 2 * HOUR
_CHANCES = {Act.CANCEL: 6, Act.EXIT: 5, Act.HALT: 1}
"""How often a person may do it in a seed; twice unless named."""


class ModelChannel:
    """A way to reach a person that is down now and then."""

    name = "model"

    def __init__(self, dice: Dice, journal: Journal, now: Callable[[], datetime]) -> None:
        self._dice = dice
        self._journal = journal
        self._now = now

    def check(self) -> None:
        """Nothing is wrong with its address."""

    def send(self, message: Message) -> None:
        if self._dice.strikes(Fault.CHANNEL_DOWN, "channel"):
            raise Unavailable("no answer")
        for key in message.keys:
            self._journal.deliver(at=self._now(), key=key)


@dataclass(slots=True)
class Ended:
    """What is left of a world when it is over: what the checker looks at."""

    env: str
    seed: int
    truth: Truth
    journal: Journal
    stage: Stage
    dice: Dice
    outside: Outside
    quiet_from: datetime
    began: datetime
    late_accepted: int = 0


@dataclass(slots=True)
class World:
    """Everything of one seed."""

    env: Environment
    seed: int
    dice: Dice
    keep_trace: bool = False
    without: frozenset[str] = frozenset()
    stage: Stage = field(init=False)
    book: Book = field(init=False)
    market: Market = field(init=False)
    session: ModelSession = field(init=False)
    outside: Outside = field(init=False)
    journal: Journal = field(init=False)
    setting: Setting = field(init=False)
    people: People = field(init=False)
    begin: datetime = field(init=False)
    stormy: timedelta = field(init=False)

    def __post_init__(self) -> None:
        chance = self.dice.stream("shape")
        self.stormy = timedelta(minutes=chance.randrange(8, 18))
        room = CLOSES - OPENS - self.stormy - 5 * MINUTE
        late_start = chance.random() < 0.15
        self.begin = OPENS + (
            room - SETTLING * chance.random() if late_start else room * 0.5 * chance.random()
        )
        self.begin = self.begin.replace(microsecond=0)
        self.journal = Journal()
        scheduler = Scheduler(self.begin, self.dice.stream("scheduler"))
        self.stage = Stage(scheduler, Hazards(self.dice), Trace(keep=self.keep_trace), journal=self.journal)
        self.setting = Setting(poll=chance.choice((5, 7, 10, 15)) * SECOND, embedded=chance.random() < 0.3)
        self._build_broker(scheduler)

    def _build_broker(self, scheduler: Scheduler) -> None:
        chance, dice = self.dice.stream("shape"), self.dice
        hours = calendar().hours("XNYS", SESSION)
        assert hours is not None
        rules = Rules(dedupe=self.env.dedupe, child_coid=chance.random() < 0.6)
        prices = {conid: Decimal(chance.randrange(14_000, 18_000)) / 100 for conid in (*OURS, *THEIRS)}
        self.book = Book(
            ACCOUNT,
            lambda: scheduler.now,
            self.journal.next_step,
            lambda at: scheduler.at(at, self.stage.happened),
        )
        self.market = Market(self.book, dice, lambda: scheduler.now, lambda at: OPENS <= at < CLOSES, prices)
        self.market.later = lambda span, deed: scheduler.at(scheduler.now + span, deed)
        self.session = ModelSession(ACCOUNT, scheduler, dice)
        wire = Wire(scheduler, dice, latest=self.env.latest)
        self.outside = Outside(
            stores=database().reset(),
            session=self.session,
            orders=ModelOrders(self.book, self.market, self.session, wire, scheduler, dice, rules),
            reads=ModelReads(self.book, self.market, self.session, scheduler, dice),
            channels=(ModelChannel(dice, self.journal, lambda: scheduler.now),),
            switches=self._switches(rules),
            artifacts=no_artifacts(),
        )

    def _switches(self, rules: Rules) -> Switches:
        return Switches(
            duplicate_coid="200" if self.env.says_dedupe else "off",
            duplicate_scope="ever",
            child_coid="kept" if rules.child_coid else "dropped",
            child_order_ref="yes" if rules.child_coid else "no",
            bracket_ids="all",
            children="full",
            on_parent_cancel="kept",
            gtc_visible_next_day="listed",
            snapshot_flag="settles_second_call",
        )

    # ------------------------------------------------------------ the run

    def run(self) -> Ended:
        """The storm, the settling, two quiet hours."""
        scheduler, stage = self.stage.scheduler, self.stage
        self._enter()
        self._tick()
        quiet_from = self.begin + self.stormy
        try:
            scheduler.run_until(quiet_from)
            self._calm()
            scheduler.run_until(quiet_from + SETTLING)
            self._start_anew()
            scheduler.run_until(quiet_from + SETTLING + QUIET)
        finally:
            stage.close()
        return Ended(
            env=self.env.name,
            seed=self.seed,
            truth=self.book.truth(),
            journal=self.journal,
            stage=stage,
            dice=self.dice,
            outside=self.outside,
            quiet_from=quiet_from,
            began=self.begin,
            late_accepted=sum(1 for one in self.book.orders.values() if one.late and one.parent is None),
        )

    def _enter(self) -> None:
        dice = self.dice

        def back() -> timedelta:
            return dice.seconds("back", 1, 15)

        self.people = People(self._acts())
        names = ("dealer-a",) if self.setting.embedded else ("dealer-a", "dealer-b")
        for name in names:
            self.stage.enter(dealer(name, self.outside, self.setting, back))
        self.stage.enter(decider(self._slots(), self.market.prices.__getitem__, self.outside, dice))
        self.stage.enter(person(self.people, self.outside, back))
        self.stage.enter(dispatcher(self.outside, self.setting, back))

    def _slots(self) -> list[Slotted]:
        chance = self.dice.stream("slots")
        wanted = chance.randrange(5, 12)
        # No two in one second: a slot and a contract are one run.
        instants = sorted(chance.sample(range(round(self.stormy.total_seconds() * 0.8)), wanted))
        bought: list[int] = []
        slots = []
        for seconds in instants:
            sell = bool(bought) and chance.random() < 0.45
            conid = chance.choice(bought) if sell else chance.choice(OURS)
            bought += [] if sell else [conid]
            slots.append(
                Slotted(
                    at=self.begin + timedelta(seconds=20 + seconds),
                    conid=conid,
                    action=Action.SELL if sell else Action.BUY,
                    quantity=chance.randrange(4, 25),
                    target=chance.random() < 0.8,
                    approval=chance.random() < 0.25,
                    minutes=chance.choice((5, 15, 40)),
                    ttl=chance.choice((None, None, 120, 600)),
                )
            )
        return slots

    def _acts(self) -> list[tuple[datetime, Act, int]]:
        chance, rate = self.dice.stream("acts"), self.dice.rates.get(Fault.PERSON, 0.0)
        acts = []
        for what in Act:
            for _ in range(_CHANCES.get(what, 2)):
                at = self.begin + self.stormy * chance.random()
                number = chance.randrange(1000)
                if chance.random() < rate:
                    self.dice.hits[Fault.PERSON, what.value] += 1
                    acts.append((at, what, number))
        return sorted(acts, key=lambda act: act[0])

    def _tick(self) -> None:
        """Prices, the session and other people's trades, every few seconds."""
        self.market.tick()
        self.session.tick()
        self._foreign()
        pause = TICK if not self.market.calm else MINUTE
        self.stage.scheduler.at(self.stage.scheduler.now + pause, self._tick)

    def _foreign(self) -> None:
        if not self.dice.strikes(Fault.FOREIGN, "account"):
            return
        chance = self.dice.stream("foreign")
        conid = chance.choice(THEIRS)
        held = self.book.shares.get(conid, Decimal(0))
        side = Side.SELL if held > 0 and chance.random() < 0.5 else Side.BUY
        quantity = held if side is Side.SELL else Decimal(chance.randrange(1, 9))
        ticket = Ticket(
            coid="",
            parent_coid=None,
            account=ACCOUNT,
            conid=conid,
            side=side,
            order_type=OrderType.LIMIT,
            quantity=quantity,
            price=self.market.prices[conid] + (1 if side is Side.BUY else -1),
            tif=TimeInForce.DAY,
            role=OrderRole.ENTRY,
        )
        step = self.book.request("POST", f"/iserver/account/{ACCOUNT}/orders", None)
        self.market.trade_by_hand(ticket, step)

    def _calm(self) -> None:
        """No more faults; halts are lifted; the broker's session comes back by itself or by a person."""
        self.dice.quiet = True
        self.people.resume_at = self.stage.scheduler.now

    def _start_anew(self) -> None:
        """Every process is killed and comes back, and now wakes on events only: restart alone is enough."""
        self.market.calm = True
        self.setting.poll = None
        self.people.patience = 10 * MINUTE
        self.stage.wakes_on_events = True
        self.stage.kill_all(for_good=self._gone())

    def _gone(self) -> tuple[str, ...]:
        """Of two dealers mostly one comes back. Where both only wake on events, each finds the other's lease
        run out at every turn, and begins its reign by reading everything."""
        if self.setting.embedded:
            return ()
        return self.dice.stream("anew").choice((*4 * (("dealer-a",), ("dealer-b",)), ()))
