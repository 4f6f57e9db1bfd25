"""What leaves the warehouse: the allow-listed public copy (assets/public.yml); pages.py makes the pages from it."""

from datetime import datetime

import duckdb

from pipelines.config import Home
from pipelines.declarations import declared
from pipelines.models import ASSETS
from pipelines.warehouse import literal, publish


def listed() -> dict[str, dict]:
    """The allow-list as it stands in assets/public.yml."""
    return declared((ASSETS / "public.yml").read_text("utf-8"))


def allowed_tables() -> dict[str, str]:
    """Public table → the SELECT of its allowed columns."""
    return {table: f"select {', '.join(entry['columns'])} from {entry.get('from', table)}" for table, entry in listed().items()}


def publish_tables(con: duckdb.DuckDBPyConnection, home: Home, now: datetime) -> str:
    """Swaps both snapshots; the working tables of this run stay out of them. Returns the generation."""
    for (table,) in con.execute("select table_name from duckdb_tables() where schema_name = 'typed'").fetchall():
        con.execute(f"delete from typed.{table}")
    con.execute("drop table if exists quality.failing")
    con.execute("create or replace table meta.refresh as select ?::timestamp as clock", [now])
    document(con)
    return publish(con, home, allowed_tables())


def document(con: duckdb.DuckDBPyConnection) -> None:
    """Says what public tables and columns mean where their own files do not: assets/public.yml and assets/glossary.yml."""
    glossary = declared((ASSETS / "glossary.yml").read_text("utf-8"))
    for table, entry in listed().items():
        if "grain" in entry:
            con.execute(f"comment on table {table} is {literal(entry['grain'])}")
        silent = con.execute(
            "select column_name from duckdb_columns() where schema_name || '.' || table_name = ? and comment is null and database_name = current_database()",
            [table],
        ).fetchall()
        for (column,) in silent:
            if column in entry["columns"] and column in glossary:
                con.execute(f"comment on column {table}.{column} is {literal(glossary[column])}")
