"""What the gateway may answer: one JSON Schema file per endpoint, written from the fact sheet's sections.

A file names its `routes`, the shapes of its `answers` by status, and the shapes themselves in `$defs`, each
with examples. Bodies that are no JSON are texts. `common.json` holds what every path may answer besides.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

Document = Mapping[str, Any]
COMMON = "common"
FRAMES = "websocket"


@cache
def documents() -> Mapping[str, Document]:
    """Every schema file by its endpoint's word."""
    files = (file for file in resources.files(__name__).iterdir() if file.name.endswith(".json"))
    return {file.name.removesuffix(".json"): json.loads(file.read_text("utf-8")) for file in files}


def shapes(word: str, status: int) -> list[str]:
    """Names of the shapes an endpoint may answer with a status, its own first; empty when it never has it."""
    own, common = documents()[word], documents()[COMMON]
    found = list(own["answers"].get(str(status), ()))
    if any("/iserver" in route for route in own["routes"]):
        found += common["iserver_answers"].get(str(status), ())
    return found + list(common["answers"].get(str(status), ()))


def shape_schema(word: str, shape: str) -> dict[str, Any]:
    """One shape as a schema that stands alone."""
    dialect = documents()[COMMON]["$schema"]
    definitions = {**documents()[COMMON]["$defs"], **documents()[word]["$defs"]}
    return {"$schema": dialect, "$ref": f"#/$defs/{shape}", "$defs": definitions}


def body_schema(word: str, status: int) -> dict[str, Any]:
    """Every body an endpoint may answer with a status, as a schema that stands alone."""
    alternatives = [{"$ref": f"#/$defs/{shape}"} for shape in shapes(word, status)]
    alone = shape_schema(word, "")
    del alone["$ref"]
    return alone | {"anyOf": alternatives}


@cache
def words_by_route() -> Mapping[tuple[str, str], str]:
    """The endpoint's word for a method and a route's pattern."""
    pairs = (
        (route.split(" "), word) for word, document in documents().items() for route in document["routes"]
    )
    return {(method, pattern): word for (method, pattern), word in pairs}
