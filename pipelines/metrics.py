"""Metric declarations (assets/metrics/*.yml) → marts.metric_value: one pass over each fact for all metrics, units, periods.

No figure is named here; a new figure is one line of YAML.
"""

from functools import cache
from pathlib import Path
from typing import Literal

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from pipelines.warehouse import literal, one

DECLARED = Path(__file__).resolve().parent.parent / "assets" / "metrics"
AGGREGATES = ("count", "sum", "distinct", "share", "ratio", "mean", "least", "greatest")
TABLE = """create table if not exists marts.metric_value (
    metric_id varchar, period varchar, cutoff date, unit_code varchar, structure varchar,
    value double, numerator double, denominator double, target double, status varchar)"""


class Metric(BaseModel):
    """One figure: what is aggregated over which rows, for any unit and period.

    `count`, `share` and `of` are SQL predicates over a row of `source`, its unit (level, sector, managed) and its period
    (start_date, cutoff_date); the other aggregates name a column. `time` says which months count: stock = the last month
    up to the cut-off, flow = start to cut-off, to_date = everything up to the cut-off.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    section: str
    unit: str
    vi: str
    en: str
    source: str
    time: Literal["stock", "flow", "to_date"]
    count: str | None = None
    sum: str | None = None
    distinct: str | None = None
    share: str | None = None  # rows over rows, in percent
    ratio: str | None = None  # a column's sum over its sum where `of` holds, in percent
    of: str | None = None
    mean: str | None = None
    least: str | None = None
    greatest: str | None = None
    where: str = "true"
    once_per: str | None = None  # the value counts once for each of these, however many rows repeat it
    personal: bool = False  # cells below five people are not published
    partition: str | None = None  # shares of one partition hide together

    @property
    def aggregate(self) -> str:
        return next(a for a in AGGREGATES if getattr(self, a))

    @model_validator(mode="after")
    def _one_aggregate(self) -> "Metric":
        given = [a for a in AGGREGATES if getattr(self, a)]
        if len(given) != 1:
            raise ValueError(f"{self.id}: exactly one of {', '.join(AGGREGATES)} is declared, not {given or 'none'}")
        if bool(self.share or self.ratio) != bool(self.of):
            raise ValueError(f"{self.id}: `of` goes with share or ratio, and only with them")
        return self

    @property
    def numerator(self) -> str:
        """The SQL aggregate above the line."""
        only = f"filter (where {self.where})"
        match self.aggregate:
            case "count" | "share":
                return f"count(*) filter (where {self.count or self.share})"
            case "sum" | "mean" | "ratio":
                return f"coalesce(sum({self.sum or self.mean or self.ratio}) {only}, 0)"
            case "distinct":
                return f"count(distinct {self.distinct}) {only}"
            case "least":
                return f"min({self.least}) {only}"
            case _:
                return f"max({self.greatest}) {only}"

    @property
    def denominator(self) -> str:
        """The SQL aggregate below the line; NULL for figures that are no ratio."""
        if self.share:
            return f"count(*) filter (where {self.of})"
        if self.ratio:
            return f"sum({self.ratio}) filter (where {self.of})"
        return f"count({self.mean}) filter (where {self.where})" if self.mean else "cast(null as bigint)"

    @property
    def value(self) -> str:
        """The figure from columns n and d: shares to two decimals, means to whole units, half up."""
        return {"share": "pct(n, d, 2)", "ratio": "pct(n, d, 2)", "mean": "pct(n, d * 100, 0)"}.get(self.aggregate, "n")


@cache
def metrics() -> dict[str, Metric]:
    """Every declared metric by id, in report order; ValueError names the metric whose declaration is wrong."""
    found: dict[str, Metric] = {}
    for name in ("members", "units", "aid", "aid_to_date", "activity"):
        text = yaml.safe_load((DECLARED / f"{name}.yml").read_text("utf-8"))
        for item in text["metrics"]:
            metric = Metric(source=text["source"], time=text["time"], **item)
            if metric.id in found:
                raise ValueError(f"two metrics are called {metric.id}")
            found[metric.id] = metric
    return found


def compute(con: duckdb.DuckDBPyConnection) -> int:
    """Recomputes marts.metric_value for the periods that touched months reach; returns its number of rows."""
    con.execute(TABLE)
    passes: dict[tuple[str, str, str | None], list[Metric]] = {}
    for m in metrics().values():
        passes.setdefault((m.source, m.time, m.once_per), []).append(m)
    con.execute("begin")
    try:
        for (source, time, once_per), members in passes.items():
            _compute_pass(con, source, time, once_per, members)
        con.execute("commit")
    except duckdb.Error:
        con.execute("rollback")
        raise
    return one(con, "select count(*) from marts.metric_value")[0]


def rows_sql(source: str, time: str) -> str:
    """Rows of a fact with their unit, for every affected period and every unit they count in (`scope_code`)."""
    months = {
        "stock": "f.period = p.last_month",
        "flow": "f.period >= p.first_month and f.period <= p.last_month",
        "to_date": "f.period <= p.last_month",
    }[time]
    reaches = "t.period <= p.last_month" + ("" if time == "to_date" else " and t.period >= p.first_month")
    unit = "" if source == "core.unit_month" else "join core.unit_month u on u.period = f.period and u.unit_code = f.unit_code"
    columns = "" if source == "core.unit_month" else ", u.level, u.sector, u.managed"
    return f"""
select p.period as for_period, p.start_date, p.cutoff_date, p.is_complete, s.scope_code, f.*{columns}
from (select p.* from core.period p where exists (select 1 from meta.touched t where {reaches})) p
join {source} f on {months}
{unit}
join core.unit_scope s on s.period = f.period and s.unit_code = f.unit_code"""


def _compute_pass(con: duckdb.DuckDBPyConnection, source: str, time: str, once_per: str | None, members: list[Metric]) -> None:
    wide = ", ".join(f"{m.numerator} as n{i}, {m.denominator} as d{i}" for i, m in enumerate(members))
    rows = rows_sql(source, time)
    if once_per:  # first one value for each key, then their sum
        keyed = ", ".join(f"max({m.sum}) filter (where {m.where}) as v{i}" for i, m in enumerate(members))
        rows = f"select for_period, start_date, cutoff_date, is_complete, scope_code, {once_per}, {keyed} from ({rows}) r group by all"
        wide = ", ".join(f"coalesce(sum(v{i}), 0) as n{i}, cast(null as bigint) as d{i}" for i, _ in enumerate(members))
    con.execute(f"""create or replace temp table metric_pass as
        select for_period, cutoff_date, is_complete, scope_code, {wide} from ({rows}) r group by for_period, cutoff_date, is_complete, scope_code""")
    ids = ", ".join(literal(m.id) for m in members)
    con.execute(f"delete from marts.metric_value where metric_id in ({ids}) and period in (select for_period from metric_pass)")
    for i, m in enumerate(members):
        con.execute(f"""insert into marts.metric_value
            select {literal(m.id)}, w.for_period, w.cutoff_date, w.scope_code, 'then', {m.value}, n, d, t.target,
                case when w.is_complete then 'complete' else 'incomplete' end
            from (select *, n{i} as n, d{i} as d from metric_pass) w
            left join reference.targets t on t.metric_id = {literal(m.id)} and t.unit_code = w.scope_code and t.period = w.for_period""")
    con.execute("drop table metric_pass")
