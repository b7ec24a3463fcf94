"""Artifacts that end with the process."""

from __future__ import annotations

from glassdesk.adapters.artifacts.names import checked, key_of, unknown
from glassdesk.kernel.canonical import sha256_hex
from glassdesk.workflow.lineage.ports import ArtifactStore


class MemoryArtifacts(ArtifactStore):
    """A dictionary from names to bytes, checked as any other store."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        sha256 = sha256_hex(data)
        self._held[key_of(sha256)] = bytes(data)
        return sha256

    def get(self, sha256: str) -> bytes:
        held = self._held.get(key_of(sha256))
        if held is None:
            raise unknown(sha256)
        return checked(held, sha256)
