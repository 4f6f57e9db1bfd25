"""Reads the figures of a period for the command line and the pages; computes nothing."""

from datetime import date
from typing import Any

from pipelines.config import Home, UserError
from pipelines.forms import FORM_OF
from pipelines.metrics import Metric, metrics
from pipelines.warehouse import one, read_only

_VALUES = """
select m.metric_id, m.is_defined, v.value, v.numerator, v.denominator, coalesce(v.target, t.target) as target, v.status,
    p.is_complete and (p.is_whole or m.metric_id not in (select unnest($flows::varchar[]))) as is_covered,
    before.value as previous, before.status as previous_status, earlier.value as last_year, earlier.status as last_year_status, r.published
from reference.metric m
join core.period p on p.period = $period
left join marts.metric_value v on (v.metric_id, v.unit_code, v.structure, v.period) = (m.metric_id, $unit, $structure, p.period)
left join marts.metric_value before on (before.metric_id, before.unit_code, before.structure, before.period) = (m.metric_id, $unit, $structure, p.previous_period)
left join marts.metric_value earlier on (earlier.metric_id, earlier.unit_code, earlier.structure, earlier.period) = (m.metric_id, $unit, $structure, p.last_year_period)
left join (
    select metric_id, arg_min(target, case period when $period then 1 when 'programme' then 3 else 2 end) as target
    from core.target where unit_code = $unit and period in ($period, substr($period, 1, 4), 'programme') group by metric_id
) t on t.metric_id = m.metric_id
left join (
    select metric_id, arg_max(published, document_no) as published from marts.published where period = $period and unit_code = $unit group by metric_id
) r on r.metric_id = m.metric_id"""
_BELOW = """(u.unit_code = $unit or u.parent_code = $unit or exists (select 1 from core.unit x where x.unit_code = $unit and x.level = 'province')
    or u.unit_code in (select sender_code from core.unit_month where unit_code = $unit))"""
_OPEN_CHECKS = f"""select distinct f.form, f.check_id, f.severity from quality.finding f
    join core.period p on p.period = $period and f.period between p.first_month and p.last_month
    join core.unit_month u on u.unit_code = f.unit_code and u.period = p.last_month
    where f.state = 'open' and f.caused_by is null and f.severity <> 'info' and {_BELOW} order by 1, 2"""
_NOT_IN = f"""select distinct r.form from marts.return_status r
    join core.period p on p.period = $period and r.period between p.first_month and p.last_month
    join core.unit_month u on u.unit_code = r.unit_code and u.period = r.period
    where r.status in ('missing', 'not_due') and {_BELOW}"""


def figures(home: Home, period: str, unit: str | None, structure: str = "then") -> list[dict[str, Any]]:
    """The contract's shape of `metrics`, every declared metric in report order.

    Beside the contract's keys: `status` of the value and of both comparisons, the same period last year, percent of target
    (two decimals), section and labels. A figure without a row is 0 where it counts something and its returns are in, else None;
    `status` says complete, incomplete (a return that counts is missing, or the data covers the period in part), suppressed,
    not_published, undefined (reference/ lacks what it is made of). UserError for an unknown unit or a period without data.
    """
    if structure != "then":
        raise UserError("Only --structure then is made so far.")
    con = read_only(home.published)
    try:
        code, cutoff = _unit_and_cutoff(con, unit, period)
        asked = {"period": period, "unit": code}
        flows = [m.id for m in metrics().values() if m.time in ("flow", "opening") and m.source in FORM_OF]
        found = con.execute(_VALUES, asked | {"structure": structure, "flows": flows})
        names = [d[0] for d in found.description]
        values = {r[0]: dict(zip(names, r, strict=True)) for r in found.fetchall()}
        checks = con.execute(_OPEN_CHECKS, asked).fetchall()
        not_in = {form for (form,) in con.execute(_NOT_IN, asked).fetchall()}
        level = one(con, "select level from core.unit where unit_code = $unit order by valid_from desc", {"unit": code})[0]
    finally:
        con.close()
    shown = []
    for m in metrics().values():
        form, v = FORM_OF.get(m.source), values[m.id]
        if v["status"] is None:
            v["value"], v["status"] = _absent(m, v, form in not_in, level)
        numbers = {
            k: _number(v[k]) for k in ("value", "numerator", "denominator", "target", "previous", "last_year", "published")
        }
        shown.append({
            "id": m.id, "unit": m.unit, **numbers, "target_pct": _percent(v["value"], v["target"]), "cutoff": cutoff,
            "checks": [{"check_id": c, "severity": s} for of, c, s in checks if of in (form, None)],
            "status": v["status"], "previous_status": v["previous_status"], "last_year_status": v["last_year_status"],
            "section": m.section, "label_vi": m.vi, "label_en": m.en,
        })  # fmt: skip
    return shown


def _percent(value: float | None, target: float | None) -> float | int | None:
    return _number(round(100 * value / target, 2)) if value is not None and target else None


def _absent(metric: Metric, row: dict[str, Any], returns_missing: bool, level: str) -> tuple[float | None, str]:
    """What a figure without a row is, and its status."""
    if not row["is_defined"]:
        return None, "undefined"
    if metric.personal and level == "grassroots":
        return None, "not_published"
    if returns_missing:
        return None, "incomplete"
    zero = 0.0 if metric.aggregate in ("count", "sum", "distinct", "difference") else None
    return zero, "complete" if row["is_covered"] else "incomplete"


def _unit_and_cutoff(con: Any, unit: str | None, period: str) -> tuple[str, date]:
    row = one(
        con,
        "select unit_code from core.unit where unit_code = $1 or ($1 is null and level = 'province' and valid_to is null)",
        [unit],
    )
    if not row:
        raise UserError(f"No unit has the code {unit}; see `congdoan units`.")
    known = dict(con.execute("select period, cutoff_date from core.period").fetchall())
    if period not in known:
        raise UserError(f"No data for the period {period}; there is {', '.join(sorted(known)) or 'none yet'}.")
    return row[0], known[period]


def _number(value: float | None) -> int | float | None:
    return int(value) if value is not None and float(value).is_integer() else value
