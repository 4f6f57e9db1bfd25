"""What must hold between unit_events.csv and units.csv."""

from pipelines.reference_rows import Unit, UnitEvent
from pipelines.reference_units import SLACK

NEEDS = {
    "established": ("to_unit",),
    "dissolved": ("from_unit",),
    "merged": ("from_unit", "to_unit"),
    "split": ("from_unit", "to_unit"),
}


def of_events(events: list[UnitEvent], units: list[Unit]) -> list[str]:
    """An event names whom it happened to, while they were there."""
    first: dict[str, Unit] = {}
    last: dict[str, Unit] = {}
    for u in sorted(units, key=lambda u: u.valid_from):
        first.setdefault(u.code, u)
        last[u.code] = u
    found = []
    founded: dict[str, str] = {}
    for e in events:
        wanted = NEEDS.get(e.kind, ())
        found += [f"{e._at}: {e.kind} needs a {column}." for column in wanted if not getattr(e, column)]
        if not e.from_unit and not e.to_unit and not wanted:
            found.append(f"{e._at}: {e.kind} names no unit.")
        for code in filter(None, (e.from_unit, e.to_unit)):
            if code in first and first[code].valid_from > e.date:
                found.append(f"{e._at}: {code} begins on {first[code].valid_from} in units.csv, after the event of {e.date}.")
        if e.kind == "established" and e.to_unit in first:
            begun = first[e.to_unit].valid_from
            if (e.date - begun).days > SLACK:
                found.append(f"{e._at}: {e.to_unit} begins on {begun} in units.csv, long before it is established on {e.date}.")
            if founded.setdefault(e.to_unit, e._at) != e._at:
                found.append(f"{e._at}: {e.to_unit} is established already in line {founded[e.to_unit].rpartition(' ')[2]}.")
        ended = last[e.from_unit].valid_to if e.from_unit in last else None
        if ended and ended < e.date:
            found.append(f"{e._at}: {e.from_unit} ended on {ended} in units.csv, before the event of {e.date}.")
    return found
