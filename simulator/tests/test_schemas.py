"""The schemas are strict: what a shape's example must have, and nothing else, passes."""

import sys
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from ibkr_simulator import schemas
from ibkr_simulator.checking import CannotCheck, Checker, Watch
from ibkr_simulator.messages import Answer, Request
from ibkr_simulator.web_api.pipeline import API
from simulator.tests.conftest import Make
from tests.facts import (
    contracts,
    market_data,
    order_tracking,
    orders,
    portfolio,
    positions,
    session,
    websocket,
)
from tests.facts.shapes import Fact

CHECKER = Checker()
DOCUMENTS = schemas.documents()
SHAPES = [(word, shape) for word, document in sorted(DOCUMENTS.items()) for shape in document["$defs"]]
STATUSES = [
    (word, int(status))
    for word, document in sorted(DOCUMENTS.items())
    for status in sorted({*document["answers"], "401", "503"})
    if document["routes"]
]
KINDS: tuple[Any, ...] = (None, True, 17.25, "nonsense", ["nonsense"], {"nonsense": 1})
NONSENSE: tuple[Any, ...] = ({"nonsense": 1}, [{"nonsense": 1}], ["nonsense"], 42, True, None, "nonsense")
FACTS = [
    fact
    for module in (session, contracts, market_data, orders, order_tracking, portfolio, positions)
    for fact in module.FACTS
    if fact.example
]
COMING: set[tuple[str, str]] = set()
"""Described by the sheet, and not served yet."""
Place = tuple[Mapping[str, Any], Any, tuple[Any, ...]]


def examples(word: str, shape: str) -> list[Any]:
    """What the shape's file gives as examples."""
    return list(DOCUMENTS[word]["$defs"][shape]["examples"])


def plain(word: str, schema: Mapping[str, Any], value: Any) -> Mapping[str, Any]:
    """The schema a value falls under, references and alternatives resolved."""
    if "$ref" in schema:
        return plain(word, DOCUMENTS[word]["$defs"][schema["$ref"].removeprefix("#/$defs/")], value)
    for alternative in schema.get("oneOf", ()):
        if CHECKER.accepts(word, alternative["$ref"].removeprefix("#/$defs/"), value):
            return plain(word, alternative, value)
    return schema


