"""Whatever lies in the inbox: a clear Vietnamese sentence, the right status, and the good files beside it go through."""

import io
import stat
import zipfile
from dataclasses import replace

import pytest
from federation import (
    CENTRAL,
    LONE,
    MAY,
    UPPER_A,
    UPPER_B,
    by_hand,
    gift,
    indicator,
    initiative,
    make_federation,
    member,
    nil,
    sheet,
)

from pipelines.blank import write_return
from pipelines.forms import META_SHEET
from pipelines.intake import OLDEST


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in files.items():
            z.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def truncated(folder):
    write_return(folder / "whole.xlsx", [sheet("aid", UPPER_B, [gift("MM-B-01", n) for n in range(50)])])
    return (folder / "whole.xlsx").read_bytes()[:-2000]


HEADER = ["Mã đơn vị", "Họ và tên", "Giới tính"]
PERSON = [LONE, "Người Giả Định", "Nam"]
CANNOT_OPEN = "Không mở được tệp như một bảng tính Excel, xin lưu lại bằng Excel rồi gửi lại."
UNREADABLE = {
    "2023-05/MM-B_van_ban.xlsx": (b"Kinh gui Lien doan", CANNOT_OPEN),
    "2023-05/MM-B_rong.xlsx": (b"", "Tệp rỗng (0 byte), xin gửi lại tệp đầy đủ."),
    "2023-05/MM-B_nen.xlsx": (zipped(a__b="c"), CANNOT_OPEN),
    "2023-05/MM-B_bom.xlsx": (zipped(xl__workbook_xml=" " * 30_000_000), CANNOT_OPEN),
    "2023-05/MM-B_ngau_nhien.xls": (bytes(range(256)) * 40, CANNOT_OPEN),
    "2023-05/MM-B_anh.jpg": (b"\xff\xd8\xff\xe0" + bytes(99), "Tệp này không phải là bảng tính, xin gửi lại bằng tệp Excel."),
}
# file → the rule that says what is wrong, and what its sentence must name
WAITING = {
    "2023-04/an_cuoi.xlsx": ([nil("members", UPPER_A)], "period_conflict", "04/2023 và 05/2023"),
    f"{MAY}/an_dong.xlsx": (
        [sheet("members", UPPER_A, nil=True, stated_period="2023-03")],
        "period_conflict",
        "03/2023 và 05/2023",
    ),
    f"{MAY}/an_thang_4-2023.xlsx": ([sheet("members", UPPER_A, [member("MM-A-01", 4)])], "period_conflict", "04/2023 và 05/2023"),
    "khong_ky.xlsx": ([sheet("members", UPPER_A, [member("MM-A-01")], period="")], "period_missing", "«Kỳ báo cáo: tháng/năm»"),
    "tuong_lai.xlsx": (
        [sheet("members", UPPER_A, [member("MM-A-01")], period="2023-07")],
        "period_implausible",
        "07/2023, chưa đến,",
    ),
    "qua_cu.xlsx": (
        [sheet("members", UPPER_A, [member("MM-A-01")], period="2003-05")],
        "period_implausible",
        f"05/2003, đã quá {OLDEST} tháng,",
    ),
    f"{MAY}/khong_don_vi.xlsx": ([sheet("members", "", [member("", 9)])], "unit_missing", "«Đơn vị: mã đơn vị»"),
    f"{MAY}/mau_trang.xlsx": (
        [sheet("members", UPPER_A, blank_rows=40, example=True)],
        "empty_without_nil",
        "«Không phát sinh»",
    ),
    f"{MAY}/hai_don_vi.xlsx": (
        [replace(sheet("members", UPPER_A, [member("MM-A-01")]), unit_name="LĐLĐ huyện Bình")],
        "unit_conflict",
        "MM-A và MM-B",
    ),
}
NO_FORM = {
    f"{MAY}/danh_ba.xlsx": by_hand(["Danh bạ", "điện thoại", "cơ quan"], ["a", "b", "c"], ["d"]),
    f"{MAY}/khong_tieu_de.xlsx": by_hand(PERSON, PERSON, PERSON),
    f"{MAY}/trang_trang.xlsx": by_hand(),
}
GOOD = {
    f"{MAY}/0_an.xlsx": [
        sheet("members", UPPER_A, [member("MM-A-01"), member("MM-A-02")]),
        sheet("aid", UPPER_A, [gift("MM-A-01")]),
        sheet("initiatives", UPPER_A, [initiative("MM-A-01")]),
        sheet("activity", UPPER_A, [indicator(UPPER_A)]),
    ],
    f"{MAY}/zz_nh.xlsx": [sheet("members", CENTRAL, [member(CENTRAL, n) for n in range(5)])],
}
HUGE = gift(
    "MM-B-01", gift_count="999999999999999", unit_amount_vnd="999999999999999", amount_vnd="12345678901234567890123456 tỷ"
)
FAULTY_ROWS = [
    gift("MM-Z-99"),  # nobody's code
    HUGE,
    gift("MM-B-01", 2, gift_count="999999999999999", unit_amount_vnd="999999999999999", amount_vnd="999999999999999"),
    gift("MM-B-01", 3, recipient='=HYPERLINK("http://x")<script>alert(1)</script>\' or 1=1 --\u0001\u202e'),
    gift("MM-B-01", 4, given_date="00/00/0000", area_m2="1E+308", beneficiary_count="#N/A"),
]


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory):
    """The home after one refresh of all these files, and what the refresh said."""
    federation = make_federation(tmp_path_factory.mktemp("bad"))
    for name, sheets in GOOD.items():
        federation.send(name, *sheets)
    for name, (content, _) in UNREADABLE.items():
        federation.drop(name, content)
    federation.drop(f"{MAY}/cat_cut.xlsx", truncated(tmp_path_factory.mktemp("upload")))
    for name, (sheets, _, _) in WAITING.items():
        federation.send(name, *sheets)
    for name, content in NO_FORM.items():
        federation.drop(name, content)
    federation.send(
        f"{MAY}/binh.xlsx",
        sheet("aid", UPPER_B, FAULTY_ROWS),
        sheet("members", UPPER_B, [member("MM-B-01")], omit=frozenset({"full_name"})),
    )
    federation.send(
        f"{MAY}/hai_mau.xlsx", sheet("members", LONE, [member(LONE)]), sheet("aid", LONE, [gift(LONE)], stated_period="2023-01")
    )
    federation.drop(
        "bv.xlsx",
        by_hand(["Kỳ báo cáo: Tháng 5 năm 2023"], ["Đơn vị: CĐCS BỆNH VIỆN TƯỞNG TƯỢNG"], HEADER, PERSON, ["Tổng cộng", 1]),
    )
    return federation, federation.refresh()


