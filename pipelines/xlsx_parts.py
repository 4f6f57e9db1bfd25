"""What python-calamine does not tell of an .xlsx, read from its XML: hidden rows, cells that hold an error or were merged, how far cells reach."""

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass

LARGEST = 1 << 30  # bytes that a workbook may unpack to; more is no report
LARGEST_AREA = 10_000_000  # cells from A1 to the furthest one: the reader makes room for all of them
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row [^>]*hidden="(?:1|true)"')
_FAR = re.compile(rb' r="(?:[A-Z]{3}|[A-Z]{2}\d{5}|[A-Z]\d{6}|\d{6})')  # begins with what is quickly found
_CELL = re.compile(rb' r="([A-Z]+)(\d+)"')
_ERROR = re.compile(rb'<(?:\w+:)?c ([^>]*\bt="e"[^>]*)>(.*?)</(?:\w+:)?c>', re.DOTALL)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_SHEET_ID = re.compile(rb"""<(?:\w+:)?sheet [^>]*?\b\w+:id=["']([^"']+)""")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship [^>]*>")


class Unreadable(Exception):
    """The bytes are no table; the text is the Vietnamese reason for the officer."""


@dataclass(frozen=True)
class Part:
    """What is unusual about one sheet; an error is (row, column) from 1 → «#N/A», a merge is of rows: first, last, and its columns likewise."""

    hidden_rows: int = 0
    errors: tuple[tuple[tuple[int, int], str], ...] = ()
    merges: tuple[tuple[int, int, int, int], ...] = ()


def unusual(content: bytes) -> dict[int, Part]:
    """Sheets by their place in the workbook, those with something unusual; Unreadable where one is larger than can be held."""
    try:
        parts = {p.filename: p for p in zipfile.ZipFile(io.BytesIO(content)).infolist()}
        if sum(p.file_size for p in parts.values()) > LARGEST:
            raise Unreadable("Tệp quá lớn sau khi giải nén, xin xóa các vùng trống có định dạng rồi gửi lại.")
        sheets = {n: p for n, p in parts.items() if n.startswith("xl/worksheets/") and n.endswith(".xml")}
        looked_at = {name: _look(_unpacked(content, p)) for name, p in sheets.items()}
        found = {name: part for name, part in looked_at.items() if part != Part()}
        if not found:
            return {}
        order = _order(*(_unpacked(content, parts[n]) for n in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")))
        return {order.index(name): part for name, part in found.items() if name in order}
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, KeyError, NotImplementedError):
        return {}  # the reader of workbooks says what is wrong with it


def _look(xml: bytes) -> Part:
    if b"'" in xml and b" r='" in xml:  # Excel writes double ones; one byte is found four times as fast as five
        xml = xml.replace(b"'", b'"')
    if _FAR.search(xml) and _area(xml) > LARGEST_AREA:
        raise Unreadable("Bảng tính có ô nằm quá xa bảng số liệu, xin xóa các dòng và cột trống phía ngoài bảng rồi gửi lại.")
    errors = []
    for attributes, inside in _ERROR.findall(xml) if b't="e"' in xml else ():
        if (at := _CELL.search(b" " + attributes)) and (value := _VALUE.search(inside)):
            errors.append(((int(at[2]), _column(at[1])), value[1].decode("utf-8", "replace")))
    return Part(len(_HIDDEN_ROW.findall(xml)) if b'hidden="' in xml else 0, tuple(errors), _merges(xml))


def _merges(xml: bytes) -> tuple[tuple[int, int, int, int], ...]:
    """Those over rows; they stand behind all cells, which need not be searched for them."""
    at = xml.rfind(b"mergeCells>")
    behind = xml[max(xml.rfind(b"sheetData>", 0, at), 0) : at] if at > 0 else b""
    found = (said for said in _MERGED.findall(behind) if said[1] != said[3])
    return tuple((int(top), int(end), _column(left), _column(right)) for left, top, right, end in found)


def _area(xml: bytes) -> int:
    cells = _CELL.findall(xml)
    return max((int(row) for _, row in cells), default=0) * max((_column(c) for c in {c for c, _ in cells}), default=0)


def _column(letters: bytes) -> int:
    """A → 1, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _order(workbook: bytes, relations: bytes) -> list[str]:
    """The parts of the sheets, in the order of the workbook."""
    targets = {}
    for relation in _RELATION.findall(relations):
        said = dict(re.findall(rb"""\b(Id|Target)=["']([^"']+)""", relation))
        targets[said.get(b"Id")] = said.get(b"Target", b"").decode("utf-8", "replace")
    names = [targets.get(i, "") for i in _SHEET_ID.findall(workbook)]
    return [name.lstrip("/") if name.startswith("/") else f"xl/{name}" for name in names]


def _unpacked(content: bytes, part: zipfile.ZipInfo) -> bytes:
    """What a part holds; `ZipFile.read` takes as long again for its own preparations."""
    at = part.header_offset + 26
    start = at + 4 + sum(struct.unpack_from("<HH", content, at))
    packed = content[start : start + part.compress_size]
    if part.compress_type != zipfile.ZIP_DEFLATED:
        return packed
    return zlib.decompressobj(-15).decompress(packed, max(part.file_size, 1))  # no more than it says, which was looked at
