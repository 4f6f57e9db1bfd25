"""Reads new files, many of them with every core. What a file holds is `intake`'s to say; recording it is not here.

Python-calamine and we both hold the interpreter lock, so threads read no faster than one; a process for each further core does, and
takes the next files whenever it is free, as this one does: it reads while they start.
"""

import os
import signal
from collections.abc import Generator, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any

from pipelines.config import Home, UserError
from pipelines.intake import Reading, read_file
from pipelines.lake import write_lake
from pipelines.receiving import Receipt, archived
from pipelines.reference import Registry

MANY = 400  # files from which on processes are worth their start, half a second each
TURN = 40  # files taken at a time
_AT_ONCE = 500  # files whose rows a process holds before they go into the lake


def read_all(home: Home, new: list[Receipt], registry: Registry) -> Generator[Reading]:
    """A reading of each file, in any order; those of many have their rows in the lake already, and `rows` is empty."""
    count = len(os.sched_getaffinity(0))
    if len(new) < MANY or count < 2:
        yield from (read_file(archived(home, r), r, registry) for r in new)
        return
    context = get_context("spawn")
    turn = context.Value("i", 0)
    processes, open_pipes = [], []
    try:
        for _ in range(count - 1):
            here, there = context.Pipe(duplex=False)
            processes.append(context.Process(target=_read_part, args=(there, turn, home, new, registry), daemon=True))
            processes[-1].start()
            there.close()
            open_pipes.append(here)
        for part in _read_turns(turn, home, new, registry):
            yield from part
            yield from _received(open_pipes, timeout=0)
        while open_pipes:
            yield from _received(open_pipes, timeout=None)
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _read_turns(turn: Any, home: Home, new: list[Receipt], registry: Registry) -> Iterator[list[Reading]]:
    """The readings of every turn taken here, in parts, their rows in the lake; empty ones while a part is not full."""
    held: list[Reading] = []
    while taken := _take(turn, new):
        held += [read_file(archived(home, r), r, registry) for r in taken]
        full, held = (held, []) if len(held) >= _AT_ONCE else ([], held)
        yield _settle(home, full)
    yield _settle(home, held)


def _take(turn: Any, new: list[Receipt]) -> list[Receipt]:
    """The next files that nobody reads yet."""
    with turn.get_lock():
        first, turn.value = turn.value, turn.value + TURN
    return new[first : first + TURN]


def _settle(home: Home, readings: list[Reading]) -> list[Reading]:
    """Puts their rows into the lake."""
    write_lake(home, readings)
    for reading in readings:
        reading.rows = {}
    return readings


def _received(open_pipes: list[Connection], timeout: float | None) -> Iterator[Reading]:
    """What processes have sent by now; those at their end are no longer asked. Raises what stopped one."""
    ready = wait(open_pipes, timeout)
    for pipe in [p for p in open_pipes if p in ready]:
        try:
            part = pipe.recv()
        except EOFError as e:
            raise UserError(
                "A process that reads files ended early (perhaps memory ran out); nothing is lost, refresh again."
            ) from e
        if isinstance(part, Exception):
            raise part
        if part is None:
            open_pipes.remove(pipe)
        yield from part or ()


def _read_part(pipe: Connection, turn: Any, home: Home, new: list[Receipt], registry: Registry) -> None:
    """What each process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    try:
        for part in _read_turns(turn, home, new, registry):
            if part:
                pipe.send(part)
        pipe.send(None)
    except BrokenPipeError:
        return  # the parent is gone; what lies in the lake without a record is never read
    except Exception as e:  # raised again in the parent, whatever it is
        pipe.send(e)
