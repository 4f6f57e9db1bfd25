"""Writes a form as an officer meets it: blank, pre-filled, or filled (the made-up province); its look is in paper.py."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.xmlwriter import XMLwriter

from pipelines.forms import META_MARK, META_SHEET, Column, Form
from pipelines.paper import HEAD, NIL, example_row, header, kind, page_setup, signatures, styles, title_block, widths

_EXCEL_DAY_0 = date(1899, 12, 30).toordinal()
_LONGEST = 32_767  # characters Excel takes in a cell
_UNUSUAL = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x|^\s|\s$")  # text that XML or Excel wants escaped
_LINE_HEIGHT, _ROOM = 13.5, 4.5  # points; stated without «custom», so that Excel still grows a row for long text


@dataclass(frozen=True)
class Sheet:
    """One form sheet to write. `rows` map column names to cell values; missing names stay empty."""

    form: Form
    unit_code: str
    unit_name: str
    parent_name: str
    period: str
    rows: Iterable[Mapping[str, Any]] = ()
    blank_rows: int = 0
    example: bool = False
    nil: bool = False
    totals: Mapping[str, float] = field(default_factory=dict)  # stated instead of the true sums
    omit: frozenset[str] = frozenset()  # columns left out (faulty returns)
    stated_period: str | None = None  # the visible line, when it differs from the hidden cell
    units: tuple[str, ...] = ()  # codes offered in the drop-down
    notice: str = ""  # a line under the title, e.g. that the data is invented


def write_return(path: Path, sheets: list[Sheet]) -> None:
    """One workbook with these form sheets; an existing file is replaced."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "dd/mm/yyyy"})
    book.set_properties({"title": sheets[0].form.title, "created": datetime(2023, 1, 1)})
    style = styles(book)
    for s in sheets:
        _write_sheet(book.add_worksheet(s.form.label), style, s)
    meta = book.add_worksheet(META_SHEET)
    meta.very_hidden()
    meta.write_row(0, 0, [META_MARK, "sheet", "form", "version", "unit_code", "period"])
    offered = sheets[0].units
    for i in range(max(len(sheets), len(offered))):
        if i < len(sheets):
            s = sheets[i]
            meta.write_row(i + 1, 1, [s.form.label, s.form.form, s.form.version, s.unit_code, s.period])
        if i < len(offered):
            meta.write_string(i + 1, 8, offered[i])
    book.close()


def _write_sheet(ws, style: dict[str, Any], s: Sheet) -> None:
    """The whole sheet from top to bottom: in constant_memory a row is closed when the next one begins."""
    columns = [c for c in s.form.columns if c.name not in s.omit]
    for i, width in enumerate(widths(columns)):
        ws.set_column(i, i, width)
    nil_at = title_block(ws, style, s, columns)
    header(ws, style, columns)
    first = HEAD + 2
    if s.example:
        example_row(ws, style, first, columns, s.unit_code)
        first += 1
    end, sums = _write_rows(ws, _cell_starts(style, columns), s, first)
    _guard_cells(ws, s, columns, first, max(end - 1, first), nil_at)
    if s.form.totals and end > first:
        _write_totals(ws, style, s, columns, (first, end - 1), sums)
        end += 1
    signatures(ws, style, columns, end + 1)
    page_setup(ws, s.form, len(columns), end + 8)


def _write_rows(ws, starts: list[tuple[str, str, str, int]], s: Sheet, first: int) -> tuple[int, dict[str, float]]:
    """Filled rows, then empty ones; returns the row after them and the sums of what officers total."""
    at, sums = first, dict.fromkeys((c.name for c in s.form.totals), 0.0)
    for n, row in enumerate(s.rows, 1):
        _write_row(ws, starts, at, n, row)
        for name in sums:
            value = row.get(name)
            sums[name] += value if isinstance(value, int | float) else 0
        at += 1
    for _ in range(s.blank_rows):
        _write_row(ws, starts, at, None, {})
        at += 1
    return at, sums


