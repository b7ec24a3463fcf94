"""From a URL to the store it names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from glassdesk.adapters.artifacts.bucket import BucketArtifacts
from glassdesk.adapters.artifacts.folder import FolderArtifacts
from glassdesk.adapters.artifacts.memory import MemoryArtifacts
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.lineage.ports import ArtifactStore


def open_artifacts(url: str, *, endpoint: str = "", key: str = "", secret: str = "") -> ArtifactStore:
    """The store of `file:FOLDER`, `s3://BUCKET` (at `endpoint`, with `key` and `secret`) or `memory:`.

    Raises `InvalidInput` for anything else. Nothing is read or written yet.
    """
    scheme, _, rest = url.partition(":")
    if url == "memory:":
        return MemoryArtifacts()
    if scheme == "file" and rest.strip("/"):
        return FolderArtifacts(Path(unquote(rest.removeprefix("//"))))
    if scheme == "s3":
        if not endpoint:
            raise InvalidInput("a bucket needs an address", where="s3_endpoint", remedy="set s3_endpoint")
        return BucketArtifacts.open(url, endpoint=endpoint, key=key, secret=secret)
    remedy = "use file:FOLDER, s3://BUCKET or memory:"
    raise InvalidInput(f"{url!r} names no place for artifacts", where="artifacts_url", remedy=remedy)
