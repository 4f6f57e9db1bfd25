"""Which messages are due: what changed for an officer since they were last told. How they read is in `mail`, how they leave in `sending`.

An officer hears of a month when something new is wrong, when a return came again and something still is, when all is mended, when a
return came and nothing is wrong, and again after REMIND_DAYS of silence; who stays silent is named to the union above, then to the province.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import duckdb

from pipelines.ledger import Entry

REMIND_DAYS = (7, 14, 28)  # since the last message of the month; then no more
ESCALATE_DAYS = (14, 28)  # since the officer was last told something new: to the union above, to the province
RECEIPT_DAYS = 7  # a return that came longer ago is not acknowledged any more
Kind = Literal["findings", "reminder", "all_clear", "receipt", "escalation"]


@dataclass(frozen=True)
class Item:
    """An open finding, as its message tells it."""

    finding_id: str
    check_id: str
    severity: str
    unit_code: str
    unit_name: str
    period: str
    form: str | None
    file_name: str | None
    sheet: str | None
    row: int | None
    message: str


@dataclass(frozen=True)
class Return:
    """A return that counts: one sheet of a file."""

    submission_id: str
    unit_code: str
    period: str
    form: str
    file_name: str
    rows: int
    is_nil: bool
    received_at: datetime


@dataclass(frozen=True)
class Alert:
    """One message that is due to the officer of a unit about a month; `to` is empty where no address is known at all."""

    kind: Kind
    to_unit: str
    to_name: str
    to: str
    period: str
    items: tuple[Item, ...]
    returns: tuple[Return, ...]
    number: int  # how many messages of the month the officer had before
    silent_days: int = 0  # of an escalation: since the officer was last told something new


@dataclass(frozen=True)
class Directory:
    """Who answers for a unit: its own officer, or the nearest one above that has an address."""

    names: dict[str, str]
    parents: dict[str, str | None]
    addresses: dict[str, str | None]

    def officer(self, unit: str) -> str:
        """The unit whose officer is written to; the unit itself where nobody above has an address either."""
        return next((u for u in self.line(unit) if self.addresses.get(u)), unit)

    def line(self, unit: str) -> list[str]:
        """The unit and those above it, as the tree stands now."""
        found: list[str] = []
        at: str | None = unit
        while at and at not in found:
            found.append(at)
            at = self.parents.get(at)
        return found


def due(con: duckdb.DuckDBPyConnection, told: list[Entry], now: datetime) -> list[Alert]:
    """Every message that is due now, by addressee and month. `told` is what left before, oldest first."""
    directory, items, returns = _directory(con), _items(con), _returns(con)
    by_officer: dict[tuple[str, str], tuple[list[Item], list[Return]]] = {}
    for item in items:
        by_officer.setdefault((directory.officer(item.unit_code), item.period), ([], []))[0].append(item)
    for r in returns:
        by_officer.setdefault((directory.officer(r.unit_code), r.period), ([], []))[1].append(r)
    heard: dict[tuple[str, str], list[Entry]] = {}
    for e in told:
        if e.kind != "escalation":
            heard.setdefault((e.to_unit, e.period), []).append(e)
            by_officer.setdefault((e.to_unit, e.period), ([], []))
    found, still_open = [], {i.finding_id for i in items}
    for (unit, period), (open_items, sent) in sorted(by_officer.items()):
        before = heard.get((unit, period), [])
        kind = _kind(before, open_items, sent, now)
        if kind == "all_clear" and still_open & set(before[-1].items):
            kind = None  # somebody else answers for it now
        if kind:
            found.append(_alert(directory, kind, unit, period, open_items, sent, len(before)))
    return found + _escalations(directory, items, told, now)


def _kind(before: list[Entry], items: list[Item], returns: list[Return], now: datetime) -> Kind | None:
    """What an officer is told of a month, if anything."""
    last = before[-1] if before else None
    answered = {r for e in before for r in e.returns}
    fresh = [r for r in returns if r.submission_id not in answered]
    if items:
        of_items = {(i.unit_code, i.form) for i in items}
        came_again = any((r.unit_code, r.form) in of_items for r in fresh)
        if last is None or came_again or {i.finding_id for i in items} - set(last.items):
            return "findings"
        again = sum(1 for _ in _since(before, "reminder"))
        late = again < len(REMIND_DAYS) and now - datetime.fromisoformat(last.at) >= timedelta(days=REMIND_DAYS[again])
        return "reminder" if late else None
    if last and last.items:
        return "all_clear"
    new = [r for r in fresh if now - r.received_at < timedelta(days=RECEIPT_DAYS)]
    return "receipt" if new else None


def _since(before: list[Entry], kind: str) -> Iterable[Entry]:
    """The last messages as far as all are of a kind."""
    for e in reversed(before):
        if e.kind != kind:
            return
        yield e


def _escalations(directory: Directory, items: list[Item], told: list[Entry], now: datetime) -> list[Alert]:
    """Of findings that their officer was told long ago, and not answered since: to the union above, later to the province, by month."""
    first: dict[tuple[str, str], datetime] = {}  # officer and finding → since when nothing new was said of it
    told_above: dict[tuple[str, str], datetime] = {}
    for e in told:
        for item in e.items:
            if e.kind == "findings":
                first[e.to_unit, item] = datetime.fromisoformat(e.at)
            elif e.kind == "escalation":
                told_above[e.to_unit, item] = datetime.fromisoformat(e.at)
    grouped: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        officer = directory.officer(item.unit_code)
        since = first.get((officer, item.finding_id))
        if since is None:
            continue
        above = [u for u in directory.line(officer)[1:] if directory.addresses.get(u)]
        for step, unit in zip(ESCALATE_DAYS, (above[:1] + above[-1:]) if len(above) > 1 else above * 2, strict=False):
            if (now - since).days >= step and told_above.get((unit, item.finding_id), since) <= since:
                grouped.setdefault((unit, item.period), []).append(item)
                told_above[unit, item.finding_id] = now
    found = []
    for (unit, period), of_unit in sorted(grouped.items()):
        days = max((now - first[directory.officer(i.unit_code), i.finding_id]).days for i in of_unit)
        number = sum(e.kind == "escalation" and (e.to_unit, e.period) == (unit, period) for e in told)
        found.append(_alert(directory, "escalation", unit, period, of_unit, [], number, days))
    return found


def _alert(
    directory: Directory, kind: Kind, unit: str, period: str, items: list[Item], returns: list[Return], number: int, days: int = 0
) -> Alert:
    name, to = directory.names.get(unit, unit), directory.addresses.get(unit) or ""
    return Alert(kind, unit, name, to, period, tuple(items), tuple(returns), number, days)


# ---- what there is to tell


def _directory(con: duckdb.DuckDBPyConnection) -> Directory:
    rows = con.execute("""select unit_code, name, parent_code, officer_email from core.unit
        qualify row_number() over (partition by unit_code order by valid_from desc) = 1""").fetchall()  # fmt: skip
    return Directory({r[0]: r[1] for r in rows}, {r[0]: r[2] for r in rows}, {r[0]: r[3] for r in rows})


def _items(con: duckdb.DuckDBPyConnection) -> list[Item]:
    """Open findings that somebody must act on; of a return whose sender or month is unclear the province hears."""
    rows = con.execute("""
        with province as (select arg_max(unit_code, valid_from) as unit_code from core.unit where level = 'province')
        select f.finding_id, f.check_id, f.severity, coalesce(f.unit_code, p.unit_code) as unit_code,
            coalesce((select arg_max(name, valid_from) from core.unit u where u.unit_code = coalesce(f.unit_code, p.unit_code)), '') as unit_name,
            coalesce(f.period, ''), f.form, f.file_name, f.sheet, f.row, f.message
        from quality.finding f cross join province p
        where f.state = 'open' and f.caused_by is null and f.severity <> 'info'
        order by 4, 6, f.severity = 'warning', f.form, f.file_name, f.sheet, f.row, f.check_id""").fetchall()  # fmt: skip
    return [Item(*r) for r in rows]


def _returns(con: duckdb.DuckDBPyConnection) -> list[Return]:
    rows: list[Any] = con.execute("""
        select a.submission_id, a.unit_code, a.period, a.form, a.file_name, coalesce(r.rows_loaded + r.rows_rejected, 0), a.is_nil, a.received_at
        from core.accepted_return a
        left join core.return_rows r on r.submission_id = a.submission_id
        where a.is_current order by a.unit_code, a.period, a.form""").fetchall()  # fmt: skip
    return [Return(*r) for r in rows]
