"""The Client Portal Gateway as a neighbour: its certificate, its folder, its process."""

from glassdesk.adapters.gateway.certificate import Certificate, fetch, keep, read
from glassdesk.adapters.gateway.folder import GatewayFolder, open_folder
from glassdesk.adapters.gateway.look import TlsGateway
from glassdesk.adapters.gateway.process import Supervisor, read_state

__all__ = [
    "Certificate",
    "GatewayFolder",
    "Supervisor",
    "TlsGateway",
    "fetch",
    "keep",
    "open_folder",
    "read",
    "read_state",
]
