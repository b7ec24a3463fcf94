"""What keeps a home alive over versions and accidents: migrations and backups."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path
from urllib.parse import unquote

from glassdesk.adapters.database import upgrade
from glassdesk.adapters.database.backup import backup
from glassdesk.composition.inspecting import ANCHORS
from glassdesk.settings import Settings

DATABASE = "glassdesk.sqlite"
SMALL_FILES = ("deployment", "settings.toml", ANCHORS)
"""Files of a home without which its identities could not be computed again; secrets are not among them."""


def upgrade_database(settings: Settings) -> None:
    """Bring the database to this program's schema. Raises `Unavailable` or `InvalidInput`."""
    upgrade(settings.database_url)


def backup_home(settings: Settings, target: Path) -> list[str]:
    """Write database, artifacts and deployment name of a home into one `.tar.gz`; answers what is inside."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(target, "w:gz") as archive:
        copy = Path(folder) / DATABASE
        backup(settings.database_url, copy)
        archive.add(copy, DATABASE)
        for source, name in _files(settings):
            archive.add(source, name)
        return archive.getnames()


def _files(settings: Settings) -> list[tuple[Path, str]]:
    small = [(settings.home / name, name) for name in SMALL_FILES]
    scheme, _, rest = settings.artifacts_url.partition(":")
    kept = [(Path(unquote(rest.removeprefix("//"))), "artifacts")] if scheme == "file" else []
    return [(source, name) for source, name in small + kept if source.exists()]
