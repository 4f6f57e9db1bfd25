"""Rules that hold a return against the month before, or against what other senders sent: what alarms, and what must not."""

from datetime import datetime

import pytest
from federation import MAY, PROVINCE, UNITS, gift, indicator, initiative, make_federation, member, nil, sheet

APRIL = "2023-04"
NOW = datetime(2023, 6, 3, 8)


def people(unit, count, first=1):
    return [member(unit, n) for n in range(first, first + count)]


def marked(count, first=1, unit="{}-01", **cells):
    return [member(unit, n, **cells) for n in range(first, first + count)]


def inventions(count, **cells):
    return [i | cells for i in titles("Một", "Hai", "Ba", "Bốn", "Năm", "Sáu")[:count]]


def figures(before, now):
    return {APRIL: [("activity", before)], MAY: [("activity", now)]}


def lists(before, now):
    return {APRIL: [("members", before)], MAY: [("members", now)]}


def titles(*names):
    return [initiative("{}-01", title=t, authors=f"Nhóm {t.split(' ')[0]}", decision_no=f"QĐ {t.split(' ')[0]}") for t in names]


# sender → what it sends by month; «{}» in a unit's code is the sender's
SENT = {
    "MM-R01": lists(people("{}-01", 20), people("{}-01", 15)),  # a quarter, five people
    "MM-R02": lists(people("{}-01", 20), people("{}-01", 16)),  # four people
    "MM-R03": lists(people("{}-01", 40), people("{}-01", 33)),  # seven, but less than a fifth
    "MM-R04": lists(people("{}-01", 3) + people("{}-02", 2), people("{}-01", 3)),  # a unit left out
    "MM-R05": lists(people("{}-01", 3) + people("{}-02", 2), people("{}-01", 3)),  # one that ended in May
    "MM-R06": lists(people("{}-01", 3) + people("{}-02", 2), people("{}-01", 3)),  # one that sends by itself now
    "MM-R07": lists(people("{}-01", 20), people("{}-01", 10) + [member("{}-01", n, full_name=None) for n in range(11, 21)]),
    "MM-R08": lists(people("{}-01", 20), people("{}-01", 8)),  # split in May, by an event
    "MM-R09": lists(people("{}-01", 3), people("{}-01", 3, first=10)),  # others in their place
    "MM-R10": {APRIL: [("initiatives", titles("Một", "Hai"))], MAY: [("initiatives", titles("Một", "Hai (đã sửa tên)"))]},
    "MM-R11": {APRIL: [("initiatives", titles("Một", "Hai", "Hai"))], MAY: [("initiatives", titles("Một", "Hai"))]},
    "MM-R12": {APRIL: [("initiatives", titles("Một", "Hai"))], MAY: [("initiatives", None)]},  # «Không phát sinh» on a cumulative list
    "MM-R16": {APRIL: [("initiatives", titles("Một", "Hai"))], MAY: [("initiatives", titles("Một", "Ba", "Bốn"))]},  # longer, and one less
    "MM-R17": lists(people("{}-01", 3) + people("{}-02", 3), None),
    "MM-R18": {"2022-12": [("activity", [indicator("{}", value=5)])], "2023-01": [("activity", None)]},
    "MM-R13": {APRIL: [("activity", [indicator("{}", value=5)])], MAY: [("activity", [indicator("{}", value=5)])]},
    "MM-R14": {"2022-12": [("activity", [indicator("{}", value=5)])], "2023-01": [("activity", [indicator("{}", value=1)])]},
    "MM-R15": {APRIL: [("activity", [indicator("{}", "officers_counted", 9)])], MAY: [("activity", [indicator("{}", "officers_counted", 8)])]},
    "MM-R20": lists(marked(20), marked(20, is_member=None)),  # the same people, and no mark
    "MM-R21": lists(marked(20), marked(10) + marked(10, 11, is_member=None)),  # half of them
    "MM-R22": lists(marked(4), marked(4, is_member=None)),  # too few to tell
    "MM-R23": lists(marked(20), marked(20, is_member="sắp vào")),  # told cell by cell
    "MM-R24": lists(marked(5) + marked(6, unit="{}-02"), marked(5, is_member=None) + marked(6, unit="{}-02", is_member=None)),
    "MM-R25": lists(marked(6), marked(6, 10, is_member=None)),  # others in their place
    "MM-R26": lists(marked(6), marked(6, income_vnd=70_000_000)),
    "MM-R27": lists(marked(6), marked(6, income_vnd=21_000_000)),
    "MM-R28": lists(marked(4), marked(4, income_vnd=70_000_000)),
    "MM-R29": lists(marked(6), marked(6, income_vnd=700_000)),  # told cell by cell
    "MM-R30": lists(marked(6), marked(4) + marked(2, 5, income_vnd=70_000_000)),  # two of six
    "MM-R31": {APRIL: [("initiatives", inventions(6))], MAY: [("initiatives", inventions(6, on_portal=None, portal_date=None))]},
    "MM-R32": {APRIL: [("initiatives", inventions(4))], MAY: [("initiatives", inventions(4, on_portal=None, portal_date=None))]},
    "MM-R33": {APRIL: [("initiatives", inventions(6))], MAY: [("initiatives", inventions(6, on_portal=None))]},  # told cell by cell
    "MM-R34": figures([indicator("{}"), indicator("{}", "works_tasks", 7)], [indicator("{}")]),
    "MM-R35": figures([indicator("{}"), indicator("{}", "works_tasks", 0)], [indicator("{}")]),  # nothing of that kind
    "MM-R36": figures([indicator("{}"), indicator("{}", "works_tasks", 7)], [indicator("{}"), indicator("{}", "works_tasks", "?")]),
    "MM-R37": figures([indicator("{}", "registrations_due", 120)], [indicator("{}", "registrations_due", 120_000)]),
    "MM-R38": figures([indicator("{}", "registrations_due", 120)], [indicator("{}", "registrations_due", 1_200)]),
    "MM-R39": figures([indicator("{}", "propaganda_participations", 9)], [indicator("{}", "propaganda_participations", 2_000)]),
    "MM-R40": {"2022-12": [("activity", [indicator("{}", value=5)])], "2023-01": [("activity", [indicator("{}", "works_tasks")])]},
}  # fmt: skip
ALARMS = {
    ("MM-R20", "members_marks_lost", "20 trên 20 người", "(đơn vị MM-R20-01)"),
    ("MM-R24", "members_marks_lost", "11 trên 11 người", "(đơn vị MM-R24-01 và 1 đơn vị khác)"),
    ("MM-R26", "members_income_scaled", "7.000.000 đồng", "70.000.000 đồng"),
    ("MM-R31", "initiatives_portal_lost", "6 sáng kiến", "ví dụ «Ba»"),
    ("MM-R34", "activity_indicator_gone", "1 chỉ tiêu", "«Trong đó: phần việc chào mừng đại hội» của đơn vị MM-R34)"),
    ("MM-R37", "activity_value_leapt", "(120)", "(120.000)"),
    ("MM-R01", "members_list_shrank", "20", "15"),
    ("MM-R04", "members_list_shrank", "2", "không còn ai"),
    ("MM-R12", "nil_after_list", "2", "Không phát sinh"),
    ("MM-R16", "initiatives_list_shrank", "thiếu 1 sáng kiến", "«Hai»"),
    ("MM-R17", "nil_after_list", "6", "Không phát sinh"),
}
ABOUT = (
    "nil_after_list",
    "members_list_shrank",
    "initiatives_list_shrank",
    "activity_value_fell",
    "aid_gift_price_unlike_others",
    "members_shares_short",
    "members_marks_lost",
    "members_income_scaled",
    "initiatives_portal_lost",
    "activity_indicator_gone",
    "activity_value_leapt",
)


