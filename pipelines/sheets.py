"""Reads a workbook into rows with a kind and an address; says which form a sheet is, not what to do with it.

Nothing is typed here: cells become the text an officer would recognise, and SQL types them later.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from pipelines.blank import META_MARK, META_SHEET
from pipelines.forms import Form, forms
from pipelines.vietnamese import fold, periods_in, squash

HEADER_WITHIN = 60  # rows looked at for a header
DATA, TOTAL, LONE = "data", "total", "lone"  # lone: one cell, a name or a heading; only who knows the sender can tell
# the other kinds are ignored rows: title, header, numbering, group, note, signature
_TOTAL = re.compile(r"^(tong cong|tong so|tong|cong)[ :.]*$")
_SIGNATURE = re.compile(
    r"^(nguoi lap|tm\.|kt\.|tl\.|\(ky|ky ten|thu truong|noi nhan|chu tich|pho chu tich|(.*, *)?ngay .* thang .* nam )"
)
_NUMBERING = re.compile(r"^(\(?\d{1,2}\)?|[a-d])$")
_ORDINAL = re.compile(r"^\d+$")
_HEADING = re.compile(r"^([ivx]+|[a-h])\s*[.)/:-]")  # «I. Khối hành chính»
_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_SCALED = re.compile(r"\b(trieu|tr|ty|ti|nghin|ngan|1[. ]?000)")  # a header that says so means other numbers than the form's
_FREE = ("unit", "indicator", "text", "person")  # types whose column may be absent without changing a figure
_UNNAMED = {"stt", "tt", "so tt", "so thu tu"}


class Unreadable(Exception):
    """The bytes are no spreadsheet; the text is the Vietnamese reason for the officer."""


@dataclass
class SheetRead:
    """One sheet as read. `cells` are in the order of `form.columns`; a row is (number, kind, line, cells)."""

    name: str
    index: int
    hidden: bool
    rows_read: int = 0
    form: Form | None = None
    header_row: int | None = None
    meta: dict[str, str] = field(default_factory=dict)  # form, version, unit_code, period of our own hidden sheet
    title_periods: set[str] = field(default_factory=set)
    title_units: list[str] = field(default_factory=list)  # what may be a code or a name in the lines that state the sender
    title_lines: list[str] = field(default_factory=list)  # those lines, without «Đơn vị:»
    nil: bool = False
    missing: list[str] = field(default_factory=list)  # mandatory columns without a header
    absent: list[str] = field(default_factory=list)  # other columns without a header that figures are made of
    unknown: list[str] = field(default_factory=list)  # headers that no form knows
    rows: list[tuple[int, str, str | None, list[str | None]]] = field(default_factory=list)


def read_workbook(path: Path) -> list[SheetRead]:
    """Every sheet of a spreadsheet but our own hidden one; Unreadable when it is none."""
    if path.stat().st_size == 0:
        raise Unreadable("Tệp rỗng (0 byte), xin gửi lại tệp đầy đủ.")
    try:
        book = CalamineWorkbook.from_path(str(path))
        shown = {m.name: m.visible for m in book.sheets_metadata}
        grids = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (CalamineError, OSError, ValueError) as e:
        if "password" in str(e).lower():
            raise Unreadable("Tệp có mật khẩu, xin bỏ mật khẩu rồi gửi lại.") from e
        raise Unreadable("Không mở được tệp như một bảng tính Excel, xin lưu lại bằng Excel rồi gửi lại.") from e
    meta = _meta(grids.get(META_SHEET))
    return [
        _read_sheet(name, i, grid, shown[name] != SheetVisibleEnum.Visible, meta.get(name, {}))
        for i, (name, grid) in enumerate(grids.items())
        if not (name == META_SHEET and meta)
    ]


def text(cell: object) -> str | None:
    """A cell as text: None for empty, whole numbers without point, decimals with a comma, dates as yyyy-mm-dd."""
    if cell == "" or cell is None:
        return None
    if isinstance(cell, str):
        return cell if cell.strip() else None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell))
        plain = f"{cell:.10f}".rstrip("0")
        return (plain + "0" if len(plain.partition(".")[2]) == 3 else plain).replace(".", ",")  # 1,2340 is no 1.234
    if isinstance(cell, datetime):
        return cell.date().isoformat()  # no column of a form holds a time of day
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _meta(grid: list[list] | None) -> dict[str, dict[str, str]]:
    if not grid or not grid[0] or grid[0][0] != META_MARK:
        return {}
    names = ("sheet", "form", "version", "unit_code", "period")
    rows = [dict(zip(names, (text(c) or "" for c in row[1:6]), strict=False)) for row in grid[1:]]
    return {r["sheet"]: r for r in rows if r.get("sheet")}


def _read_sheet(name: str, index: int, grid: list[list], hidden: bool, meta: dict[str, str]) -> SheetRead:
    sheet = SheetRead(name, index, hidden, meta=meta)
    found = _header(grid)
    if found is None:
        sheet.rows_read = sum(any(map(text, row)) for row in grid)
        return sheet
    sheet.form, head, places = found
    sheet.header_row = head + 1
    _compare_columns(sheet, grid[head], places)
    order = [places.get(c.name) for c in sheet.form.columns]
    ended, lonely = False, _lonely(sheet.form)
    empty: list[str | None] = [None] * len(order)
    for i, raw in enumerate(grid):
        if not any(c != "" and c is not None for c in raw):
            continue
        if i > head:
            cells = [text(raw[p]) if p is not None and p < len(raw) else None for p in order]
            ended = ended and not _goes_on(cells, len(places))
            kind = "signature" if ended else _kind(raw, cells, i - head, lonely)
            ended = kind == "signature"
        else:
            kind, cells = "header" if i == head else "title", empty
        if kind == DATA:
            sheet.rows.append((i + 1, kind, None, cells))
            sheet.rows_read += 1
            continue
        words = [t for t in map(text, raw) if t]
        if not words:
            continue
        sheet.rows_read += 1
        sheet.rows.append((i + 1, kind, " | ".join(words), cells if kind in (TOTAL, LONE) else empty))
        _note_line(sheet, kind, words)
    return sheet


def _header(grid: list[list]) -> tuple[Form, int, dict[str, int]] | None:
    """The form, header row and places of columns: the row that names most columns of one form, at least three."""
    best: tuple[int, int, Form, int, dict[str, int]] | None = None
    for i, row in enumerate(grid[:HEADER_WITHIN]):
        if best and i > best[3] + 2:
            break  # a table goes on below its header: rows of data are not asked
        folded = [(j, fold(c)) for j, c in enumerate(row) if isinstance(c, str) and c]
        if len(folded) < 3:
            continue
        for form in forms().values():
            places: dict[str, int] = {}
            for j, key in folded:
                if (name := _column(form, key)) is not None:
                    places.setdefault(name, j)
            must = sum(c.mandatory for c in form.columns if c.name in places)
            if len(places) >= 3 and must and (best is None or (len(places), must) > best[:2]):
                best = (len(places), must, form, i, places)
    return best[2:] if best else None


def _column(form: Form, header: str) -> str | None:
    """The column that a folded header names, also with a remark in brackets: «Mức/suất (đồng)»."""
    names = form.by_header
    bare = _BRACKETS.sub("", header)
    found = names.get(header) or (None if _SCALED.search(header[len(bare) :]) else names.get(bare))
    return found.name if found else None


def _compare_columns(sheet: SheetRead, header: list, places: dict[str, int]) -> None:
    """Which columns of the form the header row lacks, and which headers no form knows."""
    for c in sheet.form.columns if sheet.form else ():
        if c.name not in places and (c.mandatory or c.mandatory_when):
            sheet.missing.append(c.name)
        elif c.name not in places and c.type not in _FREE:
            sheet.absent.append(c.name)
    for h in header:
        key = fold(h) if isinstance(h, str) else ""
        if key and key not in _UNNAMED and not any(_column(f, key) for f in forms().values()):
            sheet.unknown.append(squash(h))


def _lonely(form: Form) -> list[int]:
    """Places of the columns in which a single cell may be a whole row: a name or a title."""
    return [i for i, c in enumerate(form.columns) if c.mandatory and c.type in ("text", "person")]


def _goes_on(cells: list[str | None], columns: int) -> bool:
    """Whether a row below a signature is data again: well filled, and with a figure, which signatures lack."""
    filled = [c for c in cells if c]
    return len(filled) >= min(4, columns) and any(d.isdigit() for c in filled for d in c)


def _kind(raw: list, cells: list[str | None], below_header: int, lonely: list[int]) -> str:
    filled = len(cells) - cells.count(None)
    lead = [t for t in map(text, raw[:4]) if t][:2]
    if filled > 3 and below_header > 2 and lead and not any(_TOTAL.match(fold(w)) for w in lead) and fold(lead[0]) != "vi du":
        return DATA  # nearly every row; the rest of this function is for the others
    words = [t for t in map(text, raw) if t]
    if not words:
        return "note"
    first = fold(words[0])
    if below_header <= 2 and all(_NUMBERING.match(fold(w)) for w in words) and len(words) >= 3:
        return "numbering"
    if _SIGNATURE.match(first) and filled <= 3:
        return "signature"
    if any(_TOTAL.match(fold(w)) for w in words[:2]):
        return TOTAL
    if first == "vi du" or "khong phat sinh" in first:
        return "note"
    if filled == 0:
        return "note"
    if len(words) == 1 and not _ORDINAL.match(words[0]):
        return LONE if any(cells[p] for p in lonely) and not _HEADING.match(first) else "group"
    return DATA


def _note_line(sheet: SheetRead, kind: str, words: list[str]) -> None:
    """What the lines around the table state: period, unit, nil return."""
    for w in words:
        bare = fold(w)
        if bare.startswith("khong phat sinh"):
            sheet.nil |= bare.rstrip(" .:") == "khong phat sinh" or any(fold(o) == "x" for o in words)
        if kind != "title":
            continue
        if "ngay" not in bare and ("ky bao cao" in bare or "thang" in bare):
            sheet.title_periods |= periods_in(w)
        if bare.startswith("don vi") and not bare.startswith("don vi tinh") and ":" in w:
            stated = w.partition(":")[2].strip(" -\t\n\xa0")
            sheet.title_lines.append(stated)
            sheet.title_units += [stated, stated.split(" ")[0], stated.partition(" - ")[2]]
