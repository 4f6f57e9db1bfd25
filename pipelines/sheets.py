"""Reads a workbook into rows with a kind and an address; says which form a sheet is, not what to do with it.

Nothing is typed here: cells are the text an officer would recognise, and SQL types them later. Lines come from `grids`, the
place of columns from `headers`, the kind of a row from `kinds`.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pipelines.forms import META_MARK, META_SHEET, Form
from pipelines.grids import Grid, Merges, Row, letters, read_grids
from pipelines.headers import Columns, Header, Line, find_header, header_again, nearly_header
from pipelines.kinds import (
    DATA,
    DITTO,
    LONE,
    SUBTOTAL,
    TO_DATE,
    TOTAL,
    Places,
    breaks_down,
    goes_on,
    kind_of,
    places,
    says_nil,
    says_none,
    says_zero,
)
from pipelines.mending import mend
from pipelines.parts import join
from pipelines.scales import scale_above, scaled
from pipelines.vietnamese import fold, periods_in

CONTROLS = (TOTAL, SUBTOTAL, TO_DATE)  # rows that are kept with their figures and never loaded


@dataclass
class SheetRead:
    """One sheet as read. `cells` are in the order of `form.columns`; a row is (number, kind, line, cells)."""

    name: str
    index: int
    hidden: bool
    hidden_rows: int = 0
    rows_read: int = 0
    numbered: int = 0  # data rows that begin with their number
    form: Form | None = None
    nearly: tuple[int, Form, list[str]] | None = (
        None  # of no form, yet like one: its header's row from 0, the form, what it lacks
    )
    header_row: int | None = None
    meta: dict[str, str] = field(default_factory=dict)  # form, version, unit_code, period of our own hidden sheet
    title_periods: set[str] = field(default_factory=set)
    title_units: list[str] = field(default_factory=list)  # what may be a code or a name in the lines that state the sender
    title_cells: list[str] = field(default_factory=list)  # every cell above the table
    title_lines: list[str] = field(default_factory=list)  # those lines, without «Đơn vị:»
    nil: bool = False
    missing: list[str] = field(default_factory=list)  # mandatory columns without a header
    absent: list[str] = field(default_factory=list)  # other columns without a header that figures are made of
    twice: dict[int, str] = field(default_factory=dict)  # columns not read, since one before has their name → that name
    unknown: list[str] = field(default_factory=list)  # headers that no form knows
    assumed: dict[str, str] = field(default_factory=dict)  # columns that are not there → what every row was taken to say
    scales: dict[str, str] = field(default_factory=dict)  # columns of money → what it is in other than đồng
    others: list[tuple[int, str]] = field(default_factory=list)  # tables of other forms below: row, what the form is called
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
        sheet.rows_read, sheet.nearly = sum(any(row) for row in grid.rows), nearly_header(grid.rows)
        return sheet
    sheet.form, sheet.header_row = header.columns.form, header.first + 1
    sheet.missing = header.columns.missing
    _read_rows(sheet, grid.rows, header, grid.merges)
    _tell_totals_apart(sheet)
    sheet.nil = sheet.nil or _has_none(sheet)
    return sheet


def _read_rows(sheet: SheetRead, rows: list[Row], header: Header, merges: Merges) -> None:
    """Every row with its kind: those below a header by what it names, until the next one."""
    columns, pick, look = _begin_table(sheet, rows, header)
    empty: Line = (None,) * len(columns.form.columns)
    form, last, over = sheet.form, header.last, _merged_cells(header, rows, merges)
    ended, among, before = False, False, empty
    for i, raw in enumerate(rows):
        if not any(raw):
            continue
        if i > last and not ((first := raw[0]) and first[-1].isdigit()) and (again := header_again(rows, i)):
            _join_titles(sheet)
            header, last, ended, among = again, again.last, False, False
            columns, pick, look = _begin_table(sheet, rows, header)
            over, before = _merged_cells(header, rows, merges), empty
        cells = empty
        if i <= last:
            kind = "header" if i >= header.first else "title"
        elif columns.form is not form:
            kind = "other"
        else:
            cells = join(form, columns.joined, raw, pick(raw)) if columns.joined else pick(raw)
            ended = ended and not goes_on(raw, cells, len(columns.named))
            kind = "signature" if ended else kind_of(raw, cells, i - last, look)
            ended = kind == "signature"
            among = breaks_down(raw, look) or (among and not goes_on(raw, cells, len(columns.named)))
            kind = "note" if among and kind in (DATA, LONE, SUBTOTAL, TO_DATE) else kind
        sheet.rows_read += 1
        if sheet.scales and kind in (DATA, *CONTROLS):
            cells = _in_full(sheet, i, columns.places, cells)
        if kind == DATA:
            for j, name in columns.twice.items() if columns.twice else ():
                if j < len(raw) and raw[j] and raw[j] not in cells:
                    sheet.twice[j] = columns.form.column(name).label
            if columns.assumed:
                cells = tuple(columns.assumed.get(n, cell) for n, cell in enumerate(cells))
            if i in over:
                cells = tuple(cell or above for cell, above in zip(cells, over[i], strict=True))
            if not DITTO.isdisjoint(cells):
                cells = _as_above(sheet, i, columns.places, cells, before)
            before = cells
            sheet.numbered += (raw[0] or (raw[1] if len(raw) > 1 else None) or "").isdigit()
            sheet.rows.append((i + 1, kind, None, cells))
            continue
        words = tuple(filter(None, raw))
        sheet.rows.append((i + 1, kind, " | ".join(words), cells if kind in (*CONTROLS, LONE) else empty))
        _note_line(sheet, kind, words)


def _as_above(sheet: SheetRead, i: int, places: dict[str, int], cells: Line, before: Line) -> Line:
    """The row with «nt» and other ditto marks written out; what the cells were stays in `as_received`."""
    found = list(cells)
    for n, c in enumerate(sheet.form.columns if sheet.form else ()):
        if (cell := cells[n]) in DITTO and before[n] and c.name in places:
            found[n] = before[n]
            sheet.as_received.setdefault(i + 1, {}).setdefault(letters(places[c.name]), str(cell))
    return tuple(found)


def _begin_table(sheet: SheetRead, rows: list[Row], header: Header) -> tuple[Columns, Callable[[Row], Line], Places]:
    """Takes in a header of the sheet's form, or notes that one of another form stands there; what its rows are read by."""
    columns = header.columns
    if columns.form is sheet.form:
        sheet.absent += [c for c in columns.absent if c not in sheet.absent]
        sheet.unknown += [name for name in columns.unknown if name not in sheet.unknown]
        sheet.scales = _scales(header, rows)
        sheet.assumed |= {columns.form.columns[n].label: said for n, said in columns.assumed.items()}
    else:
        sheet.others.append((header.first + 1, columns.form.label))
    return columns, columns.pick, places(columns.form.form)


