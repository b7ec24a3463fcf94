"""§4: history and snapshots."""

from tests.facts.shapes import Fact

BAR = {"o": "number", "c": "number", "h": "number", "l": "number", "v": "number", "t": "int"}

HISTORY = Fact(
    name="history",
    source="§4.1",
    method="GET",
    path="/iserver/marketdata/history",
    shape={
        "serverId": "text",
        "symbol": "text",
        "text": "text",
        "priceFactor": "int",
        "startTime": "text",
        "high": "text",
        "low": "text",
        "timePeriod": "text",
        "barLength": "int",
        "mdAvailability": "text",
        "mktDataDelay": "int",
        "outsideRth": "flag",
        "tradingDayDuration?": "int",
        "volumeFactor": "int",
        "priceDisplayRule": "int",
        "priceDisplayValue": "text",
        "negativeCapable": "flag",
        "messageVersion": "int",
        "data": [BAR],
        "points": "int",
        "travelTime": "int",
    },
    example={
        "serverId": "6571225",
        "symbol": "SPY",
        "text": "SPDR S&P 500",
        "priceFactor": 100,
        "startTime": "20260402-13:30:00",
        "high": "65820/26572.9/67",
        "low": "64511/7122.825/10",
        "timePeriod": "1d",
        "barLength": 60,
        "mdAvailability": "S",
        "mktDataDelay": 0,
        "outsideRth": False,
        "tradingDayDuration": 390,
        "volumeFactor": 40,
        "priceDisplayRule": 1,
        "priceDisplayValue": "2",
        "negativeCapable": False,
        "messageVersion": 2,
        "data": [{"o": 646.42, "c": 646.86, "h": 647.47, "l": 646.38, "v": 17219.125, "t": 1775136600000}],
        "points": 389,
        "travelTime": 45,
    },
)

NO_DATA = Fact(
    name="history without data",
    source="§4.1, F-34",
    method="GET",
    path="/iserver/marketdata/history",
    shape={"error": "text", "statusCode?": "int"},
    example={"error": "No data."},
    status=500,
)

CODES = {
    "31": "last (C/H prefix)",
    "84": "bid",
    "88": "bid size",
    "86": "ask",
    "85": "ask size",
    "7059": "last size",
    "87": "volume (formatted)",
    "7762": "volume (long)",
    "7295": "open",
    "7296": "close",
    "70": "day high",
    "71": "day low",
    "7741": "prior close",
    "82": "change",
    "83": "change %",
    "7635": "mark price",
    "55": "symbol",
    "6008": "conid",
    "6509": "availability",
    "7184": "can be traded",
    "7768": "has permissions",
    "7644": "shortable: level",
    "7636": "shortable: shares",
    "7637": "shortable: fee",
    "73": "own position value",
    "74": "own average price",
    "75": "own unrealised profit",
    "76": "own position",
    "6119": "server_id",
}
"""Every value of a snapshot is text."""

_SNAPSHOT_ROW = {
    "conidEx": "text",
    "conid": "int",
    "server_id?": "text",
    "_updated?": "int",
    **{f"{code}?": "text" for code in CODES},
}

SNAPSHOT = Fact(
    name="snapshot",
    source="§4.2",
    method="GET",
    path="/iserver/marketdata/snapshot",
    shape=[_SNAPSHOT_ROW],
    example=[
        {
            "conidEx": "756733",
            "conid": 756733,
            "server_id": "q0",
            "_updated": 1775086883187,
            "6119": "q0",
            "6509": "RpB",
            "31": "655.05",
            "84": "655.04",
            "86": "655.06",
            "85": "300",
            "88": "1,200",
            "7762": "50123456",
        }
    ],
)

PREFLIGHT = Fact(
    name="snapshot preflight",
    source="§4.2, F-27",
    method="GET",
    path="/iserver/marketdata/snapshot",
    shape=[{"conidEx": "text", "conid": "int"}],
    example=[{"conidEx": "756733", "conid": 756733}],
)

UNSUBSCRIBE = Fact(
    name="unsubscribe",
    source="§4.2",
    method="POST",
    path="/iserver/marketdata/unsubscribe",
    shape={"success": "flag"},
    example={"success": True},
)

NOTHING_OPEN = Fact(
    name="unsubscribe, nothing open",
    source="§4.2, F-38",
    method="POST",
    path="/iserver/marketdata/unsubscribe",
    shape={"error": "text"},
    example={"error": "unknown"},
    status=500,
)

UNSUBSCRIBE_ALL = Fact(
    name="unsubscribe all",
    source="§4.2",
    method="GET",
    path="/iserver/marketdata/unsubscribeall",
    shape={"unsubscribed": "flag"},
    example={"unsubscribed": True},
)

FACTS = (HISTORY, NO_DATA, SNAPSHOT, PREFLIGHT, UNSUBSCRIBE, NOTHING_OPEN, UNSUBSCRIBE_ALL)
