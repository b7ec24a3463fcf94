"""YAML as the desk reads and writes it: decimals keep their digits, and nothing in a file can hurt."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from glassdesk.kernel.errors import InvalidInput

MOST_BYTES = 100_000
MOST_LEVELS = 12

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]+\Z")
_BOOL = re.compile(r"(?:true|false)\Z")
_NULL = re.compile(r"(?:~|null|)\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


class _Loader(yaml.SafeLoader):
    """Words of YAML 1.2, so that `off` stays a word; no aliases, no doubled keys, bounded depth."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the library reads this class attribute
    _level = 0

    def compose_node(self, parent: Any, index: int) -> Any:
        if self.check_event(yaml.AliasEvent):
            _refuse("aliases are not allowed", self.peek_event().start_mark, "write the value out")  # type: ignore[no-untyped-call]
        self._level += 1
        if self._level > MOST_LEVELS:
            _refuse("nested too deeply", self.peek_event().start_mark, f"at most {MOST_LEVELS} levels")  # type: ignore[no-untyped-call]
        node = super().compose_node(parent, index)
        self._level -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                _refuse(f"{key.value!r} stands here twice", key.start_mark, "keep one")
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


class _Dumper(yaml.SafeDumper):
    """Writes what `_Loader` reads back as the same values."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the library reads this class attribute

    def ignore_aliases(self, data: object) -> bool:
        return True


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(node.value))


def _date(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> date:
    try:
        return date.fromisoformat(str(node.value))
    except ValueError as failure:
        raise _Refused(f"{node.value} is no date", node.start_mark, "like 2012-10-25") from failure


def _written(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    text = format(value, "f")
    tag = "float" if _DECIMAL.match(text) else "int"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{tag}", text)


for kind in (_Loader, _Dumper):
    for name, pattern, first in (
        ("bool", _BOOL, "tf"),
        ("int", _INT, "-+0123456789"),
        ("float", _DECIMAL, "-+0123456789"),
        ("null", _NULL, ["~", "n", ""]),
        ("timestamp", _DATE, "0123456789"),
    ):
        kind.add_implicit_resolver(f"tag:yaml.org,2002:{name}", pattern, list(first))
_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _date)
_Dumper.add_representer(Decimal, _written)


class _Refused(yaml.YAMLError):
    """What we refuse ourselves, with its place."""

    def __init__(self, problem: str, mark: Any, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.problem_mark, self.remedy = problem, mark, remedy


def _refuse(problem: str, mark: Any, remedy: str) -> None:
    raise _Refused(problem, mark, remedy)


def read(text: str | bytes, file: str) -> Mapping[str, Any]:
    """The one mapping a file holds. Raises `InvalidInput` naming file, line and what would be right."""
    size = len(text if isinstance(text, bytes) else text.encode())
    if size > MOST_BYTES:
        raise InvalidInput(f"{size} bytes are too many", where=file, remedy=f"at most {MOST_BYTES}")
    try:
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.YAMLError as failure:
        raise _as_input(failure, file) from failure
    except ValueError as failure:
        raise InvalidInput(f"not readable: {failure}", where=file, remedy="it is YAML") from failure
    if not isinstance(found, Mapping):
        raise InvalidInput(
            "this is no strategy", where=file, remedy="begin with `name: …`, one field per line"
        )
    return found


def _as_input(failure: yaml.YAMLError, file: str) -> InvalidInput:
    mark = getattr(failure, "problem_mark", None)
    where = f"{file} line {mark.line + 1}" if mark else file
    problem = getattr(failure, "problem", None) or getattr(failure, "reason", None) or "not readable"
    remedy = getattr(failure, "remedy", "correct the YAML there")
    return InvalidInput(" ".join(str(problem).split()), where=where, remedy=remedy)


def write(value: Mapping[str, Any]) -> str:
    """The text of a mapping, keys in its own order; `read` gives the same value back."""
    return yaml.dump(
        dict(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110
    )


def write_line(value: Mapping[str, Any]) -> str:
    """The text of a mapping in one line."""
    text = yaml.dump(dict(value), Dumper=_Dumper, sort_keys=False, default_flow_style=True, width=100_000)
    return str(text).strip()