def _merged_cells(header: Header, rows: list[Row], merges: Merges) -> dict[int, Line]:
    """Row → what merged cells say of it that it stands beside: unit, answer, date or number of a decision, never a figure or a person."""
    over: dict[int, Line] = {}
    columns = header.columns.form.columns
    below = [m for m in merges if header.last + 1 < m[0] <= len(rows)]
    units = {c.named_by for c in columns if c.type == "unit"}
    for n, c in enumerate(columns) if below else ():
        at = header.columns.places.get(c.name)
        of_all = (
            c.name in units
            or c.type in ("unit", "code", "yes_no")
            or (c.type in ("date", "text") and c.privacy == "open" and not c.mandatory)
        )
        for first, last, left, _ in (m for m in below if at is not None and of_all and m[2] <= at + 1 <= m[3]):
            cell = rows[first - 1][left - 1] if left <= len(rows[first - 1]) else None
            for i in range(first, min(last, len(rows))):
                above = over.get(i, (None,) * len(columns))
                over[i] = (*above[:n], cell, *above[n + 1 :])
    return over


def _join_titles(sheet: SheetRead) -> None:
    """The months that lines above one more table state are the sheet's too."""
    for _, kind, line, _ in reversed(sheet.rows):
        if kind in (DATA, *CONTROLS, "header", "other"):
            break
        sheet.title_periods |= _title(tuple((line or "").split(" | ")))[0]


def _has_none(sheet: SheetRead) -> bool:
    """Whether a sheet without rows says that there are none."""
    return not any(kind == DATA for _, kind, _, _ in sheet.rows) and any(
        says_none(said) or (row[1] == "note" and says_zero(said))
        for row in sheet.rows
        if row[2] and (said := row[2].split(" | "))
    )


