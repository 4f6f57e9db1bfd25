"""For every rule a fault that raises it and nothing else: one wrong row, one wrong sheet, or one wrong file."""

import io
from dataclasses import replace
from datetime import date

import openpyxl
from federation import MAY, PROVINCE, UNITS, citizen_id, gift, house, indicator, initiative, member, sheet

from pipelines.blank import Sheet
from pipelines.forms import forms

ROW = {"members": member, "initiatives": initiative, "aid": gift, "activity": indicator}
NAMED_DATE = date(1990, 3, 7)
CARD_NO = "MM9871234"
BEFORE = "2023-04"
LOAN = {"kind": "Vay Quỹ quốc gia", "gift_count": None, "unit_amount_vnd": None}
AGREEMENT = LOAN | {
    "kind": "Thỏa thuận phúc lợi",
    "model_code": "PL-1",
    "valid_until": date(2025, 5, 31),
    "beneficiary_count": 40,
}

# rule → the form and the cells that one row gets wrong
CELLS = {
    "members_unit_code_missing": ("members", {"unit_code": None}),
    "members_unit_code_unreadable": ("members", {"unit_code": "Tổ dân phố 5"}),
    "members_unit_name_disagrees": ("members", {"unit_name": UNITS[0].split(",")[1]}),
    "members_full_name_missing": ("members", {"full_name": "  "}),
    "members_birth_date_unreadable": ("members", {"birth_date": "31/02/1985"}),
    "members_sex_unreadable": ("members", {"sex": "Nam hoặc Nữ"}),
    "members_citizen_id_unreadable": ("members", {"citizen_id": "91234"}),
    "members_is_member_unreadable": ("members", {"is_member": "sắp vào"}),
    "members_joined_date_unreadable": ("members", {"joined_date": "năm ngoái"}),
    "members_schooling_unreadable": ("members", {"schooling": "Lớp 13"}),
    "members_qualification_unreadable": ("members", {"qualification": "Giỏi"}),
    "members_political_theory_unreadable": ("members", {"political_theory": "Tốt"}),
    "members_income_vnd_unreadable": ("members", {"income_vnd": "khá"}),
    "members_birth_date_implausible": ("members", {"birth_date": date(2019, 3, 7), "joined_date": None}),
    "members_joined_before_15": ("members", {"birth_date": NAMED_DATE, "joined_date": "05/2001"}),
    "members_joined_after_cutoff": ("members", {"joined_date": date(2023, 6, 1)}),
    "members_income_implausible": ("members", {"income_vnd": 7_000}),
    "initiatives_unit_code_missing": ("initiatives", {"unit_code": None}),
    "initiatives_unit_code_unreadable": ("initiatives", {"unit_code": "???"}),
    "initiatives_title_missing": ("initiatives", {"title": None}),
    "initiatives_recognised_level_unreadable": ("initiatives", {"recognised_level": "Thôn"}),
    "initiatives_decision_date_unreadable": ("initiatives", {"decision_date": "đầu năm"}),
    "initiatives_benefit_vnd_unreadable": ("initiatives", {"benefit_vnd": "1,5"}),
    "initiatives_benefit_vnd_negative": ("initiatives", {"benefit_vnd": -1_000_000}),
    "initiatives_on_portal_unreadable": ("initiatives", {"on_portal": "?"}),
    "initiatives_portal_date_unreadable": ("initiatives", {"portal_date": "30.2.2023"}),
    "initiatives_portal_date_missing": ("initiatives", {"portal_date": None}),
    "initiatives_portal_flag_missing": ("initiatives", {"on_portal": None}),
    "initiatives_decision_after_cutoff": ("initiatives", {"decision_date": date(2023, 6, 2)}),
    "initiatives_portal_after_cutoff": ("initiatives", {"portal_date": date(2023, 6, 2)}),
    "initiatives_portal_before_decision": ("initiatives", {"portal_date": date(2023, 2, 19)}),
    "aid_unit_code_missing": ("aid", {"unit_code": None}),
    "aid_unit_code_unreadable": ("aid", {"unit_code": "MM-Z-99"}),
    "aid_kind_missing": ("aid", {"kind": None}),
    "aid_kind_unreadable": ("aid", {"kind": "Nhà lưu chú"}),
    "aid_occasion_unreadable": ("aid", {"occasion": "Giáng sinh"}),
    "aid_given_by_unreadable": ("aid", {"given_by": "Hàng xóm"}),
    "aid_gift_count_missing": ("aid", {"gift_count": None}),
    "aid_gift_count_unreadable": ("aid", {"gift_count": "vài"}),
    "aid_unit_amount_vnd_unreadable": ("aid", {"unit_amount_vnd": "1,234"}),
    "aid_amount_vnd_missing": ("aid", {"amount_vnd": None}),
    "aid_amount_vnd_unreadable": ("aid", {"amount_vnd": "nửa triệu"}),
    "aid_given_date_unreadable": ("aid", {"given_date": "hôm nọ"}),
    "aid_area_m2_unreadable": ("aid", {"area_m2": "rộng"}),
    "aid_rooms_count_unreadable": ("aid", {"rooms_count": "2,5"}),
    "aid_beneficiary_count_unreadable": ("aid", {"beneficiary_count": "cả xã"}),
    "aid_valid_until_unreadable": ("aid", {"valid_until": "mãi mãi"}),
    "aid_income_gain_min_vnd_unreadable": ("aid", {"income_gain_min_vnd": "ít"}),
    "aid_income_gain_max_vnd_unreadable": ("aid", {"income_gain_max_vnd": "nhiều"}),
    "aid_amount_not_count_times_unit": ("aid", {"gift_count": 2}),
    "aid_occasion_missing": ("aid", {"occasion": None}),
    "aid_given_by_missing": ("aid", {"given_by": None}),
    "aid_given_date_outside_month": ("aid", {"given_date": date(2023, 6, 1)}),
    "aid_gift_amount_implausible": ("aid", {"unit_amount_vnd": 500, "amount_vnd": 500}),
    "aid_gift_count_not_positive": ("aid", {"gift_count": 0, "amount_vnd": 0}),
    "aid_model_code_missing": ("aid", {"kind": "Phòng học", "gift_count": None, "unit_amount_vnd": None}),
    "aid_amount_vnd_negative": ("aid", LOAN | {"amount_vnd": -1_000_000}),
    "aid_area_m2_negative": ("aid", {"area_m2": -20}),
    "aid_rooms_count_negative": ("aid", {"rooms_count": -2}),
    "aid_beneficiary_count_negative": ("aid", {"beneficiary_count": -3}),
    "aid_income_gain_order": ("aid", {"income_gain_min_vnd": 3_000_000, "income_gain_max_vnd": 2_000_000}),
    "aid_valid_until_before_given": ("aid", {"valid_until": date(2023, 5, 1)}),
    "aid_occasion_out_of_season": ("aid", {"occasion": "Tết"}),
    "aid_money_missing": ("aid", LOAN | {"amount_vnd": None}),
    "aid_agreement_valid_until_missing": ("aid", AGREEMENT | {"valid_until": None}),
    "aid_agreement_beneficiaries_missing": ("aid", AGREEMENT | {"model_code": "PL-2", "beneficiary_count": None}),
    "initiatives_decision_date_missing": ("initiatives", {"decision_date": None}),
    "activity_value_negative": ("activity", {"value": -3}),
    "activity_value_fraction": ("activity", {"value": 2.5}),
    "activity_value_not_yes_or_no": ("activity", {"indicator_id": "upper_counted", "value": 5}),
    "activity_unit_code_missing": ("activity", {"unit_code": None}),
    "activity_unit_code_unreadable": ("activity", {"unit_code": "12"}),
    "activity_indicator_id_missing": ("activity", {"indicator_id": None}),
    "activity_indicator_id_unreadable": ("activity", {"indicator_id": "khong_co"}),
    "activity_value_missing": ("activity", {"value": None}),
    "activity_value_unreadable": ("activity", {"value": "ba"}),
}

