"""What must hold between the lines of units.csv: one row of a code at a time, names, and the tree as it stood on every day."""

import itertools
from collections import Counter

from pipelines.reference_rows import Unit
from pipelines.vietnamese import fold

DEEPEST = 5  # steps that core.unit_scope goes up
ABOVE = {"confederation": (), "province": ("confederation",), "upper": ("province", "upper"), "grassroots": ("province", "upper")}


def of_units(units: list[Unit]) -> list[str]:
    """Every problem between units."""
    return _places(units) + _overlaps(units) + _cycles(units)


def _places(units: list[Unit]) -> list[str]:
    """A unit stands below one of a level that may be above it, which was there before it, at most DEEPEST steps down."""
    newest = {u.code: u for u in sorted(units, key=lambda u: u.valid_from)}
    begun = {u.code: u.valid_from for u in sorted(units, key=lambda u: u.valid_from, reverse=True)}
    found = []
    for u in units:
        above = newest.get(u.parent or "")
        if u.parent and not above:
            found.append(f"{u._at}: {u.code} has parent {u.parent}, which is not in the file.")
        elif above and u.parent != u.code and above.level not in ABOVE[u.level]:
            found.append(f"{u._at}: {u.code} of level {u.level} cannot stand under {u.parent} of level {above.level}.")
        elif above and begun[above.code] > u.valid_from:
            found.append(f"{u._at}: {u.code} stands from {u.valid_from} under {u.parent}, which begins on {begun[above.code]}.")
        elif not u.parent and u.level in ("upper", "grassroots"):
            found.append(f"{u._at}: {u.code} has no parent; no figure of the province would count it.")
        if u.level == "grassroots" and not u.sector:
            found.append(f"{u._at}: {u.code} has no sector; write public or business.")
        if u.valid_to and u.valid_to <= u.valid_from:
            found.append(f"{u._at}: {u.code} ends on {u.valid_to}, before it starts.")
        steps = -1
        while above and steps <= DEEPEST:
            steps, above = steps + 1, newest.get(above.parent or "")
        if steps == DEEPEST:
            found.append(f"{u._at}: {u.code} stands more than {DEEPEST} steps below the top.")
    if units and Counter(u.level for u in units if not u.valid_to)["province"] != 1:
        found.append("units.csv: exactly one unit of level province must be in force.")
    return found


def _overlaps(units: list[Unit]) -> list[str]:
    by_code: dict[str, list[Unit]] = {}
    for u in units:
        by_code.setdefault(u.code, []).append(u)
    found = []
    for code, versions in by_code.items():
        versions.sort(key=lambda u: u.valid_from)
        for a, b in itertools.pairwise(versions):
            if a.valid_to is None or a.valid_to > b.valid_from:
                found.append(f"{b._at}: two rows of {code} overlap in time.")
            elif (b.valid_from - a.valid_to).days == 1:
                found.append(
                    f"{a._at}: {code} goes on the day after {a.valid_to}, but valid_to is the first day the line no longer holds; "
                    f"write {b.valid_from}."
                )
    named: dict[str, Unit] = {}
    for u in units:
        if not u.valid_to and named.setdefault(fold(u.name), u).code != u.code:
            found.append(f"{u._at}: {u.code} has the name «{u.name}», and so has {named[fold(u.name)].code}.")
    return found


def _cycles(units: list[Unit]) -> list[str]:
    parents = {u.code: u.parent for u in units}
    at_line = {u.code: u._at for u in units}
    found = []
    for code in parents:
        seen, at = {code}, parents[code]
        while at:
            if at in seen:
                found.append(f"{at_line[code]}: {code} is under itself.")
                break
            seen.add(at)
            at = parents.get(at)
    return found
