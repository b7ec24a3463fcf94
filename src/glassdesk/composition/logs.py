"""The log of a role's process, as its settings say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from glassdesk.adapters.logs import LoggedWork, write_lines
from glassdesk.kernel.work import watch_with
from glassdesk.settings import Settings


def begin_logs(settings: Settings) -> Callable[[], None]:
    """Everything that this process logs from now on, in the form of `log_format`; answers what ends it."""
    undo = write_lines(
        form=settings.log_format, level=settings.log_level, secrets=frozenset(secrets_of(settings))
    )
    forget = watch_with(LoggedWork())

    def end() -> None:
        forget()
        undo()

    return end


def secrets_of(settings: Settings) -> Iterator[str]:
    """Every secret of the settings: keys, tokens, addresses that hold one, passwords in addresses."""
    for name in type(settings).model_fields:
        yield from _within(getattr(settings, name))


def _within(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        # several addresses stand in one setting, and each may be told alone
        text = value.get_secret_value()
        yield from (text, *text.split())
    elif isinstance(value, dict):
        for each in value.values():
            yield from _within(each)
    elif isinstance(value, str) and "@" in value and "://" in value:
        password = urlsplit(value).password
        if password:
            yield from (password, unquote(password))
