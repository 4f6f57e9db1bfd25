"""What one refresh does, step by step, on an open connection; Dagster only names and orders these functions."""

import hashlib
import io
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines import accepting, findings, receiving, totals
from pipelines.config import Home
from pipelines.forms import FORM_OF, forms
from pipelines.metrics import metrics, refuse_unsound, undefined
from pipelines.models import ASSETS, models
from pipelines.reference import Registry
from pipelines.reference_rows import FILES
from pipelines.rules import EXPECTATIONS
from pipelines.typing_sql import typed_select
from pipelines.vietnamese import fold
from pipelines.warehouse import exists, incoming, literal, one

RAW_TABLES = """
create table if not exists raw.submission (
    submission_id varchar primary key, sha256 varchar, file_name varchar, sheet varchar, form varchar, unit_code varchar, period varchar,
    received_at timestamp, modified_at timestamp, intake_status varchar, rows_read integer, rows_data integer, rows_control integer,
    rows_ignored integer, is_nil boolean, default_unit_code varchar, missing_columns varchar, stated_periods varchar, lake_part varchar);
create table if not exists raw.unit_name (submission_id varchar, name varchar, row_count integer);
create table if not exists raw.issue (submission_id varchar, check_id varchar, row integer, column_name varchar, detail varchar);
create table if not exists meta.touched (period varchar primary key);
create table if not exists meta.running (clock timestamp);
create table if not exists meta.state (name varchar primary key, value varchar);
"""


