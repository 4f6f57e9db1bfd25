"""What a return says its columns come to, beside what its rows give: the SQL of core.control_total, and why a total is off.

The «Tổng cộng» row is compared with the whole sheet, a sub-total with the rows above it.
"""

from collections.abc import Iterator
from typing import Any

import duckdb

from pipelines.forms import Column, Form, forms
from pipelines.gaps import Part, fitting, swapped, zeros
from pipelines.rules import rules


def control_totals() -> str:
    """The SELECT of core.control_total: every stated total and sub-total of an accepted return in a touched month.

    Sums take loaded and rejected rows; `has_unread` says that a cell of the column could not be read, so that no sum can be right.
    """
    return "\nunion all\n".join(
        part for form in forms().values() for c in form.totals for part in (_total(form, c), _subtotal(form, c))
    )


def _stated(form: Form, c: Column, kind: str) -> str:
    return f"""r.row_kind = '{kind}' and vn_{c.type}(vn_squash(r.{c.name})) is not null and a.period in (select period from meta.touched)"""


def _head(c: Column, kind: str) -> str:
    return f"""a.unit_code, a.period, a.form, a.submission_id, a.is_current, r.row, '{kind}' as kind, '{c.name}' as column_name,
    vn_{c.type}(vn_squash(r.{c.name})) as declared, cast(null as varchar) as cause, cast(null as varchar) as caused_by"""


def _total(form: Form, c: Column) -> str:
    return f"""
select {_head(c, "total")}, cast(coalesce(c.computed, 0) as bigint) as computed, coalesce(c.unread, 0) > 0 as has_unread, 0 as from_row
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
select unit_code, period, form, submission_id, is_current, row, kind, column_name, declared, cause, caused_by, cast(part as bigint) as computed,
    unread > 0 as has_unread, from_row
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


_DIFFERING = "t.is_current and not t.has_unread and t.declared <> t.computed and t.period in (select period from meta.touched)"


def blame(con: duckdb.DuckDBPyConnection) -> None:
    """Fills `caused_by` of the totals that differ in touched months: the rule whose rows, once mended, make the sum the total."""
    for form, c in ((f, c) for f in forms().values() for c in f.totals):
        differing = f"from core.control_total t where t.form = '{form.form}' and t.column_name = '{c.name}' and {_DIFFERING}"
        if con.execute(f"select 1 {differing} limit 1").fetchall():
            con.execute(f"""update core.control_total u set caused_by = b.caused_by from ({_blamed(form, c, differing)}) b
                where b.submission_id = u.submission_id and b.row = u.row and u.column_name = '{c.name}' and b.caused_by is not null""")  # fmt: skip


def _blamed(form: Form, c: Column, differing: str) -> str:
    """Every differing total with the rule that accounts for its gap alone, or else the first of those that do together.

    A blank cell is worth what its row implies; where the row does not say, it may be anything.
    """
    known, missing, duplicate = rules(), f"{form.form}_{c.name}_missing", f"{form.form}_duplicate"
    mends = {missing: (known[missing].fails_when, c.implied or "cast(null as bigint)")} if missing in known else {}
    if c.implied:
        mends |= {r.id: (r.fails_when, f"{c.implied} - {c.name}") for r in known.values() if r.of_implied and r.form == form.form}
    if duplicate in known:
        mends[duplicate] = ("twice_row is not null", f"-{c.name}")
    twice = f"select submission_id as twice_id, row as twice_row from ({known[duplicate].bad_rows})" if duplicate in known else ""
    cells = ", ".join(f"case when {fails} then {by} end as mend_{n}" for n, (fails, by) in enumerate(mends.values()))
    unsaid = f"({known[missing].fails_when}) and ({c.implied or 'null'}) is null" if missing in known else "false"
    alone = " ".join(f"when sum(mend_{n}) = gap then '{rule}'" for n, rule in enumerate(mends))
    of_all = " + ".join(f"coalesce(sum(mend_{n}), 0)" for n in range(len(mends)))
    first = " ".join(f"when sum(mend_{n}) <> 0 then '{rule}'" for n, rule in enumerate(mends))
    return f"""
