"""The programs that are killed: the product's dealer and worker as `glassdesk dealer` and `glassdesk worker`
open them, in processes forked from one that has imported everything already."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from glassdesk.dealer.opening import open_dealer
from glassdesk.settings import load
from glassdesk.worker.opening import open_worker

ROLES = {"dealer": open_dealer, "worker": open_worker}


def fork_role(role: str, home: Path, settings: Mapping[str, str]) -> tuple[int, int]:
    """A process of a home that begins when a byte is written to the pipe whose end is the second answer."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(reading)
        return child, writing
    try:
        os.close(writing)
        descriptor = os.open(home / f"{role}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.stdout = sys.stderr = os.fdopen(1, "w", buffering=1)
        traceable()
        os.read(reading, 1)
        run(role, home, settings)
    finally:
        os._exit(1)


def run(role: str, home: Path, settings: Mapping[str, str]) -> None:
    """The role, until somebody ends the process or it fails."""
    with ROLES[role](load(home, **settings)) as running:
        running.start()
        while running.failure is None:
            threading.Event().wait(0.1)


def traceable() -> None:
    """Where only parents may trace (Yama), the process itself has to allow it to others."""
    set_ptracer, anyone = 0x59616D61, 2**64 - 1
    ctypes.CDLL(None).prctl(set_ptracer, ctypes.c_ulong(anyone), 0, 0, 0)
