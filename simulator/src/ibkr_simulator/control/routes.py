"""The control plane's requests, outside `/v1/api` and without signing in."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict

from ibkr_simulator.control import broker, person
from ibkr_simulator.control.clock import Clock
from ibkr_simulator.control.fields import Bad, object_of, order_truth, readable
from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.instants import iso, parse
from ibkr_simulator.messages import Answer, Request, bare_error, ok
from ibkr_simulator.scenarios.armed import CannotArm
from ibkr_simulator.scenarios.files import begin, parsed, wish
from ibkr_simulator.switches import BadSwitch
from ibkr_simulator.world import World

Handler = Callable[["Control", Request], Awaitable[Answer] | Answer]


class Control:
    """Health, clock, truth, person, faults and switches."""

    def __init__(self, world: World, clock: Clock, tape: str) -> None:
        self.world = world
        self.clock = clock
        self.tape = tape
        self.violations: list[str] | None = None

    async def serve(self, request: Request) -> Answer:
        """Answer one request; 400 with a reason for a bad one."""
        handler = ROUTES.get((request.method, request.path))
        if handler is None:
            return bare_error(404, f"no {request.method} {request.path} in the control plane")
        try:
            answer = handler(self, request)
            return answer if isinstance(answer, Answer) else await answer
        except (Bad, BadSwitch, CannotArm, ValueError) as bad:
            return bare_error(400, str(bad))


def health(control: Control, request: Request) -> Answer:
    """Whether it lives, and which world it is."""
    world = control.world
    return ok(
        {
            "ok": True,
            "tape": control.tape,
            "seed": world.seed,
            "now": iso(world.now),
            "account": world.account.account_id,
            "accounts": list(world.accounts),
            "signed_in": world.gateway.user is not None,
            "epoch": world.gateway.epoch,
        }
    )


def clock_state(control: Control, request: Request) -> Answer:
    """Time and who is in the round."""
    return ok(control.clock.row())


async def clock_change(control: Control, request: Request) -> Answer:
    """`paused`, `speed` (0 or null: no brake), `advance_to`; answers when the instant is reached.
    `poke` wakes whoever waits for events, without one."""
    fields = object_of(request, ("paused", "speed", "advance_to", "poke"))
    paused, speed = fields.get("paused"), fields.get("speed", ...)
    if paused not in (None, True, False):
        raise Bad("paused takes true or false")
    if speed is not ... and not (speed is None or (isinstance(speed, int | float) and speed >= 0)):
        raise Bad("speed takes simulated seconds per machine second, 0 or null for no brake")
    until = parse(str(fields["advance_to"])) if "advance_to" in fields else None
    control.clock.settle(paused=paused, speed=None if speed is ... else float(speed or 0))
    if fields.get("poke"):
        control.clock.poke()
    if until is not None:
        await control.clock.advance_to(until)
    return ok(control.clock.row())


def truth_orders(control: Control, request: Request) -> Answer:
    """Every order ever accepted, as it stands; `?log=1` gives every change instead."""
    if request.asked("log"):
        return ok([readable(row) for row in control.world.truth.rows("order")])
    return ok([order_truth(control.world, order) for order in control.world.exchange.orders.values()])


def truth_executions(control: Control, request: Request) -> Answer:
    """Every execution."""
    return ok([readable(asdict(execution)) for execution in control.world.exchange.executions])


def truth_positions(control: Control, request: Request) -> Answer:
    """Positions ever held, of all accounts; flat ones have quantity 0."""
    world = control.world
    return ok(
        [
            {
                "account": account.account_id,
                "conid": position.conid,
                "symbol": position.symbol,
                "quantity": position.quantity,
                "average_cost": str(position.average),
                "mark": money.text(world.exchange.mark(position.conid)),
                "realized": money.text(position.realized),
            }
            for account in world.accounts.values()
            for position in account.positions.values()
        ]
    )


def truth_requests(control: Control, request: Request) -> Answer:
    """Every Web API request; `?after=SEQ&limit=N` pages."""
    after, limit = request.asked("after", "0"), request.asked("limit", "-1")
    rows = control.world.truth.rows("request", int(after), int(limit))
    return ok([readable(row) for row in rows])


def truth_cash(control: Control, request: Request) -> Answer:
    """Every movement of cash, account by account; `?account=ID` for one of them."""
    asked = request.asked("account")
    accounts = [_account(control, asked)] if asked else list(control.world.accounts.values())
    return ok([entry.row() for account in accounts for entry in account.ledger])


def truth_equity(control: Control, request: Request) -> Answer:
    """Net liquidation now, to the cent, and its parts: cash (and what of it has settled), stock, and what
    has accrued. `?account=ID`, else the selected account."""
    world = control.world
    account = _account(control, request.asked("account"))
    rows = {
        "equity": world.exchange.equity(account),
        "cash": account.cash,
        "settled_cash": account.settled(world.now),
        "stock": account.stock_value(world.exchange.mark),
        "accrued_interest": account.accruals.interest_cents,
        "accrued_dividends": account.accruals.dividend_cents,
    }
    shown = {name: money.text(amount) for name, amount in rows.items()}
    return ok({"account": account.account_id, **shown, "at": iso(world.now)})


def _account(control: Control, asked: str) -> Account:
    if not asked:
        return control.world.account
    if asked not in control.world.accounts:
        raise Bad(f"no account {asked}; there are {', '.join(control.world.accounts)}")
    return control.world.accounts[asked]


def truth_pacing(control: Control, request: Request) -> Answer:
    """Requests as the broker counted them: most in any second, how often each endpoint was asked too soon."""
    world = control.world
    return ok(world.pacer.row(*world.pacing_time()))


def truth_questions(control: Control, request: Request) -> Answer:
    """Every question, how it ended, and which other `/iserver` requests came before its last reply."""
    return ok(list(control.world.question_log.rows()))


def truth_violations(control: Control, request: Request) -> Answer:
    """Answers and frames that no schema allows. Needs `serve --check-answers`."""
    if control.violations is None:
        raise Bad("nothing is checked; start the simulator with --check-answers")
    return ok(control.violations)


def faults_state(control: Control, request: Request) -> Answer:
    """Armed faults, and the catalogue with how each comes about."""
    faults = control.world.faults
    catalogue = [scenario.row() for scenario in faults.catalogue.values()]
    return ok({"armed": [armed.row() for armed in faults.armed], "catalogue": catalogue})


def faults_arm(control: Control, request: Request) -> Answer:
    """One fault in the words of a scenario file, or a whole file's text as `scenario`."""
    fields = request.fields()
    if "scenario" in fields:
        armed = begin(control.world, parsed(str(fields["scenario"]), "scenario"))
        return ok({"armed": [one.row() for one in armed]})
    return ok(control.world.faults.arm(wish(fields)).row())


