"""Laws of amounts: exact to 10⁻⁸ on every database, summed and compared as numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Engine, Integer, MetaData, Table, delete, func, select

from glassdesk.adapters.database.engine import open_engine
from glassdesk.adapters.database.types import MOST, Instant, Money
from glassdesk.kernel.money import tidy
from tests.adapters.laws.conftest import EVERYWHERE
from tests.servers import postgres

amounts = st.integers(-(10**18), 10**18).map(lambda units: Decimal(units).scaleb(-8))
instants = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware by `timezones`

kept = Table(
    "kept",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("amount", Money),
    Column("at", Instant),
)

each_example_cleans_up = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


@pytest.fixture(params=EVERYWHERE)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "postgresql":
        opened = open_engine(postgres.server().empty_database())
    else:
        opened = open_engine("memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'm.db'}")
    kept.create(opened)
    yield opened
    opened.dispose()


@each_example_cleans_up
@given(st.lists(amounts, min_size=1, max_size=5))
def test_amounts_come_back_exactly_and_their_sum_is_exact(engine: Engine, written: list[Decimal]) -> None:
    with engine.begin() as connection:
        connection.execute(delete(kept))
        connection.execute(
            kept.insert(), [{"number": n, "amount": amount} for n, amount in enumerate(written)]
        )
        read = connection.execute(select(kept.c.amount).order_by(kept.c.number)).scalars().all()
        total = connection.execute(select(func.sum(kept.c.amount, type_=Money()))).scalar_one()
        ordered = connection.execute(select(kept.c.amount).order_by(kept.c.amount)).scalars().all()
    assert read == written
    assert [format(amount, "f") for amount in read] == [tidy(amount) if amount else "0" for amount in written]
    assert total == sum(written)
    assert ordered == sorted(written)


@each_example_cleans_up
@given(amounts, amounts)
def test_amounts_are_compared_as_numbers(engine: Engine, stored: Decimal, other: Decimal) -> None:
    with engine.begin() as connection:
        connection.execute(delete(kept))
        connection.execute(kept.insert(), {"number": 1, "amount": stored})
        below = connection.execute(select(kept.c.number).where(kept.c.amount < other)).first()
        same = connection.execute(select(kept.c.number).where(kept.c.amount == stored)).first()
    assert (below is not None) == (stored < other)
    assert same is not None


@each_example_cleans_up
@given(instants, instants)
def test_instants_come_back_to_the_microsecond_and_sort_in_time(
    engine: Engine, first: datetime, second: datetime
) -> None:
    with engine.begin() as connection:
        connection.execute(delete(kept))
        connection.execute(kept.insert(), [{"number": 1, "at": first}, {"number": 2, "at": second}])
        read = connection.execute(select(kept.c.at).order_by(kept.c.at)).scalars().all()
    assert read == sorted([first, second])
    assert all(instant.tzinfo is UTC for instant in read)


def test_the_largest_amount_fits_and_the_next_does_not(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(kept.insert(), {"number": 1, "amount": MOST})
        assert connection.execute(select(kept.c.amount)).scalar_one() == MOST
    with engine.connect() as connection, pytest.raises(Exception, match="largest amount"):
        connection.execute(kept.insert(), {"number": 2, "amount": MOST + Decimal("0.00000001")})


def test_naive_time_is_refused(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(Exception, match="naive time"):
        connection.execute(kept.insert(), {"number": 1, "at": datetime(2024, 1, 1)})  # noqa: DTZ001 - the point
