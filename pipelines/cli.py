"""`congdoan`: the commands of the contract, thin; each calls one function and prints. Heavy imports stay inside commands."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter
from pydantic import ValidationError

from pipelines import stopping
from pipelines.config import Home, Settings, UserError, open_home

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
        _say(sentence)
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
        _say(p)
    _say(
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
        Not made yet: 2022 returns and union targets.
    """
    from pipelines import demo as demonstration
    from pipelines.outcome import to_json

    if history:
        raise UserError("--history is not made yet.")
    settings = _settings(home)
    with _progress() as on_step:
        result = demonstration.demo(settings, seed, uncorrected, on_step)
    place = Home(settings.home.absolute())
    if json:
        print(to_json({k: v for k, v in result.items() if k != "files"} | {"home": str(place.root)}))
        return
    _say(
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
    with _progress() as on_step:
        result = run(settings, on_step, period)
    if json:
        print(to_json(result))
    elif not result["new"]:
        _say("Nothing new: no new bytes and no due date crossed.")
    else:
        _print_refresh(result)
    for reason in dict.fromkeys(entry["reason"] for entry in result["left"]):
        names = [entry["file"] for entry in result["left"] if entry["reason"] == reason]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        _say(f"Left in the inbox ({reason}): {', '.join(names[:3])}{more}.")


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
    _say(f"Wrote {output}.")


@app.command
def status(*, period: str | None = None, home: HomeDir = None, json: Json = False) -> int:
    """Completeness and timeliness by unit and form; exit 1 when a return or the refresh is overdue."""
    from pipelines.outcome import board, to_json

    result = board(_settings(home), period)
    if json:
        print(to_json(result))
    else:
        _print_board(result)
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
        _table(
            ["unit", "period", "severity", "state", "message"],
            [[f["unit_code"], f["period"], f["severity"], f["state"], f["message"]] for f in found],
        )


@app.command
def metrics(*, period: str, unit: str | None = None, structure: str = "then", home: HomeDir = None, json: Json = False) -> None:
    """Print every declared figure of a period, for the province or one unit."""
    from pipelines.figures import figures
    from pipelines.outcome import to_json

    found = figures(open_home(_settings(home)), period, unit, structure)
    if json:
        print(to_json(found))
    else:
        _table(
            ["section", "metric", "value", "unit", "target", "published", "label"],
            [[f["section"], f["id"], f["value"], f["unit"], f["target"], f["published"], f["label_vi"]] for f in found],
        )


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
    _say(f"{metric} of {result['unit_code']} in {period}: {result['value']}, from {len(result['rows'])} rows.")
    if result["denominator"] is not None:
        _say(f"Numerator {result['numerator']}, denominator {result['denominator']}.")
    shown = result["rows"][:50]
    _table(
        ["file", "sheet", "row", "adds", "sha256"],
        [[r["file"], r["sheet"], r["row"], r["contribution"], r["sha256"][:12]] for r in shown],
    )
    if len(result["rows"]) > len(shown):
        _say(f"{len(result['rows']) - len(shown)} more rows; --json or --workbook gives all.")


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
        _table(
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
        _table(names, rows)


@reference_app.command(name="check")
def reference_check(*, home: HomeDir = None) -> int:
    """Validate the reference files; exit 1 when one is broken."""
    from pipelines.reference import read_reference

    registry = read_reference(open_home(_settings(home)).reference)
    for problem in registry.problems:
        print(problem)
    _say(f"{len(registry.problems)} problems; " + ", ".join(f"{len(rows)} {name}" for name, rows in registry.rows.items()) + ".")
    return int(bool(registry.problems))


def _settings(home: Path | None) -> Settings:
    return Settings(home=home) if home else Settings()


def _say(text: str) -> None:
    print(_plain(text), file=sys.stderr)


def _plain(text: str) -> str:
    """Without the control characters that would steer a terminal; a name may hold any."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def _progress() -> Any:
    """A context that shows the current step on a terminal, and plain nothing elsewhere."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.text import Text

    # a terminal of our own: Dagster sends file descriptor 2 elsewhere while a step runs
    console = Console(file=os.fdopen(os.dup(sys.stderr.fileno()), "w"))

    @contextmanager
    def shown():
        if not console.is_terminal:
            yield lambda step: None
            return
        with console.status("starting") as bar:
            yield lambda step: bar.update(Text(step))

    return shown()


def _table(names: list[str], rows: list) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Text, since a name may hold [brackets], which are markup in a str
    table = Table(box=box.SIMPLE_HEAD)
    for name in names:
        table.add_column(Text(_plain(name)))
    for row in rows:
        table.add_row(
            *(
                "" if v is None else f"{v:,.2f}".rstrip("0").rstrip(".") if isinstance(v, float) else Text(_plain(str(v)))
                for v in row
            )
        )
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def _print_refresh(result: dict[str, Any]) -> None:
    from collections import Counter

    by_status = Counter(f["status"] for f in result["files"])
    _say(f"{len(result['files'])} files: " + (", ".join(f"{n} {s}" for s, n in by_status.items()) or "none new") + ".")
    for name in result["repeated"]:
        _say(f"{name}: the same bytes came before; kept once.")
    _say(
        f"Findings: {result['findings_opened']} opened, {result['findings_fixed']} fixed, {sum(result['findings_open'].values())} open."
    )
    shown = [[f["file"], x["severity"], x["message"]] for f in result["files"] for x in f["findings"]]
    if shown:
        _table(["file", "severity", "finding"], shown)


def _print_board(result: dict[str, Any]) -> None:
    c = result["counts"]
    due = c["on_time"] + c["late"] + c["missing"]
    _say(
        f"Last refresh {result['last_refresh']}."
        + (" A deadline passed since: run `congdoan refresh`." if result["refresh_overdue"] else "")
    )
    if due:
        _say(
            f"{due} returns due: "
            + ", ".join(f"{c[s]} {s} ({100 * c[s] / due:.1f} %)" for s in ("on_time", "late", "missing"))
            + "."
        )
    late = [r for r in result["returns"] if r["status"] in ("late", "missing")]
    _table(
        ["period", "unit", "name", "form", "due", "received", "status"],
        [[r["period"], r["unit_code"], r["unit_name"], r["form"], r["due_date"], r["received_at"], r["status"]] for r in late],
    )


if __name__ == "__main__":
    main()
