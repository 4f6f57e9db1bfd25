"""Reads a workbook into rows with a kind and an address; says which form a sheet is, not what to do with it.

Nothing is typed here: cells are the text an officer would recognise, and SQL types them later. Line come from `grids`, the
place of columns from `headers`.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from pipelines.forms import META_MARK, META_SHEET, Form, forms
from pipelines.grids import Grid, Row, letters, read_grids
from pipelines.headers import Columns, Line, find_header
from pipelines.mending import mend
from pipelines.vietnamese import fold, periods_in

DATA, TOTAL, SUBTOTAL, LONE = (
    "data",
    "total",
    "subtotal",
    "lone",
)  # lone: one cell, a name or a heading; only who knows the sender can tell
# the other kinds are ignored rows: title, header, numbering, group, note, signature
_TOTAL = re.compile(r"^(tong cong|tong so|tong|cong)[ :.]*$")
_SUBTOTAL = re.compile(r"^(tong cong|tong so|tong|cong)\b")
_OTHER, _OTHER_KIND = "TtCcVv \u00a0", re.compile(r"^(tong|cong|vi du)\b")  # how a row that is no data may begin
_COUNTED = ("count", "money", "number")
_SIGNATURE = re.compile(
    r"^(nguoi lap|tm\.|kt\.|tl\.|\(ky|ky ten|thu truong|noi nhan|chu tich|pho chu tich|(.*, *)?ngay .* thang .* nam )"
)
_NUMBERING = re.compile(r"^(\(?\d{1,2}\)?|[a-d])$")
_ORDINAL = re.compile(r"^\d+$")
_ORDER = re.compile(r"^([IVX]+|[A-H])\.?$")
_HEADING = re.compile(r"^([ivx]+|[a-h])\s*[.)/:-]")  # «I. Khối hành chính»


@dataclass
class SheetRead:
    """One sheet as read. `cells` are in the order of `form.columns`; a row is (number, kind, line, cells)."""

    name: str
    index: int
    hidden: bool
    hidden_rows: int = 0
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
    mended: Counter[str] = field(default_factory=Counter)  # cells made Unicode again, by what was wrong
    as_received: dict[int, dict[str, str]] = field(default_factory=dict)  # row → Excel column → the cell before that
    rows: list[tuple[int, str, str | None, Line]] = field(default_factory=list)


def read_workbook(path: Path) -> list[SheetRead]:
    """Every sheet of a file but our own hidden one; Unreadable when it is no table."""
    grids = read_grids(path)
    mend(path, grids)
    meta = _meta(next((g.rows for g in grids if g.name == META_SHEET), []))
    return [_read_sheet(i, g, meta.get(g.name, {})) for i, g in enumerate(grids) if not (g.name == META_SHEET and meta)]


def _meta(rows: list[Row]) -> dict[str, dict[str, str]]:
    if not rows or not rows[0] or rows[0][0] != META_MARK:
        return {}
    names = ("sheet", "form", "version", "unit_code", "period")
    found = [dict(zip(names, (c or "" for c in row[1:6]), strict=False)) for row in rows[1:]]
    return {r["sheet"]: r for r in found if r.get("sheet")}


def _read_sheet(index: int, grid: Grid, meta: dict[str, str]) -> SheetRead:
    sheet = SheetRead(grid.name, index, grid.hidden, grid.hidden_rows, meta=meta, mended=grid.mended)
    for (i, j), was in sorted(grid.originals.items()):
        sheet.as_received.setdefault(i + 1, {})[letters(j)] = was
    header = find_header(grid.rows)
    if header is None:
        sheet.rows_read = sum(any(row) for row in grid.rows)
        return sheet
    columns = header.columns
    sheet.form, sheet.header_row = columns.form, header.first + 1
    sheet.missing, sheet.absent, sheet.unknown = columns.missing, columns.absent, columns.unknown
    pick, ended, look = columns.pick, False, _places(sheet.form.form)
    empty: Line = (None,) * len(sheet.form.columns)
    for i, raw in enumerate(grid.rows):
        if not any(raw):
            continue
        if i > header.last:
            cells = _join_parts(columns, raw, pick(raw)) if columns.parts else pick(raw)
            ended = ended and not _goes_on(cells, len(columns.named))
            kind = "signature" if ended else _kind(raw, cells, i - header.last, look)
            ended = kind == "signature"
        else:
            kind, cells = "header" if i >= header.first else "title", empty
        sheet.rows_read += 1
        if kind == DATA:
            sheet.rows.append((i + 1, kind, None, cells))
            continue
        words = tuple(filter(None, raw))
        sheet.rows.append((i + 1, kind, " | ".join(words), cells if kind in (TOTAL, SUBTOTAL, LONE) else empty))
        _note_line(sheet, kind, words)
    _tell_totals_apart(sheet)
    return sheet


def _join_parts(columns: Columns, raw: Row, picked: Line) -> Line:
    """Puts together what stands in sub-columns: the date under «Nam» is a man's; a mark under «Nữ» is the answer «Nữ»."""
    at, cells = {c.name: n for n, c in enumerate(columns.form.columns)}, list(picked)
    for name, parts in columns.parts.items():
        filled = [(label, raw[j]) for label, j in parts if j < len(raw) and raw[j]]
        by = columns.form.column(name).parted_by or name
        labels = " ".join(label for label, _ in filled) or None  # two of them are no answer, which a rule then says
        if by != name:
            cells[at[name]] = " ".join(c for _, c in filled if c) or None
        cells[at[by]] = cells[at[by]] or labels
    return tuple(cells)


