"""`congdoan check`: what a refresh would say about files, worked out beside the home; no table or rule is declared here.

The files lie in a scratch home as if they had just arrived. The nodes of a refresh that their rules need run on it in memory, for the
returns that the files touch; the rest is in the private snapshot of the real home (`recall`), which is only read.
"""

import os
import re
import tempfile
from contextlib import closing
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from pipelines import findings, recall, receiving, steps
from pipelines.config import Home, Settings, UserError
from pipelines.graph import Node, Run, nodes
from pipelines.models import models, tables_read
from pipelines.outcome import files_said
from pipelines.reference import checked_reference
from pipelines.rules import Rule, finding_sql, rules
from pipelines.warehouse import one, open_in_memory, secret_key

LAYERS = ("inbox", "raw", "typed", "core", "quality")  # groups of nodes that a finding may depend on
_SAID = {"core.submission", "core.control_total", "quality.finding"}  # what is told of a file stands there
_MONTH_FOLDER = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


def check(settings: Settings, paths: list[Path]) -> dict[str, Any]:
    """The contract's `{"files": [...]}`, an entry for each path in the order given; files given together see each other.

    Raises UserError when a path is no file, or there is no home with a sound unit registry.
    """
    home = Home(settings.home.absolute())
    if not home.exists():
        raise UserError(
            f"Chưa có danh mục đơn vị ở {settings.home}: xin chạy `congdoan init --units DANH-MUC.csv` với danh mục do LĐLĐ tỉnh gửi."
        )
    for path in paths:
        if not path.is_file():
            raise UserError(f"{path} {'không phải là một tệp, xin ghi tên từng tệp' if path.exists() else 'không có ở đây'}.")
    registry = checked_reference(home.reference)
    with tempfile.TemporaryDirectory(prefix="congdoan-check-") as folder:
        scratch = Home(Path(folder).resolve())
        digests = _arrive(home, scratch, paths, settings)
        with closing(open_in_memory(_key(home, settings), scratch.root)) as con:
            run = Run(con, scratch, registry, settings.clock(), lambda step: None, settings)
            steps.begin(con, home, registry, run.now, settings.deadline_day)
            _refresh(run, digests, recall.snapshot(con, home, registry.digest))
            _refuse_broken_machine(con, digests)
            said = files_said(con, set(digests))
    asked = [(path, digest, _inbox_name(home, path)) for path, digest in zip(paths, digests, strict=True)]
    return {"files": [_of_file(said, digest, name) | {"file": _text(path)} for path, digest, name in asked]}


def _of_file(said: list[dict[str, Any]], digest: str, name: str) -> dict[str, Any]:
    """What is said of these bytes: under this name where they are returns of several months."""
    of_bytes = [f for f in said if f["sha256"] == digest]
    return next((f for f in of_bytes if f["file"] == name), of_bytes[0])


def _key(home: Home, settings: Settings) -> str:
    """The home's own key, so that a finding is the one that was accepted as it is; any other where it has none yet."""
    return secret_key(home, settings.secret) if settings.secret or home.key.is_file() else "check"


# ---- the scratch home


def _arrive(home: Home, scratch: Home, paths: list[Path], settings: Settings) -> list[str]:
    """Archives the files in the scratch home; returns their sha256.

    Its ledger also has what the home's says of the same bytes: they answer like what they became when they came first.
    """
    now = settings.clock()
    new = []
    for path in paths:
        with path.open("rb") as source:
            new.append(receiving.keep(scratch, source, _inbox_name(home, path), now))
    digests = [r.sha256 for r in new]
    known = [r for r in receiving.receipts(home) if r.sha256 in digests]
    for r in known:
        if not receiving.archived(scratch, r).exists():
            receiving.archived(scratch, r).symlink_to(receiving.archived(home, r))
    receiving.append_receipts(scratch, [*known, *new])
    return digests


