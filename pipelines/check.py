"""`congdoan check`: what a refresh would say about files, worked out beside the home; no table or rule is declared here.

The files lie in a scratch home as if they had just arrived. The nodes of a refresh run on it in memory, up to the findings,
over what the private snapshot of the real home knows; the real home is only read.
"""

import os
import re
import tempfile
from contextlib import closing
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from pipelines import findings, receiving, steps
from pipelines.config import Home, Settings, UserError
from pipelines.graph import Node, Run, nodes
from pipelines.models import models
from pipelines.outcome import files_said
from pipelines.reference import checked_reference
from pipelines.rules import Rule, finding_sql, rules
from pipelines.warehouse import exists, literal, one, open_in_memory, secret_key

LAYERS = ("inbox", "raw", "typed", "core", "quality")  # groups of nodes that a finding may depend on
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
            run = Run(con, scratch, registry, settings.clock(), lambda step: None)
            steps.begin(con, registry, run.now, settings.deadline_day)
            _recall(con, home)
            _refresh(run)
            _refuse_broken_machine(con, digests)
            said = {f["sha256"]: f for f in files_said(con, set(digests))}
    return {"files": [said[digest] | {"file": _text(path)} for path, digest in zip(paths, digests, strict=True)]}


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


def _recall(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """What intake and findings remember from one refresh to the next, out of the private snapshot, which stays attached as `known`."""
    if not home.private.is_file():
        return
    con.execute(f"attach {literal(str(home.private))} as known (read_only)")
    there = "select schema_name || '.' || table_name from duckdb_tables() where database_name = {}"
    remembered = f"{there.format('current_database()')} and schema_name = 'raw' intersect {there.format(literal('known'))}"
    try:
        for table in ("meta.state", "quality.finding", *(t for (t,) in con.execute(remembered).fetchall())):
            con.execute(f"insert into {table} by name select * from known.{table}")
    except duckdb.BinderException as e:
        raise UserError("Kho dữ liệu do một phiên bản khác làm ra, xin chạy `congdoan refresh` trước.") from e
    con.execute("update raw.submission set lake_part = $1 || '/' || lake_part", [str(home.root.resolve())])


def _refresh(run: Run) -> None:
    by_month = {m.table for m in models().values() if m.incremental} | {"core.control_total"}
    for node in _ordered():
        if node.table == "quality.finding":
            for rule in _failing(run.con):
                findings.collect(run.con, rule)
        node.make(run)
        if node.table == "raw.submission":  # so that only the touched months are read from the lake
            run.con.execute("update raw.submission set lake_part = null where period not in (select period from meta.touched)")
        if node.table in by_month:
            _add_other_months(run.con, node.table)


def _failing(con: duckdb.DuckDBPyConnection) -> list[Rule]:
    """Rules to collect the bad rows of; those on rows of a table are counted in one pass, since few have any."""
    failing, by_table = [], {}
    for rule in rules().values():
        if rule.sql and not rule.machine:
            failing.append(rule)
        elif rule.fails_when:
            by_table.setdefault(rule.table, []).append(rule)
    for table, of_table in by_table.items():
        counts = ", ".join(f"count(*) filter (where {r.fails_when})" for r in of_table)
        found = one(con, f"select {counts} from {table} where is_current")
        failing += [r for r, count in zip(of_table, found, strict=True) if count]
    return failing


def _ordered() -> list[Node]:
    """Nodes of the layers, each after what it reads; findings after every table that a rule may read."""
    made = {n.table: n for n in nodes() if n.group in LAYERS}
    reads = {table: node.reads & made.keys() for table, node in made.items()}
    reads["quality.finding"] = frozenset(t for t in made if "quality.finding" not in reads[t] | {t})
    return [made[table] for table in TopologicalSorter(reads).static_order()]


def _add_other_months(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Months that nothing touched stand in the snapshot as a refresh would leave them; they are looked at there, not copied."""
    if not exists(con, table, "known"):
        return
    con.execute(f"alter table {table} rename to {table.partition('.')[2]}_touched")
    con.execute(f"""create view {table} as select * from {table}_touched
        union all by name select * from known.{table} where period not in (select period from meta.touched)""")


def _refuse_broken_machine(con: duckdb.DuckDBPyConnection, digests: list[str]) -> None:
    """A refresh would stop here: rows of these files were lost or doubled by us."""
    of_files = "submission_id in (select submission_id from raw.submission where list_contains($1, sha256))"
    for rule in rules().values():
        if rule.machine and one(con, f"select 1 from ({finding_sql(rule)}) where {of_files}", [digests]):
            raise UserError(f"Phần mềm đếm sai số dòng của tệp ({rule.id}), xin báo LĐLĐ tỉnh; tệp của đơn vị không có lỗi.")
