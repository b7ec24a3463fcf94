"""§6: positions."""

from tests.facts.shapes import Fact

_ALWAYS = {
    "acctId": "text",
    "conid": "int",
    "contractDesc": "text",
    "position": "number",
    "mktPrice": "number",
    "mktValue": "number",
    "currency": "text",
    "avgCost": "number",
    "avgPrice": "number",
    "realizedPnl": "number",
    "unrealizedPnl": "number",
    "assetClass": "text",
    "undConid": "int",
    "model": "text|null",
}

POSITIONS = Fact(
    name="positions, cached",
    source="§6",
    method="GET",
    path="/portfolio/{account}/positions/0",
    shape=[
        {
            **_ALWAYS,
            "strike?": "number|text",
            "multiplier?": "number|null",
            "name?": "text",
            "ticker?": "text",
            "incrementRules?": [{"lowerEdge": "number", "increment": "number"}],
            "listingExchange?": "text",
            "*": "any",
        }
    ],
)

POSITIONS_NOW = Fact(
    name="positions, un-cached",
    source="§6",
    method="GET",
    path="/portfolio2/{account}/positions",
    shape=[
        {
            "conid": "text",
            "position": "number",
            "avgCost": "number",
            "avgPrice": "number",
            "currency": "text",
            "description": "text",
            "marketPrice": "number",
            "marketValue": "number",
            "realizedPnl": "number",
            "unrealizedPnl": "number",
            "secType": "text",
            "timestamp": "int",
            "*": "any",
        }
    ],
)

ONE_POSITION = Fact(
    name="one position",
    source="§6",
    method="GET",
    path="/portfolio/{account}/position/{conid}",
    shape=POSITIONS.shape,
    example=[],
)

POSITION_EVERYWHERE = Fact(
    name="one contract in every account",
    source="§6",
    method="GET",
    path="/portfolio/positions/{conid}",
    shape={"*": POSITIONS.shape},
)

INVALIDATE = Fact(
    name="invalidate positions",
    source="§6",
    method="POST",
    path="/portfolio/{account}/positions/invalidate",
    shape={"message": "text"},
    example={"message": "success"},
)

FACTS = (POSITIONS, POSITIONS_NOW, ONE_POSITION, POSITION_EVERYWHERE, INVALIDATE)
