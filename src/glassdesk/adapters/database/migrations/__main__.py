"""Write the whole present schema as SQL, once for each database: what a new first revision is made of."""

from __future__ import annotations

import sys
from pathlib import Path

# every table registers itself when its module is imported
from glassdesk.adapters.database import stores as stores
from glassdesk.adapters.database.schema import DIALECTS, statements


def write(folder: Path, name: str) -> None:
    """`<name>.sqlite.sql` and `<name>.postgresql.sql` in `folder`."""
    for dialect in DIALECTS:
        script = "\n;\n".join(statements(dialect)) + "\n;\n"
        folder.joinpath(f"{name}.{dialect}.sql").write_text(script, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2])
