"""§7: frames of the websocket."""

from tests.facts.market_data import HISTORY
from tests.facts.order_tracking import ORDER_ROW
from tests.facts.session import ACCOUNTS
from tests.facts.shapes import Fact, Shape


def _frame(name: str, source: str, shape: Shape, example: object = None) -> Fact:
    return Fact(name=name, source=source, method="GET", path="/ws", shape=shape, example=example)


WELCOME = _frame(
    "system, welcome",
    "§7.1",
    {"topic": "text", "success": "text", "isFT": "flag", "isPaper": "flag"},
    {"topic": "system", "success": "demo", "isFT": False, "isPaper": True},
)
HEARTBEAT = _frame(
    "system, heartbeat", "§7.1", {"topic": "text", "hb": "int"}, {"topic": "system", "hb": 1775086883187}
)
WAITING = _frame("waiting", "§7.1, F-81", {"message": "text"}, {"message": "waiting for session"})
SESSION_STATUS = _frame(
    "sts",
    "§7.1",
    {
        "topic": "text",
        "args": {
            "authenticated": "flag",
            "competing?": "flag",
            "message?": "text",
            "fail?": "text",
            "serverName?": "text",
            "username?": "text",
            "*": "any",
        },
    },
    {
        "topic": "sts",
        "args": {
            "authenticated": True,
            "competing": False,
            "message": "",
            "fail": "",
            "serverName": "JifN00001",
            "username": "demo",
        },
    },
)
ACCOUNT = _frame("act", "§7.1", {"topic": "text", "args": ACCOUNTS.shape})
MARKET_DATA = _frame(
    "smd",
    "§7.2",
    {
        "topic": "text",
        "conid": "int",
        "conidEx": "text",
        "server_id?": "text",
        "_updated": "int",
        "*": "text",
    },
    {
        "topic": "smd+265598",
        "conid": 265598,
        "conidEx": "265598",
        "server_id": "q1",
        "_updated": 1775086883187,
        "6119": "q1",
        "6509": "RpB",
        "84": "187.12",
    },
)
ORDERS = _frame("sor", "§7.2", {"topic": "text", "args": [ORDER_ROW]})
ORDER_DELTA = _frame(
    "sor, delta",
    "§7.2, F-80",
    {"topic": "text", "args": [{"acct": "text", "orderId": "int", "*": "any"}]},
    {"topic": "sor", "args": [{"acct": "DU1234567", "orderId": 473740665, "status": "Filled"}]},
)
TRADES = _frame(
    "str",
    "§7.2",
    {"topic": "text", "args": [{"execution_id": "text", "*": "any"}]},
    {"topic": "str", "args": [{"execution_id": "0000e0d5.6576fd38.01.01"}]},
)
PNL = _frame(
    "spl",
    "§7.2",
    {
        "topic": "text",
        "args": {
            "*": {
                "rowType": "int",
                "dpl": "number",
                "nl": "number",
                "upl": "number",
                "uel": "number",
                "mv": "number",
                "el?": "number",
            }
        },
    },
    {
        "topic": "spl",
        "args": {
            "DU1234567.Core": {"rowType": 1, "dpl": -12.3, "nl": 1.0, "upl": 1.0, "uel": 1.0, "mv": 1.0}
        },
    },
)
ERROR = _frame(
    "error", "§7.2", {"error": "text", "code?": "int|text|null"}, {"error": "bad request", "code": None}
)

HISTORY_SERIES = _frame(
    "smh",
    "§7.2",
    {"topic": "text", **HISTORY.shape},
    {"topic": "smh+756733", **HISTORY.example},
)
SUMMARY = _frame(
    "ssd",
    "§7.2",
    {
        "topic": "text",
        "result": [
            {
                "key": "text",
                "timestamp": "int",
                "value?": "text",
                "monetaryValue?": "number",
                "currency?": "text",
                "severity?": "int",
            }
        ],
    },
    {
        "result": [
            {
                "key": "NetLiquidation",
                "timestamp": 1775161929,
                "monetaryValue": 1005182.4,
                "currency": "USD",
                "severity": 0,
            }
        ],
        "topic": "ssd+DU1234567",
    },
)
SUMMARY_OFF = _frame(
    "usd", "§7.2", {"result": "text", "topic?": "text"}, {"result": "unsubscribed from summary"}
)
LEDGER = _frame(
    "sld",
    "§7.2",
    {"topic": "text", "result": [{"key": "text", "*": "any"}]},
    {"result": [{"key": "LedgerListUSD", "timestamp": 1775161929}], "topic": "sld+DU1234567"},
)
LEDGER_OFF = _frame(
    "uld", "§7.2", {"result": "text", "topic?": "text"}, {"result": "unsubscribed from ledger"}
)
DEPTH = _frame(
    "sbd",
    "§7.2",
    {
        "topic": "text",
        "data": [{"row": "int", "focus": "int", "price": "text", "bid?": "text", "ask?": "text"}],
    },
    {
        "topic": "sbd+DU1234567+756733+ARCA",
        "data": [
            {"row": 0, "focus": 0, "price": "655.06", "ask": "300"},
            {"row": 1, "focus": 1, "price": "655.05"},
            {"row": 2, "focus": 0, "price": "655.04", "bid": "1,200"},
        ],
    },
)
BULLETIN = _frame(
    "blt",
    "§7.2",
    {"topic": "text", "args": {"id": "text", "message": "text"}},
    {"topic": "blt", "args": {"id": "1", "message": "The exchange closes early"}},
)
NOTICE = _frame(
    "ntf",
    "§7.2, F-51",
    {
        "topic": "text",
        "args": [
            {
                "id": "text",
                "text": "text",
                "title": "text",
                "url": "text",
                "orderId?": "int",
                "reqId?": "text",
                "options?": ["text"],
                "*": "any",
            }
        ],
    },
    {
        "topic": "ntf",
        "args": [
            {
                "id": "1",
                "text": "Do you want to resubmit it?",
                "title": "Order Message",
                "url": "",
                "orderId": 1020484122,
                "reqId": "12",
                "options": ["Yes", "No"],
            }
        ],
    },
)

FACTS = (
    WELCOME,
    HEARTBEAT,
    WAITING,
    SESSION_STATUS,
    ACCOUNT,
    MARKET_DATA,
    ORDERS,
    ORDER_DELTA,
    TRADES,
    PNL,
    ERROR,
    HISTORY_SERIES,
    SUMMARY,
    SUMMARY_OFF,
    LEDGER,
    LEDGER_OFF,
    DEPTH,
    BULLETIN,
    NOTICE,
)
