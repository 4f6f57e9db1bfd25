"""Findings that a person accepts as they are: one line each in the home's accepted.jsonl, which every refresh and check reads."""

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import duckdb

from pipelines.config import Home, UserError
from pipelines.warehouse import lock, owner_only, read_only

TABLE = """create or replace table meta.acceptance (
    finding_id varchar, message varchar, why varchar, accepted_by varchar, accepted_at timestamp, cells_key varchar)"""
_ROW = "dòng [0-9]+"  # an acceptance holds wherever its row, or the other row it names, now stands
_PLACE = f"^Trang «.*?», |{_ROW}"  # and where the cells tell the row, on whatever sheet


@dataclass(frozen=True)
class Acceptance:
    """A person's word that a finding is right as it is. It holds for what the finding said, wherever the row stands, till it is taken back.

    Where the finding is about cells of a row, it holds for what they said, too (`cells_key`, a keyed hash; old lines have none).
    """

    finding_id: str
    message: str
    why: str
    accepted_by: str
    accepted_at: str
    is_withdrawn: bool = False
    cells_key: str | None = None


def accept(home: Home, finding_id: str, why: str, by: str, now: datetime) -> Acceptance:
    """Keeps that an open finding is accepted as it is; the next refresh takes it out of the open ones.

    `finding_id` may be cut to its first characters, as `congdoan findings` shows it. UserError when no open finding is meant,
    when another one explains it, or when reason or name is empty.
    """
    return _keep(home, finding_id, "open", Acceptance("", "", why, by, now.isoformat()))


def withdraw(home: Home, finding_id: str, why: str, by: str, now: datetime) -> Acceptance:
    """Takes an acceptance back; the next refresh opens the finding again where it still fails. Asks and raises as `accept` does."""
    return _keep(home, finding_id, "accepted_as_is", Acceptance("", "", why, by, now.isoformat(), is_withdrawn=True))


def _keep(home: Home, finding_id: str, state: str, word: Acceptance) -> Acceptance:
    """Writes a person's word on the finding of that state that is meant."""
    word = replace(word, why=" ".join(word.why.split()), accepted_by=" ".join(word.accepted_by.split()))
    if not word.why or not word.accepted_by:
        raise UserError("Say why (--why) and who says so (--by); nothing was written.")
    with lock(home), owner_only():
        found, message, cells_key = _finding(home, finding_id, state)
        kept = replace(word, finding_id=found, message=message, cells_key=cells_key)
        with open(home.accepted, "a+b") as file:
            if file.tell() and not home.accepted.read_bytes().endswith(b"\n"):  # a line that a crash cut short
                file.write(b"\n")
            file.write(json.dumps(asdict(kept), ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    return kept


def acceptances(home: Home) -> list[Acceptance]:
    """Everything accepted and taken back so far, oldest first; a line cut short by a crash was never promised to anybody."""
    lines = home.accepted.read_bytes().split(b"\n") if home.accepted.is_file() else []
    found = []
    for line in filter(None, lines):
        try:
            found.append(Acceptance(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def load(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """meta.acceptance: what people accepted, the newest word on each finding."""
    con.execute(TABLE)
    newest = {a.finding_id: a for a in acceptances(home)}
    hold = [
        (a.finding_id, a.message, a.why, a.accepted_by, a.accepted_at, a.cells_key) for a in newest.values() if not a.is_withdrawn
    ]
    if hold:
        con.executemany("insert into meta.acceptance values (?, ?, ?, ?, ?, ?)", hold)


def hold(con: duckdb.DuckDBPyConnection, lasting: list[str]) -> None:
    """holding: each finding that fails and says what a person accepted, and the finding that was accepted.

    Without a hash of cells that is the same finding. With one it is any of the same fault whose cells say the same: rows that share a
    natural key may change places, and what the `lasting` rules found holds in every month.
    """
    con.execute(
        f"""create or replace temp table holding as with word as (
            select a.finding_id as accepted_id, a.message as accepted, a.cells_key as accepted_key, o.*
            from meta.acceptance a join quality.finding o on o.finding_id = a.finding_id
        )
        select f.finding_id, min(w.accepted_id) as accepted_id
        from word w
        join quality.finding f on f.check_id = w.check_id and case
            when w.accepted_key is null then f.finding_id = w.accepted_id and {_same("f.message", "w.accepted", _ROW)}
            else f.cells_key = w.accepted_key and {_same("f.message", "w.accepted", _PLACE)} and f.row_key = w.row_key
                and f.unit_code = w.unit_code and f.form = w.form and f.column_name is not distinct from w.column_name
                and (f.period = w.period or list_contains($1, f.check_id)) end
        where f.state <> 'fixed'
        group by f.finding_id""",
        [lasting],
    )


def _same(one_message: str, other: str, but: str) -> str:
    """Whether two messages say the same, but for what matches a pattern."""
    return f"regexp_replace({one_message}, '{but}', '', 'g') = regexp_replace({other}, '{but}', '', 'g')"


def _finding(home: Home, start: str, wanted: str) -> tuple[str, str, str | None]:
    """The one finding of the `wanted` state that is meant: its whole id, what it says, and the hash of its cells.

    Of an accepted one it is the finding that was accepted, which may be the same fault in another month.
    """
    con = read_only(home.private)
    try:
        asked = con.execute("select * from quality.finding where starts_with(finding_id, lower($1)) limit 2", [start.strip()])
        names = [d[0] for d in asked.description or []]
        found = [dict(zip(names, row, strict=True)) for row in asked.fetchall()]
        if not start.strip() or not found:
            raise UserError(f"No finding has the id {start!r}; see `congdoan findings --state {wanted}`.")
        if len(found) > 1:
            raise UserError(f"Several findings begin with {start}; give more characters of the id.")
        (f,) = found
        if f["state"] != wanted:
            raise UserError(f"Finding {start} is {f['state']}, not {wanted}; nothing was written.")
        accepted_id = f.get("accepted_id")
        if f["caused_by"] and (wanted == "open" or accepted_id not in (None, f["finding_id"])):
            raise UserError(
                f"Finding {start} only follows from another one ({f['caused_by']}): say it of that one; nothing was written."
            )
    finally:
        con.close()
    told = accepted_id if wanted == "accepted_as_is" and accepted_id else f["finding_id"]
    return told, f["message"], f.get("cells_key")
