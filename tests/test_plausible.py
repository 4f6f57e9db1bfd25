"""Rules on what one return says: what alarms and, as much as that, what must not; and two senders of one unit."""

from datetime import date, datetime

import pytest
from federation import MAY, UPPER_A, gift, house, indicator, initiative, make_federation, member, sheet

LATER = datetime(2023, 6, 3, 9)
UNIT = "MM-A-01"
NO_GIFT = {"gift_count": None, "unit_amount_vnd": None}
AGREEMENT = NO_GIFT | {
    "kind": "Thỏa thuận phúc lợi",
    "model_code": "PL-1",
    "valid_until": date(2025, 5, 31),
    "beneficiary_count": 40,
}
LOAN = NO_GIFT | {"kind": "Vay Quỹ tương hỗ", "model_code": "TH-1"}


def told(federation, where="true"):
    """(rule, row) of what is open and no consequence, but for returns that are not in."""
    found = federation.findings(f"state = 'open' and caused_by is null and check_id not like 'return_%' and {where}")
    return [(f["check_id"], f["row"]) for f in found]


def said_of(federation, form, *rows, period=MAY):
    """What is told of a return with these rows, the first of which is row 11."""
    federation.send(f"{period}/a.xlsx", sheet(form, UPPER_A, rows, period))
    federation.refresh()
    return told(federation)


def test_a_gift_out_of_season_is_asked_about(tmp_path):
    federation = make_federation(tmp_path)
    federation.send(
        "2022-01/a.xlsx", sheet("members", UPPER_A, [member(UNIT)], "2022-01")
    )  # else a month of gifts is an opening one
    for month, day, occasion in (
        ("2022-02", 3, "Tết"), ("2022-04", 3, "Tết"), ("2022-05", 3, "Tết"), ("2022-10", 3, "Tết"), ("2022-11", 30, "Tết"),
        ("2022-03", 3, "Tháng Công nhân"), ("2022-08", 3, "Tháng Công nhân"), ("2022-09", 3, "Tháng Công nhân"),
        ("2023-01", 3, "Tháng Công nhân"), ("2023-02", None, "Tháng Công nhân"), ("2023-03", 3, "Khác"),
    ):  # fmt: skip
        given = day and date(int(month[:4]), int(month[5:]), day)
        federation.send(
            f"{month}/{day}{occasion}.xlsx", sheet("aid", UPPER_A, [gift(UNIT, occasion=occasion, given_date=given)], month)
        )
    federation.refresh()
    found = federation.findings("check_id = 'aid_occasion_out_of_season'")
    assert [f["period"] for f in found] == ["2022-05", "2022-09", "2022-10", "2023-01", "2023-02"]


def test_aid_of_a_kind_says_what_its_kind_is_counted_by(federation):
    rows = [
        gift(UNIT, 1, **LOAN), gift(UNIT, 2, **LOAN | {"amount_vnd": None}),
        gift(UNIT, 3, **AGREEMENT), gift(UNIT, 4, **AGREEMENT | {"valid_until": None}), gift(UNIT, 5, **AGREEMENT | {"beneficiary_count": None}),
        house(UNIT, 6, amount_vnd=None),
    ]  # fmt: skip
    assert said_of(federation, "aid", *rows) == [
        ("aid_money_missing", 12),
        ("aid_agreement_valid_until_missing", 14),
        ("aid_agreement_beneficiaries_missing", 15),
        ("aid_money_missing", 16),
    ]


def test_a_house_has_an_area_for_its_rooms(federation):
    sizes = [(6, 120), (120, 6), (8, None), (60, None), (30, 7), (4_000, 6), (90, 0), (None, 120)]
    rows = [house(UNIT, n, model_code=f"NLT-{n}", area_m2=area, rooms_count=rooms) for n, (area, rooms) in enumerate(sizes)]
    assert said_of(federation, "aid", *rows) == [("aid_area_implausible", 11 + n) for n in (0, 2, 4, 5)]


def test_lines_of_one_house_say_the_same_of_it(federation):
    rows = [
        house(UNIT, 1), house(UNIT, 2), house(UNIT, 3, rooms_count=None, area_m2=None), house(UNIT, 4, area_m2=121),
        house(UNIT, 5, model_code="NLT-2", area_m2=60), gift(UNIT, 6, **LOAN | {"model_code": "NLT-2"}),
    ]  # fmt: skip
    assert said_of(federation, "aid", *rows) == [("aid_model_sizes_differ", 14), ("aid_model_code_of_two_kinds", 16)]


def test_lines_of_one_house_are_held_together_across_months_and_settled_by_either(federation):
    federation.send(
        "2023-04/a.xlsx", sheet("aid", UPPER_A, [house(UNIT, 1, area_m2=100, given_date=date(2023, 4, 3))], "2023-04")
    )
    assert said_of(federation, "aid", house(UNIT, 2)) == [("aid_model_sizes_differ", 11)]
    (finding,) = federation.findings("check_id = 'aid_model_sizes_differ'")
    assert "dòng 11 của cùng công trình trong báo cáo tháng 04/2023" in finding["message"]
    federation.send("2023-04/b.xlsx", sheet("aid", UPPER_A, [house(UNIT, 1, given_date=date(2023, 4, 3))], "2023-04"), at=LATER)
    federation.refresh()
    assert told(federation) == []


