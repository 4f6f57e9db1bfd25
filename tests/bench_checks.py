"""A program, not a test: `python tests/bench_checks.py [ROWS]` prints what the checks of a table cost against the same counts in raw SQL.

One month of members and one of gifts are multiplied to so many rows; then every rule on each table is counted by Great Expectations, as
a refresh does, and by bare statements: one SELECT with all predicates on rows, one for each rule that is a query. Both run in turn, and
the median of five pairs counts, by the clock. One row in a thousand is bad, and that its key is kept is part of neither.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from federation import MAY, gift, make_federation, member, sheet

from pipelines import findings, steps
from pipelines.checks import Checker
from pipelines.config import Home
from pipelines.gx import Validator
from pipelines.rules import Rule, rules
from pipelines.warehouse import one, open_build

PAIRS = 5


def bare(con: duckdb.DuckDBPyConnection, table: str, of_table: list[Rule]) -> dict[str, int]:
    """Rule id → number of bad rows."""
    on_rows = [r for r in of_table if r.fails_when]
    counts = ", ".join(f"count(case when is_current and ({r.fails_when}) then 1 end)" for r in on_rows)
    found = dict(zip([r.id for r in on_rows], one(con, f"select {counts} from {table}"), strict=True))
    return found | {r.id: one(con, f"select count(*) from ({r.bad_rows})")[0] for r in of_table if r.sql}


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = make_federation(Path(folder) / "home")
        home.send("a.xlsx", sheet("members", "MM-A", [member("MM-A-01", n, sex="?" if n == 7 else "Nữ") for n in range(1000)]))
        home.send("b.xlsx", sheet("aid", "MM-A", [gift("MM-A-01", n, given_by="?" if n == 7 else "Cơ sở") for n in range(1000)]))
        home.refresh()
        con = open_build(Home(home.root), "key")
        con.execute("insert into meta.touched values (?)", [MAY])
        findings.start(con)
        for form in ("members", "aid"):
            steps.raw_view(con, home.home, form)
            steps.build_typed(con, form)
            con.execute(f"""create or replace table typed.{form} as
                select t.* replace (row_key || '-' || n as row_key, row + 1000 * n as row) from typed.{form} t, range({count // 1000}) r(n)""")
            compare(con, f"typed.{form}")
        con.close()


def compare(con: duckdb.DuckDBPyConnection, table: str) -> None:
    of_table = [r for r in rules().values() if r.table == table]
    first, *others = [Validator(con) for _ in range(PAIRS + 1)]  # one serves a whole refresh; it takes a table once
    assert first.failing_counts(table, of_table) == bare(con, table, of_table)
    pairs = [
        (seconds(lambda: bare(con, table, of_table)), seconds(lambda v=v: v.failing_counts(table, of_table))) for v in others
    ]
    kept = seconds(lambda: Checker(con).run(table, of_table))
    rows = one(con, f"select count(*) from {table}")[0]
    found = one(con, "select count(*) from quality.failing")[0]
    print(f"{table}, {rows:,} rows, {len(of_table)} rules: raw SQL {statistics.median(r for r, _ in pairs):.2f} s, Great Expectations "
          f"{statistics.median(g for _, g in pairs):.2f} s, ratio {statistics.median(g / r for r, g in pairs):.2f}; "
          f"with {found:,} failing keys written in all {kept:.2f} s")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
