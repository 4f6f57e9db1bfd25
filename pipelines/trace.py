"""From a figure back to the rows behind it: the SQL, and file, sheet, row, bytes and contribution of each row."""

from pathlib import Path
from typing import Any

import duckdb

from pipelines.config import Home, UserError
from pipelines.figures import asked_for, values
from pipelines.measuring import rows_sql
from pipelines.metrics import Metric, metrics
from pipelines.models import models
from pipelines.warehouse import literal, owner_only, read_only

_FILE_OF = {"core.unit_month": "units.csv", "core.unit_event": "unit_events.csv"}  # facts that are reference files
_ROWS_OF = {
    "units.csv": "core.unit",
    "unit_events.csv": "core.unit_event",
    "targets.csv": "core.target",
}  # their lines, as tables


def trace(home: Home, metric_id: str, period: str, unit: str | None, workbook: Path | None = None) -> dict[str, Any]:
    """The contract's shape of `trace`. `workbook` also gets the rows themselves, for the operator: it holds personal data.

    Contributions add up to the value; of shares, ratios and percents of target to the numerator, of means to the mean
    before rounding. UserError for an unknown metric, unit or period, or a workbook that is no .xlsx.
    """
    if workbook and workbook.suffix.lower() != ".xlsx":
        raise UserError(f"{workbook.name}: a workbook's name ends in .xlsx.")
    metric = metrics().get(metric_id)
    if metric is None:
        raise UserError(f"No metric is called {metric_id}; see `congdoan metrics`.")
    con = read_only(home.private)
    try:
        code, period, _ = asked_for(con, unit, period)
        figure = values(con, period, code)[metric_id]
        sql = contributions(metric, period, code)
        rows = con.execute(sql).fetchall()
        if workbook:
            _write_rows(con, sql, metric, workbook)
    finally:
        con.close()
    names = ("file", "sha256", "sheet", "row", "contribution")
    return {
        "metric_id": metric_id, "period": period, "unit_code": code, "status": figure["status"],
        **{k: _number(figure[k]) for k in ("value", "numerator", "denominator")},
        "sql": sql.strip(), "rows": [dict(zip(names, (*r[:4], _number(r[4])), strict=True)) for r in rows],
    }  # fmt: skip


def contributions(metric: Metric, period: str, unit: str) -> str:
    """The SELECT of (file, sha256, sheet, row, contribution) behind one figure."""
    if metric.percent_of_target:
        return contributions(metrics()[metric.percent_of_target], period, unit)
    if metric.difference:
        more, less = (contributions(metrics()[m], period, unit) for m in metric.difference)
        return f"select file, sha256, sheet, row, contribution from ({more}) a\nunion all\nselect file, sha256, sheet, row, -contribution from ({less}) b"
    if metric.target_of:
        return _target_row(metric, period, unit)
    rows = rows_sql(metric, f"(select * from core.period where period = {literal(period)})")
    chosen = f"select r.*, {_contribution(metric)} as contribution from ({rows}) r where r.scope_code = {literal(unit)} and ({metric.predicate}){_choice(metric)}"
    kept = f"select * from ({chosen}) c where c.contribution is not null{_reached(metric, period, unit)}"
    if metric.source in _FILE_OF:
        file = literal(_FILE_OF[metric.source])
        return f"""
select 'reference/' || f.file_name as file, f.sha256, '' as sheet, k.line as row, k.contribution
from ({kept}) k
join reference.file f on f.file_name = {file}
order by k.line"""
    return f"""
select s.file_name as file, s.sha256, k.sheet, k.row, k.contribution
from ({kept}) k
join raw.submission s on s.submission_id = k.submission_id
order by s.file_name, k.sheet, k.row"""


def _contribution(metric: Metric) -> str:
    """What one row adds (DESIGN section 1, `trace`)."""
    match metric.aggregate:
        case "sum" | "ratio":
            return f"r.{metric.sum or metric.ratio}"
        case "mean":
            return f"cast(r.{metric.mean} as double) / count(r.{metric.mean}) over ()"
        case "least" | "greatest":
            return f"r.{metric.least or metric.greatest}"
        case "days_ahead":
            return f"days_from(r.{metric.days_ahead}, {metric.until})"
        case _:
            return "1"


def _choice(metric: Metric) -> str:
    """Which rows stand for the others: the first of each key, the deciding one."""
    address = "r.line" if metric.source in _FILE_OF else "r.period, r.submission_id, r.row"
    order = {
        "distinct": f"partition by r.{metric.distinct} order by {address}",
        "least": f"order by r.{metric.least} nulls last, {address}",
        "greatest": f"order by r.{metric.greatest} desc nulls last, {address}",
    }.get(
        metric.aggregate,
        f"partition by r.{metric.once_per} order by r.{metric.sum} desc nulls last, {address}" if metric.once_per else "",
    )
    if key := metric.distinct or metric.once_per:
        return f" and r.{key} is not null qualify row_number() over ({order}) = 1"
    return f" qualify row_number() over ({order}) = 1" if order else ""


def _reached(metric: Metric, period: str, unit: str) -> str:
    """Of a row on which a target was reached: the row whose place is the target."""
    if not metric.days_ahead:
        return ""
    return f""" qualify row_number() over (order by c.{metric.days_ahead}, c.submission_id, c.row) = (
        select max(target) from marts.metric_value where metric_id = {literal(metric.reaching or "")} and period = {literal(period)}
        and unit_code = {literal(unit)})"""


def _target_row(metric: Metric, period: str, unit: str) -> str:
    """The line of targets.csv that is held against the figure."""
    return f"""
select 'reference/' || f.file_name as file, f.sha256, '' as sheet, t.line as row, t.target as contribution
from core.target_in_force t
join reference.file f on f.file_name = 'targets.csv'
where t.metric_id = {literal(metric.made_of[0])} and t.period = {literal(period)} and t.unit_code = {literal(unit)}"""


def _write_rows(con: duckdb.DuckDBPyConnection, sql: str, metric: Metric, path: Path) -> None:
    """The rows with their cells, one sheet; text that looks like a formula stays text."""
    import polars as pl
    import xlsxwriter

    source = metrics()[metric.made_of[0]].source if metric.made_of else metric.source
    file = "targets.csv" if metric.target_of else _FILE_OF.get(source)
    if file:
        cells, of_rows = ", c.* exclude (line)", f"left join {_ROWS_OF[file]} c on c.line = t.row"
    else:
        hidden = {"row", "sheet", "submission_id", "row_key", "person_key"} & set(models()[source].shows)
        cells = f", c.* exclude ({', '.join(sorted(hidden))})"
        of_rows = f"""left join raw.submission s on s.sha256 = t.sha256 and s.sheet = t.sheet and s.file_name = t.file
        left join {source} c on c.submission_id = s.submission_id and c.row = t.row"""
    found = con.execute(f"select t.*{cells} from ({sql}) t {of_rows} order by t.file, t.sheet, t.row")
    frame = pl.DataFrame(found.fetchall(), schema=[d[0] for d in found.description or []], orient="row", infer_schema_length=None)
    with owner_only(), xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        frame.write_excel(book, metric.id[:31], autofit=True, freeze_panes=(1, 0))


def _number(value: float | None) -> int | float | None:
    return int(value) if value is not None and float(value).is_integer() else value
