"""Contracts the search knows: those on the tape, and foreign listings nobody should trade by mistake."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One listed stock. `derivatives` are months of options, empty for foreign listings."""

    conid: int
    symbol: str
    company: str
    exchange: str
    currency: str = "USD"
    country: str = "US"
    industry: str = "Technology"
    category: str = "Computers"
    cusip: str | None = None

    @property
    def is_us(self) -> bool:
        """Whether it is listed in the United States."""
        return self.country == "US"


def _us(conid: int, symbol: str, company: str, exchange: str, category: str = "Computers") -> Listing:
    return Listing(conid=conid, symbol=symbol, company=company, exchange=exchange, category=category)


def _foreign(conid: int, home: Listing, exchange: str, currency: str, country: str) -> Listing:
    return Listing(
        conid=conid,
        symbol=home.symbol,
        company=home.company,
        exchange=exchange,
        currency=currency,
        country=country,
        category=home.category,
    )


AAPL = _us(265598, "AAPL", "APPLE INC", "NASDAQ")
FB = _us(107113386, "FB", "FACEBOOK INC-A", "NASDAQ", "Internet")
GOOG = _us(208813719, "GOOG", "GOOGLE INC", "NASDAQ", "Internet")
IBM = _us(8314, "IBM", "INTL BUSINESS MACHINES CORP", "NYSE")
MSFT = _us(272093, "MSFT", "MICROSOFT CORP", "NASDAQ", "Software")
HOME_LISTINGS = (AAPL, FB, GOOG, IBM, MSFT)

# In the order the search answers: for GOOG and IBM a foreign listing comes first, as it does live.
LISTINGS: tuple[Listing, ...] = (
    AAPL,
    _foreign(38708077, AAPL, "MEXI", "MXN", "MX"),
    _foreign(273982664, AAPL, "EBS", "CHF", "CH"),
    _foreign(209012318, GOOG, "MEXI", "MXN", "MX"),
    GOOG,
    _foreign(12178205, IBM, "IBIS", "EUR", "DE"),
    IBM,
    _foreign(38708990, IBM, "MEXI", "MXN", "MX"),
    MSFT,
    _foreign(38709473, MSFT, "MEXI", "MXN", "MX"),
    FB,
    _foreign(107984131, FB, "IBIS", "EUR", "DE"),
)

BY_CONID: dict[int, Listing] = {listing.conid: listing for listing in LISTINGS}


def by_symbol(symbol: str) -> list[Listing]:
    """All listings of a symbol, in the order of the search."""
    return [listing for listing in LISTINGS if listing.symbol == symbol.upper()]


def by_name(words: str) -> list[Listing]:
    """All listings whose company name contains the words."""
    return [listing for listing in LISTINGS if words.upper() in listing.company]
