"""The broker implements the frozen ports.

The type checker reads this file, and the names are really there.
"""

import inspect
from collections.abc import Callable

import pytest

from glassdesk.adapters.clocks import ManualClock, SystemClock, SystemStopwatch
from glassdesk.adapters.ibkr import Broker
from glassdesk.adapters.simulation import SimulatedClock
from glassdesk.kernel.clock import Clock, Stopwatch
from glassdesk.workflow.contracts.ports import BrokerContracts
from glassdesk.workflow.market_data.ports import BrokerMarketData
from glassdesk.workflow.order_tracking.ports import BrokerOrderReads
from glassdesk.workflow.orders.ports_write import BrokerOrders
from glassdesk.workflow.portfolio.ports import BrokerPortfolio
from glassdesk.workflow.positions.ports import BrokerPositions
from glassdesk.workflow.session.ports import BrokerSession
from tests.adapters.ibkr.gateway import Desk


def session_of(broker: Broker) -> BrokerSession:
    return broker.session


def contracts_of(broker: Broker) -> BrokerContracts:
    return broker.contracts


def market_data_of(broker: Broker) -> BrokerMarketData:
    return broker.market_data


def orders_of(broker: Broker) -> BrokerOrders:
    return broker.orders


def order_tracking_of(broker: Broker) -> BrokerOrderReads:
    return broker.order_tracking


def positions_of(broker: Broker) -> BrokerPositions:
    return broker.positions


def portfolio_of(broker: Broker) -> BrokerPortfolio:
    return broker.portfolio


def clocks(simulated: SimulatedClock, manual: ManualClock) -> tuple[Clock, Clock, Clock, Stopwatch]:
    return simulated, manual, SystemClock(), SystemStopwatch()


PORTS: dict[type, Callable[[Broker], object]] = {
    BrokerSession: session_of,
    BrokerContracts: contracts_of,
    BrokerMarketData: market_data_of,
    BrokerOrders: orders_of,
    BrokerOrderReads: order_tracking_of,
    BrokerPositions: positions_of,
    BrokerPortfolio: portfolio_of,
}


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_every_method_of_a_port_is_there_with_its_parameters(over: Desk, port: type) -> None:
    part = PORTS[port](over.broker)
    methods = {name: one for name, one in vars(port).items() if inspect.isfunction(one) and name[0] != "_"}
    assert methods
    for name, promised in methods.items():
        kept = list(inspect.signature(getattr(part, name)).parameters)
        assert ["self", *kept] == list(inspect.signature(promised).parameters)
