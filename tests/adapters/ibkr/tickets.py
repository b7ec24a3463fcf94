"""Orders as the desk would send them."""

from dataclasses import replace
from decimal import Decimal

from glassdesk.workflow.orders.model import OrderType, Role, Side, Ticket, TimeInForce
from tests.adapters.ibkr.gateway import ACCOUNT

AAPL = 265598

ENTRY = Ticket(
    coid="gd1saaaaaaaaaaaaaaaaaaaa",
    parent_coid=None,
    account=ACCOUNT,
    conid=AAPL,
    side=Side.BUY,
    order_type=OrderType.LIMIT,
    quantity=Decimal(10),
    price=Decimal("187.12"),
    tif=TimeInForce.DAY,
    role=Role.ENTRY,
)
STOP = Ticket(
    coid="gd1sbbbbbbbbbbbbbbbbbbbb",
    parent_coid=ENTRY.coid,
    account=ACCOUNT,
    conid=AAPL,
    side=Side.SELL,
    order_type=OrderType.STOP,
    quantity=Decimal(10),
    price=Decimal("180.00"),
    tif=TimeInForce.GTC,
    role=Role.STOP,
)
TARGET = Ticket(
    coid="gd1scccccccccccccccccccc",
    parent_coid=ENTRY.coid,
    account=ACCOUNT,
    conid=AAPL,
    side=Side.SELL,
    order_type=OrderType.LIMIT,
    quantity=Decimal(10),
    price=Decimal("230.00"),
    tif=TimeInForce.GTC,
    role=Role.TARGET,
)
BRACKET = (ENTRY, STOP, TARGET)
EXIT = replace(TARGET, coid="gd1sdddddddddddddddddddd", parent_coid=None, role=Role.EXIT, tif=TimeInForce.DAY)
