"""Metric declarations (assets/metrics/*.yml), read and checked; computing them is in `measuring`, tracing in `trace`.

No figure is named here; a new figure is one line of YAML.
"""

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.declarations import declared
from pipelines.models import models, not_portable

DECLARED = Path(__file__).resolve().parent.parent / "assets" / "metrics"
AGGREGATES = ("count", "sum", "distinct", "share", "ratio", "mean", "least", "greatest", "days_ahead")
DERIVED = ("percent_of_target", "target_of", "difference")
UNIT_COLUMNS = ("level", "sector", "managed", "established_date")  # of the row's unit, in the row's month
PERIOD_COLUMNS = ("start_date", "as_of_date")  # of the period asked for


class Metric(BaseModel):
    """One figure: what is aggregated over which rows, for any unit and period.

    `count`, `share`, `of`, `where` are SQL predicates over a row of `source`, its unit (UNIT_COLUMNS) and the period
    (PERIOD_COLUMNS); the other aggregates name a column, the derived ones other metrics. `time` says which rows count:
    stock = the last month's, of units in force at the cut-off; list = the last month's, of units that ended too; and by the
    row's `day`: flow = start to cut-off, to_date = everything up to the cut-off, opening = everything before the period.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    section: str = Field(pattern=r"^[IV]+\.[0-9a-z.]+$")
    unit: str = Field(min_length=1)
    vi: str = Field(min_length=1)
    en: str = Field(min_length=1)
    source: str
    time: Literal["stock", "list", "flow", "to_date", "opening"]
    day: str | None = None  # the column that dates a row of a flow
    carried: str | None = None  # a table of the same columns with further rows of a list
    count: str | None = None
    sum: str | None = None
    distinct: str | None = None
    share: str | None = None  # rows over rows, in percent
    ratio: str | None = None  # a column's sum over its sum where `of` holds, in percent
    of: str | None = None
    mean: str | None = None
    least: str | None = None
    greatest: str | None = None
    days_ahead: str | None = None  # days from the date on which the target of `reaching` was reached to `until`
    reaching: str | None = None
    until: str | None = None
    percent_of_target: str | None = None
    target_of: str | None = None
    difference: tuple[str, str] | None = None
    where: str = "true"
    once_per: str | None = None  # the value counts once for each of these, however many rows repeat it
    personal: bool = False  # cells below five people are not published
    partition: str | None = None  # shares of one partition hide together

    @property
    def aggregate(self) -> str:
        return next(a for a in (*AGGREGATES, *DERIVED) if getattr(self, a))

    @property
    def made_of(self) -> tuple[str, ...]:
        """The metrics a derived one is made of."""
        return self.difference or tuple(m for m in (self.percent_of_target, self.target_of) if m)

    @property
    def rows(self) -> str:
        """What a pass reads: the source, and what is carried beside it."""
        if not self.carried:
            return self.source
        columns = ", ".join(models()[self.source].shows)
        return f"(select {columns} from {self.source} union all select {columns} from {self.carried})"

    @property
    def predicate(self) -> str:
        """Which rows the numerator counts."""
        return self.count or self.share or self.where

    @property
    def counts(self) -> bool:
        """Whether it counts things, so that it is a whole number."""
        parts = [metrics()[m].counts for m in self.made_of]
        return all(parts) if parts and not self.percent_of_target else bool(self.count or self.distinct)

    @property
    def is_flow(self) -> bool:
        """Whether it counts from the period's start, so that a longer period has more of it."""
        from sqlglot import exp

        if self.made_of and not self.difference:
            return metrics()[self.made_of[0]].is_flow
        return self.time == "flow" or any(c.name == "start_date" for tree in _trees(self) for c in tree.find_all(exp.Column))

    @model_validator(mode="after")
    def _one_aggregate(self) -> "Metric":
        given = [a for a in (*AGGREGATES, *DERIVED) if getattr(self, a)]
        if len(given) != 1:
            raise ValueError(f"{self.id}: exactly one of {', '.join((*AGGREGATES, *DERIVED))} is declared, not {given or 'none'}")
        if bool(self.share or self.ratio) != bool(self.of):
            raise ValueError(f"{self.id}: `of` goes with share or ratio, and only with them")
        if bool(self.days_ahead) != bool(self.reaching and self.until):
            raise ValueError(f"{self.id}: days_ahead, reaching and until go together")
        if bool(self.day) != (self.time in ("flow", "to_date", "opening")):
            raise ValueError(f"{self.id}: day goes with time: flow, to_date or opening, and only with them")
        if self.once_per and not self.sum:
            raise ValueError(f"{self.id}: once_per goes with sum")
        return self

    @property
    def numerator(self) -> str:
        """The SQL aggregate above the line."""
        only = f"filter (where {self.where})"
        match self.aggregate:
            case "count" | "share":
                return f"count(*) filter (where {self.predicate})"
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
    """Every declared metric by id, in report order; whether they hold together is asked by `refuse_unsound`."""
    found: dict[str, Metric] = {}
    for path in sorted(DECLARED.glob("*.yml")):
        text = declared(path.read_text("utf-8"))
        for item in text["metrics"]:
            metric = Metric(source=text["source"], time=text["time"], day=text.get("day"), carried=text.get("carried"), **item)
            if metric.id in found:
                raise ValueError(f"two metrics are called {metric.id}")
            found[metric.id] = metric
    return dict(sorted(found.items(), key=lambda item: _report_order(item[1].section)))


