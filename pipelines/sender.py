"""Whose a sheet is: what its lines, rows and file name say of units, looked up and never guessed.

What waits and what is raised is decided in `intake`; names that nobody knows are matched by a person (`matching`).
"""

import re
from collections import Counter
from pathlib import Path

from pipelines.reference import Registry
from pipelines.sheets import DATA, LONE, SheetRead
from pipelines.vietnamese import fold, squash

_NUMBERED = re.compile(r"^\s*([IVX]+|\d{1,3}|[A-Ha-h])\s*[.)/:-]\s*")
_COUNT = re.compile(
    r"\s*[(:-]\s*\d+\s*(người|đoàn viên|đv|đ/c|đồng chí|suất|hộ|sáng kiến)?\s*\)?[.\s]*$", re.IGNORECASE
)  # «CĐCS Xã Một: 05 người»
_HEADINGS = {"group", "note", "signature", LONE}  # lines among the rows that may name a unit
_WORD = re.compile(r"[^\W\d_]{2}")
_REMARK = re.compile(
    r"[(*]|(ghi chu|chu thich|luu y|vi du|(khong|chua) (co|phat sinh))\b|(tong|cong|tong so|tong cong)( [ivx]+)?\s*[:.\d]"
)
_UNIT = re.compile(r"^|\b(?=cdcs|cong doan|cd |ldld|lien doan)")
_CALLS_UNIT = re.compile(
    r"(cdcs|cong doan|cd )(?!.*\b(viet nam|tinh|nganh)\b)|don vi\b|truong |benh vien |cong ty |ubnd |uy ban "
)
_BLOCK = re.compile(
    r"(khoi|cac|nhom|phan|muc|danh sach|bieu|phu luc)\b"
)  # a heading that calls no unit, and may stand over several


def unit_in_name(file_name: str, registry: Registry) -> str | None:
    """The one unit whose code stands in a file's name."""
    words = Path(file_name).stem.replace("_", " ").split()
    found = {u for w in words if (u := registry.find(w))}
    return found.pop() if len(found) == 1 else None


def stated_units(sheet: SheetRead, registry: Registry) -> set[str]:
    """Senders the hidden cell and the line above the table state."""
    stated = [sheet.meta.get("unit_code"), *sheet.title_units]
    return {u for text in stated if (u := registry.find(text))}


def senders_above(sheet: SheetRead, registry: Registry, told: set[str]) -> set[str]:
    """Who sends a sheet without a line for it: its letterhead, where the rows are of units below or of none, else the one `told` beside it.

    A letterhead with a unit in it that nobody knows may be that unit's own, so its rows decide.
    """
    of_rows, letter = sender_of_rows(sheet, registry), letterhead_units(sheet, registry)
    if not of_rows:
        return letter or (told if len(told) == 1 else set())
    unknown = any(_CALLS_UNIT.match(words) and not _ends_with_unit(words, registry) for words in map(fold, sheet.title_cells))
    return letter if not unknown and any(u != of_rows and u in registry.ancestors(of_rows) for u in letter) else set()


def union_of(unit: str | None, registry: Registry) -> str | None:
    """The union right above a grassroots unit, which sends for it and for others; the unit itself where only the province is above."""
    above = registry.ancestors(unit)[1:2] if unit and registry.levels.get(unit) == "grassroots" else []
    return above[0] if above and above[0] != registry.province else unit


def letterhead_units(sheet: SheetRead, registry: Registry) -> set[str]:
    """The lowest unit that the lines above a table call by its whole name, where the others are above it; the province writes no return so."""
    found = {u for cell in sheet.title_cells if (u := _ends_with_unit(fold(cell), registry))}
    lowest = {u for u in found if not any(u != v and u in registry.ancestors(v) for v in found)}
    return lowest - {registry.province} if len(lowest) == 1 else set()


def _ends_with_unit(words: str, registry: Registry) -> str | None:
    """«danh sach doan vien cdcs xa mot» → the unit called «cdcs xa mot»."""
    return next((u for m in _UNIT.finditer(words) if (u := registry.spellings.get(words[m.start() :]))), None)


