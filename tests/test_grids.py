"""What is in a file, whatever it is called: error cells, cells far away, sheets out of order, line breaks in csv."""

import io

import openpyxl
import pytest
import xlsxwriter
from xlsb import xlsb

from pipelines.grids import Unreadable, read_grids


def workbook(write):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        write(book)
    return out.getvalue()


@pytest.fixture
def grids(tmp_path):
    def read(content, name="a.xlsx"):
        (tmp_path / name).write_bytes(content)
        return read_grids(tmp_path / name)

    return read


def test_a_cell_that_holds_an_error_says_so(grids):
    def write(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_formula(1, 1, "=VLOOKUP(1,A1,1)", None, "#N/A")
        sheet.write_formula(2, 0, "=1/0", None, "#DIV/0!")

    assert grids(workbook(write))[0].rows == [["a", "b"], [None, "#N/A"], ["#DIV/0!", None]]


def test_errors_and_hidden_rows_are_those_of_their_sheet_where_sheets_were_moved(grids):
    book = openpyxl.Workbook()
    book.active.append(["plain"])
    other = book.create_sheet("Hai")
    other.append(["#REF!"])
    other["A1"].data_type = "e"
    other.row_dimensions[3].hidden = True
    other["A3"] = "x"
    book.move_sheet(other, -1)
    out = io.BytesIO()
    book.save(out)
    first, second = grids(out.getvalue())
    assert (first.rows[0], first.hidden_rows, second.rows, second.hidden_rows) == (["#REF!"], 1, [["plain"]], 0)


@pytest.mark.parametrize(("row", "column"), [(1_048_575, 16_383), (1_048_575, 30), (700, 16_383)])
def test_a_cell_far_from_the_table_is_refused_before_room_is_made_for_it(grids, row, column):
    def write(book):
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(0, column, " ")
        sheet.write(row, 0, " ")

    with pytest.raises(Unreadable, match="nằm quá xa bảng"):
        grids(workbook(write))


def test_a_table_is_told_by_its_bytes_and_not_by_its_name(grids):
    plain = workbook(lambda book: book.add_worksheet().write(0, 0, "a"))
    for name in ("a.xls", "a.xlsb", "a.ods", "a", "a.csv"):
        assert grids(plain, name)[0].rows == [["a"]]
    assert grids(xlsb([["a"]]), "a.xlsx")[0].rows == [["a"]]


def test_a_quoted_cell_of_a_csv_may_hold_line_breaks(grids):
    said = '"Họ và\ntên";"Ngày sinh"\r\n"Nguyễn\r\nGiả Định";1985\u2028\n'
    assert grids(said.encode(), "a.csv")[0].rows == [["Họ và\ntên", "Ngày sinh"], ["Nguyễn\r\nGiả Định", "1985\u2028"]]
