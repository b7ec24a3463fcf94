"""A certificate to trust, and a desk over a gateway in memory."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.adapters.ibkr.gateway import Desk, desk


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate as a gateway has one; nothing in these tests serves it."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2049, 1, 1, tzinfo=UTC))
        .sign(secret, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "gateway.pem"
    file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def over(certificate: Path) -> Iterator[Desk]:
    """A desk whose waits move its clock at once."""
    with desk(certificate) as made:
        yield made
