"""§3: contracts, rules, calendars."""

from tests.facts.shapes import Fact

SEARCH = Fact(
    name="secdef search",
    source="§3",
    method="GET",
    path="/iserver/secdef/search",
    shape=[
        {
            "conid": "text",
            "companyHeader": "text",
            "companyName": "text|null",
            "symbol": "text|null",
            "description": "text|null",
            "restricted": "text|null",
            "sections": [{"secType": "text", "months?": "text", "exchange?": "text", "conid?": "text"}],
            "issuers?": "list|null",
            "bondid?": "int",
        }
    ],
    example=[
        {
            "conid": "756733",
            "companyHeader": "SPDR S&P 500 - ARCA",
            "companyName": "SPDR S&P 500",
            "symbol": "SPY",
            "description": "ARCA",
            "restricted": None,
            "sections": [
                {"secType": "STK"},
                {"secType": "OPT", "months": "APR26;MAY26", "exchange": "SMART;AMEX"},
                {"secType": "CFD", "exchange": "SMART", "conid": "134770228"},
            ],
        }
    ],
)

INFO_OF_SECDEF = Fact(
    name="secdef info",
    source="§3",
    method="GET",
    path="/iserver/secdef/info",
    shape=[
        {
            "conid": "int",
            "symbol": "text",
            "secType": "text",
            "exchange": "text",
            "listingExchange": "text|null",
            "right": "text",
            "strike": "number",
            "currency": "text",
            "cusip": "text|null",
            "coupon": "text",
            "desc1": "text",
            "desc2": "text",
            "maturityDate": "text",
            "multiplier": "text",
            "tradingClass": "text",
            "validExchanges": "text",
        }
    ],
)

STRIKES = Fact(
    name="secdef strikes",
    source="§3",
    method="GET",
    path="/iserver/secdef/strikes",
    shape={"call": ["number"], "put": ["number"]},
    example={"call": [], "put": []},
)

STOCKS = Fact(
    name="stocks",
    source="§3",
    method="GET",
    path="/trsrv/stocks",
    shape={
        "*": [
            {
                "name": "text",
                "chineseName": "text|null",
                "assetClass": "text",
                "contracts": [{"conid": "int", "exchange": "text", "isUS": "flag"}],
            }
        ]
    },
    example={
        "AAPL": [
            {
                "name": "APPLE INC",
                "chineseName": "&#x82F9;&#x679C;",
                "assetClass": "STK",
                "contracts": [{"conid": 265598, "exchange": "NASDAQ", "isUS": True}],
            }
        ]
    },
)

_INCREMENTS = [{"lowerEdge": "number", "increment": "number"}]

SECDEF = Fact(
    name="secdef",
    source="§3",
    method="GET",
    path="/trsrv/secdef",
    shape={
        "secdef": [
            {
                "conid": "int",
                "currency": "text",
                "name": "text|null",
                "assetClass": "text",
                "expiry": "text|null",
                "strike": "text",
                "ticker": "text",
                "multiplier": "number|null",
                "type": "text",
                "hasOptions": "flag",
                "fullName": "text",
                "isUS": "flag",
                "listingExchange": "text",
                "countryCode": "text",
                "incrementRules": _INCREMENTS,
                "displayRule": "object|null",
                "*": "any",
            }
        ]
    },
)

FUTURES = Fact(
    name="futures",
    source="§3",
    method="GET",
    path="/trsrv/futures",
    shape={
        "*": [
            {
                "symbol": "text",
                "conid": "int",
                "underlyingConid": "int",
                "expirationDate": "int",
                "ltd": "int",
            }
        ]
    },
)

ALL_CONIDS = Fact(
    name="all conids",
    source="§3",
    method="GET",
    path="/trsrv/all-conids",
    shape=[{"ticker": "text", "conid": "int", "exchange": "text"}],
)

INFO = Fact(
    name="contract info",
    source="§3",
    method="GET",
    path="/iserver/contract/{conid}/info",
    shape={
        "con_id": "int",
        "symbol": "text",
        "instrument_type": "text",
        "company_name": "text",
        "currency": "text",
        "exchange": "text",
        "valid_exchanges": "text",
        "trading_class": "text",
        "local_symbol": "text",
        "r_t_h": "flag",
        "multiplier": "text|null",
        "underlying_con_id": "int",
        "maturity_date": "text|null",
        "expiry_full": "text|null",
        "contract_month": "text|null",
        "cusip": "text|null",
        "industry": "text",
        "category": "text",
        "has_related_contracts": "flag",
        "smart_available": "flag",
        "allow_sell_long": "flag",
        "is_zero_commission_security": "flag",
        "classifier": "text|null",
        "text": "text|null",
        "cfi_code": "text",
        "underlying_issuer": "text|null",
        "contract_clarification_type": "text|null",
        "rules?": "object",
    },
)

