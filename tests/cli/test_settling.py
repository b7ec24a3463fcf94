"""`orders resolve` and `orders modify`: a wish to the dealer, whose answer the command waits for."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from glassdesk.cli import answers
from glassdesk.kernel.canonical import canonical_text
from glassdesk.workflow.dealing.model import Command
from glassdesk.workflow.order_tracking import evidence
from glassdesk.workflow.order_tracking.evidence import Evidence, Look
from tests.cli import world
from tests.cli.conftest import Typed


@contextmanager
def a_dealer(home: Path, answer: Callable[[Command], str]) -> Iterator[list[Command]]:
    """Somebody who answers every wish, in a process of its own as far as the command can see."""
    over, heard = threading.Event(), list[Command]()

    def serve() -> None:
        with world.opened(home) as (ground, _):
            while not over.wait(0.05):
                with ground.stores.transactions.begin() as t:
                    for one in ground.stores.commands.pending(t):
                        heard.append(one)
                        at = one.requested_at
                        ground.stores.commands.done(t, one.command, at=at, result=answer(one))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield heard
    finally:
        over.set()
        thread.join()


def an_order(type_in: Typed, state: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = type_in("orders", "list", "--json").json
    return next(one for one in found if one["state"] == state)


def test_modify_asks_the_dealer_once_and_tells_its_answer(type_in: Typed, home: Path) -> None:
    order = an_order(type_in, "working")
    with a_dealer(home, lambda _: "changed") as heard:
        told = type_in("orders", "modify", order["order"][:8], "--price", "199.5")
    assert (told.code, told.out) == (0, f"{order['order'][:8]}: changed\n")
    [one] = heard
    assert one.argument == f'{{"order":"{order["order"]}","price":"199.5","quantity":null}}'


def test_what_the_dealer_refuses_is_an_error_in_its_words(type_in: Typed, home: Path) -> None:
    order = an_order(type_in, "working")
    with a_dealer(home, lambda _: "refused: quantity: stops for 11 shares, and 10 are held"):
        told = type_in("orders", "modify", order["order"], "--quantity", "11")
    assert (told.code, told.err) == (1, "error: quantity: stops for 11 shares, and 10 are held\n")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "price: nothing to change (give a price, a quantity or both)"),
        (("--price", "much"), "price: 'much' is no number (10.5)"),
        (("--price", "NaN"), "price: NaN is no price (give a number above zero)"),
        (("--quantity", "-1"), "quantity: -1 is no quantity (give a number above zero)"),
    ],
)
def test_a_change_that_is_none_is_refused_before_anybody_is_asked(
    type_in: Typed, words: tuple[str, ...], why: str
) -> None:
    order = an_order(type_in, "working")
    told = type_in("orders", "modify", order["order"], *words)
    assert (told.code, told.err) == (2, f"error: {why}\n")


def test_only_an_order_at_the_broker_changes(type_in: Typed) -> None:
    order = an_order(type_in, "filled")
    told = type_in("orders", "modify", order["order"], "--price", "1")
    assert (told.code, told.err) == (1, "error: order: the order is filled (only a working one changes)\n")


def test_T_75_resolve_shows_the_evidence_and_what_each_state_would_mean(type_in: Typed, home: Path) -> None:
    order = an_order(type_in, "working")
    with world.opened(home) as (_, desk), desk.transactions.read() as t:
        found = Evidence(
            order=desk.orders.order(t, order["order"]),
            read_at=desk.clock.now(),
            complete=True,
            listed=None,
            by_id=None,
            executions=(),
            unexplained=Decimal(0),
            day_over=False,
        )
    look = canonical_text(Look(evidence=found, choices=evidence.choices(found)))
    with a_dealer(home, lambda _: look):
        told = type_in("orders", "resolve", order["order"])
        raw = type_in("orders", "resolve", order["order"], "--json").json
    assert told.code == 0
    out = " ".join(told.out.split())
    assert "the broker shows it nowhere filled in the ledger 0 in 0 fill(s)" in out
    assert "--as working no: the broker shows it nowhere" in out
    assert "--as abandoned It never reached the broker." in out
    assert {choice["state"] for choice in raw["look"]["choices"]} >= {"working", "filled", "abandoned"}
    assert raw["facts"]


def test_T_75_a_decision_needs_a_reason_and_a_state_that_a_person_can_know(type_in: Typed) -> None:
    order = an_order(type_in, "working")["order"]
    told = type_in("orders", "resolve", order, "--as", "abandoned")
    assert (told.code, "no reason given" in told.err) == (2, True)
    for word in ("sending", "gone"):
        told = type_in("orders", "resolve", order, "--as", word, "--reason", "so it is")
        assert (told.code, word in told.err) == (2, True)


def test_T_75_a_decision_is_a_wish_with_its_reason(type_in: Typed, home: Path) -> None:
    order = an_order(type_in, "working")["order"]
    with a_dealer(home, lambda _: "the order is abandoned now") as heard:
        told = type_in("orders", "resolve", order, "--as", "abandoned", "--reason", "not in TWS either")
    assert told.out == f"{order[:8]}: the order is abandoned now\n"
    assert '"reason":"not in TWS either","state":"abandoned"' in heard[0].argument


def test_without_a_dealer_the_command_says_so_and_the_wish_stands(
    type_in: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "PATIENCE_SECONDS", 0.0)
    order = an_order(type_in, "working")["order"]
    told = type_in("orders", "resolve", order)
    assert told.code == 1
    assert "is `glassdesk up` or `glassdesk dealer` running?" in told.err
