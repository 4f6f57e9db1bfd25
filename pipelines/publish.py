"""What leaves the warehouse: the allow-listed public copy (assets/public.yml); pages.py makes the pages from it."""

from datetime import datetime

import duckdb
import yaml

from pipelines.config import Home
from pipelines.models import ASSETS
from pipelines.warehouse import publish


def allowed_tables() -> dict[str, str]:
    """Public table → the SELECT of its allowed columns."""
    listed = yaml.safe_load((ASSETS / "public.yml").read_text("utf-8"))
    return {table: f"select {', '.join(entry['columns'])} from {entry.get('from', table)}" for table, entry in listed.items()}


def publish_tables(con: duckdb.DuckDBPyConnection, home: Home, now: datetime) -> str:
    """Swaps both snapshots; the working tables of this run stay out of them. Returns the generation."""
    for (table,) in con.execute("select table_name from duckdb_tables() where schema_name = 'typed'").fetchall():
        con.execute(f"delete from typed.{table}")
    con.execute("drop table if exists quality.failing")
    con.execute("create or replace table meta.refresh as select ?::timestamp as clock", [now])
    return publish(con, home, allowed_tables())