def _inbox_name(home: Home, path: Path) -> str:
    """What the inbox would call a file: its path from the nearest month folder (2023-05) on; nothing else above it counts."""
    whole = Path(os.path.abspath(path))
    if whole.is_relative_to(home.inbox):
        return _text(whole.relative_to(home.inbox))
    months = [i for i, folder in enumerate(path.parts[:-1]) if _MONTH_FOLDER.fullmatch(folder)]
    return _text(Path(*path.parts[months[-1] if months else -1 :]))


def _text(path: Path) -> str:
    """A path as text; Linux takes names that are none."""
    return os.fsencode(path).decode("utf-8", "replace")


# ---- a refresh of it, in memory


def _refresh(run: Run, digests: list[str], known: recall.Known) -> None:
    """The files are read; then come the tables that rules on their forms need, as far as the snapshot does not have them."""
    made = {n.table: n for n in nodes() if n.group in LAYERS}
    reading = _ordered(made, {"raw.submission"})
    for table in reading:
        made[table].make(run)
    recall.ask(run.con, known)
    asked = _asked(run.con, digests)
    needed = _SAID.union(*(tables_read(r.bad_rows) | {r.table} for r in asked))
    by_month = {m.table for m in models().values() if m.incremental} | {"core.control_total"}
    for table in _ordered(made, needed):
        layer, _, form = table.partition(".")
        if layer == "typed":
            recall.make_typed(run.con, run.home, form, known)  # raw.<form> with it
        elif layer != "raw" and table not in reading:
            if table == "quality.finding":
                for rule in _failing(run.con, asked):
                    findings.collect(run.con, rule)
            made[table].make(run)
        if table in by_month:
            recall.add_known(run.con, table, known)


def _asked(con: duckdb.DuckDBPyConnection, digests: list[str]) -> list[Rule]:
    """Rules that can say something of these files: those of their forms, those of no form, and of intake's those it raised."""
    of_files = "join raw.submission s using (submission_id) where list_contains($1, s.sha256)"
    (found, raised) = one(con, f"""select (select list(distinct form) from raw.submission where list_contains($1, sha256)),
        (select list(distinct check_id) from raw.issue {of_files})""", [digests])  # fmt: skip
    return [r for r in rules().values() if (r.form is None or r.form in found) and (not r.of_intake or r.id in (raised or ()))]


def _failing(con: duckdb.DuckDBPyConnection, asked: list[Rule]) -> list[Rule]:
    """Rules to collect the bad rows of; those on rows of a table are counted in one pass, since few have any."""
    failing, by_table = [], {}
    for rule in asked:
        if rule.sql and not rule.machine:
            failing.append(rule)
        elif rule.fails_when:
            by_table.setdefault(rule.table, []).append(rule)
    for table, of_table in by_table.items():
        counts = ", ".join(f"count(*) filter (where {r.fails_when})" for r in of_table)
        found = one(con, f"select {counts} from {table} where is_current")
        failing += [r for r, count in zip(of_table, found, strict=True) if count]
    return failing


def _ordered(made: dict[str, Node], goals: set[str]) -> list[str]:
    """The tables that the goals need, each after what it reads; findings after every other that is no reading of them."""
    reads: dict[str, frozenset[str]] = {}
    waiting = goals & made.keys()
    while waiting:
        reads |= {table: made[table].reads & made.keys() for table in waiting}
        waiting = frozenset().union(*reads.values()) - reads.keys()
    if "quality.finding" in reads:
        reads["quality.finding"] = frozenset(t for t in reads if "quality.finding" not in reads[t] | {t})
    return list(TopologicalSorter(reads).static_order())


def _refuse_broken_machine(con: duckdb.DuckDBPyConnection, digests: list[str]) -> None:
    """A refresh would stop here: rows of these files were lost or doubled by us."""
    of_files = "submission_id in (select submission_id from raw.submission where list_contains($1, sha256))"
    for rule in rules().values():
        if (
            rule.machine
            and rule.table.startswith("core.")
            and one(con, f"select 1 from ({finding_sql(rule)}) where {of_files}", [digests])
        ):
            raise UserError(f"Phần mềm đếm sai số dòng của tệp ({rule.id}), xin báo LĐLĐ tỉnh; tệp của đơn vị không có lỗi.")
