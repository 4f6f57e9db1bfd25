"""How a form looks on the screen and on A4: styles, title block, legend, signatures, page set-up. Its cells are written elsewhere.

Rows of the title block stand where readers of old returns expect them: header in Excel row 9, numbering in row 10.
"""

from collections.abc import Sequence
from typing import Any

from pipelines.forms import Column, Form
from pipelines.vietnamese import month

HEAD, NIL = 8, 7  # rows counted from 0
NUMBER_FORMAT = {"money": "#,##0", "count": "#,##0", "number": "General"}
CENTRED = ("date", "yes_no", "digits")
_LEFT, _RIGHT, _NIL, _KEY, _SIGN = 46, 56, 48, 30, 40  # widths that the blocks of the title and foot need
_LINE, _MUST, _WHEN, _MAY = "#9AA5B1", "#F4B183", "#FCE4D0", "#E3EDF7"
_LEGEND = {"must": _MUST, "when": _WHEN, "may": _MAY}


def styles(book: Any) -> dict[str, Any]:
    """Every cell format by name; `example_<kind>` shows a value as `<kind>` would, but grey and locked."""
    font = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
    grid = font | {"border": 1, "border_color": _LINE}
    head = grid | {"align": "center", "text_wrap": True}
    example = grid | {"italic": True, "font_color": "#616E7C", "bg_color": "#EEEEEE", "text_wrap": True}
    make = {
        "parent": font | {"align": "center", "shrink": True},
        "unit": font | {"align": "center", "bold": True, "underline": 1, "shrink": True},
        "nation": font | {"align": "center", "bold": True, "font_size": 12, "shrink": True},
        "motto": font | {"align": "center", "bold": True, "underline": 1},
        "title": font | {"font_size": 14, "bold": True, "align": "center"},
        "notice": font | {"italic": True, "font_color": "#B54708", "align": "center"},
        "strong": font | {"font_size": 12, "bold": True},
        "sign": font | {"bold": True, "align": "center"},
        "sign_hint": font | {"italic": True, "align": "center"},
        "nil_label": grid | {"bold": True, "shrink": True, "bg_color": "#FFF4CC"},
        "nil": grid | {"border": 2, "border_color": "#000000", "locked": False, "align": "center", "bold": True, "font_size": 14},
        "head_must": head | {"bold": True, "bg_color": _MUST},
        "head_when": head | {"bold": True, "bg_color": _WHEN},
        "head_may": head | {"bg_color": _MAY},
        **{f"key_{k}": grid | {"bg_color": c, "font_size": 10, "shrink": True} for k, c in _LEGEND.items()},
        "numbering": grid | {"italic": True, "align": "center", "font_size": 9, "bg_color": "#F2F5F8"},
        "total": grid | {"bold": True, "bg_color": "#EEF3F8", "num_format": "#,##0"},
        "example": example | {"bold": True, "align": "center"},
    }
    for kind, look in _kinds().items():
        make[kind] = grid | {"locked": False, "text_wrap": True} | look
        make[f"example_{kind}"] = example | look
    return {name: book.add_format(spec) for name, spec in make.items()}


def kind(column: Column | None) -> str:
    """The style of a column's cells; None is the ordinal."""
    return "ordinal" if column is None else column.type if column.type in (*NUMBER_FORMAT, *CENTRED) else "text"


def _kinds() -> dict[str, dict[str, Any]]:
    return {
        "text": {"num_format": "@"},
        "ordinal": {"align": "center"},
        **{k: {"num_format": "dd/mm/yyyy" if k == "date" else "@", "align": "center"} for k in CENTRED},
        **{k: {"num_format": f, "align": "right"} for k, f in NUMBER_FORMAT.items()},
    }


def widths(columns: Sequence[Column]) -> list[int]:
    """Column widths in characters, the ordinal's first."""
    return [6, *(c.width for c in columns)]


