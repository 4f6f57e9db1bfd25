"""The year before, which `demo --history` adds: its months, gifts, people who came and went, targets by union. 2023 stays as it is."""

from dataclasses import replace
from datetime import date
from random import Random

from pipelines.province.gifts import Group
from pipelines.province.names import full_name
from pipelines.province.registry import UPPER, Unit, senders
from pipelines.province.sums import counts_of_shares
from pipelines.province.workers import Worker, citizen_id

OPENING = "2021-12"
MONTHS = tuple(f"2022-{m:02}" for m in range(1, 13))
GIFTS = (
    Group(True, "Tết", 2690, 1_533_300_000, date(2022, 1, 6), date(2022, 1, 24)),
    Group(False, "Tết", 2610, 1_305_000_000, date(2022, 1, 6), date(2022, 1, 24)),
    Group(True, "Tháng Công nhân", 84, 117_600_000, date(2022, 5, 4), date(2022, 5, 24)),
    Group(False, "Tháng Công nhân", 70, 73_500_000, date(2022, 5, 4), date(2022, 5, 24)),
    Group(False, "Đột xuất", 210, 168_000_000, date(2022, 6, 1), date(2022, 11, 24)),
)
PERIODS = (
    ("2022-H1", "6 tháng đầu năm 2022", "2022-01-01", "2022-06-30", "2022-05-31", "2022-06-14"),
    ("tet-2022", "Tết Nhâm Dần 2022", "2022-01-01", "2022-01-31", "2022-01-31", ""),
)
_FIRST_NUMBER = 50_000  # of those who left; the others are numbered below
_CAME, _WENT = 720, 410  # of the directly managed units, between February and December


def with_the_year_before(workers: dict[str, list[Worker]], units: list[Unit], seed: int) -> dict[str, list[Worker]]:
    """The same people, some of whom came during 2022, and others who left before 2023."""
    rng = Random(f"{seed}-history")
    old = [(u.code, n) for u in units if u.managed == "direct" and not u.is_new for n in range(len(workers.get(u.code, ())))]
    moved = {code: list(of_unit) for code, of_unit in workers.items()}
    picked = rng.sample(old, _CAME + _WENT)
    for code, n in picked[:_CAME]:
        moved[code][n] = replace(moved[code][n], listed_from=rng.choice(MONTHS[1:]))
    for number, (code, n) in enumerate(picked[_CAME:], 1):
        alike = workers[code][n]
        sex = "female" if alike.row["sex"] == "Nữ" else "male"
        gone = alike.row | {
            "full_name": full_name(rng, sex, alike.row["ethnicity"]),
            "citizen_id": citizen_id(_FIRST_NUMBER + number, seed),
        }
        if gone.get("is_member"):
            gone["card_no"] = f"MM9{number:06}"
        moved[code].append(replace(alike, row=gone, listed_until=rng.choice(MONTHS[:-1])))
    return moved


def targets(workers: dict[str, list[Worker]], units: list[Unit]) -> list[tuple[str, str, str, int]]:
    """Each sender's part of the province's targets: of the portal programme by its members, of new members by its firms."""
    of_sender = {s.code: [u for u in units if u.sender == s.code] for s in senders(units)}
    members = {
        s: sum("card_no" in w.row for u in under for w in workers.get(u.code, ())) for s, under in of_sender.items() if s != "MM"
    }
    firms = {s: sum(u.sector == "business" for u in of_sender[s]) for s in UPPER}
    asked = (
        ("portal_phase1_initiatives", "programme", 1200, members),
        ("portal_total_initiatives", "programme", 2300, members),
        ("new_grassroots_members", "2023", 134, {s: n for s, n in firms.items() if n}),
    )
    return [
        (metric, period, sender, part)
        for metric, period, total, weights in asked
        for sender, part in counts_of_shares({s: 100 * n / sum(weights.values()) for s, n in weights.items()}, total).items()
    ]