def _tell_totals_apart(sheet: SheetRead) -> None:
    """Of several totals one is the sheet's: «Tổng cộng» before «Cộng», else the last; the others are sub-totals."""
    said = [(n, fold(row[2] or "")) for n, row in enumerate(sheet.rows) if row[1] == TOTAL]
    if len(said) > 1:
        whole = [n for n, words in said if "tong cong" in words] or [n for n, _ in said]
        for n, _ in said:
            if n != whole[-1]:
                sheet.rows[n] = (sheet.rows[n][0], SUBTOTAL, *sheet.rows[n][2:])


@cache
def _places(form: str) -> tuple[list[int], list[int]]:
    """What of a form decides the kind of a row: where a lone name may stand, and which columns hold figures."""
    columns = list(enumerate(forms()[form].columns))
    lonely = [i for i, c in columns if c.mandatory and c.type in ("text", "person")]
    return lonely, [i for i, c in columns if c.type in _COUNTED]


def _goes_on(cells: Line, columns: int) -> bool:
    """Whether a row below a signature is data again: well filled, and with a figure, which signatures lack."""
    filled = [c for c in cells if c]
    return len(filled) >= min(4, columns) and any(d.isdigit() for c in filled for d in c)


def _kind(raw: Row, cells: Line, below_header: int, look: tuple[list[int], list[int]]) -> str:
    filled = len(cells) - cells.count(None)
    if filled > 3 and below_header > 2 and (lead := [c for c in raw[:4] if c]):
        for w in lead[:2]:
            if w[0] in _OTHER and _OTHER_KIND.match(fold(w)):
                break
        else:
            return DATA  # nearly every row; the rest of this function is for the others
    (lonely, figures), words = look, [c for c in raw if c]
    first = fold(words[0])
    if below_header <= 2 and all(_NUMBERING.match(fold(w)) for w in words) and len(words) >= 3:
        return "numbering"
    if _SIGNATURE.match(first) and filled <= 3:
        return "signature"
    for w in words[:2]:
        if _TOTAL.match(fold(w)):
            return TOTAL
        if _SUBTOTAL.match(fold(w)) and filled - sum(cells[i] is not None for i in figures) <= (w in cells):
            return SUBTOTAL if any(cells[i] for i in figures) else "note"
    if len(words) == 1 and _HEADING.match(first):
        return "group"
    if first == "vi du" or "khong phat sinh" in first or filled == 0:
        return "note"
    if _ORDER.match(words[0]) and len(words) == 2 and words[1].count(" "):
        return "group"  # «II | Khối xã»
    if len(words) == 1 and not _ORDINAL.match(words[0]):
        return LONE if any(cells[p] for p in lonely) else "group"
    return DATA


def _note_line(sheet: SheetRead, kind: str, words: tuple[str, ...]) -> None:
    """What the lines around the table state: period, unit, nil return."""
    sheet.nil |= _is_nil(words)
    if kind == "title":
        periods, senders = _title(words)
        sheet.title_periods |= periods
        sheet.title_lines += senders
        sheet.title_units += [u for s in senders for u in (s, s.split(" ")[0], s.partition(" - ")[2])]


@lru_cache(maxsize=10_000)  # the same lines stand in hundreds of returns
def _is_nil(words: tuple[str, ...]) -> bool:
    said = [bare for bare in map(fold, words) if bare.startswith("khong phat sinh")]
    return any(bare.rstrip(" .:") == "khong phat sinh" for bare in said) or bool(said and "x" in map(fold, words))


_SENDER_LABELS = ("don vi", "ten don vi", "cong doan co so", "cdcs")
_MONTH_CELL = re.compile(r"^(20\d\d-\d\d)-01$")  # «05/2023» typed into a cell is the first of May to Excel


@lru_cache(maxsize=10_000)
def _title(words: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Months and senders that a line of the title states, in one cell or with the label in a cell of its own."""
    said: list[str] = []
    for word in words:
        if said and said[-1].rstrip().endswith(":"):
            said[-1] += " " + _MONTH_CELL.sub(r"\1", word)
        else:
            said.append(word)
    lines = [(w, fold(w)) for w in said]
    months = [periods_in(w) for w, bare in lines if "ngay" not in bare and ("ky bao cao" in bare or "thang" in bare)]
    senders = [w for w, bare in lines if bare.startswith(_SENDER_LABELS) and not bare.startswith("don vi tinh") and ":" in w]
    return frozenset().union(*months), tuple(w.partition(":")[2].strip(" -\t\n\xa0") for w in senders)
