"""The first page: how the federation stands, and what somebody should look at."""

from typing import Any

import duckdb

from pipelines.page_parts import head, returns, topics
from pipelines.vietnamese import month, number
from pipelines.warehouse import one

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


HEAD_UNITS = 10  # senders with open findings shown at once; the rest opens with a click


def context(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What index.html.j2 shows."""
    from assets.charts import TOPICS

    shared = head(con)
    period = shared["period"]
    return {
        **shared,
        "returns": returns(con),
        "tiles": _tiles(con, period, shared["province_code"]),
        "missing": _missing(con),
        **_attention(con),
        "reconciliation": _reconciliation(con),
        "topics": topics(con, TOPICS, period),
    }


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
        select coalesce(u.name, 'Chưa rõ đơn vị gửi'), list(distinct f.period order by f.period) filter (where f.period is not null), count(*),
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
