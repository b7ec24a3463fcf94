"""The inspection of a home's audit chain, and who makes it."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from glassdesk.adapters.artifacts.anchors import FileAnchors, MemoryAnchors
from glassdesk.composition.backups import Backups
from glassdesk.composition.beside import Beside
from glassdesk.composition.ground import Ground
from glassdesk.composition.keeping import ANCHORS
from glassdesk.desk import Desk
from glassdesk.kernel.canonical import digest
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.workflow.dealing.watchman import Watchman
from glassdesk.workflow.lineage.inspection import Inspection

LOOK_SECONDS = 20.0
"""How often it is asked whether a night has come."""

_log = logging.getLogger(__name__)


def inspection_of(ground: Ground) -> Inspection:
    """Over the database, the file of the home and the artifact store."""
    settings, stores = ground.settings, ground.stores
    url = urlsplit(settings.database_url)
    memory = url.scheme == "memory"
    return Inspection(
        stores.transactions,
        stores.audit,
        stores.inspections,
        MemoryAnchors() if memory else FileAnchors(settings.home / ANCHORS),
        ground.artifacts,
        ground.clock,
        # by host and name: a password in the address is no part of what a database is
        database=digest([url.scheme, url.hostname or "", url.path])[:16],
    )


class Watch:
    """The watchman of the process that deals, and its backups: first before a role starts, then beside the
    roles, a last time after them."""

    def __init__(self, ground: Ground, desk: Desk) -> None:
        self._watchman = Watchman(
            desk.inspection, desk.risk, desk.notifications, desk.transactions, ground.clock, ground.stopwatch
        )
        self._beside = Beside("watchman", self._watchman.look, seconds=LOOK_SECONDS)
        self._backups = Beside("backups", Backups(ground, desk).look, seconds=LOOK_SECONDS)
        self._backs_up = ground.settings.backup_folder is not None

    def start(self) -> None:
        """Returns when the chain was looked at. Raises `Unavailable`."""
        self._watchman.begin()
        self._beside.start()
        if self._backs_up:
            self._backups.start()

    def stop(self) -> None:
        """Anchor what has come; a database that has gone away stands in nobody's way."""
        self._beside.stop()
        if self._backs_up:
            self._backups.stop()
        try:
            self._watchman.end()
        except GlassdeskError as failure:
            _log.warning("the audit chain is not anchored: %s", failure)
