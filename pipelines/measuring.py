"""Computes marts.metric_value from the declarations: one pass over each fact for all metrics, units and periods."""

import duckdb

from pipelines.forms import FORM_OF
from pipelines.metrics import UNIT_COLUMNS, Metric, metrics
from pipelines.warehouse import literal, one

TABLE = """create table if not exists marts.metric_value (
    metric_id varchar, period varchar, cutoff date, unit_code varchar, structure varchar,
    value double, numerator double, denominator double, target double, status varchar)"""
MONTHS = {  # which months of a fact count for a period
    "stock": "f.period = p.last_month",
    "flow": "f.period >= p.first_month and f.period <= p.last_month",
    "to_date": "f.period <= p.last_month",
    "opening": "f.period < p.first_month",
}


def compute(con: duckdb.DuckDBPyConnection) -> int:
    """Recomputes marts.metric_value for the periods that touched months reach; returns its number of rows."""
    con.execute(TABLE)
    con.execute("comment on table marts.metric_value is 'One row per metric, unit and period, as declared in assets/metrics.'")
    defined = {m for (m,) in con.execute("select metric_id from reference.metric where is_defined").fetchall()}
    asked = [m for m in metrics().values() if m.id in defined]
    passes: dict[tuple[str, str, str | None], list[Metric]] = {}
    for m in asked:
        if not m.made_of and not m.days_ahead:
            passes.setdefault((m.source, m.time, m.once_per), []).append(m)
    con.execute("begin")
    try:
        con.execute("""create or replace temp table affected as
            select * from core.period p where exists (select 1 from meta.touched t where t.period <= p.last_month)
                or p.period not in (select period from marts.metric_value)""")
        con.execute("""delete from marts.metric_value where period in (select period from affected)
            or period not in (select period from core.period)""")
        for (source, time, once_per), members in passes.items():
            _compute_pass(con, source, time, once_per, members)
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


def rows_sql(source: str, time: str, periods: str = "affected") -> str:
    """Rows of a fact with their unit, for each of `periods` and each unit they count in (`scope_code`)."""
    own = source == "core.unit_month"
    unit = "" if own else "join core.unit_month u on u.period = f.period and u.unit_code = f.unit_code"
    columns = "" if own else "".join(f", u.{c}" for c in UNIT_COLUMNS)
    return f"""
select p.period as for_period, p.start_date, p.cutoff_date, s.scope_code, f.*{columns}
from {periods} p
join {source} f on {MONTHS[time]}
{unit}
join core.unit_scope s on s.period = f.period and s.unit_code = f.unit_code"""


def _compute_pass(con: duckdb.DuckDBPyConnection, source: str, time: str, once_per: str | None, members: list[Metric]) -> None:
    wide = ", ".join(f"{m.numerator} as n{i}, {m.denominator} as d{i}" for i, m in enumerate(members))
    rows = rows_sql(source, time)
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
    """Inserts rows (for_period, cutoff_date, scope_code, value, n, d), with the target and whether all returns are in.

    A target is that of the period itself, else of its year, else of the programme.
    """
    mine = f"t.metric_id = {literal(metric.id)} and t.unit_code = w.scope_code and t.period"
    return f"""insert into marts.metric_value
        select {literal(metric.id)}, w.for_period, w.cutoff_date, w.scope_code, 'then', w.value, w.n, w.d,
            coalesce(exact.target, yearly.target, whole.target), {_status(metric)}
        from ({select}) w
        left join core.target exact on {mine.replace("t.", "exact.")} = w.for_period
        left join core.target yearly on {mine.replace("t.", "yearly.")} = substr(w.for_period, 1, 4)
        left join core.target whole on {mine.replace("t.", "whole.")} = 'programme'"""


def _status(metric: Metric) -> str:
    """complete, or incomplete where the data starts too late, stops before the cut-off, or lacks a return that counts."""
    reaches = (
        "c.is_complete and c.is_whole" if metric.time in ("flow", "opening") and metric.source in FORM_OF else "c.is_complete"
    )
    reaches = f"(select {reaches} from core.period c where c.period = w.for_period)"
    form = FORM_OF.get(metric.source)
    if form is None:
        return f"case when {reaches} then 'complete' else 'incomplete' end"
    months = MONTHS[metric.time].replace("f.", "g.")
    return f"""case when {reaches} and not exists (
                select 1 from core.due_return g
                join core.period p on p.period = w.for_period
                join (
                    select period, unit_code, scope_code from core.unit_scope
                    union
                    select period, sender_code, unit_code from core.unit_month  -- a unit's rows come in its sender's return
                ) s on s.period = g.period and s.unit_code = g.unit_code and s.scope_code = w.scope_code
                where g.form = '{form}' and g.status in ('missing', 'not_due') and {months}
            ) then 'complete' else 'incomplete' end"""


def _days_ahead(metric: Metric) -> str:
    """Days from the date on which so many rows as the target were reached to a fixed day; only where they were reached."""
    rows = rows_sql(metric.source, metric.time)
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