def places(word: str, schema: Mapping[str, Any], value: Any, path: tuple[Any, ...] = ()) -> Iterator[Place]:
    """Every value inside an example, with its schema and its path."""
    schema = plain(word, schema, value)
    yield schema, value, path
    if isinstance(value, dict):
        rest = schema.get("additionalProperties", {})
        for key, one in value.items():
            yield from places(word, schema.get("properties", {}).get(key, rest), one, (*path, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from places(word, schema["items"], one, (*path, index))


def put(whole: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The example with another value at a path."""
    if not path:
        return value
    changed = deepcopy(whole)
    inside = changed
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    return changed


def spoiled(word: str, shape: str, example: Any) -> Iterator[tuple[str, Any]]:
    """The example without each required key, with one key too many, and with each value of another kind."""
    for schema, value, path in places(word, DOCUMENTS[word]["$defs"][shape], example):
        if isinstance(value, dict):
            for key in schema.get("required", ()):
                yield (
                    f"{path} without {key}",
                    put(example, path, {k: v for k, v in value.items() if k != key}),
                )
            yield f"{path} with nonsense", put(example, path, value | {"nonsense": [[None]]})
        for kind in KINDS:
            if not fits(schema, kind):
                yield f"{path} as {kind!r}", put(example, path, kind)


def fits(schema: Mapping[str, Any], kind: Any) -> bool:
    """Whether a place may hold this kind of value, as its `type` says; a constant holds nothing else."""
    if "const" in schema or "enum" in schema:
        return kind in (schema.get("const", ...), *schema.get("enum", ()))
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    of = {"string": str, "boolean": bool, "number": float, "integer": int, "array": list, "object": dict}
    return any(kind is None if name == "null" else type(kind) is of[name] for name in names)


@pytest.mark.parametrize(("word", "shape"), SHAPES)
def test_a_shape_accepts_its_examples_and_refuses_each_of_them_spoiled(word: str, shape: str) -> None:
    for example in examples(word, shape):
        assert CHECKER.accepts(word, shape, example), example
        for how, wrong in spoiled(word, shape, example):
            assert not CHECKER.accepts(word, shape, wrong), how


@pytest.mark.parametrize(("word", "shape"), SHAPES)
def test_every_place_of_a_shape_takes_few_kinds_of_value(word: str, shape: str) -> None:
    for example in examples(word, shape):
        for schema, _, path in places(word, DOCUMENTS[word]["$defs"][shape], example):
            assert sum(fits(schema, kind) for kind in KINDS) <= 3, path


@pytest.mark.parametrize(("word", "status"), STATUSES)
def test_no_answer_may_be_nonsense(word: str, status: int) -> None:
    schema = schemas.body_schema(word, status)
    jsonschema_rs.meta.validate(schema)
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert [body for body in NONSENSE if validator.is_valid(body)] == []
    own = [example for shape in schemas.shapes(word, status) for example in _examples_of(word, shape)]
    assert own
    assert all(validator.is_valid(example) for example in own)


def _examples_of(word: str, shape: str) -> list[Any]:
    known = DOCUMENTS[word]["$defs"] if shape in DOCUMENTS[word]["$defs"] else DOCUMENTS["common"]["$defs"]
    return list(known[shape]["examples"])


def test_every_route_has_a_schema_and_every_schema_a_route() -> None:
    served = {(method, pattern) for method, pattern, _ in API.all()}
    assert served - set(schemas.words_by_route()) == set()
    assert set(schemas.words_by_route()) - served <= COMING


def test_a_status_an_endpoint_never_has_is_refused() -> None:
    with pytest.raises(AssertionError, match="knows no status 418"):
        CHECKER.answered(Request(method="GET", path="/tickle"), Answer(status=418, body={}))


def test_a_wrong_answer_is_named_with_its_place() -> None:
    with pytest.raises(AssertionError, match=r"GET /iserver/account/orders 200 .*at /orders/0"):
        CHECKER.answered(
            Request(method="GET", path="/iserver/account/orders"),
            Answer(body={"orders": [{"acct": 1}], "snapshot": True}),
        )


def weakened(shape: Any, example: Any) -> Iterator[Any]:
    """The sheet's example without each key that the transcribed fact calls necessary."""
    if isinstance(shape, list) and isinstance(example, list):
        for index, one in enumerate(example):
            for weak in weakened(shape[0], one):
                yield [*example[:index], weak, *example[index + 1 :]]
    if isinstance(shape, dict) and isinstance(example, dict):
        for key in [key for key in shape if not key.endswith("?") and key in example]:
            yield {k: v for k, v in example.items() if k != key}
            for weak in weakened(shape[key], example[key]):
                yield example | {key: weak}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_the_schemas_are_at_least_as_strict_as_the_facts(fact: Fact) -> None:
    path = fact.path.format(account="DU1", order="1", conid="1", id="x")
    found = API.find(fact.method, path)
    word = schemas.words_by_route()[fact.method, found[0].pattern if found else path]
    CHECKER.check_answer(word, fact.status, fact.example, fact.name)
    for weak in weakened(fact.shape, fact.example):
        with pytest.raises(AssertionError):
            CHECKER.check_answer(word, fact.status, weak, fact.name)


# The sheet abbreviates the rows of `str`.
FRAME_FACTS = [fact for fact in websocket.FACTS if fact.example and fact is not websocket.TRADES]


@pytest.mark.parametrize("fact", FRAME_FACTS, ids=lambda fact: fact.name)
def test_the_schemas_of_frames_are_at_least_as_strict_as_the_facts(fact: Fact) -> None:
    CHECKER.framed(fact.example)
    for weak in weakened(fact.shape, fact.example):
        with pytest.raises(AssertionError):
            CHECKER.framed(weak)


def test_a_watch_keeps_what_is_wrong_and_reports_it(tmp_path: Path) -> None:
    watch = Watch(report=tmp_path / "violations.txt")
    watch.answered(Request(method="GET", path="/tickle"), Answer(body={"session": 1}))
    watch.answered(Request(method="GET", path="/tickle"), Answer(body={"error": "no session"}))
    watch.framed({"topic": "system", "hb": "now"})
    assert [line.partition(" is ")[0] for line in watch.violations] == ["GET /tickle 200", "frame system"]
    assert (tmp_path / "violations.txt").read_text().splitlines() == watch.violations


def test_checking_without_the_library_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    with pytest.raises(CannotCheck, match="needs the package jsonschema-rs"):
        Checker()


def test_violations_are_listed_only_where_answers_are_checked(make: Make) -> None:
    with pytest.raises(AssertionError, match="start the simulator with --check-answers"):
        make().control("GET", "/truth/violations")
