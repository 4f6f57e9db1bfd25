"""From a form spec to SQL: the text of a cell → its typed value, which rows are rejected, the rules a spec implies.

Functions called here live in assets/prelude; hand-written rules live in expectations/.
"""

from pipelines.forms import Column, Form, forms
from pipelines.vietnamese import fold


def code_macros() -> list[str]:
    """One SQL function per code list, `code_<form>_<column>(text)`: accepted spelling → code, else NULL."""
    made = []
    for form in forms().values():
        for c in form.columns:
            if c.codes:
                cases = " ".join(
                    f"when vn_key(s) in ({_list({fold(x) for x in (code, *labels)})}) then '{code}'"
                    for code, labels in c.codes.items()
                )
                made.append(f"create or replace macro code_{form.form}_{c.name}(s) as case {cases} end")
    return made


def typed_value(form: Form, c: Column) -> str:
    """The SQL expression of a column's typed value over the text column of the same name."""
    t = f"r.{c.name}"
    match c.type:
        case "unit":
            # the code, else the unit the sheet is of, else the name beside it: a name never outvotes either
            named = ", n.unit_code" if c.named_by else ""
            return f"coalesce(u.unit_code, case when vn_squash({t}) is null then coalesce(s.default_unit_code{named}) end)"
        case "date":
            return f"vn_date(vn_squash({t}))"
        case "yes_no":
            return f"vn_yes({t})"
        case "code":
            return f"code_{form.form}_{c.name}({t})"
        case "count" | "money":
            return f"vn_whole(vn_squash({t}))"
        case "number":
            return f"cast(vn_number(vn_squash({t})) as double)"
        case "digits":
            return f"case when matches(vn_squash({t}), '^[0-9]{{{c.length}}}$') then vn_squash({t}) end"
        case "indicator":
            return "i.indicator_id"
        case _:
            return f"vn_squash({t})"


def typed_select(form: Form) -> str:
    """The SELECT of typed.<form>: one row per data row of an accepted return in a touched month.

    Each column typed, its text beside it as `<name>_text` where typing can fail, `is_rejected`, `row_key`; where the form
    has a column for the unit's name, `named_unit_code` is the unit so called.
    """
    values = [f"{typed_value(form, c)} as {c.name}" for c in form.columns]
    texts = [f"vn_squash(r.{c.name}) as {c.name}_text" for c in form.columns if can_fail(c)]
    precision = [f"vn_date_precision(vn_squash(r.{c.name})) as {c.name}_precision" for c in form.columns if c.type == "date"]
    indicator = (
        "left join reference.indicators i on i.indicator_id = lower(vn_squash(r.indicator_id))"
        if any(c.type == "indicator" for c in form.columns)
        else ""
    )
    name = next((c.named_by for c in form.columns if c.named_by), None)
    named = f"left join reference.unit_name n on n.name_key = vn_key(r.{name})" if name else ""
    if name:
        texts.append("n.unit_code as named_unit_code")
    return f"""
with typed as (
    select s.submission_id, s.is_current, s.unit_code as sender_code, s.received_at, s.modified_at, s.period, s.sheet, r.row, s.missing_columns,
        {", ".join(values + texts + precision)}
    from raw.{form.form} r
    join core.accepted_return s on s.submission_id = r.submission_id
    left join reference.unit_name u on u.name_key = vn_key(r.unit_code)
    {named}
    {indicator}
    where r.row_kind = 'data' and s.period in (select period from meta.touched)
)
select *, coalesce({rejected(form)}, false) as is_rejected, pseudonym({natural_key(form)}) as row_key
from typed"""


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


def _list(values: set[str]) -> str:
    return ", ".join("'" + v.replace("'", "''") + "'" for v in sorted(values))
