"""The project's own files, read once for all tests of the house style."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = (ROOT / "src", ROOT / "simulator/src")
TESTS = (ROOT / "tests", ROOT / "simulator/tests")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file of ours."""

    name: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


@cache
def sources(*folders: Path) -> tuple[Source, ...]:
    return tuple(read(path) for folder in folders for path in sorted(folder.rglob("*.py")))


def read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(name=path.relative_to(ROOT).as_posix(), text=text, tree=ast.parse(text))


def body_length(function: Function) -> int:
    """Lines from the first statement after the docstring to the last."""
    body = without_docstring(function)
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def without_docstring(function: Function) -> list[ast.stmt]:
    first = function.body[0]
    documented = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return function.body[1:] if documented else function.body


def is_stub(function: Function) -> bool:
    """A promise without a body: a protocol's method, an overload."""
    return all(
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and statement.value.value is ...
        for statement in without_docstring(function)
    )
