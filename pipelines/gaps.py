"""Why two figures that should be one differ, by search: zeros, swapped digits, or one part that accounts for the whole gap.

What the parts are and how a reason is said, `reconcile` (published figures) and `totals` (a return's own totals) know.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from pipelines.vietnamese import number

_ZEROS = {10: "một số 0", 100: "hai số 0", 1000: "ba số 0", 10**6: "sáu số 0, có lẽ in theo đơn vị triệu", 10**9: "chín số 0, có lẽ in theo đơn vị tỷ"}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Something that may account for a gap: its size in the figure, and in its twin (gifts ↔ money) where there is one."""

    extra: str  # said when it was counted though it should not have been, or twice
    missing: str  # said when it was left out
    size: float
    twin_size: float | None = None


def zeros(value: float, stated: float) -> str | None:
    """The zeros that `stated` lacks, rounded or not where a unit of money was left out, or has too many, in words."""
    for factor, said in _ZEROS.items():
        if value and (_same(stated * factor, value) or (factor > 1000 and is_rounded(value / factor, stated))):
            return f"thiếu {said}"
        if value and _same(stated, value * factor):
            return f"thừa {said.partition(',')[0]}"
    return None


def is_rounded(value: float, stated: float) -> bool:
    """Whether half up at the last digit stated gives it, within two percent: 53,4 for 53,39; 4.173.000.000 for 4.173.457.000."""
    digits = Decimal(str(stated)).normalize()
    step = Decimal((0, (1,), int(digits.as_tuple().exponent)))
    return step <= abs(digits) / 25 and Decimal(str(value)).quantize(step, ROUND_HALF_UP) == digits


def swapped(value: float, stated: float) -> bool:
    """Whether two adjacent digits changed places: 94,98 for 94,89."""
    a, b = (plain(v).replace(".", "") for v in (value, stated))
    differ = [i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y]
    adjacent = len(a) == len(b) and len(differ) == 2 and differ[1] - differ[0] == 1
    return adjacent and a[differ[0]] == b[differ[1]] and a[differ[1]] == b[differ[0]]


def fitting(parts: Iterable[Part], gap: float, twin_gap: float | None = None) -> list[str]:
    """What is said of the parts that account for the whole gap, in the twin figure too where both are known."""
    return [said for p in parts if (said := p.extra if gap > 0 else p.missing) and _accounts(p, gap, twin_gap)]


def plain(value: float) -> str:
    """As Vietnamese reports print it, two decimals where it is not whole."""
    return number(value, 0 if float(value).is_integer() else 2)


def _same(a: float, b: float) -> bool:
    return abs(a - b) < abs(b) * 1e-9


def _accounts(part: Part, gap: float, twin_gap: float | None) -> bool:
    same = abs(abs(gap) - part.size) < 0.005
    if twin_gap is None or part.twin_size is None:
        return same
    return same and gap * twin_gap > 0 and abs(abs(twin_gap) - part.twin_size) < 0.005
