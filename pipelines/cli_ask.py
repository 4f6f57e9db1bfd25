"""Commands that answer from the snapshots: each calls one function and prints. Heavy imports stay inside commands."""

from pathlib import Path
from typing import Literal

from pipelines.config import UserError, open_home
from pipelines.options import HomeDir, Json, Period, UnitCode, settings_of
from pipelines.terminal import print_board, say, table


def status(*, period: str | None = None, home: HomeDir = None, json: Json = False) -> int:
    """Completeness and timeliness by unit and form; exit 1 when a return or the refresh is overdue."""
    from pipelines.outcome import board, to_json

    result = board(settings_of(home), period)
    if json:
        print(to_json(result))
    else:
        print_board(result)
    return int(result["refresh_overdue"] or result["counts"]["missing"] > 0)


def findings(
    *,
    unit: str | None = None,
    period: str | None = None,
    state: Literal["open", "fixed", "accepted_as_is"] | None = None,
    home: HomeDir = None,
    json: Json = False,
) -> None:
    """List findings by unit, period and state; `findings accept ID` takes one as it is."""
    from pipelines.outcome import to_json
    from pipelines.warehouse import one, read_only

    con = read_only(open_home(settings_of(home)).private)
    if not one(con, "select 1 from duckdb_columns() where schema_name = 'quality' and column_name = 'accepted_id'"):
        raise UserError("The warehouse was made by an earlier version; run `congdoan refresh` first.")
    rows = con.execute(
        """select f.* exclude (row_key, cells_key, accepted_id), a.why as accepted_why, a.accepted_by, a.accepted_at
        from quality.finding f
        left join meta.acceptance a on f.state = 'accepted_as_is' and a.finding_id = f.accepted_id
        where ($1 is null or unit_code = upper($1)) and ($2 is null or period = $2) and ($3 is null or state = $3)
        order by unit_code, period, form, sheet, row, check_id""",
        [unit, period, state],
    )
    names = [d[0] for d in rows.description]
    found = [dict(zip(names, r, strict=True)) for r in rows.fetchall()]
    if json:
        print(to_json(found))
    else:
        table(
            ["id", "unit", "period", "severity", "state", "message"],
            [[f["finding_id"][:8], f["unit_code"], f["period"], f["severity"], f["state"], f["message"]] for f in found],
        )


def metrics(*, period: Period, unit: UnitCode = None, structure: str = "then", home: HomeDir = None, json: Json = False) -> None:
    """Print every declared figure of a period beside its target, the period before and the same period last year."""
    from pipelines.figures import figures, heading
    from pipelines.outcome import to_json
    from pipelines.terminal import print_figures

    of = open_home(settings_of(home))
    found = figures(of, period, unit, structure)
    if json:
        print(to_json(found))
    else:
        say(heading(of, period, unit))
        print_figures(found)


def trace(
    metric: str, *, period: Period, unit: UnitCode = None, workbook: Path | None = None, home: HomeDir = None, json: Json = False
) -> None:
    """Show the rows behind a figure: file, sheet, row, sha256 and what each adds.

    Parameters
    ----------
    workbook
        Also write the rows themselves to this .xlsx; it holds personal data.
    """
    from pipelines.metrics import metrics as declared
    from pipelines.outcome import to_json
    from pipelines.trace import trace as run

    result = run(open_home(settings_of(home)), metric, period, unit, workbook)
    if json:
        print(to_json(result))
        return
    shown = "no value" if result["value"] is None else f"{result['value']:,}"
    status = "" if result["status"] == "complete" else f" ({result['status']})"
    say(f"{metric} of {result['unit_code']} in {result['period']}: {shown}{status}, from {len(result['rows'])} rows.")
    if declared()[metric].difference:
        say(f"{result['numerator']} less {result['denominator'] or 0}.")
    elif result["denominator"] is not None:
        say(f"Numerator {result['numerator']}, denominator {result['denominator']}.")
    shown = result["rows"][:50]
    table(
        ["file", "sheet", "row", "adds", "sha256"],
        [[r["file"], r["sheet"], r["row"], r["contribution"], r["sha256"][:12]] for r in shown],
    )
    if len(result["rows"]) > len(shown):
        say(f"{len(result['rows']) - len(shown)} more rows; --json or --workbook gives all.")


def units(*, home: HomeDir = None, json: Json = False) -> None:
    """Print the unit registry as of now."""
    from pipelines.outcome import to_json
    from pipelines.reference import checked_reference

    settings = settings_of(home)
    today = settings.clock().date()
    rows = [
        u.model_dump()
        for u in checked_reference(open_home(settings).reference).rows["units"]
        if u.valid_from <= today and (u.valid_to is None or u.valid_to > today)
    ]
    if json:
        print(to_json(rows))
    else:
        table(
            ["code", "name", "level", "parent", "sector", "managed"],
            [[r[c] for c in ("code", "name", "level", "parent", "sector", "managed")] for r in rows],
        )


def query(sql: str, *, home: HomeDir = None, json: Json = False) -> None:
    """Run one SELECT on the published copy, read-only; a table's name does without its schema."""
    import duckdb

    from pipelines.outcome import to_json
    from pipelines.warehouse import read_only

    con = read_only(open_home(settings_of(home)).published)
    if not sql.strip(" \t\r\n;"):
        raise UserError('Give one SELECT, such as "select * from marts.return_status".')
    con.execute("set enable_external_access = false")
    con.execute(
        "set search_path = $1", [",".join(s for (s,) in con.execute("select schema_name from duckdb_schemas()").fetchall())]
    )
    try:
        if len(con.extract_statements(sql)) > 1:
            raise UserError("Give one SELECT, not several statements.")
        result = con.execute(sql)
        if result.description is None:
            raise UserError("That is no SELECT: there is nothing to show.")
        names, rows = [d[0] for d in result.description], result.fetchall()
    except duckdb.Error as e:
        raise UserError(str(e).splitlines()[0]) from e
    if json:
        print(to_json([dict(zip(names, r, strict=True)) for r in rows]))
    else:
        table(names, rows)
