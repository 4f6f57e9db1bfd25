"""The mistyped lines of the first returns, as a table; planting them and faults of whole sheets are in errors.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pipelines.province.returns import LATE

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Slip:
    """One wrong line: the column to blame, which lines it may hit, and the cells as the officer mistyped them."""

    check_id: str
    where: tuple[tuple[str, str], ...]  # (sender, period)
    column: str
    fits: Callable[[Line], Any]
    wrong: Callable[[Line], dict[str, Any]]


def _dated(line: Line) -> bool:
    return bool(line.get("is_member")) and isinstance(line["joined_date"], date) and line["joined_date"].year < 2022


def _gift(line: Line) -> bool:
    return line["kind"] == "Quà"


def _swappable(line: Line) -> bool:
    first, second, *_ = str(line["amount_vnd"])
    return _gift(line) and line["amount_vnd"] >= 1_000_000 and first != second != "0"


def _swapped(amount: int) -> int:
    digits = str(amount)
    return int(digits[1] + digits[0] + digits[2:])


SLIPS: dict[str, tuple[Slip, ...]] = {
    "members": (
        Slip(
            "members_full_name_missing",
            (("MM-TT-02", "2023-02"), ("MM-BL", "2023-05")),
            "full_name",
            _dated,
            lambda r: {"full_name": None},
        ),
        Slip(
            "members_birth_date_unreadable",
            (("MM-TW-03", "2023-01"),),
            "birth_date",
            _dated,
            lambda r: {"birth_date": "31/02/1985"},
        ),
        Slip(
            "members_citizen_id_unreadable",
            (("MM-TW-08", "2023-05"),),
            "citizen_id",
            _dated,
            lambda r: {"citizen_id": r["citizen_id"][:-1]},
        ),
        Slip(
            "members_qualification_unreadable",
            (("MM-GD", "2023-05"),),
            "qualification",
            _dated,
            lambda r: {"qualification": "Cao học ngành"},
        ),
        Slip("members_sex_unreadable", (("MM-YT", "2023-04"),), "sex", _dated, lambda r: {"sex": "N"}),
        Slip(
            "members_unit_code_unreadable",
            (("MM-NT", "2023-05"),),
            "unit_code",
            _dated,
            lambda r: {"unit_code": r["unit_code"][:6] + "999"},
        ),
        Slip(
            "members_joined_before_15",
            (("MM-TW-11", "2023-05"),),
            "joined_date",
            _dated,
            lambda r: {"joined_date": r["birth_date"] + timedelta(days=12 * 365)},
        ),
        Slip(
            "members_joined_after_cutoff",
            (("MM-TT-07", "2023-03"),),
            "joined_date",
            _dated,
            lambda r: {"joined_date": date(2023, 7, 15)},
        ),
        Slip(
            "members_birth_date_implausible",
            (("MM-VC", "2023-05"),),
            "birth_date",
            _dated,
            lambda r: {"birth_date": r["birth_date"].replace(year=1930, day=1)},
        ),
        Slip(
            "members_income_implausible",
            (("MM-TT-09", "2023-05"), ("MM-PK", "2023-02")),
            "income_vnd",
            _dated,
            lambda r: {"income_vnd": 6_300},
        ),
        Slip(
            "members_joined_date_unreadable",
            (("MM-TW-17", "2023-02"),),
            "joined_date",
            _dated,
            lambda r: {"joined_date": "31/02/2015"},
        ),
    ),
    "initiatives": (
        Slip("initiatives_title_missing", (("MM-TP", "2023-03"),), "title", lambda r: True, lambda r: {"title": None}),
        Slip(
            "initiatives_portal_date_missing",
            (("MM-GD", "2023-02"),),
            "portal_date",
            lambda r: r["on_portal"],
            lambda r: {"portal_date": None},
        ),
        Slip(
            "initiatives_decision_after_cutoff",
            (("MM-BL", "2023-04"),),
            "decision_date",
            lambda r: not r["on_portal"],
            lambda r: {"decision_date": date(2023, 6, 20)},
        ),
        Slip(
            "initiatives_portal_before_decision",
            (("MM-YT", "2022-12"),),
            "portal_date",
            lambda r: r["on_portal"] and r["decision_date"] > date(2022, 3, 1),
            lambda r: {"portal_date": r["decision_date"] - timedelta(days=20)},
        ),
        Slip(
            "initiatives_recognised_level_unreadable",
            (("MM-KS", "2023-05"),),
            "recognised_level",
            lambda r: True,
            lambda r: {"recognised_level": "Cấp huyện"},
        ),
    ),
    "aid": (
        Slip("aid_kind_unreadable", (("MM-TP", "2023-01"),), "kind", _gift, lambda r: {"kind": "Hỗ trợ"}),
        Slip("aid_gift_count_missing", (("MM-BL", "2023-01"),), "gift_count", _gift, lambda r: {"gift_count": None}),
        Slip(
            "aid_amount_not_count_times_unit",
            (("MM-PK", "2023-01"), ("MM", "2023-05")),
            "amount_vnd",
            _swappable,
            lambda r: {"amount_vnd": _swapped(r["amount_vnd"])},
        ),
        Slip("aid_occasion_missing", (("MM-GD", "2023-01"),), "occasion", _gift, lambda r: {"occasion": None}),
        Slip("aid_given_by_missing", (("MM-YT", "2023-01"),), "given_by", _gift, lambda r: {"given_by": None}),
        Slip(
            "aid_given_date_outside_month",
            (("MM-KS", "2023-01"),),
            "given_date",
            _gift,
            lambda r: {"given_date": r["given_date"].replace(year=2022, month=12)},
        ),
        Slip(
            "aid_funder_share_implausible",
            (("MM", "2023-03"),),
            "amount_vnd",
            lambda r: r["kind"] == "Nhà lưu trú" and r["given_by"] == "Trung ương",
            lambda r: {"amount_vnd": 250_000},
        ),
        Slip(
            "aid_gift_amount_implausible",
            (("MM-VC", "2023-01"),),
            "amount_vnd",
            _gift,
            lambda r: {"unit_amount_vnd": r["unit_amount_vnd"] // 1000, "amount_vnd": r["amount_vnd"] // 1000},
        ),
        Slip(
            "aid_model_code_missing",
            (("MM", "2023-04"),),
            "model_code",
            lambda r: r["kind"] == "Phòng học",
            lambda r: {"model_code": None},
        ),
    ),
    "activity": (
        Slip(
            "activity_indicator_id_unreadable",
            (("MM-TT-05", "2023-04"),),
            "indicator_id",
            lambda r: r["indicator_id"] == "tournaments",
            lambda r: {"indicator_id": "giai_the_thao"},
        ),
        Slip(
            "activity_value_unreadable",
            (("MM-TW-14", "2023-03"),),
            "value",
            lambda r: r["indicator_id"] == "propaganda_participations",
            lambda r: {"value": "nhiều"},
        ),
        Slip(
            "activity_works_parts",
            ((LATE, "2023-05"),),
            "value",
            lambda r: r["indicator_id"] == "works_completed",
            lambda r: {"value": r["value"] + 1},
        ),
    ),
}
