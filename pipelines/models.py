"""The SQL models of assets/core and assets/marts: their headers, what they read, and how a table is rebuilt.

No table is named here; a new `.sql` file is a new table.
"""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import duckdb

from pipelines.warehouse import exists, literal, one

ASSETS = Path(__file__).resolve().parent.parent / "assets"
LAYERS = ("core", "marts")
_COMMENT = re.compile(r"--.*")
_READ = re.compile(r"\b(?:from|join)\s+([a-z]\w*\.[a-z]\w*)")


@dataclass(frozen=True)
class Model:
    """One table: `schema.name`, its grain, column notes, key, and its SELECT."""

    table: str
    grain: str
    columns: dict[str, str]
    key: tuple[str, ...]
    incremental: bool  # rebuilt month by month: only the months in meta.touched
    sql: str
    reads: frozenset[str]

    @cached_property
    def shows(self) -> list[str]:
        """Its columns, in order."""
        import sqlglot
        from sqlglot import exp

        tree = sqlglot.parse_one(self.sql, read="duckdb")
        return tree.named_selects if isinstance(tree, exp.Query) else []


@cache
def models() -> dict[str, Model]:
    """Every SQL model by table name, in an order in which each comes after what it reads."""
    found = {m.table: m for layer in LAYERS for m in map(read_model, sorted((ASSETS / layer).glob("*.sql")))}
    ordered: dict[str, Model] = {}

    def visit(table: str, path: tuple[str, ...] = ()) -> None:
        if table in path:
            raise ValueError(f"models read each other in a circle: {' → '.join((*path, table))}")
        if table in found and table not in ordered:
            for needed in sorted(found[table].reads):
                visit(needed, (*path, table))
            ordered[table] = found[table]

    for table in found:
        visit(table)
    return ordered


def read_model(path: Path) -> Model:
    """One file: the first comment line is the grain, `@key`, `@col name | meaning` and `@incremental` lines follow."""
    text = path.read_text("utf-8")
    head = [line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--")]
    columns = dict(re.split(r"\s*\|\s*", line.removeprefix("@col "), maxsplit=1) for line in head if line.startswith("@col "))
    key = next((line.removeprefix("@key ") for line in head if line.startswith("@key ")), "")
    return Model(
        f"{path.parent.name}.{path.stem}",
        head[0],
        columns,
        tuple(k.strip() for k in key.split(",") if k),
        "@incremental period" in head,
        text,
        tables_read(text),
    )


def tables_read(sql: str) -> frozenset[str]:
    """Names `schema.table` after `from` or `join` in a statement of ours; its own CTEs have no schema and are left out."""
    return frozenset(_READ.findall(_COMMENT.sub("", sql)))


def build(con: duckdb.DuckDBPyConnection, model: Model) -> int:
    """Rebuilds a table, or of an incremental one only the touched months; returns its number of rows."""
    stays = model.incremental and exists(con, model.table)
    con.execute("begin")
    try:
        if stays:
            con.execute(f"delete from {model.table} where period in (select period from meta.touched)")
            con.execute(f"insert into {model.table} by name {model.sql}")
        else:
            con.execute(f"create or replace table {model.table} as {model.sql}")
            _comment(con, model)
        con.execute("commit")
    except duckdb.Error:
        con.execute("rollback")
        raise
    return one(con, f"select count(*) from {model.table}")[0]


def _comment(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    con.execute(f"comment on table {model.table} is {literal(model.grain)}")
    for name, meaning in model.columns.items():
        con.execute(f"comment on column {model.table}.{name} is {literal(meaning)}")


# ---- the portable subset

ALLOWED = {
    "AND",
    "OR",
    "CASE",
    "IF",
    "CAST",
    "TRY_CAST",
    "COALESCE",
    "NULLIF",
    "COUNT",
    "SUM",
    "MIN",
    "MAX",
    "AVG",
    "MEDIAN",
    "ROW_NUMBER",
    "RANK",
    "DENSE_RANK",
    "LAG",
    "LOWER",
    "UPPER",
    "SUBSTRING",
    "LENGTH",
    "REPLACE",
    "CONCAT_WS",
    "DPIPE",
    "ABS",
    "FLOOR",
    "GREATEST",
    "LEAST",
    "EXISTS",
    "LIKE",
}
_MACRO = re.compile(r"create or replace macro (\w+)\(")


@cache
def own_functions() -> set[str]:
    """Functions the prelude defines for every engine, and the code lists of the forms."""
    return set(_MACRO.findall((ASSETS / "prelude" / "duckdb.sql").read_text("utf-8")))


def not_portable(sql: Any) -> list[str]:
    """What in a statement, a text or one parsed, means something else on another engine; empty when it may run on all of them."""
    import sqlglot  # slow to import, and most commands parse nothing
    from sqlglot import exp

    tree = sqlglot.parse_one(sql, read="duckdb") if isinstance(sql, str) else sql
    found = set()
    for f in tree.find_all(exp.Func):
        name = (f.name if isinstance(f, exp.Anonymous) else f.sql_name()).upper()
        if name not in ALLOWED and name.lower() not in own_functions() and not name.lower().startswith("code_"):
            found.add(name)
    if any(not d.expression.is_number for d in tree.find_all(exp.Div)):
        found.add("/ (use pct)")
    if list(tree.find_all(exp.IntDiv)):
        found.add("//")
    if any(s.args.get("qualify") and s.is_star for s in tree.find_all(exp.Select)):
        found.add("select * with qualify")
    return sorted(found)
