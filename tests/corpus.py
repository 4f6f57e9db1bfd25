"""One file for each mess that offices send, made here, with what must come of it; `test_corpus` sends them all through a refresh.

Every person is invented. A case is the bytes as sent and, per form, the rows that must stand in core and how the sheet's rows were
counted: (loaded, rejected, control, ignored).
"""

import io
import unicodedata
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
from federation import UPPER_A, gift, initiative, member, sheet
from openpyxl.styles import Font
from xlsb import xlsb

from pipelines.blank import write_return

Table = list[list[Any]]
Counts = tuple[int, int, int, int]
MEMBERS = ["STT", "Mã đơn vị", "Họ và tên", "Ngày sinh", "Giới tính", "Chuyên môn", "Là đoàn viên", "Thu nhập (đồng/tháng)"]
AID = ["STT", "Mã đơn vị", "Người nhận", "Hình thức", "Đợt", "Cấp hỗ trợ", "Số suất", "Mức/suất", "Số tiền", "Ngày"]
STATED = [["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {UPPER_A}"]]
PEOPLE = [
    [1, "MM-A-01", "Nguyễn Thị Giả Định", "15/08/1985", "Nữ", "Đại học", "x", 7_000_000],
    [2, "MM-A-02", "Trần Văn Tưởng Tượng", "16/09/1990", "Nam", "Trung cấp", "x", 6_500_000],
]
GIFTS = [
    [1, "MM-A-01", "Lê Thị Giả Định", "Quà", "Tháng CN", "Cơ sở", 2, 500_000, 1_000_000, "15/05/2023"],
    [2, "MM-A-02", "Đặng Văn Giả Định", "Quà", "Tháng Công nhân", "Cấp trên cơ sở", 1, 300_000, 300_000, "16/05/2023"],
]
PEOPLE_IN_CORE = [("MM-A-01", "Nguyễn Thị Giả Định", date(1985, 8, 15), "female", "university", True, 7_000_000),
                  ("MM-A-02", "Trần Văn Tưởng Tượng", date(1990, 9, 16), "male", "intermediate", True, 6_500_000)]  # fmt: skip
GIFTS_IN_CORE = [("MM-A-01", "Lê Thị Giả Định", "gift", "workers_month", "grassroots", 2, 1_000_000, date(2023, 5, 15)),
                 ("MM-A-02", "Đặng Văn Giả Định", "gift", "workers_month", "upper", 1, 300_000, date(2023, 5, 16))]  # fmt: skip


@dataclass(frozen=True)
class Case:
    """`name` is the path in the inbox; `findings` the rules that must be raised besides absent columns."""

    name: str
    content: bytes
    rows: dict[str, list[tuple]]
    counts: dict[str, Counts]
    findings: frozenset[str] = frozenset()
    also: dict[str, bytes] = field(default_factory=dict)  # files that came a day before it


_sender = ContextVar("the union that the case made now is of", default=UPPER_A)


def ours(cell: Any) -> Any:
    """A cell with the union that the case is made for."""
    return cell.replace(UPPER_A, _sender.get()) if isinstance(cell, str) else cell


