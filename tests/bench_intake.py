"""A program, not a test: `python tests/bench_intake.py [COUNT]` prints what intake costs against bare python-calamine, as a ratio.

Both read the same small workbooks with all cores in the same run, in turn; the median of five pairs counts.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from federation import MAY, Federation, gift, make_federation, member, sheet
from python_calamine import CalamineWorkbook

from pipelines import intake
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


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        federation = make_federation(Path(folder) / "home")
        make(federation, count)
        received = receive(federation.home, federation.now)
        paths = [federation.home.archive / r.sha256[:2] / f"{r.sha256}.xlsx" for r in received]
        registry = read_reference(federation.home.reference)

        def floor() -> None:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(bare, paths))

        def ours() -> None:
            intake.write_lake(federation.home, list(intake.read_all(federation.home, received, registry)))

        pairs = [(seconds(floor), seconds(ours)) for _ in range(PAIRS + 1)][1:]
        print(f"{count} workbooks of {ROWS} rows, {os.cpu_count()} cores: bare {statistics.median(f for f, _ in pairs):.2f} s, "
              f"intake {statistics.median(o for _, o in pairs):.2f} s, ratio {statistics.median(o / f for f, o in pairs):.2f}")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
