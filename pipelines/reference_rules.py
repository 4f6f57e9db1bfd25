"""What must hold between the lines of reference/: each function returns sentences naming file and line, and raises nothing."""

import difflib
import itertools
import re
from collections import Counter

from pipelines.reference_rows import CALENDAR_PERIOD, Alias, PeriodDates, Published, Target, Unit, UnitEvent
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
_SLACK = 62  # days between what is decided and what takes effect
NEEDS = {
    "established": ("to_unit",),
    "dissolved": ("from_unit",),
    "merged": ("from_unit", "to_unit"),
    "split": ("from_unit", "to_unit"),
}
DEEPEST = 5  # steps that core.unit_scope goes up
ABOVE = {"confederation": (), "province": ("confederation",), "upper": ("province", "upper"), "grassroots": ("province", "upper")}


def disagreements(rows: dict[str, list]) -> list[str]:
    """Every problem between the rows of a home's files."""
    units: list[Unit] = rows["units"]
    known = {u.code for u in units}
    found = _places(units) + _overlaps(units) + _cycles(units) + contradictions(rows["aliases"], units)
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
    found += _events(rows["unit_events"], units) + _periods(rows["periods"])
    return found + _never_shown(rows["targets"] + rows["published"], {p.period for p in rows["periods"]})


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


def _events(events: list[UnitEvent], units: list[Unit]) -> list[str]:
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
            if (e.date - begun).days > _SLACK:
                found.append(f"{e._at}: {e.to_unit} begins on {begun} in units.csv, long before it is established on {e.date}.")
            if founded.setdefault(e.to_unit, e._at) != e._at:
                found.append(f"{e._at}: {e.to_unit} is established already in line {founded[e.to_unit].rpartition(' ')[2]}.")
        ended = last[e.from_unit].valid_to if e.from_unit in last else None
        if ended and ended < e.date:
            found.append(f"{e._at}: {e.from_unit} ended on {ended} in units.csv, before the event of {e.date}.")
    return found


def _periods(periods: list[PeriodDates]) -> list[str]:
    """Dates in order, of the months the period is called after, and no day in two periods of a kind."""
    found = []
    for p in periods:
        if not p.start_date <= p.cutoff_date <= p.end_date:
            found.append(f"{p._at}: {p.period}: start ≤ cut-off ≤ end does not hold.")
        if p.issue_date and p.issue_date < p.cutoff_date:
            found.append(f"{p._at}: {p.period} is issued on {p.issue_date}, before its cut-off {p.cutoff_date}.")
        if months := _calendar_months(p.period):
            first, last = ((d.year * 12 + d.month) for d in (p.start_date, p.cutoff_date))
            if not months[0] - 2 <= first <= months[1] or not months[0] <= last <= months[1]:
                found.append(
                    f"{p._at}: {p.period} is dated {p.start_date} to {p.cutoff_date}, in other months than it is called after."
                )
    of_kind = sorted((p.period[4:6], p.start_date, p) for p in periods if _calendar_months(p.period) and p.period[4:] != "-9M")
    for (kind, _, a), (other, start, b) in itertools.pairwise((("-m" if k[1:].isdigit() else k), s, p) for k, s, p in of_kind):
        if kind == other and start <= a.cutoff_date:
            found.append(f"{b._at}: {b.period} starts on {start}, but {a.period} closes on {a.cutoff_date}.")
    return found


def _calendar_months(period: str) -> tuple[int, int] | None:
    """First and last month (year × 12 + month) a period is called after; None of a campaign."""
    if not re.fullmatch(CALENDAR_PERIOD, period):
        return None
    year, _, part = period.partition("-")
    spans = {"": (1, 12), "9M": (1, 9), "H1": (1, 6), "H2": (7, 12), **{f"Q{q}": (3 * q - 2, 3 * q) for q in range(1, 5)}}
    first, last = spans.get(part) or (int(part), int(part))
    return int(year) * 12 + first, int(year) * 12 + last


def _never_shown(asked: list[Target | Published], campaigns: set[str]) -> list[str]:
    """Targets and published figures of a metric nobody declared, of a campaign without dates, of a flow for the whole programme."""
    if not asked:
        return []
    from pipelines.metrics import metrics

    found = []
    for r in asked:
        if r.metric_id not in metrics():
            near = difflib.get_close_matches(r.metric_id, metrics(), 1)
            found.append(f"{r._at}: no metric is called {r.metric_id}{f', perhaps {near[0]}' if near else ''}.")
        elif r.period == "programme" and metrics()[r.metric_id].is_flow:
            found.append(
                f"{r._at}: {r.metric_id} counts from a period's start, so it has no target for the programme; name a year."
            )
        if not re.fullmatch(f"{CALENDAR_PERIOD}|programme", r.period) and r.period not in campaigns:
            found.append(f"{r._at}: the campaign {r.period} has no dates in periods.csv.")
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
    named: dict[str, Unit] = {}
    for u in units:
        if not u.valid_to and named.setdefault(fold(u.name), u).code != u.code:
            found.append(f"{u._at}: {u.code} has the name «{u.name}», and so has {named[fold(u.name)].code}.")
    return found


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
