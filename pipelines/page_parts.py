"""What published pages share: their head, the matrix of returns, charts with their tables."""

import json
from datetime import date
from typing import Any

import duckdb
import polars as pl

from pipelines.vietnamese import day, month, number
from pipelines.warehouse import one

STATES = {
    "on_time": ("✓", "đúng hạn"),
    "late": ("!", "trễ hạn"),
    "missing": ("✗", "chưa nộp"),
    "not_due": ("–", "chưa đến hạn"),
}


DUE = ("on_time", "late", "missing")
MONTHS_SHOWN = 12


def head(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Whose page it is, of which period, and when it was made."""
    period = latest_period(con)
    code, name = one(con, "select unit_code, name from core.unit where level = 'province' and valid_to is null")
    cutoff, label = one(con, "select cutoff_date, label_vi from core.period where period = ?", [period]) or (None, None)
    return {
        "province": name,
        "province_code": code,
        "period": period,
        "period_label": label or (month(period) if period else "chưa có số liệu"),
        "cutoff": day(cutoff) if cutoff else "",
        "updated": day(one(con, "select clock from meta.refresh")[0]),
        "invented": "giả định" in name,
    }


def latest_period(con: duckdb.DuckDBPyConnection) -> str | None:
    """The period a reader wants first: the longest half-year or quarter whose data reaches its cut-off, newest first."""
    row = one(
        con,
        """select period from core.period order by is_complete desc, cutoff_date desc,
        case when period like '%-H_' then 1 when period like '%-9M' then 2 when period like '%-Q_' then 3 when length(period) = 4 then 4 else 5 end limit 1""",
    )
    return row[0] if row else None


# ---- which returns came


def returns(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Which returns came: in a sentence, and of the last months by unit, with the share of each state."""
    counts = dict(
        con.execute("select period, histogram(status) from marts.return_status group by period order by period").fetchall()
    )
    months = list(counts)[-MONTHS_SHOWN:]
    whole = {s: sum(of_month.get(s, 0) for of_month in counts.values()) for s in DUE}
    due, shown = sum(whole.values()), _shares(whole)
    parts = ", ".join(f"{number(whole[s])} {STATES[s][1]} ({shown[s]})" for s in DUE)
    return {
        "months": [{"label": month(m), **_shares(counts[m])} for m in months],
        "rate": f"Trong {number(due)} báo cáo đến hạn: {parts}." if due else "Chưa có báo cáo nào đến hạn.",
        "coverage": f"đã nhận {number(due - whole['missing'])}/{number(due)} báo cáo đến hạn",
        "states": STATES,
        **_matrix(con, months),
    }


def _shares(counts: dict[str, int]) -> dict[str, str]:
    """The share of each state among returns due, adding to 100,0%; empty where none is due."""
    shares = hundred([counts.get(s, 0) for s in DUE])
    return {s: f"{number(share, 1)}%" for s, share in zip(DUE, shares, strict=True)} if any(shares) else dict.fromkeys(DUE, "")


def hundred(parts: list[int]) -> list[float]:
    """Percents with one decimal that add to 100: what rounding down leaves goes to the greatest remainders."""
    whole = sum(parts) or 1
    tenths = [1000 * p // whole for p in parts]
    for i in sorted(range(len(parts)), key=lambda i: -(1000 * parts[i] % whole))[: 1000 - sum(tenths) if any(parts) else 0]:
        tenths[i] += 1
    return [t / 10 for t in tenths]


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


# ---- charts


def topics(con: duckdb.DuckDBPyConnection, titles: dict[str, str], period: str | None) -> list[dict]:
    """Headings with their charts; a chart without rows is left out, and so is an empty heading."""
    from assets.charts import charts

    drawn: dict[str, list[dict]] = {topic: [] for topic in titles}
    for chart in charts(titles).values():
        rows = _frame(con, chart.query, period)
        if not rows.is_empty():
            drawn[chart.topic].append(
                {
                    "id": chart.id,
                    "title": chart.title,
                    "note": chart.note,
                    "unit": chart.unit,
                    "spec": for_script(chart.draw(rows).to_plotly_json()),
                    "head": [{"text": h, "number": rows.schema[h].is_numeric()} for h in rows.columns],
                    "rows": [[_cell(v) for v in row] for row in rows.iter_rows()],
                }
            )
    return [{"id": topic, "title": titles[topic], "charts": found} for topic, found in drawn.items() if found]


def _frame(con: duckdb.DuckDBPyConnection, query: str, period: str | None) -> pl.DataFrame:
    result = con.execute(query, {"period": period} if "$period" in query else None)
    return pl.DataFrame(result.fetchall(), schema=[d[0] for d in result.description], orient="row", infer_schema_length=None)


def for_script(figure: dict[str, Any]) -> str:
    """A figure as JSON in which no text, a unit's name say, can end the script element."""
    return json.dumps(figure, ensure_ascii=False).translate({ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


def _cell(value: Any) -> dict[str, Any]:
    if isinstance(value, int | float):
        return {"text": number(value, 0 if float(value).is_integer() else 2), "number": True}
    return {"text": day(value) if isinstance(value, date) else value or "", "number": False}