def of_sender(rows, sender):
    return [r | {"unit_code": r["unit_code"].format(sender)} for r in rows]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    units = [f"{s},Liên hiệp {s},upper,MM,,direct,,2000-01-01," for s in SENT]
    ended = {"MM-R05-02": "2023-05-10"}
    units += [
        f"{s}-0{n},Cơ sở {n} của {s},grassroots,{s},public,direct,,2000-01-01,{ended.get(f'{s}-0{n}', '')}"
        for s in SENT
        for n in (1, 2)
    ]
    home = make_federation(tmp_path_factory.mktemp("between"), NOW, [UNITS[0], *units])
    (home.home.reference / "unit_events.csv").write_text(
        "event_id,date,kind,decision_no,from_unit,to_unit\nE1,2023-05-02,split,1/QĐ,MM-R08-01,MM-R08-02\n", "utf-8"
    )
    for sender, months in SENT.items():
        for month, forms in months.items():
            parts = [
                nil(f, sender, month) if rows is None else sheet(f, sender, of_sender(rows, sender), month) for f, rows in forms
            ]
            home.send(f"{month}/{sender}.xlsx", *parts)
    home.send(f"{MAY}/MM-R06-02.xlsx", sheet("members", "MM-R06-02", people("MM-R06-02", 2)))
    home.refresh()
    return home


