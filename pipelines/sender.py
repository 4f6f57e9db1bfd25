"""Whose a sheet is: what its lines, rows and file name say of units, looked up and never guessed.

What waits and what is raised is decided in `intake`; names that nobody knows are matched by a person (`matching`).
"""

import re
from collections import Counter
from pathlib import Path

from pipelines.reference import Registry
from pipelines.sheets import DATA, SheetRead
from pipelines.vietnamese import fold, squash

_NUMBERED = re.compile(r"^\s*([IVX]+|\d{1,3}|[A-Ha-h])\s*[.)/:-]\s*")

_REMARKS = ("(", "*", "ghi chu", "chu thich", "luu y")


def unit_in_name(file_name: str, registry: Registry) -> str | None:
    """The one unit whose code stands in a file's name."""
    words = Path(file_name).stem.replace("_", " ").split()
    found = {u for w in words if (u := registry.find(w))}
    return found.pop() if len(found) == 1 else None


def stated_units(sheet: SheetRead, registry: Registry) -> set[str]:
    """Senders the hidden cell and the line above the table state."""
    stated = [sheet.meta.get("unit_code"), *sheet.title_units]
    return {u for text in stated if (u := registry.find(text))}


def sender_of_rows(sheet: SheetRead, registry: Registry) -> str | None:
    """The unit all rows are of, else the nearest unit all rows are under; None when no row names a known unit."""
    units = {u for text in set(row_units(sheet)) if (u := registry.find(text))}
    if not units:
        return None
    lines = [registry.ancestors(u) for u in sorted(units)]
    return next((u for u in lines[0] if all(u in line for line in lines)), registry.province)


def spread_headings(sheet: SheetRead, registry: Registry) -> None:
    """A unit named once above a group of rows stands in each of them that names none.

    The next lone line ends it, also one that calls a unit nobody knows: its rows would go to the wrong unit. A remark does not.
    """
    if not any(kind in ("group", "note") for _, kind, _, _ in sheet.rows):
        return
    columns = sheet.form.columns if sheet.form else ()
    at = next(i for i, c in enumerate(columns) if c.type == "unit")
    rows, above = iter(_said(sheet)), None
    for n, (row, kind, line, cells) in enumerate(sheet.rows):
        if kind in ("group", "note"):
            above = _named_in(line or "", registry) or (above if fold(line or "").startswith(_REMARKS) else None)
        elif kind == DATA and next(rows) == (None, None) and above:
            sheet.rows[n] = (row, kind, line, (*cells[:at], above, *cells[at + 1 :]))


def _named_in(heading: str, registry: Registry) -> str | None:
    """How a heading calls a unit: «II. CĐCS Xã Một», «II | CĐCS Xã Một», «Đơn vị: MM-A-01»; None when it calls none."""
    tail = heading.rpartition(" | ")[2]
    names = (heading, tail, _NUMBERED.sub("", tail), tail.partition(":")[2])
    return next((name.strip() for name in names if registry.find(name.strip())), None)


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
