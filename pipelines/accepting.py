"""Findings that a person accepts as they are: one line each in the home's accepted.jsonl, which every refresh and check reads."""

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import duckdb

from pipelines.config import Home, UserError
from pipelines.warehouse import lock, owner_only, read_only

TABLE = """create or replace table meta.acceptance (
    finding_id varchar, message varchar, why varchar, accepted_by varchar, accepted_at timestamp)"""


@dataclass(frozen=True)
class Acceptance:
    """A person's word that a finding is right as it is. It holds for what the finding said, wherever the row stands, till it is taken back."""

    finding_id: str
    message: str
    why: str
    accepted_by: str
    accepted_at: str
    is_withdrawn: bool = False


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
        found, message = _finding(home, finding_id, state)
        kept = replace(word, finding_id=found, message=message)
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
    hold = [(a.finding_id, a.message, a.why, a.accepted_by, a.accepted_at) for a in newest.values() if not a.is_withdrawn]
    if hold:
        con.executemany("insert into meta.acceptance values (?, ?, ?, ?, ?)", hold)


def _finding(home: Home, start: str, wanted: str) -> tuple[str, str]:
    """The one finding of the `wanted` state that is meant: its whole id and what it says."""
    con = read_only(home.private)
    try:
        found = con.execute(
            "select finding_id, message, state, caused_by from quality.finding where starts_with(finding_id, lower($1)) limit 2",
            [start.strip()],
        ).fetchall()
    finally:
        con.close()
    if not start.strip() or not found:
        raise UserError(f"No finding has the id {start!r}; see `congdoan findings --state {wanted}`.")
    if len(found) > 1:
        raise UserError(f"Several findings begin with {start}; give more characters of the id.")
    finding_id, message, state, caused_by = found[0]
    if state != wanted:
        raise UserError(f"Finding {start} is {state}, not {wanted}; nothing was written.")
    if caused_by:
        raise UserError(f"Finding {start} only follows from another one ({caused_by}): accept that one; nothing was written.")
    return finding_id, message
