"""What a run's prompt costs in processor time: labels looked up, the version read and hashed, rendered."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from jinja2.sandbox import ImmutableSandboxedEnvironment

from bench.answer import Answer, less_is_better
from glassdesk.adapters.clocks import SystemClock
from glassdesk.adapters.database import open_database
from glassdesk.adapters.templates import SandboxedTemplates
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.prompts.lint import whole_sample
from glassdesk.workflow.prompts.model import PromptRef
from glassdesk.workflow.prompts.service import Prompts

TIMES = 200
BUDGET = 5.0
"""Milliseconds."""
NAME = "chart-analyst"


def ask() -> Iterable[Answer]:
    """Resolution and rendering on a file, beside Jinja2 that only renders the same text."""
    with tempfile.TemporaryDirectory() as folder:
        stores = open_database(f"sqlite:///{Path(folder)}/desk.db")
        clock = SystemClock()
        prompts = Prompts(stores.prompts, SandboxedTemplates(), Audit(stores.audit, clock), clock)
        with stores.transactions.begin() as t:
            prompts.seed(t)
        context = whole_sample()

        def once() -> str:
            with stores.transactions.read() as t:
                found = prompts.resolve(t, PromptRef(name=NAME), strategy="trend", sec_type="STK")
            return prompts.render(found, context).user

        with stores.transactions.read() as t:
            body = prompts.versions(t, NAME)[-1].body
        plain = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        plain.filters["percent"] = lambda value: f"{value * 100:.2f}%"
        template = plain.from_string(body)
        if template.render(context).strip() != once().strip():
            raise AssertionError("the two did not render the same text")
        engine = SandboxedTemplates()
        whole, ours = _median(once), _median(lambda: engine.render(body, context))
        peer = _median(lambda: template.render(context))
        stores.close()
    yield less_is_better("prompt: resolve and render", whole, BUDGET, "budget", "ms")
    yield less_is_better("prompt: render with counted limits", ours, peer, "Jinja2's own sandbox", "ms")


def _median(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(TIMES):
        began = time.process_time()
        work()
        taken.append((time.process_time() - began) * 1000)
    return statistics.median(taken)
