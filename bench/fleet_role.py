"""One role of the bench's fleet: `python -m bench.fleet_role dealer|worker HOME`."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from bench.fleet_time import real_time
from glassdesk.dealer.opening import open_dealer
from glassdesk.settings import load
from glassdesk.worker.opening import open_worker

OPENERS = {"dealer": open_dealer, "worker": open_worker}


def main(role: str, home: str) -> int:
    """Until told to end."""
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    with real_time(), OPENERS[role](load(Path(home))) as running:
        running.start()
        print(f"{role} ready", flush=True)
        while running.failure is None and not told.wait(0.2):
            pass
    return 0 if running.failure is None else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
