"""Reads new files, many of them in a process for each core. What a file holds is `intake`'s to say; recording it is not here.

Python-calamine and we both hold the interpreter lock, so threads read no faster than one.
"""

import os
import signal
from collections.abc import Generator
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait

from pipelines.config import Home, UserError
from pipelines.intake import Reading, read_file, write_lake
from pipelines.receiving import Receipt, archived
from pipelines.reference import Registry

MANY = 400  # files from which on processes are worth their start, half a second each
_AT_ONCE = 500  # files whose rows a process holds before they go into the lake


def read_all(home: Home, new: list[Receipt], registry: Registry) -> Generator[Reading]:
    """A reading of each file, in any order; those of processes have their rows in the lake already, and `rows` is empty."""
    count = len(os.sched_getaffinity(0))
    if len(new) < MANY or count < 2:
        yield from (read_file(archived(home, r), r, registry) for r in new)
        return
    context = get_context("spawn")
    processes, open_pipes = [], []
    try:
        for n in range(count):
            here, there = context.Pipe(duplex=False)
            processes.append(context.Process(target=_read_part, args=(there, home, new[n::count], registry), daemon=True))
            processes[-1].start()
            there.close()
            open_pipes.append(here)
        while open_pipes:
            for pipe in wait(open_pipes):
                part = _received(pipe)  # ty: ignore[invalid-argument-type]
                if not part:
                    open_pipes.remove(pipe)
                yield from part
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _received(pipe: Connection) -> list[Reading]:
    """The next readings of a process, none at its end; raises what stopped it."""
    try:
        part = pipe.recv()
    except EOFError as e:
        raise UserError("A process that reads files ended early (perhaps memory ran out); nothing is lost, refresh again.") from e
    if isinstance(part, Exception):
        raise part
    return part


def _read_part(pipe: Connection, home: Home, part: list[Receipt], registry: Registry) -> None:
    """What each process does with its files."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    try:
        for n in range(0, len(part), _AT_ONCE):
            readings = [read_file(archived(home, r), r, registry) for r in part[n : n + _AT_ONCE]]
            write_lake(home, readings)
            for reading in readings:
                reading.rows = {}
            pipe.send(readings)
        pipe.send([])
    except BrokenPipeError:
        return  # the parent is gone; what lies in the lake without a record is never read
    except Exception as e:  # raised again in the parent, whatever it is
        pipe.send(e)
