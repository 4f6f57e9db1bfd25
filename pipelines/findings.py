"""The life of findings: what failing rows of this run mean for quality.finding. Rules are elsewhere."""

from datetime import datetime

import duckdb

from pipelines import accepting
from pipelines.rules import Rule, column_label, finding_sql, rules, spoken
from pipelines.warehouse import literal, one

FAILING = """create or replace table quality.failing (
    check_id varchar, severity varchar, unit_code varchar, period varchar, form varchar, submission_id varchar, file_name varchar,
    sheet varchar, row integer, column_name varchar, row_key varchar, message varchar, caused_by varchar, cells_key varchar)"""
FINDING = """create table if not exists quality.finding (
    finding_id varchar primary key, check_id varchar, severity varchar, unit_code varchar, period varchar, form varchar,
    submission_id varchar, file_name varchar, sheet varchar, row integer, column_name varchar, message varchar,
    first_seen_at timestamp, last_seen_at timestamp, state varchar, resolved_at timestamp, caused_by varchar, row_key varchar,
    cells_key varchar, accepted_id varchar)"""
RESULT = """create table if not exists quality.check_result (
    check_id varchar, refreshed_at timestamp, failing_rows bigint, primary key (check_id, refreshed_at))"""
_LATER = ("row_key", "cells_key", "accepted_id")  # columns that homes of an earlier version do not have
_COMMENTS = {
    "finding_id": "hash of rule, sender, month, form and the row's natural key: the same fault keeps it across files and row numbers",
    "unit_code": "the sender, who answers for it",
    "row": "row number in Excel",
    "column_name": "English name of the column",
    "message": "what the officer reads, without a personal value; in the public copy the rule's own sentence",
    "state": "open, fixed, accepted_as_is",
    "caused_by": "the rule whose finding explains this one; then it is neither mailed nor counted apart",
    "row_key": "natural key of the row, keyed where it is a person's, or what else the fault is of: a unit, a column",
    "cells_key": "keyed hash of the cells that the finding is about; empty where the message says all of them",
    "accepted_id": "the finding that a person accepted, for this one too: itself, the same fault elsewhere, or its cause",
}


def start(con: duckdb.DuckDBPyConnection) -> None:
    """Empties quality.failing for this run and makes quality.finding and quality.check_result when they are not there.

    What rules said in a run that never ended (meta.running) is forgotten: this run asks them again.
    """
    con.execute(FAILING)
    con.execute(FINDING)
    for column in _LATER:
        con.execute(f"alter table quality.finding add column if not exists {column} varchar")
    con.execute(RESULT)
    con.execute("delete from quality.check_result where refreshed_at in (select clock from meta.running)")
    con.execute("comment on table quality.finding is 'One row per fault found in a return, through its whole life.'")
    for column, text in _COMMENTS.items():
        con.execute(f"comment on column quality.finding.{column} is {literal(text)}")
    con.execute(
        "create or replace table quality.rule (check_id varchar, table_name varchar, severity varchar, column_label varchar, vi varchar, en varchar)"
    )
    told = list(zip(*((r.id, r.table, r.severity, column_label(r), spoken(r.vi), r.en) for r in rules().values()), strict=True))
    con.execute("insert into quality.rule select unnest($1), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6)", told)


