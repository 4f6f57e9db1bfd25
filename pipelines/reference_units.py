"""What must hold between the lines of units.csv: one row of a code at a time, names, and the tree as it stood on every day."""

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import date

from pipelines.reference_rows import Unit
from pipelines.vietnamese import fold

SLACK = 62  # days between what is decided and what takes effect
DEEPEST = 5  # steps that core.unit_scope goes up
ABOVE = {"confederation": (), "province": ("confederation",), "upper": ("province", "upper"), "grassroots": ("province", "upper")}
Stretch = tuple[date, date]  # the first day, and the first day no longer


def of_units(units: list[Unit]) -> list[str]:
    """Every problem between units."""
    rows = by_code(units)
    found = [p for u in units for p in (*_alone(u), *_below(u, rows), *_line_up(u, rows))]
    if Counter(u.level for u in units if not u.valid_to)["province"] != 1:
        found.append("units.csv: exactly one unit of level province must be in force.")
    return found + _of_one_code(rows) + _of_one_name(units)


def by_code(units: list[Unit]) -> dict[str, list[Unit]]:
    """The rows of each unit, the oldest first."""
    rows: dict[str, list[Unit]] = {}
    for u in sorted(units, key=lambda u: u.valid_from):
        rows.setdefault(u.code, []).append(u)
    return rows


def end(u: Unit) -> date:
    """The first day a row no longer holds."""
    return u.valid_to or date.max


def stretches(rows: list[Unit]) -> list[Stretch]:
    """From when to when a unit was there; a day lost between two rows is a slip told elsewhere, a longer break a new stretch."""
    found: list[Stretch] = []
    for u in rows:
        if found and (u.valid_from - found[-1][1]).days <= 1:
            found[-1] = found[-1][0], max(end(u), found[-1][1])
        else:
            found.append((u.valid_from, end(u)))
    return found


def _alone(u: Unit) -> Iterator[str]:
    if not u.parent and u.level in ("upper", "grassroots"):
        yield f"{u._at}: {u.code} has no parent; no figure of the province would count it."
    if u.level == "grassroots" and not u.sector:
        yield f"{u._at}: {u.code} has no sector; write public or business."
    if u.valid_to and u.valid_to <= u.valid_from:
        yield f"{u._at}: {u.code} ends on {u.valid_to}, before it starts."


def _below(u: Unit, rows: dict[str, list[Unit]]) -> Iterator[str]:
    """A unit stands below one that is there as long as it is, of a level that may be above it then."""
    if not u.parent or u.parent == u.code:
        return
    if u.parent not in rows:
        yield f"{u._at}: {u.code} has parent {u.parent}, which is not in the file."
        return
    for above in _meanwhile(rows[u.parent], u.valid_from, end(u)):
        if above.level not in ABOVE[u.level]:
            since = f" from {above.valid_from} on" if above.valid_from > u.valid_from else ""
            yield f"{u._at}: {u.code} of level {u.level} cannot stand under {u.parent} of level {above.level}{since}."
            return
    there = stretches(rows[u.parent])
    begun = [s for s in there if s[0] <= u.valid_from < s[1]]
    before = [s[1] for s in there if s[1] <= u.valid_from]
    if not begun and not before:
        yield f"{u._at}: {u.code} stands from {u.valid_from} under {u.parent}, which begins on {there[0][0]}."
    elif not begun:
        yield f"{u._at}: {u.code} stands from {u.valid_from} under {u.parent}, which ended on {before[-1]}."
    elif end(u) > begun[0][1] and not _ends_with(u, rows[u.code], begun[0][1]):
        day = begun[0][1]
        yield f"{u._at}: {u.code} stands under {u.parent}, which ended on {day}; end the line then, and where it goes on, name its next parent."


def _ends_with(u: Unit, rows: list[Unit], day: date) -> bool:
    """Whether a unit ends for good soon after its parent did."""
    return u is rows[-1] and (end(u) - day).days <= SLACK


def _meanwhile(rows: list[Unit], begin: date, until: date) -> list[Unit]:
    return [u for u in rows if u.valid_from < until and end(u) > begin]


def _line_up(u: Unit, rows: dict[str, list[Unit]]) -> list[str]:
    """A row never stands under itself nor too far down, whatever its parents' rows were meanwhile."""
    found: list[str] = []
    todo = [([u], u.valid_from, end(u))]
    while todo and not found:
        line, begin, until = todo.pop()
        parent = line[-1].parent
        if parent == u.code:
            found.append(f"{u._at}: {u.code} is under itself{f' from {begin} on' if begin > u.valid_from else ''}.")
        elif not parent and len(line) == DEEPEST + 2:
            found.append(f"{u._at}: {u.code} stands more than {DEEPEST} steps below the top.")
        elif parent and len(line) <= DEEPEST + 2 and parent not in {x.code for x in line}:
            above = _meanwhile(rows.get(parent, []), begin, until)
            todo += [([*line, a], max(begin, a.valid_from), min(until, end(a))) for a in above]
    return found


def _of_one_code(rows: dict[str, list[Unit]]) -> list[str]:
    """Rows of a code follow each other; a break between two is meant where it is longer than a day."""
    found = []
    for code, versions in rows.items():
        for a, b in itertools.pairwise(versions):
            if end(a) > b.valid_from:
                found.append(f"{b._at}: two rows of {code} overlap in time.")
            elif (b.valid_from - end(a)).days == 1:
                found.append(
                    f"{a._at}: {code} goes on the day after {a.valid_to}, but valid_to is the first day the line no longer holds; "
                    f"write {b.valid_from}."
                )
    return found


def _of_one_name(units: list[Unit]) -> list[str]:
    """Two units of one name are never there at once, be one about to end."""
    named: dict[str, list[Unit]] = {}
    found = []
    for u in units:
        same = named.setdefault(fold(u.name), [])
        for other in _meanwhile([x for x in same if x.code != u.code], u.valid_from, end(u))[:1]:
            until = min(end(u), end(other))
            when = f" until {until}" if until < date.max else ""
            found.append(f"{u._at}: {u.code} has the name «{u.name}», and so has {other.code}{when}.")
        same.append(u)
    return found
