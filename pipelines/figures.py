"""Reads the figures of a period for the command line and the pages; computes nothing."""

from datetime import date
from typing import Any

from pipelines.config import Home, UserError
from pipelines.forms import FORM_OF
from pipelines.measuring import LACKS
from pipelines.metrics import Metric, metrics
from pipelines.warehouse import one, read_only

_VALUES = """
select m.metric_id, m.is_defined, v.value, v.numerator, v.denominator, t.target, v.status, r.published
from reference.metric m
left join marts.metric_value v on (v.metric_id, v.unit_code, v.structure, v.period) = (m.metric_id, $unit, $structure, $period)
left join core.target_in_force t on (t.metric_id, t.unit_code, t.period) = (m.metric_id, $unit, $period)
left join (
    select metric_id, arg_max(published, line) as published from marts.published where period = $period and unit_code = $unit group by metric_id
) r on r.metric_id = m.metric_id"""
_BELOW = """(u.unit_code = $unit or u.parent_code = $unit or exists (select 1 from core.unit x where x.unit_code = $unit and x.level = 'province')
    or u.unit_code in (select sender_code from core.unit_month where unit_code = $unit))"""
_OPEN_CHECKS = f"""select distinct f.form, f.check_id, f.severity from quality.finding f
    join core.period p on p.period = $period and f.period between p.first_month and p.last_month
    join core.unit_month u on u.unit_code = f.unit_code and u.period = p.last_month
    where f.state = 'open' and f.caused_by is null and f.severity <> 'info' and {_BELOW} order by 1, 2"""
_COVERAGE = """
select s.form, p.is_complete, p.is_complete and p.is_whole as is_whole, s.first_month <= p.last_month as has_begun,
    g.lacks_state, g.lacks_flow, g.lacks_opening
from (
    select form, min(period) as first_month from core.submission where status in ('accepted', 'accepted_with_findings', 'superseded') group by form
) s
join core.period p on p.period = $period
left join core.return_gap g on (g.form, g.period, g.unit_code) = (s.form, p.period, $unit)"""


def figures(home: Home, period: str, unit: str | None, structure: str = "then") -> list[dict[str, Any]]:
    """The contract's shape of `metrics`, every declared metric in report order.

    Beside the contract's keys: `status` of the value and of both comparisons, the same period last year, percent of target
    (two decimals), section and labels. A figure without a row is 0 where it counts something and its returns are in, else None;
    `status` says complete, incomplete (a return that counts is missing, or the data covers the period in part), suppressed,
    not_published, not_reported (the unit's sender reports it, not the unit), undefined (reference/ lacks what it is made of).
    UserError for an unknown unit or a period without data.
    """
    if structure != "then":
        raise UserError("Only --structure then is made so far.")
    con = read_only(home.published)
    try:
        code, cutoff = _unit_and_cutoff(con, unit, period)
        asked = {"period": period, "unit": code}
        before, earlier = one(con, "select previous_period, last_year_period from core.period where period = ?", [period])
        now, previous, last_year = (values(con, p, code, structure) for p in (period, before, earlier))
        checks = con.execute(_OPEN_CHECKS, asked).fetchall()
    finally:
        con.close()
    shown = []
    for m in metrics().values():
        form, v = FORM_OF.get(m.source), now[m.id]
        compared = {"previous": previous.get(m.id), "last_year": last_year.get(m.id)}
        shown.append({
            "id": m.id, "unit": m.unit, **{k: _number(v[k]) for k in ("value", "numerator", "denominator", "target")},
            **{k: _number(c["value"]) if c else None for k, c in compared.items()}, "published": _number(v["published"]),
            "target_pct": _percent(v["value"], v["target"]), "cutoff": cutoff,
            "checks": [{"check_id": c, "severity": s} for of, c, s in checks if of in (form, None)],
            "status": v["status"], **{f"{k}_status": c["status"] if c else None for k, c in compared.items()},
            "section": m.section, "label_vi": m.vi, "label_en": m.en,
        })  # fmt: skip
    return shown


def values(con: Any, period: str, unit: str, structure: str = "then") -> dict[str, dict[str, Any]]:
    """Every metric's value, numerator, denominator, target, status of one period and unit; empty for a period without data."""
    asked = {"period": period, "unit": unit}
    covered = {r["form"]: r for r in _dicts(con, _COVERAGE, asked)}
    if not covered:
        return {}
    level, is_sender = one(con, """select level, sender_code = unit_code from core.unit_month
        where unit_code = $unit order by period desc limit 1""", {"unit": unit}) or (None, True)  # fmt: skip
    found = {r["metric_id"]: r for r in _dicts(con, _VALUES, asked | {"structure": structure})}
    for m in metrics().values():
        v, form = found[m.id], FORM_OF.get(m.source)
        if v["status"] is not None:
            continue
        if m.personal and level == "grassroots":
            v["status"] = "not_published"
        elif not v["is_defined"]:
            v["status"] = "undefined"
        elif form == "activity" and not is_sender:
            v["status"] = "not_reported"
        else:
            v["value"], v["status"] = _absent(m, form, covered)
    return found


def _absent(metric: Metric, form: str | None, covered: dict[str, dict]) -> tuple[float | None, str]:
    """What a figure without a row is, and its status: 0 of what is counted, once its form is in use and its returns are in."""
    at = covered.get(form, {"has_begun": False}) if form else next(iter(covered.values()))
    if form and (not at["has_begun"] or any(at[c] for c in LACKS[metric.time])):
        return None, "incomplete"
    zero = 0.0 if metric.aggregate in ("count", "sum", "distinct", "difference") else None
    return zero, "complete" if at["is_whole" if form and metric.time in ("flow", "opening") else "is_complete"] else "incomplete"


def _dicts(con: Any, sql: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    found = con.execute(sql, asked)
    names = [d[0] for d in found.description]
    return [dict(zip(names, r, strict=True)) for r in found.fetchall()]


def _percent(value: float | None, target: float | None) -> float | int | None:
    return _number(round(100 * value / target, 2)) if value is not None and target else None


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
