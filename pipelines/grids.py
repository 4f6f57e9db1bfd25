"""The cells of a file as text, whatever its format: one grid a sheet. What they mean is not known here.

Spreadsheets are read by python-calamine, everything else as csv with whatever delimiter and encoding it has.
"""

import csv
import io
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from pipelines.legacy_text import suspect
from pipelines.xlsx_parts import LARGEST, Part, Unreadable, unusual

Row = list[str | None]
Merges = tuple[tuple[int, int, int, int], ...]  # cells merged over rows: first and last row, first and last column, from 1
_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0"
_TABLE_LINES = 60  # lines looked at for a delimiter


@dataclass
class Grid:
    """One sheet: rows of cells from A1 on, None for an empty one."""

    name: str
    rows: list[Row]
    hidden: bool = False
    hidden_rows: int = 0
    merges: Merges = ()
    originals: dict[tuple[int, int], str] = field(default_factory=dict)  # cells that were repaired, as received
    mended: Counter[str] = field(default_factory=Counter)  # how many, by what was wrong


def read_grids(path: Path) -> list[Grid]:
    """Every sheet of a spreadsheet, or the one nameless sheet of a csv; Unreadable when it is neither.

    What a file is, its bytes say and not its name: Excel opens an .xlsx called .xls too.
    """
    if path.stat().st_size > LARGEST:
        raise Unreadable("Tệp quá lớn, xin gửi lại tệp chỉ có bảng số liệu.")
    content = path.read_bytes()
    if not content:
        raise Unreadable("Tệp rỗng (0 byte), xin gửi lại tệp đầy đủ.")
    if content.startswith((_ZIP, _OLE)):
        return _workbook(content)
    return [Grid("", _csv_rows(content, path.suffix))]


def _workbook(content: bytes) -> list[Grid]:
    parts = unusual(content) if content.startswith(_ZIP) else {}
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        grids = []
        for i, m in enumerate(book.sheets_metadata):
            part = parts.get(i, Part())
            rows = [_row(r) for r in book.get_sheet_by_index(i).to_python(skip_empty_area=False)]
            for (row, column), error in part.errors:  # the reader gives them as empty
                if row <= len(rows) and column <= len(rows[row - 1]):
                    rows[row - 1][column - 1] = error
            grids.append(Grid(m.name, rows, m.visible != SheetVisibleEnum.Visible, part.hidden_rows, part.merges))
        return grids
    except (CalamineError, OSError, ValueError) as e:
        if "password" in str(e).lower():
            raise Unreadable("Tệp có mật khẩu, xin bỏ mật khẩu rồi gửi lại.") from e
        raise Unreadable("Không mở được tệp như một bảng tính Excel, xin lưu lại bằng Excel rồi gửi lại.") from e


def _row(cells: list) -> Row:
    return [(c if c and not c.isspace() else None) if c.__class__ is str else text(c) for c in cells]


@lru_cache(maxsize=100_000, typed=True)  # typed: True is no 1.0
def text(cell: object) -> str | None:
    """A cell as text: None for empty, whole numbers without point, decimals with a comma, dates as yyyy-mm-dd."""
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell))
        plain = f"{cell:.10f}".rstrip("0")
        return (plain + "0" if len(plain.partition(".")[2]) == 3 else plain).replace(".", ",")  # 1,2340 is no 1.234
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return cell.date().isoformat()  # no column of a form holds a time of day
    return cell.isoformat() if isinstance(cell, date) else None if cell is None else str(cell)


def letters(column: int) -> str:
    """0 → A, 26 → AA: how Excel calls a column."""
    return (letters(column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)


# ---- csv


def delimiter(lines: list[str]) -> str:
    """Of semicolon, tab and comma, the one that a line has most of; Excel with Vietnamese settings writes semicolons."""
    return max(",;\t", key=lambda d: max((line.count(d) for line in lines), default=0))


def _csv_rows(content: bytes, suffix: str) -> list[Row]:
    text = _decoded(content)
    lines = text.splitlines()[:_TABLE_LINES]
    by = delimiter(lines)
    if suffix.lower() not in (".csv", ".tsv", ".txt") and max((line.count(by) for line in lines), default=0) < 2:
        raise Unreadable("Không mở được tệp như một bảng tính Excel, xin lưu lại bằng Excel rồi gửi lại.")
    try:
        return [_row(r) for r in csv.reader(io.StringIO(text, newline=""), delimiter=by)]  # a quoted cell may hold line breaks
    except csv.Error as e:
        raise Unreadable("Không đọc được tệp csv này, xin lưu lại thành tệp Excel rồi gửi lại.") from e


def _decoded(content: bytes) -> str:
    """Text by its byte order mark, else UTF-8, else windows-1258, whose tone marks are letters of their own.

    What that makes no Vietnamese of is left as it is, for `mending` to find the encoding.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if content[1:2] == b"\0" or content[:1] == b"\0":
        return content.decode("utf-16-be" if content[:1] == b"\0" else "utf-16-le", "replace")
    if b"\0" in content:
        raise Unreadable("Tệp này không phải là bảng tính, xin gửi lại bằng tệp Excel.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        text = unicodedata.normalize("NFC", content.decode("cp1258", "replace"))
        return content.decode("latin-1") if suspect(text) else text
