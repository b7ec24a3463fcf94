"""The broker as the desk sees it: seven ports over one gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from glassdesk.adapters.ibkr.calls import CallRecorder
from glassdesk.adapters.ibkr.contracts import IbkrContracts
from glassdesk.adapters.ibkr.gate import Gate, Reads
from glassdesk.adapters.ibkr.http import Wire, pinned
from glassdesk.adapters.ibkr.known import KnownContracts
from glassdesk.adapters.ibkr.market_data import IbkrMarketData
from glassdesk.adapters.ibkr.order_tracking import IbkrOrderTracking
from glassdesk.adapters.ibkr.orderboard import OrderBoard
from glassdesk.adapters.ibkr.orders import IbkrOrders
from glassdesk.adapters.ibkr.penalties import Penalties
from glassdesk.adapters.ibkr.portfolio import IbkrPortfolio
from glassdesk.adapters.ibkr.positions import IbkrPositions
from glassdesk.adapters.ibkr.preview import IbkrPreview
from glassdesk.adapters.ibkr.prices import LastQuotes, Lines, Prices
from glassdesk.adapters.ibkr.probing import IbkrProbe
from glassdesk.adapters.ibkr.questions import suppressible
from glassdesk.adapters.ibkr.session import IbkrSession
from glassdesk.adapters.ibkr.stream import Stream, gateway_line
from glassdesk.adapters.ibkr.windows import Windows
from glassdesk.kernel.clock import Clock, Stopwatch
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.orders.switches import SwitchBoard

if TYPE_CHECKING:
    import httpx2


WINDOWS, PENALTIES = "pacing.bin", "penalties.json"
"""Files of the gate in a home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerReads:
    """The reading ports, over the gate or over a client of it."""

    contracts: IbkrContracts
    market_data: IbkrMarketData
    order_tracking: IbkrOrderTracking
    positions: IbkrPositions
    portfolio: IbkrPortfolio


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """All seven ports of one username and the gate they share. Only the dealer's process has one."""

    session: IbkrSession
    contracts: IbkrContracts
    market_data: IbkrMarketData
    orders: IbkrOrders
    order_tracking: IbkrOrderTracking
    positions: IbkrPositions
    portfolio: IbkrPortfolio
    preview: IbkrPreview
    probe: IbkrProbe
    board: SwitchBoard
    stream: Stream
    gate: Gate
    wire: Wire

    def close(self) -> None:
        """Close the connections to the gateway."""
        self.stream.stop()
        self.wire.close()
        self.gate.close()


def connect(
    base_url: str,
    ca_file: str,
    clock: Clock,
    stopwatch: Stopwatch,
    recorder: CallRecorder,
    account: str | None,
    *,
    tls_name: str | None = None,
    board: SwitchBoard | None = None,
    suppressed: Sequence[str] = (),
    memory: Path | None = None,
    certificate_may_come: bool = False,
    transport: httpx2.BaseTransport | None = None,
) -> Broker:
    """The broker behind a Client Portal Gateway at `base_url` (`/v1/api` is added where it is missing).

    Only certificates in `ca_file` are trusted; `tls_name` is the name the gateway's own certificate carries
    where it is not the host's. `board` says what the account is known to do; it is read at each order
    (`T-60`). `suppressed` questions are not asked by the broker; those that protect money are refused.
    `memory` is a folder in which requests and penalties outlive this process. With `certificate_may_come` the
    file may be missing until a person accepts a certificate: until then nothing is trusted [F-17].
    `transport` stands in for the network. Raises `InvalidInput`.
    """
    url = _api_url(base_url)
    trust = pinned(ca_file, may_come=certificate_may_come)
    wire = Wire(url, trust, stopwatch, tls_name=tls_name, transport=transport)
    gate = Gate(
        wire,
        clock,
        stopwatch,
        recorder,
        account=account,
        suppressed=suppressible(suppressed),
        windows=Windows(memory / WINDOWS if memory else None),
        penalties=Penalties(memory / PENALTIES if memory else None),
    )
    shared = Shared()
    prices = Prices(clock, shared.last, shared.lines)
    stream = Stream(gate, gateway_line(url, trust, tls_name), stopwatch, shared.orders, prices)
    session = IbkrSession(gate, login_url=_origin(url) + "/")
    reads = reading_ports(gate, clock, account, shared)
    return _assembled(session, reads, gate, wire, stream, board or SwitchBoard(), shared, clock)


def _assembled(
    session: IbkrSession,
    reads: BrokerReads,
    gate: Gate,
    wire: Wire,
    stream: Stream,
    board: SwitchBoard,
    shared: Shared,
    clock: Clock,
) -> Broker:
    def reference(conid: int) -> Decimal | None:
        return shared.last.ask(conid, clock.now())

    return Broker(
        session=session,
        contracts=reads.contracts,
        market_data=reads.market_data,
        orders=IbkrOrders(gate, reference, board),
        order_tracking=reads.order_tracking,
        positions=reads.positions,
        portfolio=reads.portfolio,
        preview=IbkrPreview(gate),
        probe=IbkrProbe(gate, reference, stream, shared.orders),
        board=board,
        stream=stream,
        gate=gate,
        wire=wire,
    )


class Shared:
    """What the ports of one username know together."""

    def __init__(self) -> None:
        self.contracts = KnownContracts()
        self.last = LastQuotes()
        self.lines = Lines()
        self.orders = OrderBoard()


def reading_ports(
    reads: Reads, clock: Clock, account: str | None, shared: Shared | None = None
) -> BrokerReads:
    """The five reading ports over whatever serves reads."""
    known = shared or Shared()
    return BrokerReads(
        contracts=IbkrContracts(reads, clock, known.contracts, account),
        market_data=IbkrMarketData(reads, clock, known.contracts, known.last, known.lines),
        order_tracking=IbkrOrderTracking(reads, known.orders),
        positions=IbkrPositions(reads),
        portfolio=IbkrPortfolio(reads),
    )


def _api_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme != "https" or not parts.hostname:
        raise InvalidInput(
            f"{base_url!r} is no gateway address",
            where="broker_url",
            remedy="for example https://localhost:5000",
        )
    return base_url.rstrip("/") if parts.path.strip("/") else _origin(base_url) + "/v1/api"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
