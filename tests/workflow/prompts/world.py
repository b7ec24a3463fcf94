"""A desk of prompts on a real database."""

from __future__ import annotations

from datetime import UTC, datetime

from glassdesk.adapters.clocks.manual import ManualClock
from glassdesk.adapters.database import Stores
from glassdesk.adapters.templates import SandboxedTemplates
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.prompts.model import Kind, Prompt, PromptRef, PromptVersion
from glassdesk.workflow.prompts.service import Prompts

BEGAN = datetime(2024, 3, 1, 14, 30, tzinfo=UTC)
HEAD = Prompt(name="x", kind=Kind.COMBINED)
SYSTEM = "You read charts.\n"
BODY = "{{ symbol }} closed at {{ close }}.\n"


class Desk:
    def __init__(self, stores: Stores) -> None:
        self.clock = ManualClock(BEGAN)
        self.transactions = stores.transactions
        self.store = stores.prompts
        self.audit = Audit(stores.audit, self.clock)
        self.prompts = Prompts(stores.prompts, SandboxedTemplates(), self.audit, self.clock, {"a": 1})


def first(desk: Desk, t: Transaction, name: str = "mine") -> PromptVersion:
    return desk.prompts.create(t, name, "en", SYSTEM, BODY, "first", "ada")


def settled(desk: Desk, t: Transaction, ref: PromptRef) -> tuple[PromptVersion, str]:
    found = desk.prompts.resolve(t, ref)
    return found.version, found.reason


def audited(desk: Desk, t: Transaction) -> list[tuple[str, str, str]]:
    return [(row.actor, row.kind, row.ref) for row in desk.audit.entries(t)]
