"""`db`: migrations and backups."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glassdesk.cli.here import Here, command, step
from glassdesk.cli.show import done, working
from glassdesk.composition.keeping import backup_home, upgrade_database
from glassdesk.kernel.errors import InvalidInput
from glassdesk.settings import load

app = step("The database: upgrade, backup.")


@command(app)
def upgrade(here: Here) -> None:
    """Bring the database to this program's schema; an empty one is made ready. Stop the desk before."""
    settings = load(here.home)
    with working("migrating"):
        upgrade_database(settings)
    done(here, f"{here.home}: the database is ready", {"home": str(here.home), "ready": True})


@command(app)
def backup(
    here: Here, output: Annotated[Path, typer.Option("--output", "-o", help="A file that ends with .tar.gz.")]
) -> None:
    """Database, artifacts and the deployment's name in one file; the desk may run meanwhile."""
    if not output.name.endswith(".tar.gz"):
        raise InvalidInput(
            f"{output.name} is no archive's name", where="--output", remedy="end it with .tar.gz"
        )
    if not output.absolute().parent.is_dir():
        raise InvalidInput(
            f"there is no folder {output.absolute().parent}", where="--output", remedy="make it first"
        )
    with working("copying"):
        inside = backup_home(here.settings(), output)
    told = {"file": str(output), "files": len(inside), "bytes": output.stat().st_size}
    done(here, f"{len(inside)} files, {told['bytes']} bytes in {output}", told)
