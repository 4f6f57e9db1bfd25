"""Remembers that Ctrl-C was pressed, whatever Dagster, DuckDB or an import in C turn it into on its way up."""

import os
import signal
import sys
from typing import NoReturn

_heard = False
_ear = -1


def listen() -> None:
    """From now on `heard` tells; the bytes come from below Python's signal handlers, which libraries replace."""
    global _ear
    _ear, mouth = os.pipe()
    os.set_blocking(_ear, False)
    os.set_blocking(mouth, False)
    signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
    sys.unraisablehook = lambda raised: None if heard() else sys.__unraisablehook__(raised)


def heard() -> bool:
    """Whether Ctrl-C was pressed since `listen`."""
    global _heard
    if _ear >= 0 and not _heard:
        try:
            _heard = signal.SIGINT in os.read(_ear, 4096)
        except BlockingIOError:
            return False
    return _heard


def stop() -> NoReturn:
    """Ends the process as an interrupted one, at once: files of ours are safe at any instant."""
    deafen()
    sys.stdout.flush()
    print("Stopped.", file=sys.stderr, flush=True)
    os._exit(130)  # not by an exception: the interpreter may turn an interrupt it has seen into a death by signal


def deafen() -> None:
    """What is left is only leaving; an interrupt now would be a trace and no stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