def refuse_unsound() -> None:
    """ValueError names the metric whose declaration is wrong."""
    for metric in metrics().values():
        for problem in problems(metric, set(metrics())):
            raise ValueError(f"{metric.id}: {problem}")


def problems(metric: Metric, known: set[str]) -> list[str]:
    """What a declaration names that does not exist, or that would not run on every engine."""
    from sqlglot import exp

    if unknown := {metric.source, metric.carried or metric.source} - set(models()):
        return [f"no table is called {', '.join(sorted(unknown))}"]
    found = [f"no metric is called {m}" for m in (*metric.made_of, *filter(None, [metric.reaching])) if m not in known]
    if metric.partition and any(m.of != metric.of for m in metrics().values() if m.partition == metric.partition):
        found.append(f"the parts of {metric.partition} are not of the same whole")
    allowed = set(models()[metric.source].shows) | set(UNIT_COLUMNS) | set(PERIOD_COLUMNS)
    for tree in _trees(metric):
        found += [f"{metric.source} has no column {c.name}" for c in tree.find_all(exp.Column) if c.name not in allowed]
        found += [f"{word} is not portable" for word in not_portable(tree)]
    return found


def undefined(metric: Metric, periods: Collection[str], indicators: Collection[str]) -> list[str]:
    """Lines of periods.csv and indicators.csv that a figure is made of and a federation does not keep: then it has no value."""
    from sqlglot import exp

    if metric.made_of:
        return sorted({line for m in metric.made_of for line in undefined(metrics()[m], periods, indicators)})
    found = set()
    for tree in _trees(metric):
        calls = [f for f in tree.find_all(exp.Anonymous) if f.name in ("period_start", "period_end")]
        found |= {f"periods.csv: {c.expressions[0].name}" for c in calls if c.expressions[0].name not in periods}
        asked = [e for e in tree.find_all(exp.EQ, exp.In) if e.this.name == "indicator_id"]
        names = {v.name for e in asked for v in e.find_all(exp.Literal)}
        found |= {f"indicators.csv: {n}" for n in names - set(indicators)}
    return sorted(found)


@cache
def _trees(metric: Metric) -> list[Any]:
    """Every SQL text of a declaration, parsed."""
    import sqlglot  # slow to import, and most commands parse nothing

    texts = (metric.predicate, metric.where, metric.of, metric.until, metric.once_per, metric.sum, metric.distinct, metric.ratio,
             metric.mean, metric.least, metric.greatest, metric.days_ahead, metric.day)  # fmt: skip
    return [sqlglot.parse_one(f"select {text}", read="duckdb") for text in filter(None, texts)]


def _report_order(section: str) -> tuple:
    return tuple({"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5}.get(part, part) for part in section.split("."))
