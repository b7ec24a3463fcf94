"""What keeps a home alive over versions and accidents: migrations, backups, and homes made of them."""

from __future__ import annotations

import tarfile
import tempfile
import zlib
from pathlib import Path
from urllib.parse import unquote

from glassdesk.adapters.artifacts.names import checked
from glassdesk.adapters.database import upgrade
from glassdesk.adapters.database.backup import backup, check_copy
from glassdesk.kernel.errors import InvalidInput
from glassdesk.settings import Settings

DATABASE = "glassdesk.sqlite"
ANCHORS = "audit.anchors"
"""The file of a home that holds the anchors."""
SMALL_FILES = ("deployment", "settings.toml", ANCHORS)
"""Files of a home without which its identities could not be computed again; secrets are not among them."""


def upgrade_database(settings: Settings) -> None:
    """Bring the database to this program's schema. Raises `Unavailable` or `InvalidInput`."""
    upgrade(settings.database_url)


def backup_home(settings: Settings, target: Path) -> list[str]:
    """Write database, artifacts and deployment name of a home into one `.tar.gz`, and unpack it once to see
    that it is whole; answers what is inside. Raises `InvalidInput` or `Unavailable`."""
    inside = _write(settings, target)
    with tempfile.TemporaryDirectory(prefix="glassdesk-") as folder:
        _unpack(target, Path(folder))
    return inside


def restore_home(archive: Path, home: Path) -> int:
    """Make the new home `home` of a backup, once everything in it has been looked at; answers how many
    artifacts it has. Raises `InvalidInput` where something is there, or for what is no whole backup;
    `IntegrityViolation` where an artifact is not what its name says."""
    if home.exists():
        raise InvalidInput(f"{home} is there already", where="--home", remedy="name a folder that is not")
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".glassdesk-") as folder:
        made = Path(folder) / "home"
        made.mkdir(mode=0o700)
        artifacts = _unpack(archive, made)
        made.rename(home)
    return artifacts


def _unpack(archive: Path, folder: Path) -> int:
    try:
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, EOFError, zlib.error) as torn:
        raise InvalidInput(f"it cannot be unpacked: {torn}", where=archive.name) from torn
    for name in (DATABASE, "deployment"):
        if not (folder / name).is_file():
            raise InvalidInput(f"{name} is not in it", where=archive.name, remedy="name a whole backup")
    check_copy(folder / DATABASE)
    artifacts = [file for file in (folder / "artifacts").rglob("*") if file.is_file()]
    for file in artifacts:
        checked(file.read_bytes(), file.name)
    return len(artifacts)


def _write(settings: Settings, target: Path) -> list[str]:
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
