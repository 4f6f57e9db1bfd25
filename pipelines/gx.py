"""Great Expectations on an open DuckDB connection: the thin SQL dialect and the two expectations our rules compile to.

Importing this imports Great Expectations (seconds): do it inside the function that validates.
"""

from typing import Any, ClassVar

import duckdb
import great_expectations as gx
import great_expectations.expectations as gxe
import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_partial, metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.pool import NullPool, Pool

from pipelines.rules import Rule

registry.register("duckgx", __name__, "DuckDialect")


class _Connection:
    """A DB-API face of the pipeline's own connection; every statement has its own cursor, and nothing closes ours."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    def cursor(self) -> duckdb.DuckDBPyConnection:
        return self._con.cursor()

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


class DuckDialect(PGDialect):
    """Read-only and by name «postgresql», since GX chooses its SQL by that name; reflection is never asked for."""

    name = "postgresql"
    driver = "duckgx"
    default_paramstyle = "qmark"
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        return duckdb

    @classmethod
    def get_pool_class(cls, url: Any) -> type[Pool]:
        return NullPool

    def create_connect_args(self, url: Any) -> tuple:
        return (), {}

    def initialize(self, connection: Any) -> None:
        self.server_version_info = (16, 0)
        self._backslash_escapes = False
        self.default_schema_name = "main"

    def do_ping(self, dbapi_connection: Any) -> bool:
        return True


def _sql(text: str) -> sa.TextClause:
    return sa.text(text.replace(":", r"\:"))


class RowsFailingCount(TableMetricProvider):
    """How many rows a predicate is true for; GX bundles all of a batch into one SELECT."""

    metric_name = "rows_failing.count"
    value_keys = ("fails_when",)

    @metric_partial(
        engine=SqlAlchemyExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _count(cls, execution_engine, metric_domain_kwargs, metric_value_kwargs, metrics, runtime_configuration):
        _, compute, accessor = execution_engine.get_compute_domain(metric_domain_kwargs, MetricDomainTypes.TABLE)
        return sa.func.count(sa.case((_sql(f"({metric_value_kwargs['fails_when']})"), 1))), compute, accessor


class BadRowsCount(TableMetricProvider):
    """How many rows a SELECT of bad rows returns."""

    metric_name = "bad_rows.count"
    value_keys = ("bad_rows",)

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _count(cls, execution_engine, metric_domain_kwargs, metric_value_kwargs, metrics, runtime_configuration):
        query = _sql(f"select count(*) from ({metric_value_kwargs['bad_rows']}) bad_rows")
        return execution_engine.execute_query(query).scalar()


class _Counted(BatchExpectation):
    """Holds when its count is zero; results carry counts only, never a value."""

    counted_by: ClassVar[str]
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(self, metrics, runtime_configuration=None, execution_engine=None) -> dict[str, Any]:
        count = int(metrics[self.counted_by] or 0)
        return {"success": count == 0, "result": {"observed_value": count, "unexpected_count": count}}


class ExpectRowsToHold(_Counted):
    """Fails where the SQL predicate `fails_when` is true of a row."""

    fails_when: str
    counted_by: ClassVar[str] = "rows_failing.count"
    metric_dependencies: ClassVar[tuple[str, ...]] = ("rows_failing.count",)
    success_keys: ClassVar[tuple[str, ...]] = ("fails_when",)


class ExpectNoBadRows(_Counted):
    """Fails where the SELECT `bad_rows` returns a row."""

    bad_rows: str
    counted_by: ClassVar[str] = "bad_rows.count"
    metric_dependencies: ClassVar[tuple[str, ...]] = ("bad_rows.count",)
    success_keys: ClassVar[tuple[str, ...]] = ("bad_rows",)


class CrashedRule(Exception):
    """A rule whose SQL does not run: a broken pipeline, never bad data."""


class Validator:
    """One ephemeral GX context over one connection, for all tables of a run."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = ProgressBarsConfig(globally=False)
        engine: Any = {"connection_string": "duckgx://", "kwargs": {"creator": lambda: _Connection(con)}}
        self._source = self._context.data_sources.add_sql("warehouse", **engine)

    def failing_counts(self, table: str, rules: list[Rule]) -> dict[str, int]:
        """Rule id → number of bad rows, by one suite over `table`; CrashedRule when a rule's SQL does not run."""
        asset = self._source.add_query_asset(table, query=f"select * from {table}")
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        suite = gx.ExpectationSuite(name=table, expectations=[_expectation(r) for r in rules])
        result = batch.validate(suite)
        if len(result.results) != len(rules):
            raise CrashedRule(f"{table}: {len(rules)} rules asked, {len(result.results)} answered")
        counts = {}
        for one in result.results:
            rule_id = _id(one)
            if one.exception_info.get("raised_exception") or "observed_value" not in one.result:
                raise CrashedRule(f"rule {rule_id} on {table} does not run")
            counts[rule_id] = one.result["observed_value"]
        return counts


def _id(result: Any) -> str:
    return result.expectation_config.meta["id"]


def _expectation(rule: Rule) -> gxe.Expectation:
    meta = {"id": rule.id, "say": rule.vi}
    if rule.fails_when:
        return ExpectRowsToHold(fails_when=f"is_current and ({rule.fails_when})", severity=rule.severity, meta=meta)
    return ExpectNoBadRows(bad_rows=rule.bad_rows, severity=rule.severity, meta=meta)
