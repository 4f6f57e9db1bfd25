"""What leaves the warehouse: the allow-listed public copy (assets/public.yml) and the pages made from it."""

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import yaml

from pipelines.config import Home
from pipelines.models import ASSETS
from pipelines.vietnamese import day, month, number
from pipelines.warehouse import one, publish, read_only

KPIS = (
    "workers_total",
    "members_total",
    "grassroots_total",
    "female_share",
    "aid_gifts_total",
    "aid_amount_total",
    "lodging_houses",
    "income_public",
)
UNITS_VI = {
    "people": "người",
    "members": "đoàn viên",
    "units": "đơn vị",
    "percent": "%",
    "gifts": "suất",
    "vnd": "đồng",
    "works": "công trình",
    "vnd_per_person_month": "đồng/người/tháng",
    "rooms": "gian",
    "m2": "m²",
}
STATES = {"on_time": "đúng hạn", "late": "trễ hạn", "missing": "chưa nộp", "not_due": "chưa đến hạn"}


def allowed_tables() -> dict[str, str]:
    """Public table → the SELECT of its allowed columns."""
    listed = yaml.safe_load((ASSETS / "public.yml").read_text("utf-8"))
    return {table: f"select {', '.join(entry['columns'])} from {entry.get('from', table)}" for table, entry in listed.items()}


def publish_tables(con: duckdb.DuckDBPyConnection, home: Home, now: datetime) -> str:
    """Swaps both snapshots; the working tables of this run stay out of them. Returns the generation."""
    for (table,) in con.execute("select table_name from duckdb_tables() where schema_name = 'typed'").fetchall():
        con.execute(f"delete from typed.{table}")
    con.execute("drop table if exists quality.failing")
    con.execute("create or replace table meta.refresh as select ?::timestamp as clock", [now])
    return publish(con, home, allowed_tables())


def publish_pages(home: Home) -> int:
    """Writes public/index.html and its script from the public copy; returns the page's size in bytes."""
    from jinja2 import Environment, FileSystemLoader
    from plotly.offline import get_plotlyjs

    con = read_only(home.published)
    try:
        page = (
            Environment(loader=FileSystemLoader(ASSETS / "templates"), autoescape=True, trim_blocks=True)
            .get_template("index.html.j2")
            .render(_context(con))
        )
    finally:
        con.close()
    script = home.public / "plotly.min.js"
    if not script.is_file() or script.stat().st_size != len(get_plotlyjs().encode()):
        _write(script, get_plotlyjs())
    _write(home.public / "index.html", page)
    return len(page.encode())


def latest_period(con: duckdb.DuckDBPyConnection) -> str | None:
    """The period a reader wants first: the longest half-year or quarter whose data reaches its cut-off, newest first."""
    row = one(
        con,
        """select period from core.period order by is_complete desc, cutoff_date desc,
        case when period like '%-H_' then 1 when period like '%-9M' then 2 when period like '%-Q_' then 3 when length(period) = 4 then 4 else 5 end limit 1""",
    )
    return row[0] if row else None


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    os.chmod(partial, 0o644)
    os.replace(partial, path)


