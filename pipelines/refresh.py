"""One refresh from the command line: is there anything to do, one Dagster run in this process, and what it came to.

Also the board `status` shows. Both need no Dagster until a run starts.
"""

import json
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import duckdb

from pipelines import receiving
from pipelines.config import Home, Settings, UserError, open_home
from pipelines.reference import checked_reference
from pipelines.warehouse import one, read_only

DAGSTER_YAML = """telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
"""


def refresh(settings: Settings, on_step: Callable[[str], None] = lambda step: None, period: str | None = None) -> dict[str, Any]:
    """Takes everything in the inbox through to published; `{"new": false}` when there is nothing to do.

    `period` (YYYY-MM) is rebuilt even when nothing of it is new.

    Raises UserError when the home, its reference files or another refresh stand in the way, or a step of ours broke.
    """
    home = open_home(settings)
    checked_reference(home.reference)
    if period is None and not anything_to_do(home, settings):
        return summary(home, since=None)
    before = settings.clock()
    seen = _known_files(home)
    _run(home, settings, on_step, period)
    return summary(home, since=before, seen=seen)


def anything_to_do(home: Home, settings: Settings) -> bool:
    """New bytes in the inbox or the archive, an unfinished run, changed reference or code, or a deadline crossed."""
    from pipelines import steps

    if receiving.inbox_files(home) or not home.private.is_file():
        return True
    con = read_only(home.private)
    try:
        known = {r[0] for r in con.execute("select distinct sha256 from raw.submission").fetchall()}
        remembered = dict(con.execute("select name, value from meta.state").fetchall())
    finally:
        con.close()
    if {r.sha256 for r in receiving.receipts(home)} - known:
        return True
    if remembered.get("reference") != checked_reference(home.reference).digest or remembered.get("code") != steps.code_digest():
        return True
    return _deadlines_passed(datetime.fromisoformat(remembered["clock"]), settings) != _deadlines_passed(
        settings.clock(), settings
    )


def _deadlines_passed(at: datetime, settings: Settings) -> int:
    """How many monthly deadlines lie before an instant; the day of the deadline itself is still on time."""
    return at.year * 12 + at.month + (at.day > settings.deadline_day)


def prepare_dagster(home: Home) -> None:
    """The folder Dagster keeps its runs in; also what `dagster dev` needs as DAGSTER_HOME."""
    home.dagster.mkdir(parents=True, exist_ok=True, mode=0o700)
    (home.dagster / "dagster.yaml").write_text(DAGSTER_YAML, "utf-8")


def _run(home: Home, settings: Settings, on_step: Callable[[str], None], period: str | None) -> None:
    on_step("starting")
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "true"
    import dagster as dg

    from pipelines.definitions import JOB, build_defs

    prepare_dagster(home)
    overrides = settings.model_dump(exclude_unset=True, exclude={"secret"}) | {"home": str(home.root), "rebuild": period}
    job = build_defs(overrides, on_step).resolve_job_def(JOB)
    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        _bury_killed_runs(instance)
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {}}},
            tags={"congdoan/pid": str(os.getpid())},
        )
        if not result.success:
            raise _first_failure(result)


def _bury_killed_runs(instance: Any) -> None:
    """A run whose process was killed stays STARTED for ever; say that it failed."""
    import dagster as dg

    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        pid = run.tags.get("congdoan/pid", "")
        if pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
            instance.report_run_failed(run, "The process was killed; the next refresh finishes its work.")


def _first_failure(result: Any) -> UserError:
    for event in result.all_events:
        data = getattr(event, "event_specific_data", None)
        error = getattr(data, "error", None)
        if error is not None:
            root = error
            while root.cause is not None:
                root = root.cause
            if root.cls_name == "UserError":
                return UserError(root.message.partition(":")[2].strip())
            step = event.step_key or "the start of the run"
            return UserError(
                f"The refresh broke at {step} ({root.cls_name}); nothing was published and no file is lost. "
                "See the run in `dagster dev`."
            )
    failed = [c.check_name for c in result.get_asset_check_evaluations() if not c.passed and c.severity.value == "ERROR"]
    return UserError(
        f"The refresh stopped before publishing, because our own rules failed: {', '.join(failed) or 'see dagster dev'}."
    )


# ---- what it came to


def _known_files(home: Home) -> frozenset[str]:
    if not home.private.is_file():
        return frozenset()
    con = read_only(home.private)
    try:
        return frozenset(r[0] for r in con.execute("select distinct sha256 from raw.submission").fetchall())
    finally:
        con.close()