select submission_id, row, case when gap > 0 and sum(unsaid) > 0 then '{missing}' {alone} when {of_all} = gap then case {first} end end as caused_by
from (select t.submission_id, t.row, t.from_row, t.kind, t.declared - t.computed as gap {differing}) t
join (
    select submission_id as of_id, row as of_row, case when {unsaid} then 1 else 0 end as unsaid, {cells}
    from typed.{form.form} {f"left join ({twice}) twice on twice_id = submission_id and twice_row = row" if twice else ""}
) d on of_id = submission_id and of_row > from_row and (kind = 'total' or of_row < row)
group by submission_id, row, gap"""


def explain(con: duckdb.DuckDBPyConnection) -> None:
    """Fills `cause` of the totals that differ in touched months: a Vietnamese clause where one thing, or one of two, explains the gap."""
    differing = con.execute(f"""
        select t.submission_id, t.form, t.column_name, t.row, t.declared, t.computed, max(o.declared - o.computed) as twin_gap
        from core.control_total t
        left join core.control_total o on o.submission_id = t.submission_id and o.kind = 'total' and o.row = t.row and o.column_name <> t.column_name and not o.has_unread
        where t.kind = 'total' and {_DIFFERING}
        group by all""").fetchall()
    for submission_id, form, column, row, declared, computed, twin_gap in differing:
        parts = _parts(con, forms()[form], column, submission_id, declared - computed)
        said = why_differs(declared, computed, parts, twin_gap)
        con.execute("update core.control_total set cause = ? where submission_id = ? and column_name = ? and row = ? and kind = 'total'",
                    [said, submission_id, column, row])  # fmt: skip


def why_differs(declared: float, computed: float, parts: list[Part], twin_gap: float | None = None) -> str | None:
    """What explains that a total is not the sum of its rows; two explanations are both said, more are none."""
    if said := zeros(computed, declared):
        return f"tổng này {said}"
    found = ["hai chữ số liền nhau của tổng bị đảo"] if swapped(computed, declared) else []
    found += fitting(parts, declared - computed, twin_gap)
    return f"có lẽ {' hoặc '.join(found)}" if len(found) in (1, 2) else None


def _parts(con: duckdb.DuckDBPyConnection, form: Form, column: str, submission_id: str, gap: int) -> list[Part]:
    """Each set of rows as large as the gap, under the simplest name that it has; and sub-totals that may be counted as rows."""
    twin = next((c.name for c in form.totals if c.name != column), "cast(null as bigint)")
    codes = [c for c in form.columns if c.type == "code"]
    rows = con.execute(f"""select row, {column}, {twin}, unit_code, {", ".join(c.name for c in codes)} from typed.{form.form}
        where submission_id = ? order by row""", [submission_id]).fetchall()  # fmt: skip
    named: dict[frozenset[int], Part] = {}
    for extra, missing, of in _groups(rows, codes, gap):
        size, twins = sum(r[1] or 0 for r in of), [r[2] for r in of]
        if size == abs(gap):
            named.setdefault(frozenset(r[0] for r in of), Part(extra, missing, size, None if None in twins else sum(twins)))
    found = list(named.values())
    if uncounted := [r[0] for r in rows if r[1] is None and r[2]]:  # a house among gifts
        found.append(Part(f"tính cả {_lines(uncounted)}, vốn không có số suất", "", len(uncounted)))
    stated = con.execute("""select row, declared from core.control_total
        where submission_id = ? and column_name = ? and kind = 'subtotal'""", [submission_id, column]).fetchall()  # fmt: skip
    return found + [Part(f"cộng cả dòng cộng {row}", "", declared) for row, declared in stated]


def _groups(rows: list[Any], codes: list[Column], gap: int) -> Iterator[tuple[str, str, list[Any]]]:
    """Rows (row, value, twin, unit, codes…) one by one, by unit, by code, and those at the end that come to a gap: what is said of each."""
    for r in rows:
        yield f"cộng dòng {r[0]} hai lần", f"chưa cộng dòng {r[0]}", [r]
    for at, column in enumerate((None, *codes), 3):
        of: dict[str, list[Any]] = {}
        for r in rows:
            of.setdefault(r[at], []).append(r)
        for key in sorted(filter(None, of)):
            said = f"các dòng «{column.codes[key][0]}»" if column else f"đơn vị {key}"
            yield f"cộng {said} hai lần", f"chưa cộng {said}", of[key]
    come_to = 0
    for start in range(len(rows) - 1, 0, -1):
        come_to += rows[start][1] or 0
        if come_to == -gap:
            yield "", f"chưa cộng {_lines([rows[start][0], rows[-1][0]], ' đến ')} được thêm vào cuối", rows[start:]


def _lines(rows: list[int], between: str = ", ") -> str:
    return f"dòng {between.join(map(str, rows[:5]))}"
