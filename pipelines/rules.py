"""The rules of expectations/, each compiled to one SQL that returns its findings; those a form spec implies are in `implied_rules`.

Running them is not here: `checks` runs them inside Great Expectations.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.declarations import declared
from pipelines.forms import FORM_OF, forms
from pipelines.metrics import metrics
from pipelines.typing_sql import cells
from pipelines.warehouse import literal

EXPECTATIONS = Path(__file__).resolve().parent.parent / "expectations"
SEVERITIES = {"critical": "phải sửa", "warning": "cần xem lại", "info": "để biết"}
_COMPUTED = re.compile(r"\{(.+?)\}(?=[^}]|$)")  # SQL inside a Vietnamese sentence


@dataclass(frozen=True)
class Rule:
    """What must hold of `table`. Exactly one of `fails_when` (a predicate over its rows) and `sql` (bad rows) is set.

    `vi` is what the officer reads; `{SQL}` in it is computed per bad row and may hold no personal value. What a row is bad for and `vi`
    does not say, `sql` may select `as about`: a person accepts the finding for as long as that is the same, too.
    """

    id: str
    table: str
    severity: str
    vi: str
    en: str
    form: str | None = None
    column: str | None = None
    fails_when: str | None = None
    sql: str | None = None
    scope: str = "touched"  # months it looks at: touched, year (those and the twelve months after each), or all
    of_intake: bool = False  # intake found it when it read the file (raw.issue)
    of_implied: bool = False  # its rows contradict what their other cells imply, so that a right sum is off by as much
    lasts: bool = False  # what a person accepts of a row holds in other months too, while its cells say the same
    machine: bool = False  # a broken pipeline, not a bad return: it blocks and is no finding

    @property
    def bad_rows(self) -> str:
        """A SELECT of the bad rows with their address and what the sentence needs; a column that is not there explains its rows."""
        if self.sql:
            return self.sql
        absent = f"case when {lacks_column(self.column)} then 'column_absent' end as caused_by, " if self.column else ""
        return f"select *, {absent}{literal(self.form or '')} as form from {self.table} where is_current and ({self.fails_when})"


@cache
def rules() -> dict[str, Rule]:
    """Every rule by id."""
    found: dict[str, Rule] = {}
    from pipelines.implied_rules import implied_rules  # which are Rules too

    by_hand = map(_sql_rule, sorted(EXPECTATIONS.glob("*.sql")))
    for rule in [*_intake_rules(), *implied_rules(), *_row_rules(), *by_hand, _identities()]:
        if rule.id in found:
            raise ValueError(f"two rules are called {rule.id}")
        if rule.severity not in SEVERITIES:
            raise ValueError(f"{rule.id}: severity {rule.severity} is none of {', '.join(SEVERITIES)}")
        found[rule.id] = rule
    return found


def finding_sql(rule: Rule) -> str:
    """The rule as one SELECT of rows for quality.failing: address, key and the whole Vietnamese sentence."""
    column = (
        literal(rule.column)
        if rule.column
        else "column_name"
        if rule.form is None and "column_name" in rule.bad_rows
        else "cast(null as varchar)"
    )
    label = literal(f"cột «{column_label(rule)}»") if rule.column else "cast(null as varchar)"
    caused_by = "caused_by" if "as caused_by" in rule.bad_rows else "cast(null as varchar)"
    return f"""
with bad as (
    select sender_code, period, form, submission_id, cast(row as integer) as row, row_key, {column} as column_name, {caused_by} as caused_by,
        {_about(rule)} as cells_key, {_sentence(rule.vi)} as said
    from ({rule.bad_rows}) rows_of_rule
), placed as (
    select b.*, s.file_name, coalesce(s.sheet, '') as sheet,
        concat_ws(', ', 'Trang «' || nullif(s.sheet, '') || '»', 'dòng ' || b.row, case when s.sheet <> '' or b.row is not null then {label} end) as place
    from bad b
    left join raw.submission s on s.submission_id = b.submission_id
)
select {literal(rule.id)} as check_id, {literal(rule.severity)} as severity, sender_code as unit_code, period, form, submission_id, file_name, sheet,
    row, column_name, row_key, case when place = '' then said else place || ': ' || said end as message, caused_by, cells_key