@pytest.fixture(scope="module")
def home(refreshed):
    return refreshed[0]


def found(home, name):
    return {f["check_id"]: f for f in home.findings() if f["file_name"] == name}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_workbook_is_quarantined_with_the_reason_beside_it(home, name):
    submission = home.submissions()[name]
    assert (submission["status"], submission["unit_code"], submission["period"]) == ("quarantined", UPPER_B, MAY)
    content, reason = UNREADABLE[name]
    finding = found(home, name)["file_unreadable"]
    assert (finding["message"], finding["severity"], finding["unit_code"]) == (reason, "critical", UPPER_B)
    kept = home.home.quarantine / f"{submission['sha256'][:12]}{name[name.rindex('.') :]}"
    assert kept.read_bytes() == content
    said = kept.with_suffix(kept.suffix + ".txt").read_text("utf-8")
    assert name in said
    assert reason in said


def test_half_an_upload_is_quarantined_too(home):
    assert home.submissions()[f"{MAY}/cat_cut.xlsx"]["status"] == "quarantined"


@pytest.mark.parametrize("name", WAITING)
def test_a_return_whose_month_or_sender_is_unclear_waits_and_says_why(home, name):
    _, check_id, named = WAITING[name]
    submission = home.submissions()[name]
    assert (submission["status"], submission["rows_loaded"]) == ("waiting", 0)
    assert set(found(home, name)) == {check_id}
    assert named in found(home, name)[check_id]["message"]


@pytest.mark.parametrize("name", NO_FORM)
def test_a_workbook_that_is_no_form_is_rejected(home, name):
    submission = home.submissions()[name]
    assert (submission["status"], submission["form"]) == ("rejected", None)
    assert submission["rows_ignored"] == submission["rows_read"]
    assert set(found(home, name)) == {"form_unknown"}


@pytest.mark.parametrize("name", GOOD)
def test_good_files_beside_them_are_accepted(home, name):
    sheets = [s for n, s in home.submissions().items() if n.partition("#")[0] == name]
    assert [s["status"] for s in sheets] == ["accepted"] * len(GOOD[name])
    assert [s["rows_loaded"] for s in sheets] == [len(list(s.rows)) for s in GOOD[name]]


def test_one_sheet_of_a_workbook_can_wait_while_the_other_counts(home):
    assert home.submissions()[f"{MAY}/hai_mau.xlsx#Đoàn viên"]["status"] in ("accepted", "superseded")
    assert home.submissions()[f"{MAY}/hai_mau.xlsx#Chăm lo"]["status"] == "waiting"


def test_a_blank_form_replaces_nothing(tmp_path):
    federation = make_federation(tmp_path)
    federation.send(f"{MAY}/day_du.xlsx", sheet("aid", LONE, [gift(LONE, n) for n in range(5)]))
    federation.refresh()
    federation.send(f"{MAY}/mau.xlsx", sheet("aid", LONE, blank_rows=60, example=True), nil("activity", LONE))
    federation.refresh()
    status = {name: s["status"] for name, s in federation.submissions().items()}
    assert status == {
        f"{MAY}/day_du.xlsx": "accepted",
        f"{MAY}/mau.xlsx#Chăm lo": "waiting",
        f"{MAY}/mau.xlsx#Hoạt động": "accepted",
    }
    assert federation.query("select count(*) as n from core.aid") == [{"n": 5}]