# rule → the sheets of a return in which only a whole sheet, or rows together, can be wrong
SHEETS = {
    "column_missing": lambda u: [sheet("members", u, [member(u)], omit=frozenset({"full_name"}))],
    "column_absent": lambda u: [sheet("initiatives", u, [initiative(u)], omit=frozenset({"benefit_vnd"}))],
    "column_rare_absent": lambda u: [sheet("aid", u, [gift(u)], omit=frozenset({"area_m2", "rooms_count"}))],
    "column_assumed": lambda u: [sheet("aid", u, [gift(u)], omit=frozenset({"kind"}))],
    "nil_with_rows": lambda u: [sheet("aid", u, [gift(u)], nil=True)],
    "aid_gift_count_total_differs": lambda u: [sheet("aid", u, [gift(u)], totals={"gift_count": 7})],
    "aid_amount_vnd_total_differs": lambda u: [sheet("aid", u, [gift(u)], totals={"amount_vnd": 1})],
    "activity_part_above_whole": lambda u: [
        sheet("activity", u, [indicator(u, "officers_counted", 3), indicator(u, "officers_trained", 4)])
    ],
    "members_shares_short": lambda u: [sheet("members", u, [member(u), member(u, 2, schooling=None)])],
    "members_incomes_lack_zeros": lambda u: [sheet("members", u, [member(u, n, income_vnd=n * 7_000) for n in (1, 2, 3)])],
    "aid_amounts_lack_zeros": lambda u: [sheet("aid", u, [gift(u, n, unit_amount_vnd=500, amount_vnd=500) for n in (1, 2, 3)])],
    "members_income_blank": lambda u: [sheet("members", u, [member(u), member(u, 2, income_vnd=None)])],
    "activity_grassroots_above_registry": lambda u: [sheet("activity", u, [indicator(u, "grassroots_counted", 40)])],
    "aid_area_implausible": lambda u: [sheet("aid", u, [house(u, area_m2=6, rooms_count=120)])],
    "aid_model_sizes_differ": lambda u: [sheet("aid", u, [house(u, 1), house(u, 2, rooms_count=7)])],
    "aid_model_code_of_two_kinds": lambda u: [sheet("aid", u, [house(u, 1), house(u, 2, kind="Phòng học")])],
    "aid_gift_price_unlike_others": lambda u: [
        sheet("aid", u, [gift(u, n, unit_amount_vnd=5_000_000, amount_vnd=5_000_000) for n in range(5)])
    ],
    "activity_duplicate": lambda u: [sheet("activity", u, [indicator(u), indicator(u, value=4)])],
    "activity_works_parts": lambda u: [
        sheet(
            "activity", u, [indicator(u, "works_completed", 5), indicator(u, "works_plaqued", 1), indicator(u, "works_tasks", 1)]
        )
    ],
    "aid_duplicate": lambda u: [sheet("aid", u, [gift(u), gift(u, recipient=gift(u)["recipient"].upper())])],
    "aid_funder_share_implausible": lambda u: [sheet("aid", u, [house(u, 1), house(u, 2, amount_vnd=250_000)])],
    "aid_model_code_of_two_units": lambda u: [sheet("aid", u, [house(u, 1), house(f"{u}-01", 2, model_code=f"nlt {u}")])],
    "initiatives_duplicate": lambda u: [sheet("initiatives", u, [initiative(u), initiative(u)])],
    "members_citizen_id_duplicate": lambda u: [sheet("members", u, [member(u), member(u, 2, citizen_id=citizen_id(u, 1))])],
    "members_card_no_duplicate": lambda u: [
        sheet("members", u, [member(u, card_no=CARD_NO), member(u, 2, card_no=CARD_NO.lower())])
    ],
    "members_person_duplicate": lambda u: [
        sheet("members", u, [member(u, birth_date=NAMED_DATE), member(u, birth_date=NAMED_DATE, citizen_id=None)])
    ],
    "period_year_mistyped": lambda u: [sheet("members", u, [member(u)], period="2022-05")],
    "unit_outside_sender": lambda u: [sheet("members", u, [member(u), member(PROVINCE, 7)])],
    "unit_not_in_force": lambda u: [sheet("members", u, [member(u), member("MM-OLD")])],
}


