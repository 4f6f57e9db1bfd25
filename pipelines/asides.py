"""Rows that stand aside of a list: a name alone, the heading of a part of a unit, people who left. Told apart once the sender is known.

What a row is by its own words is found in `kinds`; here the rows around it decide.
"""

import re
from dataclasses import dataclass, field

from pipelines.kinds import DATA, LONE
from pipelines.sheets import SheetRead
from pipelines.vietnamese import fold, is_department

_LEFT = re.compile(
    r"^([ivx]+|[a-h]|\d{1,2})?[\s.)/:|-]*(danh sach )?(so |cac )?((cnvcld|cbccvc|cb|nguoi lao dong|nld|doan vien|dv|cong nhan)( cong doan)?,? )*"
    r"(da )?(chuyen (di|cong tac|ra|sinh hoat)|nghi huu|nghi viec|thoi viec|cham dut|ra khoi|tu tran|mat\b(?! tran)|giam\b(?! (doc|thi|sat|hieu|dinh|ho)))"  # no «Mặt trận Tổ quốc», no «Giám đốc»
)
_CAME = re.compile(r"\b(chuyen den|chuyen ve|tang|moi|ket nap)\b")  # such a heading is of people who are there
_NAME = re.compile(r"^[^\W\d_]+( [^\W\d_]+){1,5}$")
_OVER_TITLES = re.compile(
    r"^[(*+-]|^([ivx]+|[a-h]|\d{1,2})[.)/:]|\d$|:$|^(linh vuc|khoi|nhom|cap|phan|muc|cac|danh sach|so|tong|ghi chu|luu y)\b"
)


@dataclass
class Asides:
    """Rows that were not counted and may have been meant to: single ones, and headings with how many rows stand below."""

    alone: list[int] = field(default_factory=list)
    left: list[tuple[int, int]] = field(default_factory=list)


def settle(sheet: SheetRead, is_unit_known: bool) -> Asides:
    """Makes data, or a heading, of every row that says one thing only, and sets people aside who left.

    A name alone is a person of a unit that is known where the list has nothing else, or no numbers and it looks like a name; beside
    numbered and filled rows it is a heading. What looks like a row all the same is told.
    """
    found = Asides()
    kinds = [kind for _, kind, _, _ in sheet.rows]
    if LONE in kinds:
        full = sum(kind == DATA and _says_more(cells) for _, kind, _, cells in sheet.rows)
        is_numbered = sheet.numbered * 2 > full
        for n, (row, kind, line, cells) in enumerate(sheet.rows):
            if kind == LONE:
                said = next((c for c in cells if c), "")
                is_row = is_unit_known and (not full or (not is_numbered and _is_name(said)))
                sheet.rows[n] = (row, DATA, None, cells) if is_row else (row, "group", line, (None,) * len(cells))
                if not is_row and is_unit_known and _may_be_row(sheet, said):
                    found.alone.append(row)
    if sheet.form and sheet.form.form == "members":
        _set_aside(sheet, found)
    return found


def _set_aside(sheet: SheetRead, found: Asides) -> None:
    """Below «II. Chuyển đi trong tháng» nobody is a worker any more, up to the next heading."""
    heading = None
    for n, (row, kind, line, cells) in enumerate(sheet.rows):
        if kind in ("group", "note") and line:
            said = fold(line)
            heading = row if _LEFT.match(said) and not _CAME.search(said) else None
        elif kind == "title":
            heading = None
        elif kind == DATA and heading:
            sheet.rows[n] = (row, "left", " | ".join(filter(None, cells)), (None,) * len(cells))
            if not found.left or found.left[-1][0] != heading:
                found.left.append((heading, 0))
            found.left[-1] = (heading, found.left[-1][1] + 1)


def _says_more(cells: tuple[str | None, ...]) -> bool:
    return len(cells) - cells.count(None) > 1


def _is_name(said: str) -> bool:
    """Whether it looks like a person's: a few words, each with a capital, and no part of a unit."""
    return bool(_NAME.match(said)) and all(w[0].isupper() for w in said.split()) and not is_department(said)


def _may_be_row(sheet: SheetRead, said: str) -> bool:
    """A name, or a title that is no heading."""
    if sheet.form and sheet.form.form == "initiatives":
        return len(said.split()) > 3 and not _OVER_TITLES.search(fold(said)) and not is_department(said)
    return _is_name(said)