def test_a_workbook_made_by_hand_is_read_by_its_headers_and_lines(home):
    submission = home.submissions()["bv.xlsx"]
    assert (submission["unit_code"], submission["period"], submission["form"]) == (LONE, MAY, "members")
    assert [submission[f"rows_{k}"] for k in ("read", "loaded", "rejected", "control", "ignored")] == [5, 1, 0, 1, 3]


def test_rows_of_an_unknown_unit_and_unreadable_amounts_are_rejected_and_the_others_load(home):
    aid = home.submissions()[f"{MAY}/binh.xlsx#Chăm lo"]
    assert (aid["status"], aid["rows_loaded"], aid["rows_rejected"]) == ("accepted_with_findings", 3, 2)
    of_file = {(f["check_id"], f["row"]) for f in home.findings() if f["file_name"] == f"{MAY}/binh.xlsx"}
    assert {
        ("aid_unit_code_unreadable", 11),
        ("aid_amount_vnd_unreadable", 12),
        ("aid_amount_not_count_times_unit", 13),
        ("aid_given_date_unreadable", 15),
        ("aid_area_m2_unreadable", 15),
        ("aid_beneficiary_count_unreadable", 15),
        ("column_missing", 9),
    } <= of_file


def test_a_missing_column_is_named_once_and_not_once_a_row(home):
    members = home.submissions()[f"{MAY}/binh.xlsx#Đoàn viên"]
    assert (members["rows_loaded"], members["rows_rejected"]) == (0, 1)
    of_sheet = [f for f in home.findings() if f["submission_id"] == members["submission_id"]]
    assert [(f["check_id"], f["column_name"]) for f in of_sheet] == [("column_missing", "full_name")]
    assert "thiếu cột «Họ và tên»" in of_sheet[0]["message"]


def test_every_row_of_every_file_is_accounted_for(home):
    for name, s in home.submissions().items():
        assert s["rows_read"] == s["rows_loaded"] + s["rows_rejected"] + s["rows_control"] + s["rows_ignored"], name
    assert (
        len({s["file_name"] for s in home.submissions().values()})
        == len(UNREADABLE) + len(WAITING) + len(NO_FORM) + len(GOOD) + 4
    )


def test_the_summary_tells_of_every_file(refreshed):
    home, said = refreshed
    told = {f["file"]: f["status"] for f in said["files"]}
    assert told.keys() == {s["file_name"] for s in home.submissions().values()}
    assert told[f"{MAY}/0_an.xlsx"] == "accepted"
    assert told[f"{MAY}/hai_mau.xlsx"] == "waiting"


def test_only_public_may_be_read_by_others(home):
    for path in home.root.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        if path.is_relative_to(home.home.public):
            assert mode & 0o444 == 0o444, path
        elif home.home.inbox not in path.parents and home.home.reference not in path.parents:  # those files others put there
            assert mode & 0o077 == 0, path


def test_the_identity_sheet_is_no_submission(home):
    assert META_SHEET not in {s["sheet"] for s in home.submissions().values()}


def test_a_sheet_that_waits_stays_when_the_registry_changes(home):
    before = home.submissions()
    with (home.home.reference / "aliases.csv").open("w") as f:
        f.write("name,unit_code\nTổ dân phố 5,MM-B-01\n")
    home.refresh()
    assert home.submissions().keys() == before.keys()


def test_a_file_without_a_month_is_released_by_the_folder_it_is_dropped_into_again(home):
    home.drop(f"{MAY}/khong_ky.xlsx", archived_bytes(home, "khong_ky.xlsx"))
    home.refresh()
    again = home.submissions()
    assert "khong_ky.xlsx" not in again
    assert again[f"{MAY}/khong_ky.xlsx"]["status"] in ("accepted", "superseded")


def archived_bytes(home, name):
    digest = home.submissions()[name]["sha256"]
    return (home.home.archive / digest[:2] / f"{digest}.xlsx").read_bytes()


def test_a_citizen_id_in_groups_of_digits_is_the_same_number(tmp_path):
    home = make_federation(tmp_path)
    written = ["912 345 678 901", "'912345678902", "912.345.678-903"]
    home.send(f"{MAY}/a.xlsx", sheet("members", "MM-A", [member("MM-A-01", n, citizen_id=c) for n, c in enumerate(written)]))
    home.refresh()
    assert home.query("select citizen_id from core.member order by row") == [{"citizen_id": f"91234567890{n}"} for n in (1, 2, 3)]
    assert home.findings() == []


def test_one_gift_of_too_little_or_too_much_is_asked_about_without_its_unit_amount_too(tmp_path):
    home = make_federation(tmp_path)
    amounts = [500, 500_000, 500_000_000]
    home.send(
        f"{MAY}/a.xlsx",
        sheet("aid", "MM-A", [gift("MM-A-01", n, unit_amount_vnd=None, amount_vnd=a) for n, a in enumerate(amounts)]),
    )
    home.refresh()
    rows = [r["row"] for r in home.query("select row from core.aid order by row")]
    assert [f["row"] for f in home.findings("check_id = 'aid_gift_amount_implausible'")] == [rows[0], rows[2]]
