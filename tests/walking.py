"""One refresh without Dagster: the same nodes and the same checks by Great Expectations, in the same order, in half the time.

That both give the same tables is proved in test_walking.py; what Dagster adds (records, sensor, schedule) is tested on it.
"""

from collections.abc import Callable
from functools import cache
from graphlib import TopologicalSorter

from pipelines import findings
from pipelines.config import Home, Settings, UserError
from pipelines.graph import Node, Run, nodes, opened, written_by
from pipelines.models import tables_read
from pipelines.rules import Rule, rules


def walk(home: Home, settings: Settings, on_step: Callable[[str], None], period: str | None) -> None:
    """Makes every node after what it reads and checks it before what reads it; raises UserError as a refresh does."""
    made = {n.table: n for n in nodes()}
    with opened(settings, period, on_step) as run:
        for kind, table in order():
            try:
                broken = _check(run, table) if kind == "check" else _make(run, made[table])
            except UserError:
                raise
            except Exception as error:
                raise UserError(f"The refresh broke at {table} ({type(error).__name__}); nothing was published.") from error
            if broken:
                raise UserError(
                    f"The refresh stopped before publishing, because our own rules failed: {', '.join(r.id for r in broken)}."
                )


@cache
def order() -> list[tuple[str, str]]:
    """(make or check, table), each after all it needs."""
    made = {n.table: n for n in nodes()}
    needs: dict[tuple[str, str], set[tuple[str, str]]] = {}
    checked = {r.table for r in rules().values()}
    for table, node in made.items():
        needs[("make", table)] = {("make", r) for r in node.reads & made.keys()} | {("check", r) for r in node.reads & checked}
    for table in checked:
        read = {written_by(t) for r in _of(table) for t in tables_read(r.bad_rows)}
        needs[("check", table)] = {("make", t) for t in read | {written_by(table)} if t in made}
    return list(TopologicalSorter(needs).static_order())


def _make(run: Run, node: Node) -> list[Rule]:
    node.make(run)
    return []


def _check(run: Run, table: str) -> list[Rule]:
    counts = run.checker.run(table, _of(table))
    findings.keep(run.con, counts, run.now)
    return [r for r, count in counts.items() if count and r.machine]


def _of(table: str) -> list[Rule]:
    return [r for r in rules().values() if r.table == table]
