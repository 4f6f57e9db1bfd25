"""The published pages, made from the public copy alone: what people look at. Which tables are public is said elsewhere."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.config import Home
from pipelines.models import ASSETS
from pipelines.vietnamese import day, month, number
from pipelines.warehouse import one, read_only

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
    "vnd_per_month": "đồng/tháng",
    "projects": "dự án",
    "initiatives": "sáng kiến",
    "models": "mô hình",
    "enterprises": "doanh nghiệp",
    "collectives": "tập thể",
    "individuals": "cá nhân",
    "events": "giải",
    "participations": "lượt",
    "agreements": "bản ký kết",
    "loans": "lượt vay",
    "days": "ngày",
}
STATES = {
    "on_time": ("✓", "đúng hạn"),
    "late": ("!", "trễ hạn"),
    "missing": ("✗", "chưa nộp"),
    "not_due": ("–", "chưa đến hạn"),
}
MONTHS_SHOWN = 12
HEAD_UNITS = 10  # senders with open findings shown at once; the rest opens with a click


def publish_pages(home: Home) -> int:
    """Writes public/index.html and its script from the public copy; returns the page's size in bytes."""
    from jinja2 import Environment, FileSystemLoader
    from plotly.offline import get_plotlyjs

    con = read_only(home.published)
    try:
        page = (
            Environment(loader=FileSystemLoader(ASSETS / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
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
    code, name = one(con, "select unit_code, name from core.unit where level = 'province' and valid_to is null")
    clock = one(con, "select clock from meta.refresh")[0]
    cutoff, label = one(con, "select cutoff_date, label_vi from core.period where period = ?", [period]) or (None, None)
    return {
        "province": name,
        "period_label": label or (month(period) if period else "chưa có số liệu"),
        "cutoff": day(cutoff) if cutoff else "",
        "updated": day(clock),
        "invented": "giả định" in name,
        "states": STATES,
        **_returns(con),
        "tiles": _tiles(con, period, code),
        "missing": _missing(con),
        **_attention(con),
        "reconciliation": _reconciliation(con),
        "topics": _topics(con, period),
    }


# ---- which returns came


def _returns(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    on_time = _on_time_by_month(con)
    months = list(on_time)[-MONTHS_SHOWN:]
    counts = dict(con.execute("select status, count(*) from marts.return_status group by status").fetchall())
    due = sum(n for s, n in counts.items() if s != "not_due")
    came = counts.get("on_time", 0) + counts.get("late", 0)
    parts = ", ".join(
        f"{number(counts.get(s, 0))} {STATES[s][1]} ({_percent(counts.get(s, 0), due)})" for s in ("on_time", "late", "missing")
    )
    return {
        "months": [{"label": month(m), "on_time": on_time[m]} for m in months],
        "rate": f"Trong {number(due)} báo cáo đến hạn: {parts}." if due else "Chưa có báo cáo nào đến hạn.",
        "coverage": f"đã nhận {number(came)}/{number(due)} báo cáo đến hạn",
        **_matrix(con, months),
    }


def _percent(part: int, whole: int) -> str:
    return f"{number(100 * part / whole, 1)}%" if whole else ""


def _on_time_by_month(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    found = con.execute("""select period, count(*) filter (where status = 'on_time'), count(*) filter (where status <> 'not_due')
        from marts.return_status group by period order by period""").fetchall()
    return {period: _percent(on_time, due) for period, on_time, due in found}


def _matrix(con: duckdb.DuckDBPyConnection, months: list[str]) -> dict[str, list[dict]]:
    """Per unit one cell a month: the worst state of its forms; the province and upper unions apart from the rest."""
    rows = con.execute(
        """
        select u.name, u.level in ('province', 'upper'), s.unit_code, s.period,
            max(case s.status when 'missing' then 3 when 'late' then 2 when 'on_time' then 1 else 0 end),
            max(s.received_at), count(*) filter (where s.status = 'missing'), cast(sum(s.open_finding_count) as bigint)
        from marts.return_status s
        join core.unit u on u.unit_code = s.unit_code and u.valid_to is null
        where list_contains($1, s.period)
        group by u.name, u.level, s.unit_code, s.period order by list_position(['province', 'upper'], u.level) nulls last, s.unit_code""",
        [months],
    ).fetchall()
    main: dict[str, dict] = {}
    others: dict[str, dict] = {}
    for name, is_main, code, period, worst, received, missing, findings in rows:
        unit = (main if is_main else others).setdefault(code, {"name": name, "cells": [None] * len(months)})
        status = ("not_due", "on_time", "late", "missing")[worst]
        unit["cells"][months.index(period)] = {
            "status": status,
            "sign": STATES[status][0],
            "label": STATES[status][1],
            "findings": number(findings) if findings else "",
            "title": (f"nhận ngày {day(received)}" if received else "chưa nhận")
            + (f", còn thiếu {missing} mẫu" if missing else ""),
        }
    return {"main_units": list(main.values()), "other_units": list(others.values())}


# ---- figures


def _tiles(con: duckdb.DuckDBPyConnection, period: str | None, province: str) -> list[dict]:
    """The headline figures, each with its change since the same period last year, else since the period's first month."""
    found = con.execute(
        """
        select m.metric_id, m.vi, m.unit, v.value, v.status, y.value, s.value, p.first_month
        from marts.metric_value v
        join reference.metric m on m.metric_id = v.metric_id
        join core.period p on p.period = v.period
        left join marts.metric_value y on (y.metric_id, y.unit_code, y.structure, y.period) = (v.metric_id, v.unit_code, v.structure, p.last_year_period)
            and y.status = 'complete'
        left join marts.metric_value s on (s.metric_id, s.unit_code, s.structure, s.period) = (v.metric_id, v.unit_code, v.structure, p.first_month)
            and m.unit in ('people', 'members', 'units') and p.first_month <> p.last_month
        where v.period = $1 and v.unit_code = $2 and v.structure = 'then'""",
        [period, province],
    ).fetchall()
    rows = {r[0]: r[1:] for r in found}
    tiles = []
    for metric_id in KPIS:
        if metric_id in rows:
            label, unit, value, status, last_year, start, since = rows[metric_id]
            moved = change(value, last_year, unit, "so với cùng kỳ") or change(value, start, unit, f"từ {month(since)}")
            tiles.append({"id": metric_id, "label": label, "change": moved, **_figure(value, unit, status)})
    return tiles


def change(value: float | None, before: float | None, unit: str, since: str) -> str:
    """«+260 từ 01/2023»: people and things as they are, money in percent, shares in points; empty when nothing changed."""
    if value is None or before is None or value == before:
        return ""
    if unit == "percent":
        return f"{_signed(value - before, 2)} điểm {since}"
    if unit.startswith("vnd"):
        return f"{_signed(100 * (value - before) / before, 1)}% {since}" if before else ""
    return f"{_signed(value - before)} {since}"


def _figure(value: float | None, unit: str, status: str) -> dict[str, str]:
    if value is None:
        return {"value": "ẩn" if status == "suppressed" else "chưa có", "unit": "dưới 5 người" if status == "suppressed" else ""}
    whole = [] if status != "incomplete" else ["(chưa đủ báo cáo)"]
    if unit == "percent":
        return {"value": number(value, 2) + "%", "unit": " ".join(whole)}
    return {"value": number(value), "unit": " ".join([UNITS_VI[unit], *whole])}


def _signed(value: float, decimals: int = 0) -> str:
    return f"{'+' if value > 0 else '−'}{number(abs(value), decimals)}"


def _reconciliation(con: duckdb.DuckDBPyConnection) -> list[dict]:
    from pipelines.metrics import metrics

    rows = con.execute("""select r.metric_id, m.vi, m.unit, r.published, r.value, r.explanation from marts.reconciliation r
        join reference.metric m on m.metric_id = r.metric_id order by all""").fetchall()
    order = {metric_id: i for i, metric_id in enumerate(metrics())}
    return [
        {"label": vi, "published": _with_unit(p, unit), "value": _with_unit(v, unit), "explanation": e}
        for _, vi, unit, p, v, e in sorted(rows, key=lambda r: order.get(r[0], len(order)))
    ]


def _with_unit(value: float | None, unit: str) -> str:
    shown = _figure(value, unit, "")
    return f"{shown['value']} {shown['unit']}".strip()


# ---- what somebody should look at


def _missing(con: duckdb.DuckDBPyConnection) -> list[dict]:
    """Senders whose returns are overdue, and for which months."""
    rows = con.execute("""
        select u.name, list(distinct s.period order by s.period), count(*)
        from marts.return_status s join core.unit u on u.unit_code = s.unit_code and u.valid_to is null
        where s.status = 'missing' group by u.name, s.unit_code order by count(*) desc, s.unit_code""").fetchall()
    return [{"unit": u, "periods": ", ".join(map(month, p)), "count": number(n)} for u, p, n in rows]


def _attention(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    rows = con.execute("""
        select coalesce(u.name, f.file_name), list(distinct f.period order by f.period) filter (where f.period is not null), count(*),
            count(*) filter (where f.severity = 'critical'), arg_min(f.message, (f.severity <> 'critical', f.message))
        from quality.finding f
        left join core.unit u on u.unit_code = f.unit_code and u.valid_to is null
        where f.state = 'open' and f.severity <> 'info' and f.caused_by is null
        group by all order by 3 desc, 4 desc, 1""").fetchall()
    fixed = one(con, "select count(*) from quality.finding where state = 'fixed' and caused_by is null")[0]
    critical = sum(r[3] for r in rows)
    units = [{"unit": u, "periods": ", ".join(map(month, p or [])), "count": number(n), "example": e} for u, p, n, _, e in rows]
    return {
        "attention": units[:HEAD_UNITS],
        "attention_more": units[HEAD_UNITS:],
        "attention_total": number(sum(r[2] for r in rows)),
        "attention_critical": number(critical) if critical else "",
        "fixed_total": number(fixed) if fixed else "",
    }


# ---- charts


def _topics(con: duckdb.DuckDBPyConnection, period: str | None) -> list[dict]:
    """Headings with their charts; a chart without rows is left out, and so is an empty heading."""
    from assets.charts import TOPICS, charts

    drawn: dict[str, list[dict]] = {topic: [] for topic in TOPICS}
    for chart in charts().values():
        rows = _frame(con, chart.query, period)
        if not rows.is_empty():
            drawn[chart.topic].append(
                {
                    "id": chart.id,
                    "title": chart.title,
                    "note": chart.note,
                    "unit": chart.unit,
                    "spec": _for_script(chart.draw(rows).to_plotly_json()),
                    "head": [{"text": h, "number": rows.schema[h].is_numeric()} for h in rows.columns],
                    "rows": [[_cell(v) for v in row] for row in rows.iter_rows()],
                }
            )
    return [{"id": topic, "title": TOPICS[topic], "charts": found} for topic, found in drawn.items() if found]


def _frame(con: duckdb.DuckDBPyConnection, query: str, period: str | None) -> pl.DataFrame:
    result = con.execute(query, {"period": period} if "$period" in query else None)
    return pl.DataFrame(result.fetchall(), schema=[d[0] for d in result.description], orient="row", infer_schema_length=None)


def _for_script(figure: dict[str, Any]) -> str:
    """A figure as JSON in which no text, a unit's name say, can end the script element."""
    return json.dumps(figure, ensure_ascii=False).translate({ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


def _cell(value: Any) -> dict[str, Any]:
    if isinstance(value, int | float):
        return {"text": number(value, 0 if float(value).is_integer() else 2), "number": True}
    return {"text": day(value) if isinstance(value, date) else value or "", "number": False}