def collect(con: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    """Writes the bad rows of one rule into quality.failing; DuckDB does it, with no cap."""
    con.execute("delete from quality.failing where check_id = ?", [rule.id])
    con.execute(f"insert into quality.failing by name {finding_sql(rule)}")


def keep(con: duckdb.DuckDBPyConnection, counts: dict[Rule, int], now: datetime) -> dict[str, int]:
    """Writes how many rows failed each rule into quality.check_result; returns by rule id what the last refresh before had."""
    told = [[r.id for r in counts], list(counts.values())]
    con.execute("insert or replace into quality.check_result select unnest($1), $3::timestamp, unnest($2)", [*told, now])
    return dict(
        con.execute(
            """select check_id, arg_max(failing_rows, refreshed_at) from quality.check_result
            where list_contains($1, check_id) and refreshed_at < $2 group by check_id""",
            [told[0], now],
        ).fetchall()
    )


def merge(con: duckdb.DuckDBPyConnection, now: datetime) -> dict[str, int]:
    """Opens, keeps, re-opens and closes findings by what failed now; returns counts by what happened, and how many are open now.

    What a person accepted (meta.acceptance) stays accepted while it fails and says the same; else it opens again. What follows from it
    is accepted with it.
    A finding closes only when this run looked at its month: rules of scope `all` always did, the others at touched months,
    those of scope `year` at the twelve months after each as well, since what came before may lie so far back.
    """
    everywhere, year_too = (", ".join(literal(r.id) for r in rules().values() if r.scope == scope) for scope in ("all", "year"))
    con.execute("""create or replace temp table failing_now as
        select pseudonym(concat_ws('|', check_id, coalesce(unit_code, file_name, ''), coalesce(period, ''), coalesce(form, ''),
            coalesce(column_name, ''), coalesce(row_key, ''),
            cast(row_number() over (partition by check_id, unit_code, period, form, column_name, row_key order by cells_key, submission_id, row) as varchar)
        )) as finding_id, * from quality.failing""")
    con.execute("begin")
    try:
        fixed = one(
            con,
            f"""update quality.finding set state = 'fixed', resolved_at = $1
            where state <> 'fixed' and finding_id not in (select finding_id from failing_now)
            and (check_id in ({everywhere}) or period in (select period from meta.touched)
                or (check_id in ({year_too})
                    and exists (select 1 from meta.touched t where quality.finding.period between t.period and month_add(t.period, 12))))""",
            [now],
        )[0]
        reopened = one(
            con,
            """update quality.finding set state = 'open', resolved_at = null
            where state = 'fixed' and finding_id in (select finding_id from failing_now)""",
        )[0]
        con.execute(
            """update quality.finding f set last_seen_at = $1, severity = n.severity, submission_id = n.submission_id, file_name = n.file_name,
            sheet = n.sheet, row = n.row, message = n.message, caused_by = n.caused_by, row_key = n.row_key,
            cells_key = n.cells_key from failing_now n where n.finding_id = f.finding_id""",
            [now],
        )
        opened = one(
            con,
            """insert into quality.finding by name select n.*, $1::timestamp as first_seen_at, $1::timestamp as last_seen_at, 'open' as state
            from failing_now n where n.finding_id not in (select finding_id from quality.finding)""",
            [now],
        )[0]
        _hold(con)
        reopened += one(
            con,
            """update quality.finding set state = 'open', accepted_id = null
            where state = 'accepted_as_is' and finding_id not in (select finding_id from holding)""",
        )[0]
        accepted = one(
            con,
            """update quality.finding f set state = 'accepted_as_is', accepted_id = h.accepted_id
            from holding h where h.finding_id = f.finding_id and f.state = 'open'""",
        )[0]
        con.execute("commit")
    except duckdb.Error:
        con.execute("rollback")
        raise
    con.execute("drop table failing_now")
    con.execute("drop table holding")
    still_open = one(con, "select count(*) from quality.finding where state = 'open'")[0]
    return {"open": still_open, "opened": opened, "fixed": fixed, "reopened": reopened, "accepted": accepted}


_CAUSE = "c.check_id = f.caused_by and c.unit_code is not distinct from f.unit_code and c.form is not distinct from f.form and c.state <> 'fixed'"


def _hold(con: duckdb.DuckDBPyConnection) -> None:
    """holding: findings accepted as they are, those among them that follow from accepted ones of their return.

    Causes of the same row, unit or column count where there are any, else all of the return. What no finding explains (any more) stands
    alone: its cause was said of another month and is accepted there, or somebody else's return mends it.
    """
    accepting.hold(con, [r.id for r in rules().values() if r.lasts])
    con.execute(
        f"""insert into holding with cause as (
            select f.finding_id, h.accepted_id, coalesce(c.row_key = f.row_key, false) as is_near
            from quality.finding f
            join quality.finding c on {_CAUSE} and c.period is not distinct from f.period
            left join holding h on h.finding_id = c.finding_id
            where f.state <> 'fixed' and f.finding_id not in (select finding_id from holding)
        ), nearest as (
            select * from cause qualify is_near = max(is_near) over (partition by finding_id)
        )
        select finding_id, min(accepted_id) from nearest group by finding_id having count(*) = count(accepted_id)"""
    )
    con.execute(
        f"""update quality.finding f set caused_by = null where f.state <> 'fixed' and f.caused_by is not null and not exists (
            select 1 from quality.finding c where {_CAUSE}
            and (c.period is not distinct from f.period or c.finding_id not in (select finding_id from holding)))"""
    )
