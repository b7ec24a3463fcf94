"""Damage to one place of a module: what somebody could have mistyped, found in its syntax tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
}
EXTREMES = {"min": "max", "max": "min"}

Place = tuple[ast.expr | ast.stmt, str]
"""A node, and what is written there instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One place of one module, and what is written there instead."""

    module: str
    """Path within the package."""
    line: int
    start: int
    """Of the place, in bytes from the beginning."""
    end: int
    before: str
    after: str

    def applied(self, source: str) -> str:
        """The module with this place changed, and nothing else. Raises `ValueError` where it is another
        module by now."""
        raw = source.encode()
        if raw[self.start : self.end] != self.before.encode():
            raise ValueError(f"{self.module} has changed meanwhile")
        return (raw[: self.start] + self.after.encode() + raw[self.end :]).decode()

    def __str__(self) -> str:
        before, after = (" ".join(text.split()) for text in (self.before, self.after))
        return f"{self.module}:{self.line}: {before}  →  {after}"


def damages(module: str, source: str) -> list[Damage]:
    """Everything that can be mistyped in a module, in order of place."""
    raw = source.encode()
    begins = [0]
    for line in raw.splitlines(keepends=True):
        begins.append(begins[-1] + len(line))
    found = []
    for node, after in _places(ast.parse(source)):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = begins[node.lineno - 1] + node.col_offset
        end = begins[node.end_lineno - 1] + node.end_col_offset
        before = raw[start:end].decode()
        found.append(
            Damage(module=module, line=node.lineno, start=start, end=end, before=before, after=after)
        )
    return sorted(found, key=lambda one: (one.start, one.end, one.after))


def _places(node: ast.AST) -> Iterator[Place]:
    for kind, find in FINDERS:
        if isinstance(node, kind):
            yield from find(node)
    for child in _alive(node):
        yield from _places(child)


def _alive(node: ast.AST) -> Iterator[ast.AST]:
    """Children that run: no annotations, decorators, patterns, texts or bodies of protocols."""
    if isinstance(node, ast.JoinedStr | ast.pattern):
        return
    if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Protocol" for base in node.bases):
        return
    skipped = {"annotation", "returns", "decorator_list"}
    for name, value in ast.iter_fields(node):
        if name not in skipped:
            found = value if isinstance(value, list) else [value]
            yield from (one for one in found if isinstance(one, ast.AST))


def _compared(node: ast.Compare) -> Iterator[Place]:
    for index, operator in enumerate(node.ops):
        for other in COMPARED[type(operator)]:
            changed = copy.deepcopy(node)
            changed.ops[index] = other()
            yield node, f"({ast.unparse(changed)})"


def _joined(node: ast.BoolOp) -> Iterator[Place]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield node, f"({ast.unparse(ast.BoolOp(other, node.values))})"


def _computed(node: ast.BinOp) -> Iterator[Place]:
    if type(node.op) in COMPUTED and not any(map(_is_no_number, (node.left, node.right))):
        yield node, f"({ast.unparse(ast.BinOp(node.left, COMPUTED[type(node.op)](), node.right))})"


def _is_no_number(node: ast.expr) -> bool:
    """A text or a collection: the operator would not even run, so noticing it proves nothing."""
    if isinstance(node, ast.IfExp):
        return _is_no_number(node.body)
    texts = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return texts or isinstance(node, ast.JoinedStr | ast.List | ast.Set | ast.Tuple | ast.ListComp)


def _signed(node: ast.UnaryOp) -> Iterator[Place]:
    if isinstance(node.op, ast.Not | ast.USub):
        yield node, f"({ast.unparse(node.operand)})"


def _constant(node: ast.Constant) -> Iterator[Place]:
    if isinstance(node.value, bool):
        yield node, str(not node.value)
    elif isinstance(node.value, int):
        yield from ((node, f"({node.value + step})") for step in (1, -1))


def _extreme(node: ast.Call) -> Iterator[Place]:
    if isinstance(node.func, ast.Name) and node.func.id in EXTREMES:
        yield node.func, EXTREMES[node.func.id]


def _condition(node: ast.If | ast.IfExp | ast.While) -> Iterator[Place]:
    yield node.test, f"(not ({ast.unparse(node.test)}))"


def _filter(node: ast.comprehension) -> Iterator[Place]:
    yield from ((one, f"(not ({ast.unparse(one)}))") for one in node.ifs)


def _returned(node: ast.Return) -> Iterator[Place]:
    if node.value is not None and ast.unparse(node.value) != "None":
        yield node, "return None"


def _deed(node: ast.Expr) -> Iterator[Place]:
    if isinstance(node.value, ast.Call):
        yield node, "pass"


def _added(node: ast.AugAssign) -> Iterator[Place]:
    yield node, "pass"
    if type(node.op) in COMPUTED and not _is_no_number(node.value):
        yield node, ast.unparse(ast.AugAssign(node.target, COMPUTED[type(node.op)](), node.value))


FINDERS: tuple[tuple[type | tuple[type, ...], Callable[..., Iterator[Place]]], ...] = (
    (ast.Compare, _compared),
    (ast.BoolOp, _joined),
    (ast.BinOp, _computed),
    (ast.UnaryOp, _signed),
    (ast.Constant, _constant),
    (ast.Call, _extreme),
    ((ast.If, ast.IfExp, ast.While), _condition),
    (ast.comprehension, _filter),
    (ast.Return, _returned),
    (ast.Expr, _deed),
    (ast.AugAssign, _added),
)