def _scales(header: Header, rows: list[Row]) -> dict[str, str]:
    """Columns of money that are in other than đồng; what a column says of itself goes before what stands above the table."""
    above = next((s for row in rows[: header.first] if any(row) and (s := scale_above(tuple(filter(None, row))))), "")
    columns = header.columns
    said = {
        c.name: header.scales.get(c.name, above) for c in columns.form.columns if c.type == "money" and c.name in columns.places
    }
    return {name: scale for name, scale in said.items() if scale}


def _in_full(sheet: SheetRead, i: int, places: dict[str, int], cells: Line) -> Line:
    """The row with its money in đồng; what the cells were stays in `as_received`."""
    found = list(cells)
    for n, c in enumerate(sheet.form.columns if sheet.form else ()):
        if c.name in sheet.scales and (cell := cells[n]) and (full := scaled(cell, sheet.scales[c.name])) != cell:
            found[n] = full
            sheet.as_received.setdefault(i + 1, {}).setdefault(letters(places[c.name]), cell)
    return tuple(found)


def _tell_totals_apart(sheet: SheetRead) -> None:
    """Of several totals one is the sheet's: «Tổng cộng» before «Cộng», else the last; the others are sub-totals.

    One above all rows is the sheet's too where that one stands below them all.
    """
    said = [(n, fold(row[2] or "")) for n, row in enumerate(sheet.rows) if row[1] == TOTAL]
    if len(said) < 2:
        return
    whole = [n for n, words in said if "tong cong" in words] or [n for n, _ in said]
    data = [n for n, row in enumerate(sheet.rows) if row[1] == DATA]
    first, words = said[0]
    on_top = bool(data) and first < data[0] and whole[-1] > data[-1] and (not words.startswith("cong") or len(said) == 2)
    on_top = on_top and not any(row[1] == "header" for row in sheet.rows[first:])  # else it is of the first table alone
    for n, _ in said:
        if n != whole[-1] and not (on_top and n == first):
            sheet.rows[n] = (sheet.rows[n][0], SUBTOTAL, *sheet.rows[n][2:])


def _note_line(sheet: SheetRead, kind: str, words: tuple[str, ...]) -> None:
    """What the lines around the table state: period, unit, nil return."""
    sheet.nil |= kind != "other" and says_nil(words)
    if kind == "title":
        periods, senders = _title(words)
        sheet.title_periods |= periods
        sheet.title_lines += senders
        sheet.title_cells += words
        sheet.title_units += [u for s in senders for u in (s, s.split(" ")[0], s.partition(" - ")[2])]


_SENDER_LABELS = ("don vi", "ten don vi", "cong doan co so", "cdcs")
_OF_ANOTHER = ("don vi nhan", "don vi chu quan", "don vi cap tren")
_DAY = re.compile(r"\bngay[\s.…_]*\d{0,2}[\s.…_]*thang[\s.…_]*\d{1,2}[\s.…_]*nam[\s.…_]*20\d\d")
_AHEAD = re.compile(r"\b(phuong huong|nhiem vu|ke hoach|chuong trinh)\b[^\d]{0,40}\d{1,2}\s*([-/.]|nam)\s*20\d\d")
_REFERENCE = re.compile(r"^\W*(kem theo|can cu|theo cong van)\b")  # the date of another document
_MONTH_CELL = re.compile(r"^(20\d\d-\d\d)-01$")  # «05/2023» typed into a cell is the first of May to Excel


@lru_cache(maxsize=10_000)  # the same lines stand in hundreds of returns
def _title(words: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Months and senders that a line of the title states, in one cell or with the label in a cell of its own."""
    said: list[str] = []
    for word in words:
        if said and said[-1].rstrip().endswith(":"):
            said[-1] += " " + _MONTH_CELL.sub(r"\1", word)
        else:
            said.append(word)
    lines = [(w, fold(w)) for w in said]
    stating = [_AHEAD.sub(" ", _DAY.sub(" ", bare)) for _, bare in lines if not _REFERENCE.match(bare)]
    months = [periods_in(bare) for bare in stating if "ky bao cao" in bare or "thang" in bare]
    senders = [w for w, bare in lines if ":" in w and bare.startswith(_SENDER_LABELS) and not _is_another(w, bare)]
    return frozenset().union(*months), tuple(w.partition(":")[2].strip(" -\t\n\xa0") for w in senders)


def _is_another(word: str, bare: str) -> bool:
    """Whether what is called «Đơn vị …» is a measure, or a unit that does not send."""
    return bare.startswith(("don vi tinh", *_OF_ANOTHER)) or scale_above((word,)) is not None
