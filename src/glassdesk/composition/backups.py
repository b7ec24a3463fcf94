"""A backup of each day, made and restored once while the desk works."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from glassdesk.composition.ground import Ground
from glassdesk.composition.keeping import backup_home
from glassdesk.desk import Desk
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.workflow.notifications.model import Severity

ENDING = ".tar.gz"


class Backups:
    """One file a day in the folder of the settings; the newest stay, and a day without one is an alarm."""

    def __init__(self, ground: Ground, desk: Desk) -> None:
        self._settings = ground.settings
        self._clock = ground.clock
        self._desk = desk
        self._tried: date | None = None

    def look(self) -> Path | None:
        """Make the day's, where it is not there and was not tried; answers the new file."""
        folder, day = self._settings.backup_folder, self._clock.now().date()
        if folder is None or day == self._tried:
            return None
        self._tried = day
        target = folder / f"{self._begins}{day.isoformat()}{ENDING}"
        if target.exists():
            return None
        try:
            return self._made(folder, target)
        except (GlassdeskError, OSError) as failure:
            self._tell(day, failure)
            return None

    @property
    def _begins(self) -> str:
        return f"glassdesk-{self._settings.deployment[:8]}-"

    def _made(self, folder: Path, target: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = target.with_name(f"{target.name}.part")
        try:
            backup_home(self._settings, unfinished)
            unfinished.rename(target)
        finally:
            unfinished.unlink(missing_ok=True)
        kept = sorted(folder.glob(f"{self._begins}*{ENDING}"))
        for old in kept[: -self._settings.backup_keep]:
            old.unlink()
        return target

    def _tell(self, day: date, failure: Exception) -> None:
        with self._desk.transactions.begin() as t:
            self._desk.notifications.tell(
                t,
                f"backup:failed:{day.isoformat()}",
                Severity.ALARM,
                "There is no backup of today",
                f"{failure}. Make one with `glassdesk db backup`, and look at backup_folder",
                "home",
            )