def workbook(hidden=False, rows=(), hidden_row=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if hidden_row:
        book.active.row_dimensions[hidden_row].hidden = True
    if hidden:
        book.create_sheet("Bìa")
        book.active.sheet_state = "hidden"
        book.active = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def hidden_members(unit):
    return workbook(True, by_hand(unit))


def by_hand(unit, *more):
    """A list of one member that an officer wrote into an empty sheet; `more` are headers besides the form's."""
    labels = {c.name: c.label for c in forms()["members"].columns}
    person = member(unit)
    return [["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {unit}"], [*(labels[n] for n in person), *more], list(person.values())]


def subtotalled(unit, column):
    """Two gifts by hand, and a line between that adds up the first wrongly."""
    labels = {c.name: c.label for c in forms()["aid"].columns}
    lines = [gift(unit, 1), {"recipient": "Cộng nhóm một", column: 7}, gift(unit, 2)]
    table = [[line.get(name) for name in labels] for line in lines]
    return workbook(rows=[["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {unit}"], list(labels.values()), *table])


def totalled(unit, column, total):
    """A gift by hand, and a total that nobody can read."""
    labels = {c.name: c.label for c in forms()["aid"].columns}
    table = [[line.get(name) for name in labels] for line in (gift(unit), {"unit_code": "Tổng cộng", column: total})]
    return workbook(rows=[["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {unit}"], list(labels.values()), *table])


# rule → a file beside a complete nil return, since nothing of it is taken (or its sheet is no form of ours)
FILES = {
    "file_unreadable": lambda u: b"not a workbook",
    "form_unknown": lambda u: workbook(rows=[["Danh bạ", "điện thoại", "cơ quan"], ["a", "b", "c"]]),
    "column_twice": lambda u: workbook(
        rows=[[*row, ["Giới tính", "Nam"][n == 3]] if n > 1 else row for n, row in enumerate(by_hand(u))]
    ),
    "form_incomplete": lambda u: workbook(rows=[["STT", "Ngày sinh", "Giới tính", "Số CCCD"], [1, "1/1/1990", "Nữ", "9" * 12]]),
    "sheet_hidden": hidden_members,
    "text_repaired": lambda u: workbook(
        rows=[*by_hand(u)[:-1], [{"Thái": "Th¸i", "Đại học": "§¹i häc"}.get(str(c), c) for c in by_hand(u)[-1]]]
    ),
    "aid_gift_count_subtotal_differs": lambda u: subtotalled(u, "gift_count"),
    "aid_amount_vnd_subtotal_differs": lambda u: subtotalled(u, "amount_vnd"),
    "aid_gift_count_total_unreadable": lambda u: totalled(u, "gift_count", "khoảng 30 suất"),
    "aid_amount_vnd_total_unreadable": lambda u: totalled(u, "amount_vnd", "#REF!"),
    "table_of_other_form": lambda u: workbook(rows=[*by_hand(u), ["Mã đơn vị", "Tên sáng kiến", "Tác giả"], [u, "Một", "Hai"]]),
    "money_scaled": lambda u: workbook(
        rows=[[{"Thu nhập (đồng/tháng)": "Thu nhập (triệu đồng)", 7_000_000: 7}.get(c, c) for c in row] for row in by_hand(u)]
    ),
    "row_alone": lambda u: workbook(
        rows=[*by_hand(u)[:2], ["STT", *by_hand(u)[2]], [1, *by_hand(u)[3]], [None, None, "Người Giả Định"]]
    ),
    "rows_of_leavers": lambda u: workbook(rows=[*by_hand(u), ["II. Đoàn viên chuyển đi"], [u, *by_hand(u)[3][1:]]]),
    "rows_hidden": lambda u: workbook(rows=by_hand(u), hidden_row=4),
    "column_unknown": lambda u: workbook(rows=by_hand(u, "Người phụ trách")),
    "empty_without_nil": lambda u: [sheet("aid", u, blank_rows=5, example=True)],
    "period_missing": lambda u: [sheet("members", u, [member(u)], period="")],
    "period_conflict": lambda u: [sheet("members", u, [member(u)], stated_period="2023-04")],
    "period_implausible": lambda u: [sheet("members", u, [member(u)], period="2032-05")],
    "unit_missing": lambda u: [sheet("members", "", [member(u, unit_code="")])],
    "unit_conflict": lambda u: [replace(sheet("members", u, [member(u)]), unit_name=UNITS[0].split(",")[1])],
}


def people(unit, **cells):
    return [member(unit, n, **cells) for n in range(1, 6)]


def inventions(unit, **cells):
    return [initiative(unit, n, title=f"Máy số {n}", **cells) for n in range(1, 6)]


# rule → a form, its rows of the month before, and those of the month in which the fault is
LAST_MONTH = {
    "members_citizen_id_of_another": lambda u: (
        "members",
        [member(u)],
        [member(u, 2, birth_date=NAMED_DATE, citizen_id=citizen_id(u, 1))],
    ),
    "members_list_shrank": lambda u: ("members", [member(u), member(f"{u}-01", 2)], [member(u)]),
    "initiatives_list_shrank": lambda u: (
        "initiatives",
        [initiative(u), initiative(u, 2, title="Tưới nước tự động")],
        [initiative(u)],
    ),
    "members_marks_lost": lambda u: ("members", people(u), people(u, is_member=None)),
    "members_income_scaled": lambda u: ("members", people(u), people(u, income_vnd=70_000_000)),
    "initiatives_portal_lost": lambda u: ("initiatives", inventions(u), inventions(u, on_portal=None, portal_date=None)),
    "activity_value_leapt": lambda u: (
        "activity",
        [indicator(u, "registrations_due", 120)],
        [indicator(u, "registrations_due", 120_000)],
    ),
    "activity_indicator_gone": lambda u: ("activity", [indicator(u), indicator(u, "works_tasks")], [indicator(u)]),
    "nil_after_list": lambda u: ("activity", [indicator(u)], None),
    "activity_value_fell": lambda u: ("activity", [indicator(u, value=5)], [indicator(u, value=2)]),
}
ONLY_CAUSED = {"gift_sums_differ"}  # rules that always follow from another one
MACHINE = {"rows_not_conserved", "loaded_rows_not_in_core", "identities_broken"}
CONSEQUENCES = {
    "members_incomes_lack_zeros": {"members_income_implausible"},
    "aid_amounts_lack_zeros": {"aid_gift_amount_implausible"},
    "period_year_mistyped": {"return_missing"},
    "nil_after_list": {"activity_indicator_gone"},
    "aid_occasion_missing": {"gift_sums_differ"},
    "aid_given_by_missing": {"gift_sums_differ"},
    "aid_occasion_unreadable": {"gift_sums_differ"},
    "aid_given_by_unreadable": {"gift_sums_differ"},
}


def unit_lines(rule_id: str, unit: str, since: str = "2000-01-01") -> list[str]:
    """A sender of the registry for the fault of this rule, and the unit below it."""
    below = f"{unit}-01,Cơ sở của {unit},grassroots,{{}},public,direct,,"
    lines = [f"{unit},Liên hiệp {unit},upper,{PROVINCE},,direct,,{since},"]
    if rule_id == "row_alone":  # which only a unit's own list can have
        return [f"{unit},Liên hiệp {unit},grassroots,{PROVINCE},public,direct,,{since},"]
    if rule_id == "members_unit_unlisted":  # till May that unit hung right under the province
        return [*lines, below.format(PROVINCE) + "2000-01-01,2023-05-01", below.format(unit) + "2023-05-01,"]
    return [*lines, below.format(unit) + f"{since},"]


def planted(rule_id: str, unit: str) -> dict[str, list[Sheet] | bytes]:
    """The files a sender delivers: the fault of this rule, and everything else of its month in order."""
    if rule_id in FILES:
        return {f"{MAY}/{unit}_tot.xlsx": complete(unit), _name(rule_id, unit): FILES[rule_id](unit)}
    if rule_id == "return_missing":
        return {_name(rule_id, unit): [s for s in complete(unit) if s.form.form != "initiatives"]}
    if rule_id in LAST_MONTH:
        form, before, wrong = LAST_MONTH[rule_id](unit)
        now = [sheet(form, unit, wrong or [], nil=wrong is None), *(s for s in complete(unit) if s.form.form != form)]
        return {f"{BEFORE}/{unit}.xlsx": [sheet(form, unit, before, BEFORE)], _name(rule_id, unit): now}
    if rule_id == "members_unit_unlisted":
        return {
            f"{BEFORE}/{unit}-01.xlsx": [sheet("members", f"{unit}-01", [member(f"{unit}-01")], BEFORE)],
            _name(rule_id, unit): [sheet("members", unit, [member(unit)]), *complete(unit)[1:]],
        }
    if rule_id == "unit_disappeared":
        right = [s for s in complete(unit) if s.form.form != "members"]
        both = sheet("members", unit, [member(unit), member(f"{unit}-01", 7)])
        return {f"{MAY}/{unit}_cu.xlsx": [both, *right], _name(rule_id, unit): [sheet("members", unit, [member(unit)]), *right]}
    if rule_id == "return_rows_dropped":
        right = [s for s in complete(unit) if s.form.form != "aid"]
        more = sheet("aid", unit, [gift(unit, n) for n in range(3)])
        return {f"{MAY}/{unit}_cu.xlsx": [more, *right], _name(rule_id, unit): [sheet("aid", unit, [gift(unit, 1)]), *right]}
    if rule_id in ("members_sent_twice", "activity_sent_twice"):
        own, form = f"{unit}-01", rule_id.split("_")[0]
        mine = [sheet(form, unit, [ROW[form](own)]), *(s for s in complete(unit) if s.form.form != form)]
        theirs = {"members": member(own, 2), "activity": indicator(own, value=9)}[form]
        return {_name(rule_id, unit): mine, f"{MAY}/{own}.xlsx": [sheet(form, own, [theirs])]}
    if rule_id == "return_rows_replaced":
        right = [s for s in complete(unit) if s.form.form != "aid"]
        first, other = (sheet("aid", unit, [gift(unit, n) for n in range(start, start + 6)]) for start in (0, 6))
        return {f"{MAY}/{unit}_cu.xlsx": [first, *right], _name(rule_id, unit): [other, *right]}
    if rule_id in SHEETS:
        wrong = SHEETS[rule_id](unit)
    elif rule_id in CELLS:
        form, cells = CELLS[rule_id]
        wrong = [sheet(form, unit, [ROW[form](unit) | cells])]
    else:
        raise LookupError(f"no fault is planted for the rule {rule_id}")
    return {_name(rule_id, unit): [*wrong, *(s for s in complete(unit) if s.form.form != wrong[0].form.form)]}


def complete(unit: str, rows: bool = False) -> list[Sheet]:
    """A return in all forms, members first: nil, or with right rows."""
    return [sheet(f, unit, [ROW[f](unit)] if rows else [], nil=not rows) for f in forms()]


def _name(rule_id: str, unit: str) -> str:
    return f"{unit}.xlsx" if rule_id in ("period_missing", "period_implausible", "period_year_mistyped") else f"{MAY}/{unit}.xlsx"
