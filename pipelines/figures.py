"""Reads the figures of a period for the command line and the pages; computes nothing."""

from typing import Any

from pipelines.config import Home, UserError
from pipelines.measuring import FORM_OF
from pipelines.warehouse import one, read_only


def figures(home: Home, period: str, unit: str | None, structure: str = "then") -> list[dict[str, Any]]:
    """The contract's shape of `metrics`, every declared metric in report order; counts without rows are 0, ratios None.

    UserError for an unknown unit or a period without data.
    """
    from pipelines.metrics import metrics

    if structure != "then":
        raise UserError("Only --structure then is made so far.")
    con = read_only(home.published)
    try:
        code, known = _unit_and_periods(con, unit, period)
        values = {
            r[0]: r[1:]
            for r in con.execute(
                """
            select v.metric_id, v.value, v.numerator, v.denominator, v.target, v.status, v.cutoff
            from marts.metric_value v where v.period = ? and v.unit_code = ? and v.structure = ?""",
                [period, code, structure],
            ).fetchall()
        }
        before = dict(
            con.execute(
                "select metric_id, value from marts.metric_value where period = ? and unit_code = ?", [_previous(period), code]
            ).fetchall()
        )
        published = dict(
            con.execute(
                "select metric_id, published from marts.published where period = ? and unit_code = ?", [period, code]
            ).fetchall()
        )
        open_checks = con.execute(
            """
            select distinct f.form, f.check_id, f.severity from quality.finding f
            join core.period p on p.period = $1
            join core.unit_month u on u.unit_code = f.unit_code and u.period = p.last_month
            where f.state = 'open' and f.caused_by is null and f.severity <> 'info' and f.period between p.first_month and p.last_month
                and (u.unit_code = $2 or u.parent_code = $2 or exists (select 1 from core.unit x where x.unit_code = $2 and x.level = 'province'))
            order by 1, 2""",
            [period, code],
        ).fetchall()
        cutoff = known[period]
    finally:
        con.close()
    found = []
    for m in metrics().values():
        value, numerator, denominator, target, status, at = values.get(
            m.id, (0.0 if m.aggregate in ("count", "sum", "distinct") else None, None, None, None, "complete", cutoff)
        )
        found.append(
            {
                "id": m.id,
                "value": _number(value),
                "unit": m.unit,
                "numerator": _number(numerator),
                "denominator": _number(denominator),
                "target": _number(target),
                "previous": _number(before.get(m.id)),
                "published": _number(published.get(m.id)),
                "cutoff": at,
                "checks": [{"check_id": c, "severity": s} for form, c, s in open_checks if form in (FORM_OF.get(m.source), None)],
                "status": status,
                "section": m.section,
                "label_vi": m.vi,
                "label_en": m.en,
            }
        )
    return found


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
