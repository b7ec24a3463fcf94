"""Names that a template makes and never reads."""

from __future__ import annotations

from jinja2 import nodes


def unused(template: nodes.Template) -> tuple[tuple[str, int], ...]:
    """(name, line) of each macro and each `set` that nothing reads, by line."""
    read = {node.name for node in template.find_all(nodes.Name) if node.ctx == "load"}
    made = [(macro.name, macro.lineno) for macro in template.find_all(nodes.Macro)]
    blocks = [block.target for block in template.find_all(nodes.AssignBlock)]
    for target in [*blocks, *(one.target for one in template.find_all(nodes.Assign))]:
        names = [target, *target.find_all(nodes.Name)]
        made += [(node.name, node.lineno) for node in names if isinstance(node, nodes.Name)]
    return tuple(sorted({one for one in made if one[0] not in read}, key=lambda one: (one[1], one[0])))
