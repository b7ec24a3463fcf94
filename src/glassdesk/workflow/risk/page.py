"""`docs/risk.md`, made from the tables: nobody keeps a limit in two places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields

from glassdesk.workflow.risk.controls import DESIGN, FIELD, Control
from glassdesk.workflow.risk.guards import GUARDS
from glassdesk.workflow.risk.presets import PRESETS
from glassdesk.workflow.risk.table import RULES
from glassdesk.workflow.risk.verdicts import Rule, amount

HEAD = """# Risk

Every rule is asked about every order, and every verdict is stored with its number and its limit. What is no
number counts as missing: it denies an entry and never an exit. Fractions are of **desk capital**, the amount
allotted to the desk.

This page is made by `glassdesk risk limits --markdown`; a test fails when it differs.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_rules(), *_guards(), *_presets(), *_controls()])


def _rules() -> Iterable[str]:
    yield "## Rules\n"
    rows = [(f"`{r.name}`", r.meaning, r.default, action(r), r.source) for r in RULES]
    yield _table(("rule", "it holds that", "default", "a breach", "source"), rows)


def action(rule: Rule) -> str:
    """What a breach does."""
    entry = "the entry waits" if rule.waits else "denies the entry"
    return f"{entry}; {'denies' if rule.denies_exits else 'warns on'} the exit"


def _guards() -> Iterable[str]:
    yield "## Guards\n"
    yield "They raise the level of the halt by themselves; only a person lowers it.\n"
    rows = [(f"`{g.name}`", g.meaning, g.default, g.level.name, g.source) for g in GUARDS]
    yield _table(("guard", "it watches", "limit", "level", "source"), rows)


def _presets() -> Iterable[str]:
    yield "## Presets\n"
    yield "`preset:` in a strategy's file, *Preset* in its form; what `limits:` names beside it wins.\n"
    names = list(PRESETS)
    limits = [one.name for one in fields(next(iter(PRESETS.values())))]
    rows = [(f"`{name}`", *(_limit(getattr(PRESETS[one], name)) for one in names)) for name in limits]
    yield _table(("limit", *names), rows)


def _limit(value: object) -> str:
    return str(value) if isinstance(value, int) else amount(value)  # type: ignore[arg-type]  # a Decimal


def _controls() -> Iterable[str]:
    yield "## Controls by the field's names\n"
    yield _table(("#", "control", "kept by", "note"), [_control(one) for one in FIELD])
    yield "## Controls of the reliability design\n"
    yield _table(("#", "control", "kept by", "note"), [_control(one) for one in DESIGN])


def _control(one: Control) -> tuple[str, ...]:
    return one.number, one.name, ", ".join(f"`{rule}`" for rule in one.rules) or "–", one.elsewhere


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines) + "\n"
