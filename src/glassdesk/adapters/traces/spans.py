"""One trace per run: its steps, its calls, and later the sends of its orders, whichever process makes them.

The trace's id is the run's without its hyphens, so that it is known without asking anybody; a run that was
resumed, and a send of the dealer, go on with the same trace. A turn of the dealer is a trace of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.work import Work, trace_of

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.sdk.trace.id_generator import IdGenerator
    from opentelemetry.trace import Span, Tracer

_GOOD = ("ok", "decided", "no_trade", "accepted", "exists")
_IS_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
_trace_id: ContextVar[int] = ContextVar("trace_id", default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """A watcher of work (`glassdesk.kernel.work`), and what ends it."""

    tracer: Tracer
    api: ModuleType
    """`opentelemetry.trace`."""
    nothing: Callable[[], object]
    """Makes an empty context: a span in it begins a trace."""
    close: Callable[[], None]
    """Sends what is left."""

    @contextmanager
    def __call__(self, work: Work) -> Iterator[None]:
        """One span, inside the one that this thread is in."""
        with self._begun(work) as span:
            try:
                yield
            finally:
                self._ended(span, work)

    @contextmanager
    def _begun(self, work: Work) -> Iterator[Span]:
        trace_id = trace_of(work.about.get("run", ""))
        around = self.api.get_current_span().get_span_context()
        # whoever works for a run outside its trace, a dealer's turn for example, goes on with it
        known = bool(_IS_ID.fullmatch(trace_id)) and around.trace_id != int(trace_id, 16)
        token = _trace_id.set(int(trace_id, 16) if known else 0)
        try:
            with self.tracer.start_as_current_span(
                f"{work.kind.value} {work.name}" if work.name != work.kind.value else work.name,
                context=self.nothing() if known else None,  # type: ignore[arg-type]
                links=[self.api.Link(around)] if known and around.is_valid else [],
                attributes={f"glassdesk.{name}": value for name, value in work.about.items()},
                record_exception=False,  # its words may hold what is nobody's business
                set_status_on_exception=False,
            ) as span:
                yield span
        finally:
            _trace_id.reset(token)

    def _ended(self, span: Span, work: Work) -> None:
        span.set_attribute("glassdesk.result", work.result)
        if work.result not in _GOOD and not work.result.startswith("2"):
            span.set_status(self.api.Status(self.api.StatusCode.ERROR, work.result))


def traces_to(exporter: SpanExporter, role: str) -> Traces:
    """Spans of this process, sent in the background."""
    # Imported here, as below: nine megabytes that a plain desk neither has nor loads.
    from opentelemetry import trace
    from opentelemetry.context import Context
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": "glassdesk", "service.namespace": role})
    provider = TracerProvider(resource=resource, id_generator=_ids(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return Traces(
        tracer=provider.get_tracer("glassdesk"), api=trace, nothing=Context, close=provider.shutdown
    )


def _ids() -> IdGenerator:
    """Random ones, but for a trace that has its id already."""
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Ids(RandomIdGenerator):
        def generate_trace_id(self) -> int:
            return _trace_id.get() or super().generate_trace_id()

    return Ids()


def traces_over_http(url: str, role: str) -> Traces:
    """The same to an OTLP receiver, for example `http://127.0.0.1:4318/v1/traces`. Raises `InvalidInput`
    where the libraries are not installed."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as missing:
        raise InvalidInput(
            f"{missing.name} is not installed",
            where="GLASSDESK_OTLP_URL",
            remedy="install glassdesk[traces], or requirements/traces.txt; or leave the setting out",
        ) from missing
    return traces_to(OTLPSpanExporter(endpoint=url, timeout=3), role)
