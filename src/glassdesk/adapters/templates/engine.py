"""The `TemplateEngine` port: Jinja2 that can read values, loop, compare and print, and do nothing else.

Nothing of Python is callable from a template but `range`, macros, and the readers of a dictionary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import TracebackType
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.runtime import Context, LoopContext, Macro, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from glassdesk.adapters.templates.budget import MOST_TURNS, current, fresh, turns, within, write
from glassdesk.adapters.templates.filters import FILTERS, join
from glassdesk.adapters.templates.grammar import checked, counted
from glassdesk.adapters.templates.operators import MISSING, OPERATORS, binary, unary
from glassdesk.adapters.templates.unused import unused
from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import InvalidInput

_READERS = {"items", "keys", "values", "get"}
_TESTS = (
    "defined", "undefined", "none", "number", "string", "mapping", "sequence", "odd", "even",
    "in", "==", "eq", "!=", "ne", "<", "lt", "<=", "le", ">", "gt", ">=", "ge",
)  # fmt: skip


def _span(*bounds: int) -> range:
    """`range`, short enough to walk through."""
    if not all(isinstance(bound, int) for bound in bounds) or not 1 <= len(bounds) <= 3:
        raise InvalidInput("range needs one to three whole numbers")
    span = range(*bounds)
    if len(span) > MOST_TURNS:
        raise InvalidInput(f"a range of more than {MOST_TURNS:,}", remedy="loop over fewer items")
    return span


def _printed(value: object) -> str:
    """What `{{ value }}` prints."""
    if value is None:
        return MISSING
    if isinstance(value, Undefined):
        return str(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return format_instant(value)
    if isinstance(value, str | int | float | date):
        return str(value)
    raise InvalidInput(f"a {type(value).__name__} cannot be printed", remedy="name a field, join or loop")


class _Sandbox(ImmutableSandboxedEnvironment):
    """Every operator, call, loop turn and piece of output passes through the budget."""

    intercepted_binops = OPERATORS
    intercepted_unops = frozenset({"+", "-"})
    concat = staticmethod(write)

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined,
            finalize=_printed,
            extensions=["jinja2.ext.loopcontrols"],
            keep_trailing_newline=False,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
            cache_size=0,
        )
        self.globals = {"range": _span, "namespace": Namespace}
        self.filters = {**FILTERS, "_turns": turns, "_join": join, "_within": within}
        self.tests = {name: self.tests[name] for name in _TESTS}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return counted(checked(super()._parse(source, name, filename)))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An operator between two values."""
        _defined(left, right)
        return binary(operator, left, right)

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        """A sign in front of a value."""
        _defined(arg)
        return unary(operator, arg)

    def is_safe_callable(self, obj: Any) -> bool:
        """Macros, `range`, `namespace`, `loop.cycle` and the readers of a dictionary."""
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        reader = isinstance(owner, dict) and name in _READERS
        cycle = isinstance(owner, LoopContext) and name == "cycle"
        return reader or cycle or isinstance(obj, Macro) or obj is _span or obj is Namespace

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """A macro's call counts as a loop turn, so that it cannot multiply by calling itself."""
        if isinstance(obj, Macro):
            current().turn()
        if not self.is_safe_callable(obj):
            raise SecurityError(f"{getattr(obj, '__name__', type(obj).__name__)!r} cannot be called")
        return super().call(context, obj, *args, **kwargs)


def _defined(*values: object) -> None:
    for value in values:
        if isinstance(value, Undefined):
            str(value)


_FAILURES = (
    ArithmeticError, AttributeError, InvalidInput, LookupError, RecursionError, SyntaxError, TemplateError,
    TypeError, ValueError,
)  # fmt: skip


@contextmanager
def _explained() -> Iterator[None]:
    """Whatever goes wrong inside becomes `InvalidInput` with the template's line."""
    try:
        yield
    except _FAILURES as failure:
        line = failure.lineno if isinstance(failure, TemplateSyntaxError) else _line(failure.__traceback__)
        raise InvalidInput(_problem(failure), where=f"line {line}", remedy=_remedy(failure)) from failure


def _line(trace: TracebackType | None) -> int:
    """The template's line furthest down the stack; 1 where it has none."""
    line = 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _problem(failure: Exception) -> str:
    if isinstance(failure, InvalidInput):
        return failure.problem
    if isinstance(failure, RecursionError) or type(failure) is SyntaxError:
        return "macros, loops or brackets are nested too deeply"
    return str(failure)[:300] or type(failure).__name__


def _remedy(failure: Exception) -> str:
    if isinstance(failure, InvalidInput):
        return failure.remedy
    if isinstance(failure, SecurityError):
        return "a prompt reads values; it cannot reach into them"
    if isinstance(failure, UndefinedError):
        return "the variable reference lists what there is"
    if isinstance(failure, RecursionError) or type(failure) is SyntaxError:
        return "flatten it"
    if isinstance(failure, TemplateSyntaxError):
        named = "filter" in str(failure).lower()
        return f"filters: {', '.join(sorted(FILTERS))}" if named else "see the template guide"
    return f"a missing value is the text {MISSING!r}: guard it with {{% if x != '{MISSING}' %}}"


def _plain(value: object) -> object:
    """What a template sees: numbers, texts, dates, lists, dictionaries; nothing with behaviour of ours."""
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, str | int | float | date):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    raise InvalidInput(f"a {type(value).__name__} cannot enter a prompt")


class SandboxedTemplates:
    """The `TemplateEngine` port."""

    def __init__(self) -> None:
        self._sandbox = _Sandbox()
        self._compiled: Callable[[str], Template] = lru_cache(maxsize=256)(self._compile)

    def variables(self, template: str) -> frozenset[str]:
        """Top-level variables the template reads. Raises `InvalidInput` with line and remedy."""
        self._compiled(template)
        with _explained():
            found = meta.find_undeclared_variables(self._sandbox.parse(template))
        return frozenset(found - self._sandbox.globals.keys())

    def filters(self) -> tuple[str, ...]:
        """Names of the filters a template may use, sorted."""
        return tuple(sorted(FILTERS))

    def unused(self, template: str) -> tuple[tuple[str, int], ...]:
        """(name, line) of each macro and each `set` that nothing reads. Raises `InvalidInput`."""
        self._compiled(template)
        with _explained():
            return unused(self._sandbox.parse(template))

    def render(self, template: str, values: Mapping[str, object]) -> str:
        """The text. Raises `InvalidInput` on a missing value, an unknown filter or an exceeded limit."""
        compiled = self._compiled(template)
        plain = {name: _plain(value) for name, value in values.items()}
        fresh()
        with _explained():
            return compiled.render(plain)

    def _compile(self, template: str) -> Template:
        fresh()
        with _explained():
            return self._sandbox.from_string(template)