def summary(home: Home, since: datetime | None, seen: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What `refresh` prints: files read with their sheets, findings and what changed, from the private snapshot."""
    con = read_only(home.private)
    try:
        files = _files(con, seen) if since else []
        counts = dict(
            con.execute(
                "select severity, count(*) from quality.finding where state = 'open' and caused_by is null group by 1"
            ).fetchall()
        )
        fixed = (
            one(
                con,
                "select count(*) from quality.finding where state = 'fixed' and resolved_at >= ? and caused_by is null",
                [since],
            )[0]
            if since
            else 0
        )
        opened = (
            one(con, "select count(*) from quality.finding where first_seen_at >= ? and caused_by is null", [since])[0]
            if since
            else 0
        )
    finally:
        con.close()
    return {"new": since is not None, "files": files, "findings_open": counts, "findings_opened": opened, "findings_fixed": fixed}


def _files(con: duckdb.DuckDBPyConnection, seen: frozenset[str]) -> list[dict[str, Any]]:
    """The `check` shape of the contract, for every file whose bytes were not known before."""
    files: dict[str, dict[str, Any]] = {}
    worst = ("accepted", "accepted_with_findings", "superseded", "waiting", "rejected", "quarantined")
    for sha, name, sheet, form, unit, period, status, *rows, submission in con.execute("""
            select sha256, file_name, sheet, form, unit_code, period, status, rows_read, rows_loaded, rows_rejected, rows_control, rows_ignored, submission_id
            from core.submission order by file_name, submission_id""").fetchall():
        if sha in seen:
            continue
        entry = files.setdefault(sha, {"file": name, "sha256": sha, "status": status, "forms": [], "findings": []})
        entry["status"] = max(entry["status"], status, key=worst.index)
        if form:
            entry["forms"].append(
                dict(
                    zip(
                        (
                            "form",
                            "sheet",
                            "unit_code",
                            "period",
                            "rows_read",
                            "rows_loaded",
                            "rows_rejected",
                            "rows_control",
                            "rows_ignored",
                        ),
                        (form, sheet, unit, period, *rows),
                        strict=True,
                    )
                )
            )
            entry["forms"][-1]["control_totals"] = [
                dict(zip(("column", "declared", "computed"), total, strict=True))
                for total in con.execute(
                    "select column_name, declared, computed from core.control_total where submission_id = ? order by 1",
                    [submission],
                ).fetchall()
            ]
        entry["findings"] += [
            dict(zip(("check_id", "severity", "sheet", "row", "column", "message"), f, strict=True))
            for f in con.execute(
                """
            select check_id, severity, sheet, row, column_name, message from quality.finding
            where submission_id = ? and state = 'open' and caused_by is null order by row""",
                [submission],
            ).fetchall()
        ]
    return list(files.values())


def board(settings: Settings, period: str | None) -> dict[str, Any]:
    """Completeness and timeliness by unit and form as of the clock, and when the last refresh ran."""
    home = open_home(settings)
    con = read_only(home.published)
    try:
        now = settings.clock()
        rows = con.execute(
            """
            select r.period, r.unit_code, r.unit_name, r.form, r.due_date, r.received_at, r.is_nil, r.open_finding_count,
                case when r.status = 'not_due' and ?::date > r.due_date then 'missing' else r.status end as status
            from marts.return_status r
            where $2 is null or r.period in (
                select m.period from core.period p join core.period m on m.period between p.first_month and p.last_month
                where p.period = $2 and m.first_month = m.period) or r.period = $2
            order by 1, 2, 4""".replace("?::date", "$1::date"),
            [now, period],
        ).fetchall()
        clock = one(con, "select clock from meta.refresh")[0]
    finally:
        con.close()
    names = ("period", "unit_code", "unit_name", "form", "due_date", "received_at", "is_nil", "open_finding_count", "status")
    returns = [dict(zip(names, r, strict=True)) for r in rows]
    counts = {s: sum(r["status"] == s for r in returns) for s in ("on_time", "late", "missing", "not_due")}
    overdue = _deadlines_passed(clock, settings) != _deadlines_passed(now, settings)
    return {"last_refresh": clock, "refresh_overdue": overdue, "counts": counts, "returns": returns}


def to_json(value: Any) -> str:
    """One JSON document; dates in ISO form."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=lambda v: v.isoformat() if hasattr(v, "isoformat") else str(v))
