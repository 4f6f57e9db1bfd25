"""Computes marts.metric_value from the declarations: one pass over each fact for all metrics, units and periods."""

import duckdb

from pipelines.metrics import UNIT_COLUMNS, Metric, metrics
from pipelines.warehouse import literal, one

TABLE = """create table if not exists marts.metric_value (
    metric_id varchar, period varchar, cutoff date, unit_code varchar, structure varchar,
    value double, numerator double, denominator double, target double, status varchar)"""
_ACTIVE = "(u.valid_to is null or u.valid_to > cast(f.period || '-01' as date))"  # on a day of the row's month
COUNTS = {  # which rows of a fact count for a period
    "stock": "f.period = p.last_month and u.valid_from <= p.as_of_date and (u.valid_to is null or u.valid_to > p.as_of_date)",
    "list": "f.period = p.last_month",
    "flow": f"f.{{day}} >= p.start_date and f.{{day}} <= p.as_of_date and {_ACTIVE}",
    "to_date": f"f.{{day}} <= p.as_of_date and {_ACTIVE}",
    "opening": f"f.{{day}} < p.start_date and {_ACTIVE}",
}
# Of a figure m of a period p, with f = core.form_start of its form and g = core.return_gap of its form and unit: whether returns that
# count are all in, and the data covers the whole period.
STATUS = """case
    when not p.is_complete then 'incomplete'
    when m.form is null then 'complete'  -- the registry's, which is whole
    when m.counts_from_start and not p.is_whole then 'incomplete'
    when coalesce(f.first_month > case when m.counts_from_start then p.first_month else p.last_month end, true) then 'incomplete'
    when coalesce(case m.time when 'flow' then g.lacks_flow when 'opening' then g.lacks_opening
        when 'to_date' then g.lacks_flow or g.lacks_opening else g.lacks_state end, false) then 'incomplete'
    else 'complete' end"""
_SET_STATUS = f"""update marts.metric_value v set status = n.status from (
    select v.metric_id, v.period, v.unit_code, case when {STATUS} = 'incomplete' then 'incomplete' when v.value is null then 'no_value' else 'complete' end as status
    from marts.metric_value v
    join reference.metric m on m.metric_id = v.metric_id
    join core.period p on p.period = v.period
    left join core.form_start f on f.form = m.form
    left join core.return_gap g on g.form = m.form and g.period = v.period and g.unit_code = v.unit_code
) n where (n.metric_id, n.period, n.unit_code) = (v.metric_id, v.period, v.unit_code) and n.status is distinct from v.status"""


def compute(con: duckdb.DuckDBPyConnection) -> int:
    """Recomputes marts.metric_value for the periods that touched months reach; returns its number of rows."""
    con.execute(TABLE)
    con.execute("comment on table marts.metric_value is 'One row per metric, unit and period, as declared in assets/metrics.'")
    con.execute("""comment on column marts.metric_value.status is 'complete; incomplete: a return that counts is not in, or the data
        covers the period in part; no_value: nothing to divide by, or nothing that decides'""")
    defined = {m for (m,) in con.execute("select metric_id from reference.metric where is_defined").fetchall()}
    asked = [m for m in metrics().values() if m.id in defined]
    passes: dict[tuple[str, str, str | None, str | None], list[Metric]] = {}
    for m in asked:
        if not m.made_of and not m.days_ahead:
            passes.setdefault((m.source, m.time, m.day, m.once_per), []).append(m)
    con.execute("begin")
    try:
        con.execute(
            "create table if not exists meta.measured as from core.period limit 0"
        )  # the periods as they were last measured
        con.execute("""create or replace temp table affected as
            select * from core.period p where exists (select 1 from meta.touched t where t.period <= p.last_month)
                or p.period in (select period from (from core.period except from meta.measured))""")
        con.execute("""delete from marts.metric_value where period in (select period from affected)
            or period not in (select period from core.period)""")
        for members in passes.values():
            _compute_pass(con, members)
        for m in asked:
            if m.days_ahead:
                con.execute(_days_ahead(m))
        for m in asked:
            if m.made_of:
                con.execute(_derived(m))
        con.execute(_SET_STATUS)
        con.execute("create or replace table meta.measured as from core.period")
        con.execute("commit")
    except duckdb.Error:
        con.execute("rollback")
        raise
    return one(con, "select count(*) from marts.metric_value")[0]


