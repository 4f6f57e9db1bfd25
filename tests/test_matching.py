"""A name that is no code: asked, never guessed; a person's choice is kept, and the next refresh takes what waited for it."""

import csv
import json
import shlex
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest
from federation import HEADER, MAY, NOW, UNITS, gift, make_federation, member, sheet

from pipelines import matching
from pipelines.cli import main
from pipelines.matching import candidates, confirm
from pipelines.province.registry import make_units
from pipelines.reference import read_reference
from pipelines.sender import stated_units, unit_names
from pipelines.sheets import read_workbook
from pipelines.terminal import print_names

TODAY = NOW.date()
ODD = """Cty "Gỗ" T'Tượng; echo $HOME"""
WRONG = "Nguyễn Thị Ghi Nhầm"  # a person, where a unit should stand
# a file of the union of An, one of a sender that only its line names, one without codes
FILES = {
    f"{MAY}/an.xlsx": [
        sheet(
            "members",
            "MM-A",
            [
                member("MM-A-01", 1, unit_code="Trg MN Hoa Giay"),
                member("MM-A-01", 2, unit_code="TRG MN  hoa giấy"),
                member("MM-A-01", 3, unit_code=None, unit_name="Trường Mầm Non Hoa Giấy 1"),
                member("MM-A-02", 4),
                member("MM-A-02", 5, unit_code=WRONG),
                member("MM-A-02", 6, unit_code="MM-Z-99"),
            ],
        )
    ],
    f"{MAY}/cho.xlsx": [replace(sheet("aid", "", [gift("MM-A-02", n, unit_code=ODD) for n in (1, 2)]), unit_name="LĐLĐ H. An")],
    f"{MAY}/binh.xlsx": [
        sheet(
            "members", "MM-B", [member("MM-B-01", n, unit_name="cđcs xã KHÔNG có") for n in (1, 2)], omit=frozenset({"unit_code"})
        )
    ],
}
CONFIRMED = {"trg mn hoa giay": "MM-A-01", "Trường Mầm Non Hoa Giấy 1": "MM-A-01", "LĐLĐ H. An": "MM-A", ODD: "MM-A-02"}


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """The home after a first refresh, after a person's choices, and after the refresh that follows; with what each said."""
    home = replace(make_federation(tmp_path_factory.mktemp("match")), in_dagster=True)
    for name, sheets in FILES.items():
        home.send(name, *sheets)
    told = {"refreshed": home.refresh(), "names": listed(home), "before": seen(home)}
    told["confirmed"] = [confirm(home.home, name, code, TODAY) for name, code in CONFIRMED.items()]
    told["names_then"] = listed(home)
    told["again"] = home.refresh(datetime(2023, 6, 3, 9))
    return home, told | {"names_after": listed(home), "after": seen(home)}


def listed(home):
    return {n["name"]: n for n in matching.unmatched(home.home, TODAY)}


def seen(home):
    """Rows of each unit in core, findings by rule and state, status of each file."""
    rows = home.query("""
        select unit_code, count(*) as n from (select unit_code from core.member union all select unit_code from core.aid) group by all""")
    found = home.query("select check_id, state, count(*) as n from quality.finding group by all")
    return {
        "rows": {r["unit_code"]: r["n"] for r in rows},
        "findings": {(f["check_id"], f["state"]): f["n"] for f in found},
        "files": {name: (s["status"], s["unit_code"]) for name, s in home.submissions().items()},
    }


# ---- what is asked


def test_each_unknown_name_is_listed_once_with_where_it_stands(story):
    found = {n: (f["sender_code"], f["rows"], f["files"], f["periods"]) for n, f in story[1]["names"].items()}
    assert found == {
        "TRG MN hoa giấy": ("MM-A", 2, [f"{MAY}/an.xlsx"], [MAY]),
        "Trường Mầm Non Hoa Giấy 1": ("MM-A", 1, [f"{MAY}/an.xlsx"], [MAY]),
        WRONG: ("MM-A", 1, [f"{MAY}/an.xlsx"], [MAY]),
        "LĐLĐ H. An": (None, 2, [f"{MAY}/cho.xlsx"], [MAY]),
        ODD: (None, 2, [f"{MAY}/cho.xlsx"], [MAY]),
    }
    assert story[1]["refreshed"]["unmatched_names"] == 5