def sender_of_rows(sheet: SheetRead, registry: Registry) -> str | None:
    """The unit all rows are of, else the nearest unit all rows are under; None when no row names a known unit."""
    units = {u for text in set(row_units(sheet)) if (u := registry.find(text))}
    if not units:
        return None
    lines = [registry.ancestors(u) for u in sorted(units)]
    return next((u for u in lines[0] if all(u in line for line in lines)), registry.province)


def spread_headings(sheet: SheetRead, registry: Registry, is_of_one: bool) -> bool:
    """A unit named once above a group of rows stands in each of them that names none; the next line of words ends it, no remark does.

    Rows below a name nobody knows bear that name and wait for it, unless the sheet `is_of_one` unit; says whether there are any.
    """
    at = next(i for i, c in enumerate(sheet.form.columns if sheet.form else ()) if c.type == "unit")
    if not any(kind == LONE or (kind == DATA and cells[at] is None) for _, kind, _, cells in sheet.rows):
        return False
    rows, above, known, strange = iter(_said(sheet)), None, True, False
    for n, (row, kind, line, cells) in enumerate(sheet.rows):
        if kind in _HEADINGS and line and _WORD.search(line) and not _REMARK.match(fold(line)):
            above = _named_in(line, registry)
            known = above is not None
            if known and kind == LONE:
                sheet.rows[n] = (row, "group", line, (None,) * len(cells))
            elif not known and not is_of_one and kind != "signature":
                above = None if _BLOCK.match(fold(_bare(line))) else _bare(line)
        elif kind == DATA and next(rows) == (None, None):
            strange |= not known
            if above:
                sheet.rows[n] = (row, kind, line, (*cells[:at], above, *cells[at + 1 :]))
    return strange and not is_of_one


def _named_in(heading: str, registry: Registry) -> str | None:
    """How a heading calls a unit: «II. CĐCS Xã Một», «II | CĐCS Xã Một (5 người)», «Đơn vị: MM-A-01»; None when it calls none."""
    cells = [said for cell in heading.split(" | ") for said in (cell, _COUNT.sub("", cell))]
    names = (heading, *(name for cell in cells for name in (cell, _NUMBERED.sub("", cell), cell.partition(":")[2])))
    return next((name.strip() for name in names if registry.find(name.strip())), None)


def _bare(heading: str) -> str:
    """What a heading says without its number, and without what the rows below come to."""
    said = [cell for cell in heading.split(" | ") if _WORD.search(cell)]
    return _NUMBERED.sub("", said[-1]).strip()


def row_units(sheet: SheetRead) -> list[str | None]:
    """What each data row says of its unit: the cell of the code, where that is empty the name beside it."""
    return [code or name for code, name in _said(sheet)]


def names_strangers(sheet: SheetRead, registry: Registry) -> bool:
    """Whether a row without a code has a name beside it that nobody knows: not all rows are of the unit of the others."""
    return any(not registry.find(name) for name in {name for code, name in _said(sheet) if name and not code})


def unit_names(sheet: SheetRead) -> dict[str, int]:
    """How a sheet calls its sender and the units of its rows → how many rows wait for that name."""
    rows = row_units(sheet)
    waiting = Counter(squash(text) for text in rows if text)
    for line in sheet.title_lines:
        code, _, name = line.partition(" - ")  # «MM-A - LĐLĐ huyện An»; «Phòng Tài chính - Kế hoạch» is one name
        waiting[squash(name if name and " " not in code else line)] = len(rows)
    waiting.pop("", None)
    return dict(waiting)


def _said(sheet: SheetRead) -> list[tuple[str | None, str | None]]:
    """Code and name of the unit as each data row has them."""
    columns = sheet.form.columns if sheet.form else ()
    places = {c.name: i for i, c in enumerate(columns)}
    unit = next(c for c in columns if c.type == "unit")
    code, name = places[unit.name], places[unit.named_by] if unit.named_by else None
    return [(cells[code], cells[name] if name is not None else None) for _, kind, _, cells in sheet.rows if kind == DATA]
