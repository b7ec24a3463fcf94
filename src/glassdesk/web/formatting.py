"""How a value looks to a person: instants in the exchange's zone with UTC behind, numbers that line up."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup

from glassdesk.kernel.clock import format_instant
from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.ids import short
from glassdesk.web.wording import said, tone_of
from glassdesk.workflow.indicators.catalogue import label
from glassdesk.workflow.indicators.model import IndicatorSpec

NOTHING = Markup('<span class="none" title="no value">–</span>')
_CENT = Decimal("0.01")


class Instants:
    """Instants shown in one zone."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def local(self, instant: datetime) -> datetime:
        """The same instant on the exchange's clock."""
        return instant.astimezone(self._zone)

    def instant(self, instant: datetime | None) -> Markup:
        """`Mon 1 Oct 2012 09:35 EDT`, UTC in the title."""
        if instant is None:
            return NOTHING
        local = self.local(instant)
        return self._tag(instant, f"{local:%a} {local.day} {local:%b %Y} {_clock(local)} {local:%Z}")

    def moment(self, instant: datetime | None) -> Markup:
        """`1 Oct 2012 09:35`, for columns."""
        if instant is None:
            return NOTHING
        local = self.local(instant)
        return self._tag(instant, f"{local.day} {local:%b %Y} {_clock(local)}")

    def utc(self, instant: datetime | None) -> Markup:
        """`13:35 UTC` with its date, for the second zone of a schedule."""
        if instant is None:
            return NOTHING
        return self._tag(instant, f"{instant.day} {instant:%b %H:%M} UTC")

    @staticmethod
    def _tag(instant: datetime, text: str) -> Markup:
        stamp = format_instant(instant)
        return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(stamp, stamp[:-1], text)


def _clock(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def day(value: date | None) -> str | Markup:
    """`1 Oct 2012`."""
    return NOTHING if value is None else f"{value.day} {value:%b %Y}"


def ahead(until: timedelta) -> str:
    """`in 3 h 20 min`, `12 min ago`, `now`."""
    minutes = round(until.total_seconds() / 60)
    if minutes == 0:
        return "now"
    span = _span(abs(minutes))
    return f"in {span}" if minutes > 0 else f"{span} ago"


def _span(minutes: int) -> str:
    days, rest = divmod(minutes, 1440)
    hours, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {left} min" if left else f"{hours} h"
    return f"{left} min"


def number(value: Decimal | float | None) -> str | Markup:
    """The shortest plain text with thousands apart: `12,500`, `0.25`."""
    if value is None:
        return NOTHING
    exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    text = f"{exact:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def reading(value: Decimal | float | None) -> str | Markup:
    """A measured number to six significant digits."""
    return NOTHING if value is None else number(Decimal(f"{value:.6g}"))


def money(value: Decimal | None) -> str | Markup:
    """To the cent with thousands apart: `12,500.00`."""
    if value is None:
        return NOTHING
    return f"{value.quantize(_CENT, rounding=ROUND_HALF_EVEN):,f}".replace("-", "−")


def price(value: Decimal | None) -> str | Markup:
    """At least two decimals, more where the price has them."""
    if value is None:
        return NOTHING
    digits = max(2, min(6, -int(value.normalize().as_tuple().exponent)))
    return f"{value:,.{digits}f}"


def signed(value: Decimal | None) -> Markup:
    """To the cent with its sign, in a colour and with a word for those who do not see it."""
    if value is None:
        return NOTHING
    return _signed(value, f"{abs(value.quantize(_CENT, rounding=ROUND_HALF_EVEN)):,f}")


def multiple(value: Decimal | None) -> Markup:
    """`+1.25 R`."""
    if value is None:
        return NOTHING
    return _signed(value, f"{abs(value):.2f}\u202fR")


def percent(value: Decimal | float | None, digits: int = 1) -> str | Markup:
    """A fraction as a percentage: 0.125 is `12.5 %`."""
    if value is None:
        return NOTHING
    return f"{Decimal(str(value)) * 100:.{digits}f}\u202f%".replace("-", "−")


def _signed(value: Decimal, text: str) -> Markup:
    if value == 0:
        return Markup('<span class="flat">{}</span>').format(text)
    sign, name = ("+", "gain") if value > 0 else ("−", "loss")
    return Markup('<span class="{}">{}{}</span>').format(name, sign, text)


def chip(word: object) -> Markup:
    """A state as a word with its colour; the word alone says it."""
    value = str(getattr(word, "value", word))
    return Markup('<span class="chip {}">{}</span>').format(tone_of(value), said(value))


def code(text: str | None, length: int = 12) -> Markup:
    """A hash: its first digits, the whole of it in the title."""
    if not text:
        return NOTHING
    return Markup('<code class="hash" title="{}">{}</code>').format(text, text[:length])


def commands(text: str) -> Markup:
    """Words between backticks as code: what a person types."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else part for index, part in enumerate(parts)
    )


def pretty(text: str) -> str:
    """Canonical JSON spread over lines; what is no JSON stays as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def indicator(spec: IndicatorSpec) -> str:
    """`MACD 12 26 9`; of one that is no longer there its name."""
    try:
        return label(spec)
    except InvalidInput:
        return f"{spec.kind} (not here any more)"


def install(environment: jinja2.Environment, zone: str) -> None:
    """Give the templates these words."""
    instants = Instants(zone)
    environment.filters.update(
        instant=instants.instant,
        moment=instants.moment,
        utc=instants.utc,
        day=day,
        ahead=ahead,
        number=number,
        reading=reading,
        money=money,
        price=price,
        signed=signed,
        multiple=multiple,
        percent=percent,
        chip=chip,
        code=code,
        pretty=pretty,
        commands=commands,
        short=short,
        said=said,
        tone=tone_of,
        indicator=indicator,
        pair=lambda value: (value, value),
    )
