"""Reads the figures of a period for the command line and the pages; computes nothing."""

import re
from contextlib import closing
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pipelines.config import Home, UserError
from pipelines.forms import FORM_OF
from pipelines.measuring import STATUS
from pipelines.metrics import Metric, metrics
from pipelines.vietnamese import fold, month, periods_in
from pipelines.warehouse import one, read_only

_VALUES = f"""
select m.metric_id, m.is_defined, v.value, v.numerator, v.denominator, t.target, v.status, {STATUS} as status_without_rows, r.published
from reference.metric m
join core.period p on p.period = $period
left join core.form_start f on f.form = m.form
left join core.return_gap g on (g.form, g.period, g.unit_code) = (m.form, $period, $unit)
left join marts.metric_value v on (v.metric_id, v.unit_code, v.structure, v.period) = (m.metric_id, $unit, $structure, $period)
left join core.target_in_force t on (t.metric_id, t.unit_code, t.period) = (m.metric_id, $unit, $period)
left join (
    select metric_id, arg_max(published, line) as published from marts.published where period = $period and unit_code = $unit group by metric_id
) r on r.metric_id = m.metric_id"""
_OF_UNIT = """(f.unit_code in (select unit_code from core.unit_scope where scope_code = $unit)
    or f.unit_code in (select sender_code from core.unit_month where unit_code = $unit)
    or f.submission_id in (select n.submission_id from core.return_unit n
        join core.unit_scope s on s.period = n.period and s.unit_code = n.unit_code where s.scope_code = $unit))"""
_OPEN_CHECKS = f"""select distinct f.form, f.check_id, f.severity, f.period = p.last_month as is_last,
        f.period between p.first_month and p.last_month as is_within, f.period < p.first_month as is_before
    from quality.finding f
    join core.period p on p.period = $period and f.period <= p.last_month
    where f.state = 'open' and f.caused_by is null and f.severity <> 'info' and {_OF_UNIT} order by 1, 2, 3"""


COUNTED_MONTHS = {
    "stock": ("is_last",), "list": ("is_last",), "flow": ("is_within",), "to_date": ("is_before", "is_within"), "opening": ("is_before",)
}  # fmt: skip


def figures(home: Home, period: str, unit: str | None, structure: str = "then") -> list[dict[str, Any]]:
    """The contract's shape of `metrics`, every declared metric in report order.

    Beside the contract's keys: `status` of the value and of both comparisons, the same period last year, percent of target
    (two decimals), section and labels. A figure without a row is 0 where it counts something and its returns are in, else None;
    `status` says complete, incomplete (a return that counts is missing, or the data covers the period in part), no_value
    (nothing to divide by, no target), suppressed, not_published, not_reported (the unit's sender reports it, not the unit),
    not_in_force (there was no such unit, in the period or at its cut-off), undefined (reference/ lacks what it is made of). UserError for an unknown unit or a period without data.
    """
    if structure != "then":
        raise UserError("Only --structure then is made so far.")
    con = read_only(home.published)
    try:
        code, period, cutoff = asked_for(con, unit, period)
        asked = {"period": period, "unit": code}
        before, earlier = one(con, "select previous_period, last_year_period from core.period where period = ?", [period])
        now, previous, last_year = (values(con, p, code, structure) for p in (period, before, earlier))
        checks = _dicts(con, _OPEN_CHECKS, asked)
    finally:
        con.close()
    shown = []
    for m in metrics().values():
        v = now[m.id]
        compared = {"previous": previous.get(m.id), "last_year": last_year.get(m.id)}
        shown.append({
            "id": m.id, "unit": m.unit, **{k: _number(v[k]) for k in ("value", "numerator", "denominator", "target")},
            **{k: _number(c["value"]) if c else None for k, c in compared.items()}, "published": _number(v["published"]),
            "target_pct": _percent(v["value"], v["target"]), "cutoff": cutoff,
            "checks": _of(m, checks), "status": v["status"],
            **{f"{k}_status": c["status"] if c else None for k, c in compared.items()},
            "section": m.section, "label_vi": m.vi, "label_en": m.en,
        })  # fmt: skip
    return shown


def _plain(words: str) -> str:
    """Words of a period without marks; quý I and quý 1, «năm 2023», «2023» and «/2023» are the same."""
    quarter = re.sub(r"quy (iv|i{1,3})\b", lambda m: f"quy {4 if m[1] == 'iv' else len(m[1])}", fold(words))
    return re.sub(r" ?/ ?| nam ", " ", quarter)


