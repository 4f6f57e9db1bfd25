"""Makes the whole province: reference files, every workbook of both waves and the answer sheet; the inbox is the caller's."""

from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from pipelines.province import history
from pipelines.province.activity import make_activity
from pipelines.province.aid import make_aid
from pipelines.province.errors import PlantedError, plant
from pipelines.province.initiatives import make_initiatives
from pipelines.province.reference import write_reference
from pipelines.province.registry import Unit, make_units
from pipelines.province.returns import MONTHS, OPENING, Return, Wave, first_returns, write
from pipelines.province.workers import make_workers

_PROCESSES = 2


@dataclass(frozen=True)
class Delivery:
    """One file of the made-up province on its way into the inbox."""

    received_at: datetime  # simulated, local time of Asia/Ho_Chi_Minh
    path: Path  # in the staging folder
    inbox_path: str
    wave: Wave


def make_province(
    staging: Path, reference: Path, seed: int = 714, with_history: bool = False
) -> tuple[list[Delivery], list[PlantedError]]:
    """Write the province below these two folders; what arrives when, and which errors are in it."""
    units = make_units(seed)
    if with_history:
        write_reference(reference, units, history.targets(make_workers(units, seed), units), history.PERIODS)
    else:
        write_reference(reference, units)
    returns, planted = plan_province(units, seed, with_history)
    _write_all(staging, returns)
    deliveries = [Delivery(r.received_at, staging / r.inbox_path, r.inbox_path, r.wave) for r in returns]
    return sorted(deliveries, key=lambda d: (d.received_at, d.inbox_path)), planted


def plan_province(units: list[Unit], seed: int, with_history: bool = False) -> tuple[list[Return], list[PlantedError]]:
    """Every return of both waves with its rows, not yet written, and the answer sheet."""
    workers = make_workers(units, seed)
    opening, gifts = (history.OPENING, history.GIFTS) if with_history else (OPENING, ())
    contents = {
        "workers": history.with_the_year_before(workers, units, seed) if with_history else workers,
        "initiatives": make_initiatives(units, seed),
        "aid": make_aid(units, seed, opening, gifts),
        "activity": make_activity(units, seed),
    }
    periods = (opening, *(history.MONTHS if with_history else ()), *MONTHS)
    return plant(first_returns(units, contents, seed, periods), seed)


def _write_all(staging: Path, returns: list[Return]) -> None:
    """A sender's workbooks go to one process, since they share their people; the largest senders go first."""
    by_sender: dict[str, list[Return]] = defaultdict(list)
    for r in returns:
        by_sender[r.sheets[0].sender.code].append(r)
    batches = sorted(by_sender.values(), key=lambda b: -sum(len(s.people) + len(s.rows) for r in b for s in r.sheets))
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        list(pool.map(partial(write, staging), batches))
