"""The one Dagster assembly: assets, checks, job, schedule, sensor; used by production and tests alike.

What the tables are and which step makes them is in `graph`; here they only become assets.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import dagster as dg

from pipelines import findings
from pipelines.config import Settings, open_home
from pipelines.graph import Node, Run, nodes, opened, written_by
from pipelines.models import tables_read
from pipelines.receiving import pending
from pipelines.rules import Rule, rules

JOB = "refresh"
RETRY_SECONDS = 15 * 60  # the sensor asks again for files that are still in the inbox
Say = Callable[[str], None]


def _warehouse(overrides: dict[str, Any], say: Say) -> dg.ResourceDefinition:
    """One locked connection to the build file for a whole run; the lock covers runs of the command line and the daemon alike."""

    @dg.resource(description="The build file, opened by one run at a time.")
    def warehouse(context: dg.InitResourceContext):
        settings = Settings(**{k: v for k, v in overrides.items() if k != "rebuild"})
        with opened(settings, overrides.get("rebuild"), say) as run:
            yield run

    return warehouse


def _key(table: str) -> dg.AssetKey:
    return dg.AssetKey(table.split("."))


def _asset(node: Node) -> dg.AssetsDefinition:
    deps = [_key(r) for r in sorted(node.reads)]

    @dg.asset(
        key=_key(node.table),
        deps=deps,
        group_name=node.group,
        description=node.grain,
        kinds={node.kind},
        required_resource_keys={"warehouse"},
    )
    def step(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        run: Run = context.resources.warehouse
        run.say(node.table)
        return dg.MaterializeResult(metadata=node.make(run))

    return step


def _checks(table: str, of_table: list[Rule], known: set[str]) -> dg.AssetChecksDefinition:
    def others(rule: Rule) -> list[dg.AssetKey]:
        """What the rule reads besides its own table must be there first."""
        return [_key(t) for t in sorted({written_by(t) for t in tables_read(rule.bad_rows)} & known - {table})]

    specs = [
        dg.AssetCheckSpec(r.id, asset=_key(table), additional_deps=others(r), description=f"{r.en} [{r.severity}]", blocking=True)
        for r in of_table
    ]

    @dg.multi_asset_check(name="check_" + table.replace(".", "_"), specs=specs, required_resource_keys={"warehouse"})
    def check(context: dg.AssetCheckExecutionContext):
        run: Run = context.resources.warehouse
        run.say(f"checking {table}")
        counts = run.checker.run(table, of_table)
        before = findings.keep(run.con, counts, run.now)
        for rule, count in counts.items():
            was = {"failing_rows_before": before[rule.id]} if rule.id in before else {}
            # a bad return warns and goes on to its sender; only a broken machine blocks what comes after
            yield dg.AssetCheckResult(
                passed=count == 0,
                check_name=rule.id,
                asset_key=_key(table),
                metadata={"failing_rows": count, **was, "severity": rule.severity},
                severity=dg.AssetCheckSeverity.ERROR if rule.machine else dg.AssetCheckSeverity.WARN,
            )

    return check


@dg.logger
def _quiet(context: dg.InitLoggerContext) -> logging.Logger:
    """Nothing on the console: the command line tells its own story; the run keeps every event."""
    logger = logging.getLogger("congdoan.quiet")
    logger.setLevel(logging.CRITICAL + 1)
    return logger


def build_defs(overrides: dict[str, Any] | None = None, say: Say | None = None) -> dg.Definitions:
    """Everything Dagster knows of a home.

    `overrides` are settings that win over the environment, and `rebuild`, a month to rebuild though nothing of it is new.
    With `say`, steps are told there and the console stays quiet.
    """
    by_table: dict[str, list[Rule]] = {}
    for rule in rules().values():
        by_table.setdefault(rule.table, []).append(rule)
    job = dg.define_asset_job(
        JOB,
        dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="Everything in the inbox through to published; several touched months in one run.",
    )
    return dg.Definitions(
        assets=[_asset(node) for node in nodes()],
        asset_checks=[_checks(table, of_table, {n.table for n in nodes()}) for table, of_table in by_table.items()],
        jobs=[job],
        executor=dg.in_process_executor,
        resources={"warehouse": _warehouse(overrides or {}, say or (lambda step: None))},
        loggers={"console": _quiet} if say else None,
        schedules=[
            dg.ScheduleDefinition(
                "monthly_refresh",
                job=job,
                cron_schedule="0 6 6 * *",
                execution_timezone="Asia/Ho_Chi_Minh",
                description="The morning after the deadline.",
            )
        ],
        sensors=[_inbox_sensor(job, overrides or {})],
    )


def _inbox_sensor(job: Any, overrides: dict[str, Any]) -> dg.SensorDefinition:
    @dg.sensor(
        name="inbox", job=job, minimum_interval_seconds=60, description="Starts a refresh when new files have stopped growing."
    )
    def inbox(context: dg.SensorEvaluationContext):
        home = open_home(Settings(**overrides))
        seen = {str(p.relative_to(home.inbox)): [s.st_mtime_ns, s.st_size] for p in pending(home) if (s := p.stat())}
        before = json.loads(context.cursor or "{}")
        now, same = time.time(), before.get("seen") == seen
        asked = before.get("asked", 0) if same else 0  # when a run was last asked for these very files
        context.update_cursor(json.dumps({"seen": seen, "asked": asked}))
        if not seen:
            return dg.SkipReason("Nothing new in the inbox.")
        if not same and now - max(changed for changed, _ in seen.values()) / 1e9 < 5:
            return dg.SkipReason("Files are still being copied.")
        if now - asked < RETRY_SECONDS:
            return dg.SkipReason("A refresh was asked for these files; it is asked for again while they stay.")
        context.update_cursor(json.dumps({"seen": seen, "asked": now}))
        # Dagster launches one run per key, ever, also when that run failed: each try has a key of its own
        files = hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
        return dg.RunRequest(run_key=f"{files[:32]}-{int(now)}")

    return inbox


@dg.definitions
def defs() -> dg.Definitions:
    """The entry point of `dagster dev`: the home of the environment."""
    return build_defs()
