"""A workbook in Excel's binary format (.xlsb), one sheet of text and numbers: no library writes one. Records as in [MS-XLSB]."""

import io
import struct
import zipfile
from typing import Any

_ROW, _REAL, _TEXT = 0, 5, 6  # BrtRowHdr, BrtCellReal, BrtCellSt
_SHEET = (129, 130)  # BrtBeginSheet, BrtEndSheet
_DATA = (145, 146)  # BrtBeginSheetData, BrtEndSheetData
_BOOK = (131, 132)  # BrtBeginBook, BrtEndBook
_SHEETS = (143, 144)  # BrtBeginBundleShs, BrtEndBundleShs
_DIMENSION, _SHEET_OF_BOOK, _CALCULATION = 148, 156, 157  # BrtWsDim, BrtBundleSh, BrtCalcProp
_KIND = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _record(number: int, payload: bytes = b"") -> bytes:
    return _seven_bits(number) + _seven_bits(len(payload)) + payload


def _seven_bits(n: int) -> bytes:
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def _text(s: str) -> bytes:
    return struct.pack("<I", len(s.encode("utf-16-le")) // 2) + s.encode("utf-16-le")


def _cell(column: int, value: Any) -> bytes:
    at = struct.pack("<II", column, 0)
    return _record(_TEXT, at + _text(value)) if isinstance(value, str) else _record(_REAL, at + struct.pack("<d", value))


def _relations(*relations: tuple[str, str, str]) -> str:
    said = "".join(f'<Relationship Id="{i}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for i, kind, target in relations)
    return f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_KIND}/relationships">{said}</Relationships>'


def xlsb(table: list[list[Any]]) -> bytes:
    """The bytes of a workbook with this table from A1 on; None is an empty cell."""
    rows = b"".join(
        _record(_ROW, struct.pack("<IIHBBBI", r, 0, 300, 0, 0, 0, 0))
        + b"".join(_cell(c, v) for c, v in enumerate(row) if v is not None)
        for r, row in enumerate(table)
    )
    extent = struct.pack("<IIII", 0, len(table) - 1, 0, max(map(len, table)) - 1)
    begin, end = (_record(n) for n in _SHEET)
    sheet = begin + _record(_DIMENSION, extent) + _record(_DATA[0]) + rows + _record(_DATA[1]) + end
    named = struct.pack("<II", 0, 1) + _text("rId1") + _text("Trang 1")
    begin, end = (_record(n) for n in _BOOK)
    listed = _record(_SHEETS[0]) + _record(_SHEET_OF_BOOK, named) + _record(_SHEETS[1])
    parts = {
        "[Content_Types].xml": f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{_KIND}/content-types">'
        '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        "_rels/.rels": _relations(("rId1", "officeDocument", "xl/workbook.bin")),
        "xl/_rels/workbook.bin.rels": _relations(("rId1", "worksheet", "worksheets/sheet1.bin")),
        "xl/workbook.bin": begin + listed + _record(_CALCULATION, bytes(25)) + end,
        "xl/worksheets/sheet1.bin": sheet,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in parts.items():
            z.writestr(name, content)
    return out.getvalue()
