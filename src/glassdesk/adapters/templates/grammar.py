"""What a template may contain, and the places where its growth is counted."""

from __future__ import annotations

from typing import Any, cast

from jinja2 import TemplateSyntaxError, nodes
from jinja2.visitor import NodeTransformer

_REFUSED: dict[type[nodes.Node], str] = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from … import",
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.ScopedEvalContextModifier: "autoescape",
}


def checked(template: nodes.Template) -> nodes.Template:
    """`template`. Raises `TemplateSyntaxError` where it uses what prompts may not."""
    for kind, word in _REFUSED.items():
        for node in template.find_all(kind):
            raise TemplateSyntaxError(f"{word} is not allowed: a prompt stands alone", node.lineno)
    for loop in template.find_all(nodes.For):
        if loop.recursive:
            raise TemplateSyntaxError("recursive loops are not allowed", loop.lineno)
    for used in template.find_all(nodes.Filter):
        if used.name.startswith("_"):
            raise TemplateSyntaxError(f"no filter named {used.name!r}", used.lineno)
    return template


def counted(template: nodes.Template) -> nodes.Template:
    """`template` with every loop, literal list and `~` passing through the budget."""
    rewritten: nodes.Template = _Counting().visit(template)
    return rewritten


def _through(name: str, node: nodes.Node) -> nodes.Filter:
    return nodes.Filter(cast("nodes.Expr", node), name, [], [], None, None, lineno=node.lineno)


class _Counting(NodeTransformer):
    # The names are how Jinja2's visitor finds its methods.

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802
        self.generic_visit(node)
        node.iter = _through("_turns", node.iter)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802
        self.generic_visit(node)
        return _through("_join", nodes.List(node.nodes, lineno=node.lineno))

    def visit_List(self, node: nodes.List) -> nodes.Filter:  # noqa: N802
        return self._literal(node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Filter:  # noqa: N802
        return self._literal(node)

    def visit_Tuple(self, node: nodes.Tuple) -> Any:  # noqa: N802
        # A tuple on the left of a loop or assignment names what is set.
        return self._literal(node) if node.ctx == "load" else node

    def _literal(self, node: nodes.Expr) -> nodes.Filter:
        self.generic_visit(node)
        return _through("_within", node)
