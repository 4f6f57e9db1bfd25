"""The gifts of Tết and of Workers' Month, fitted to their totals by giver; loans and works are in aid.py."""

from collections.abc import Iterable, Iterator
from datetime import date
from random import Random
from typing import Any, NamedTuple

from pipelines.province.names import anyone
from pipelines.province.registry import PROVINCE, Unit


class Group(NamedTuple):
    """Gifts of one giver and occasion, fitted to their totals."""

    by_province: bool
    occasion: str
    gift_count: int
    amount_vnd: int
    first: date
    last: date


HALF_YEAR = (
    Group(True, "Tết", 2752, 1_626_600_000, date(2023, 1, 5), date(2023, 1, 19)),
    Group(False, "Tết", 2581, 1_344_900_000, date(2023, 1, 4), date(2023, 1, 19)),
    Group(True, "Tháng Công nhân", 100, 150_000_000, date(2023, 5, 4), date(2023, 5, 24)),
    Group(False, "Tháng Công nhân", 73, 82_500_000, date(2023, 5, 4), date(2023, 5, 24)),
)
_STEP, _LEAST, _MOST = 50_000, 200_000, 3_000_000
_FUNDS = ("Tài chính công đoàn", "Tài chính công đoàn", "Quỹ Xã hội Công đoàn", "Xã hội hóa")
_HARDSHIP = ("Khó khăn", "Khó khăn", "Bệnh hiểm nghèo", "Tai nạn lao động", "Gia đình chính sách", "Xa quê")
_TEAMS = ("Tập thể tổ công đoàn", "Tập thể đơn vị trực Tết", "Tập thể công nhân khó khăn", "Tập thể lao động ca đêm")


def gifts(rng: Random, units: list[Unit], groups: Iterable[Group]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(sender, line) of every gift line of these groups."""
    receivers = [u for u in units if u.level == "grassroots" and not u.is_new]
    tet_givers = [u for u in receivers if u.sender == u.code]  # each hands out something of its own at Tết
    for by_province, occasion, count, amount, first, last in groups:
        counts = _line_counts(rng, count)
        amounts = _unit_amounts(rng, counts, amount)
        for n, (gift_count, unit_amount) in enumerate(zip(counts, amounts, strict=True)):
            unit = tet_givers[n] if occasion == "Tết" and not by_province and n < len(tet_givers) else rng.choice(receivers)
            yield (
                (PROVINCE if by_province else unit.sender),
                {
                    "unit_code": unit.code,
                    "kind": "Quà",
                    "occasion": occasion,
                    "fund": rng.choice(_FUNDS),
                    "given_by": "Tỉnh" if by_province else _lower_giver(rng, unit),
                    "gift_count": gift_count,
                    "unit_amount_vnd": unit_amount,
                    "amount_vnd": gift_count * unit_amount,
                    "given_date": date.fromordinal(rng.randint(first.toordinal(), last.toordinal())),
                    "recipient": anyone(rng) if gift_count == 1 else f"{rng.choice(_TEAMS)} số {n + 1}",
                    "hardship": rng.choice(_HARDSHIP) if gift_count == 1 else "Tập thể",
                },
            )


def _lower_giver(rng: Random, unit: Unit) -> str:
    return "Cơ sở" if unit.sender == unit.code else rng.choice(("Cấp trên cơ sở", "Cấp trên cơ sở", "Cơ sở"))


def _line_counts(rng: Random, total: int) -> list[int]:
    """Lines of one to ten gifts that add up; the last lines are single gifts."""
    singles = min(40, total)
    counts, left = [], total - singles
    while left:
        counts.append(min(left, rng.choices((1, 2, 3, 5, 10), (62, 12, 10, 10, 6))[0]))
        left -= counts[-1]
    return counts + [1] * singles


def _unit_amounts(rng: Random, counts: list[int], total: int) -> list[int]:
    """Amounts of one gift in whole steps, around the mean, so that count × amount adds up exactly."""
    mean = total / sum(counts)
    amounts = [_bounded(round(mean * rng.choice((0.6, 0.8, 1.0, 1.0, 1.2, 1.4)) / _STEP) * _STEP) for _ in counts]
    missing = (total - sum(n * a for n, a in zip(counts, amounts, strict=True))) // _STEP
    while missing:
        at = rng.randrange(len(counts))
        moved = amounts[at] + (_STEP if missing > 0 else -_STEP)
        if counts[at] <= abs(missing) and moved == _bounded(moved):
            amounts[at] = moved
            missing -= counts[at] if missing > 0 else -counts[at]
    return amounts


def _bounded(amount: int) -> int:
    return min(max(amount, _LEAST), _MOST)