RULES = Fact(
    name="contract rules",
    source="§3",
    method="POST",
    path="/iserver/contract/rules",
    shape={
        "algoEligible": "flag",
        "overnightEligible": "flag",
        "costReport": "flag",
        "canTradeAcctIds": ["text"],
        "error": "text|null",
        "orderTypes": ["text"],
        "orderTypesOutside": ["text"],
        "fraqTypes": ["text"],
        "cqtTypes": ["text"],
        "tifTypes": ["text"],
        "defaultSize": "number",
        "sizeIncrement": "number",
        "cashSize": "number",
        "cashCcy": "text",
        "increment": "number",
        "incrementDigits": "int",
        "incrementRules": _INCREMENTS,
        "limitPrice": "number",
        "stopprice": "number",
        "negativeCapable": "flag",
        "preview": "flag",
    },
    example={
        "algoEligible": True,
        "overnightEligible": True,
        "costReport": False,
        "canTradeAcctIds": ["DU1234567"],
        "error": None,
        "orderTypes": [
            "limit",
            "midprice",
            "market",
            "stop",
            "stop_limit",
            "mit",
            "lit",
            "trailing_stop",
            "trailing_stop_limit",
            "relative",
            "marketonclose",
            "limitonclose",
        ],
        "orderTypesOutside": ["limit", "stop_limit"],
        "fraqTypes": ["limit", "market"],
        "cqtTypes": ["limit", "market"],
        "tifTypes": ["IOC/MARKET,LIMIT,o", "GTC/o,a", "OPG/LIMIT,MARKET,a", "GTD/o,a", "DAY/o,a"],
        "defaultSize": 100,
        "sizeIncrement": 40,
        "cashSize": 0.0,
        "cashCcy": "USD",
        "increment": 0.01,
        "incrementDigits": 2,
        "incrementRules": [{"lowerEdge": 0.0, "increment": 0.01}],
        "limitPrice": 655.94,
        "stopprice": 655.94,
        "negativeCapable": False,
        "preview": True,
    },
)

INFO_AND_RULES = Fact(
    name="contract info and rules",
    source="§3",
    method="GET",
    path="/iserver/contract/{conid}/info-and-rules",
    shape={key: inner for key, inner in INFO.shape.items() if key != "rules?"} | {"rules": RULES.shape},
)

_SPAN = {"opening": "int", "closing": "int", "cancel_daily_orders?": "flag"}

SCHEDULE = Fact(
    name="trading schedule",
    source="§3",
    method="GET",
    path="/contract/trading-schedule",
    shape={
        "exchange_time_zone": "text",
        "schedules": {"*": {"liquid_hours?": [_SPAN], "extended_hours?": [_SPAN]}},
    },
    example={
        "exchange_time_zone": "US/Eastern",
        "schedules": {
            "20260402": {
                "liquid_hours": [{"opening": 1775136600, "closing": 1775160000}],
                "extended_hours": [
                    {"opening": 1775116800, "closing": 1775174400, "cancel_daily_orders": True}
                ],
            }
        },
    },
)

VENUES = Fact(
    name="secdef schedule",
    source="§3",
    method="GET",
    path="/trsrv/secdef/schedule",
    shape=[
        {
            "id": "text",
            "tradeVenueId": "text",
            "timezone": "text",
            "schedules": [
                {
                    "clearingCycleEndTime": "text",
                    "tradingScheduleDate": "text",
                    "sessions": [{"openingTime": "text", "closingTime": "text", "prop": "text"}],
                    "tradingtimes": [
                        {"openingTime": "text", "closingTime": "text", "cancelDayOrders": "text"}
                    ],
                }
            ],
        }
    ],
)

FACTS = (
    SEARCH,
    INFO_OF_SECDEF,
    STRIKES,
    STOCKS,
    SECDEF,
    FUTURES,
    ALL_CONIDS,
    INFO,
    RULES,
    INFO_AND_RULES,
    SCHEDULE,
    VENUES,
)
