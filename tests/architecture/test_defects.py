"""What the predecessor of this desk did wrong wherever it opened a connection or a store (X-12)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from glassdesk.adapters.llm import model_for
from glassdesk.settings import SCHEMES
from tests.architecture.source import ROOT

OFF = {"verify", "check_hostname", "verify_ssl", "verify_mode", "ssl_verify", "allow_invalid_certificates"}
OPEN = ("public-read", "ACL=", "put_bucket_policy", "skip_signature")


def switched_off() -> Iterator[str]:
    """Places that switch a certificate's check off, whatever the library calls it."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if not any(
            word in text for word in ("verify", "CERT_NONE", "check_hostname", "unverified", "invalid_cert")
        ):
            continue
        for node in ast.walk(ast.parse(text)):
            value = getattr(node, "value", None)
            names = {
                getattr(node, "arg", None),
                *(getattr(t, "attr", None) for t in getattr(node, "targets", ())),
            }
            if names & OFF and isinstance(value, ast.Constant) and not value.value:
                yield f"{path.name}:{value.lineno}"
            if getattr(node, "attr", None) in ("CERT_NONE", "_create_unverified_context"):
                yield f"{path.name}:{getattr(node, 'lineno', 0)}"


def test_X_12_certificates_are_always_checked_buckets_never_public_and_every_provider_is_there() -> None:
    assert list(switched_off()) == []
    artifacts = "".join(path.read_text() for path in (ROOT / "src/glassdesk/adapters/artifacts").glob("*.py"))
    assert [word for word in OPEN if word in artifacts] == []
    for scheme in SCHEMES["model_url"] - {"rules", "recorded", "memory"}:
        model = model_for(f"{scheme}:http://127.0.0.1:9/v1?model=m", "k")
        assert model.engine == scheme
        assert callable(model.ask)
