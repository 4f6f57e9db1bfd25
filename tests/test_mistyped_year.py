"""A year mistyped in a return: told till the stated month is put right, and what looks like one and is none."""

from datetime import datetime, timedelta

from federation import LONE, MAY, PROVINCE, UPPER_A, UPPER_B, indicator, make_federation, nil, sheet

from pipelines.figures import figures

JUNE = datetime(2023, 6, 2, 8)
SENDERS = (PROVINCE, UPPER_A, UPPER_B, LONE)


def tournaments(unit, count, period):
    return sheet("activity", unit, [indicator(unit, value=count)], period)


def told(home, now):
    home.refresh(now)
    return [(f["period"], f["file_name"]) for f in home.findings("state = 'open' and check_id = 'period_year_mistyped'")]


def value(home, period):
    return {f["id"]: f["value"] for f in figures(home.home, period, UPPER_A)}["tournaments"]


def test_a_year_before_the_first_is_told_till_its_month_is_sent_as_nil(tmp_path):
    home = make_federation(tmp_path, JUNE)
    for unit in SENDERS[1:]:
        home.send(f"{unit}.xlsx", tournaments(unit, 1, "2023-04"))
    home.send("a5.xlsx", tournaments(UPPER_A, 3, "2022-05"))
    assert told(home, JUNE) == [("2022-05", "a5.xlsx")]
    (message,) = [f["message"] for f in home.findings("check_id = 'period_year_mistyped'")]
    assert "kỳ 05/2022, trước tháng đầu tiên" in message
    assert "«Không phát sinh» cho kỳ 05/2022" in message
    home.send("a5_dung.xlsx", tournaments(UPPER_A, 3, MAY))
    assert told(home, JUNE + timedelta(days=1)) == [("2022-05", "a5.xlsx")]  # it still counts in 2022
    home.send("a5_khong.xlsx", nil("activity", UPPER_A, "2022-05"))
    assert told(home, JUNE + timedelta(days=2)) == []
    assert (value(home, MAY), value(home, "2022-05")) == (3, None)


def test_a_january_return_with_last_years_date_is_told_till_that_month_is_right_again(tmp_path):
    home = make_federation(tmp_path, datetime(2023, 2, 2, 8))
    for unit in SENDERS:
        home.send(f"{unit}.xlsx", tournaments(unit, 2, "2023-01"))
    assert told(home, datetime(2023, 2, 2, 8)) == []
    home.send("a_2024.xlsx", tournaments(UPPER_A, 9, "2023-01"))
    assert told(home, datetime(2024, 2, 2, 8)) == [("2023-01", "a_2024.xlsx")]
    missing = {f["unit_code"]: f["caused_by"] for f in home.query(
        "select unit_code, caused_by from quality.finding where check_id = 'return_missing' and form = 'activity' and period = '2024-01'")}  # fmt: skip
    assert missing == {}  # not yet due
    home.send("a_dung.xlsx", tournaments(UPPER_A, 9, "2024-01"))
    assert told(home, datetime(2024, 2, 3, 8)) == [("2023-01", "a_2024.xlsx")]
    home.send("a_2023.xlsx", sheet("activity", UPPER_A, [indicator(UPPER_A, value=2, indicator_label="Giải đấu")], "2023-01"))
    assert told(home, datetime(2024, 2, 4, 8)) == []
    assert (value(home, "2023-01"), value(home, "2024-01")) == (2, 9)


def test_history_and_late_corrections_are_no_mistyped_years(tmp_path):
    home = make_federation(tmp_path, JUNE)
    for unit in SENDERS[1:]:
        home.send(f"{unit}.xlsx", tournaments(unit, 1, "2023-04"))
    home.send("a_2022.xlsx", tournaments(UPPER_A, 3, "2022-04"))  # history, after its sender's own April
    home.send("b.xlsx", tournaments(UPPER_B, 1, MAY))
    assert told(home, JUNE) == []
    home.send("b_2022.xlsx", tournaments(UPPER_B, 3, "2022-05"))
    home.send("a_sua.xlsx", tournaments(UPPER_A, 4, "2023-04"))  # a correction a month later
    assert told(home, JUNE + timedelta(days=3)) == []


def test_one_of_three_senders_starts_no_form(tmp_path):
    home = make_federation(tmp_path, JUNE)
    for unit in SENDERS[1:]:
        home.send(f"{unit}.xlsx", tournaments(unit, 1, MAY))
    home.send("a4.xlsx", tournaments(UPPER_A, 3, "2021-04"))
    home.refresh()
    assert home.query("select first_month from core.form_start") == [{"first_month": MAY}]
