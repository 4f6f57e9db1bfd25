"""The rules of expectations/ and those a form spec implies, each compiled to one SQL that returns its findings.

Running them is not here: `checks` runs them inside Great Expectations.
"""

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.declarations import declared
from pipelines.forms import FORM_OF, Column, Form, forms
from pipelines.metrics import metrics
from pipelines.typing_sql import can_fail, cells
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
    scope: str = "touched"  # months it looks at: touched, next (those and the month after each), or all
    of_intake: bool = False  # intake found it when it read the file (raw.issue)
    lasts: bool = False  # what a person accepts of a row holds in other months too, while its cells say the same
    machine: bool = False  # a broken pipeline, not a bad return: it blocks and is no finding

    @property
    def bad_rows(self) -> str:
        """A SELECT of the bad rows with their address and what the sentence needs."""
        return (
            self.sql or f"select *, {literal(self.form or '')} as form from {self.table} where is_current and ({self.fails_when})"
        )


@cache
def rules() -> dict[str, Rule]:
    """Every rule by id."""
    found: dict[str, Rule] = {}
    by_hand = map(_sql_rule, sorted(EXPECTATIONS.glob("*.sql")))
    for rule in [*_intake_rules(), *_implied_rules(), *_row_rules(), *by_hand, _identities()]:
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
    caused_by = "caused_by" if rule.sql and "as caused_by" in rule.sql else "cast(null as varchar)"
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
    machine = "machine" in head
    head.pop("machine", None)
    sql = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    return Rule(id=path.stem, table=table, form=form, sql=sql, machine=machine, **head)


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


# ---- rules that a form spec implies


def _implied_rules() -> list[Rule]:
    found = []
    for form in forms().values():
        for c in form.columns:
            if c.mandatory or c.mandatory_when:
                found.append(_missing(form, c))
            if can_fail(c):
                found.append(_unreadable(form, c))
        found += [rule for c in form.totals for rule in _total_differs(form, c)]
    return found


def _missing(form: Form, c: Column) -> Rule:
    empty = f"{c.name}_text is null and {c.name} is null" if can_fail(c) else f"{c.name} is null"
    condition = f"{c.mandatory_when} and " if c.mandatory_when else ""
    return Rule(
        id=f"{form.form}_{c.name}_missing",
        table=f"typed.{form.form}",
        form=form.form,
        severity="critical",
        column=c.name,
        fails_when=f"{condition}{empty} and (',' || missing_columns || ',') not like '%,{c.name},%'",
        vi="ô này bắt buộc nhưng đang trống nên dòng chưa được nhận, xin điền rồi gửi lại.",
        en=f"{c.name} is mandatory and empty; the row is rejected.",
    )


_WHY = {"count": "vn_count_why", "money": "vn_money_why", "number": "vn_figure_why", "date": "vn_date_why"}


@cache
def unreadable() -> dict[str, dict]:
    """expectations/unreadable.yml: `why` by parser and reason, `ask` by column type."""
    return declared((EXPECTATIONS / "unreadable.yml").read_text("utf-8"))


def _ask(form: Form, c: Column) -> str:
    """What the officer reads below an unreadable cell: what is wrong with it, and what to write."""
    text = f"{c.name}_text"
    if c.type == "code":
        near = f"' (có phải là «' || near_{form.form}_{c.name}({text}) || '»?)'"
        shown = "; ".join(labels[0] for labels in c.codes.values())
        return f"giá trị này không có trong danh sách{{{near}}}, xin chọn một trong: {shown}."
    if c.type == "digits":
        return f"số này phải có đủ {c.length} chữ số, xin ghi lại đúng như trên giấy tờ đang có hiệu lực, kể cả các số 0 ở đầu."
    ask = unreadable()["ask"][c.type]
    if c.type not in _WHY:
        return f"{ask}."
    sentences = unreadable()["why"]["date" if c.type == "date" else "number"]
    reasons, said = (", ".join(map(literal, part)) for part in (sentences.keys(), sentences.values()))
    return f"{{pick({_WHY[c.type]}({text}), [{reasons}], [{said}])}}, {ask}."


def _unreadable(form: Form, c: Column) -> Rule:
    return Rule(
        id=f"{form.form}_{c.name}_unreadable",
        table=f"typed.{form.form}",
        form=form.form,
        severity="critical" if c.mandatory or c.mandatory_when else "warning",
        column=c.name,
        fails_when=f"{c.name} is null and {c.name}_text is not null",
        vi=_ask(form, c),
        en=f"{c.name} holds something that is no {c.type.replace('_', ' ')} the form knows.",
    )


def _total_differs(form: Form, c: Column) -> list[Rule]:
    """Of the whole and of its parts; where both are wrong by the same, the part explains the whole."""
    part_id = f"{form.form}_{c.name}_subtotal_differs"
    differs = f"""t.form = '{form.form}' and t.column_name = '{c.name}' and t.is_current and not t.has_unread and t.declared <> t.computed
    and t.period in (select period from meta.touched)"""
    whole = f"""
select t.unit_code as sender_code, t.period, t.form, t.submission_id, t.row, 'total' as row_key, t.declared, t.computed, t.cause,
    max(case when p.row is not null then '{part_id}' end) as caused_by
from core.control_total t
left join core.control_total p on p.submission_id = t.submission_id and p.column_name = t.column_name and p.kind = 'subtotal'
    and p.declared - p.computed = t.declared - t.computed
where t.kind = 'total' and {differs}
group by t.unit_code, t.period, t.form, t.submission_id, t.row, t.declared, t.computed, t.cause"""
    part = f"""
select t.unit_code as sender_code, t.period, t.form, t.submission_id, t.row, 'subtotal ' || cast(t.declared as varchar) as row_key, t.declared, t.computed
from core.control_total t
where t.kind = 'subtotal' and {differs}"""
    of_whole = Rule(
        id=f"{form.form}_{c.name}_total_differs",
        table="core.control_total",
        severity="critical",
        form=form.form,
        column=c.name,
        sql=whole,
        vi="dòng «Tổng cộng» ghi {vn_digits(declared)} nhưng các dòng cộng lại được {vn_digits(computed)}{coalesce(' (' || cause || ')', '')}, xin sửa tổng hoặc dòng còn thiếu.",
        en=f"The control total of {c.name} is not the sum of the rows.",
    )
    of_part = replace(
        of_whole,
        id=part_id,
        sql=part,
        vi="dòng cộng của phần này ghi {vn_digits(declared)} nhưng các dòng phía trên cộng lại được {vn_digits(computed)}, xin sửa số cộng hoặc dòng còn thiếu.",
        en=f"A sub-total of {c.name} is not the sum of any run of rows above it.",
    )
    return [of_whole, of_part]
