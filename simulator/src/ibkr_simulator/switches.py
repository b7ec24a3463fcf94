"""Behaviours of the broker that are uncertain, or that a test wants different.

Each switch has a name, a default and a checked form; `Switches` answers with typed values.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

Check = Callable[[str], str]
_LETTERS = ("R", "D", "Z", "Y", "N", "O")


class BadSwitch(ValueError):
    """The switch does not exist or does not take this value."""


def one_of(*words: str) -> Check:
    """A switch that takes one of a few words."""

    def check(text: str) -> str:
        if text not in words:
            raise BadSwitch(f"takes one of {', '.join(words)}")
        return text

    return check


def whole(least: int) -> Check:
    """A switch that takes a whole number."""

    def check(text: str) -> str:
        if not text.isdigit() or int(text) < least:
            raise BadSwitch(f"takes a whole number of at least {least}")
        return text

    return check


def _amount(text: str) -> str:
    try:
        return str(Decimal(text).quantize(Decimal("0.01")))
    except InvalidOperation as error:
        raise BadSwitch("takes an amount such as 100000.00") from error


def _account(text: str) -> str:
    if not text.isalnum() or text[:1] not in ("D", "U"):
        raise BadSwitch("takes an account id such as DU1234567 (paper) or U1234567 (live)")
    return text


def _accounts(text: str) -> str:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    names = [part.partition(":")[0] for part in parts]
    if any(part.partition(":")[2] not in ("", "margin", "cash") for part in parts):
        raise BadSwitch("takes account ids with a kind, such as DU1234567:margin,DU7654321:cash")
    if len({_account(name)[0] for name in names}) > 1 or len(set(names)) < len(names):
        raise BadSwitch("takes different ids, all paper (D...) or all live (U...), as a login has them")
    return ",".join(parts)


def _rate(text: str) -> str:
    try:
        rate = Decimal(text)
    except InvalidOperation as error:
        raise BadSwitch("takes percent a year such as 1.61") from error
    if not rate.is_finite() or rate < 0:
        raise BadSwitch("takes percent a year such as 1.61")
    return str(rate)


def _hour(text: str) -> str:
    if text != "off" and not (text.isdigit() and int(text) < 24):
        raise BadSwitch("takes an hour from 0 to 23, or off")
    return text


def _symbol_letters(text: str) -> str:
    pairs = [part.strip() for part in text.split(",") if part.strip()]
    if any(not name or letter not in _LETTERS for name, _, letter in (pair.partition(":") for pair in pairs)):
        raise BadSwitch(
            f"takes symbols or conids with a letter of {', '.join(_LETTERS)}, such as AAPL:D,IBM:N"
        )
    return ",".join(pairs)


def _ids(text: str) -> str:
    return ",".join(part.strip() for part in text.split(",") if part.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One switch: what it is called, what it starts as, what it may be."""

    name: str
    default: str
    check: Check
    about: str


def _switch(name: str, default: str, check: Check, about: str) -> Switch:
    return Switch(name=name, default=default, check=check, about=about)


ON_OFF = one_of("on", "off")
YES_NO = one_of("yes", "no")

