"""From a form spec to SQL: the text of a cell → its typed value, which rows are rejected, the rules a spec implies.

Functions called here live in assets/prelude; hand-written rules live in expectations/.
"""

import re
from collections.abc import Iterable

from pipelines.forms import Column, Form, forms
from pipelines.vietnamese import DEPARTMENT, fold


def code_macros() -> list[str]:
    """Two SQL functions per code list: accepted spelling → code, else NULL; misspelling → the one label it is near, else NULL.

    They are `code_<form>_<column>(text)` and `near_<form>_<column>(text)`. Besides, whether a text is a part of a unit.
    """
    made = [f"create or replace macro vn_is_department(s) as regexp_matches(vn_key(s), '{DEPARTMENT}')"]
    for form in forms().values():
        for c in form.columns:
            if c.codes:
                spelled = {(_spelling(x), code) for code, labels in c.codes.items() for x in (code, *labels)}
                cases = " ".join(
                    f"when k in ({_list(sorted(s for s, of in spelled if of == code))}) then '{code}'" for code in c.codes
                )
                made.append(
                    f"create or replace macro code_{form.form}_{c.name}(s) as "
                    f"list_transform([vn_code_key(s)], lambda k: case {cases} end)[1]"
                )
                pairs = [(_spelling(x), labels[0]) for labels in c.codes.values() for x in labels]
                made.append(
                    f"create or replace macro near_{form.form}_{c.name}(s) as "
                    f"vn_nearest(s, [{_list(s for s, _ in pairs)}], [{_list(label for _, label in pairs)}])"
                )
    return made


def typed_value(form: Form, c: Column) -> str:
    """The SQL expression of a column's typed value over its squashed text `<name>_text`."""
    t = f"{c.name}_text"
    match c.type:
        case "unit":
            # the code, else the unit the sheet is of, else the name beside it: a name never outvotes either
            named = ", n.unit_code" if c.named_by else ""
            of_sheet = f"when default_unit_code is not null and vn_is_department({t}) then default_unit_code"
            return f"coalesce(u.unit_code, case when {t} is null then coalesce(default_unit_code{named}) {of_sheet} end)"
        case "date":
            return f"vn_date({t})"
        case "yes_no":
            return f"vn_yes({t})"
        case "code":
            return f"code_{form.form}_{c.name}({t})"
        case "count" | "money":
            return f"vn_{c.type}({t})"
        case "number":
            return f"cast({f'case when vn_says_none({t}) then 0 else vn_figure({t}) end' if c.mandatory else f'vn_figure({t})'} as double)"
        case "digits":
            digits = f"translate({t}, ' .-''’', '')"  # «012 345 678 901», and what Excel writes before a text
            return f"case when matches({digits}, '^[0-9]{{{c.length}}}$') then {digits} end"
        case "indicator":
            return f"coalesce(i.indicator_id, case when {t} is null then l.indicator_id end)"
        case _:
            return t


def typed_select(form: Form) -> str:
    """The SELECT of typed.<form>: one row per data row of an accepted return in a touched month.

    Each column typed, its text beside it as `<name>_text` where typing can fail, `is_rejected`, `row_key`, and `cells_key`,
    which is the same for rows that say the same; only rows of returns that came more than once have one. Where the form has
    a column for the unit's name, `named_unit_code` is the unit so called.
    """
    squashed = [f"{_said(c)} as {c.name}_text" for c in form.columns]
    values = [f"{typed_value(form, c)} as {c.name}" for c in form.columns]
    texts = [f"{c.name}_text" for c in form.columns if can_fail(c)]
    precision = [f"vn_date_precision({c.name}_text) as {c.name}_precision" for c in form.columns if c.type == "date"]
    indicator = "".join(_indicator(c) for c in form.columns if c.type == "indicator")
    name = next((c.named_by for c in form.columns if c.named_by and c.type == "unit"), None)
    named = f"left join reference.unit_name n on n.name_key = vn_key({name}_text)" if name else ""
    if name:
        texts.append("n.unit_code as named_unit_code")
    return f"""
with cells as (
    select s.submission_id, s.is_current, s.version_no, s.version_count, s.unit_code as sender_code, s.received_at, s.modified_at, s.period,
        s.sheet, r.row, s.missing_columns, s.default_unit_code, {", ".join(squashed)}
    from raw.{form.form} r
    join core.accepted_return s on s.submission_id = r.submission_id
    where r.row_kind = 'data' and s.period in (select period from meta.touched)
), typed as (
    select submission_id, is_current, version_no, version_count, sender_code, received_at, modified_at, period, sheet, row, missing_columns,
        {", ".join(values + texts + precision)}
    from cells
    left join reference.unit_name u on u.name_key = vn_key(unit_code_text)
    {named}
    {indicator}
)
select *, coalesce({rejected(form)}, false) as is_rejected, pseudonym({natural_key(form)}) as row_key,
    case when version_count > 1 then pseudonym({cells(form)}) end as cells_key
from typed"""


def _said(c: Column) -> str:
    """What a cell says; nothing, where it may be empty and says so in words."""
    text = f"vn_squash(r.{c.name})"
    if c.mandatory or c.mandatory_when or c.type not in ("code", "count", "date", "digits", "money", "number"):
        return text
    return f"vn_no_dash({text})" if c.type == "code" else f"vn_said({text})"


def _indicator(c: Column) -> str:
    """Joins the indicator by its code, and by what it is called where no other is called so."""
    return f"""left join reference.indicators i on i.indicator_id = lower({c.name}_text)
    left join (
        select vn_label_key(label_vi) as label_key, min(indicator_id) as indicator_id from reference.indicators group by 1 having count(*) = 1
    ) l on l.label_key = vn_label_key({c.named_by}_text)"""


def can_fail(c: Column) -> bool:
    """Whether a non-empty cell of this column can be unreadable."""
    return c.type not in ("text", "person")


def rejected(form: Form) -> str:
    """True where a mandatory cell is missing or unreadable (DESIGN section 3, “Settled”)."""
    return " or ".join(
        [f"{c.name} is null" for c in form.columns if c.mandatory]
        + [f"({c.mandatory_when} and {c.name} is null)" for c in form.columns if c.mandatory_when]
    )


def natural_key(form: Form) -> str:
    """Text that names the row across versions of a return."""
    return " || '|' || ".join(f"coalesce(cast({k} as varchar), '')" for k in form.natural_key)


def cells(form: Form, named: set[str] | None = None) -> str:
    """Text that is the same for two rows that say the same (in columns `named`, by value or text), however their cells are written.

    An unreadable cell says its text.
    """
    said = []
    for c in form.columns:
        if named is not None and not named & {c.name, f"{c.name}_text"}:
            continue
        said.append(f"coalesce(cast({c.name} as varchar), {f'{c.name}_text, ' if can_fail(c) else ''}'')")
        if c.type == "date":
            said.append(f"coalesce({c.name}_precision, '')")
    return " || '|' || ".join(said)


def _spelling(label: str) -> str:
    """The key of an accepted spelling. Equals SQL `vn_code_key`."""
    return re.sub(r"(?<=[a-z]) (nam )?20\d\d$", "", re.sub(r" ?([-/]) ?", r"\1", fold(label)).rstrip(" .,;"))


def _list(values: Iterable[str]) -> str:
    return ", ".join("'" + v.replace("'", "''") + "'" for v in values)