def test_an_indicator_is_what_the_list_of_indicators_says(federation):
    path = federation.home.reference / "indicators.csv"
    path.write_text(path.read_text("utf-8") + "fees_collected,Kinh phí công đoàn đã thu,triệu đồng\n", "utf-8")
    rows = [
        indicator(UPPER_A, "upper_counted", 1), indicator(UPPER_A, "upper_plans", 0), indicator(UPPER_A, "mutual_fund_kept", 5),
        indicator(UPPER_A, "tournaments", -1), indicator(UPPER_A, "officers_counted", 2.5), indicator(UPPER_A, "fees_collected", 2.5),
        indicator(UPPER_A, "upper_rolled_out", "-1"), indicator(UPPER_A, "grassroots_counted", 3), indicator(UNIT, "grassroots_counted", 1),
    ]  # fmt: skip
    assert said_of(federation, "activity", *rows) == [
        ("activity_part_above_whole", 13),  # five funds of one union
        ("activity_value_not_yes_or_no", 13),
        ("activity_value_negative", 14),
        ("activity_value_fraction", 15),
        ("activity_value_negative", 17),
        ("activity_grassroots_above_registry", 18),
    ]


def test_blank_cells_that_change_figures_are_told_once_a_return(federation):
    people = [member(UNIT, n, sex=None if n < 4 else "Nữ", income_vnd=None if n > 2 else 7_000_000) for n in range(1, 6)]
    assert said_of(federation, "members", *people) == [("members_income_blank", None), ("members_shares_short", None)]
    said = " ".join(f["message"] for f in federation.findings())
    assert "3 trên 5 người chưa ghi thu nhập" in said
    assert "3 trên 5 đoàn viên chưa ghi giới tính" in said


def test_a_day_of_decision_is_asked_for_where_the_sheet_has_the_column(federation):
    rows = [initiative(UNIT, 1), initiative(UNIT, 2, title="Hai", decision_date=None)]
    assert said_of(federation, "initiatives", *rows) == [("initiatives_decision_date_missing", 12)]
    federation.send(f"{MAY}/b.xlsx", sheet("initiatives", UPPER_A, rows, omit=frozenset({"decision_date"})), at=LATER)
    federation.refresh()
    assert [rule for rule, _ in told(federation)] == ["column_absent"]


# ---- two senders of one unit


def both(federation, form, above, own, sender=UPPER_A):
    federation.send(f"{MAY}/above.xlsx", sheet(form, sender, above))
    federation.send(f"{MAY}/own.xlsx", sheet(form, UNIT, own), at=LATER)
    federation.refresh()
    return [
        (f["check_id"], f["unit_code"])
        for f in federation.findings("state = 'open' and caused_by is null and check_id like '%sent_twice'")
    ]


def test_the_sender_whose_list_of_a_unit_does_not_count_is_told(federation):
    assert both(federation, "members", [member(UNIT, 1), member("MM-A-02")], [member(UNIT, 1), member(UNIT, 2)]) == [
        ("members_sent_twice", UPPER_A)
    ]
    (finding,) = federation.findings("check_id = 'members_sent_twice'")
    assert "danh sách của đơn vị MM-A-01 ở đây khác với bản do đơn vị gửi MM-A-01 gửi" in finding["message"]
    federation.send(f"{MAY}/again.xlsx", sheet("members", UPPER_A, [member("MM-A-02")]), at=LATER)
    federation.refresh(LATER)
    assert told(federation, "check_id = 'members_sent_twice'") == []


@pytest.mark.parametrize(
    ("form", "above", "own", "alarms"),
    [
        ("members", [member(UNIT, 1)], [member(UNIT, 1)], False),
        ("members", [member(UNIT, 1)], [member(UNIT, 1, income_vnd=9_000_000)], False),
        ("members", [member(UNIT, 1)], [member(UNIT, 1, is_member=None)], True),
        ("activity", [indicator(UNIT, value=3)], [indicator(UNIT, value=3)], False),
        ("activity", [indicator(UNIT, value=3)], [indicator(UNIT, value=4)], True),
    ],
)
def test_two_senders_that_say_the_same_of_a_unit_are_nobodys_matter(federation, form, above, own, alarms):
    assert both(federation, form, above, own) == [(f"{form}_sent_twice", UPPER_A)] * alarms


def test_rows_outside_the_sender_are_one_matter(federation):
    assert both(federation, "members", [member(UNIT, 1)], [member(UNIT, 2)], sender="MM-B") == []
    assert told(federation, "check_id = 'unit_outside_sender'") == [("unit_outside_sender", 11)]


def test_nothing_may_be_said_in_words_where_a_cell_may_be_empty(federation):
    rows = [member("MM-C-01", 1, qualification="-", joined_date="–", income_vnd="không"), member("MM-C-01", 2, sex="-")]
    ideas = [
        initiative("MM-C-01", 1, benefit_vnd="Không tính được bằng tiền"),
        initiative("MM-C-01", 2, benefit_vnd="chưa xác định"),
    ]
    federation.send("a.xlsx", sheet("members", "MM-C-01", rows), sheet("initiatives", "MM-C-01", ideas))
    federation.refresh()
    assert not [f["check_id"] for f in federation.findings() if "unreadable" in f["check_id"]]
    assert {f["check_id"] for f in federation.findings()} >= {"members_shares_short", "members_income_blank"}  # as of empty cells
    assert federation.query("select sum(benefit_vnd) as n from core.initiative") == [{"n": None}]
