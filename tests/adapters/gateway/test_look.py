"""What stands at the gateway's address, told apart without telling it anything [F-17]."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from glassdesk.adapters.gateway import TlsGateway, fetch, keep, read
from glassdesk.adapters.ibkr.pin import own_names, pinned, verified_as
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.session.model import GatewayCondition
from tests.adapters.gateway.standin import free_port, listening


@pytest.fixture
def pin(tmp_path: Path) -> Path:
    return tmp_path / "gateway.pem"


def over(port: int, pin: Path) -> TlsGateway:
    return TlsGateway("localhost", port, pin, lambda: pinned(str(pin), may_come=True), None)


def test_a_closed_port_is_a_gateway_that_does_not_run(pin: Path) -> None:
    port = free_port()
    found = over(port, pin).look()
    assert found.condition is GatewayCondition.NOT_RUNNING
    assert found.address == f"localhost:{port}"


def test_a_program_without_tls_is_no_gateway(pin: Path) -> None:
    with listening(None) as port:
        assert over(port, pin).look().condition is GatewayCondition.NOT_A_GATEWAY


def test_a_port_that_says_nothing_is_silent(pin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassdesk.adapters.gateway.certificate.SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        assert over(mute.getsockname()[1], pin).look().condition is GatewayCondition.SILENT


def test_before_a_person_accepts_a_certificate_it_is_unknown_and_then_trusted(
    pin: Path, tmp_path: Path
) -> None:
    with listening(tmp_path / "one") as port:
        gateway = over(port, pin)
        unknown = gateway.look()
        keep(fetch("localhost", port), pin)
        trusted = gateway.look()
    assert unknown.condition is GatewayCondition.UNKNOWN_CERTIFICATE
    assert trusted.condition is GatewayCondition.TRUSTED
    assert trusted.accepted == (unknown.found,)
    assert len(unknown.found.split(":")) == 32


def test_another_certificate_than_the_accepted_one_is_shown_with_both_fingerprints(
    pin: Path, tmp_path: Path
) -> None:
    with listening(tmp_path / "one") as port:
        keep(fetch("localhost", port), pin)
    with listening(tmp_path / "two") as port:
        found = over(port, pin).look()
        shown = fetch("localhost", port).fingerprint
    assert found.condition is GatewayCondition.CHANGED_CERTIFICATE
    assert found.accepted == tuple(one.fingerprint for one in read(pin))
    assert found.found == shown
    assert found.found not in found.accepted


def test_the_accepted_certificate_is_refused_once_it_has_expired(pin: Path, tmp_path: Path) -> None:
    make(tmp_path / "old", name="localhost", until=datetime.now(tz=UTC) - timedelta(days=1))
    with listening(tmp_path / "old") as port:
        keep(fetch("localhost", port), pin)
        found = over(port, pin).look()
    assert found.condition is GatewayCondition.REFUSED_CERTIFICATE
    assert "expired" in found.detail


def test_what_is_kept_is_readable_by_the_owner_alone_and_the_same_again(pin: Path, tmp_path: Path) -> None:
    with listening(tmp_path / "one") as port:
        shown = fetch("localhost", port)
    keep(shown, pin)
    assert pin.stat().st_mode & 0o777 == 0o600
    assert [one.fingerprint for one in read(pin)] == [shown.fingerprint]
    assert "localhost" in shown.names


def test_a_file_without_a_certificate_is_named(pin: Path) -> None:
    assert read(pin) == ()
    pin.write_text("nothing")
    with pytest.raises(InvalidInput, match="holds no certificate"):
        read(pin)


def test_a_pin_follows_its_file_from_one_connection_to_the_next(pin: Path, tmp_path: Path) -> None:
    trust = pinned(str(pin), may_come=True)
    with listening(tmp_path / "one") as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            shake(trust, port)
        keep(fetch("localhost", port), pin)
        shake(trust, port)
        with listening(tmp_path / "two") as other:
            keep(fetch("localhost", other), pin)
            shake(trust, other)
        with pytest.raises(ssl.SSLCertVerificationError):
            shake(trust, port)
        pin.unlink()
        with pytest.raises(ssl.SSLCertVerificationError):
            shake(trust, port)


def test_a_gateway_whose_certificate_bears_another_name_is_known_by_the_certificate(
    pin: Path, tmp_path: Path
) -> None:
    make(tmp_path / "named", name="gateway.example", until=datetime.now(tz=UTC) + timedelta(days=1))
    with listening(tmp_path / "named") as port:
        keep(fetch("localhost", port), pin)
        assert own_names(pin) == ("gateway.example",)
        assert over(port, pin).look().condition is GatewayCondition.TRUSTED


def test_a_gateway_reached_by_its_number_is_known_by_the_name_in_its_certificate(
    pin: Path, tmp_path: Path
) -> None:
    make(tmp_path / "named", name="localhost", until=datetime.now(tz=UTC) + timedelta(days=1))
    with listening(tmp_path / "named") as port:
        keep(fetch("127.0.0.1", port), pin)
        gateway = TlsGateway("127.0.0.1", port, pin, lambda: pinned(str(pin)), None)
        assert gateway.look().condition is GatewayCondition.TRUSTED


@pytest.mark.parametrize(
    ("host", "names", "name"),
    [
        ("localhost", ("localhost", "127.0.0.1"), "localhost"),
        ("127.0.0.1", ("localhost", "127.0.0.1"), "127.0.0.1"),
        ("127.0.0.1", ("localhost",), "localhost"),
        ("a.example", ("*.example", "example"), "example"),
        ("a.example", ("*.example",), "a.example"),
        ("localhost", ("Interactive Brokers",), "localhost"),
        ("localhost", (), "localhost"),
    ],
)
def test_the_host_is_kept_where_the_certificate_carries_it_or_nothing_better(
    host: str, names: tuple[str, ...], name: str
) -> None:
    assert verified_as(host, names) == name


def shake(trust: ssl.SSLContext, port: int) -> None:
    with (
        socket.create_connection(("localhost", port), timeout=5) as plain,
        trust.wrap_socket(plain, server_hostname="localhost"),
    ):
        return


def make(home: Path, *, name: str, until: datetime) -> None:
    """A certificate and key where the stand-in looks for them."""
    home.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (home / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (home / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
