"""`congdoan`: the commands of the contract, thin; each calls one function and prints. Heavy imports stay inside commands."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter
from pydantic import ValidationError

from pipelines import stopping
from pipelines.config import Home, Settings, UserError, open_home
from pipelines.terminal import print_board, print_refresh, progress, say, table

app = App(
    name="congdoan",
    help="From the Excel returns of a trade-union federation's units to one checked warehouse.",
    version_flags=[],
    suppress_keyboard_interrupt=False,
)
reference_app = App(name="reference", help="The files a federation keeps itself in reference/.")
app.command(reference_app)
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON document on stdout, nothing else.")]
HomeDir = Annotated[Path | None, Parameter(name="--home", help="Where state lives instead of CONGDOAN_HOME.")]


def main(argv: list[str] | None = None) -> None:
    """Runs one command; exit 2 with one clear sentence when it could not be done, 130 on Ctrl-C."""
    try:
        code = app(argv, exit_on_error=False, print_error=False, result_action="return_value")
        if stopping.heard():  # something on the way swallowed it
            stopping.stop()
    except BaseException as e:
        if stopping.heard() or isinstance(e, KeyboardInterrupt):
            stopping.stop()
        sentence = _sentence(e)
        if sentence is None:
            raise
        say(sentence)
        code = 2
    sys.exit(code if isinstance(code, int) else 0)


def _sentence(e: BaseException) -> str | None:
    """What a person can mend about it, in one sentence; None for what only we can."""
    if isinstance(e, ValidationError):
        first = e.errors()[0]
        return f"Setting CONGDOAN_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}."
    if e.args and isinstance(e.args[0], OSError):
        e = e.args[0]  # xlsxwriter wraps what stood in its way
    if isinstance(e, OSError):
        return f"{e.strerror or e}{f': {e.filename}' if e.filename else ''}."
    return str(e) if isinstance(e, (UserError, CycloptsError)) else None


@app.command
def init(*, units: Path | None = None, home: HomeDir = None) -> None:
    """Make an empty home with a unit registry of one's own.

    Parameters
    ----------
    units
        The registry as csv: code,name,level,parent,sector,managed,officer_email,valid_from,valid_to.
    """
    import shutil

    from pipelines.demo import make_home
    from pipelines.models import ASSETS
    from pipelines.reference import read_reference

    place = Home(_settings(home).home.absolute())
    if place.exists():
        raise UserError(f"{place.root} is a home already; nothing was changed.")
    if units and not units.is_file():
        raise UserError(f"{units} does not exist.")
    make_home(place)
    shutil.copyfile(units or ASSETS / "reference" / "units.csv", place.reference / "units.csv")
    shutil.copyfile(ASSETS / "reference" / "indicators.csv", place.reference / "indicators.csv")
    problems = read_reference(place.reference).problems
    for p in problems:
        say(p)
    say(
        f"Home made at {place.root}. "
        + (
            "Mend the registry, then run `congdoan reference check`."
            if problems
            else "Put returns into inbox/ and run `congdoan refresh`."
        )
    )


@app.command
def demo(*, seed: int = 714, uncorrected: bool = False, history: bool = False, home: HomeDir = None, json: Json = False) -> None:
    """Make the made-up province, take its returns through every layer, and say what to open.

    Parameters
    ----------
    seed
        Another seed gives other rows with the same totals.
    uncorrected
        Stop before the corrections arrive.
    history
        Bring the returns of 2022 and every union's targets too, for comparisons; takes some minutes.
    """
    from pipelines import demo as demonstration
    from pipelines.outcome import to_json

    settings = _settings(home)
    with progress() as on_step:
        result = demonstration.demo(settings, seed, uncorrected, history, on_step)
    place = Home(settings.home.absolute())
    if json:
        print(to_json({k: v for k, v in result.items() if k != "files"} | {"home": str(place.root)}))
        return
    say(
        f"{result['planted']} planted errors, {result['found']} found, {result['findings_fixed']} fixed, "
        f"{sum(result['findings_open'].values())} open."
    )
    at = "" if settings.home == Path("data") else f"CONGDOAN_HOME={settings.home} "
    print(f"""Open   {place.public / "index.html"}
Ask    {at}congdoan metrics --period 2023-H1
       {at}congdoan query "select metric_id, published, value, explanation from marts.reconciliation"
