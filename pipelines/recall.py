"""What a check takes from a home's private snapshot instead of making it: what intake remembers, and the tables of other returns.

Made anew are the returns that the files touch (`meta.asked`). Rows of other senders are made beside them where both are of one unit of a
month (`meta.asked_unit`), since of two senders of a unit one counts; the rest stands in the snapshot as a refresh would leave it. So
typed.<form> has every sender of a unit that the files are of, and core.* has everybody.
"""

from dataclasses import dataclass

import duckdb

from pipelines import steps
from pipelines.config import Home, UserError
from pipelines.forms import FORM_OF
from pipelines.warehouse import literal, one

_OF_UNITS = {table: literal(form) for table, form in FORM_OF.items()} | {"core.return_unit": "form"}  # table → form of its rows
_OTHERS = "submission_id not in (select submission_id from meta.asked)"


@dataclass(frozen=True)
class Known:
    """The snapshot: its tables, and whether a refresh would leave what no file touches as it is there.

    It would not where it was made by other code or from another registry; then the touched months are made whole.
    """

    tables: frozenset[str] = frozenset()
    holds: bool = False


def snapshot(con: duckdb.DuckDBPyConnection, home: Home, reference: str) -> Known:
    """Attaches it as `known` and recalls what intake and findings remember from one refresh to the next; `reference` is the registry's digest."""
    if not home.private.is_file():
        return Known()
    con.execute(f"attach {literal(str(home.private))} as known (read_only)")
    found = con.execute("select database_name = 'known', schema_name || '.' || table_name from duckdb_tables()").fetchall()
    tables = frozenset(table for is_known, table in found if is_known)
    remembered = {table for is_known, table in found if not is_known and table.startswith("raw.")} & tables
    try:
        for table in ("meta.state", "quality.finding", *remembered):
            con.execute(f"insert into {table} by name select * from known.{table}")
    except duckdb.BinderException as e:
        raise UserError("Kho dữ liệu do một phiên bản khác làm ra, xin chạy `congdoan refresh` trước.") from e
    con.execute("update raw.submission set lake_part = $1 || '/' || lake_part", [str(home.root.resolve())])
    made_of = (steps.state(con, "code"), steps.state(con, "reference"))
    return Known(tables, made_of == (steps.code_digest(), reference))


def ask(con: duckdb.DuckDBPyConnection, known: Known) -> None:
    """Which returns are made, once the files are read: every version of those that got a new one; the whole month where the snapshot does not hold."""
    fresh = """exists (select 1 from raw.submission n where (n.unit_code, n.form, n.period) = (s.unit_code, s.form, s.period)
        and n.intake_status = 'accepted' and n.submission_id not in (select submission_id from known.core.accepted_return))"""
    con.execute(f"""create table meta.asked as select submission_id, unit_code as sender_code, form, period from raw.submission s
        where intake_status = 'accepted' and period in (select period from meta.touched) and {fresh if known.holds else "true"}""")
    con.execute("create table meta.asked_unit (form varchar, period varchar, unit_code varchar)")
    con.execute("create table meta.part as select submission_id, lake_part from raw.submission")
    con.execute(f"update raw.submission set lake_part = null where {_OTHERS}")
    if known.holds:  # the units that a sender had before are likely those it has now
        con.execute("""insert into meta.asked_unit select distinct a.form, a.period, u.unit_code from meta.asked a
            join known.core.return_unit u on u.sender_code = a.sender_code and u.form = a.form""")


def make_typed(con: duckdb.DuckDBPyConnection, home: Home, form: str, known: Known) -> None:
    """raw.<form> and typed.<form> of the returns asked for, and of the rows that meet them in a unit."""
    if known.holds and not one(con, "select 1 from meta.asked where form = $1 limit 1", [form]):
        steps.raw_view(con, home, form)
        con.execute(f"create table typed.{form} as from known.typed.{form} limit 0")
        return
    meeting = _add_meeting(con, form, known)
    _read(con, home, form)
    con.execute(f"""insert into meta.asked_unit select distinct '{form}', period, unit_code from typed.{form}
        where unit_code is not null and submission_id in (select submission_id from meta.asked)""")
    if _add_meeting(con, form, known):  # a unit that the sender never had before
        meeting = True
        _read(con, home, form)
    if meeting:
        con.execute(f"""delete from typed.{form} where {_OTHERS}
            and ('{form}', period, unit_code) not in (select (form, period, unit_code) from meta.asked_unit)""")


def _add_meeting(con: duckdb.DuckDBPyConnection, form: str, known: Known) -> bool:
    """Whether returns of other senders, not read yet, have a unit asked for; they are read with the next."""
    if not known.holds:
        return False
    found = one(con, """update raw.submission s set lake_part = p.lake_part from meta.part p
        where p.submission_id = s.submission_id and s.lake_part is null and s.submission_id in (
            select submission_id from known.core.return_unit join meta.asked_unit using (form, period, unit_code)
            where is_current and form = $1)""", [form])  # fmt: skip
    return found[0] > 0


def _read(con: duckdb.DuckDBPyConnection, home: Home, form: str) -> None:
    """Types the returns that have a part of the lake now; such a part holds others too."""
    con.execute(f"drop view if exists raw.{form}_part")
    steps.raw_view(con, home, form)
    con.execute(f"alter view raw.{form} rename to {form}_part")
    con.execute(f"""create view raw.{form} as select * from raw.{form}_part
        where submission_id in (select submission_id from raw.submission where lake_part is not null)""")
    steps.build_typed(con, form)


def add_known(con: duckdb.DuckDBPyConnection, table: str, known: Known) -> None:
    """The rows of a table by month that were not made; they are looked at in the snapshot, not copied."""
    if table not in known.tables:
        return
    others = _OTHERS
    if table in _OF_UNITS:
        others += f" and ({_OF_UNITS[table]}, period, unit_code) not in (select (form, period, unit_code) from meta.asked_unit)"
    else:
        con.execute(f"delete from {table} where {others}")
    con.execute(f"alter table {table} rename to {table.partition('.')[2]}_made")
    con.execute(f"create view {table} as select * from {table}_made union all by name select * from known.{table} where {others}")
