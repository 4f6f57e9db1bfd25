"""The one Dagster assembly: assets, checks, job, schedule, sensor; used by production and tests alike.

What a step does lives in `steps` and its neighbours; here it only gets a name, its inputs and its evidence.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import dagster as dg
import duckdb
from pydantic import PrivateAttr

from pipelines import checks, findings, metrics, models, reconcile, steps
from pipelines.config import Home, Settings, open_home
from pipelines.forms import forms
from pipelines.publish import publish_pages, publish_tables
from pipelines.receiving import inbox_files
from pipelines.reference import Registry, checked_reference
from pipelines.rules import Rule, rules
from pipelines.warehouse import lock, open_build, secret_key

Step = Callable[[str], None]
PRODUCED_ELSEWHERE = {"meta.month": "raw.submission", "meta.clock": "raw.submission", "meta.touched": "raw.submission"}
JOB = "refresh"


class Warehouse(dg.ConfigurableResource):
    """One locked connection to the build file for a whole run, with the registry and the clock it runs by."""

    settings_json: str = "{}"
    _con: duckdb.DuckDBPyConnection = PrivateAttr()
    _home: Home = PrivateAttr()
    _registry: Registry = PrivateAttr()
    _settings: Settings = PrivateAttr()
    _open: ExitStack = PrivateAttr()
    _validator: checks.Checker | None = PrivateAttr(default=None)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        overrides = json.loads(self.settings_json)
        rebuild = overrides.pop("rebuild", None)
        self._settings = Settings(**overrides)
        self._home = open_home(self._settings)
        self._registry = checked_reference(self._home.reference)
        self._open = ExitStack()
        self._open.enter_context(lock(self._home))
        secret = self._settings.secret.get_secret_value() if self._settings.secret else None
        self._con = open_build(self._home, secret_key(self._home, secret))
        self._open.callback(self._con.close)
        steps.begin(self._con, self._registry, self._settings.clock(), self._settings.deadline_day, rebuild)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        self._open.close()

    @property
    def con(self) -> duckdb.DuckDBPyConnection:
        return self._con

    @property
    def home(self) -> Home:
        return self._home

    @property
    def registry(self) -> Registry:
        return self._registry

    @property
    def now(self) -> Any:
        return self._settings.clock()

    @property
    def checker(self) -> "checks.Checker":
        self._validator = self._validator or checks.Checker(self._con)
        return self._validator


def key(table: str) -> dg.AssetKey:
    """`core.aid` → core/aid; bookkeeping tables stand for the asset that writes them, reference tables for the registry."""
    table = PRODUCED_ELSEWHERE.get(table, "reference.registry" if table.startswith("reference.") else table)
    return dg.AssetKey(table.split("."))


def _asset(
    table: str, reads: set[str], group: str, description: str, kinds: set[str], run: Callable[[Warehouse], dict], on_step: Step
) -> dg.AssetsDefinition:
    deps = sorted({key(r) for r in reads} - {key(table)}, key=str)

    @dg.asset(key=key(table), deps=deps, group_name=group, description=description, kinds=kinds)
    def step(warehouse: Warehouse) -> dg.MaterializeResult:
        on_step(table)
        return dg.MaterializeResult(metadata=run(warehouse))

    return step


def _intake_assets(on_step: Step) -> list[dg.AssetsDefinition]:
    def submissions(w: Warehouse) -> dict:
        readings = steps.take_in(w.con, w.home, w.registry, w.now, lambda done, all_: on_step(f"reading {done}/{all_}"))
        steps.months(w.con, w.now)
        touched = [p for (p,) in w.con.execute("select period from meta.touched order by 1").fetchall()]
        return {"files_read": len(readings), "months_touched": ", ".join(touched) or "none"}

    made = [
        _asset(
            "reference.registry",
            set(),
            "reference",
            "Units, events, aliases, targets, periods and indicators the federation keeps itself.",
            {"csv"},
            lambda w: {name: len(rows) for name, rows in w.registry.rows.items()},
            on_step,
        ),
        _asset(
            "raw.submission",
            {"reference.registry"},
            "raw",
            "One row per sheet of every file taken from the inbox into the archive.",
            {"excel"},
            submissions,
            on_step,
        ),
    ]
    for form in forms().values():
        made.append(
            _asset(
                f"raw.{form.form}",
                {"raw.submission"},
                "raw",
                f"{form.grain} As received: text with its address, in Parquet by month.",
                {"parquet"},
                lambda w, f=form.form: {"rows_touched": steps.raw_view(w.con, w.home, f)},
                on_step,
            )
        )
        made.append(
            _asset(
                f"typed.{form.form}",
                {f"raw.{form.form}", "core.accepted_return", "reference.registry"},
                "typed",
                f"{form.grain} Cells typed, rejected rows marked; only the touched months.",
                {"duckdb"},
                lambda w, f=form.form: {"dagster/row_count": steps.build_typed(w.con, f)},
                on_step,
            )
        )
    return made


def _model_assets(on_step: Step) -> list[dg.AssetsDefinition]:
    return [
        _asset(
            m.table,
            set(m.reads),
            m.table.split(".")[0],
            m.grain,
            {"sql"},
            lambda w, m=m: {"dagster/row_count": models.build(w.con, m)},
            on_step,
        )
        for m in models.models().values()
    ]


def _outcome_assets(on_step: Step) -> list[dg.AssetsDefinition]:
    guarded = {r.table for r in rules().values() if not r.machine} | {"core.return_rows"}
    sources = {m.source for m in metrics.metrics().values()} | {
        "core.period",
        "core.unit_scope",
        "core.unit_month",
        "reference.registry",
    }
    tables = set(models.models()) | {"marts.metric_value", "marts.reconciliation", "quality.finding"}
    return [
        _asset(
            "quality.finding",
            guarded,
            "quality",
            "One row per fault found in a return, through its whole life.",
            {"duckdb"},
            lambda w: findings.merge(w.con, w.now),
            on_step,
        ),
        _asset(
            "marts.metric_value",
            sources,
            "marts",
            "One row per metric, unit and period, as declared in assets/metrics.",
            {"duckdb"},
            lambda w: {"dagster/row_count": metrics.compute(w.con)},
            on_step,
        ),
        _asset(
            "marts.reconciliation",
            {"marts.metric_value", "core.aid"},
            "marts",
            "One row per published figure that the rows do not give, with the reason.",
            {"duckdb"},
            lambda w: {"dagster/row_count": reconcile.reconcile(w.con)},
            on_step,
        ),
        _asset(
            "public.warehouse",
            tables,
            "public",
            "Both snapshots, swapped whole: the private one, and the tables that may leave.",
            {"duckdb"},
            lambda w: {"generation": publish_tables(w.con, w.home, w.now)},
            on_step,
        ),
        _asset(
            "public.pages",
            {"public.warehouse"},
            "public",
            "index.html, offline, from the public copy only.",
            {"plotly"},
            lambda w: _publish_and_finish(w),
            on_step,
        ),
    ]


def _publish_and_finish(w: Warehouse) -> dict:
    size = publish_pages(w.home)
    steps.finish(w.con, w.registry, w.now)
    return {"bytes": size}


def _checks(table: str, of_table: list[Rule]) -> dg.AssetChecksDefinition:
    specs = [dg.AssetCheckSpec(r.id, asset=key(table), description=f"{r.en} [{r.severity}]", blocking=True) for r in of_table]

    @dg.multi_asset_check(name="check_" + table.replace(".", "_"), specs=specs)
    def check(warehouse: Warehouse):
        for rule, count in warehouse.checker.run(table, of_table).items():
            # a bad return warns and goes on to its officer; only a broken pipeline blocks what comes after
            yield dg.AssetCheckResult(
                passed=count == 0,
                check_name=rule.id,
                asset_key=key(table),
                metadata={"failing_rows": count, "severity": rule.severity},
                severity=dg.AssetCheckSeverity.ERROR if rule.machine else dg.AssetCheckSeverity.WARN,
            )

    return check


@dg.logger
def _quiet(context: dg.InitLoggerContext) -> logging.Logger:
    """Nothing on the console: the command line tells its own story; the run keeps every event."""
    logger = logging.getLogger("congdoan.quiet")
    logger.setLevel(logging.CRITICAL + 1)
    return logger


def build_defs(settings: dict[str, Any] | None = None, on_step: Step = lambda step: None, quiet: bool = False) -> dg.Definitions:
    """Everything Dagster knows of a home; `settings` overrides the environment, `on_step` hears each step's name."""
    by_table: dict[str, list[Rule]] = {}
    for rule in rules().values():
        by_table.setdefault(rule.table, []).append(rule)
    assets = [*_intake_assets(on_step), *_model_assets(on_step), *_outcome_assets(on_step)]
    asset_checks = [_checks(table, of_table) for table, of_table in by_table.items()]
    job = dg.define_asset_job(
        JOB,
        dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="Everything in the inbox through to published; several touched months in one run.",
    )
    return dg.Definitions(
        assets=assets,
        asset_checks=asset_checks,
        jobs=[job],
        executor=dg.in_process_executor,
        resources={"warehouse": Warehouse(settings_json=json.dumps(settings or {}, default=str))},
        loggers={"console": _quiet} if quiet else None,
        schedules=[
            dg.ScheduleDefinition(
                "monthly_refresh",
                job=job,
                cron_schedule="0 6 6 * *",
                execution_timezone="Asia/Ho_Chi_Minh",
                description="The morning after the deadline.",
            )
        ],
        sensors=[_inbox_sensor(job, settings or {})],
    )


def _inbox_sensor(job: Any, settings: dict[str, Any]) -> dg.SensorDefinition:
    @dg.sensor(
        name="inbox",
        job=job,
        minimum_interval_seconds=60,
        description="Starts a refresh when new files in the inbox have stopped growing.",
    )
    def inbox(context: dg.SensorEvaluationContext):
        home = open_home(Settings(**settings))
        seen = {str(p.relative_to(home.inbox)): [s.st_mtime_ns, s.st_size] for p in inbox_files(home) if (s := p.stat())}
        before = json.loads(context.cursor or "{}")
        context.update_cursor(json.dumps(seen))
        if not seen:
            return dg.SkipReason("The inbox is empty.")
        if (
            any(before.get(name) != state for name, state in seen.items())
            and time.time_ns() - max(m for m, _ in seen.values()) < 5e9
        ):
            return dg.SkipReason("Files are still being copied.")
        return dg.RunRequest(run_key=hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest())

    return inbox


@dg.definitions
def defs() -> dg.Definitions:
    """The entry point of `dagster dev`: the home of the environment."""
    return build_defs()
