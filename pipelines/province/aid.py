"""The lines of support by sender and month: works, loans and agreements here, gifts in gifts.py."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from pipelines.province.gifts import HALF_YEAR, Group, gifts
from pipelines.province.names import anyone
from pipelines.province.registry import PROVINCE, UPPER, Unit
from pipelines.province.sums import share_out

CENTRAL_SUPPORT = 250_000_000  # of the lodging house
_MILLION = 1_000_000
_LOANS_BEFORE, _LOANS_NEW = (54, 374, 3_631_340_000), (10, 87, 1_036_000_000)  # models, loans, VND
_AGREEMENTS, _BENEFICIARIES, _WELFARE = 11, 3_848, 400_500_000


def make_aid(
    units: list[Unit], seed: int, opening: str, earlier_gifts: tuple[Group, ...] = ()
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Lines by (sender, month), in the order of their days; the opening month holds all that is older."""
    rng = Random(f"{seed}-aid")
    lines = [
        *gifts(rng, units, HALF_YEAR),
        *_works(units),
        *_job_fund(rng, units),
        *_agreements(rng, units),
        *_mutual_loans(rng, units, *_LOANS_BEFORE, date(2021, 6, 1), 560, "2021"),
        *_mutual_loans(rng, units, *_LOANS_NEW, date(2023, 1, 5), 139, "2023"),
        *gifts(rng, units, earlier_gifts),
    ]
    by_return = defaultdict(list)
    for sender, line in sorted(lines, key=lambda s: s[1]["given_date"]):
        month = f"{line['given_date']:%Y-%m}"
        by_return[sender, max(month, opening)].append(line)
    return by_return


def _works(units: list[Unit]) -> Iterator[tuple[str, dict[str, Any]]]:
    """One lodging house of two funders and two classrooms of a donor."""
    clinic = next(u for u in units if u.name.startswith("CĐCS Trung tâm Y tế huyện"))
    house = {
        "unit_code": clinic.code,
        "recipient": "Trung tâm Y tế",
        "kind": "Nhà lưu trú",
        "model_code": "NLT-2023-01",
        "area_m2": 120,
        "rooms_count": 5,
        "given_date": date(2023, 3, 16),
        "occasion": "Khác",
    }
    for given_by, fund, amount in (
        ("Trung ương", "CĐ Viên chức Việt Nam", CENTRAL_SUPPORT),
        ("Tỉnh", "Tài chính công đoàn", 969 * _MILLION - CENTRAL_SUPPORT),
    ):
        yield PROVINCE, house | {"given_by": given_by, "fund": fund, "amount_vnd": amount}
    school = next(u for u in units if u.name.startswith("CĐCS Trường Tiểu học"))
    for n, (area, amount) in enumerate(((70, 350 * _MILLION), (60, 300 * _MILLION)), 1):
        yield (
            PROVINCE,
            {
                "unit_code": school.code,
                "recipient": f"Điểm trường bản, phòng học {n}",
                "kind": "Phòng học",
                "given_by": "Nhà tài trợ",
                "fund": "Nhà hảo tâm",
                "amount_vnd": amount,
                "model_code": f"PH-2023-{n:02}",
                "area_m2": area,
                "rooms_count": 2,
                "given_date": date(2023, 4, 11),
                "occasion": "Khác",
            },
        )


def _job_fund(rng: Random, units: list[Unit]) -> Iterator[tuple[str, dict[str, Any]]]:
    schools = _old(units)
    for n in range(19):
        least = 4_000_000 if n == 0 else rng.randrange(40, 46) * 100_000
        yield (
            PROVINCE,
            {
                "unit_code": rng.choice(schools).code,
                "recipient": anyone(rng),
                "kind": "Vay Quỹ quốc gia",
                "hardship": "Hộ đoàn viên vay vốn",
                "given_by": "Trung ương",
                "fund": "Quỹ quốc gia giải quyết việc làm",
                "amount_vnd": 50 * _MILLION,
                "given_date": date(2022, 1 + n // 2, 3 + n),
                "model_code": f"QG-{n + 1:02}",
                "income_gain_min_vnd": least,
                "income_gain_max_vnd": 5_000_000 if n == 18 else least + 400_000,
            },
        )


def _agreements(rng: Random, units: list[Unit]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Eight welfare agreements of last year still in force and three of May."""
    heads = share_out(rng, _BENEFICIARIES, _AGREEMENTS, 100)
    money = share_out(rng, _WELFARE // 100_000, _AGREEMENTS, 50)
    offices = _old(units)
    for n, (people, amount) in enumerate(zip(heads, money, strict=True), 1):
        new = n > 8
        yield (
            PROVINCE,
            {
                "unit_code": rng.choice(offices).code,
                "recipient": f"Đối tác phúc lợi {n:02}",
                "kind": "Thỏa thuận phúc lợi",
                "given_by": "Nhà tài trợ",
                "fund": "Ưu đãi của đối tác",
                "amount_vnd": amount * 100_000,
                "given_date": date(2023, 5, 3 + n) if new else date(2022, n + 2, 2 * n),
                "model_code": f"PL-{n:02}",
                "beneficiary_count": people,
                "valid_until": date(2025, 5, 31) if new else date(2023, 12, 31 - n),
            },
        )


def _mutual_loans(
    rng: Random, units: list[Unit], models: int, loans: int, amount: int, first: date, days: int, year: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Loans of the mutual funds kept by the upper unions; each model has one unit, every model lends."""
    uppers = list(UPPER)
    homes = [rng.choice([u for u in _old(units) if u.parent == uppers[n % len(uppers)]]) for n in range(models)]
    money = share_out(rng, amount // 10_000, loans, 200)
    for n, tens in enumerate(money):
        home = homes[n % models]
        least = 3_000_000 if n == 0 else rng.randrange(30, 36) * 100_000
        day = date.fromordinal(first.toordinal() + rng.randrange(days))
        yield (
            home.sender,
            {
                "unit_code": home.code,
                "recipient": anyone(rng),
                "hardship": "Đoàn viên vay vốn",
                "kind": "Vay Quỹ tương hỗ",
                "given_by": "Cấp trên cơ sở",
                "fund": "Quỹ tương hỗ",
                "amount_vnd": tens * 10_000,
                "given_date": day.replace(day=min(day.day, 24)),
                "model_code": f"TH-{year}-{n % models + 1:02}",
                "income_gain_min_vnd": least,
                "income_gain_max_vnd": 4_000_000 if n == 1 else least + 400_000,
            },
        )


def _old(units: list[Unit]) -> list[Unit]:
    """Directly managed grassroots units that existed before 2023."""
    return [u for u in units if u.level == "grassroots" and u.managed == "direct" and not u.is_new]
