"""`db`: migrations, backups, and homes made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from glassdesk.cli.here import OWNER, Here, command, step
from glassdesk.cli.show import done, working
from glassdesk.composition import open_desk
from glassdesk.composition.keeping import DATABASE, backup_home, restore_home, upgrade_database
from glassdesk.kernel.errors import InvalidInput
from glassdesk.settings import load
from glassdesk.workflow.risk.halt import RESTORED
from glassdesk.workflow.risk.model import HaltLevel

app = step("The database: upgrade, backup, restore.")


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


@command(app)
def restore(
    here: Here, file: Annotated[Path, typer.Argument(help="What `db backup` or the desk itself wrote.")]
) -> None:
    """A new home (--home) of a backup. It stands at HALT until a person has compared it with the broker."""
    with working("looking at everything in it"):
        artifacts = restore_home(file, here.home)
        settings = load(here.home)
        if settings.database_url != f"sqlite:///{here.home / DATABASE}":
            raise InvalidInput(
                "the settings name another database", where="GLASSDESK_DATABASE_URL", remedy="take it out"
            )
        upgrade_database(settings)
        with open_desk(settings) as desk, desk.transactions.begin() as t:
            if desk.risk.halt(t).level < HaltLevel.HALT:
                desk.risk.set_halt(t, HaltLevel.HALT, f"{RESTORED}{file.name}", OWNER)
    say = (
        f"{here.home} with {artifacts} artifacts stands at HALT: start it, compare it with the broker, resume"
    )
    done(here, say, {"home": str(here.home), "artifacts": artifacts, "level": HaltLevel.HALT.name})