def test_however_near_a_name_is_nobody_is_matched_before_a_person_says_so(story):
    told = story[1]
    (nearest,) = told["names"]["TRG MN hoa giấy"]["candidates"]
    assert (nearest["code"], nearest["score"]) == ("MM-A-01", 100)
    assert told["before"]["rows"] == {"MM-A-02": 1, "MM-B-01": 2}
    assert told["before"]["files"][f"{MAY}/cho.xlsx"] == ("waiting", None)


def test_a_list_without_codes_is_taken_by_official_names(story):
    home, told = story
    assert told["before"]["files"][f"{MAY}/binh.xlsx"] == ("accepted", "MM-B")
    assert not home.findings("file_name like '%binh%'")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Đơn vị: LĐLĐ H. An", "LĐLĐ H. An"),
        ("Đơn vị gửi: MM-X - LĐLĐ  H. An", "LĐLĐ H. An"),
        ("Đơn vị: Phòng Tài chính - Kế hoạch", "Phòng Tài chính - Kế hoạch"),
        ("Đơn vị báo cáo: CĐCS - Tổ Ong", "Tổ Ong"),
        ("Đơn vị tính: triệu đồng", None),
        ("Đơn vị:", None),
    ],
)
def test_the_line_above_the_table_gives_the_name_that_will_be_found_once_confirmed(federation, tmp_path, line, name):
    book = openpyxl.Workbook()
    for row in ([line], ["Mã đơn vị", "Họ và tên", "Giới tính"], ["Tổ  7", "Người Giả Định", "Nam"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    (read,) = read_workbook(tmp_path / "a.xlsx")
    assert unit_names(read) == ({"Tổ 7": 1, name: 1} if name else {"Tổ 7": 1})
    if name:
        confirm(federation.home, name, "MM-A", TODAY)
    assert stated_units(read, read_reference(federation.home.reference)) == ({"MM-A"} if name else set())


# ---- what a choice does


def test_a_confirmed_name_is_no_longer_asked_even_before_the_refresh(story):
    told = story[1]
    assert [c["is_new"] for c in told["confirmed"]] == [True] * len(CONFIRMED)
    assert set(told["names_then"]) == set(told["names_after"]) == {WRONG}
    assert told["again"]["unmatched_names"] == 1


def test_the_next_refresh_takes_what_waited(story):
    after = story[1]["after"]
    assert after["rows"] == {"MM-A-01": 3, "MM-A-02": 1 + 2, "MM-B-01": 2}
    assert after["files"][f"{MAY}/cho.xlsx"] == ("accepted", "MM-A")


def test_the_findings_of_what_waited_are_fixed_and_the_others_stay_open(story):
    assert story[1]["after"]["findings"] == {
        ("members_unit_code_unreadable", "fixed"): 2,
        ("members_unit_code_missing", "fixed"): 1,
        ("unit_missing", "fixed"): 1,
        ("members_unit_code_unreadable", "open"): 2,  # the person, and a code that is none
    }


def test_a_name_stands_in_no_message_run_record_or_public_file(story):
    home = story[0]
    said = json.dumps([f["message"] for f in home.findings("true")], ensure_ascii=False)
    kept = [p for folder in (home.home.dagster, home.home.public) for p in folder.rglob("*") if p.is_file()]
    assert [p for p in kept if p.suffix == ".db" and b"ASSET_MATERIALIZATION" in p.read_bytes()]
    for name in (WRONG, "Trường Mầm Non Hoa Giấy 1", "LĐLĐ H. An"):
        assert name not in said
        assert not [p for p in kept if name.encode() in p.read_bytes()]


def test_a_sheet_that_still_waits_for_its_month_asks_for_its_sender_no_more(federation):
    federation.send(
        "cho.xlsx", replace(sheet("aid", "", [gift("MM-A-02", unit_code="Tổ Nọ")], period=""), unit_name="LĐLĐ H. An")
    )
    federation.refresh()
    assert {n: (f["rows"], f["periods"]) for n, f in listed(federation).items()} == {"LĐLĐ H. An": (1, []), "Tổ Nọ": (1, [])}
    confirm(federation.home, "LĐLĐ H. An", "MM-A", TODAY)
    assert federation.refresh()["unmatched_names"] == 0
    assert [f["check_id"] for f in federation.findings()] == ["period_missing"]


# ---- whose a row is, where a name stands beside the code


def test_a_name_beside_the_code_never_outvotes_code_or_sender(federation):
    hoa_giay, khong_co = (u.split(",")[1] for u in UNITS if u.startswith(("MM-A-01", "MM-B-01")))
    rows = [
        member("MM-C-01", 1, unit_name=hoa_giay),
        member("MM-C-01", 2, unit_code=None, unit_name="bệnh viện nọ"),
        member("MM-C-01", 3, unit_code=None),
    ]
    federation.send(f"{MAY}/c.xlsx", sheet("members", "MM-C-01", rows))
    nobody = [
        member("MM-A-02"),
        member("MM-A-02", 2, unit_code=None, unit_name="Nhà trẻ nọ"),
        member("MM-A-02", 3, unit_code=None),
    ]
    federation.send(f"{MAY}/khong.xlsx", sheet("members", "", nobody))
    federation.send(f"{MAY}/b.xlsx", sheet("members", "MM-B", [member("MM-B-01", 1, unit_code="MM-Z-1", unit_name=khong_co)]))
    federation.refresh()
    assert seen(federation)["rows"] == {"MM-C-01": 3, "MM-A-02": 1}
    (finding,) = federation.findings("check_id = 'members_unit_name_disagrees'")
    assert ("MM-A-01" in finding["message"], "MM-C-01" in finding["message"]) == (True, True)
    assert set(listed(federation)) == {"Nhà trẻ nọ"}


# ---- candidates


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return registry(tmp_path_factory, [u.split(",") for u in UNITS], "Ngân hàng GĐ,MM-T-01\n")


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    units = make_units(714)
    return registry(
        tmp_path_factory,
        [[u.code, u.name, u.level, u.parent, u.sector, u.managed, "", str(u.valid_from), ""] for u in units],
    )


def registry(tmp_path_factory, units, aliases=""):
    folder = tmp_path_factory.mktemp("reference")
    with (folder / "units.csv").open("w", encoding="utf-8") as f:
        csv.writer(f).writerows([HEADER.split(","), *units])
    (folder / "aliases.csv").write_text("name,unit_code\n" + aliases, "utf-8")
    found = read_reference(folder)
    assert not found.problems
    return found, matching._in_force(found, TODAY)


@pytest.mark.parametrize(
    ("name", "sender", "meant"),
    [
        ("LĐLĐ H. An", None, "MM-A"),
        ("lien doan lao dong h An", None, "MM-A"),
        ("Trg MN Hoa Giấy", None, "MM-A-01"),
        ("truong mam non hoa giay", "MM-A", "MM-A-01"),
        ("Mầm non Hoa Giấy, trường", None, "MM-A-01"),
        ("Công đoàn cơ sở Mần nom Hoa Dấy", None, "MM-A-01"),
        ("Cty Gỗ Tưởng Tượng", None, "MM-A-02"),
        ("CTY TNHH gỗ tưởng tượg", "MM-A", "MM-A-02"),
        ("BV Tưởng Tượng", None, "MM-C-01"),
        ("NH Giả Định", "MM-T-01", "MM-T-01"),
        ("ngan hang GD", None, "MM-T-01"),
    ],
)
def test_the_right_unit_of_a_small_federation_comes_first(small, name, sender, meant):
    assert candidates(name, sender, *small)[0]["code"] == meant


@pytest.mark.parametrize(
    ("name", "sender", "meant"),
    [
        ("LDLD H. Ban Lim", None, "MM-BL"),
        ("Liên đoàn Lao động TP Mường Mây", None, "MM-TP"),
        ("CĐ Giáo dục", None, "MM-GD"),
        ("Phòng TC-KH", "MM-BL", "MM-BL-003"),
        ("P. Tài chính - Kế hoạch huyện", "MM-BL", "MM-BL-003"),
        ("VP HĐND-UBND", "MM-BL", "MM-BL-001"),
        ("TTYT huyện Bản Lìm", None, "MM-BL-014"),
        ("Y tế, TT", "MM-BL", "MM-BL-014"),
        ("Phòng LĐ-TB&XH", "MM-BL", "MM-BL-006"),
        ("Phong GDDT Bản Lim", None, "MM-BL-007"),
        ("Hội CCB H.Bản Lìm", None, "MM-BL-030"),
        ("Đoàn TN", "MM-BL", "MM-BL-029"),
        ("BVĐK tỉnh", None, "MM-YT-001"),
        ("Trg CĐ Sư phạm", None, "MM-GD-002"),
    ],
)
def test_the_right_unit_of_a_whole_province_comes_first(province, name, sender, meant):
    assert candidates(name, sender, *province)[0]["code"] == meant


def test_units_below_the_sender_come_first_at_most_five_and_by_score(province):
    found = candidates("Phòng Tài chính Kế hoạch", "MM-HX", *province)
    below = [c["code"].startswith("MM-HX") for c in found]
    assert len(found) == 5
    assert below == sorted(below, reverse=True)
    assert found[0]["code"] == "MM-HX-003"
    assert any(c["score"] > found[0]["score"] for c in found), "else the sender decided nothing here"
    anyone = [c["score"] for c in candidates("Phòng Tài chính Kế hoạch", None, *province)]
    assert anyone == sorted(anyone, reverse=True)


def test_a_unit_whose_name_an_ended_one_bore_meanwhile_is_a_candidate_still(tmp_path_factory):
    line = "LĐLĐ huyện An,upper,MM,,direct,,"
    units = [u for u in UNITS if not u.startswith("MM-A,")]
    units += [f"MM-A,{line}2000-01-01,2010-01-01", f"MM-A,{line}2010-01-01,2015-01-01".replace("An", "An Mới")]
    units += [f"MM-A,{line}2015-01-01,", f"MM-D,{line}2010-01-01,2015-01-01"]
    found = candidates("LĐLĐ H. An", None, *registry(tmp_path_factory, [u.split(",") for u in units]))
    assert found[0]["code"] == "MM-A"


def test_what_is_far_or_gone_is_no_candidate(small):
    assert candidates("Hợp tác xã Quýt Ngọt Miền Xuôi", None, *small) == []
    assert "MM-OLD" not in [c["code"] for c in candidates("CĐCS Đã Giải Thể", None, *small)]


# ---- on a terminal


def command(capsys, *argv):
    with pytest.raises(SystemExit) as ended:
        main([*argv])
    done = capsys.readouterr()
    return ended.value.code, done.out, done.err


def test_what_match_prints_can_be_typed_as_it_stands(story, federation, capsys, monkeypatch):
    monkeypatch.setenv("CONGDOAN_NOW", NOW.isoformat())
    names = story[1]["names"]
    print_names([names[ODD], names["LĐLĐ H. An"] | {"name": "- Tổ An", "candidates": []}], federation.root)
    shown = capsys.readouterr().out.splitlines()
    assert any(ODD in line and "MM-A-02" in line and "CĐCS Công ty Gỗ Tưởng Tượng" in line for line in shown)
    typed = [shlex.split(line.replace("CODE", "MM-A")) for line in shown[-2:]]
    at = ["congdoan", "match", "--home", str(federation.root)]
    assert typed == [[*at, ODD, "MM-A-02"], [*at, "--", "- Tổ An", "MM-A"]]
    for argv in typed:
        code, _, said = command(capsys, *argv[1:])
        assert (code, "Run `congdoan refresh`" in said) == (0, True)
    found = read_reference(federation.home.reference)
    assert (found.find(ODD), found.find("- Tổ An")) == ("MM-A-02", "MM-A")


def test_match_answers_in_json_and_refuses_with_exit_2(story, capsys, monkeypatch):
    monkeypatch.setenv("CONGDOAN_NOW", NOW.isoformat())
    at = ("--home", str(story[0].root))
    code, out, _ = command(capsys, "match", "--json", *at)
    assert (code, [set(n) for n in json.loads(out)]) == (
        0,
        [{"name", "sender_code", "rows", "files", "periods", "candidates"}],
    )
    for argv, said in ((("Tên", "MM-X"), "No unit has the code MM-X"), (("Tên",), "Give the code of the unit too")):
        code, out, err = command(capsys, "match", *argv, *at)
        assert (code, out, len(err.splitlines()), said in err) == (2, "", 1, True)


def test_match_before_any_refresh_says_what_to_do(federation, capsys):
    code, out, err = command(capsys, "match", "--home", str(federation.root))
    assert (code, out) == (2, "")
    assert "run `congdoan refresh` first" in err
