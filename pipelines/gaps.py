"""Why two figures that should be one differ, by search: zeros, swapped digits, or one part that accounts for the whole gap.

What the parts are and how a reason is said, `reconcile` (published figures) and `totals` (a return's own totals) know.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.vietnamese import number

FACTORS = {1000: "thiếu ba số 0", 1_000_000: "thiếu sáu số 0, có lẽ in theo đơn vị triệu", 0.001: "thừa ba số 0"}


@dataclass(frozen=True)
class Part:
    """Something that may account for a gap: its size in the figure, and in its twin (gifts ↔ money) where there is one."""

    extra: str  # said when it was counted though it should not have been, or twice
    missing: str  # said when it was left out
    size: float
    twin_size: float | None = None


def zeros(value: float, stated: float) -> str | None:
    """The zeros that `stated` lacks or has too many, in words."""
    return next((said for f, said in FACTORS.items() if value and abs(stated * f - value) < abs(value) * 1e-9), None)


def swapped(value: float, stated: float) -> bool:
    """Whether two adjacent digits changed places: 94,98 for 94,89."""
    a, b = plain(value), plain(stated)
    differ = [i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y]
    adjacent = len(a) == len(b) and len(differ) == 2 and differ[1] - differ[0] == 1
    return adjacent and a[differ[0]] == b[differ[1]] and a[differ[1]] == b[differ[0]]


def fitting(parts: Iterable[Part], gap: float, twin_gap: float | None = None) -> list[str]:
    """What is said of the parts that account for the whole gap, in the twin figure too where both are known."""
    return [said for p in parts if (said := p.extra if gap > 0 else p.missing) and _accounts(p, gap, twin_gap)]


def plain(value: float) -> str:
    """As Vietnamese reports print it, two decimals where it is not whole."""
    return number(value, 0 if float(value).is_integer() else 2)


def _accounts(part: Part, gap: float, twin_gap: float | None) -> bool:
    same = abs(abs(gap) - part.size) < 0.005
    if twin_gap is None or part.twin_size is None:
        return same
    return same and gap * twin_gap > 0 and abs(abs(twin_gap) - part.twin_size) < 0.005
