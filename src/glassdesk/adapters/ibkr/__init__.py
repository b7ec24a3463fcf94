"""The Client Portal Web API: one module per step word, all traffic through one gate (`design.md` §4)."""

from glassdesk.adapters.ibkr.broker import Broker, BrokerReads, connect
from glassdesk.adapters.ibkr.calls import Call, CallRecorder

__all__ = ["Broker", "BrokerReads", "Call", "CallRecorder", "connect"]
