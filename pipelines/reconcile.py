"""Published figures against the warehouse's: which differ, and the likeliest reason, found by search."""

from collections.abc import Iterable

import duckdb

from pipelines.figures import values
from pipelines.gaps import Part, fitting, is_rounded, plain, swapped, zeros
from pipelines.metrics import Metric, metrics
from pipelines.trace import contributions
from pipelines.vietnamese import number
from pipelines.warehouse import one

SAID = {"about": "khoảng", "over": "hơn", "at_least": "ít nhất", "at_most": "nhiều nhất"}  # where the word printed is not told
NOT_FOUND = "Chưa tìm thấy một nguyên nhân duy nhất, cần đối chiếu các dòng số liệu."
NOT_WHOLE = "Số liệu của kho chưa đủ: còn thiếu báo cáo, hoặc chỉ có một phần của kỳ."
NO_PERIOD = "Kho chưa có số liệu của kỳ này."
NO_ROWS = "Kho không có dòng nào của đơn vị này về chỉ tiêu này trong kỳ."


def explain_gap(
    value: float,
    published: float,
    qualifier: str,
    parts: Iterable[Part] = (),
    twin_gap: float | None = None,
    elsewhere: Iterable[str] = (),
) -> str:
    """One Vietnamese sentence for why a report printed `published` where the rows give `value`.

    A rounding that the report itself announces, and missing or extra zeros, stand alone. Of what else fits (two adjacent digits
    swapped; rounded without saying so; the very figure of another period, unit or metric, told in `elsewhere`, or where there is
    none a part that accounts for the whole gap, in the twin figure too where that was published) one is said, two are said
    to be possible, and of more only the rounding, since parts of the same size are many.
    """
    kind, _, word = qualifier.rstrip(")").partition(" (")
    word = word or SAID.get(kind, "")
    if _rounds(value, published, kind, word):
        said = "số làm tròn" if kind in ("about", "over") else "số phù hợp với các dòng số liệu"
        return f"Báo cáo in {said} («{word} {plain(published)}»)."
    if said := zeros(value, published):
        return f"Số in {said}: {plain(published)} thay cho {plain(value)}."
    gap = published - value
    found = [f"Hai chữ số liền nhau bị đảo: {plain(published)} thay cho {plain(value)}."] if swapped(value, published) else []
    found += [f"Báo cáo in số làm tròn: {plain(published)} thay cho {plain(value)}."] if is_rounded(value, published) else []
    sure = len(found)
    found += list(elsewhere) or fitting(parts, gap, twin_gap)
    if len(found) > 2 and sure == 1:
        found = found[:1]
    return {0: NOT_FOUND, 1: "".join(found), 2: f"Có hai khả năng. {' Hoặc: '.join(found)}"}.get(len(found), NOT_FOUND)


def reconcile(con: duckdb.DuckDBPyConnection) -> int:
    """Rebuilds marts.reconciliation: one row per published figure that the rows do not give; returns how many."""
    con.execute("""create or replace table marts.reconciliation (
        document_no varchar, metric_id varchar, period varchar, unit_code varchar, value double, published double, difference double, explanation varchar)""")
    con.execute("comment on table marts.reconciliation is 'One row per published figure that the warehouse''s rows do not give.'")
    differing = con.execute("""
        select p.document_no, p.metric_id, p.period, p.unit_code, v.value, p.value as published, p.qualifier, v.status, k.period is not null
        from reference.published p
        join reference.metric m on m.metric_id = p.metric_id
        left join core.period k on k.period = p.period
        left join marts.metric_public v on v.metric_id = p.metric_id and v.period = p.period and v.unit_code = p.unit_code
        where (v.value is null or abs(v.value - p.value) > 0.0001)
            -- a percent of target is kept whole, and may be printed with its decimals
            and (m.unit <> 'percent' or coalesce(abs(pct(v.numerator * 10000, v.denominator * 10000, 2) - p.value), 1) > 0.0001)
            -- what is not published of small groups is not compared
            and v.status is distinct from 'suppressed' and (v.metric_id is not null or not m.is_personal or k.period is null)
        order by all""").fetchall()
    for document, metric_id, period, unit, value, published, qualifier, status, is_known in differing:
        if value is None and is_known:
            there = values(con, period, unit)[metric_id]
            value, status = there["value"], there["status"]
            if value is not None and abs(value - published) <= 0.0001:
                continue
        asked = (document, period, unit, value, published, qualifier)
        said = _explain(con, metrics()[metric_id], *asked) if value is not None else NO_ROWS if is_known else NO_PERIOD
        if status == "incomplete":
            said = NOT_WHOLE if said == NOT_FOUND else f"{NOT_WHOLE} {said}"
        con.execute("insert into marts.reconciliation values (?, ?, ?, ?, ?, ?, ?, ?)",
                    [document, metric_id, period, unit, value, published, None if value is None else value - published, said])  # fmt: skip
    return one(con, "select count(*) from marts.reconciliation")[0]


