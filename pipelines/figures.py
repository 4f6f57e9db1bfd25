"""Reads the figures of a period for the command line and the pages; computes nothing."""

from typing import Any

from pipelines.config import Home, UserError
from pipelines.forms import FORM_OF
from pipelines.metrics import Metric, metrics
from pipelines.warehouse import one, read_only

_VALUES = """select metric_id, value, numerator, denominator, target, status, cutoff from marts.metric_value
    where period = $period and unit_code = $unit and structure = $structure"""
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

    A figure without a row is 0 where it counts something and its returns are in, else None; `status` says complete, incomplete
    (a return that counts is missing), suppressed or not_published. UserError for an unknown unit or a period without data.
    """
    if structure != "then":
        raise UserError("Only --structure then is made so far.")
    con = read_only(home.published)
    try:
        code, known = _unit_and_periods(con, unit, period)
        asked = {"period": period, "unit": code}
        values = {r[0]: r[1:] for r in con.execute(_VALUES, asked | {"structure": structure}).fetchall()}
        before = {
            r[0]: r[1] for r in con.execute(_VALUES, asked | {"period": _previous(period), "structure": structure}).fetchall()
        }
        published = dict(
            con.execute(
                "select metric_id, published from marts.published where period = $period and unit_code = $unit", asked
            ).fetchall()
        )
        checks = con.execute(_OPEN_CHECKS, asked).fetchall()
        not_in = {form for (form,) in con.execute(_NOT_IN, asked).fetchall()}
        level = one(con, "select level from core.unit where unit_code = $unit order by valid_from desc", {"unit": code})[0]
    finally:
        con.close()
    found = []
    for m in metrics().values():
        form = FORM_OF.get(m.source)
        absent = _absent(m, form in not_in, level)
        value, numerator, denominator, target, status, cutoff = values.get(
            m.id, (absent[0], None, None, None, absent[1], known[period])
        )
        found.append({
            "id": m.id, "value": _number(value), "unit": m.unit, "numerator": _number(numerator), "denominator": _number(denominator),
            "target": _number(target), "previous": _number(before.get(m.id)), "published": _number(published.get(m.id)), "cutoff": cutoff,
            "checks": [{"check_id": c, "severity": s} for of, c, s in checks if of in (form, None)],
            "status": status, "section": m.section, "label_vi": m.vi, "label_en": m.en,
        })  # fmt: skip
    return found


def _absent(metric: Metric, returns_missing: bool, level: str) -> tuple[float | None, str]:
    """What a figure without a row is, and its status."""
    if metric.personal and level == "grassroots":
        return None, "not_published"
    if returns_missing:
        return None, "incomplete"
    return (0.0 if metric.aggregate in ("count", "sum", "distinct") else None), "complete"


def _unit_and_periods(con: Any, unit: str | None, period: str) -> tuple[str, dict[str, Any]]:
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
    return row[0], known


def _previous(period: str) -> str | None:
    """The period of the same kind just before; None for campaigns."""
    year, _, part = period.partition("-")
    if not year.isdigit():
        return None
    if not part:
        return str(int(year) - 1)
    if part.isdigit():
        return f"{int(year) - (part == '01')}-{(int(part) - 2) % 12 + 1:02d}"
    if part in ("Q1", "H1", "9M"):
        return f"{int(year) - 1}-{ {'Q1': 'Q4', 'H1': 'H2'}.get(part, '9M') }"
    return f"{year}-{part[0]}{int(part[1]) - 1}"


def _number(value: float | None) -> int | float | None:
    return int(value) if value is not None and float(value).is_integer() else value
