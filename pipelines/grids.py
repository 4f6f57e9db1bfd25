"""The cells of a file as text, whatever its format: one grid a sheet. What they mean is not known here.

Spreadsheets are read by python-calamine, everything else as csv with whatever delimiter and encoding it has.
"""

import csv
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from pipelines.legacy_text import suspect

Row = list[str | None]
LARGEST = 1 << 30  # bytes that a workbook may unpack to; more is no report
_TOO_LARGE = "Tệp quá lớn sau khi giải nén, xin xóa các vùng trống có định dạng rồi gửi lại."
_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0"
_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_HIDDEN_ROW = re.compile(rb'<row [^>]*hidden="(?:1|true)"')
_TABLE_LINES = 60  # lines looked at for a delimiter


class Unreadable(Exception):
    """The bytes are no table; the text is the Vietnamese reason for the officer."""


@dataclass
class Grid:
    """One sheet: rows of cells from A1 on, None for an empty one."""

    name: str
    rows: list[Row]
    hidden: bool = False
    hidden_rows: int = 0
    originals: dict[tuple[int, int], str] = field(default_factory=dict)  # cells that were repaired, as received
    mended: Counter[str] = field(default_factory=Counter)  # how many, by what was wrong


def read_grids(path: Path) -> list[Grid]:
    """Every sheet of a spreadsheet, or the one nameless sheet of a csv; Unreadable when it is neither."""
    with path.open("rb", buffering=0) as f:
        start = f.read(4)
        if not start:
            raise Unreadable("Tệp rỗng (0 byte), xin gửi lại tệp đầy đủ.")
        if start.startswith(_ZIP):
            if path.stat().st_size > LARGEST:
                raise Unreadable(_TOO_LARGE)
            return _workbook(path, _hidden_rows(start + f.read()))
        return _workbook(path, {}) if start == _OLE else [Grid("", _csv_rows(start + f.read(), path.suffix))]


def _workbook(path: Path, hidden_rows: dict[int, int]) -> list[Grid]:
    try:
        book = CalamineWorkbook.from_path(str(path))
        return [
            Grid(m.name, [_row(r) for r in book.get_sheet_by_index(i).to_python(skip_empty_area=False)],
                 m.visible != SheetVisibleEnum.Visible, hidden_rows.get(i, 0))
            for i, m in enumerate(book.sheets_metadata)
        ]  # fmt: skip
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


def _hidden_rows(content: bytes) -> dict[int, int]:
    """Sheet index → rows hidden in it, where there are any; Unreadable for a workbook that unpacks to more than LARGEST.

    python-calamine reads hidden rows without telling.
    """
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
        if sum(p.file_size for p in parts) > LARGEST:
            raise Unreadable(_TOO_LARGE)
        found = {}
        for p in parts:
            if m := _SHEET.fullmatch(p.filename):
                found[int(m[1]) - 1] = len(_HIDDEN_ROW.findall(_unpacked(content, p)))
        return found
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, NotImplementedError):
        return {}  # the reader of workbooks says what is wrong with it


def _unpacked(content: bytes, part: zipfile.ZipInfo) -> bytes:
    """What a part holds; `ZipFile.read` takes as long again for its own preparations."""
    at = part.header_offset + 26
    start = at + 4 + sum(struct.unpack_from("<HH", content, at))
    packed = content[start : start + part.compress_size]
    if part.compress_type != zipfile.ZIP_DEFLATED:
        return packed
    return zlib.decompressobj(-15).decompress(packed, max(part.file_size, 1))  # no more than it says, which was looked at


# ---- csv


def delimiter(lines: list[str]) -> str:
    """Of semicolon, tab and comma, the one that a line has most of; Excel with Vietnamese settings writes semicolons."""
    return max(",;\t", key=lambda d: max((line.count(d) for line in lines), default=0))


def _csv_rows(content: bytes, suffix: str) -> list[Row]:
    lines = _decoded(content).splitlines()
    by = delimiter(lines[:_TABLE_LINES])
    if suffix.lower() not in (".csv", ".tsv", ".txt") and max((line.count(by) for line in lines[:_TABLE_LINES]), default=0) < 2:
        raise Unreadable("Không mở được tệp như một bảng tính Excel, xin lưu lại bằng Excel rồi gửi lại.")
    try:
        return [_row(r) for r in csv.reader(lines, delimiter=by)]
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
