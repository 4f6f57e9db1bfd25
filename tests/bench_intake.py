"""A program, not a test: `python tests/bench_intake.py [COUNT]` prints what intake costs against bare python-calamine, as a ratio.

Both read the same small workbooks in the same run, in turn, and the median of five pairs counts: with all cores by the clock (against
bare reading in a loop, with threads, and with a process for each core as we do), and with one by processor time, which a busy machine
does not stretch. Bare reading opens a workbook and takes the cells of its sheets;
intake besides looks into it for hidden rows, makes text of cells, tells form, sender, month and kind of row, and writes the lake.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from federation import MAY, Federation, gift, make_federation, member, sheet
from python_calamine import CalamineWorkbook

from pipelines import intake, lake, readers
from pipelines.blank import write_return
from pipelines.receiving import receive
from pipelines.reference import read_reference

ROWS, PAIRS = 30, 5


def make(federation: Federation, count: int) -> None:
    """Half lists of members, half lines of support, one unit each."""
    for n in range(count):
        unit = ("MM-A-01", "MM-B-01")[n % 2]
        row, form = (member, "members") if n % 4 < 2 else (gift, "aid")
        path = federation.home.inbox / MAY / f"{n:05}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_return(path, [sheet(form, unit, [row(unit, n * ROWS + i) for i in range(ROWS)])])


def bare(path: Path) -> list:
    book = CalamineWorkbook.from_path(str(path))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def count_cells(path: Path) -> int:
    """Bare reading in a process; the cells stay there."""
    return sum(len(row) for sheet in bare(path) for row in sheet)


def seconds(work: Callable[[], object], clock: Callable[[], float]) -> float:
    start = clock()
    work()
    return clock() - start


def compare(name: str, clock: Callable[[], float], floor: Callable[[], object], ours: Callable[[], object]) -> None:
    pairs = [(seconds(floor, clock), seconds(ours, clock)) for _ in range(PAIRS + 1)][1:]
    print(f"{name}: bare {statistics.median(f for f, _ in pairs):.2f} s, intake {statistics.median(o for _, o in pairs):.2f} s, "
          f"ratio {statistics.median(o / f for f, o in pairs):.2f}")  # fmt: skip


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        federation = make_federation(Path(folder) / "home")
        make(federation, count)
        received = receive(federation.home, federation.now)
        paths = [federation.home.archive / r.sha256[:2] / f"{r.sha256}.xlsx" for r in received]
        registry = read_reference(federation.home.reference)

        def loop() -> None:
            for path in paths:
                bare(path)

        def threads() -> None:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(bare, paths))

        def processes() -> None:
            with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
                list(pool.map(count_cells, paths, chunksize=100))

        def ours() -> None:
            lake.write_lake(federation.home, list(readers.read_all(federation.home, received, registry)))

        def ours_alone() -> None:
            readings = [intake.read_file(path, r, registry) for path, r in zip(paths, received, strict=True)]
            lake.write_lake(federation.home, readings)

        print(f"{count} workbooks of {ROWS} rows")
        compare(f"{os.cpu_count()} cores, bare in a loop on one", time.perf_counter, loop, ours)
        compare(f"{os.cpu_count()} cores, bare with threads", time.perf_counter, threads, ours)
        compare(f"{os.cpu_count()} cores, bare with processes", time.perf_counter, processes, ours)
        compare("one core", time.process_time, loop, ours_alone)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
