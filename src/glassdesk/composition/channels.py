"""The channels of a home: what its settings name."""

from __future__ import annotations

from glassdesk.adapters.notify import LogChannel, open_channels
from glassdesk.settings import Settings
from glassdesk.workflow.notifications.dispatching import Channels
from glassdesk.workflow.notifications.quiet import quiet_hours

FIRST, SECOND = "GLASSDESK_NOTIFY_URLS", "GLASSDESK_NOTIFY_SECOND_URLS"


def channels_of(settings: Settings) -> Channels:
    """The log and `notify_urls`; for alarms nobody acknowledges, `notify_second_urls`. Raises `InvalidInput`
    naming the setting, without a word of an address."""
    first = (LogChannel(), *open_channels(settings.addresses(settings.notify_urls), where=FIRST))
    names = [channel.name for channel in first]
    second = open_channels(settings.addresses(settings.notify_second_urls), where=SECOND, taken=names)
    quiet = quiet_hours(settings.quiet_hours, settings.quiet_zone)
    return Channels(first=first, second=second, quiet=quiet)
