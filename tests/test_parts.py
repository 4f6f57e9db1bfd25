"""Sub-columns of one column make one cell; cells merged over rows are of each; an activity is known by what it is called."""

import pytest
from federation import MAY, UPPER_A, by_hand
from test_headers import cells, read  # noqa: F401

from pipelines.reference import checked_reference

WHO = ["Mã đơn vị", "Họ và tên", "Ngày sinh"]
PERSON = ["MM-A-01", "Người Giả Định", "15/08/1985"]


@pytest.mark.parametrize(
    ("above", "below", "row", "said"),
    [
        (["Chuyên môn", None, None], ["Đại học", "Cao đẳng", "Trung cấp"], [None, "x", None], {"qualification": "Cao đẳng"}),
        (["Học vấn", None], ["THPT", "THCS"], [1, 0], {"schooling": "THPT"}),
        (["Học vấn", None], ["THPT", "THCS"], ["x", "x"], {"schooling": "THPT THCS"}),  # unreadable: a rule says so
        (["Là đoàn viên", None], ["Có", "Không"], ["x", None], {"is_member": "Có"}),
        (["Là đoàn viên", None], ["Rồi", "Chưa"], [None, "x"], {"is_member": "Không"}),
        (["Ngày vào Công đoàn", None, None], ["Ngày", "Tháng", "Năm"], [3, 9, 2010], {"joined_date": "3/9/2010"}),
        (["Ngày vào Công đoàn", None], ["Tháng", "Năm"], [9, 2010], {"joined_date": "9/2010"}),
        (["Ngày vào Công đoàn", None, None], ["Năm", "Tháng", "Ngày"], [2010, 9, 3], {"joined_date": "3/9/2010"}),
    ],
)
def test_sub_columns_are_one_answer(read, above, below, row, said):  # noqa: F811
    found = read([WHO + above, [None] * 3 + below, PERSON + row])
    whole = {"unit_code": "MM-A-01", "full_name": "Người Giả Định", "birth_date": "15/08/1985"}
    assert cells(found) == [whole | said]
    assert (found.missing, found.unknown) == ([], [])


def test_a_birth_date_in_three_sub_columns_says_no_sex(read):  # noqa: F811
    found = read([["Mã đơn vị", "Họ và tên", "Ngày sinh", None, None, "Dân tộc"], [None, None, "Ngày", "Tháng", "Năm", None],
                  ["MM-A-01", "Người Giả Định", 15, 8, 1985, "Thái"]])  # fmt: skip
    assert cells(found)[0]["birth_date"] == "15/8/1985"
    assert "sex" in found.absent


@pytest.mark.parametrize(
    "header",
    [
        [["Mã đơn vị", "Họ đệm", "Tên", "Ngày sinh", "Dân tộc"]],
        [["Mã đơn vị", "Họ và tên đệm", "Tên", "Ngày sinh", "Dân tộc"]],
        [["Mã đơn vị", "Họ và tên", None, "Ngày sinh", "Dân tộc"], [None, "Họ", "Tên", None, None]],
        [["Mã đơn vị", "Họ và tên", None, "Ngày sinh", "Dân tộc"]],
    ],
)
def test_a_name_in_two_columns_is_one(read, header):  # noqa: F811
    found = read([*header, ["MM-A-01", "Người Giả", "Định", "15/08/1985", "Thái"]])
    assert cells(found)[0]["full_name"] == "Người Giả Định"
    assert (found.missing, found.unknown) == ([], [])


@pytest.mark.parametrize("remark", ["nghỉ thai sản", "Nghỉ việc", "x", "2", "Chuyển đến từ huyện"])
def test_a_remark_in_a_nameless_column_is_no_name(read, remark):  # noqa: F811
    found = read([["Mã đơn vị", "Họ và tên", None, "Ngày sinh"], ["MM-A-01", "Người Giả Định", remark, "15/08/1985"]])
    assert cells(found)[0]["full_name"] == "Người Giả Định"


def test_cells_merged_over_rows_are_of_each_but_no_figure_is(federation):
    header = [
        "Mã đơn vị",
        "Tên sáng kiến",
        "Tác giả",
        "Cấp công nhận",
        "Số quyết định",
        "Ngày quyết định",
        "Giá trị làm lợi (đồng)",
    ]
    first = ["MM-A-01", "Sáng kiến giả định 1", "Người A", "Cơ sở", "12/QĐ", "20/02/2023", 9_000_000]
    rows = [first, *(["MM-A-01", f"Sáng kiến giả định {n}", f"Người {n}"] for n in (2, 3))]
    merged = [f"{column}4:{column}6" for column in "DEFG"]
    federation.drop(f"{MAY}/a.xlsx", by_hand(["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {UPPER_A}"], header, *rows, merged=merged))
    federation.refresh()
    assert federation.query("""select recognised_level, decision_no, decision_date::varchar as day, benefit_vnd
        from core.initiative order by row""") == [
        {"recognised_level": "grassroots", "decision_no": "12/QĐ", "day": "2023-02-20", "benefit_vnd": money}
        for money in (9_000_000, None, None)
    ]  # fmt: skip


def test_an_activity_without_code_is_known_by_what_it_is_called(federation):
    labels = {i.indicator_id: i.label_vi for i in checked_reference(federation.home.reference).rows["indicators"]}
    rows = [["MM-A", labels["tournaments"].upper(), 3], ["MM-A", f"- {labels['works_completed']}", 5], ["MM-A", "Chỉ tiêu lạ", 7]]
    federation.drop(
        f"{MAY}/a.xlsx", by_hand(["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {UPPER_A}"], ["Đơn vị", "Nội dung", "Kết quả"], *rows)
    )
    federation.refresh()
    found = federation.query("select indicator_id, value from core.activity order by row")
    assert found == [{"indicator_id": "tournaments", "value": 3}, {"indicator_id": "works_completed", "value": 5}]
    told = [(f["check_id"], f["row"]) for f in federation.findings("state = 'open' and caused_by is null and form = 'activity'")]
    assert ("activity_indicator_id_missing", 6) in told
    assert "column_missing" not in dict(told)


@pytest.mark.parametrize("mark", ["nt", "-nt-", "Như trên", '"', "''"])
def test_a_ditto_mark_says_what_the_cell_above_says(read, mark):  # noqa: F811
    header = ["Mã đơn vị", "Họ và tên", "Ngày sinh", "Chuyên môn"]
    first = ["MM-A-01", "Người Giả Định", "15/08/1985", "Đại học"]
    found = read(
        [header, ["x1", mark, mark, mark], first, [mark, "Người Khác", "1/2/1990", mark], [mark, "Người Ba", None, "Cao đẳng"]]
    )
    top, _, second, third = cells(found)
    assert top["full_name"] == mark  # nothing stands above
    assert (second["unit_code"], second["qualification"], third["unit_code"]) == ("MM-A-01", "Đại học", "MM-A-01")
    assert found.as_received[4] == {"A": mark, "D": mark}
