"""One refresh from the command line: is there anything to do, then one Dagster run in this process.

Dagster is imported when a run starts, not before. What a run came to is read in `outcome`.
"""

import os
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pipelines import receiving
from pipelines.accepting import acceptances
from pipelines.config import Home, Settings, UserError, open_home
from pipelines.outcome import known, outcome
from pipelines.reference import checked_reference
from pipelines.warehouse import lock, one, owner_only, read_only

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

    Raises UserError when the home, its reference files or another refresh stand in the way, a step of ours broke, or
    no return is for `period`.
    """
    home = open_home(settings)
    checked_reference(home.reference)
    if period is not None:
        _check_month(home, period)
    if period is None and not anything_to_do(home, settings):
        if settings.send == "auto":
            _send_due(home, settings)
        return outcome(home, None)
    before = known(home)
    _run(home, settings, on_step, period)
    return outcome(home, before)


def _send_due(home: Home, settings: Settings) -> None:
    """Reminders are due, and what did not leave before is, though nothing new came in."""
    from pipelines import sending

    with lock(home):
        sending.send(sending.prepare_now(home, settings), home, settings)


def anything_to_do(home: Home, settings: Settings) -> bool:
    """New bytes in the inbox or the archive, an unfinished run, changed reference or code, or a deadline crossed."""
    from pipelines import steps

    if receiving.pending(home) or not home.private.is_file() or _pages_lag(home):
        return True
    con = read_only(home.private)
    try:
        known = {r[0] for r in con.execute("select distinct sha256 from raw.submission").fetchall()}
        remembered = dict(con.execute("select name, value from meta.state").fetchall())
    finally:
        con.close()
    if {r.sha256 for r in receiving.receipts(home)} - known:
        return True
    if remembered.get("root") != str(home.root.resolve()):
        return True  # the home moved: raw.* views name the files of the lake by their full path
    if int(remembered.get("accepted", 0)) != len(acceptances(home)):
        return True
    if remembered.get("reference") != checked_reference(home.reference).digest or remembered.get("code") != steps.code_digest():
        return True
    return settings.deadlines_passed(datetime.fromisoformat(remembered["clock"])) != settings.deadlines_passed(settings.clock())


def _check_month(home: Home, period: str) -> None:
    """A month to rebuild is one that has a return, or may have among the bytes not read yet."""
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", period):
        raise UserError(f"Only a month such as 2023-05 can be rebuilt, not {period!r}.")
    if receiving.pending(home) or not home.private.is_file():
        return
    con = read_only(home.private)
    try:
        if not one(con, "select 1 from raw.submission where period = ? and intake_status = 'accepted'", [period]):
            raise UserError(f"No return is for {period}; nothing was rebuilt.")
    finally:
        con.close()


def _pages_lag(home: Home) -> bool:
    """Whether a run was killed between the swap of the snapshots and the pages made from them."""
    page = home.public / "index.html"
    return not page.is_file() or page.stat().st_mtime_ns < home.private.stat().st_mtime_ns


def prepare_dagster(home: Home) -> None:
    """The folder Dagster keeps its runs in; also what `dagster dev` needs as DAGSTER_HOME."""
    with owner_only():
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
    with owner_only(), dg.DagsterInstance.from_config(str(home.dagster)) as instance:
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
            if root.cls_name == "DagsterExecutionInterruptedError":
                raise KeyboardInterrupt
            if root.cls_name == "DagsterAssetCheckFailedError":
                break
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
