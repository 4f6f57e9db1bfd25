"""The tables of one refresh: what each reads and which step makes it. Plain data; Dagster turns it into assets elsewhere."""

from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import duckdb

from pipelines import arrivals, findings, measuring, metrics, models, receiving, reconcile, sending, steps
from pipelines.checks import Checker
from pipelines.config import Home, Settings, UserError, open_home
from pipelines.forms import Form, forms
from pipelines.pages import publish_pages
from pipelines.publish import publish_tables
from pipelines.reference import Registry, checked_reference
from pipelines.rules import rules
from pipelines.warehouse import lock, open_build, owner_only, secret_key

# bookkeeping tables stand for the node that writes them
WRITTEN_BY = {
    "meta.month": "raw.submission",
    "meta.clock": "raw.submission",
    "meta.touched": "raw.submission",
    "raw.unit_name": "raw.submission",
    "quality.rule": "quality.finding",
}


@dataclass(frozen=True)
class Run:
    """What every step of one refresh works with; `say` hears where it is."""

    con: duckdb.DuckDBPyConnection
    home: Home
    registry: Registry
    now: datetime
    say: Callable[[str], None]
    settings: Settings

    @cached_property
    def checker(self) -> Checker:
        return Checker(self.con)


@contextmanager
def opened(settings: Settings, rebuild: str | None, say: Callable[[str], None]) -> Generator[Run]:
    """The one run of a home: one locked connection to its build file for as long as it lasts, whoever walks the nodes."""
    home = open_home(settings)
    registry = checked_reference(home.reference)
    with lock(home), owner_only(), closing(open_build(home, secret_key(home, settings.secret))) as con:
        run = Run(con, home, registry, settings.clock(), say, settings)
        steps.begin(con, home, registry, run.now, settings.deadline_day)
        steps.touch(con, registry, rebuild)
        yield run


@dataclass(frozen=True)
class Node:
    """One table (or page): its grain, what it reads, and the step that makes it and returns evidence."""

    table: str
    group: str
    kind: str
    grain: str
    reads: frozenset[str]
    make: Callable[[Run], dict[str, Any]]


def nodes() -> list[Node]:
    """Every node; `reads` name nodes only."""
    made = [*_intake(), *(n for f in forms().values() for n in _form(f)), *_models(), *_outcome()]
    return [Node(n.table, n.group, n.kind, n.grain, frozenset(map(written_by, n.reads)) - {n.table}, n.make) for n in made]


def written_by(table: str) -> str:
    """The node that writes a table; reference tables are loaded together."""
    return "reference.registry" if table.startswith("reference.") else WRITTEN_BY.get(table, table)


def _node(
    table: str, group: str, kind: str, grain: str, reads: set[str] | frozenset[str], make: Callable[[Run], dict[str, Any]]
) -> Node:
    return Node(table, group, kind, grain, frozenset(reads), make)


def _rows(count: int) -> dict[str, Any]:
    return {"dagster/row_count": count}


def _intake() -> list[Node]:
    return [
        _node("reference.registry", "reference", "csv", "Units, events, aliases, targets, periods, indicators: what a federation keeps itself.",
              set(), _reference),
        _node("archive.receipt", "inbox", "file", "One receipt per file that ever arrived; its bytes lie in the archive under their sha256.",
              set(), lambda run: {"files_received": len(receiving.receive(run.home, run.now))}),
        _node("raw.submission", "raw", "excel", "One row per sheet of every archived file: what it is, whose, for which month.",
              {"archive.receipt", "reference.registry"}, _read_new),
    ]  # fmt: skip


def _reference(run: Run) -> dict[str, Any]:
    steps.load_metrics(run.con, run.registry)
    steps.archive_reference(run.con, run.home, run.registry)
    return {name: len(rows) for name, rows in run.registry.rows.items()}


