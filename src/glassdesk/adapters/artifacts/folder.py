"""Artifacts in a folder.

Plain files: obstore's folder renames without fsync [seen in its system calls], and an artifact must be on the
disk before the row that names it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from glassdesk.adapters.artifacts.names import checked, key_of, unknown
from glassdesk.kernel.canonical import sha256_hex
from glassdesk.kernel.errors import Unavailable
from glassdesk.workflow.lineage.ports import ArtifactStore


class FolderArtifacts(ArtifactStore):
    """One file for each artifact, written beside its place, synced, then renamed: whole or not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        sha256 = sha256_hex(data)
        place = self._folder / key_of(sha256)
        try:
            if not self._holds(place, data):
                place.parent.mkdir(parents=True, exist_ok=True)
                _write(place, data)
        except OSError as fault:
            problem = f"the artifact could not be stored: {fault.strerror}"
            raise Unavailable(problem, where=str(self._folder)) from fault
        return sha256

    @staticmethod
    def _holds(place: Path, data: bytes) -> bool:
        # damaged bytes are written anew: whoever stores them has the good ones
        return place.exists() and place.read_bytes() == data

    def get(self, sha256: str) -> bytes:
        place = self._folder / key_of(sha256)
        try:
            return checked(place.read_bytes(), sha256)
        except FileNotFoundError:
            raise unknown(sha256) from None
        except OSError as fault:
            problem = f"the artifact could not be read: {fault.strerror}"
            raise Unavailable(problem, where=str(self._folder)) from fault


def _write(place: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".new-", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    # the new name is part of the folder, and the folder's own name part of its parent
    for synced in (folder, folder.parent):
        handle = os.open(synced, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