def _explain(
    con: duckdb.DuckDBPyConnection,
    metric: Metric,
    document: str,
    period: str,
    unit: str,
    value: float,
    published: float,
    qualifier: str,
) -> str:
    """The gap of one figure against the works, units and rows it is made of."""
    twin = _twin(metric)
    twin_gap = one(con, """select p.value - v.value from reference.published p
        join marts.metric_value v on v.metric_id = p.metric_id and v.period = p.period and v.unit_code = p.unit_code
        where p.document_no = ? and p.metric_id = ? and p.period = ? and p.unit_code = ?""",
        [document, twin.id, period, unit]) if twin else ()  # fmt: skip
    summed = metric.aggregate in ("sum", "count", "distinct")
    parts = [p for find in (_works, _units, _lines) for p in find(con, metric, twin, period, unit)] if summed else []
    return explain_gap(
        value, published, qualifier, parts, twin_gap[0] if twin_gap else None, _elsewhere(con, metric, period, unit, published)
    )


def _elsewhere(con: duckdb.DuckDBPyConnection, metric: Metric, period: str, unit: str, published: float) -> list[str]:
    """Where else the very figure stands: of another period, of a sibling or unit below, or of another metric of the section.

    Figures of fewer than three digits stand in too many places to tell anything.
    """
    if len(str(plain(published)).replace(".", "").replace(",", "").rstrip("0")) < 3:
        return []
    same = """from marts.metric_public v join reference.metric m on m.metric_id = v.metric_id and m.unit = $measure
        where abs(v.value - $published) < 0.0001 and v.status <> 'suppressed'"""
    known = {"measure": metric.unit, "published": published, "metric": metric.id, "period": period, "unit": unit}
    asked = {
        "của kỳ": f"select v.period {same} and v.metric_id = $metric and v.unit_code = $unit and v.period <> $period order by v.period >= 'a', v.period desc",
        "của đơn vị": f"""select u.name {same.replace("where", "join core.unit u on u.unit_code = v.unit_code where")}
            and v.metric_id = $metric and v.period = $period and v.unit_code <> $unit order by u.level desc, v.unit_code, u.valid_from desc""",
        "của chỉ tiêu": f"""select '«' || m.vi || '»' {same} and v.metric_id <> $metric and v.period = $period and v.unit_code = $unit
            order by m.section <> (select section from reference.metric where metric_id = $metric), v.metric_id""",
    }
    found = []
    for place, sql in asked.items():
        used = {k: v for k, v in known.items() if f"${k}" in sql}
        if row := con.execute(f"{sql} limit 1", used).fetchone():
            found.append(f"Có thể báo cáo in số {place} {row[0]}, cũng bằng {plain(published)}.")
    return found


