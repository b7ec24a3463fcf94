"""Simulated time: whole microseconds since 1970 UTC, and its spellings."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Instant = int

SECOND: Instant = 1_000_000
MINUTE: Instant = 60 * SECOND
HOUR: Instant = 60 * MINUTE
DAY: Instant = 86_400 * SECOND
NEW_YORK = ZoneInfo("America/New_York")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_datetime(moment: datetime) -> Instant:
    """Microseconds of an aware moment."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(instant: Instant) -> datetime:
    """Aware UTC moment."""
    return _EPOCH + timedelta(microseconds=instant)


def parse(text: str) -> Instant:
    """ISO text to an instant; without a zone it is read as UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def iso(instant: Instant) -> str:
    """ISO text in UTC with `Z`; fractions only where there are any."""
    return to_datetime(instant).isoformat().replace("+00:00", "Z")


def millis(instant: Instant) -> int:
    """Epoch milliseconds, the broker's usual unit."""
    return instant // 1000


def seconds(instant: Instant) -> int:
    """Epoch seconds, used by ledgers and schedules."""
    return instant // SECOND


def stamp(instant: Instant, form: str) -> str:
    """UTC text in one of the broker's own `strftime` forms."""
    return to_datetime(instant).strftime(form)


def new_york_day(instant: Instant) -> date:
    """Calendar date in New York, where the broker's day turns."""
    return to_datetime(instant).astimezone(NEW_YORK).date()


def new_york_midnight(day: date) -> Instant:
    """The instant at which a New York day begins."""
    return from_datetime(datetime.combine(day, time(), NEW_YORK))