def rows_sql(metric: Metric, periods: str = "affected") -> str:
    """Rows of a metric's fact that count, with their unit, for each of `periods` and each unit they count in (`scope_code`)."""
    columns = "" if metric.source == "core.unit_month" else "".join(f", u.{c}" for c in UNIT_COLUMNS)
    return f"""
select p.period as for_period, p.start_date, p.cutoff_date, p.as_of_date, s.scope_code, f.*{columns}
from {periods} p
join {metric.rows} f on true
join core.unit_known u on u.period = f.period and u.unit_code = f.unit_code and {COUNTS[metric.time].format(day=metric.day)}
join core.unit_scope s on s.period = f.period and s.unit_code = f.unit_code"""


def _compute_pass(con: duckdb.DuckDBPyConnection, members: list[Metric]) -> None:
    """Metrics that count the same rows of the same fact, in one pass over it."""
    wide = ", ".join(f"{m.numerator} as n{i}, {m.denominator} as d{i}" for i, m in enumerate(members))
    rows, once_per = rows_sql(members[0]), members[0].once_per
    if once_per:  # first one value for each key, then their sum
        keyed = ", ".join(
            f"max({m.sum}) filter (where {m.where} and {once_per} is not null) as v{i}" for i, m in enumerate(members)
        )
        rows = f"select for_period, cutoff_date, scope_code, {once_per}, {keyed} from ({rows}) r group by all"
        wide = ", ".join(f"coalesce(sum(v{i}), 0) as n{i}, cast(null as bigint) as d{i}" for i, _ in enumerate(members))
    con.execute(f"""create or replace temp table metric_pass as
        select for_period, cutoff_date, scope_code, {wide} from ({rows}) r group by for_period, cutoff_date, scope_code""")
    for i, m in enumerate(members):
        con.execute(
            _insert(
                m,
                f"select for_period, cutoff_date, scope_code, {m.value} as value, n, d from (select *, n{i} as n, d{i} as d from metric_pass) w",
            )
        )
    con.execute("drop table metric_pass")


def _insert(metric: Metric, select: str) -> str:
    """Inserts rows (for_period, cutoff_date, scope_code, value, n, d) with the target; their status is set at the end."""
    return f"""insert into marts.metric_value
        select {literal(metric.id)}, w.for_period, w.cutoff_date, w.scope_code, 'then', w.value, w.n, w.d, t.target, null
        from ({select}) w
        left join core.target_in_force t on t.metric_id = {literal(metric.id)} and t.period = w.for_period and t.unit_code = w.scope_code"""


def _days_ahead(metric: Metric) -> str:
    """Days from the date on which so many rows as the target were reached to a fixed day; only where they were reached."""
    rows = rows_sql(metric)
    ranked = f"""select r.for_period, r.cutoff_date, r.scope_code, r.{metric.days_ahead} as reached_date,
            row_number() over (partition by r.for_period, r.scope_code order by r.{metric.days_ahead}, r.submission_id, r.row) as place
        from ({rows}) r where {metric.where}"""
    return _insert(
        metric,
        f"""
        select k.for_period, k.cutoff_date, k.scope_code, days_from(k.reached_date, {metric.until}) as value,
            cast(null as bigint) as n, cast(null as bigint) as d
        from ({ranked}) k
        join marts.metric_value v on v.metric_id = {literal(metric.reaching or "")} and v.period = k.for_period
            and v.unit_code = k.scope_code and v.target = k.place""",
    )


def _derived(metric: Metric) -> str:
    """A metric made of others, from their values of the same period and unit."""
    of = "v.period as for_period, v.cutoff as cutoff_date, v.unit_code as scope_code"
    where = f"v.metric_id = {literal(metric.made_of[0])} and v.period in (select period from affected)"
    if metric.percent_of_target:
        return _insert(
            metric,
            f"select {of}, pct(v.value * 10000, v.target * 10000, 0) as value, v.value as n, v.target as d from marts.metric_value v where {where} and v.target > 0",
        )
    if metric.target_of:
        return _insert(
            metric,
            f"select {of}, v.target as value, v.target as n, cast(null as double) as d from marts.metric_value v where {where} and v.target is not null",
        )
    return _insert(
        metric,
        f"""select {of}, v.value - coalesce(b.value, 0) as value, v.value as n, b.value as d from marts.metric_value v
        left join marts.metric_value b on b.metric_id = {literal(metric.made_of[1])} and b.period = v.period and b.unit_code = v.unit_code
        where {where}""",
    )
