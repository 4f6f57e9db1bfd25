"""The initiatives and when each was decided and entered on the portal; a sender's list of a month is cut from them."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from random import Random
from typing import Any

from pipelines.province.names import FIELDS, anyone, initiative_title
from pipelines.province.registry import Unit
from pipelines.vietnamese import fold

_DAY = date.fromisoformat
# entries on the portal: (how many, entered from, to, decided from, to)
_ENTERED = (
    (1775, "2022-01-08", "2022-05-31", "2021-09-01", ""),  # phase 1
    (518, "2022-06-01", "2022-12-09", "2021-12-01", ""),
    (12, "2022-12-10", "2022-12-10", "2022-03-01", ""),  # the 2,300th is among these
    (40, "2022-12-12", "2022-12-24", "2022-06-01", ""),
    (90, "2023-01-03", "2023-05-24", "2022-09-01", "2022-12-20"),
    (231, "2023-01-10", "2023-05-24", "2023-01-03", ""),
)
# recognised only: (how many, decided from, to)
_RECOGNISED = ((200, "2022-06-01", "2022-12-20"), (1447 - 231, "2023-01-03", "2023-05-24"))
_LEVELS = {"Cơ sở": 78, "Ngành": 12, "Tỉnh": 9, "Toàn quốc": 1}


def make_initiatives(units: list[Unit], seed: int) -> dict[str, list[dict[str, Any]]]:
    """Initiatives by sender, in the order of their decisions."""
    rng = Random(f"{seed}-initiatives")
    authors_of = [u for u in units if u.level == "grassroots" and not u.is_new]
    weights = [3 if u.sector == "public" else 1 for u in authors_of]
    dates: list[tuple[date, date | None]] = [_entry_dates(rng, *entry) for entry in _ENTERED for _ in range(entry[0])]
    dates += [(_month_day(rng, _DAY(first), _DAY(last)), None) for n, first, last in _RECOGNISED for _ in range(n)]
    taken: Counter[tuple[str, str]] = Counter()
    by_sender = defaultdict(list)
    for decided, entered in sorted(dates, key=lambda d: (d[0], d[1] or date.max)):
        unit = rng.choices(authors_of, weights)[0]
        by_sender[unit.sender].append(_row(rng, unit, decided, entered, taken))
    return by_sender


def listed(initiatives: list[dict[str, Any]], cutoff: date) -> list[dict[str, Any]]:
    """The cumulative list as it stood at a cut-off."""
    not_yet = {"on_portal": None, "portal_date": None}
    return [
        row if (row["portal_date"] or cutoff) <= cutoff else row | not_yet
        for row in initiatives
        if row["decision_date"] <= cutoff
    ]


def _entry_dates(rng: Random, _: int, first: str, last: str, decided_first: str, decided_last: str) -> tuple[date, date]:
    entered = _month_day(rng, _DAY(first), _DAY(last))
    latest = _DAY(decided_last) if decided_last else entered
    return _month_day(rng, _DAY(decided_first), latest), entered


def _month_day(rng: Random, first: date, last: date) -> date:
    """A day of the span, never after the 24th, so that no list tells of days after it was sent."""
    when = first + timedelta(days=rng.randint(0, (last - first).days))
    return when.replace(day=min(when.day, 24))


def _row(rng: Random, unit: Unit, decided: date, entered: date | None, taken: Counter) -> dict[str, Any]:
    field = rng.choice(FIELDS)
    title = initiative_title(rng, field)
    taken[unit.code, fold(title)] += 1
    if taken[unit.code, fold(title)] > 1:
        title = f"{title} (lần {taken[unit.code, fold(title)]})"
    return {
        "unit_code": unit.code,
        "title": title,
        "authors": "; ".join(anyone(rng) for _ in range(rng.choice((1, 1, 1, 2, 3)))),
        "field": field,
        "recognised_level": rng.choices(list(_LEVELS), list(_LEVELS.values()))[0],
        "decision_no": f"{decided.month * 10 + decided.day // 10}/QĐ-CQ",
        "decision_date": decided,
        "benefit_vnd": rng.randrange(5, 121) * 1_000_000 if rng.random() < 0.25 else None,
        "on_portal": "x" if entered else None,
        "portal_date": entered,
    }