def _read_new(run: Run) -> dict[str, Any]:
    readings = arrivals.read_new(run.con, run.home, run.registry, lambda done, of: run.say(f"reading {done}/{of}"))
    steps.months(run.con, run.now)
    touched = [p for (p,) in run.con.execute("select period from meta.touched order by 1").fetchall()]
    return {"files_read": len(readings), "months_touched": ", ".join(touched) or "none"}


def _form(form: Form) -> list[Node]:
    name = form.form
    return [
        _node(f"raw.{name}", "raw", "parquet", f"{form.grain} As received: text with its address, in Parquet by month.",
              {"raw.submission"}, lambda run: {"rows_touched": steps.raw_view(run.con, run.home, name)}),
        _node(f"typed.{name}", "typed", "duckdb", f"{form.grain} Cells typed, rejected rows marked; only the touched months.",
              {f"raw.{name}", "core.accepted_return", "reference.registry"}, lambda run: _rows(steps.build_typed(run.con, name))),
    ]  # fmt: skip


def _models() -> list[Node]:
    return [
        _node(m.table, m.table.split(".")[0], "sql", m.grain, m.reads, lambda run, m=m: _rows(models.build(run.con, m)))
        for m in models.models().values()
    ]


def _outcome() -> list[Node]:
    typed = {f"typed.{name}" for name in forms()}
    guarded = {r.table for r in rules().values() if not r.machine}
    facts = {table for m in metrics.metrics().values() for table in (m.source, m.carried) if table} | {
        f"core.{t}" for t in ("period", "unit_scope", "unit_known", "form_start", "return_gap", "target_in_force")
    }
    facts |= {"reference.registry"}
    all_tables = set(models.models()) | {"marts.metric_value", "marts.reconciliation", "quality.finding", "core.control_total"}
    return [
        _node("core.control_total", "core", "sql", "One row per stated total of a return: what its «Tổng cộng» row says, what its rows give.",
              typed | {"core.accepted_return"}, lambda run: _rows(steps.build_control_totals(run.con))),
        _node("quality.finding", "quality", "duckdb", "One row per fault found in a return, through its whole life.",
              guarded, lambda run: dict(findings.merge(run.con, run.now))),
        _node("marts.metric_value", "metrics", "yaml", "One row per metric, unit and period, as declared in assets/metrics.",
              facts, lambda run: _rows(measuring.compute(run.con))),
        _node("marts.reconciliation", "metrics", "python", "One row per published figure that the rows do not give, with the reason.",
              {"marts.metric_value", "marts.metric_public", "core.aid", "core.period"}, lambda run: _rows(reconcile.reconcile(run.con))),
        _node("public.warehouse", "public", "duckdb", "Both snapshots, verified and swapped whole: the private one, and the tables that may leave.",
              all_tables, _publish_tables),
        _node("outbox.message", "outbox", "mail", "One message per officer and month that is due; sent where CONGDOAN_SEND is auto, else by `congdoan alerts --send`.",
              {"public.pages"}, _messages),
        _node("public.pages", "public", "plotly", "index.html and chat_luong.html, offline, from the public copy only.", {"public.warehouse"}, _publish_pages),
    ]  # fmt: skip


def _publish_tables(run: Run) -> dict[str, Any]:
    steps.remember_inputs(run.con, run.home, run.registry, run.now)
    return {"generation": publish_tables(run.con, run.home, run.now)}


def _publish_pages(run: Run) -> dict[str, Any]:
    size = publish_pages(run.home)
    steps.finish(run.con)
    return {"bytes": size}


def _messages(run: Run) -> dict[str, Any]:
    prepared = sending.prepare(run.con, run.home, run.settings)
    said = {"due": len(prepared), "held": sum(bool(p.held) for p in prepared)}
    if run.settings.send != "auto":
        return said
    try:
        became = [step.event for step in sending.send(prepared, run.home, run.settings)]
    except UserError as e:  # what is published stays so; the next refresh sends what is due
        return said | {"not_sent": str(e)}
    return said | {"sent": became.count("sent"), "refused": became.count("refused")}
