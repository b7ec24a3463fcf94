"""§5.1 to §5.4: placing, questions, preview, modify, cancel."""

from tests.facts.shapes import Fact

_PLACE = "/iserver/account/{account}/orders"

ACCEPTED = Fact(
    name="accepted (a)",
    source="§5.1",
    method="POST",
    path=_PLACE,
    shape=[
        {
            "order_id": "text|int",
            "order_status": "text",
            "encrypt_message?": "text",
            "local_order_id?": "text",
            "parent_order_id?": "text|int",
            "oca_group_id?": "text",
            "text?": "text",
            "warning_message?": "text",
        }
    ],
    example=[{"order_id": "1020484121", "order_status": "PreSubmitted", "encrypt_message": "1"}],
)

QUESTION = Fact(
    name="question (b)",
    source="§5.1",
    method="POST",
    path=_PLACE,
    shape=[
        {
            "id": "text",
            "message": ["text"],
            "isSuppressed": "flag",
            "messageIds?": ["text"],
            "messageOptions?": ["text"],
        }
    ],
    example=[
        {
            "id": "7f1c0000-0000-4000-8000-000000000001",
            "message": ["The price exceeds the price percentage limit of 3%"],
            "isSuppressed": False,
            "messageIds": ["o163"],
            "messageOptions": ["Yes", "No"],
        }
    ],
)

ERROR = Fact(
    name="error in a 200 (c)",
    source="§5.1",
    method="POST",
    path=_PLACE,
    shape={"error": "text", "action?": "text", "cqe?": "object"},
    example={"error": "We cannot accept an order at the limit price you selected"},
)

ADVANCED_REJECT = Fact(
    name="advanced reject (d)",
    source="§5.1",
    method="POST",
    path=_PLACE,
    shape={
        "orderId": "int",
        "reqId": "text",
        "dismissable": "list",
        "text": "text",
        "options": ["text"],
        "type": "text",
        "messageId": "text",
        "prompt": "flag",
    },
    example={
        "orderId": 1020484122,
        "reqId": "12",
        "dismissable": [],
        "text": "Do you want to go on?",
        "options": ["Yes", "No"],
        "type": "prompt",
        "messageId": "p12",
        "prompt": True,
    },
)

FAILED_CHILD = Fact(
    name="failed child (e)",
    source="§5.1, F-52",
    method="POST",
    path=_PLACE,
    shape=[{"order_id": "int", "order_status": "text", "text": "text"}],
    example=[{"order_id": -1, "order_status": "Failed", "text": "Invalid child order"}],
)

DUPLICATE = Fact(
    name="duplicate cOID",
    source="§5.1, F-53",
    method="POST",
    path=_PLACE,
    shape={"error": "text"},
    example={
        "error": "Order couldn't be submitted: Local order ID=gd1saaaaaaaaaaaaaaaaaaaa is already registered."
    },
)

UNPRIMED = Fact(
    name="accounts not queried",
    source="§6, F-11",
    method="POST",
    path=_PLACE,
    shape={"error": "text", "statusCode?": "int"},
    example={"error": "Bad Request: Please query /accounts first", "statusCode": 400},
    status=400,
)

REPLY_NOT_FOUND = Fact(
    name="reply id not found",
    source="§5.2, F-48",
    method="POST",
    path="/iserver/reply/{id}",
    shape={"error": "text"},
    example={"error": "reply id not found: '7f1c0000-0000-4000-8000-000000000001'"},
    status=400,
)

SUPPRESS = Fact(
    name="suppress",
    source="§5.2",
    method="POST",
    path="/iserver/questions/suppress",
    shape={"status": "text"},
    example={"status": "submitted"},
)

_TRIPLE = {"current": "text|null", "change": "text|null", "after": "text|null"}

WHATIF = Fact(
    name="what-if",
    source="§5.3",
    method="POST",
    path="/iserver/account/{account}/orders/whatif",
    shape={
        "amount": {"amount": "text", "commission": "text", "total": "text"},
        "equity": _TRIPLE,
        "initial": _TRIPLE,
        "maintenance": _TRIPLE,
        "position": _TRIPLE,
        "warn": "text|null",
        "error": "text|null",
        "accruedInterest?": "any",
        "action?": "any",
        "order_id?": "any",
        "cqe?": "any",
        "warns?": "any",
        "errors?": "any",
    },
    example={
        "amount": {"amount": "655 USD (1 Shares)", "commission": "1 USD", "total": "656 USD"},
        "equity": {"current": "1,006,413", "change": "-1", "after": "1,006,412"},
        "initial": {"current": "NA", "change": "NA", "after": "NA"},
        "maintenance": {"current": "NA", "change": "NA", "after": "NA"},
        "position": {"current": "0", "change": "1", "after": "1"},
        "warn": None,
        "error": None,
    },
)

CANCEL = Fact(
    name="cancel requested",
    source="§5.4",
    method="DELETE",
    path="/iserver/account/{account}/order/{order}",
    shape={"msg": "text", "order_id": "int", "conid": "int", "account": "text|null"},
    example={"msg": "Request was submitted", "order_id": 602801486, "conid": 265598, "account": "DU1234567"},
)

CANCEL_UNKNOWN = Fact(
    name="cancel of an unknown order",
    source="§5.4, F-60",
    method="DELETE",
    path="/iserver/account/{account}/order/{order}",
    shape={"error": "text", "statusCode?": "int"},
    example={"error": "OrderID 1 doesn't exist"},
    status=400,
)

PLACING = (ACCEPTED, QUESTION, ERROR, ADVANCED_REJECT, FAILED_CHILD, DUPLICATE)
"""The union of 200 answers a client must tell apart."""

FACTS = (*PLACING, UNPRIMED, REPLY_NOT_FOUND, SUPPRESS, WHATIF, CANCEL, CANCEL_UNKNOWN)
