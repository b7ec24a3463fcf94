"""Contracts the search knows: those on the tape, and foreign listings nobody should trade by mistake."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One contract of the search. `kind` is the broker's secType: only STK can be traded here."""

    conid: int
    symbol: str
    company: str
    exchange: str
    currency: str = "USD"
    country: str = "US"
    industry: str = "Technology"
    category: str = "Computers"
    cusip: str | None = None
    kind: str = "STK"

    @property
    def is_us(self) -> bool:
        """Whether it is listed in the United States."""
        return self.country == "US"

    @property
    def tradable(self) -> bool:
        """Whether the account may trade it: stocks listed in the United States."""
        return self.is_us and self.kind == "STK"

    @property
    def has_prices(self) -> bool:
        """Whether a market of its own belongs to it: stocks listed in the United States, and indices."""
        return self.tradable or self.kind == "IND"


class Listings:
    """Every contract of a tape, in the order in which the search answers."""

    def __init__(self, listings: Iterable[Listing]) -> None:
        self.all: tuple[Listing, ...] = tuple(listings)
        self.by_conid: dict[int, Listing] = {listing.conid: listing for listing in self.all}
        self._by_symbol: dict[str, list[Listing]] = {}
        for listing in self.all:
            self._by_symbol.setdefault(listing.symbol, []).append(listing)

    def find(self, conid: str) -> Listing | None:
        """The contract of a number given as text; None when it is no number or unknown."""
        return self.by_conid.get(int(conid)) if conid.isdecimal() else None

    def by_symbol(self, symbol: str) -> list[Listing]:
        """All listings of a symbol."""
        return list(self._by_symbol.get(symbol.upper(), ()))

    def by_name(self, words: str) -> list[Listing]:
        """All listings whose company name contains the words."""
        return [listing for listing in self.all if words.upper() in listing.company]


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
HISTORY_LISTINGS = Listings(
    (
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
)