REGISTRY: dict[str, Switch] = {
    switch.name: switch
    for switch in (
        _switch("account", "DU1234567", _account, "account id; the prefix D makes it paper"),
        _switch("account_type", "margin", one_of("margin", "cash"), "kind of accounts that state none"),
        _switch("accounts", "", _accounts, "several accounts under one login: DU1:margin,DU2:cash"),
        _switch("start_cash", "100000.00", _amount, "USD in each account at the start"),
        _switch("regulatory_fees", "on", ON_OFF, "sales pay SEC fee and TAF beside the commission"),
        _switch("dividends", "on", ON_OFF, "dividends accrue on the ex-date and are paid"),
        _switch("interest_debit_percent", "1.61", _rate, "a year, on borrowed cash"),
        _switch("interest_credit_percent", "0", _rate, "a year, on cash above interest_free_cash"),
        _switch("interest_free_cash", "10000.00", _amount, "cash that earns nothing"),
        _switch("borrow_fee_percent", "0.25", _rate, "a year, on the value of short positions"),
        _switch("monthly_fee", "0.00", _amount, "market data fee, at the end of each month"),
        _switch("pacing", "on", one_of("on", "off", "full"), "10 req/s; full adds per-endpoint limits"),
        _switch("penalty_seconds", "600", whole(0), "length of the penalty box after a 429"),
        _switch("block_after", "0", whole(0), "penalty boxes after which the block is for good; 0 is never"),
        _switch("idle_timeout_seconds", "0", whole(0), "brokerage idle timeout, market time; 0 is off"),
        _switch("daily_login", "off", ON_OFF, "the outer session ends at New York midnight"),
        _switch("establish_seconds", "0", whole(0), "half-ready time after init"),
        _switch("two_factor_seconds", "0", whole(0), "until the phone confirms a sign-in; 0 is no phone"),
        _switch(
            "two_factor_validate",
            "stated",
            one_of("stated", "401"),
            "/sso/validate while the phone is asked: RESULT false with SF_ENABLED true, or 401",
        ),
        _switch("reset_hour", "off", _hour, "hour of New York at which /iserver is reset, on weekdays"),
        _switch("reset_minutes", "5", whole(1), "length of the reset"),
        _switch("weekend_maintenance_minutes", "0", whole(0), "everything is down from Saturday 20:00"),
        _switch("init_storm", "1000", whole(0), "inits in a day that lock everybody out; 0 is never"),
        _switch("init_lock_hours", "4", whole(1), "how long an init storm locks out"),
        _switch(
            "competitor",
            "yields",
            one_of("yields", "returns", "wins"),
            "another program with the username: gives way to compete:true, comes back, or never gives way",
        ),
        _switch("competitor_seconds", "60", whole(1), "after how long the other program comes back"),
        _switch("logout_keeps_sso", "off", ON_OFF, "after logout init works without a new sign-in"),
        _switch(
            "tickle_signed_out", "401", one_of("401", "200"), "tickle signed out: 401, or 200 `no session`"
        ),
        _switch("no_bridge_status", "400", one_of("400", "401"), "status of `no bridge`"),
        _switch("unprimed_status", "400", one_of("400", "500"), "status of `please query /accounts first`"),
        _switch(
            "stream_agent",
            "any",
            one_of("any", "required"),
            "a websocket without User-Agent is refused or not",
        ),
        _switch("gone", "off", ON_OFF, "410 on every path, as at a wrong host"),
        _switch(
            "snapshot_flag",
            "settles_second_call",
            one_of("settles_second_call", "always_false", "list_with_false"),
            "`snapshot` of live orders: true from the second call, never true, or a list already with false",
        ),
        _switch(
            "children", "full", one_of("full", "scaled", "held_until_full"), "children of a partial entry"
        ),
        _switch(
            "on_parent_cancel", "kept", one_of("kept", "cancelled"), "children of a partly filled parent"
        ),
        _switch("child_coid", "kept", one_of("kept", "dropped", "refused"), "a child's own cOID"),
        _switch("child_order_ref", "yes", YES_NO, "rows of children carry their cOID as order_ref"),
        _switch("bracket_ids", "all", one_of("all", "parent"), "whose ids the answer to a bracket carries"),
        _switch("duplicate_coid", "200", one_of("200", "400", "off"), "status of the duplicate answer"),
        _switch(
            "duplicate_scope",
            "ever",
            one_of("ever", "24h", "working"),
            "how long a cOID stays taken: for ever, a day, while its order works",
        ),
        _switch("shortable", "on", ON_OFF, "whether shares can be borrowed for a short sale"),
        _switch("commission_delay_seconds", "0", whole(0), "trades show a commission so much later"),
        _switch(
            "questions",
            "o10331",
            _ids,
            "questions asked when their condition is met: o163 o354 o382 o383 o403 o451 o10151 o10152 o10331",
        ),
        _switch("tick_limit", "500", whole(1), "o382: cents a price may lie from the last one"),
        _switch("size_limit", "500", whole(1), "o383: shares of an order"),
        _switch("value_limit", "50000", whole(1), "o451: USD of an order"),
        _switch("child_questions", "on", ON_OFF, "whether children are asked about too"),
        _switch("cancel_seconds", "1", whole(0), "time between a cancel request and its effect"),
        _switch("partial_fills", "1", whole(1), "pieces an order is filled in, one per minute"),
        _switch(
            "gtc_visible_next_day",
            "listed",
            one_of("listed", "listed_new_id", "hidden"),
            "own GTC of earlier days",
        ),
        _switch("market_data", "R", one_of(*_LETTERS), "first letter of field 6509"),
        _switch("market_data_of", "", _symbol_letters, "the same for single contracts: AAPL:D,IBM:N"),
        _switch("snapshot_refresh_seconds", "0", whole(0), "a quote nobody asks for ends after it; 0: never"),
        _switch(
            "history_millis", "3", whole(0), "machine time a history answer takes; a sixth at once is 429"
        ),
        _switch(
            "history_period", "1d", one_of("1d", "1w"), "period of history when none or a wrong one is asked"
        ),
        _switch("snapshot_calls", "2", whole(1), "snapshot calls before all fields are there"),
        _switch("market_data_lines", "100", whole(1), "contracts with quotes at the same time"),
        _switch("volume_factor", "40", whole(1), "shares per volume unit of history bars"),
        _switch("history_adjusted", "on", ON_OFF, "history is adjusted for splits up to now"),
        _switch("positions_cache_seconds", "0", whole(0), "age of /portfolio positions; 0 is fresh"),
        _switch("force_compete", "off", ON_OFF, "init with compete:false is refused"),
    )
}


class Switches:
    """The current value of every switch."""

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        self._values = {name: switch.default for name, switch in REGISTRY.items()}
        self.version = 0
        self.update(given or {})

    def update(self, given: Mapping[str, object]) -> None:
        """Set several at once; nothing changes when one of them is wrong."""
        checked = {name: _checked(name, str(value)) for name, value in given.items()}
        self._values.update(checked)
        self.version += 1

    def text(self, name: str) -> str:
        """The value as text."""
        return self._values[name]

    def number(self, name: str) -> int:
        """The value of a whole-number switch."""
        return int(self._values[name])

    def on(self, name: str) -> bool:
        """Whether an on/off or yes/no switch says yes."""
        return self._values[name] in ("on", "yes")

    def listed(self, name: str, item: str) -> bool:
        """Whether a list switch contains an item."""
        return item in self._values[name].split(",")

    def all(self) -> dict[str, str]:
        """Every switch, by name."""
        return dict(self._values)


def _checked(name: str, value: str) -> str:
    switch = REGISTRY.get(name)
    if switch is None:
        raise BadSwitch(f"no switch {name!r}; there are {', '.join(sorted(REGISTRY))}")
    try:
        return switch.check(value)
    except BadSwitch as error:
        raise BadSwitch(f"switch {name} {error}, not {value!r}") from error


def account_kinds(switches: Switches) -> dict[str, Literal["margin", "cash"]]:
    """Every account of the login with its kind, in order."""
    kinds: dict[str, Literal["margin", "cash"]] = {}
    for part in (switches.text("accounts") or switches.text("account")).split(","):
        name, _, kind = part.partition(":")
        kinds[name] = "cash" if (kind or switches.text("account_type")) == "cash" else "margin"
    return kinds
