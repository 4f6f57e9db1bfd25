"""The rules that a form spec implies: mandatory cells, cells that cannot be read, totals that are not the sum of their rows."""

from dataclasses import replace
from functools import cache

from pipelines.declarations import declared
from pipelines.forms import Column, Form, forms
from pipelines.rules import EXPECTATIONS, Rule, lacks_column
from pipelines.typing_sql import can_fail
from pipelines.warehouse import literal


def implied_rules() -> list[Rule]:
    """Of every form and column, in the order of their specs."""
    found = []
    for form in forms().values():
        for c in form.columns:
            if c.mandatory or c.mandatory_when:
                found.append(_missing(form, c))
            if can_fail(c):
                found.append(_unreadable(form, c))
        found += [rule for c in form.totals for rule in (*_total_differs(form, c), _total_unreadable(form, c))]
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
        fails_when=f"{condition}{empty} and not ({lacks_column(c.name)})",
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
    """Of the whole and of its parts; where both are wrong by the same, the part explains the whole, and one total the same below."""
    whole_id, part_id = f"{form.form}_{c.name}_total_differs", f"{form.form}_{c.name}_subtotal_differs"
    differs = f"""t.form = '{form.form}' and t.column_name = '{c.name}' and t.is_current and not t.has_unread and t.declared <> t.computed
    and t.period in (select period from meta.touched)"""
    whole = f"""
select t.unit_code as sender_code, t.period, t.form, t.submission_id, t.row, 'total' as row_key, t.declared, t.computed, t.cause,
    coalesce(t.caused_by, max(case when p.row is not null then '{part_id}' end), max(case when o.row is not null then '{whole_id}' end)) as caused_by
from core.control_total t
left join core.control_total o on o.submission_id = t.submission_id and o.column_name = t.column_name and o.kind = 'total'
    and o.row < t.row and o.declared = t.declared
left join core.control_total p on p.submission_id = t.submission_id and p.column_name = t.column_name and p.kind = 'subtotal'
    and p.declared - p.computed = t.declared - t.computed
where t.kind = 'total' and {differs}
group by t.unit_code, t.period, t.form, t.submission_id, t.row, t.declared, t.computed, t.cause, t.caused_by"""
    part = f"""
select t.unit_code as sender_code, t.period, t.form, t.submission_id, t.row, 'subtotal ' || cast(t.declared as varchar) as row_key, t.declared, t.computed,
    t.caused_by as caused_by
from core.control_total t
where t.kind = 'subtotal' and {differs}"""
    of_whole = Rule(
        id=whole_id,
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


def _total_unreadable(form: Form, c: Column) -> Rule:
    """A stated sum is no cell of a row, so it is looked for among the rows as received; words without a digit are no sum."""
    told = f"""
select a.unit_code as sender_code, a.period, a.form, a.submission_id, r.row, r.row_kind as row_key, vn_squash(r.{c.name}) as {c.name}_text
from raw.{form.form} r
join core.accepted_return a on a.submission_id = r.submission_id
where r.row_kind in ('total', 'subtotal') and a.is_current and a.period in (select period from meta.touched)
    and vn_{c.type}(vn_squash(r.{c.name})) is null and matches(vn_key(r.{c.name}), '^#|[0-9]')"""
    return Rule(
        id=f"{form.form}_{c.name}_total_unreadable",
        table="core.control_total",
        severity="warning",
        form=form.form,
        column=c.name,
        sql=told,
        vi=f"chưa so được số cộng ở đây với các dòng: {_ask(form, c)}",
        en=f"The control total of {c.name} is no {c.type} that can be read, so that it is compared with nothing.",
    )