def title_block(ws: Any, style: dict[str, Any], s: Any, columns: Sequence[Column]) -> int:
    """Writes rows 1 to 8 of a blank.Sheet; returns the column of the nil mark's cell."""
    wide = widths(columns)
    last = len(wide) - 1
    left = _reach(wide, _LEFT)
    right = max(last - _reach(wide[::-1], _RIGHT), left + 1)
    _span(ws, 0, 0, left, s.parent_name.upper(), style["parent"])
    _span(ws, 0, right, last, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", style["nation"])
    _span(ws, 1, 0, left, s.unit_name.upper(), style["unit"])
    _span(ws, 1, right, last, "Độc lập - Tự do - Hạnh phúc", style["motto"])
    ws.set_row(3, 24)
    _span(ws, 3, 0, last, s.form.title, style["title"])
    if s.notice:
        _span(ws, 4, 0, last, s.notice, style["notice"])
    nil_at = min(_reach(wide, _NIL) + 1, last - 1)
    ws.write(5, 0, f"Kỳ báo cáo: {month(s.stated_period or s.period)}", style["strong"])
    _key(ws, style, 5, nil_at, columns)
    ws.write(6, 0, f"Đơn vị gửi: {s.unit_code} - {s.unit_name}", style["strong"])
    _key(ws, style, 6, nil_at, columns)
    ws.set_row(NIL, 22)
    _span(ws, NIL, 0, nil_at - 1, "Không phát sinh: kỳ này không có số liệu thì ghi x vào ô bên phải  →", style["nil_label"])
    ws.write(NIL, nil_at, "x" if s.nil else "", style["nil"])
    _key(ws, style, NIL, nil_at, columns)
    return nil_at


def header(ws: Any, style: dict[str, Any], columns: Sequence[Column]) -> None:
    """Writes the header and its numbering row."""
    ws.set_row(HEAD, 48)
    ws.write(HEAD, 0, "STT", style["head_may"])
    for i, c in enumerate(columns, 1):
        ws.write(HEAD, i, c.label, style["head_must" if c.mandatory else "head_when" if c.mandatory_when else "head_may"])
    for i in range(len(columns) + 1):
        ws.write(HEAD + 1, i, f"({i + 1})", style["numbering"])


def example_row(ws: Any, style: dict[str, Any], at: int, columns: Sequence[Column], unit_code: str) -> None:
    """Writes a row that shows how to fill one, of the sender itself; readers know it by «Ví dụ»."""
    ws.set_row(at, 20)
    ws.write(at, 0, "Ví dụ", style["example"])
    for i, c in enumerate(columns, 1):
        ws.write(at, i, unit_code if c.type == "unit" else c.example, style[f"example_{kind(c)}"])


def signatures(ws: Any, style: dict[str, Any], columns: Sequence[Column], at: int) -> None:
    """Writes the place and date, who made the list and who signs for the unit."""
    wide = widths(columns)
    last = len(wide) - 1
    left = _reach(wide[1:], _SIGN) + 1
    right = max(last - _reach(wide[::-1], _SIGN), left + 1)
    _span(ws, at, right, last, "…………, ngày …… tháng …… năm ………", style["sign_hint"])
    for row, maker, signer, look in (
        (at + 1, "Người lập biểu", "TM. BAN CHẤP HÀNH", "sign"),
        (at + 2, "(Ký, ghi rõ họ tên)", "(Ký, đóng dấu)", "sign_hint"),
    ):
        _span(ws, row, 1, left, maker, style[look])
        _span(ws, row, right, last, signer, style[look])


def page_setup(ws: Any, form: Form, last_column: int, last_row: int) -> None:
    """A4 landscape, all columns on one page width, header on every page; what is not for filling is locked."""
    ws.freeze_panes(HEAD + 2, 3)
    allowed = ("format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows", "sort", "autofilter")
    ws.protect("", dict.fromkeys(allowed, True))
    ws.set_landscape()
    ws.set_paper(9)
    ws.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    ws.center_horizontally()
    ws.fit_to_pages(1, 0)
    ws.repeat_rows(HEAD, HEAD + 1)
    ws.print_area(0, 0, last_row, last_column)
    ws.set_footer(f"&L&8Mẫu «{form.label}», phiên bản {form.version}&R&8Trang &P/&N")


def _reach(wide: Sequence[int], needed: int) -> int:
    """The first column at which the columns so far are wide enough."""
    total = 0
    for i, width in enumerate(wide):
        total += width
        if total >= needed:
            return i
    return len(wide) - 1


def _span(ws: Any, row: int, first: int, last: int, text: str, style: Any) -> None:
    if first == last:
        ws.write(row, first, text, style)
    else:
        ws.merge_range(row, first, row, last, text, style)


def _legend(columns: Sequence[Column]) -> list[tuple[str, str]]:
    """What each header colour means, one a row of the title block, the last beside the nil mark."""
    when = {c.mandatory_when for c in columns if c.mandatory_when}
    some = "Bắt buộc ghi khi hình thức là Quà" if when == {"kind = 'gift'"} else "Bắt buộc ghi tùy trường hợp"
    return [("must", "Bắt buộc ghi"), *([("when", some)] if when else []), ("may", "Ghi nếu có; bấm vào ô để xem hướng dẫn")]


def _key(ws: Any, style: dict[str, Any], row: int, nil_at: int, columns: Sequence[Column]) -> None:
    """The legend line of this row of the title block, if one is left."""
    keys = _legend(columns)
    i = row - (NIL + 1 - len(keys))
    if i >= 0:
        wide = widths(columns)
        first = nil_at + 2 if sum(wide[nil_at + 2 :]) >= _KEY else nil_at + 1
        _span(ws, row, first, first + _reach(wide[first:], _KEY), keys[i][1], style[f"key_{keys[i][0]}"])
