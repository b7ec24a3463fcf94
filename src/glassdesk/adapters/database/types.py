"""Column types that give the same value back from SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Numeric, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from glassdesk.kernel.canonical import canonical_text, decode_text, plain
from glassdesk.kernel.clock import format_instant, parse_instant
from glassdesk.kernel.money import SCALE, exact, from_units, tidy, to_units

# Both databases sort and compare text by bytes, so that a listing has one order everywhere.
Words = Text().with_variant(Text(collation="C"), "postgresql")

# SQLite counts by itself only in a column of exactly this type.
Counter = BigInteger().with_variant(Integer(), "sqlite")

MOST = from_units(2**63 - 1)
"""The largest amount: SQLite's integer of 10⁻⁸. PostgreSQL could hold more and refuses it as well."""


class Money(TypeDecorator[Decimal]):
    """A price, quantity or amount, bound and read as Decimal on the grid of 10⁻⁸, read in its shortest form.

    INTEGER of 10⁻⁸ on SQLite, NUMERIC(38,8) on PostgreSQL: SQL sums and compares it, nothing else.
    Raises ValueError for NaN, infinity and amounts beyond `MOST`.
    """

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        whole = dialect.name == "sqlite"
        return dialect.type_descriptor(BigInteger() if whole else Numeric(38, SCALE))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        amount = exact(value)
        if abs(amount) > MOST:
            raise ValueError(f"{value} is beyond the largest amount {MOST}")
        return to_units(amount) if dialect.name == "sqlite" else amount

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        amount = from_units(int(value)) if dialect.name == "sqlite" else Decimal(value)
        return Decimal(tidy(amount)) if amount else Decimal(0)


class Exact(TypeDecorator[Decimal]):
    """A finite number of any size and scale as its shortest text, which SQL never computes with."""

    impl = Words
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(plain(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Instant(TypeDecorator[datetime]):
    """An aware instant, read as UTC to the microsecond: text of one width on SQLite, so that it sorts."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return _fixed(value)
        return parse_instant(format_instant(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return parse_instant(value) if isinstance(value, str) else value.astimezone(UTC)


def _fixed(instant: datetime) -> str:
    utc = parse_instant(format_instant(instant)).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


class Word(TypeDecorator[StrEnum]):
    """A member of an enumeration, stored by its value."""

    impl = Words
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


@lru_cache(maxsize=2048)
def _read(kind: type, text: str) -> Any:
    return decode_text(kind, text)


class Json(TypeDecorator[Any]):
    """A frozen value as its canonical JSON; reading rebuilds the value. With `shared` the same text gives the
    same value: for kinds that nothing can change, read many times a minute."""

    impl = Words
    cache_ok = True

    def __init__(self, kind: Any, *, shared: bool = False) -> None:
        super().__init__()
        self.kind = kind
        self.shared = shared

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return _read(self.kind, value) if self.shared else decode_text(self.kind, value)