def _twin(metric: Metric) -> Metric | None:
    """The other sum over the same rows: the money of these gifts, the gifts of this money."""
    same = (metric.source, metric.time, metric.predicate)
    return next(
        (
            m
            for m in metrics().values()
            if m.sum and metric.sum and m.sum != metric.sum and (m.source, m.time, m.predicate) == same
        ),
        None,
    )


def _works(con: duckdb.DuckDBPyConnection, metric: Metric, twin: Metric | None, period: str, unit: str) -> list[Part]:
    """Houses and classrooms of the period, which a gift figure may wrongly hold; each is one work and its money."""
    if metric.source != "core.aid" or "'gift'" not in metric.predicate:
        return []
    labels = {"lodging_house": "nhà lưu trú", "classroom": "phòng học"}
    rows = con.execute("""
        select a.kind, count(distinct a.model_key), sum(a.amount_vnd)
        from core.aid a
        join core.period p on p.period = ? and a.counted_date between p.start_date and p.as_of_date
        join core.unit_scope s on s.period = a.period and s.unit_code = a.unit_code and s.scope_code = ?
        where a.kind in ('lodging_house', 'classroom') group by a.kind""", [period, unit]).fetchall()  # fmt: skip
    found = []
    for kind, count, amount in rows:
        said = f"Báo cáo tính cả {labels[kind]}: {number(count)} công trình, {number(amount)} đồng; khoản này đúng bằng phần chênh lệch."
        sizes = (count, float(amount)) if metric.sum == "gift_count" else (float(amount), count)
        found.append(Part(said, "", *sizes))
    return found


def _units(con: duckdb.DuckDBPyConnection, metric: Metric, twin: Metric | None, period: str, unit: str) -> list[Part]:
    """Units right below the one asked for, which a report may have left out or counted twice."""
    rows = con.execute("""
        select u.name, v.value, w.value
        from core.period p
        join core.unit_month u on u.period = p.last_month and u.parent_code = $unit
        join marts.metric_value v on v.metric_id = $metric and v.period = p.period and v.unit_code = u.unit_code
        left join marts.metric_value w on w.metric_id = $twin and w.period = p.period and w.unit_code = u.unit_code
        where p.period = $period and v.value <> 0""",
        {"unit": unit, "metric": metric.id, "twin": twin.id if twin else "", "period": period}).fetchall()  # fmt: skip
    return [
        Part(f"Có thể báo cáo tính {name} hai lần; phần của đơn vị này đúng bằng phần chênh lệch.",
             f"Có thể báo cáo chưa tính {name}; phần của đơn vị này đúng bằng phần chênh lệch.", value, other)
        for name, value, other in rows
    ]  # fmt: skip


def _lines(con: duckdb.DuckDBPyConnection, metric: Metric, twin: Metric | None, period: str, unit: str) -> list[Part]:
    """Single rows of a sum; rows that only count one each tell nothing."""
    if not metric.sum:
        return []
    sizes = {r[:4]: r[4] for r in con.execute(contributions(metric, period, unit)).fetchall()}
    others = {r[:4]: r[4] for r in con.execute(contributions(twin, period, unit)).fetchall()} if twin else {}
    return [
        Part(f"Có thể báo cáo tính một dòng hai lần: tệp {at[0]}, trang «{at[2]}», dòng {at[3]}.",
             f"Có thể báo cáo chưa tính một dòng: tệp {at[0]}, trang «{at[2]}», dòng {at[3]}.", size, others.get(at))
        for at, size in sizes.items()
    ]  # fmt: skip


def _rounds(value: float, published: float, kind: str, word: str) -> bool:
    """«gần» says a little more than there is, «hơn» and «trên» a little less; a tenth of it at most (our rule of thumb)."""
    more = published - value
    if kind in ("at_least", "at_most"):
        return more <= 0 if kind == "at_least" else more >= 0
    if kind not in ("about", "over") or abs(more) > 0.1 * abs(published):
        return False
    less = {"gần": False, "hơn": True, "trên": True}.get(word, True if kind == "over" else None)
    return less is None or (more < 0) is less
