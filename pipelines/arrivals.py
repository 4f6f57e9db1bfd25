"""What of the archive is read in a refresh, and under which of its names: files not read before, and what waits and may be released.

What a file says is found by `intake`; here it goes into the lake and raw.submission, once.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import asdict

import duckdb
import polars as pl

from pipelines import intake, lake, readers, receiving
from pipelines.config import Home
from pipelines.receiving import Receipt
from pipelines.reference import Registry
from pipelines.steps import state
from pipelines.vietnamese import periods_in_name
from pipelines.warehouse import incoming


def read_new(
    con: duckdb.DuckDBPyConnection, home: Home, registry: Registry, progress: Callable[[int, int], None]
) -> list[intake.Reading]:
    """Archive → lake → raw.submission; returns the readings of files not read before."""
    arrivals: dict[str, dict[str, Receipt]] = {}  # bytes → the names they came under, each with its first receipt
    for receipt in receiving.receipts(home):
        arrivals.setdefault(receipt.sha256, {}).setdefault(receipt.file_name, receipt)
    # a confirmed name or a new unit may release what waits, and so may the same file in a folder that says its month
    changed = state(con, "reference") != registry.digest
    unclear = {digest for digest, names in arrivals.items() if changed or len(names) > 1}
    sheets = con.execute("select submission_id, sha256, period, intake_status = 'waiting' from raw.submission").fetchall()
    again = {digest for _, digest, _, waits in sheets if waits and digest in unclear}
    settled = {sheet for sheet, digest, _, waits in sheets if not (waits and digest in again)}
    read = {digest for _, digest, _, _ in sheets} - again
    new = [next(iter(names.values())) for digest, names in arrivals.items() if digest not in read]
    readings = []
    # sheets of a file read again may be settled: only what is left of it goes into the lake
    fresh, once_more = ([r for r in new if (r.sha256 in again) is is_again] for is_again in (False, True))
    for first in itertools.chain(
        readers.read_all(home, fresh, registry), (intake.read_file(receiving.archived(home, r), r, registry) for r in once_more)
    ):
        reading = _clearest(home, registry, first, list(arrivals[first.receipt.sha256].values())[1:])
        reading.submissions = [s for s in reading.submissions if s.submission_id not in settled]
        readings.append(reading)
        progress(len(readings), len(new))
    known = {(digest, period) for sheet, digest, period, _ in sheets if sheet in settled}
    known |= {(s.sha256, s.period) for reading in readings for s in reading.submissions}
    readings += _of_other_months(home, registry, arrivals, known)
    order = {digest: n for n, digest in enumerate(arrivals)}
    readings.sort(key=lambda reading: order[reading.receipt.sha256])
    lake.write_lake(home, readings)
    for reading in readings:
        if any(s.intake_status == "quarantined" for s in reading.submissions):
            intake.quarantine(home, reading)
    _record(con, readings)
    return readings


def _of_other_months(
    home: Home, registry: Registry, arrivals: dict[str, dict[str, Receipt]], known: set[tuple[str, str | None]]
) -> Iterator[intake.Reading]:
    """The same bytes in the folders of several months are a return of each, where they state no month themselves; else a repeat."""
    for digest, names in arrivals.items():
        if len(names) == 1:
            continue
        months = {next(iter(said)): r for r in reversed(names.values()) if len(said := periods_in_name(r.file_name)) == 1}
        for period in sorted(months) if len(months) > 1 else ():
            if (digest, period) not in known:
                yield intake.of_month(
                    intake.read_file(receiving.archived(home, months[period]), months[period], registry), period
                )


def _clearest(home: Home, registry: Registry, first: intake.Reading, others: list[Receipt]) -> intake.Reading:
    """Of the same bytes under several names, the first under which least waits."""

    def waits(reading: intake.Reading) -> int:
        return sum(s.intake_status == "waiting" for s in reading.submissions)

    again = [intake.read_file(receiving.archived(home, r), r, registry) for r in others] if waits(first) else []
    return min([first, *again], key=waits)


def _record(con: duckdb.DuckDBPyConnection, readings: list[intake.Reading]) -> None:
    submissions = [asdict(s) for r in readings for s in r.submissions]
    taken = {s["submission_id"] for s in submissions}
    issues = [asdict(i) for r in readings for i in r.issues if i.submission_id in taken]
    names = [asdict(n) for r in readings for n in r.names if n.submission_id in taken]
    con.execute("begin")
    try:
        if submissions:
            with incoming(con, pl.DataFrame(submissions, infer_schema_length=None)):
                con.execute("insert or replace into raw.submission by name select * from incoming")
                for table in ("raw.issue", "raw.unit_name"):
                    con.execute(f"delete from {table} where submission_id in (select submission_id from incoming)")
            con.execute(
                "insert or ignore into meta.touched select distinct unnest($1::varchar[])",
                [sorted({s["period"] for s in submissions if s["intake_status"] == "accepted"})],
            )
        if issues:
            types = {"row": pl.Int64, "column_name": pl.String}
            with incoming(con, pl.DataFrame(issues, infer_schema_length=None, schema_overrides=types)):
                con.execute("insert into raw.issue by name select * from incoming")
        if names:
            with incoming(con, pl.DataFrame(names, infer_schema_length=None)):
                con.execute("insert into raw.unit_name by name select * from incoming")
        con.execute("commit")
    except duckdb.Error:
        con.execute("rollback")
        raise