def told(home):
    return {f["unit_code"]: f for f in home.findings() if f["check_id"] in ABOUT and not f["caused_by"]}


def test_a_list_alarms_when_it_lost_many_or_a_whole_unit_and_nothing_says_why(home):
    found = told(home)
    assert {(f["unit_code"], f["check_id"]) for f in found.values()} == {alarm[:2] for alarm in ALARMS}
    for sender, _, before, now in ALARMS:
        assert before in found[sender]["message"]
        assert now in found[sender]["message"]
        assert "04/2023" in found[sender]["message"]


def test_the_whole_list_sent_again_closes_the_finding(home):
    home.send(f"{MAY}/MM-R04_du.xlsx", sheet("members", "MM-R04", [*people("MM-R04-01", 3), *people("MM-R04-02", 2)]), at=NOW)
    home.refresh()
    assert "MM-R04" not in told(home)
    assert "MM-R01" in told(home)


def test_a_unit_left_out_by_a_newer_file_is_one_matter(federation):
    federation.send(f"{APRIL}/a.xlsx", sheet("members", "MM-A", people("MM-A-01", 2) + people("MM-A-02", 2), APRIL))
    federation.send(f"{MAY}/a.xlsx", sheet("members", "MM-A", people("MM-A-01", 2) + people("MM-A-02", 2)))
    federation.send(f"{MAY}/b.xlsx", sheet("members", "MM-A", people("MM-A-01", 2)), at=NOW)
    federation.refresh()
    found = {f["check_id"]: f["caused_by"] for f in federation.findings() if f["unit_code"] == "MM-A" and f["form"] == "members"}
    assert found == {"unit_disappeared": None, "members_list_shrank": "unit_disappeared"}


@pytest.mark.parametrize(("senders", "count", "amount", "alarms"), [(8, 5, 5_000_000, True), (8, 4, 5_000_000, False), (4, 5, 5_000_000, False),
                                                               (8, 5, 1_500_000, False), (8, 5, 100_000, True)])  # fmt: skip
def test_gifts_unlike_those_of_all_others_are_asked_about(tmp_path, senders, count, amount, alarms):
    others = [f"MM-R{n:02}" for n in range(senders)]
    home = make_federation(
        tmp_path, NOW, [UNITS[0], *(f"{u},CĐCS {u},grassroots,{PROVINCE},public,direct,,2000-01-01," for u in others)]
    )
    for n, unit in enumerate(others):
        price = amount if not n else 400_000 + 50_000 * n
        home.send(
            f"{unit}.xlsx", sheet("aid", unit, [gift(unit, i, unit_amount_vnd=price, amount_vnd=price) for i in range(count)])
        )
    home.refresh()
    assert [f["unit_code"] for f in home.findings() if f["check_id"] in ABOUT] == (["MM-R00"] if alarms else [])


