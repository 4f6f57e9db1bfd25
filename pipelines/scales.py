"""What a sheet says its money is in: «ĐVT: triệu đồng» above the table, «Số tiền (1.000đ)» in its header. Cells become full amounts.

A column's own words go before those above the table. What a cell comes to, SQL decides: it reads «1,5 triệu».
"""

import re
from decimal import Decimal
from functools import lru_cache

from pipelines.vietnamese import fold

_SCALE = r"(?:(1[. ]?000[. ]?000|trieu|trd?)|(1[. ]?000|nghin|ngan|ngd?)|(ty|ti))"
_SCALES = {"triệu": 1_000_000, "nghìn": 1_000, "tỷ": 1_000_000_000}  # in the order of the groups
_DONG = r"[ .]*(?:dong|vnd|d)"
_SAID = re.compile(rf"(?<![a-z0-9]){_SCALE}(?:{_DONG})?(?![a-z0-9])")
_PLAIN = re.compile(r"(?<![a-z0-9])(?:dong|vnd|d)(?![a-z0-9])")
_ABOVE = re.compile(
    rf"(?:\b(?:dvt|don vi tinh)\b[^:]{{0,9}}:?(?:[^:]{{0,30}}[ ,;/])??|\bdon vi\s*:)\s*{_SCALE}(?:{_DONG}(?![a-z0-9])|\W*$)"
)
_BRACKETED = re.compile(r"\(([^()]*)\)\s*$")
_MEASURE = re.compile(
    rf"^\(?(?:(?:dvt|don vi tinh)\s*:?\s*)?(?:{_SCALE}?(?:{_DONG})|trieu|nghin|nguoi|suat|m2|phong|gian|ngay|d{{1,2}}/m{{1,2}}/y{{2,4}})(?:/ ?[a-z]+)?\)?$"
)
_EXACT = re.compile(r"^-?\d+(,(\d{1,2}|\d{4,}))?$")
_WORDLESS = re.compile(r"^[-+()\d., \xa0]*\d[-+()\d., \xa0]*$")


@lru_cache(maxsize=10_000)  # the same lines stand in hundreds of returns
def scale_above(words: tuple[str, ...]) -> str | None:
    """What a line above the table says that money is in: «triệu», «nghìn», «tỷ»; None when it says nothing, or plain đồng."""
    found = _ABOVE.search(fold(" ".join(words)))
    return _word(found) if found else None


@lru_cache(maxsize=10_000)
def scale_of(header: str) -> str | None:
    """The same of a header, in its brackets or as a line of its own: «Số tiền (triệu đồng)»; "" when it says plain đồng."""
    key = fold(header)
    bracketed = _BRACKETED.search(key)
    said = bracketed[1] if bracketed else key if _MEASURE.match(key) else ""
    found = _SAID.search(said)
    return _word(found) if found else "" if _PLAIN.search(said) else None


def are_measures(row: list[str | None]) -> bool:
    """Whether a line says nothing but what columns are measured in."""
    said = [c for c in row if c]
    return bool(said) and all(_MEASURE.match(fold(c)) for c in said)


@lru_cache(maxsize=100_000)
def scaled(cell: str, scale: str) -> str:
    """The full amount; a cell that says what it is in, or is no number, stays as it is."""
    if _EXACT.match(cell):
        full = Decimal(cell.replace(",", ".")) * _SCALES[scale]
        if full == int(full):
            return str(int(full))
    return f"{cell} {scale}" if _WORDLESS.match(cell) else cell


def _word(found: re.Match[str]) -> str:
    return [*_SCALES][next(n for n, group in enumerate(found.groups()) if group)]