def _cell_starts(style: dict[str, Any], columns: list[Column]) -> list[tuple[str, str, str, int]]:
    """Column name, how its cells begin in the sheet's XML, their style, the letters of a line; the ordinal's cell comes first."""
    return [
        (c.name if c else "", f'<c r="{xl_col_to_name(i)}', f'" s="{style[kind(c)]._get_xf_index()}"', width * 6 // 5)
        for i, (c, width) in enumerate(zip([None, *columns], widths(columns), strict=True))
    ]


def _write_row(ws, starts: list[tuple[str, str, str, int]], at: int, ordinal: int | None, row: Mapping[str, Any]) -> None:
    """A whole row of XML at once: the same cells as through xlsxwriter's calls, in well under half the time."""
    ws._check_dimensions(at, len(starts) - 1)
    ws._write_single_row(at)
    n, lines = at + 1, 1
    cells = []
    for name, start, style, letters in starts:
        value = row.get(name) if name else ordinal
        if value is None or value == "":
            cells.append(f"{start}{n}{style}/>")
        elif isinstance(value, str):
            cells.append(f'{start}{n}{style} t="inlineStr"><is>{_xml_text(value)}</is></c>')
            if len(value) > letters:
                lines = max(lines, -(-len(value) // letters))
        else:
            number = value.toordinal() - _EXCEL_DAY_0 if isinstance(value, date) else value
            cells.append(f"{start}{n}{style}><v>{number:.16G}</v></c>")
    ws.fh.write(f'<row r="{n}" ht="{lines * _LINE_HEIGHT + _ROOM}">{"".join(cells)}</row>')


def _xml_text(text: str) -> str:
    if len(text) <= _LONGEST and not _UNUSUAL.search(text):
        return f"<t>{text}</t>"
    safe = XMLwriter._escape_control_characters(text[:_LONGEST]).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<t xml:space="preserve">{safe}</t>'


def _guard_cells(ws, s: Sheet, columns: list[Column], first: int, last: int, nil_at: int) -> None:
    """Drop-downs, ranges and hints; a warning lets an officer write what we did not foresee."""
    ws.data_validation(
        NIL, nil_at, NIL, nil_at, {"validate": "list", "source": ["x"], "error_message": "Chỉ ghi x hoặc để trống."}
    )
    for i, c in enumerate(columns, 1):
        rule = _rule(c, len(s.units))
        if c.hint or rule["validate"] != "any":
            say = {
                "input_title": c.label[:32],
                "input_message": c.hint[:255],
                "error_title": "Xin xem lại",
                "error_message": (c.hint or "Giá trị chưa đúng.")[:255],
            }
            ws.data_validation(first, i, last, i, rule | say)


def _rule(c: Column, offered_units: int) -> dict[str, Any]:
    if c.type == "unit" and offered_units:
        return {"validate": "list", "source": f"={META_SHEET}!$I$2:$I${offered_units + 1}", "error_type": "warning"}
    if c.type == "code":
        return {"validate": "list", "source": [labels[0] for labels in c.codes.values()]}
    if c.type == "yes_no":
        return {"validate": "list", "source": ["x"]}
    if c.type == "digits":
        return {"validate": "length", "criteria": "==", "value": c.length, "error_type": "warning"}
    if c.type == "date":
        between = {"criteria": "between", "minimum": date(1900, 1, 1), "maximum": date(2100, 1, 1)}
        return {"validate": "date", "error_type": "warning"} | between
    if c.type in ("money", "count"):
        return {"validate": "integer", "criteria": ">=", "value": 0}
    if c.type == "number":
        return {"validate": "decimal", "criteria": ">=", "value": 0}
    return {"validate": "any"}


def _write_totals(ws, style, s: Sheet, columns: list[Column], rows: tuple[int, int], sums: dict[str, float]) -> None:
    """The «Tổng cộng» row below the rows it sums."""
    first, last = rows
    at = last + 1
    ws.write(at, 0, "", style["total"])
    for i, c in enumerate(columns, 1):
        if i == 1:
            ws.write(at, i, "Tổng cộng", style["total"])
        elif c.total and c.name in s.totals:
            ws.write_number(at, i, s.totals[c.name], style["total"])
        elif c.total:
            name = xl_col_to_name(i)
            ws.write_formula(at, i, f"=SUM({name}{first + 1}:{name}{last + 1})", style["total"], sums[c.name])
        else:
            ws.write_blank(at, i, None, style["total"])
