"""The people on the monthly lists, fitted to the report's totals, shares and mean incomes; no files here."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from pipelines.province.names import PEOPLES, full_name
from pipelines.province.registry import Unit
from pipelines.province.sums import counts_of_shares, share_out

MEMBERS = {"public": 21_502, "business": 1_495, "central": 3_065}
NEW_MEMBERS = 260  # of the business members, in the units founded in 2023
NOT_MEMBERS = {"public": 60, "business": 50, "central": 644}
LATE_JOINERS = 200  # workers who became members between February and May
MEAN_INCOME = {"public": 6_300_000, "business": 6_400_000}
FEMALE = 0.5339
QUALIFICATION = {
    "Trên đại học": 5.34,
    "Đại học": 59.80,
    "Cao đẳng": 13.12,
    "Trung cấp": 15.22,
    "Sơ cấp": 3.48,
    "Chưa qua đào tạo": 3.04,
}
SCHOOLING = {"THPT": 94.89, "THCS": 4.74, "Tiểu học": 0.37}
THEORY = {"Cử nhân và Cao cấp": 7.17, "Trung cấp": 25.14, "Sơ cấp": 13.0, "Chưa có": 30.0}  # the rest stays empty
_EARNS = {"Trên đại học": 9.0, "Đại học": 6.8, "Cao đẳng": 5.9, "Trung cấp": 5.5, "Sơ cấp": 5.0, "Chưa qua đào tạo": 4.5}
_RAISED = "2023-01"
_STEP, _LEAST, _MOST = 10_000, 3_000_000, 25_000_000
_BORN_FIRST, _BORN_LAST = date(1963, 7, 1).toordinal(), date(2003, 6, 30).toordinal()
_JOINED_LAST = date(2022, 12, 20).toordinal()


@dataclass(frozen=True)
class Worker:
    """`row` is the line as printed in May 2023, or in the last month the person was there; the rest are months, YYYY-MM."""

    row: dict[str, Any]
    listed_from: str = ""
    listed_until: str = "9999"
    member_from: str = ""


def make_workers(units: list[Unit], seed: int) -> dict[str, list[Worker]]:
    """Workers by unit code, in the order of the list."""
    rng = Random(f"{seed}-workers")
    drafts = [d for group in _places_to_fill(rng, units) for d in group]
    members = [d for d in drafts if d["member"]]
    others = [d for d in drafts if not d["member"]]
    for d in rng.sample([d for d in members if not d["unit"].is_new], LATE_JOINERS):
        d["joins"] = f"2023-{rng.randint(2, 5):02}"
    for group in (members, others):
        _give_sex(rng, group)
        _give_education(rng, group)
    for n, d in enumerate(drafts, 1):
        _give_person(rng, d, n, seed)
    for sector, mean in MEAN_INCOME.items():
        _give_income(rng, [d for d in drafts if d["unit"].sector == sector], mean)
    by_unit = defaultdict(list)
    for d in drafts:
        unit = d["unit"]
        founded = f"{unit.valid_from:%Y-%m}" if unit.is_new else ""
        by_unit[unit.code].append(Worker(d["row"], founded, member_from=_month(d["row"].get("joined_date"))))
    return by_unit


def listed(workers: Iterable[Worker], period: str) -> list[dict[str, Any]]:
    """The list as it stood at the end of a month."""
    not_yet = {"is_member": None, "joined_date": None, "card_no": None}
    rows = [w.row if w.member_from <= period else w.row | not_yet for w in workers if w.listed_from <= period <= w.listed_until]
    return rows if period >= _RAISED else list(map(_before_the_raise, rows))


def _before_the_raise(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"income_vnd": max(_LEAST, round(row["income_vnd"] * 0.955 / _STEP) * _STEP)}


def _month(joined: date | str | None) -> str:
    """The month of a date of joining, which may be written mm/yyyy."""
    if isinstance(joined, str):
        return f"{joined[3:]}-{joined[:2]}"
    return f"{joined:%Y-%m}" if joined else ""


def _places_to_fill(rng: Random, units: list[Unit]) -> list[list[dict[str, Any]]]:
    """One draft per worker, grouped by unit."""
    grassroots = [u for u in units if u.level == "grassroots"]
    members, others = {}, defaultdict(int)
    new = [u for u in grassroots if u.is_new]
    for kind, total in MEMBERS.items():
        of_kind = [u for u in grassroots if not u.is_new and kind == ("central" if u.managed == "central" else u.sector)]
        old_total = total - NEW_MEMBERS if kind == "business" else total
        members |= zip((u.code for u in of_kind), share_out(rng, old_total, len(of_kind), 4), strict=True)
        for u in rng.choices(of_kind, k=NOT_MEMBERS[kind]):
            others[u.code] += 1
    members |= zip((u.code for u in new), share_out(rng, NEW_MEMBERS, len(new), 12), strict=True)
    return [[{"unit": u, "member": n < members[u.code]} for n in range(members[u.code] + others[u.code])] for u in grassroots]


def _give_sex(rng: Random, group: list[dict[str, Any]]) -> None:
    women = round(FEMALE * len(group))
    sexes = ["female"] * women + ["male"] * (len(group) - women)
    rng.shuffle(sexes)
    for d, sex in zip(group, sexes, strict=True):
        d["sex"] = sex


def _give_education(rng: Random, group: list[dict[str, Any]]) -> None:
    """Exact shares; the better trained sit rather in public units, little schooling goes with little training."""
    ranked = sorted(group, key=lambda d: rng.random() + (0.35 if d["unit"].sector == "business" else 0))
    for column, shares in (("qualification", QUALIFICATION), ("schooling", SCHOOLING)):
        labels = [label for label, n in counts_of_shares(shares, len(group)).items() for _ in range(n)]
        for d, label in zip(ranked, labels, strict=True):
            d[column] = label
    ranked.sort(key=lambda d: rng.random() + (1.0 if d["unit"].sector == "business" else 0))
    taught = [label for label, n in counts_of_shares(THEORY, len(group)).items() for _ in range(n)]
    for d, label in zip(ranked, taught, strict=False):
        d["political_theory"] = label


def citizen_id(n: int, seed: int) -> str:
    """Twelve digits for the n-th person; no real one starts with 000, and no two of a seed are the same."""
    return f"000{(n * 387_420_489 + seed) % 10**9:09}"


def _give_person(rng: Random, d: dict[str, Any], n: int, seed: int) -> None:
    unit = d["unit"]
    born = int(rng.triangular(_BORN_FIRST, _BORN_LAST, (_BORN_FIRST + _BORN_LAST) // 2))
    people = rng.choices(_PEOPLE_NAMES, cum_weights=_PEOPLE_WEIGHTS)[0]
    d["years"] = (_JOINED_LAST - born) / 365.25 - 18
    d["row"] = {
        "unit_code": unit.code,
        "unit_name": unit.name,
        "full_name": full_name(rng, d["sex"], people),
        "birth_date": date.fromordinal(born),
        "sex": "Nữ" if d["sex"] == "female" else "Nam",
        "ethnicity": people,
        "citizen_id": citizen_id(n, seed),
        "schooling": d["schooling"],
        "qualification": d["qualification"],
        "political_theory": d.get("political_theory"),
    }
    if d["member"]:
        d["row"] |= {"card_no": f"MM{n:07}", "is_member": "x", "joined_date": _joined(rng, d, born)}


def _joined(rng: Random, d: dict[str, Any], born: int) -> date | str:
    if "joins" in d:
        return date(2023, int(d["joins"][5:]), rng.randint(1, 24))
    if d["unit"].is_new:
        return d["unit"].valid_from
    earliest = born + 18 * 366
    when = date.fromordinal(int(rng.triangular(earliest, _JOINED_LAST, earliest + (_JOINED_LAST - earliest) * 0.3)))
    return f"{when:%m/%Y}" if rng.random() < 0.08 else when


def _give_income(rng: Random, group: list[dict[str, Any]], mean: int) -> None:
    """Incomes by training and age, moved in steps until the mean is exact."""
    raw = [_EARNS[d["qualification"]] * rng.lognormvariate(0, 0.16) * (0.85 + 0.01 * d["years"]) for d in group]
    scale = mean * len(raw) / sum(raw)
    income = [min(max(round(r * scale / _STEP) * _STEP, _LEAST), _MOST) for r in raw]
    missing = (mean * len(income) - sum(income)) // _STEP
    step = _STEP if missing > 0 else -_STEP
    while missing:
        at = rng.randrange(len(income))
        if _LEAST <= income[at] + step <= _MOST:
            income[at] += step
            missing -= 1 if step > 0 else -1
    for d, amount in zip(group, income, strict=True):
        d["row"]["income_vnd"] = amount


_PEOPLE_NAMES = list(PEOPLES)
_PEOPLE_WEIGHTS = [sum(list(PEOPLES.values())[: n + 1]) for n in range(len(PEOPLES))]
