"""What a return says its columns come to, beside what its rows give: the SQL of core.control_total and its two rules a column.

The «Tổng cộng» row is compared with the whole sheet, a sub-total with the rows above it.
"""

from pipelines.forms import Column, Form, forms


def control_totals() -> str:
    """The SELECT of core.control_total: every stated total and sub-total of an accepted return in a touched month.

    Sums take loaded and rejected rows; `has_unread` says that a cell of the column could not be read, so that no sum can be right.
    """
    return "\nunion all\n".join(
        part for form in forms().values() for c in form.totals for part in (_total(form, c), _subtotal(form, c))
    )


def _stated(form: Form, c: Column, kind: str) -> str:
    return f"""r.row_kind = '{kind}' and vn_whole(vn_squash(r.{c.name})) is not null and a.period in (select period from meta.touched)"""


def _head(c: Column, kind: str) -> str:
    return f"""a.unit_code, a.period, a.form, a.submission_id, a.is_current, r.row, '{kind}' as kind, '{c.name}' as column_name,
    vn_whole(vn_squash(r.{c.name})) as declared"""


def _total(form: Form, c: Column) -> str:
    return f"""
select {_head(c, "total")}, cast(coalesce(c.computed, 0) as bigint) as computed, coalesce(c.unread, 0) > 0 as has_unread
from raw.{form.form} r
join core.accepted_return a on a.submission_id = r.submission_id
left join (
    select submission_id, sum({c.name}) as computed, count(*) filter (where {c.name} is null and {c.name}_text is not null) as unread
    from typed.{form.form} group by submission_id
) c on c.submission_id = r.submission_id
where {_stated(form, c, "total")}"""


def _subtotal(form: Form, c: Column) -> str:
    """Which rows a sub-total is of, a sheet does not say: it holds when rows from any heading or sub-total above come to it.

    Where none does, `computed` is what stands since the nearest one.
    """
    return f"""
select unit_code, period, form, submission_id, is_current, row, kind, column_name, declared, cast(part as bigint) as computed, unread > 0 as has_unread
from (
    select {_head(c, "subtotal")}, coalesce(sum(d.{c.name}), 0) as part,
        count(*) filter (where d.{c.name} is null and d.{c.name}_text is not null) as unread, b.row as from_row
    from raw.{form.form} r
    join core.accepted_return a on a.submission_id = r.submission_id
    join raw.{form.form} b on b.submission_id = r.submission_id and b.row < r.row and b.row_kind in ('header', 'group', 'subtotal')
    left join typed.{form.form} d on d.submission_id = r.submission_id and d.row > b.row and d.row < r.row
    where {_stated(form, c, "subtotal")}
    group by a.unit_code, a.period, a.form, a.submission_id, a.is_current, r.row, r.{c.name}, b.row
) parts
qualify row_number() over (partition by submission_id, row order by case when part = declared then 0 else 1 end, from_row desc) = 1"""
