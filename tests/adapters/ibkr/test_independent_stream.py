"""`ibind`'s websocket client takes every topic of the simulator for what it is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from glassdesk.adapters.simulation import ControlPlane, Endpoint
from tests.adapters.ibkr.independent import ACCOUNT, Heard, client_of, ibind, socket_of
from tests.adapters.simulation.running import simulator

pytestmark = [pytest.mark.process, pytest.mark.independent]
AAPL = "265598"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with simulator(tmp_path_factory.mktemp("home"), switches={"pacing": "off"}) as running:
        yield running


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return ibind(tmp_path_factory.mktemp("logs"))


@pytest.fixture(scope="module")
def traded(library: Any, endpoint: Endpoint) -> Iterator[tuple[Any, Heard]]:
    """Its websocket client, on an account that has traded once."""
    control = ControlPlane(endpoint)
    control.sign_in()
    control.advance_to(datetime(2012, 10, 1, 15, tzinfo=UTC))
    client = client_of(library, endpoint)
    terms = {
        "conid": int(AAPL),
        "side": "BUY",
        "quantity": 5,
        "order_type": "LMT",
        "price": 700.0,
        "tif": "DAY",
    }
    client.place_order(library.OrderRequest(acct_id=ACCOUNT, coid="ib", **terms), {})
    heard = Heard()
    socket = socket_of(library, client, endpoint, heard)
    assert socket.start()
    yield socket, heard
    assert socket.shutdown()
    client.close()
    control.close()


def test_an_independent_client_hears_profit_trades_summary_ledger_history_and_depth(
    library: Any, traded: tuple[Any, Heard]
) -> None:
    socket, heard = traded
    asked = library.subscriptions
    plain = [
        (asked.PnlSubscription(), library.events.Pnl),
        (asked.TradesSubscription(days=1), library.events.Trades),
        (asked.PriceLadderSubscription(conid=AAPL, account_id=ACCOUNT), library.events.PriceLadder),
    ]
    for subscription, event in plain:
        assert socket.subscribe(subscription)
        assert heard.first(event).data
    confirmed = [
        (asked.AccountSummarySubscription(account_id=ACCOUNT), library.events.AccountSummary),
        (asked.AccountLedgerSubscription(account_id=ACCOUNT), library.events.AccountLedger),
        (asked.MarketHistorySubscription(conid=AAPL, period="1d", bar="1min"), library.events.MarketHistory),
    ]
    for subscription, event in confirmed:
        handle = socket.subscribe(subscription)
        assert handle.wait(10)
        assert heard.first(event).data
        assert socket.unsubscribe(subscription)
        assert heard.first(library.events.Unsubscription).target_event_type is event
