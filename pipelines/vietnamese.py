"""Vietnamese text as the warehouse needs it: folding for matching, periods, numbers and dates as people read them.

Nothing here knows of forms, tables or files.
"""

import re
import unicodedata
from datetime import date
from functools import lru_cache

_PERIOD = re.compile(
    r"(?<!\d)(?:(?P<y1>20\d\d)\s*[-/.]\s*(?P<m1>0?[1-9]|1[0-2])|(?<![a-z])(?:t|thang)?\s*(?P<m2>0?[1-9]|1[0-2])\s*(?:[-/.]|\s*nam\s*)\s*(?P<y2>20\d\d))(?!\d)"
)
_ONE_OF_TWO = re.compile(  # «tháng 4 và tháng 5 năm 2023», «tháng 4, 5/2023»: the year is of both
    r"\b(?:t|thang)\s*(0?[1-9]|1[0-2])\s*(?:va|den|,|-|&|[+])\s*(?=(?:t|thang)?\s*(?:0?[1-9]|1[0-2])\s*(?:[-/.]|nam)\s*(20\d\d)(?!\d))"
)
_MONTH_SHEET, _YEAR = re.compile(r"^(?:thang|t)[ ._-]?(0?[1-9]|1[0-2])$"), re.compile(r"(?<!\d)20\d\d(?!\d)")
_NO_MONTH = re.compile(
    r"(?<!\d)\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*20\d\d(?!\d)|(?<!\d)20\d\d-\d\d-\d\d(?!\d)"  # a day
    r"|\bq(?:uy)?\.?\s*\d\s*(?:[-/.]|nam)?\s*20\d\d"  # a quarter
)
_EITHER_WAY = re.compile(  # MM-T-01-2023-05: January or May
    r"(?<!\d)(?:0?[1-9]|1[0-2]) *[-.] *20\d\d *[-.] *(?:0?[1-9]|1[0-2])(?! *[-.] *20\d\d|\d)"
)
_DOCUMENT_NUMBER = re.compile(r"\b(?:cv|kh|qd|bc|tb|ttr)(?:\s*so)?[ .:-]*\d{1,4}\s*[-/. ]\s*20\d\d(?!\d)")


@lru_cache(maxsize=100_000)
def fold(text: str) -> str:
    """The key for matching: lower case, no accents, đ as d, single spaces. Equals SQL `vn_key`."""
    if text.isascii():
        return " ".join(text.lower().split())
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d").replace("ð", "d"))
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


# how parts of a unit are called, folded; SQL has it as vn_is_department
DEPARTMENT = r"^(phong|to|khoa|ban|bo phan|bp|phan xuong|px|xuong|doi|khoi|kho|tram|van phong|vp|nhom|day chuyen|chuyen|ca|lop|lanh dao|giam doc|hanh chinh|ke toan|tai chinh|ky thuat|kinh doanh|san xuat|nhan su|bao ve|lai xe|phuc vu|cap duong|y te)([ .:-]|[0-9]|$)"


def squash(text: str) -> str:
    """NFC with every run of white space, no-break space included, made one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def is_department(text: str) -> bool:
    """Whether this is a part of a unit and no unit and no person: «Tổ 3», «Phòng Kế toán», «Ban Giám hiệu»."""
    return bool(re.match(DEPARTMENT, fold(text)))


def periods_in(text: str) -> frozenset[str]:
    """Months a text states, as `YYYY-MM`: 2023-05, 05/2023, 5.2023, T5-2023, Tháng 5 năm 2023; two of «tháng 4, 5/2023».

    A full date such as 31/05/2023 states no period, nor does a quarter.
    """
    bare = _NO_MONTH.sub(" ", fold(text).replace("_", " "))
    also = frozenset(f"{m[2]}-{int(m[1]):02d}" for m in _ONE_OF_TWO.finditer(bare))
    return also | frozenset(f"{m['y1'] or m['y2']}-{int(m['m1'] or m['m2']):02d}" for m in _PERIOD.finditer(bare))


def periods_in_name(path: str) -> frozenset[str]:
    """Months that a file's name and folders state; «CV 12-2023» is the number of a document, «01-2023-05» may be two months."""
    plain = _EITHER_WAY.sub(" ", _DOCUMENT_NUMBER.sub(" ", fold(path).replace("_", " ")))
    each = frozenset().union(*map(periods_in, plain.split("/")))  # «01/2023-05/x» is May in folder 01
    return each or periods_in(plain)


def month_of_sheet(sheet: str, file_name: str) -> frozenset[str]:
    """The month that a sheet is called by, «Tháng 5» or «T5», where its file's name states one year: «Chăm lo năm 2023.xlsx»."""
    named, years = _MONTH_SHEET.match(fold(sheet)), set(_YEAR.findall(file_name))
    return frozenset({f"{years.pop()}-{int(named[1]):02d}"}) if named and len(years) == 1 else frozenset()


def months_between(first: str, last: str) -> int:
    """Months from one `YYYY-MM` to another; negative when the other is earlier."""
    (y1, m1), (y2, m2) = (map(int, p.split("-")) for p in (first, last))
    return (y2 - y1) * 12 + m2 - m1


def number(value: float, decimals: int = 0) -> str:
    """1234567.5 → `1.234.567,5`: dot for thousands, comma for decimals."""
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def spans(rows: list[int]) -> str:
    """Row numbers in order, neighbours as one: 12–15, 20."""
    found: list[list[int]] = []
    for row in rows:
        if found and row == found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in found)


def day(value: date) -> str:
    """dd/mm/yyyy."""
    return f"{value:%d/%m/%Y}"


def month(period: str) -> str:
    """`2023-05` → `05/2023`; other periods in words: `2023-H1` → `6 tháng đầu năm 2023`."""
    year, _, part = period.partition("-")
    if part.isdigit():
        return f"{part}/{year}"
    if part.startswith("Q"):
        return f"quý {['I', 'II', 'III', 'IV'][int(part[1]) - 1]} năm {year}"
    return {"H1": "6 tháng đầu năm ", "H2": "6 tháng cuối năm ", "9M": "9 tháng đầu năm ", "": "năm "}[part] + year
