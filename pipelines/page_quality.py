"""The page on quality: what the rules found, how it was mended, and which returns came."""

from typing import Any

import duckdb

from pipelines.forms import FORM_OF, forms
from pipelines.page_parts import head, returns, topics
from pipelines.rules import SEVERITIES
from pipelines.vietnamese import month, number
from pipelines.warehouse import one

CAUSES_SHOWN, WAITING_SHOWN = 10, 12
TABLES_VI = {
    "core.answered_return": "Tệp và trang gửi lên",
    "core.due_return": "Báo cáo phải nộp",
    "core.return_unit": "Đơn vị trong báo cáo",
    "core.control_total": "Dòng tổng cộng",
    "core.submission": "Số dòng đọc từ tệp",
    "core.return_rows": "Số dòng đã nhận",
    "core.return_change": "Báo cáo gửi lại",
    "marts.metric_value": "Số liệu đã tính",
}


def context(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What chat_luong.html.j2 shows."""
    from assets.charts import QUALITY

    shared = head(con)
    found, waiting = _rules(con), _waiting(con)
    return {
        **shared,
        "returns": returns(con),
        "counts": _counts(con),
        "waiting": waiting[:WAITING_SHOWN],
        "waiting_more": waiting[WAITING_SHOWN:],
        "causes": _causes(found),
        "raised": [r for r in found if r["total"] or r["last"]],
        "silent": [r for r in found if not r["total"] and not r["last"]],
        "topics": topics(con, QUALITY, shared["period"]),
    }


def table_name(table: str) -> str:
    """What officers call a table that rules are on: the form, where it holds one."""
    form = table.removeprefix("typed.") if table.startswith("typed.") else FORM_OF.get(table)
    return forms()[form].label if form else TABLES_VI[table]


def _counts(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Findings by state, and those open by severity; what another finding explains is not counted apart."""
    states = dict(con.execute("select state, count(*) from quality.finding where caused_by is null group by all").fetchall())
    still = dict(
        con.execute(
            "select severity, count(*) from quality.finding where state = 'open' and caused_by is null group by all"
        ).fetchall()
    )
    return {
        **{state: number(states.get(state, 0)) for state in ("open", "fixed", "accepted_as_is")},
        "by_severity": ", ".join(f"{number(still[s])} {vi}" for s, vi in SEVERITIES.items() if s in still),
        "rules": number(one(con, "select count(*) from quality.rule")[0]),
    }


def _waiting(con: duckdb.DuckDBPyConnection) -> list[dict[str, str]]:
    """What each upper-level union still has to see mended, by month and form, those with most to mend first.

    A unit right below the province stands for itself.
    """
    rows = con.execute("""
        with named as (
            select unit_code, arg_max(name, valid_from) as name, arg_max(level, valid_from) as level,
                arg_max(parent_code, valid_from) as parent_code
            from core.unit group by unit_code
        )
        select coalesce(p.name, u.name, 'Chưa rõ đơn vị gửi') as unit, f.period, f.form,
            count(*) filter (where f.severity = 'critical') as critical, count(*) filter (where f.severity = 'warning') as warning
        from quality.finding f
        left join named u on u.unit_code = f.unit_code
        left join named p on p.unit_code = u.parent_code and p.level = 'upper' and u.level = 'grassroots'
        where f.state = 'open' and f.caused_by is null and f.severity <> 'info'
        group by unit, f.period, f.form
        order by sum(critical) over (partition by unit) desc, sum(warning) over (partition by unit) desc, unit, f.period, f.form""").fetchall()
    return [
        {
            "unit": unit,
            "month": month(period) if period else "chưa rõ",
            "form": forms()[form].label if form else "chưa rõ",
            "critical": number(critical) if critical else "–",
            "warning": number(warning) if warning else "–",
        }
        for unit, period, form, critical, warning in rows
    ]


def _rules(con: duckdb.DuckDBPyConnection) -> list[dict]:
    """Every rule with its findings by state and what its last two runs counted; most open findings first, then most of all."""
    rows = con.execute(
        """
        with fault as (
            select check_id, count(*) filter (where state = 'open') as still, count(*) filter (where state = 'fixed') as fixed,
                count(*) filter (where state = 'accepted_as_is') as accepted, count(*) as total, count(distinct unit_code) as units
            from quality.finding where caused_by is null group by check_id
        ), run as (
            select check_id, list(failing_rows order by refreshed_at desc) as counted from quality.check_result group by check_id
        )
        select r.check_id, r.table_name, r.severity, r.column_label, r.vi, coalesce(f.still, 0), coalesce(f.fixed, 0),
            coalesce(f.accepted, 0), coalesce(f.total, 0), coalesce(f.units, 0), coalesce(run.counted, [])
        from quality.rule r
        left join fault f on f.check_id = r.check_id
        left join run on run.check_id = r.check_id
        order by 6 desc, 9 desc, list_position($1, r.severity), r.check_id""",
        [list(SEVERITIES)],
    ).fetchall()
    return [
        {
            "id": check_id,
            "says": sentence(vi, column),
            "table": table_name(table),
            "severity": severity,
            "severity_vi": SEVERITIES[severity],
            "states": [number(n) for n in (still, fixed, accepted)],
            "total": total,
            "units": number(units),
            "last": counted[0] if counted else None,
            "last_vi": number(counted[0]) if counted else "chưa kiểm tra",
            "trend": trend(counted),
        }
        for check_id, table, severity, column, vi, still, fixed, accepted, total, units, counted in rows
    ]


def sentence(vi: str, column: str | None) -> str:
    """A rule's sentence as it stands alone: with its column, and words where all of its beginning is computed."""
    whole = vi.replace("……", "…").removesuffix(".") + "."
    whole = f"không đọc được nội dung{whole[1:]}" if whole.startswith("…") else whole
    return f"Cột «{column}»: {whole}" if column else whole[0].upper() + whole[1:]


def trend(counted: list[int]) -> dict[str, str]:
    """How the last count of a rule, first in the list, stands to the one before."""
    if len(counted) < 2:
        return {"sign": "", "word": "lần đầu"}
    more = counted[0] - counted[1]
    if not more:
        return {"sign": "=", "word": "không đổi"}
    return {"sign": "▲", "word": f"tăng {number(more)}"} if more > 0 else {"sign": "▼", "word": f"giảm {number(-more)}"}


def _causes(found: list[dict]) -> list[dict]:
    """The rules with most findings, and their share of all: rounded each for itself, so that equal counts have equal shares."""
    raised = sorted((r for r in found if r["total"]), key=lambda r: (-r["total"], r["id"]))
    whole = sum(r["total"] for r in raised)
    return [
        r | {"count": number(r["total"]), "share": f"{number(percent(r['total'], whole), 1)}%"} for r in raised[:CAUSES_SHOWN]
    ]


def percent(part: int, whole: int) -> float:
    """With one decimal, half up."""
    return (2000 * part + whole) // (2 * whole) / 10
