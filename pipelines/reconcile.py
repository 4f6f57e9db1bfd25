"""Published figures against the warehouse's: which differ, and the likeliest reason, found by search."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from pipelines.metrics import metrics
from pipelines.vietnamese import number

ROUNDED = {"about (gần)": "gần", "over (hơn)": "hơn", "over (trên)": "trên"}


@dataclass(frozen=True)
class Part:
    """Something beside the figure that may have been counted into it: its size in number and in money."""

    label: str
    count: float
    amount_vnd: float


def explain_gap(value: float, published: float, unit: str, qualifier: str, parts: Iterable[Part] = ()) -> str:
    """One Vietnamese sentence for why a report printed `published` where the rows give `value`.

    Tried in this order: a rounded figure, one part that accounts for the whole gap, missing or extra thousands, two
    adjacent digits swapped; else it says that no single cause was found.
    """
    if qualifier in ROUNDED:
        return f"Báo cáo in số làm tròn («{ROUNDED[qualifier]} {number(published)}»)."
    gap = published - value
    for part in parts:
        size = part.amount_vnd if unit == "vnd" else part.count
        if size and abs(gap - size) < 0.005:
            return (
                f"Báo cáo tính cả {part.label}: {number(part.count)} công trình, {number(part.amount_vnd)} đồng; "
                "khoản này đúng bằng phần chênh lệch."
            )
    for factor, said in ((1000, "thiếu ba số 0"), (0.001, "thừa ba số 0")):
        if abs(published * factor - value) < 0.005:
            return f"Số in {said}: {number(published)} thay cho {number(value)}."
    if _swapped(value, published):
        return f"Hai chữ số liền nhau bị đảo: {_plain(published)} thay cho {_plain(value)}."
    return "Chưa tìm thấy một nguyên nhân duy nhất, cần đối chiếu các dòng số liệu."


def reconcile(con: duckdb.DuckDBPyConnection) -> int:
    """Rebuilds marts.reconciliation: one row per published figure that the rows do not give; returns how many."""
    con.execute("""create or replace table marts.reconciliation (
        document_no varchar, metric_id varchar, period varchar, unit_code varchar, value double, published double, difference double, explanation varchar)""")
    con.execute("comment on table marts.reconciliation is 'One row per published figure that the warehouse''s rows do not give.'")
    differing = con.execute("""
        select p.document_no, p.metric_id, p.period, p.unit_code, v.value, p.value as published, p.qualifier
        from reference.published p
        join marts.metric_value v on v.metric_id = p.metric_id and v.period = p.period and v.unit_code = p.unit_code
        where abs(v.value - p.value) > 0.0001 order by all""").fetchall()
    for document, metric_id, period, unit, value, published, qualifier in differing:
        metric = metrics()[metric_id]
        parts = _works(con, period, unit) if metric.source == "core.aid" and metric.sum else []
        said = explain_gap(value, published, metric.unit, qualifier, parts)
        con.execute(
            "insert into marts.reconciliation values (?, ?, ?, ?, ?, ?, ?, ?)",
            [document, metric_id, period, unit, value, published, value - published, said],
        )
    return len(differing)


def _works(con: duckdb.DuckDBPyConnection, period: str, unit: str) -> list[Part]:
    """Each house or group of classrooms of the period: what a gift total may wrongly hold."""
    labels = {"lodging_house": "nhà lưu trú", "classroom": "phòng học"}
    rows = con.execute(
        """
        select a.kind, count(distinct a.model_code), sum(a.amount_vnd)
        from core.aid a
        join core.period p on p.period = ? and a.period between p.first_month and p.last_month
        join core.unit_scope s on s.period = a.period and s.unit_code = a.unit_code and s.scope_code = ?
        where a.kind in ('lodging_house', 'classroom') group by a.kind order by a.kind desc""",
        [period, unit],
    ).fetchall()
    return [Part(labels[kind], count, float(amount)) for kind, count, amount in rows]


def _plain(value: float) -> str:
    return number(value, 0 if float(value).is_integer() else 2)


def _swapped(value: float, published: float) -> bool:
    a, b = _plain(value), _plain(published)
    differ = [i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y]
    return (
        len(a) == len(b)
        and len(differ) == 2
        and differ[1] - differ[0] == 1
        and a[differ[0]] == b[differ[1]]
        and a[differ[1]] == b[differ[0]]
    )
