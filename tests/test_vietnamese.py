import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.vietnamese import day, fold, month, months_between, number, periods_in, periods_in_name, squash


@pytest.mark.parametrize(
    "text", ["2023-05", "2023-5", "05/2023", "5.2023", "05-2023", "T5-2023", "t5/2023", "Tháng 5 năm 2023", "THÁNG 05 NĂM 2023"]
)
@pytest.mark.parametrize("around", ["{}", "Kỳ báo cáo: {}", "inbox/{}/mau.xlsx", "BC_{}_lan 2"])
def test_a_month_is_understood_in_every_written_form(text, around):
    assert periods_in(around.format(text)) == {"2023-05"}
    assert periods_in(unicodedata.normalize("NFD", around.format(text))) == {"2023-05"}
    assert periods_in(fold(around.format(text))) == {"2023-05"}


@pytest.mark.parametrize(
    "text",
    ["", "31/05/2023", "2023-05-31", "5.5.2023", "13/2023", "0/2023", "2023", "714/BC-LĐLĐ", "105/2023", "05/20231", "1/1999"],
)
def test_what_states_no_month_gives_none(text):
    assert periods_in(text) == set()


@pytest.mark.parametrize("text", ["Quý 1/2023", "Kỳ báo cáo: quý 1 năm 2023", "Q1/2023", "6 tháng đầu năm 2023", "Năm 2023"])
def test_a_longer_period_is_no_month(text):
    assert periods_in(text) == set()


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        ("CV 12-2023.xlsx", set()),
        ("QĐ số 05_2023.xlsx", set()),
        ("2023-05/KH 11-2023.xlsx", {"2023-05"}),
        ("BC_T5-2023.xlsx", {"2023-05"}),
        ("BC 2023-05.xlsx", {"2023-05"}),
        ("mau 05-2023.xlsx", {"2023-05"}),
        ("MM-T-01-2023-05.xlsx", set()),
        ("01/2023-05/a.xlsx", {"2023-05"}),
        ("MM-K18/2023-05/a.xlsx", {"2023-05"}),
        ("2023/05/a.xlsx", {"2023-05"}),
        ("2023-05/MM-T-01-2023-05.xlsx", {"2023-05"}),
        ("T4.2023 - T5.2023.xlsx", {"2023-04", "2023-05"}),
        ("Bao cao thang 5 nam 2023.xlsx", {"2023-05"}),
    ],
)
def test_a_document_number_in_a_file_name_is_no_month(name, stated):
    assert periods_in_name(name) == stated


def test_months_between_counts_over_years():
    assert [months_between("2022-12", m) for m in ("2022-11", "2022-12", "2023-06")] == [-1, 0, 6]


def test_two_months_in_a_text_are_both_heard():
    assert periods_in("2023-04/bao_cao_thang 5 nam 2023.xlsx") == {"2023-04", "2023-05"}


@given(st.text())
def test_folding_is_stable_and_leaves_no_case_or_accent_or_double_space(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert "  " not in folded
    assert not any(unicodedata.combining(c) for c in folded)
    assert "đ" not in folded


@given(st.text())
def test_folding_does_not_see_how_accents_are_composed(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


def test_folding_matches_what_officers_type():
    assert fold("  ĐƠN\u00a0VỊ  Gửi ") == fold("don vi gửi") == "don vi gui"


@given(st.text())
def test_squashed_text_has_single_spaces_and_keeps_its_words(text):
    assert squash(text).split(" ") == (unicodedata.normalize("NFC", text).split() or [""])


def test_numbers_dates_and_periods_read_as_in_a_report():
    assert number(4_173_000_000) == "4.173.000.000"
    assert number(1234567.5, 2) == "1.234.567,50"
    assert day(date(2023, 5, 31)) == "31/05/2023"
    said = {"2023-05": "05/2023", "2023-Q2": "quý II năm 2023", "2023-H1": "6 tháng đầu năm 2023", "2023": "năm 2023"}
    assert {p: month(p) for p in said} == said