def test_a_column_that_a_sheet_lacks_is_named_once(federation):
    rows = [member("MM-C-01", n) for n in (1, 2)]
    federation.send("a.xlsx", sheet("members", "MM-C-01", rows, omit=frozenset({"schooling"})))
    federation.refresh()
    assert [f["check_id"] for f in federation.findings() if f["form"] == "members"] == ["column_absent"]


@pytest.mark.parametrize("column", ["is_member", "sex", "income_vnd"])
def test_a_column_that_the_sheet_no_longer_has_is_told_once(federation, column):
    federation.send(f"{APRIL}/a.xlsx", sheet("members", "MM-C-01", marked(6, unit="MM-C-01"), APRIL))
    federation.send(f"{MAY}/a.xlsx", sheet("members", "MM-C-01", marked(6, unit="MM-C-01"), omit=frozenset({column})))
    federation.refresh()
    assert [f["check_id"] for f in federation.findings() if f["submission_id"]] == ["column_absent"]


# ---- a month that nobody sent lies between


GAP = {
    "2023-02": {"members": people("MM-A-01", 20), "initiatives": titles("Một", "Hai"), "activity": [indicator("{}-01", value=5)]},
    "2023-03": {"members": people("MM-A-01", 13), "initiatives": titles("Một"), "activity": [indicator("{}-01", value=4)]},
    MAY: {"members": people("MM-A-01", 12), "initiatives": titles("Một"), "activity": [indicator("{}-01", value=4)]},
}
FELL = {"members_list_shrank", "initiatives_list_shrank", "activity_value_fell"}


def send_month(home, month, at=NOW):
    home.send(f"{month}/a.xlsx", *(sheet(f, "MM-A", of_sender(rows, "MM-A"), month) for f, rows in GAP[month].items()), at=at)
    home.refresh()


def open_by_month(home):
    return {(f["check_id"], f["period"]) for f in home.findings() if f["check_id"] in FELL}


def test_a_list_is_held_against_the_last_month_received(federation):
    send_month(federation, "2023-02")
    send_month(federation, MAY)
    assert open_by_month(federation) == {(rule, MAY) for rule in FELL}
    assert all("02/2023" in f["message"] for f in federation.findings() if f["check_id"] in FELL)


def test_a_month_received_late_in_a_gap_takes_its_place(federation, tmp_path):
    for month in ("2023-02", MAY, "2023-03"):
        send_month(federation, month)
    assert open_by_month(federation) == {(rule, "2023-03") for rule in FELL}
    whole = make_federation(tmp_path / "whole")
    for month in GAP:
        whole.home.inbox.mkdir(exist_ok=True)
        whole.send(f"{month}/a.xlsx", *(sheet(f, "MM-A", of_sender(rows, "MM-A"), month) for f, rows in GAP[month].items()))
    whole.refresh()
    assert open_by_month(whole) == open_by_month(federation)


def test_a_nil_return_after_a_gap_is_asked_about(federation):
    send_month(federation, "2023-02")
    federation.send(f"{MAY}/a.xlsx", nil("initiatives", "MM-A"))
    federation.refresh()
    assert [(f["check_id"], f["period"]) for f in federation.findings() if f["check_id"] == "nil_after_list"] == [
        ("nil_after_list", MAY)
    ]


def test_what_is_older_than_a_year_is_held_against_nothing(federation):
    for month, count in (("2022-04", 20), (MAY, 3)):
        federation.send(f"{month}/a.xlsx", sheet("members", "MM-A", people("MM-A-01", count), month))
    federation.refresh()
    assert open_by_month(federation) == set()
