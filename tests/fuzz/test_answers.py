"""No answer of a gateway makes the adapter crash, and none makes a living order look rejected.

`GLASSDESK_FUZZ` bodies per kind of answer: 200 by default, 5,000 in `make fuzz`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from glassdesk.kernel.errors import GlassdeskError
from glassdesk.workflow.orders.model import Outcome, OutcomeKind
from glassdesk.workflow.session.model import SessionStatus
from tests.adapters.ibkr.gateway import Desk, desk
from tests.fuzz.kinds import HONEST, READS, WRITES, Kind
from tests.fuzz.mutation import Mutator

pytestmark = pytest.mark.fuzz
BODIES = int(os.environ.get("GLASSDESK_FUZZ", "200"))
SETTLES = timedelta(seconds=20)

# Said once more, apart from the adapter's own table: what may be read as a refusal for good.
PROOF = re.compile(
    r"^No trading permissions|minimum of 15 orders working|^invalid order price fields"
    r"|^invalid order attribute : Outside Regular|^We cannot accept an order at the limit price"
    r"|minimum price variation|must exceed the initial margin|available settled cash"
    r"|insufficient (buying|funds)",
    re.IGNORECASE,
)
NO_SUCH_ORDER = re.compile(r"OrderID \S+ doesn.?t exist|order is inactive", re.IGNORECASE)


@pytest.fixture(scope="module")
def over(tmp_path_factory: pytest.TempPathFactory, certificate_file: Path) -> Iterator[Desk]:
    with desk(certificate_file) as made:
        yield made


def honest(over: Desk) -> None:
    for method, path, body in HONEST:
        over.gateway.on(method, path, body)


def served(over: Desk, kind: Kind, body: bytes, status: int) -> Any:
    """What the port makes of the body: a value, or one of our errors; anything else escapes."""
    honest(over)
    for method, path, before in kind.before:
        over.gateway.on(method, path, before)
    over.gateway.on(kind.method, kind.path, body, status=status)
    over.gateway.asked.clear()
    over.broker.gate.forget_session()
    over.clock.advance(SETTLES)
    try:
        return kind.read(over.broker)
    except GlassdeskError as failure:
        return failure


@pytest.mark.parametrize("kind", READS, ids=str)
def test_a_read_is_a_typed_result_or_a_clear_error(over: Desk, kind: Kind) -> None:
    mutator = Mutator(kind.name, kind.examples)
    for number in range(BODIES):
        body, status = mutator.body(), mutator.status()
        note = f"{kind} #{number}: {status} {body[:400]!r}"
        result = served(over, kind, body, status)
        assert whole(result), f"{note}\n{result!r}"
        if kind.name in ("auth status", "tickle", "init"):
            assert isinstance(result, SessionStatus), note


@pytest.mark.parametrize("kind", WRITES, ids=str)
def test_a_write_is_sent_once_and_rejected_only_on_proof(over: Desk, kind: Kind) -> None:
    mutator = Mutator(kind.name, kind.examples)
    for number in range(BODIES):
        body, status = mutator.body(), mutator.status()
        note = f"{kind} #{number}: {status} {body[:400]!r}"
        result = served(over, kind, body, status)
        assert isinstance(result, Outcome), f"{note}\n{result!r}"
        sent = [path for method, path, _ in over.gateway.asked if (method, path) == (kind.method, kind.path)]
        assert len(sent) == 1, f"{note}\nsent {len(sent)} times"
        if result.kind is OutcomeKind.REJECTED:
            assert proves(kind, body, status), f"{note}\nrejected: {result.text!r}"
        if result.kind is OutcomeKind.NOT_SENT:
            assert b"query /accounts first" in body, f"{note}\nnot sent: {result.text!r}"
        if result.kind is OutcomeKind.ACCEPTED:
            assert status == 200, note
            assert all(one.broker_order_id not in ("", "-1", "0") for one in result.acknowledged), note


def proves(kind: Kind, body: bytes, status: int) -> bool:
    """The whole answer is an error with a text known to be final, and nothing in it looks like an order."""
    try:
        stated = json.loads(body.decode(errors="replace"))
    except ValueError:
        return False
    first = stated[0] if isinstance(stated, list) and stated else stated
    text = first.get("error") if isinstance(first, dict) else None
    if not isinstance(text, str):
        return False
    if kind.name == "cancelling":
        # The cancel is refused, whatever became of the order [F-60].
        return status < 500 and NO_SUCH_ORDER.search(text) is not None
    alive = any(word in first for word in ("order_id", "message", "prompt"))
    return status == 200 and not alive and PROOF.search(text) is not None


def whole(value: Any) -> bool:
    """No NaN, no infinity, no naive time anywhere in a result."""
    if isinstance(value, GlassdeskError):
        return bool(str(value).strip())
    if isinstance(value, Decimal):
        return value.is_finite()
    if isinstance(value, datetime):
        return value.tzinfo is not None
    if is_dataclass(value) and not isinstance(value, type):
        return all(whole(getattr(value, one.name)) for one in fields(value))
    if isinstance(value, dict):
        return all(whole(key) and whole(one) for key, one in value.items())
    return all(map(whole, value)) if isinstance(value, list | tuple | frozenset) else True


def test_the_same_seed_draws_the_same_bodies() -> None:
    one, other = (Mutator("same", READS[0].examples) for _ in range(2))
    assert [one.body() for _ in range(200)] == [other.body() for _ in range(200)]
    assert len({one.body() for _ in range(200)}) > 120