Watch  {at}DAGSTER_HOME={place.dagster} dagster dev -m pipelines.definitions""")


@app.command
def refresh(*, period: str | None = None, home: HomeDir = None, json: Json = False) -> None:
    """Take everything in the inbox through to published; idempotent.

    Parameters
    ----------
    period
        Also rebuild this month (YYYY-MM) when nothing is new.
    """
    from pipelines.outcome import to_json
    from pipelines.refresh import refresh as run

    settings = _settings(home)
    with progress() as on_step:
        result = run(settings, on_step, period)
    if json:
        print(to_json(result))
    elif not result["new"]:
        say("Nothing new: no new bytes and no due date crossed.")
    else:
        print_refresh(result)
    for reason in dict.fromkeys(entry["reason"] for entry in result["left"]):
        names = [entry["file"] for entry in result["left"] if entry["reason"] == reason]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        say(f"Left in the inbox ({reason}): {', '.join(names[:3])}{more}.")


@app.command
def check(file: Path, /, *more: Path, home: HomeDir = None, json: Json = False) -> int:
    """Say what `refresh` would say about files, and keep nothing; exit 1 on a critical or warning finding."""
    from pipelines.check import check as run
    from pipelines.outcome import to_json
    from pipelines.terminal import print_check

    result = run(_settings(home), [file, *more])
    if json:
        print(to_json(result))
    else:
        print_check(result)
    return int(any(x["severity"] != "info" for f in result["files"] for x in f["findings"]))


@app.command
def template(
    form: str, *, unit: str, period: str, output: Annotated[Path, Parameter(name=["--output", "-o"])], home: HomeDir = None
) -> None:
    """Write the blank form of a unit and month, pre-filled where the next return repeats the last.

    Parameters
    ----------
    form
        members, initiatives, aid or activity.
    """
    from pipelines.template import write_template

    write_template(open_home(_settings(home)), form, unit, period, output)
    say(f"Wrote {output}.")


@app.command
def status(*, period: str | None = None, home: HomeDir = None, json: Json = False) -> int:
    """Completeness and timeliness by unit and form; exit 1 when a return or the refresh is overdue."""
    from pipelines.outcome import board, to_json

    result = board(_settings(home), period)
    if json:
        print(to_json(result))
    else:
        print_board(result)
    return int(result["refresh_overdue"] or result["counts"]["missing"] > 0)


@app.command
def findings(
    *, unit: str | None = None, period: str | None = None, state: str | None = None, home: HomeDir = None, json: Json = False
) -> None:
    """List findings by unit, period and state (open, fixed, accepted_as_is)."""
    from pipelines.outcome import to_json
    from pipelines.warehouse import read_only

    con = read_only(open_home(_settings(home)).private)
    rows = con.execute(
        """select * from quality.finding where ($1 is null or unit_code = $1) and ($2 is null or period = $2) and ($3 is null or state = $3)
        order by unit_code, period, form, sheet, row, check_id""",
        [unit, period, state],
    )
    names = [d[0] for d in rows.description]
    found = [dict(zip(names, r, strict=True)) for r in rows.fetchall()]
    if json:
        print(to_json(found))
    else:
        table(
            ["unit", "period", "severity", "state", "message"],
            [[f["unit_code"], f["period"], f["severity"], f["state"], f["message"]] for f in found],
        )


@app.command
def metrics(*, period: str, unit: str | None = None, structure: str = "then", home: HomeDir = None, json: Json = False) -> None:
    """Print every declared figure of a period beside its target, the period before and the same period last year."""
    from pipelines.figures import figures
    from pipelines.outcome import to_json
    from pipelines.terminal import print_figures

    found = figures(open_home(_settings(home)), period, unit, structure)
    if json:
        print(to_json(found))
    else:
        print_figures(found)


@app.command
def trace(
    metric: str, *, period: str, unit: str | None = None, workbook: Path | None = None, home: HomeDir = None, json: Json = False
) -> None:
    """Show the rows behind a figure: file, sheet, row, sha256 and what each adds.

    Parameters
    ----------
    workbook
        Also write the rows themselves to this .xlsx; it holds personal data.
    """
    from pipelines.outcome import to_json
    from pipelines.trace import trace as run

    result = run(open_home(_settings(home)), metric, period, unit, workbook)
    if json:
        print(to_json(result))
        return
    shown = "no value" if result["value"] is None else f"{result['value']:,}"
    status = "" if result["status"] == "complete" else f" ({result['status']})"
    say(f"{metric} of {result['unit_code']} in {result['period']}: {shown}{status}, from {len(result['rows'])} rows.")
    if result["denominator"] is not None:
        say(f"Numerator {result['numerator']}, denominator {result['denominator']}.")
    shown = result["rows"][:50]
    table(
        ["file", "sheet", "row", "adds", "sha256"],
        [[r["file"], r["sheet"], r["row"], r["contribution"], r["sha256"][:12]] for r in shown],
    )
    if len(result["rows"]) > len(shown):
        say(f"{len(result['rows']) - len(shown)} more rows; --json or --workbook gives all.")


@app.command
def units(*, home: HomeDir = None, json: Json = False) -> None:
    """Print the unit registry as of now."""
    from pipelines.outcome import to_json
    from pipelines.reference import checked_reference

    settings = _settings(home)
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


@app.command
def query(sql: str, *, home: HomeDir = None, json: Json = False) -> None:
    """Run one SELECT on the published copy, read-only."""
    import duckdb

    from pipelines.outcome import to_json
    from pipelines.warehouse import read_only

    con = read_only(open_home(_settings(home)).published)
    if not sql.strip(" \t\r\n;"):
        raise UserError('Give one SELECT, such as "select * from marts.return_status".')
    con.execute("set enable_external_access = false")
    try:
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


@app.command
def match(name: str | None = None, code: str | None = None, /, *, home: HomeDir = None, json: Json = False) -> None:
    """List unit names that nobody has confirmed, with units they may mean; with NAME CODE, confirm one."""
    from pipelines.matching import confirm, unmatched
    from pipelines.outcome import to_json
    from pipelines.terminal import print_confirmed, print_names

    settings = _settings(home)
    place, today = open_home(settings), settings.clock().date()
    if name is not None and code is None:
        raise UserError("Give the code of the unit too: congdoan match NAME CODE.")
    result = unmatched(place, today) if name is None or code is None else confirm(place, name, code, today)
    if json:
        print(to_json(result))
    elif isinstance(result, list):
        print_names(result, home)
    else:
        print_confirmed(result)


@reference_app.command(name="check")
def reference_check(*, home: HomeDir = None) -> int:
    """Validate the reference files; exit 1 when one is broken."""
    from pipelines.reference import read_reference

    registry = read_reference(open_home(_settings(home)).reference)
    for problem in registry.problems:
        print(problem)
    for gap in registry.gaps():
        say(gap)
    say(f"{len(registry.problems)} problems; " + ", ".join(f"{len(rows)} {name}" for name, rows in registry.rows.items()) + ".")
    return int(bool(registry.problems))


def _settings(home: Path | None) -> Settings:
    return Settings(home=home) if home else Settings()


if __name__ == "__main__":
    main()