def faults_clear(control: Control, request: Request) -> Answer:
    """Forget armed faults, all or `?number=N`; also opens the penalty box."""
    number = request.asked("number")
    control.world.faults.disarm(int(number) if number else None)
    control.world.pacer.forgive()
    return faults_state(control, request)


def switches_state(control: Control, request: Request) -> Answer:
    """Every switch and its value."""
    return ok(control.world.switches.all())


def switches_change(control: Control, request: Request) -> Answer:
    """Set switches by name; nothing changes when one is wrong."""
    fields = request.fields()
    fixed = [name for name in ("account", "accounts", "account_type", "start_cash") if name in fields]
    if fixed:
        raise Bad(f"{', '.join(fixed)} can be set when the simulator starts only")
    control.world.switches.update({name: _plain(value) for name, value in fields.items()})
    return ok(control.world.switches.all())


def _plain(value: object) -> object:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _of_world(handler: Callable[[World, Request], Answer]) -> Handler:
    """A handler that needs nothing but the world."""
    return lambda control, request: handler(control.world, request)


ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/control/health"): health,
    ("GET", "/control/clock"): clock_state,
    ("POST", "/control/clock"): clock_change,
    ("GET", "/control/truth/orders"): truth_orders,
    ("GET", "/control/truth/executions"): truth_executions,
    ("GET", "/control/truth/positions"): truth_positions,
    ("GET", "/control/truth/requests"): truth_requests,
    ("GET", "/control/truth/cash"): truth_cash,
    ("GET", "/control/truth/equity"): truth_equity,
    ("GET", "/control/truth/violations"): truth_violations,
    ("GET", "/control/truth/pacing"): truth_pacing,
    ("GET", "/control/truth/questions"): truth_questions,
    ("POST", "/control/broker/notice"): _of_world(broker.notice),
    ("POST", "/control/broker/bulletin"): _of_world(broker.bulletin),
    ("POST", "/control/person/sign-in"): _of_world(person.sign_in),
    ("POST", "/control/person/confirm"): _of_world(person.confirm),
    ("POST", "/control/person/sign-out"): _of_world(person.sign_out),
    ("POST", "/control/person/order"): _of_world(person.order),
    ("POST", "/control/person/cancel"): _of_world(person.cancel),
    ("POST", "/control/person/modify"): _of_world(person.modify),
    ("POST", "/control/person/deposit"): _of_world(person.deposit),
    ("POST", "/control/person/bust"): _of_world(person.bust),
    ("GET", "/control/faults"): faults_state,
    ("POST", "/control/faults"): faults_arm,
    ("DELETE", "/control/faults"): faults_clear,
    ("GET", "/control/switches"): switches_state,
    ("POST", "/control/switches"): switches_change,
}
