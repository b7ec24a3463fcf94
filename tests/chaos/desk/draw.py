"""One seed: a day, settings of the broker, what is done, which faults are armed and where processes die."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

AAPL, IBM, MSFT = 265598, 8314, 272093
CONIDS = (AAPL, IBM, MSFT)
DAYS = ("2012-03-14", "2012-05-21", "2012-06-13", "2012-08-02", "2012-10-01", "2012-11-28")
SWITCHES: dict[str, tuple[str, ...]] = {
    "account_type": ("margin", "margin", "cash"),
    "accounts": ("", "", "DU1234567:margin,DU7654321:cash"),
    "children": ("full", "scaled", "held_until_full"),
    "on_parent_cancel": ("kept", "cancelled"),
    "bracket_ids": ("all", "parent"),
    "child_order_ref": ("yes", "no"),
    "child_coid": ("kept", "dropped", "refused"),
    "duplicate_coid": ("200", "400", "off"),
    "duplicate_scope": ("ever", "24h", "working"),
    "gtc_visible_next_day": ("listed", "listed_new_id", "hidden"),
    "snapshot_flag": ("settles_second_call", "always_false", "list_with_false"),
    "commission_delay_seconds": ("0", "20", "90"),
    "partial_fills": ("1", "1", "3"),
    "cancel_seconds": ("1", "0", "8"),
    "establish_seconds": ("0", "10"),
    "competitor": ("yields", "returns"),
    "tickle_signed_out": ("401", "200"),
    "no_bridge_status": ("400", "401"),
    "unprimed_status": ("400", "500"),
    "questions": ("o10331", "o10331,o163", "", "o10331,o10152"),
    "child_questions": ("on", "off"),
    "snapshot_calls": ("2", "3"),
    "history_period": ("1d", "1w"),
    "positions_cache_seconds": ("0", "0", "30"),
    "regulatory_fees": ("on", "off"),
}
"""Every setting of issue 2's switches that an account may have, drawn alike."""

