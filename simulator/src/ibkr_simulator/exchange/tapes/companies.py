"""The companies of the synthetic tape: the same names, symbols and contract numbers for every seed."""

from collections.abc import Iterator
from itertools import islice, product

from ibkr_simulator.exchange import ids
from ibkr_simulator.exchange.listings import Listing

_FIRST = (
    "NORTHWIND", "HALCYON", "BRIGHTWATER", "CEDAR", "IRONGATE", "LUMEN", "QUARRY", "VANTAGE", "ORCHARD",
    "PINNACLE", "SUMMIT", "WESTFIELD", "AURORA", "BASALT", "COBALT", "DELTA", "EMBER", "FALCON", "GRANITE",
    "HARBOR", "INDIGO", "JUNIPER", "KESTREL", "LAUREL", "MERIDIAN", "NIMBUS", "OAKMONT", "PRAIRIE",
    "REDSTONE", "SIERRA", "TIDEWATER", "UPLAND", "VERDANT", "WILLOW", "YELLOWPINE", "ZEPHYR",
)  # fmt: skip
_SECOND = (
    ("SOFTWARE", "Technology", "Software"),
    ("ENERGY", "Energy", "Oil&Gas"),
    ("BANCORP", "Financial", "Banks"),
    ("THERAPEUTICS", "Consumer, Non-cyclical", "Biotechnology"),
    ("SEMICONDUCTOR", "Technology", "Semiconductors"),
    ("FOODS", "Consumer, Non-cyclical", "Food"),
    ("RAILWAYS", "Industrial", "Transportation"),
    ("RETAIL", "Consumer, Cyclical", "Retail"),
    ("MATERIALS", "Basic Materials", "Chemicals"),
    ("REALTY", "Financial", "REITS"),
    ("NETWORKS", "Communications", "Telecommunications"),
    ("UTILITIES", "Utilities", "Electric"),
    ("INSTRUMENTS", "Industrial", "Electronics"),
    ("MEDIA", "Communications", "Media"),
)
_FORMS = ("INC", "CORP", "CO", "GROUP", "HOLDINGS")
_VENUES = ("NASDAQ", "NYSE", "NASDAQ", "NYSE", "NYSE", "NASDAQ", "ARCA")
MOST = len(_FIRST) * len(_SECOND)
INDEX = Listing(
    conid=416_904_300,
    symbol="BMX",
    company="BROAD MARKET INDEX",
    exchange="CBOE",
    industry="Indices",
    category="*",
    kind="IND",
)


def listings(count: int) -> list[Listing]:
    """`count` stocks and funds of the United States, each with what else the search finds beside it."""
    found: list[Listing] = []
    for place, home in enumerate(islice(_homes(), count)):
        found += _family(place, home)
    return [*found, INDEX]


def conid_of(*name: object) -> int:
    """A contract number that never changes; as long as the broker's."""
    return 20_000_000 + ids.number("conid", *name) % 700_000_000


def _homes() -> Iterator[Listing]:
    taken: set[str] = {INDEX.symbol}
    # Neighbours in the list differ in both words: the first of every industry comes before the second of one.
    for turn, place in product(range(len(_SECOND)), range(len(_FIRST))):
        first, (noun, industry, category) = _FIRST[place], _SECOND[(place + turn) % len(_SECOND)]
        symbol = _symbol(first, noun, taken)
        fund = _VENUES[(place + turn) % len(_VENUES)] == "ARCA"
        yield Listing(
            conid=conid_of(symbol),
            symbol=symbol,
            company=f"{first} {noun} ETF" if fund else f"{first} {noun} {_FORMS[(place + 2 * turn) % 5]}",
            exchange=_VENUES[(place + turn) % len(_VENUES)],
            industry="Funds" if fund else industry,
            category="Equity Fund" if fund else category,
        )


def _symbol(first: str, noun: str, taken: set[str]) -> str:
    """Three or four letters out of both words, as tickers are."""
    letters = [(a, b) for a in range(1, len(first)) for b in range(1, len(noun))]
    shapes = [first[0] + first[a] + noun[0] for a, _ in letters] + [
        first[0] + first[a] + noun[0] + noun[b] for a, b in letters
    ]
    symbol = next(shape for shape in shapes if shape not in taken)
    taken.add(symbol)
    return symbol


def _family(place: int, home: Listing) -> list[Listing]:
    """Now and then a listing abroad, before or after the home listing; a namesake; a CFD."""
    family = [home]
    if place % 9 == 2:
        family.insert(place % 2, _beside(home, "MEXI", "MXN", "MX"))
    if place % 14 == 5:
        family.insert(0, _beside(home, "IBIS", "EUR", "DE"))
    if place % 25 == 7:
        family.insert(0, _beside(home, "ASX", "AUD", "AU", company=f"{home.symbol} PACIFIC LTD"))
    if place % 6 == 1:
        family.append(_beside(home, "SMART", "USD", "US", kind="CFD"))
    return family


def _beside(
    home: Listing, exchange: str, currency: str, country: str, *, company: str = "", kind: str = "STK"
) -> Listing:
    return Listing(
        conid=conid_of(home.symbol, exchange, kind),
        symbol=home.symbol,
        company=company or home.company,
        exchange=exchange,
        currency=currency,
        country=country,
        industry=home.industry,
        category=home.category,
        kind=kind,
    )
