"""What must hold between the lines of reference/: each function returns sentences naming file and line, and raises nothing.

Units, their events, and periods with figures have a module each.
"""

from pipelines.reference_events import of_events
from pipelines.reference_figures import of_figures, of_periods
from pipelines.reference_rows import Alias, Unit
from pipelines.reference_units import of_units
from pipelines.vietnamese import fold

UNIQUE = {
    "unit_events": ("event_id",),
    "periods": ("period",),
    "indicators": ("indicator_id",),
    "targets": ("metric_id", "period", "unit_code"),
    "published": ("document_no", "period", "metric_id", "unit_code"),
}
OF_UNITS = (
    ("aliases", "unit_code"),
    ("targets", "unit_code"),
    ("published", "unit_code"),
    ("unit_events", "from_unit"),
    ("unit_events", "to_unit"),
)


def disagreements(rows: dict[str, list]) -> list[str]:
    """Every problem between the rows of a home's files."""
    units: list[Unit] = rows["units"]
    known = {u.code for u in units}
    found = of_units(units) + contradictions(rows["aliases"], units)
    found += [
        f"{r._at}: {column} {getattr(r, column)} is not in units.csv."
        for name, column in OF_UNITS
        for r in rows[name]
        if getattr(r, column) and getattr(r, column) not in known
    ]
    for name, key in UNIQUE.items():
        first: dict[tuple, str] = {}
        for r in rows[name]:
            k = tuple(getattr(r, k) for k in key)
            if first.setdefault(k, r._at) != r._at:
                found.append(f"{r._at}: {', '.join(map(str, k))} stands already in line {first[k].rpartition(' ')[2]}.")
    found += of_events(rows["unit_events"], units) + of_periods(rows["periods"])
    return found + of_figures(rows)


def contradictions(aliases: list[Alias], units: list[Unit]) -> list[str]:
    """Aliases that are another unit's code, its name in force, or another alias; an old name may pass to a successor."""
    taken = {fold(u.name): (u.code, "the name of") for u in units if not u.valid_to}
    taken |= {fold(u.code): (u.code, "the code of") for u in units}
    found = []
    for a in aliases:
        code, what = taken.setdefault(fold(a.name), (a.unit_code, f"in line {a._line} an alias of"))
        if code != a.unit_code:
            found.append(f"{a._at}: «{a.name}» cannot mean {a.unit_code}, since it is {what} {code}.")
    return found
