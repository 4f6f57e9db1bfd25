"""The DuckDB files: opening the one writer's build file, the functions models call, and publishing whole snapshots.

What the tables mean is not here: models, rules and metrics bring their own SQL.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
from pydantic import SecretStr

from pipelines.config import Home, UserError
from pipelines.typing_sql import code_macros

_ASSETS = Path(__file__).resolve().parent.parent / "assets"
LOCK_PATIENCE_SECONDS = 30.0
SCHEMAS = ("meta", "reference", "raw", "typed", "core", "marts", "quality")


@contextmanager
def lock(home: Home, patience: float = LOCK_PATIENCE_SECONDS) -> Generator[None]:
    """The one refresh of a home; UserError when another keeps it longer than `patience` seconds.

    The kernel frees the lock when its process dies, kill −9 included.
    """
    handle = os.open(home.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        give_up = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise UserError("Another refresh of this home is still running; try again when it has finished.") from None
                time.sleep(0.2)
        yield
    finally:
        os.close(handle)


@contextmanager
def owner_only() -> Generator[None]:
    """Whatever is written meanwhile is its owner's alone; publishing opens what may leave by name."""
    others = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(others)


def open_build(home: Home, key: str) -> duckdb.DuckDBPyConnection:
    """The writer's connection, with schemas and functions; the caller holds the lock."""
    con = duckdb.connect(str(home.build))
    os.chmod(home.build, 0o600)
    return _furnished(con, key)


def open_in_memory(key: str, spill: Path) -> duckdb.DuckDBPyConnection:
    """A connection like the writer's, to a build that is nobody's and ends with it; what memory cannot hold goes into `spill`.

    One thread: its tables are small, and more threads wait for each other longer than they help.
    """
    return _furnished(duckdb.connect(config={"temp_directory": str(spill), "threads": 1}), key)


def _furnished(con: duckdb.DuckDBPyConnection, key: str) -> duckdb.DuckDBPyConnection:
    con.execute("set timezone = 'UTC'")
    for schema in SCHEMAS:
        con.execute(f"create schema if not exists {schema}")
    prepare(con, key)
    return con


def prepare(con: duckdb.DuckDBPyConnection, key: str) -> None:
    """Gives a connection the functions that models and rules call (assets/prelude, code lists of the forms)."""
    con.execute("set variable pseudonym_key = ?", [key])
    con.execute((_ASSETS / "prelude" / "duckdb.sql").read_text("utf-8"))
    for macro in code_macros():
        con.execute(macro)


def read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """A published snapshot; UserError when nothing was published yet."""
    if not path.is_file():
        raise UserError("Nothing is published yet: run `congdoan refresh` first.")
    con = duckdb.connect(str(path), read_only=True)
    con.execute("set timezone = 'UTC'")
    return con


def secret_key(home: Home, configured: SecretStr | None) -> str:
    """The key of the pseudonyms: the setting, else made once into a 0600 file of the home."""
    if configured:
        return configured.get_secret_value()
    if not home.key.is_file():
        partial = home.key.with_suffix(".partial")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.write(secrets.token_hex(32))
        os.replace(partial, home.key)
    return home.key.read_text().strip()


# ---- publishing


def publish(con: duckdb.DuckDBPyConnection, home: Home, allowed: dict[str, str]) -> str:
    """Swaps both snapshots for ones made of the build file: the private one whole, the public one from `allowed`.

    `allowed` maps table name to the SELECT that may leave. Both carry meta.generation; each file is complete and on
    disk before its name points to it. Returns the generation.
    """
    generation = secrets.token_hex(8)
    con.execute("create or replace table meta.generation as select ? as generation", [generation])
    home.public.mkdir(parents=True, exist_ok=True)
    home.public.chmod(0o755)
    private, public = home.private.with_suffix(".partial"), home.public / ".warehouse.partial"
    for path in (private, public):
        path.unlink(missing_ok=True)
    source = one(con, "select current_database()")[0]
    con.execute("checkpoint")
    _attach(con, private, "snapshot")
    con.execute(f'copy from database "{source}" to snapshot')
    for schema, table in con.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = current_database() order by all"
    ).fetchall():
        _verify(con, f"{schema}.{table}", f"snapshot.{schema}.{table}")
    con.execute("detach snapshot")
    _attach(con, public, "snapshot")
    for table, select in {"meta.generation": "select generation from meta.generation", **allowed}.items():
        con.execute(f"create schema if not exists snapshot.{table.split('.')[0]}")
        con.execute(f"create table snapshot.{table} as {select}")
        _verify(con, f"({select})", f"snapshot.{table}")
    _copy_comments(con, set(allowed))
    con.execute("detach snapshot")
    _swap(private, home.private, 0o600)
    _swap(public, home.published, 0o444)
    return generation


def _verify(con: duckdb.DuckDBPyConnection, source: str, copy: str) -> None:
    """A snapshot table has as many rows as what it was made of; otherwise nothing is swapped."""
    wanted, got = one(con, f"select (select count(*) from {source}), (select count(*) from {copy})")
    if wanted != got:
        raise RuntimeError(f"{copy} has {got} rows, not {wanted}; nothing was published")


def _attach(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    con.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as {name}")


def _copy_comments(con: duckdb.DuckDBPyConnection, tables: set[str]) -> None:
    """Table and column comments of the build file onto the public tables, where those have the column."""
    for schema, table, text in con.execute(
        "select schema_name, table_name, comment from duckdb_tables() where database_name = current_database() and comment is not null"
    ).fetchall():
        if f"{schema}.{table}" in tables:
            con.execute(f"comment on table snapshot.{schema}.{table} is {literal(text)}")
    for schema, table, column, text in con.execute("""
            select b.schema_name, b.table_name, b.column_name, b.comment from duckdb_columns() b
            join duckdb_columns() s on s.database_name = 'snapshot' and (s.schema_name, s.table_name, s.column_name) = (b.schema_name, b.table_name, b.column_name)
            where b.database_name = current_database() and b.comment is not null""").fetchall():
        con.execute(f"comment on column snapshot.{schema}.{table}.{column} is {literal(text)}")


def one(con: duckdb.DuckDBPyConnection, sql: str, params: object = None) -> tuple:
    """The first row of a query, or () when it has none; read to its end, since DuckDB 2 blocks on a half-read result."""
    rows = con.execute(sql, params).fetchall()
    return rows[0] if rows else ()


def exists(con: duckdb.DuckDBPyConnection, table: str, database: str | None = None) -> bool:
    """Whether there is a table `schema.name` in an attached database, by default the connection's own."""
    return bool(
        one(
            con,
            "select 1 from duckdb_tables() where database_name = coalesce($2, current_database()) and schema_name || '.' || table_name = $1",
            [table, database],
        )
    )


class _Stream:
    """Hands over nothing but a frame's Arrow stream: given a frame, DuckDB would import pyarrow, which takes longer than most steps."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


@contextmanager
def incoming(con: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> Generator[None]:
    """Meanwhile a frame is the table `incoming`; DuckDB takes no column without a type."""
    con.register("incoming", _Stream(frame.with_columns(pl.col(pl.Null).cast(pl.String))))
    yield
    con.unregister("incoming")


def literal(text: str) -> str:
    """An SQL string literal; for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def _swap(partial: Path, target: Path, mode: int) -> None:
    os.chmod(partial, mode)
    with partial.open("rb") as f:
        os.fsync(f.fileno())
    os.replace(partial, target)
    folder = os.open(target.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
