"""What must hold of periods.csv, and of targets and published figures beside the metrics that are declared."""

import difflib
import itertools
import re
from collections.abc import Iterator

from pipelines.reference_rows import CALENDAR_PERIOD, PeriodDates, Published, Target

_WITHIN = {("", "H"), ("", "Q"), ("", "m"), ("H", "Q"), ("H", "m")}  # kinds of period, the whole and its last part


def of_periods(periods: list[PeriodDates]) -> list[str]:
    """Dates in order, of the months the period is called after, and each day in one period of a kind."""
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
    return found + _neighbours(periods) + _last_parts(periods)


def _neighbours(periods: list[PeriodDates]) -> list[str]:
    """Days in two periods of a kind, or in none between one and the next where both are stated."""
    found = []
    of_kind = sorted((p for p in periods if _calendar_months(p.period)), key=lambda p: (_kind(p), p.start_date))
    for a, b in itertools.pairwise(of_kind):
        if _kind(a) != _kind(b) or _kind(a) == "9M":
            continue
        says = f"{b._at}: {b.period} starts on {b.start_date}, but {a.period} closes on {a.cutoff_date}"
        if b.start_date <= a.cutoff_date:
            found.append(f"{says}.")
        elif (b.start_date - a.cutoff_date).days > 1 and _follows(b, a):
            found.append(f"{says}; the days between belong to no period.")
    return found


def _last_parts(periods: list[PeriodDates]) -> list[str]:
    """A year or half-year closes with its last part, where both are stated."""
    closing: dict[int, list[PeriodDates]] = {}
    for p in periods:
        if months := _calendar_months(p.period):
            closing.setdefault(months[1], []).append(p)
    return [
        f"{part._at}: {part.period} closes on {part.cutoff_date}, but {whole.period}, which ends with it, on {whole.cutoff_date}."
        for together in closing.values()
        for whole, part in itertools.permutations(together, 2)
        if (_kind(whole), _kind(part)) in _WITHIN and whole.cutoff_date != part.cutoff_date
    ]


def _kind(p: PeriodDates) -> str:
    """Empty of a year, m of a month, else the letters of 2023-Q2, 2023-H1, 2023-9M."""
    part = p.period[5:]
    return "m" if part.isdigit() else part if part == "9M" else part[:1]


def _follows(b: PeriodDates, a: PeriodDates) -> bool:
    (_, last), (first, _) = _calendar_months(a.period) or (0, 0), _calendar_months(b.period) or (0, 0)
    return first == last + 1


def _calendar_months(period: str) -> tuple[int, int] | None:
    """First and last month (year × 12 + month) a period is called after; None of a campaign."""
    if not re.fullmatch(CALENDAR_PERIOD, period):
        return None
    year, _, part = period.partition("-")
    spans = {"": (1, 12), "9M": (1, 9), "H1": (1, 6), "H2": (7, 12), **{f"Q{q}": (3 * q - 2, 3 * q) for q in range(1, 5)}}
    first, last = spans.get(part) or (int(part), int(part))
    return int(year) * 12 + first, int(year) * 12 + last


def of_figures(rows: dict[str, list]) -> list[str]:
    """Targets and published figures that no page would show, or that their metric can never reach."""
    asked: list[Target | Published] = rows["targets"] + rows["published"]
    if not asked:
        return []
    from pipelines.metrics import metrics

    campaigns = {p.period for p in rows["periods"]}
    above = {u.code for u in rows["units"] if u.level != "grassroots"}
    grassroots = {u.code for u in rows["units"]} - above
    found = []
    for r in asked:
        if r.metric_id in metrics():
            found += _unfit(r)
            if metrics()[r.metric_id].personal and isinstance(r, Target) and r.unit_code in grassroots:
                found.append(
                    f"{r._at}: {r.metric_id} is personal and never published of a grassroots unit such as {r.unit_code}."
                )
        else:
            near = difflib.get_close_matches(r.metric_id, metrics(), 1)
            found.append(f"{r._at}: no metric is called {r.metric_id}{f', perhaps {near[0]}' if near else ''}.")
        if not re.fullmatch(f"{CALENDAR_PERIOD}|programme", r.period) and r.period not in campaigns:
            found.append(f"{r._at}: the campaign {r.period} has no dates in periods.csv.")
    return found


def _unfit(r: Target | Published) -> Iterator[str]:
    """What a metric cannot have: a flow over the whole programme, a target of a target, more than all, a part of a member."""
    from pipelines.metrics import metrics

    metric = metrics()[r.metric_id]
    if r.period == "programme" and metric.is_flow:
        yield f"{r._at}: {metric.id} counts from a period's start, so it has no target for the programme; name a year."
    if isinstance(r, Target) and metric.target_of:
        yield f"{r._at}: {metric.id} is itself a target; write it for {metric.target_of}."
    number, said = (r.target, "target") if isinstance(r, Target) else (r.value, "published value")
    if metric.share and number > 100:
        yield f"{r._at}: {metric.id} is a share in percent, and the {said} {number:.15g} is more than 100."
    if metric.counts and number % 1:
        yield f"{r._at}: {metric.id} counts {metric.unit}, and {number:.15g} is no whole number."
