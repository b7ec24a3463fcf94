"""Exchange calendars: regular hours from the `exchange_calendars` package."""

from glassdesk.adapters.calendars.exchange import ExchangeCalendar

__all__ = ["ExchangeCalendar"]
