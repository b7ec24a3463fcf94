"""§6: accounts, summary, ledger, profit."""

from tests.facts.shapes import Fact

ACCOUNTS = Fact(
    name="portfolio accounts",
    source="§6",
    method="GET",
    path="/portfolio/accounts",
    shape=[
        {
            "id": "text",
            "accountId": "text",
            "accountVan": "text",
            "accountTitle": "text",
            "displayName": "text",
            "accountAlias": "text|null",
            "accountStatus": "int",
            "currency": "text",
            "type": "text",
            "tradingType": "text",
            "businessType": "text",
            "category": "text",
            "ibEntity": "text",
            "faclient": "flag",
            "clearingStatus": "text",
            "covestor": "flag",
            "noClientTrading": "flag",
            "trackVirtualFXPortfolio": "flag",
            "acctCustType": "text",
            "brokerageAccess": "flag",
            "parent": {
                "mmc": "list",
                "accountId": "text",
                "isMParent": "flag",
                "isMChild": "flag",
                "isMultiplex": "flag",
            },
            "desc": "text",
            "PrepaidCrypto-Z": "flag",
            "PrepaidCrypto-P": "flag",
        }
    ],
)

FIGURE = {
    "amount": "number",
    "currency": "text|null",
    "isNull": "flag",
    "timestamp": "int",
    "value": "text|null",
    "severity": "int",
}

USEFUL = (
    "netliquidation",
    "availablefunds",
    "buyingpower",
    "totalcashvalue",
    "excessliquidity",
    "initmarginreq",
    "maintmarginreq",
    "cushion",
    "accountready",
    "accounttype",
)

SUMMARY = Fact(
    name="summary",
    source="§6",
    method="GET",
    path="/portfolio/{account}/summary",
    shape={**dict.fromkeys(USEFUL, FIGURE), "*": FIGURE},
)

NET_LIQUIDATION = {
    "amount": 1005182.4,
    "currency": "USD",
    "isNull": False,
    "timestamp": 1775161929000,
    "value": None,
    "severity": 0,
}
"""The one figure the sheet shows."""

LEDGER = Fact(
    name="ledger",
    source="§6",
    method="GET",
    path="/portfolio/{account}/ledger",
    shape={
        "BASE": {
            "cashbalance": "number",
            "settledcash": "number",
            "netliquidationvalue": "number",
            "stockmarketvalue": "number",
            "unrealizedpnl": "number",
            "realizedpnl": "number",
            "exchangerate": "number",
            "interest": "number",
            "dividends": "number",
            "currency": "text",
            "acctcode": "text",
            "key": "text",
            "secondkey": "text",
            "timestamp": "int",
            "severity": "int",
            "sessionid": "int",
            "*": "any",
        },
        "*": "object",
    },
)

PNL = Fact(
    name="profit and loss",
    source="§6",
    method="GET",
    path="/iserver/account/pnl/partitioned",
    shape={
        "upnl": {
            "*": {
                "rowType": "int",
                "dpl": "number",
                "nl": "number",
                "upl": "number",
                "el": "number",
                "uel": "number",
                "mv": "number",
            }
        }
    },
    example={
        "upnl": {
            "DU1234567.Core": {
                "rowType": 1,
                "dpl": -12.3,
                "nl": 1005182.0,
                "upl": 166.2,
                "el": 971000.0,
                "uel": 971000.0,
                "mv": 30630.3,
            }
        }
    },
)

FIRST_PNL = Fact(
    name="first profit and loss of a session",
    source="§6, F-75",
    method="GET",
    path="/iserver/account/pnl/partitioned",
    shape=PNL.shape,
    example={"upnl": {}},
)

FACTS = (ACCOUNTS, SUMMARY, LEDGER, PNL, FIRST_PNL)
