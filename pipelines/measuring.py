"""Computes marts.metric_value from the declarations: one pass over each fact for all metrics, units and periods."""

import duckdb

from pipelines.forms import FORM_OF
from pipelines.metrics import UNIT_COLUMNS, Metric, metrics
from pipelines.warehouse import literal, one

TABLE = """create table if not exists marts.metric_value (
    metric_id varchar, period varchar, cutoff date, unit_code varchar, structure varchar,
    value double, numerator double, denominator double, target double, status varchar)"""
COUNTS = {  # which rows of a fact count for a period
    "stock": "f.period = p.last_month and u.valid_from <= p.as_of_date and (u.valid_to is null or u.valid_to > p.as_of_date)",
    "list": "f.period = p.last_month",
    "flow": "f.{day} >= p.start_date and f.{day} <= p.as_of_date",
    "to_date": "f.{day} <= p.as_of_date",
    "opening": "f.{day} < p.start_date",
}
LACKS = {  # which gaps of core.return_gap leave it incomplete
    "stock": ("lacks_state",),
    "list": ("lacks_state",),
    "flow": ("lacks_flow",),
    "to_date": ("lacks_opening", "lacks_flow"),
    "opening": ("lacks_opening",),
}


def compute(con: duckdb.DuckDBPyConnection) -> int:
    """Recomputes marts.metric_value for the periods that touched months reach; returns its number of rows."""
    con.execute(TABLE)
    con.execute("comment on table marts.metric_value is 'One row per metric, unit and period, as declared in assets/metrics.'")
    con.execute("""comment on column marts.metric_value.status is 'complete, or incomplete: a return that counts is not in, or the data
        covers the period in part'""")
    defined = {m for (m,) in con.execute("select metric_id from reference.metric where is_defined").fetchall()}
    asked = [m for m in metrics().values() if m.id in defined]
    passes: dict[tuple[str, str, str | None, str | None], list[Metric]] = {}
    for m in asked:
        if not m.made_of and not m.days_ahead:
            passes.setdefault((m.source, m.time, m.day, m.once_per), []).append(m)
    con.execute("begin")
    try:
        con.execute("""create or replace temp table affected as
            select * from core.period p where exists (select 1 from meta.touched t where t.period <= p.last_month)
                or p.period not in (select period from marts.metric_value)""")
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
join {metric.source} f on true
join core.unit_known u on u.period = f.period and u.unit_code = f.unit_code and {COUNTS[metric.time].format(day=metric.day)}
join core.unit_scope s on s.period = f.period and s.unit_code = f.unit_code"""


def _compute_pass(con: duckdb.DuckDBPyConnection, members: list[Metric]) -> None:
    """Metrics that count the same rows of the same fact, in one pass over it."""
    wide = ", ".join(f"{m.numerator} as n{i}, {m.denominator} as d{i}" for i, m in enumerate(members))
    rows, once_per = rows_sql(members[0]), members[0].once_per
    if once_per:  # first one value for each key, then their sum
        keyed = ", ".join(f"max({m.sum}) filter (where {m.where}) as v{i}" for i, m in enumerate(members))
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
    """Inserts rows (for_period, cutoff_date, scope_code, value, n, d), with the target and whether all returns are in."""
    whole = "p.is_complete"
    if form := FORM_OF.get(metric.source):
        if metric.time in ("flow", "opening"):
            whole += " and p.is_whole"
        whole += "".join(f" and not coalesce(g.{gap}, false)" for gap in LACKS[metric.time])
    return f"""insert into marts.metric_value
        select {literal(metric.id)}, w.for_period, w.cutoff_date, w.scope_code, 'then', w.value, w.n, w.d, t.target,
            case when {whole} then 'complete' else 'incomplete' end
        from ({select}) w
        join core.period p on p.period = w.for_period
        left join core.target_in_force t on t.metric_id = {literal(metric.id)} and t.period = w.for_period and t.unit_code = w.scope_code
        left join core.return_gap g on g.form = {literal(form or "")} and g.period = w.for_period and g.unit_code = w.scope_code"""


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
            f"select {of}, pct(v.value, v.target, 0) as value, v.value as n, v.target as d from marts.metric_value v where {where} and v.target > 0",
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
