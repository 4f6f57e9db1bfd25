"""Commands that write: each calls one function and says what became of it. Heavy imports stay inside commands."""

from collections.abc import Callable
from pathlib import Path

from pipelines.config import Home, UserError, open_home
from pipelines.options import HomeDir, Json, Output, settings_of
from pipelines.terminal import print_refresh, progress, say


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

    place = Home(settings_of(home).home.absolute())
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

    settings = settings_of(home)
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


def refresh(*, period: str | None = None, home: HomeDir = None, json: Json = False) -> None:
    """Take everything in the inbox through to published; idempotent.

    Parameters
    ----------
    period
        Also rebuild this month (YYYY-MM) when nothing is new.
    """
    from pipelines.outcome import to_json
    from pipelines.refresh import refresh as run

    settings = settings_of(home)
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


def check(file: Path, /, *more: Path, home: HomeDir = None, json: Json = False) -> int:
    """Say what `refresh` would say about files, and keep nothing; exit 1 on a critical or warning finding."""
    from pipelines.check import check as run
    from pipelines.outcome import to_json
    from pipelines.terminal import print_check

    result = run(settings_of(home), [file, *more])
    if json:
        print(to_json(result))
    else:
        print_check(result)
    return int(any(x["severity"] != "info" for f in result["files"] for x in f["findings"]))


def template(form: str, *, unit: str, period: str, output: Output, home: HomeDir = None) -> None:
    """Write the blank form of a unit and month, pre-filled where the next return repeats the last.

    Parameters
    ----------
    form
        members, initiatives, aid or activity.
    """
    from pipelines.template import write_template

    write_template(open_home(settings_of(home)), form, unit, period, output)
    say(f"Wrote {output}.")


def match(name: str | None = None, code: str | None = None, /, *, home: HomeDir = None, json: Json = False) -> None:
    """List unit names that nobody has confirmed, with units they may mean; with NAME CODE, confirm one."""
    from pipelines.matching import confirm, unmatched
    from pipelines.outcome import to_json
    from pipelines.terminal import print_confirmed, print_names

    settings = settings_of(home)
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


def accept(finding_id: str, /, *, why: str, by: str, home: HomeDir = None) -> None:
    """Take an open finding as it is, and bring tables and pages up to date; it opens again when it says something else.

    Parameters
    ----------
    finding_id
        The id, or its first characters as `congdoan findings` shows them.
    why
        The reason, in a sentence.
    by
        Who says so.
    """
    from pipelines.accepting import accept as keep

    _decide("Accepted", keep, finding_id, why, by, home)


def withdraw(finding_id: str, /, *, why: str, by: str, home: HomeDir = None) -> None:
    """Take back that a finding was accepted as it is; it opens again where it still fails.

    Parameters
    ----------
    finding_id
        The id, or its first characters as `congdoan findings --state accepted_as_is` shows them.
    why
        The reason, in a sentence.
    by
        Who says so.
    """
    from pipelines.accepting import withdraw as keep

    _decide("Withdrawn", keep, finding_id, why, by, home)


def _decide(done: str, keep: Callable, finding_id: str, why: str, by: str, home: Path | None) -> None:
    """Keeps a person's word on a finding, refreshes, and says what is open then."""
    from pipelines.refresh import refresh as run

    settings = settings_of(home)
    kept = keep(open_home(settings), finding_id, why, by, settings.clock())
    with progress() as on_step:
        result = run(settings, on_step)
    say(f"{done} {kept.finding_id[:8]}; {sum(result['findings_open'].values())} findings are open.")


def reference_check(*, home: HomeDir = None) -> int:
    """Validate the reference files; exit 1 when one is broken."""
    from pipelines.reference import read_reference

    registry = read_reference(open_home(settings_of(home)).reference)
    for problem in registry.problems:
        print(problem)
    for gap in registry.gaps():
        say(gap)
    count = len(registry.problems)
    say(
        f"{count} {'problem' if count == 1 else 'problems'}; "
        + ", ".join(f"{len(rows)} {name}" for name, rows in registry.rows.items())
        + "."
    )
    return int(bool(registry.problems))


def alerts(*, send: bool = False, home: HomeDir = None, json: Json = False) -> int:
    """Show which messages are due to whom; exit 1 when one has no address or was refused.

    Parameters
    ----------
    send
        Send them: by CONGDOAN_SMTP_URL, or as .eml files into outbox/.
    """
    from pipelines import sending
    from pipelines.outcome import to_json
    from pipelines.terminal import print_alerts
    from pipelines.warehouse import lock

    settings = settings_of(home)
    place = open_home(settings)
    with lock(place):
        prepared = sending.prepare_now(place, settings)
        became = {e.message_id: e for e in sending.send(prepared, place, settings)} if send else {}
    found = [sending.shown(p, settings, became) for p in prepared]
    if json:
        print(to_json(found))
    else:
        print_alerts(found, send)
    return int(any(f["held"] or f["state"] == "refused" for f in found))