def state(con: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """One remembered fact of the build file."""
    row = one(con, "select value from meta.state where name = ?", [name])
    return row[0] if row else None


def remember(con: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    """Keeps one fact in the build file."""
    con.execute("insert or replace into meta.state values (?, ?)", [name, value])


@cache
def code_digest() -> str:
    """Changes when a form, model, rule, metric or function changes; then everything derived is rebuilt."""
    digest = hashlib.sha256()
    for root in (ASSETS, EXPECTATIONS, Path(__file__).parent):
        for path in sorted(root.rglob("*")):
            if path.suffix in (".sql", ".yml", ".py") and path.parent.name not in ("province", "charts"):
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def begin(con: duckdb.DuckDBPyConnection, home: Home, registry: Registry, now: datetime, deadline_day: int) -> None:
    """Clock, reference tables and accepted findings, and what is kept from run to run where it is not there yet."""
    con.execute(RAW_TABLES)
    con.execute(
        "create or replace table meta.clock as select ?::timestamp as now, ?::integer as deadline_day", [now, deadline_day]
    )
    load_reference(con, registry)
    accepting.load(con, home)
    findings.start(con)
    con.execute("create or replace table meta.running as select ?::timestamp as clock", [now])


def touch(con: duckdb.DuckDBPyConnection, registry: Registry, rebuild: str | None = None) -> None:
    """The months that reference, code or `rebuild` touch besides new returns; of other code no table stays."""
    if state(con, "code") != code_digest():
        for table in (*models(), "core.control_total", "marts.metric_value", "meta.measured"):
            con.execute(f"drop table if exists {table}")
    if rebuild:
        con.execute("insert or ignore into meta.touched values (?)", [rebuild])
    if state(con, "reference") != registry.digest or state(con, "code") != code_digest():
        con.execute(
            "insert or ignore into meta.touched select distinct period from raw.submission where intake_status = 'accepted'"
        )


def load_reference(con: duckdb.DuckDBPyConnection, registry: Registry) -> None:
    """One table per reference file, and the declarations that SQL joins with."""
    for name, model in FILES.items():
        schema = {f: _polars_type(i.annotation) for f, i in model.model_fields.items()} | {"line": pl.Int32}
        frame = pl.DataFrame([r.model_dump() | {"line": r._line} for r in registry.rows[name]], schema=schema, orient="row")
        _replace(con, f"reference.{name}", frame)
    names = {fold(code): code for code in registry.parents} | registry.called
    _replace(con, "reference.unit_name", pl.DataFrame({"name_key": list(names), "unit_code": list(names.values())}))
    _replace(
        con, "reference.form", pl.DataFrame([{"form": f.form, "label": f.label, "holds": f.holds} for f in forms().values()])
    )
    _replace(
        con, "reference.form_due", pl.DataFrame([{"form": f.form, "level": lv} for f in forms().values() for lv in f.due_from])
    )


def load_metrics(con: duckdb.DuckDBPyConnection, registry: Registry) -> None:
    """reference.metric: the declared figures, and whether this federation keeps what they are made of."""
    refuse_unsound()
    kept = {r.period for r in registry.rows["periods"]}, {r.indicator_id for r in registry.rows["indicators"]}
    declared = [
        {
            "metric_id": m.id,
            "section": m.section,
            "unit": m.unit,
            "vi": m.vi,
            "en": m.en,
            "is_personal": m.personal,
            "partition_name": m.partition,
            "is_ratio_of_people": m.share is not None,
            "is_flow": m.is_flow,
            "form": FORM_OF.get(m.source),
            "time": "to_date" if m.difference else m.time,
            "counts_from_start": m.time in ("flow", "opening"),
            "is_defined": not undefined(m, *kept),
        }
        for m in metrics().values()
    ]
    _replace(con, "reference.metric", pl.DataFrame(declared))


def archive_reference(con: duckdb.DuckDBPyConnection, home: Home, registry: Registry) -> None:
    """Keeps the bytes of the reference files like those of returns, so that a figure made of them has an address too."""
    kept = {f"{name}.csv": receiving.archive(home, io.BytesIO(content), ".csv") for name, content in registry.files.items()}
    _replace(con, "reference.file", pl.DataFrame({"file_name": list(kept), "sha256": list(kept.values())}))


def _polars_type(annotation: Any) -> Any:
    text = str(annotation)
    return (
        pl.Date
        if annotation is date or "datetime.date" in text
        else pl.Float64
        if annotation is float or "float" in text
        else pl.String
    )


def _replace(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    with incoming(con, frame):
        con.execute(f"create or replace table {table} as select * from incoming")


def months(con: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """meta.month: every month from January of the first return's year to the one before the clock, without gaps."""
    first, last = one(con, "select min(period), max(period) from raw.submission where intake_status = 'accepted'")
    earlier = state(con, "first_month")
    if earlier and first and earlier != first:  # what an opening return may look back on has changed
        con.execute("insert or ignore into meta.touched values (?)", [earlier])
    remember(con, "first_month", first or "")
    found = []
    if first:
        last = max(last, f"{now.year - (now.month == 1)}-{(now.month - 2) % 12 + 1:02d}")
        year, month = int(first[:4]), 1
        while (at := f"{year}-{month:02d}") <= last:
            found.append(at)
            year, month = year + month // 12, month % 12 + 1
    _replace(con, "meta.month", pl.DataFrame({"period": pl.Series(found, dtype=pl.String)}))


def raw_view(con: duckdb.DuckDBPyConnection, home: Home, form: str) -> int:
    """raw.<form>: every row of every accepted sheet of a form, as text; returns how many the touched months hold."""
    parts = [
        p
        for (p,) in con.execute(
            "select distinct lake_part from raw.submission where form = ? and lake_part is not null order by 1", [form]
        ).fetchall()
    ]
    if parts:
        files = ", ".join(literal(str(home.root.resolve() / p)) for p in parts)
        con.execute(
            f"create or replace view raw.{form} as select * from read_parquet([{files}], hive_partitioning = true, "
            "hive_types = {'period': varchar}, union_by_name = true)"
        )
    else:
        columns = [
            "submission_id varchar",
            "row integer",
            "row_kind varchar",
            "line varchar",
            "as_received varchar",
            *(f"{c.name} varchar" for c in forms()[form].columns),
            "period varchar",
        ]
        con.execute(
            f"create or replace view raw.{form} as select * from (select {', '.join('null::' + c.split()[1] + ' as ' + c.split()[0] for c in columns)}) where false"
        )
    return one(con, f"select count(*) from raw.{form} where period in (select period from meta.touched)")[0]


def build_control_totals(con: duckdb.DuckDBPyConnection) -> int:
    """core.control_total for the touched months; returns its number of rows."""
    if not exists(con, "core.control_total"):
        con.execute(f"create table core.control_total as {totals.control_totals()}")
        con.execute(
            "comment on table core.control_total is 'One row per stated total of a return: what its «Tổng cộng» row says, what its rows give.'"
        )
    else:
        con.execute("delete from core.control_total where period in (select period from meta.touched)")
        con.execute(f"insert into core.control_total by name {totals.control_totals()}")
    totals.blame(con)
    totals.explain(con)
    return one(con, "select count(*) from core.control_total")[0]


def build_typed(con: duckdb.DuckDBPyConnection, form: str) -> int:
    """typed.<form>: the touched months of a form, typed; returns its number of rows."""
    con.execute(f"create or replace table typed.{form} as {typed_select(forms()[form])}")
    return one(con, f"select count(*) from typed.{form}")[0]


def remember_inputs(con: duckdb.DuckDBPyConnection, home: Home, registry: Registry, now: datetime) -> None:
    """What the tables are made of, kept in the snapshot too; months still touched outlive a crash before it is published."""
    remember(con, "reference", registry.digest)
    remember(con, "code", code_digest())
    remember(con, "root", str(home.root.resolve()))
    remember(con, "clock", now.isoformat())
    remember(con, "accepted", str(len(accepting.acceptances(home))))


def finish(con: duckdb.DuckDBPyConnection) -> None:
    """Marks the run's work as published: nothing is touched any more, and no run is under way."""
    con.execute("delete from meta.touched")
    con.execute("delete from meta.running")
