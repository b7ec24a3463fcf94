"""Trust in one certificate file, looked at for every new connection [F-17]."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from glassdesk.kernel.errors import InvalidInput


class FilePin(ssl.SSLContext):
    """Trusts the certificates that a file holds now and nothing else.

    A certificate that a person accepts counts from the next connection on, without a restart, and the one
    before no longer does. While there is no file, nothing is trusted.
    """

    def __new__(cls, file: str) -> FilePin:
        del file
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = Path(file)
        self._alpn: list[str] = []
        self._known: tuple[int, int, int] | None = None
        self._inner = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._names: tuple[str, ...] = ()

    def set_alpn_protocols(self, alpn_protocols: Any) -> None:
        self._alpn = list(alpn_protocols)
        self._inner.set_alpn_protocols(self._alpn)

    def wrap_socket(self, sock: Any, *args: Any, **more: Any) -> ssl.SSLSocket:
        more["server_hostname"] = self._present(more.get("server_hostname"))
        return self._inner.wrap_socket(sock, *args, **more)

    def wrap_bio(self, incoming: Any, outgoing: Any, *args: Any, **more: Any) -> ssl.SSLObject:
        more["server_hostname"] = self._present(more.get("server_hostname"))
        return self._inner.wrap_bio(incoming, outgoing, *args, **more)

    def _present(self, host: Any) -> Any:
        """Take up what the file holds now; the name under which its certificate is verified."""
        try:
            stat = self._file.stat()
            seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        except OSError:
            seen = None
        if seen != self._known:
            self._inner = self._read() if seen is not None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._names = own_names(self._file) if seen is not None else ()
            self._known = seen
            self._inner.set_alpn_protocols(self._alpn)
        return verified_as(host, self._names)

    def _read(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cafile=str(self._file))
        except (OSError, ssl.SSLError) as failure:
            raise ssl.SSLError(f"cannot read the accepted certificate {self._file}: {failure}") from failure
        return context


def verified_as(host: Any, names: tuple[str, ...]) -> Any:
    """The name a pinned certificate is verified under: the host where it carries that, else one of its own.

    A gateway is known by its certificate, not by the address it happens to listen at.
    """
    usable = [name for name in names if " " not in name and "*" not in name]
    return host if host in names or not usable else usable[0]


def own_names(file: Path) -> tuple[str, ...]:
    """Names and addresses in a file's only certificate; none where it holds several: then the host has to
    match."""
    # Imported here: only a process that speaks to a broker needs it.
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    held = x509.load_pem_x509_certificates(file.read_bytes())
    if len(held) != 1:
        return ()
    try:
        stated = held[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        common = held[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return tuple(str(one.value) for one in common)
    addresses = stated.get_values_for_type(x509.IPAddress)
    return (*stated.get_values_for_type(x509.DNSName), *map(str, addresses))


def pinned(ca_file: str, *, may_come: bool = False) -> ssl.SSLContext:
    """A context that trusts the certificates of `ca_file` and nothing else [F-17]; with `may_come` the file
    may be missing until a person accepts a certificate. Raises `InvalidInput`."""
    file = Path(ca_file)
    if may_come and not file.exists():
        return FilePin(ca_file)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=ca_file)
    except (OSError, ssl.SSLError) as failure:
        raise InvalidInput(
            f"cannot read the gateway's certificate {ca_file!r}: {failure}",
            where="ca_file",
            remedy="give the PEM file of the gateway's own certificate",
        ) from failure
    return FilePin(ca_file)