from placed"""


def _about(rule: Rule) -> str:
    """The keyed hash of the cells that a finding is about, as an SQL expression over the bad row: nothing of them can be read from it."""
    about = "about" if rule.sql and "as about" in rule.sql else None
    if rule.fails_when and rule.form:
        about = cells(forms()[rule.form], {*re.findall(r"\w+", rule.fails_when), rule.column or ""})
    return f"pseudonym(row_key || '|' || {about})" if about else "cast(null as varchar)"


def column_label(rule: Rule) -> str | None:
    """What officers call the column of a rule, if it has one; a rule over all forms names one that they share."""
    of_rule = (f for f in forms().values() if rule.form in (None, f.form))
    return next((c.label for f in of_rule for c in f.columns if c.name == rule.column), None)


def lacks_column(name: str) -> str:
    """SQL over typed rows: whether their sheet lacks a column, which a finding says."""
    return f"(',' || missing_columns || ',') like '%,{name},%'"


def spoken(vi: str) -> str:
    """The sentence as a list of rules shows it: what is computed for each bad row stands as «…»."""
    return _COMPUTED.sub("…", vi)


def _sentence(vi: str) -> str:
    """The Vietnamese sentence as an SQL expression over the bad row."""
    parts = _COMPUTED.split(vi)
    return " || ".join(f"coalesce(cast({p} as varchar), '')" if i % 2 else literal(p) for i, p in enumerate(parts) if p)


# ---- rules written by hand


def _row_rules() -> list[Rule]:
    found = []
    for form in forms():
        for item in (
            declared((EXPECTATIONS / f"{form}.yml").read_text("utf-8")) if (EXPECTATIONS / f"{form}.yml").is_file() else []
        ):
            found.append(Rule(table=f"typed.{form}", form=form, **item))
    return found


def _sql_rule(path: Path) -> Rule:
    text = path.read_text("utf-8")
    head: dict[str, Any] = {}
    for line in text.splitlines():
        if m := re.match(r"-- @(\w+)\s*(.*)", line):
            head[m[1]] = m[2]
    table = head.pop("on")
    form = table.removeprefix("typed.") if table.startswith("typed.") else FORM_OF.get(table)
    head |= {flag: flag in head for flag in ("machine", "lasts")}
    sql = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return Rule(id=path.stem, table=table, form=form, sql=sql, **head)


def _intake_rules() -> list[Rule]:
    found = []
    for item in declared((EXPECTATIONS / "intake.yml").read_text("utf-8")):
        sql = f"""
select s.unit_code as sender_code, s.period, s.form, s.submission_id, i.row, coalesce(i.column_name, '') as row_key, i.column_name, i.detail
from raw.issue i
join raw.submission s on s.submission_id = i.submission_id
left join core.accepted_return a on a.submission_id = i.submission_id
left join core.answered_return n on n.submission_id = i.submission_id
where i.check_id = {literal(item["id"])} and (a.is_current or (a.submission_id is null and n.submission_id is null))"""
        found.append(Rule(table="core.answered_return", sql=sql, scope="all", of_intake=True, **item))
    return found


def _identities() -> Rule:
    """The one rule that all of identities.yml are: its bad rows are a unit, a period and the identity that fails there."""
    terms, known = [], metrics()
    for item in declared((EXPECTATIONS / "identities.yml").read_text("utf-8")):
        number, figures = (item["of"], item["all"]) if isinstance(item["of"], int) else (0, [*item["all"], item["of"]])
        if lost := sorted({*figures} - known.keys()):
            raise ValueError(f"identity {item['id']} is of figures that no file in assets/metrics declares: {', '.join(lost)}")
        for figure in figures:
            factor = -1 if figure == item["of"] else 1
            terms.append(
                f"({literal(item['id'])}, {literal(figure)}, {factor}, {len(figures)}, {item['are'] == '='}, {number}, {item.get('within', 0)})"
            )
    sql = f"""
with term (identity, metric_id, factor, term_count, is_equal, number, within) as (values {", ".join(terms)}), summed as (
    select t.identity, v.unit_code, v.period, t.is_equal, t.within, sum(t.factor * v.value) - t.number as difference
    from marts.metric_value v
    join term t on t.metric_id = v.metric_id
    where v.value is not null
    group by t.identity, v.unit_code, v.period, t.is_equal, t.within, t.number, t.term_count
    having count(*) = t.term_count
)
select unit_code as sender_code, period, cast(null as varchar) as form, cast(null as varchar) as submission_id, cast(null as integer) as row,
    identity as row_key
from summed
where difference > within + 0.000001 or (is_equal and difference < -within - 0.000001)"""
    return Rule(
        id="identities_broken",
        table="marts.metric_value",
        severity="critical",
        machine=True,
        sql=sql,
        vi="số liệu của cùng đơn vị và kỳ không khớp nhau.",
        en="Figures of one unit and period contradict each other (expectations/identities.yml).",
    )
