"""What an officer gets: drop-downs, guarded cells, a page that prints, and last month's rows already in place."""

import shutil
import subprocess
from dataclasses import replace
from datetime import date

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from pipelines.blank import Sheet, write_return
from pipelines.config import Home
from pipelines.forms import META_SHEET, forms
from pipelines.sheets import read_workbook
from pipelines.template import write_template
from pipelines.warehouse import one, read_only

HEADER_ROW, EXAMPLE_ROW, FIRST_ROW = 9, 11, 12  # as Excel counts, in a form without rows of an earlier month
UNITS = ("LC-TD-001", "LC-TD-002")


def blank(path, form, **changes):
    spec = forms()[form]
    sheet = Sheet(spec, "LC-TD", "CĐ Thử", "LĐLĐ tỉnh Thử", "2023-06", blank_rows=spec.blank_rows, example=True, units=UNITS)
    write_return(path, [replace(sheet, **changes)])
    return load_workbook(path)


@pytest.fixture(params=list(forms()))
def form(request):
    return forms()[request.param]


@pytest.fixture
def book(tmp_path, form):
    return blank(tmp_path / "blank.xlsx", form.form)


@pytest.fixture
def sheet(book, form):
    return book[form.label]


def rules_by_column(sheet, form, row):
    """Column name → the validation that guards its cell in this row."""
    letters = {c.name: get_column_letter(i) for i, c in enumerate(form.columns, 2)}
    return {
        name: rule
        for name, letter in letters.items()
        for rule in sheet.data_validations.dataValidation
        if f"{letter}{row}" in rule.sqref
    }


def test_drop_downs_offer_the_labels_of_the_form(sheet, form):
    for row in (FIRST_ROW, FIRST_ROW + form.blank_rows - 1):
        rules = rules_by_column(sheet, form, row)
        offered = {name: rule.formula1.strip('"').split(",") for name, rule in rules.items() if rule.type == "list"}
        want = {c.name: [labels[0] for labels in c.codes.values()] for c in form.columns if c.codes}
        want |= {c.name: ["x"] for c in form.columns if c.type == "yes_no"}
        want |= {c.name: [f"={META_SHEET}!$I$2:$I$3"] for c in form.columns if c.type == "unit"}
        assert offered == {name: [o.removeprefix("=") for o in labels] for name, labels in want.items()}


def test_every_hint_is_shown_beside_its_cell(sheet, form):
    shown = {name: rule.prompt for name, rule in rules_by_column(sheet, form, FIRST_ROW).items() if rule.prompt}
    assert shown == {c.name: c.hint for c in form.columns if c.hint}


def test_only_cells_to_fill_are_open(sheet, form):
    assert sheet.protection.sheet
    last = len(form.columns) + 1
    locked = {
        row: {cell.protection.locked for cell in sheet[row][:last]} for row in range(HEADER_ROW, FIRST_ROW + form.blank_rows)
    }
    assert locked == {row: {row <= EXAMPLE_ROW} for row in locked}
    assert [c.coordinate for row in sheet.iter_rows(max_row=8) for c in row if not c.protection.locked] == [
        nil_cell(sheet).coordinate
    ]


def nil_cell(sheet):
    """The cell right of the nil line, wherever the form's widths put it."""
    line = next(m for m in sheet.merged_cells.ranges if m.min_row == 8 and m.min_col == 1)
    assert sheet["A8"].value.startswith("Không phát sinh")
    return sheet.cell(8, line.max_col + 1)


def test_an_x_in_the_framed_cell_makes_a_nil_return(tmp_path, book, sheet, form):
    path = tmp_path / "nil.xlsx"
    nil_cell(sheet).value = "x"
    book.save(path)
    assert read_workbook(tmp_path / "blank.xlsx")[0].nil is False
    assert read_workbook(path)[0].nil is True


def test_nothing_printed_on_a_blank_form_is_read_as_data(tmp_path, book, form):
    read = read_workbook(tmp_path / "blank.xlsx")[0]
    assert (read.form, read.header_row, read.missing) == (form, HEADER_ROW, [])
    assert read.title_periods == {"2023-06"}
    assert "LC-TD" in read.title_units
    assert [kind for _, kind, _, _ in read.rows if kind == "data"] == []


