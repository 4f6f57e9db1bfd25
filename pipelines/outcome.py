"""What a refresh came to, and the board of returns: read from the snapshots, for people and as the contract's JSON."""

import json
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines import ledger
from pipelines.config import Home, Settings, UserError, open_home
from pipelines.receiving import left, receipts
from pipelines.warehouse import one, read_only

# what a file is called by its sheets: a cover or guide beside a form of ours says nothing
_STATUS_BY_WEIGHT = ("rejected", "accepted", "accepted_with_findings", "superseded", "waiting", "quarantined")
_FORM_FIELDS = (
    "form",
    "sheet",
    "unit_code",
    "period",
    "rows_read",
    "rows_loaded",
    "rows_rejected",
    "rows_control",
    "rows_ignored",
)


@dataclass(frozen=True)
class Known:
    """What there was before a refresh: receipts written, bytes read and the sheets of them, findings open."""

    receipts: int = 0
    files: frozenset[str] = frozenset()
    submissions: frozenset[str] = frozenset()
    open_findings: frozenset[str] = frozenset()


def known(home: Home) -> Known:
    """What is known now; nothing in a home that was never refreshed."""
    if not home.private.is_file():
        return Known(len(receipts(home)))
    con = read_only(home.private)
    try:
        sheets = con.execute("select sha256, submission_id from raw.submission").fetchall()
        return Known(
            len(receipts(home)), frozenset(sha for sha, _ in sheets), frozenset(sheet for _, sheet in sheets), _open_findings(con)
        )
    finally:
        con.close()


def outcome(home: Home, before: Known | None) -> dict[str, Any]:
    """What `refresh` prints: files read with their sheets, findings and what changed since `before`; None = nothing ran."""
    con = read_only(home.private)
    try:
        read = {r[0] for r in con.execute("select distinct sha256 from raw.submission").fetchall()}
        files = files_said(con, read, before.submissions) if before else []
        by_severity = dict(
            con.execute(
                "select severity, count(*) from quality.finding where state = 'open' and caused_by is null group by 1"
            ).fetchall()
        )
        now_open = _open_findings(con)
        replaced = {
            r[0]
            for r in con.execute(
                "select sha256 from core.submission group by 1 having bool_and(status = 'superseded')"
            ).fetchall()
        }
        names = one(con, "select count(distinct name_key) from core.unmatched_name")[0]
    finally:
        con.close()
    taken = {(f["sha256"], f["file"]) for f in files}
    late = receipts(home)[before.receipts :] if before else []
    again = [r for r in late if before and r.sha256 in before.files and (r.sha256, r.file_name) not in taken]
    opened, fixed = (len(now_open - before.open_findings), len(before.open_findings - now_open)) if before else (0, 0)
    return {
        "new": before is not None,
        "files": files,
        "repeated": [r.file_name for r in again],
        "repeated_replaced": [r.file_name for r in again if r.sha256 in replaced],  # and a newer file counts instead
        "left": left(home),
        "unmatched_names": names,
        "findings_open": by_severity,
        "findings_opened": opened,
        "findings_fixed": fixed,
    }


def _open_findings(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    return frozenset(
        r[0] for r in con.execute("select finding_id from quality.finding where state = 'open' and caused_by is null").fetchall()
    )


def files_said(con: duckdb.DuckDBPyConnection, digests: set[str], but: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """What is said of files, in the contract's shape of `check`: those with these sha256, by name, `but` for some of their submissions.

    The same bytes as returns of several months are a file for each.
    """
    files: dict[tuple[str, str], dict[str, Any]] = {}
    for sha, name, status, submission, *form in con.execute(
        f"""
            select sha256, file_name, status, submission_id, {", ".join(_FORM_FIELDS)}
            from core.submission where list_contains($1, sha256) order by file_name, submission_id""",
        [list(digests)],
    ).fetchall():
        if submission in but:
            continue
        month = "".join(submission.split("-", 2)[2:])
        entry = files.setdefault((sha, month), {"file": name, "sha256": sha, "status": status, "forms": [], "findings": []})
        entry["status"] = max(entry["status"], status, key=_STATUS_BY_WEIGHT.index)
        if form[0]:
            totals = _dicts(
                con,
                "select column_name as column, declared, computed from core.control_total where submission_id = ? and kind = 'total' order by 1",
                submission,
            )
            entry["forms"].append(dict(zip(_FORM_FIELDS, form, strict=True)) | {"control_totals": totals})
        entry["findings"] += _dicts(
            con,
            """
            select check_id, severity, sheet, row, column_name as column, message from quality.finding
            where submission_id = ? and state = 'open' and caused_by is null order by row, check_id, column_name, message""",
            submission,
        )
    return list(files.values())


def _dicts(con: duckdb.DuckDBPyConnection, sql: str, *params: object) -> list[dict[str, Any]]:
    found = con.execute(sql, list(params))
    names = [d[0] for d in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def board(settings: Settings, period: str | None) -> dict[str, Any]:
    """Completeness and timeliness by unit and form as of the clock, what returns that came again changed, and the last refresh."""
    home = open_home(settings)
    con = read_only(home.private)  # which has the names of files
    try:
        now = settings.clock()
        rows = con.execute(
            """
            select r.period, r.unit_code, r.unit_name, r.form, r.due_date, r.received_at, r.is_nil, r.open_finding_count,
                case when r.status = 'not_due' and cast($1 as date) > r.due_date then 'missing' else r.status end as status
            from marts.return_status r
            left join core.period p on p.period = $2
            where $2 is null or r.period = $2 or r.period between p.first_month and p.last_month
            order by 1, 2, 4""",
            [now, period],
        ).fetchall()
        changes = _dicts(
            con,
            """
            select c.period, c.unit_code, c.form, c.file_name as file, c.replaced_file_name as replaces, c.rows_added, c.rows_removed,
                c.rows_changed, c.rows_unchanged, c.received_at
            from core.return_change c
            left join core.period p on p.period = $1
            where $1 is null or c.period = $1 or c.period between p.first_month and p.last_month
            order by c.received_at desc, c.period, c.unit_code, c.form, c.version_no desc""",
            period,
        )
        clock = one(con, "select clock from meta.refresh")[0]
        if period and not rows and not one(con, "select 1 from core.period where period = ?", [period]):
            raise UserError(f"No return is known or due in the period {period}.")
    finally:
        con.close()
    names = ("period", "unit_code", "unit_name", "form", "due_date", "received_at", "is_nil", "open_finding_count", "status")
    returns = [dict(zip(names, r, strict=True)) for r in rows]
    counts = {s: sum(r["status"] == s for r in returns) for s in ("on_time", "late", "missing", "not_due")}
    overdue = settings.deadlines_passed(clock) != settings.deadlines_passed(now)
    refused = [{"to": e.to, "unit_code": e.to_unit, "at": e.at, "why": e.why} for e in ledger.refused(home)]
    return {
        "last_refresh": clock,
        "refresh_overdue": overdue,
        "counts": counts,
        "returns": returns,
        "changes": changes,
        "mail_refused": refused,
    }


def to_json(value: Any) -> str:
    """One JSON document; dates in ISO form."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=lambda v: v.isoformat() if hasattr(v, "isoformat") else str(v))