def heading(home: Home, period: str, unit: str | None) -> str:
    """Whose figures they are, of which period, as of when; raises as `figures` does."""
    with closing(read_only(home.published)) as con:
        code, period, cutoff = asked_for(con, unit, period)
        name = one(con, "select name from core.unit where unit_code = ? order by valid_from desc", [code])[0]
    return f"{code} {name}, {period}, cut-off {cutoff:%Y-%m-%d}"


def values(con: Any, period: str, unit: str, structure: str = "then") -> dict[str, dict[str, Any]]:
    """Every metric's value, numerator, denominator, target, status of one period and unit; empty for a period without data.

    UserError where the published copy lacks a metric that is declared by now.
    """
    found = {r["metric_id"]: r for r in _dicts(con, _VALUES, {"period": period, "unit": unit, "structure": structure})}
    level, is_sender = one(con, """select level, sender_code = unit_code from core.unit_month
        where unit_code = ? order by period desc limit 1""", [unit]) or (None, True)  # fmt: skip
    lived, lives = one(con, """select coalesce(bool_or(u.valid_to is null or u.valid_to > p.start_date), false),
            coalesce(bool_or(u.valid_to is null or u.valid_to > p.as_of_date), false)
        from core.period p join core.unit u on u.unit_code = ? and u.valid_from <= p.as_of_date where p.period = ?""", [unit, period])  # fmt: skip
    if found and (new := metrics().keys() - found.keys()):
        raise UserError(f"The published copy does not have {', '.join(sorted(new))} yet; run `congdoan refresh`.")
    for m in metrics().values() if found else ():
        v = found[m.id]
        if v["status"] is None:
            there = lives if m.time == "stock" else lived
            v["status"] = _status_without_rows(m, v, level, is_sender) if there else "not_in_force"
            if v["status"] == "complete":
                v["value"] = 0.0
    return found


def _status_without_rows(metric: Metric, v: dict[str, Any], level: str | None, is_sender: bool) -> str:
    """Why a figure has no row; complete where it counts something of which there is none."""
    if metric.personal and level == "grassroots":
        return "not_published"
    if not v["is_defined"]:
        return "undefined"
    if metric.source == "core.activity" and not is_sender:
        return "not_reported"
    counted = metric.aggregate in ("count", "sum", "distinct", "difference")
    return "no_value" if v["status_without_rows"] == "complete" and not counted else v["status_without_rows"]


def _of(metric: Metric, checks: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The open findings in months and on the form that a figure counts."""
    form, months = FORM_OF.get(metric.source), COUNTED_MONTHS["to_date" if metric.difference else metric.time]
    on = {(c["check_id"], c["severity"]) for c in checks if c["form"] in (form, None) and any(c[m] for m in months)}
    return [{"check_id": check_id, "severity": severity} for check_id, severity in sorted(on)]


def _dicts(con: Any, sql: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    found = con.execute(sql, asked)
    names = [d[0] for d in found.description]
    return [dict(zip(names, r, strict=True)) for r in found.fetchall()]


def _percent(value: float | None, target: float | None) -> float | int | None:
    """Two decimals, half up."""
    if value is None or not target:
        return None
    exact = Decimal(str(value)) * 100 / Decimal(str(target))
    return _number(float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP)))


def asked_for(con: Any, unit: str | None, period: str) -> tuple[str, str, date]:
    """Unit (by default the province), period and its cut-off, as they are spelled; UserError where there is no such thing."""
    if unit is None and not one(con, "select 1 from core.unit where level = 'province'"):
        raise UserError("No province is in force in reference/units.csv; see `congdoan reference check`.")
    known = {p.lower(): (p, cutoff) for p, cutoff in con.execute("select period, cutoff_date from core.period").fetchall()}
    said = {_plain(month(p)): p for p, _ in known.values() if p[:4].isdigit()}  # «6 tháng đầu năm 2023», as pages write it
    period = next((p for p in periods_in(period) if p in known), said.get(_plain(period), period))  # 05/2023, as a return may
    if period.lower() not in known:
        raise UserError(
            f"No data for the period «{period}»; there is {', '.join(sorted(p for p, _ in known.values())) or 'none yet'}."
        )
    name, cutoff = known[period.lower()]
    code = one(con, """select u.unit_code from core.unit u join core.period p on p.period = $2
        where u.unit_code = upper($1) or ($1 is null and u.level = 'province')
        order by u.valid_from <= p.as_of_date desc, u.valid_from desc""", [unit, name])  # fmt: skip
    if not code:
        raise UserError(f"No unit has the code «{unit}»; see `congdoan units`.")
    return code[0], name, cutoff


def _number(value: float | None) -> int | float | None:
    return int(value) if value is not None and float(value).is_integer() else value
