"""Artifacts in a bucket: MinIO or anything else that speaks S3."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from glassdesk.adapters.artifacts.names import checked, key_of, unknown
from glassdesk.kernel.canonical import sha256_hex
from glassdesk.kernel.errors import InvalidInput, Unavailable
from glassdesk.workflow.lineage.ports import ArtifactStore


class BucketArtifacts(ArtifactStore):
    """One object for each artifact. Putting it again writes the same bytes under the same name: harmless."""

    def __init__(self, bucket: Any) -> None:
        self._bucket = bucket

    @classmethod
    def open(
        cls, url: str, *, endpoint: str, key: str, secret: str, region: str = "us-east-1", seconds: float = 10
    ) -> BucketArtifacts:
        """The bucket named by `s3://NAME` at `endpoint`. Raises `InvalidInput` for another URL."""
        # only a desk that keeps its artifacts in a bucket pays for the client
        from obstore.store import S3Store

        scheme, _, name = url.partition("://")
        if scheme != "s3" or not name or "/" in name.rstrip("/"):
            raise InvalidInput(f"{url!r} names no bucket", where="artifacts_url", remedy="use s3://BUCKET")
        limit = timedelta(seconds=seconds)
        return cls(
            S3Store(
                name.rstrip("/"),
                endpoint=endpoint,
                access_key_id=key,
                secret_access_key=secret,
                region=region,
                virtual_hosted_style_request=False,
                # a store on the desk's own network may speak plain HTTP; https:// stays what it is
                client_options={"allow_http": endpoint.startswith("http://"), "timeout": limit},
                retry_config={"max_retries": 3, "retry_timeout": limit},
            )
        )

    def put(self, data: bytes) -> str:
        sha256 = sha256_hex(data)
        try:
            self._bucket.put(key_of(sha256), data)
        except Exception as fault:
            raise _unavailable("stored", fault) from fault
        return sha256

    def get(self, sha256: str) -> bytes:
        key = key_of(sha256)
        try:
            found = bytes(self._bucket.get(key).bytes())
        except FileNotFoundError as fault:
            # a bucket that is gone says nothing about what was in it
            raise (_unavailable("read", fault) if "NoSuchBucket" in str(fault) else unknown(sha256)) from None
        except Exception as fault:
            raise _unavailable("read", fault) from fault
        return checked(found, sha256)


def _unavailable(done: str, fault: Exception) -> Unavailable:
    # the client's own words name the object and the answer; they hold no secret
    told = str(fault).splitlines()[0][:200] if str(fault) else type(fault).__name__
    return Unavailable(f"the artifact could not be {done}: {told}", where="artifacts_url")