def book(*tables: Table, touch: Callable[[openpyxl.Workbook], None] | None = None) -> bytes:
    """A workbook with a sheet per table."""
    made = openpyxl.Workbook()
    for n, table in enumerate(tables):
        page = made.active if n == 0 else made.create_sheet(f"Trang {n + 1}")
        for r, row in enumerate(table, 1):
            for c, value in enumerate(row, 1):
                page.cell(r, c, ours(value))
    if touch:
        touch(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def people(
    content: bytes, name: str = "a.xlsx", ignored: int = 3, control: int = 0, findings: tuple[str, ...] = (), **more: Any
) -> Case:
    return Case(name, content, {"members": PEOPLE_IN_CORE}, {"members": (2, 0, control, ignored)}, frozenset(findings), **more)


def gifts(content: bytes, name: str = "a.xlsx", ignored: int = 3, control: int = 0, findings: tuple[str, ...] = ()) -> Case:
    return Case(name, content, {"aid": GIFTS_IN_CORE}, {"aid": (2, 0, control, ignored)}, frozenset(findings))


def changed(table: Table, change: Callable[[str], str]) -> Table:
    return [[change(c) if isinstance(c, str) else c for c in row] for row in table]


WHOLE = [*STATED, MEMBERS, *PEOPLE]
WHOLE_AID = [*STATED, AID, *GIFTS]
TITLE = [
    ["LIÊN ĐOÀN LAO ĐỘNG TỈNH MẪU", None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
    ["LĐLĐ HUYỆN AN", None, None, "Độc lập - Tự do - Hạnh phúc"],
    [],
    ["DANH SÁCH ĐOÀN VIÊN"],
]
SIGNED = [
    [None, "An, ngày 31 tháng 5 năm 2023"],
    [None, "Người lập biểu", None, "TM. BAN THƯỜNG VỤ"],
    [None, "(Ký, ghi rõ họ tên)"],
    [None, "Người Ký Giả Định"],
]


def titled() -> Case:
    def merge(made: openpyxl.Workbook) -> None:
        for cells in ("A1:C1", "D1:H1", "A2:C2", "D2:H2", "A4:H4"):
            made.active.merge_cells(cells)

    return people(book([*TITLE, *WHOLE, [], *SIGNED], touch=merge), ignored=10)


def two_line_header() -> Case:
    top = ["STT", "Mã đơn vị", "Họ và tên", "Ngày, tháng, năm sinh", None, "Trình độ", None, "Là đoàn viên", "Thu nhập"]
    below = [None, None, None, "Nam", "Nữ", "Văn hóa", "Chuyên môn", None, None]
    numbers = [f"({n})" for n in range(1, 10)]
    rows = [[1, "MM-A-01", "Nguyễn Thị Giả Định", None, "15/08/1985", "THPT", "Đại học", "x", 7_000_000],
            [2, "MM-A-02", "Trần Văn Tưởng Tượng", "16/09/1990", None, "THPT", "Trung cấp", "x", 6_500_000]]  # fmt: skip

    def merge(made: openpyxl.Workbook) -> None:
        for cells in ("D3:E3", "F3:G3", *(f"{c}3:{c}4" for c in "ABCHI")):
            made.active.merge_cells(cells)

    return people(book([*STATED, top, below, numbers, *rows], touch=merge), ignored=5)


def grouped_with_subtotals() -> Case:
    def total(words: str, count: int, amount: int) -> list[Any]:
        return [None, None, words, None, None, None, count, None, amount]

    return gifts(
        book([*STATED, AID, ["I. Khối trường học"], GIFTS[0], total("Cộng I", 2, 1_000_000), ["II. Khối doanh nghiệp"], GIFTS[1],
              total("Cộng II", 1, 300_000), total("TỔNG CỘNG", 3, 1_300_000), *SIGNED]), ignored=9, control=3)  # fmt: skip


def unit_above_its_rows() -> Case:
    def bare(row: list[Any]) -> list[Any]:
        return [row[0], None, *row[2:]]

    return people(
        book(
            [
                *STATED,
                MEMBERS,
                ["I. CĐCS số một của MM-A"],
                bare(PEOPLE[0]),
                ["II. CĐCS số hai của MM-A"],
                bare(PEOPLE[1]),
            ]
        ),
        ignored=5,
    )


def several_forms() -> Case:
    return Case("a.xlsx", book(WHOLE, WHOLE_AID), {"members": PEOPLE_IN_CORE, "aid": GIFTS_IN_CORE},
                {"members": (2, 0, 0, 3), "aid": (2, 0, 0, 3)})  # fmt: skip


def hidden() -> Case:
    def hide(made: openpyxl.Workbook) -> None:
        made.create_sheet("Bìa")
        made.worksheets[0].sheet_state = "hidden"
        made.worksheets[0].row_dimensions[5].hidden = True
        made.active = 1

    return people(book(WHOLE, touch=hide), findings=("sheet_hidden", "rows_hidden"))


def in_font(name: str, encode: Callable[[str], str]) -> bytes:
    def set_font(made: openpyxl.Workbook) -> None:
        for row in made.active.iter_rows():
            for cell in row:
                cell.font = Font(name=name)

    return book(changed(WHOLE, encode), touch=set_font)


_TONES = "àảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵđĂÂÊÔƠƯĐ"
_IN_TCVN3 = "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊËÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\xadõö÷øùúûüýþ®¡¢£¤¥¦§"
_VNI_MARKS = {"\u0300": "ø", "\u0301": "ù", "\u0303": "õ", "\u0309": "û", "\u0323": "ï"}
_VNI_SHAPED = {
    "â": dict(zip("\u0300\u0301\u0303\u0309\u0323", "àáãåä", strict=True)),
    "ă": dict(zip("\u0300\u0301\u0303\u0309\u0323", "èéüúë", strict=True)),
}


def tcvn3(text: str) -> str:
    return text.translate(str.maketrans(_TONES, _IN_TCVN3))


def vni(text: str) -> str:
    """Letter by letter by the published rule: base letter, then one mark that is shape and tone."""
    return "".join(_vni_letter(c) if c.islower() else _vni_letter(c.lower()).upper() if c.isupper() else c for c in text)


def _vni_letter(letter: str) -> str:
    plain = {"đ": "ñ", "ỵ": "î", "í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò"}
    if letter in plain or letter.isascii():
        return plain.get(letter, letter)
    base, *marks = unicodedata.normalize("NFD", letter)
    tone = next((m for m in marks if m in _VNI_MARKS), None)
    shape = next((m for m in marks if m not in _VNI_MARKS), None)
    if shape == "\u031b":  # ơ ư
        return {"o": "ô", "u": "ö"}[base] + (_VNI_MARKS[tone] if tone else "")
    if shape:
        kind = "ă" if shape == "\u0306" else "â"
        return base + (_VNI_SHAPED[kind][tone] if tone else {"ă": "ê", "â": "â"}[kind])
    return base + _VNI_MARKS[tone or ""]


def mojibake(text: str) -> str:
    try:
        return text.encode().decode("cp1252")
    except UnicodeDecodeError:
        return text


def csv_bytes(table: Table, by: str, encoding: str) -> bytes:
    lines = [by.join("" if c is None else f'"{c}"' if by in str(c) else str(ours(c)) for c in row) for row in table]
    return "\r\n".join(lines).encode(encoding)


def of_1904() -> Case:
    def shift(made: openpyxl.Workbook) -> None:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        made.epoch = CALENDAR_MAC_1904
        for r, day in ((4, date(1985, 8, 15)), (5, date(1990, 9, 16))):
            made.active.cell(r, 4).value = day

    return people(book(WHOLE, touch=shift))


def money_of_every_kind() -> Case:
    rows = [list(row) for row in GIFTS]
    rows[0][7:9], rows[1][7:9] = ["500.000đ", "1 triệu"], ["300,000.00", "300 nghìn"]
    rows[0][6] = "02"
    return gifts(book([*STATED, AID, *rows]))


def money_in_thousands() -> Case:
    rows = [[{500_000: 500, 300_000: 300, 1_000_000: "1.000"}.get(cell, cell) for cell in row] for row in GIFTS]
    total = ["Tổng cộng", None, None, None, None, None, 3, None, "1.300"]
    table = [*STATED, [None, None, "Đơn vị tính: nghìn đồng"], AID, *rows, total]
    return gifts(book(table), ignored=4, control=1, findings=("money_scaled",))


def money_as_its_header_says() -> Case:
    header = [{"Mức/suất": "Mức/suất (đồng)"}.get(name, name) for name in AID]
    measures = [None, None, None, None, None, None, "(suất)", None, "(triệu đồng)", None]
    rows = [[*GIFTS[0][:8], 1, GIFTS[0][9]], [*GIFTS[1][:8], 0.3, GIFTS[1][9]]]
    return gifts(book([*STATED, header, measures, *rows]), ignored=4, findings=("money_scaled",))


def dates_of_every_kind() -> Case:
    rows = [list(row) for row in PEOPLE]
    rows[0][3], rows[1][3] = "15-8-1985", "16.09.90"
    return people(book([*STATED, MEMBERS, *rows]))


def sent_again(tmp: Path) -> Case:
    first = book([*STATED, MEMBERS, PEOPLE[0]])
    return people(book(WHOLE), also={"2023-05/truoc.xlsx": first, "2023-05/truoc ban sao.xlsx": first})


def own_form(tmp: Path) -> Case:
    sender = _sender.get()
    units = (f"{sender}-01", f"{sender}-02")
    write_return(tmp / "own.xlsx", [sheet("members", sender, [member(u) for u in units]), sheet("aid", sender, [gift(units[0])]),
                                    sheet("initiatives", sender, [initiative(units[1])])])  # fmt: skip
    content = (tmp / "own.xlsx").read_bytes()
    of_two = [(u, f"Người Giả Định {u} số 1", date(1985, 8, 15), "female", "university", True, 7_000_000) for u in units]
    return Case("own.xlsx", content, {"members": of_two}, {})


def cases(tmp: Path, sender: str = UPPER_A) -> dict[str, Case]:
    """Every mess by name, as this union sends it."""
    before = _sender.set(sender)
    spaced = changed(WHOLE, lambda s: f"\u00a0{s.replace(' ', chr(0xA0) + ' ')} ")
    made = {
        "title block, quốc hiệu in merged cells, signature": titled(),
        "a header of two lines, birth dates below Nam and Nữ, numbered columns": two_line_header(),
        "groups, sub-totals and a total": grouped_with_subtotals(),
        "units named above their rows": unit_above_its_rows(),
        "several forms in one workbook": several_forms(),
        "a hidden sheet with a hidden row": hidden(),
        "TCVN3 in its font": people(in_font(".VnTime", tcvn3), findings=("text_repaired",)),
        "TCVN3 in a font that does not tell": people(book(changed(WHOLE, tcvn3)), findings=("text_repaired",)),
        "VNI in its font": people(in_font("VNI-Times", vni), findings=("text_repaired",)),
        "VNI in a font that does not tell": people(book(changed(WHOLE, vni)), findings=("text_repaired",)),
        "UTF-8 read as Latin-1": people(book(changed(WHOLE, mojibake)), findings=("text_repaired",)),
        "decomposed letters": people(book(changed(WHOLE, lambda s: unicodedata.normalize("NFD", s)))),
        "no-break and double spaces": people(book(spaced)),
        "ð for đ": people(book(changed(WHOLE, lambda s: s.replace("đ", "ð").replace("Đ", "Ð")))),
        "a workbook of the 1904 system": of_1904(),
        "numbers and money as people write them": money_of_every_kind(),
        "money in thousands, said above the table": money_in_thousands(),
        "money in millions, said in the header": money_as_its_header_says(),
        "dates as people write them": dates_of_every_kind(),
        "a unit by its name": people(book(changed(WHOLE, lambda s: {"MM-A-01": "cđcs số một của  MM-A"}.get(s, s)))),
        "the month in the folder only": people(book([STATED[1], MEMBERS, *PEOPLE]), "2023-05/a.xlsx", ignored=2),
        "the month in the name only": people(book([STATED[1], MEMBERS, *PEOPLE]), "DSDV T5-2023.xlsx", ignored=2),
        "a macro workbook": people(book(WHOLE), "a.xlsm"),
        "a binary workbook": people(xlsb([list(map(ours, row)) for row in WHOLE]), "a.xlsb"),
        "csv with semicolons and a byte order mark": people(csv_bytes(WHOLE, ";", "utf-8-sig"), "a.csv"),
        "csv with commas": people(csv_bytes(WHOLE, ",", "utf-8"), "a.csv"),
        "csv with tabs in UTF-16": people(csv_bytes(WHOLE, "\t", "utf-16"), "a.csv"),
        "a table of text called .xls": people(csv_bytes(WHOLE, "\t", "utf-16"), "a.xls"),
        "csv in TCVN3": people(csv_bytes(changed(WHOLE, tcvn3), ";", "latin-1"), "a.csv", findings=("text_repaired",)),
        "sent again with more rows, after the same bytes twice": sent_again(tmp),
        "our own form": own_form(tmp),
    }
    _sender.reset(before)
    return made
