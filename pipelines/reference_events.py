"""What must hold between unit_events.csv and units.csv."""

from collections.abc import Iterator
from datetime import date

from pipelines.reference_rows import Unit, UnitEvent
from pipelines.reference_units import SLACK, by_code, end, stretches

NEEDS = {
    "established": ("to_unit",),
    "dissolved": ("from_unit",),
    "merged": ("from_unit", "to_unit"),
    "split": ("from_unit", "to_unit"),
}
_ENDS = {"dissolved": "dissolved", "merged": "merged away"}
_MOVES = ("transferred", "transferred_as_is")


def of_events(events: list[UnitEvent], units: list[Unit]) -> list[str]:
    """An event names whom it happened to, while they were there, and units.csv tells the same."""
    rows = by_code(units)
    found: list[str] = []
    founded: dict[tuple[str, date], str] = {}
    for e in events:
        found += [*_named(e), *_there(e, rows)]
        if e.kind == "established" and e.to_unit in rows:
            found += _founded(e, e.to_unit, rows[e.to_unit], founded)
        elif e.kind in _ENDS and e.from_unit in rows:
            found += _ended(e, e.from_unit, rows[e.from_unit])
        elif e.kind in _MOVES:
            found += _moved(e, rows)
    return found


def _named(e: UnitEvent) -> Iterator[str]:
    wanted = NEEDS.get(e.kind, ())
    yield from (f"{e._at}: {e.kind} needs a {column}." for column in wanted if not getattr(e, column))
    if not e.from_unit and not e.to_unit and not wanted:
        yield f"{e._at}: {e.kind} names no unit."
    if e.kind == "renamed" and e.from_unit and e.to_unit and e.from_unit != e.to_unit:
        yield f"{e._at}: {e.from_unit} is renamed to {e.to_unit}; a unit keeps its code when its name changes."
    if e.kind == "merged" and e.from_unit and e.from_unit == e.to_unit:
        yield f"{e._at}: {e.from_unit} is merged into itself; write a line for each unit that ended by it."


def _there(e: UnitEvent, rows: dict[str, list[Unit]]) -> Iterator[str]:
    for code in dict.fromkeys(c for c in (e.from_unit, e.to_unit) if c in rows):
        first = rows[code][0].valid_from
        if first > e.date:
            yield f"{e._at}: {code} begins on {first} in units.csv, after the event of {e.date}."
    begun = [s for s in stretches(rows.get(e.from_unit or "", [])) if s[0] <= e.date]
    if begun and begun[-1][1] < e.date:
        yield f"{e._at}: {e.from_unit} ended on {begun[-1][1]} in units.csv, before the event of {e.date}."


def _founded(e: UnitEvent, code: str, rows: list[Unit], founded: dict[tuple[str, date], str]) -> Iterator[str]:
    """A stretch of a unit is founded once, by a decision of its first weeks."""
    begun = min((s[0] for s in stretches(rows)), key=lambda day: abs((e.date - day).days))
    if (e.date - begun).days > SLACK:
        yield f"{e._at}: {code} begins on {begun} in units.csv, long before it is established on {e.date}."
    elif begun > e.date and begun != rows[0].valid_from:
        yield f"{e._at}: {code} begins again on {begun} in units.csv, after it is established on {e.date}."
    elif begun <= e.date and founded.setdefault((code, begun), e._at) != e._at:
        yield f"{e._at}: {code} is established already in line {founded[code, begun].rpartition(' ')[2]}."


def _ended(e: UnitEvent, code: str, rows: list[Unit]) -> Iterator[str]:
    """What is dissolved or merged ends within the slack."""
    until = next((s[1] for s in stretches(rows) if s[0] <= e.date <= s[1]), None)
    if until == date.max:
        yield f"{e._at}: {code} is {_ENDS[e.kind]} on {e.date}, but has no valid_to in units.csv."
    elif until and (until - e.date).days > SLACK:
        yield f"{e._at}: {code} ends on {until} in units.csv, long after it is {_ENDS[e.kind]} on {e.date}."


def _moved(e: UnitEvent, rows: dict[str, list[Unit]]) -> Iterator[str]:
    """Who is transferred ends, begins or has another parent within the slack; the event names it, or the parents it goes between."""
    named = {code for code in (e.from_unit, e.to_unit) if code}
    if not named or not named <= rows.keys():
        return
    if not any(code in named or (old, new) == (e.from_unit, e.to_unit) for code, old, new in _moves(e.date, rows)):
        moved = " or ".join(sorted(named))
        yield f"{e._at}: {moved} is transferred on {e.date}, but no line of units.csv has another parent from then on."


def _moves(day: date, rows: dict[str, list[Unit]]) -> Iterator[tuple[str, str | None, str | None]]:
    """Units with the parent they had and the one they came to about that day, None where they were not there."""
    for code, versions in rows.items():
        for a, b in zip([None, *versions], [*versions, None], strict=True):
            at = b.valid_from if b else end(versions[-1])
            old, new = a.parent if a else None, b.parent if b else None
            if abs((at - day).days) <= SLACK and (old != new or not a or not b):
                yield code, old, new