FAULTS: tuple[tuple[int, dict[str, Any]], ...] = (
    (2, {}),
    (3, {}),
    (4, {"seconds": 20}),
    (5, {}),
    (6, {"count": 2}),
    (7, {"count": 1}),
    (7, {"seconds": 15}),
    (8, {"count": 1}),
    (9, {"seconds": 120}),
    (11, {}),
    (12, {}),
    (13, {"count": 1}),
    (15, {}),
    (19, {"count": 1}),
    (22, {"endpoint": "acceptance"}),
    (22, {"endpoint": "reply", "late": 40}),
    (22, {"endpoint": "reply", "late": 200}),
    (22, {"endpoint": "reply", "late": 600}),
    (22, {"endpoint": "acceptance", "stall": 12}),
    (22, {"endpoint": "modify"}),
    (22, {"endpoint": "cancel"}),
    (23, {}),
    (24, {"count": 1}),
    (24, {"endpoint": "live_orders", "seconds": 300}),
    (24, {"endpoint": "trades", "seconds": 300}),
    (24, {"endpoint": "/portfolio/DU1234567/ledger", "seconds": 300}),
    (25, {"manner": "html"}),
    (25, {"manner": "truncated"}),
    (26, {"count": 2}),
    (27, {"count": 1}),
    (28, {"count": 1}),
    (30, {"count": 1}),
    (40, {"count": 2}),
    (41, {}),
    (42, {}),
    (43, {"seconds": 60}),
    (45, {"message_id": "o163"}),
    (46, {"depth": 2}),
    (47, {}),
    (48, {}),
    (49, {}),
    (50, {}),
    (51, {}),
    (52, {}),
    (53, {}),
    (55, {}),
    (56, {}),
    (57, {}),
    (58, {"quantity": 3}),
    (59, {}),
    (60, {}),
    (61, {}),
    (62, {"count": 2}),
    (63, {"count": 1}),
    (64, {}),
    (65, {}),
    (67, {"manner": "empty", "seconds": 60}),
    (68, {}),
    (69, {"seconds": 60}),
    (70, {}),
    (72, {"count": 1}),
    (73, {"count": 1}),
    (74, {"count": 1}),
)
"""Faults by number as they are armed. Left out: those that ask for a new start of the simulator or end the
account for good (10, 14, 16, 17, 18, 20, 21), that lie about a contract (29, 31 to 39, 71, 75, 76), of the
stream (77 to 83: no stream here), and 54, which unlearns mid-way what a probe had proven (E3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that is done `after` so many seconds."""

    after: float
    what: str
    words: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Everything about a seed but where processes die, which its plan draws as they live."""

    seed: int
    at: str
    minutes: int
    switches: dict[str, str] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    crashes: float = 1.0
    """Scale of the chance to die at a point."""
    workers: int = 1
    """Processes that tick and sweep."""

    def without(self, numbers: frozenset[int]) -> Draw:
        """The same seed without some of its acts, for shrinking."""
        kept = tuple(act for number, act in enumerate(self.acts) if number not in numbers)
        return replace(self, acts=kept)


def draw(seed: int) -> Draw:
    """What a seed is."""
    dice = Random(f"desk/{seed}")
    minutes = dice.choice((40, 60, 90))
    span = minutes * 60.0
    acts = [*_entries(dice, span), *_persons(dice, span), *_faults(dice, span)]
    drawn = Draw(
        seed=seed,
        at=f"{dice.choice(DAYS)}T{dice.choice(('14:30', '15:10', '17:45'))}:00Z",
        minutes=minutes,
        switches={name: dice.choice(values) for name, values in SWITCHES.items() if dice.random() < 0.6},
        acts=tuple(sorted(acts, key=lambda act: act.after)),
        crashes=dice.choice((0.5, 1.0, 1.0, 2.0)),
    )
    late = _late(Random(f"desk/{seed}/late"), drawn)
    return replace(drawn, acts=tuple(sorted([*acts, *late], key=lambda act: act.after)))


def _late(dice: Random, drawn: Draw) -> list[Act]:
    """Requests that carry an order and arrive long after their sender gave up (F-22): the last one of the
    placement, be it the order itself or the reply to its last question."""
    last = "orders" if drawn.switches.get("questions") == "" else "reply"
    acts = []
    for one in drawn.acts:
        if one.what == "entry" and dice.random() < 0.4:
            words = {"number": 22, "endpoint": last, "late": dice.choice((40, 200, 400, 800))}
            acts.append(Act(after=max(one.after - 1, 0), what="fault", words=words))
    return acts


def _entries(dice: Random, span: float) -> list[Act]:
    acts = []
    for _ in range(dice.choice((1, 2, 2, 3, 4))):
        conid = dice.choice(CONIDS)
        words: dict[str, Any] = {
            "conid": conid,
            "quantity": dice.randint(2, 9),
            "over": dice.choice(("0.004", "0.004", "0.002", "-0.002", "-0.01")),
            "stop": dice.choice(("0.002", "0.005", "0.02")),
            "target": dice.choice(("", "", "0.003", "0.01")),
            "minutes": dice.choice((5, 30, 55)),
            "ttl": dice.choice((None, None, 120, 600)),
        }
        began = dice.uniform(15, span * 0.6)
        acts.append(Act(after=began, what="entry", words=words))
        if dice.random() < 0.4:
            acts.append(Act(after=began + dice.uniform(60, 1500), what="exit", words={"conid": conid}))
    return acts


def _persons(dice: Random, span: float) -> list[Act]:
    conid = dice.choice(CONIDS)
    choices: list[tuple[str, dict[str, Any]]] = [
        ("command", {"kind": "cancel_order", "role": "entry"}),
        ("command", {"kind": "cancel_order", "role": "stop"}),
        ("command", {"kind": "reconcile"}),
        ("command", {"kind": "exit_position", "argument": {AAPL: "AAPL", IBM: "IBM", MSFT: "MSFT"}[conid]}),
        ("trade", {"conid": conid, "side": "SELL", "quantity": dice.choice((1, 3, 20))}),
        ("trade", {"conid": conid, "side": "BUY", "quantity": 4}),
        ("cancel", {"kind": "STP"}),
        ("cancel", {"kind": "LMT"}),
        ("move", {"kind": "STP", "by": "0.001"}),
        ("move", {"kind": "STP", "by": "-0.004"}),
        ("move", {"kind": "LMT", "by": "-0.002"}),
        ("shrink", {"kind": "STP"}),
        ("split", {"conid": conid, "ratio": 2}),
        ("sign_out", {}),
        ("halt", {"level": dice.choice(("PAUSE_ENTRIES", "REDUCE_ONLY", "HALT"))}),
        ("halt", {"level": dice.choice(("HALT_CANCEL_ENTRIES", "FLATTEN", "FREEZE"))}),
        ("bust", {}),
    ]
    acts: list[Act] = []
    for _ in range(dice.choice((0, 1, 1, 2, 3))):
        what, words = dice.choice(choices)
        after = dice.uniform(60, span)
        acts.append(Act(after=after, what=what, words=words))
        if what == "halt":
            acts.append(Act(after=after + dice.uniform(60, 600), what="resume", words={}))
        if what == "sign_out":
            acts.append(Act(after=after + dice.uniform(20, 300), what="sign_in", words={}))
    return acts


def _faults(dice: Random, span: float) -> list[Act]:
    acts = []
    for _ in range(dice.choice((1, 2, 3, 4, 6))):
        number, words = dice.choice(FAULTS)
        acts.append(Act(after=dice.uniform(5, span * 0.8), what="fault", words={"number": number, **words}))
    return acts
