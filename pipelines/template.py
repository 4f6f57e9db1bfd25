"""`congdoan template`: the blank form of one unit and month, pre-filled with what its next return repeats."""

import re
from pathlib import Path
from typing import Any

from pipelines.blank import Sheet, write_return
from pipelines.config import Home, UserError
from pipelines.forms import Form, forms
from pipelines.reference import Registry, checked_reference
from pipelines.vietnamese import day
from pipelines.warehouse import read_only

_TABLE = {"members": "core.member", "initiatives": "core.initiative", "activity": "core.activity"}


def write_template(home: Home, form_name: str, unit: str, period: str, output: Path) -> None:
    """Writes the form; UserError for an unknown form, unit or month."""
    form = forms().get(form_name)
    if form is None:
        raise UserError(f"No form is called {form_name}; there are {', '.join(forms())}.")
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", period):
        raise UserError(f"A return is for a month such as 2023-05, not {period}.")
    if output.is_dir():
        raise UserError(f"{output} is a folder; name the file to write, such as {output / f'{form_name} {unit} {period}.xlsx'}.")
    registry = checked_reference(home.reference)
    by_code = {u.code: u for u in registry.rows["units"]}
    if unit not in by_code:
        raise UserError(f"No unit has the code {unit}; see `congdoan units`.")
    parent = by_code.get(by_code[unit].parent or "")
    rows = _last_rows(home, form, unit, period)
    rows += _indicator_rows(registry, form, unit, {r.get("indicator_id") for r in rows})
    sheet = Sheet(
        form,
        unit,
        by_code[unit].name,
        parent.name if parent else "",
        period,
        rows=rows,
        blank_rows=form.blank_rows,
        example=not rows,
        units=tuple(_units_below(registry, unit)),
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    write_return(output, [sheet])


def _units_below(registry: Registry, unit: str) -> list[str]:
    """Codes a row of this sender may carry: the unit and what is under it, or everything for the province."""
    return sorted(code for code in registry.parents if unit in registry.ancestors(code))


def _last_rows(home: Home, form: Form, unit: str, period: str) -> list[dict[str, Any]]:
    """The sender's newest list before the month, as an officer would write it; a flow repeats nothing."""
    if form.holds != "state" or not home.private.is_file():
        return []
    con = read_only(home.private)
    try:
        table = _TABLE[form.form]
        found = con.execute(
            f"""select {", ".join(c.name for c in form.columns)}{"".join(f", {c.name}_precision" for c in form.columns if c.type == "date")}
            from {table} where sender_code = $1 and period = (select max(period) from {table} where sender_code = $1 and period < $2) order by row""",
            [unit, period],
        )
        names = [d[0] for d in found.description]
        return [_as_written(form, dict(zip(names, row, strict=True))) for row in found.fetchall()]
    finally:
        con.close()


def _as_written(form: Form, row: dict[str, Any]) -> dict[str, Any]:
    written = {}
    for c in form.columns:
        value = row[c.name]
        if value is None or (form.form == "activity" and c.name == "value"):
            continue
        if c.type == "code":
            value = c.codes[value][0]
        elif c.type == "yes_no":
            value = "x" if value else None
        elif c.type == "date" and row[f"{c.name}_precision"] != "day":
            value = day(value)[3:] if row[f"{c.name}_precision"] == "month" else str(value.year)
        written[c.name] = value
    return written


def _indicator_rows(registry: Registry, form: Form, unit: str, listed: set[Any]) -> list[dict[str, Any]]:
    """The activity form always lists every indicator, so that officers fill one column only: here those not `listed` yet."""
    if form.form != "activity":
        return []
    return [
        {"unit_code": unit, "indicator_id": i.indicator_id, "indicator_label": i.label_vi, "unit_of_measure": i.unit}
        for i in registry.rows["indicators"]
        if i.indicator_id not in listed
    ]