def _context(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    period = latest_period(con)
    province = one(con, "select unit_code, name from core.unit where level = 'province' and valid_to is null")
    clock = one(con, "select clock from meta.refresh")[0]
    dates = one(con, "select cutoff_date, label_vi from core.period where period = ?", [period]) or (clock.date(), None)
    months = [p for (p,) in con.execute("select distinct period from marts.return_status order by 1 desc limit 12").fetchall()][
        ::-1
    ]
    matrix = _matrix(con, months)
    return {
        "province": province[1],
        "period_label": dates[1] or (month(period) if period else "chưa có số liệu"),
        "cutoff": day(dates[0]),
        "updated": day(clock),
        "invented": _is_invented(con, province[0]),
        "months": [{"label": month(m)} for m in months],
        "main_units": matrix[:12],
        "other_units": matrix[12:],
        **_returns(con),
        "tiles": _tiles(con, period, province[0]),
        "charts": _charts(con, period),
        **_attention(con),
        "reconciliation": _reconciliation(con),
    }


def _is_invented(con: duckdb.DuckDBPyConnection, province: str) -> bool:
    return "giả định" in (one(con, "select name from core.unit where unit_code = ? and valid_to is null", [province]) or ("",))[0]


def _matrix(con: duckdb.DuckDBPyConnection, months: list[str]) -> list[dict]:
    """Per unit one cell a month: the worst state of its forms; upper unions and the province first."""
    rows = con.execute("""
        select u.name, u.level, s.period, s.unit_code, max(case s.status when 'missing' then 3 when 'late' then 2 when 'on_time' then 1 else 0 end),
            max(s.received_at), sum(case when s.status = 'missing' then 1 else 0 end), sum(s.open_finding_count)
        from marts.return_status s
        join core.unit u on u.unit_code = s.unit_code and u.valid_to is null
        group by u.name, u.level, s.period, s.unit_code order by list_position(['province', 'upper'], u.level) nulls last, s.unit_code""").fetchall()
    units: dict[str, dict] = {}
    for name, _, period, code, worst, received, missing, findings in rows:
        if period not in months:
            continue
        status = ("not_due", "on_time", "late", "missing")[worst]
        title = f"nhận ngày {day(received)}" if received else "chưa nhận"
        title += f", còn thiếu {missing} mẫu" if missing else ""
        title += f", {findings} chỗ cần sửa" if findings else ""
        units.setdefault(code, {"name": name, "cells": [None] * len(months)})["cells"][months.index(period)] = {
            "status": status,
            "label": STATES[status] + (f" · {findings}" if findings else ""),
            "title": title,
        }
    return list(units.values())


def _returns(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    counts = dict(con.execute("select status, count(*) from marts.return_status group by status").fetchall())
    due = sum(n for s, n in counts.items() if s != "not_due")
    parts = (
        [
            f"{number(counts.get(s, 0))} {STATES[s]} ({number(100 * counts.get(s, 0) / due, 1)}%)"
            for s in ("on_time", "late", "missing")
        ]
        if due
        else []
    )
    came = counts.get("on_time", 0) + counts.get("late", 0)
    return {
        "rate": f"Trong {number(due)} báo cáo đến hạn: " + ", ".join(parts) + ". Số sau dấu chấm là số chỗ cần sửa."
        if due
        else "Chưa có báo cáo nào đến hạn.",
        "coverage": f"đã nhận {number(came)}/{number(due)} báo cáo đến hạn",
    }


def _tiles(con: duckdb.DuckDBPyConnection, period: str | None, province: str) -> list[dict]:
    rows = {
        r[0]: r[1:]
        for r in con.execute(
            """
        select m.metric_id, m.vi, m.unit, v.value, v.status, t.value
        from marts.metric_value v
        join reference.metric m on m.metric_id = v.metric_id
        left join (select metric_id, value from marts.metric_value where unit_code = $2
            and period = (select min(period) from core.period where length(period) = 7 and period = first_month and period > (select min(first_month) from core.period))
        ) t on t.metric_id = v.metric_id and m.unit in ('people', 'members', 'units')
        where v.period = $1 and v.unit_code = $2""",
            [period, province],
        ).fetchall()
    }
    tiles = []
    for metric_id in KPIS:
        if metric_id in rows:
            label, unit, value, status, start = rows[metric_id]
            shown = "ẩn (dưới 5 người)" if status == "suppressed" else number(value, 2 if unit == "percent" else 0)
            change = (
                f"{'+' if value >= start else '−'}{number(abs(value - start))} so với tháng đầu"
                if start is not None and value is not None and value != start
                else ""
            )
            tiles.append({"id": metric_id, "label": label, "value": shown, "unit": UNITS_VI.get(unit, unit), "change": change})
    return tiles


def _charts(con: duckdb.DuckDBPyConnection, period: str | None) -> list[dict]:
    from assets.charts import charts

    drawn = []
    for chart in charts().values():
        rows = _frame(con, chart.query, period)
        if rows.is_empty():
            continue
        html = chart.draw(rows).to_html(
            include_plotlyjs=False,
            full_html=False,
            div_id=f"plot-{chart.id}",
            config={
                "displaylogo": False,
                "responsive": True,
                "modeBarButtonsToRemove": ["lasso2d", "select2d", "zoom2d", "pan2d"],
                "locale": "vi",
            },
        )
        drawn.append(
            {
                "id": chart.id,
                "title": chart.title,
                "note": chart.note,
                "unit": chart.unit,
                "html": _Markup(html),
                "head": rows.columns,
                "rows": [[_cell(v) for v in row] for row in rows.iter_rows()],
            }
        )
    return drawn


def _frame(con: duckdb.DuckDBPyConnection, query: str, period: str | None) -> pl.DataFrame:
    result = con.execute(query, {"period": period} if "$period" in query else None)
    return pl.DataFrame(result.fetchall(), schema=[d[0] for d in result.description], orient="row", infer_schema_length=None)


class _Markup(str):
    """HTML that Plotly made and escaped itself."""

    def __html__(self) -> str:
        return self


def _cell(value: Any) -> dict[str, Any]:
    if isinstance(value, int | float):
        return {"text": number(value, 0 if float(value).is_integer() else 2), "number": True}
    return {"text": day(value) if isinstance(value, date) else value or "", "number": False}


def _attention(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    rows = con.execute("""
        select coalesce(u.name, f.file_name), f.period, count(*), min(f.message)
        from quality.finding f
        left join core.unit u on u.unit_code = f.unit_code and u.valid_to is null
        where f.state = 'open' and f.severity <> 'info' and f.caused_by is null
        group by all order by count(*) desc, 1, 2 limit 40""").fetchall()
    total, fixed = one(
        con,
        """select count(*) filter (where state = 'open' and severity <> 'info' and caused_by is null),
        count(*) filter (where state = 'fixed' and caused_by is null) from quality.finding""",
    )
    return {
        "attention": [{"unit": u, "period": month(p) if p else "", "count": n, "example": e} for u, p, n, e in rows],
        "attention_total": total,
        "fixed_total": fixed,
    }


def _reconciliation(con: duckdb.DuckDBPyConnection) -> list[dict]:
    rows = con.execute("""select m.vi, m.unit, r.published, r.value, r.explanation from marts.reconciliation r
        join reference.metric m on m.metric_id = r.metric_id order by all""").fetchall()
    return [
        {
            "label": vi,
            "published": number(p, 2 if unit == "percent" else 0),
            "value": number(v, 2 if unit == "percent" else 0),
            "explanation": e,
        }
        for vi, unit, p, v, e in rows
    ]