def test_the_hidden_sheet_says_which_return_it_is(book, form):
    hidden = book[META_SHEET]
    assert hidden.sheet_state == "veryHidden"
    assert [c.value for c in hidden[2]][1:6] == [form.label, form.form, form.version, "LC-TD", "2023-06"]
    assert tuple(hidden.cell(r, 9).value for r in (2, 3)) == UNITS


def test_it_prints_on_a4_landscape_with_all_columns_on_one_page(sheet, form):
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, int(sheet.page_setup.fitToHeight)) == (1, 0)
    assert sheet.print_title_rows == "$9:$10"
    assert sheet.print_area.startswith(f"'{form.label}'!$A$1:${get_column_letter(len(form.columns) + 1)}$")


def test_the_header_marks_what_must_be_filled(sheet, form):
    colour = {c.name: sheet.cell(HEADER_ROW, i).fill.fgColor.rgb for i, c in enumerate(form.columns, 2)}
    kinds = {c.name: (c.mandatory, bool(c.mandatory_when)) for c in form.columns}
    legend = {cell.fill.fgColor.rgb for row in sheet["B6:T8"] for cell in row if cell.value and "ghi" in str(cell.value).lower()}
    assert len(set(colour.values())) == len(set(kinds.values()))
    assert all((colour[a] == colour[b]) == (kinds[a] == kinds[b]) for a in kinds for b in kinds)
    assert set(colour.values()) <= legend


def test_the_example_is_the_one_of_the_spec_and_says_so(sheet, form):
    row = [c.value for c in sheet[EXAMPLE_ROW]]
    assert row[0] == "Ví dụ"
    shown = ["LC-TD" if c.type == "unit" else c.example for c in form.columns]
    assert row[1 : len(form.columns) + 1] == [s if s != "" else None for s in shown]


def test_a_form_without_rows_sums_nothing(tmp_path):
    sheet = blank(tmp_path / "empty.xlsx", "aid", blank_rows=0, example=False)["Chăm lo"]
    assert [c.value for row in sheet.iter_rows() for c in row if str(c.value).startswith("=")] == []


def test_totals_sum_the_rows_above_them_only(tmp_path):
    sheet = blank(tmp_path / "aid.xlsx", "aid", blank_rows=3, example=True)["Chăm lo"]
    assert [c.value for c in sheet[15] if str(c.value).startswith("=")] == ["=SUM(I12:I14)", "=SUM(K12:K14)"]


def test_rows_grow_with_their_longest_text(tmp_path):
    rows = [{"title": "Ngắn"}, {"title": "Một tên sáng kiến rất dài " * 6}]
    sheet = blank(tmp_path / "long.xlsx", "initiatives", rows=rows, blank_rows=1, example=False)["Sáng kiến"]
    assert sheet.row_dimensions[11].height == sheet.row_dimensions[13].height
    assert sheet.row_dimensions[12].height >= 3 * 13.5


@pytest.mark.slow
def test_last_months_list_is_already_there(tmp_path, demo_home):
    con = read_only(demo_home / "warehouse.duckdb")
    count = one(con, "select count(*) from core.member where sender_code = 'MM-TT-01' and period = '2023-05'")[0]
    con.close()
    path = tmp_path / "members.xlsx"
    write_template(Home(demo_home), "members", "MM-TT-01", "2023-06", path)
    read = read_workbook(path)[0]
    assert count > 0
    assert len([1 for _, kind, _, _ in read.rows if kind == "data"]) == count
    sheet = load_workbook(path)["Đoàn viên"]
    columns = {c.name: i for i, c in enumerate(forms()["members"].columns, 2)}
    assert sheet.cell(FIRST_ROW, columns["birth_date"]).value.date() > date(1940, 1, 1)
    assert {sheet.cell(r, columns["sex"]).value for r in range(11, 11 + count)} <= {"Nam", "Nữ"}


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_every_form_opens_in_libreoffice(tmp_path):
    sheets = [
        Sheet(f, "LC-TD", "CĐ Thử", "LĐLĐ tỉnh Thử", "2023-06", blank_rows=5, example=True, units=UNITS) for f in forms().values()
    ]
    write_return(tmp_path / "blank.xlsx", sheets)
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", every_sheet, "blank.xlsx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    for form in forms().values():
        shown = (tmp_path / f"blank-{form.label}.csv").read_text("utf-8")
        assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in shown
        assert [bad for bad in ("###", "Err:", "#REF") if bad in shown] == []
