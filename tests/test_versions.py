"""What counts when a return comes again, late, twice, in another order or from two senders."""

import re
from datetime import datetime

import pytest
from federation import (
    CENTRAL,
    LONE,
    MAY,
    PROVINCE,
    SENT,
    UPPER_A,
    UPPER_B,
    gift,
    indicator,
    initiative,
    make_federation,
    member,
    nil,
    sheet,
)

from pipelines.check import check
from pipelines.warehouse import read_only

APRIL = "2023-04"
DAY = [datetime(2023, 6, 3, 8), datetime(2023, 6, 3, 9), datetime(2023, 6, 3, 10), datetime(2023, 6, 3, 11)]
CLOCKS = {"received_at", "modified_at", "first_seen_at", "last_seen_at", "resolved_at", "clock"}


def state(federation, where="true"):
    """Every row of core and marts, without clocks: what two homes with the same returns must share."""
    con = read_only(federation.home.private)
    try:
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name in ('core', 'marts')"
        ).fetchall()
        found = {}
        for (table,) in tables:
            columns = [d[0] for d in con.execute(f"select * from {table} limit 0").description]
            if where == "true" or "period" in columns:
                kept = [c for c in columns if c not in CLOCKS]
                found[table] = sorted(map(str, con.execute(f"select {', '.join(kept)} from {table} where {where}").fetchall()))
        return found
    finally:
        con.close()


def people(federation, period=MAY):
    rows = federation.query("select unit_code, full_name, sender_code from core.member where period = ? order by all", [period])
    return [(r["unit_code"], int(r["full_name"].rpartition(" ")[2]), r["sender_code"]) for r in rows]


def first_returns(federation):
    federation.send(
        f"{APRIL}/an.xlsx",
        sheet("members", UPPER_A, [member("MM-A-01", 1)], APRIL),
        sheet("aid", UPPER_A, [gift("MM-A-01", 1, given_date="15/04/2023")], APRIL),
    )
    federation.send(
        f"{MAY}/an.xlsx",
        sheet("members", UPPER_A, [member("MM-A-01", 1), member("MM-A-02", 2)]),
        sheet("aid", UPPER_A, [gift("MM-A-01", 1)]),
    )
    federation.send(f"{MAY}/binh.xlsx", sheet("members", UPPER_B, [member("MM-B-01", 3)]), nil("aid", UPPER_B))


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Four refreshes of one home; after each, what a test wants to compare."""
    federation = make_federation(tmp_path_factory.mktemp("story"), DAY[0])
    first_returns(federation)
    wrong = [member("MM-C-01", 1, sex="?"), member("MM-C-01", 2)]
    federation.send(f"{MAY}/bv.xlsx", sheet("members", LONE, wrong))
    said = [federation.refresh(DAY[0])]
    told = [snapshot(federation)]
    said.append(federation.refresh(DAY[1]))  # nothing came
    # a newer list of one sender; another sender for a unit of hers; gifts beside hers; the same fault one row lower
    federation.send(f"{MAY}/an_2.xlsx", sheet("members", UPPER_A, [member("MM-A-01", 7), member("MM-A-02", 8)]))
    federation.send(
        f"{MAY}/tinh.xlsx",
        sheet("members", PROVINCE, [member("MM-B-01", 9)]),
        sheet("aid", PROVINCE, [gift("MM-A-01", 2, given_by="Tỉnh"), gift("MM-A-01", 1)]),
    )
    federation.send(f"{MAY}/bv_2.xlsx", sheet("members", LONE, [member("MM-C-01", 3), *wrong]))
    said.append(federation.refresh(DAY[1]))
    told.append(snapshot(federation))
    federation.send(
        f"{MAY}/bv_3.xlsx", sheet("members", LONE, [member("MM-C-01", 3), member("MM-C-01", 1), member("MM-C-01", 2)])
    )
    federation.send(f"{APRIL}/an_2.xlsx", sheet("members", UPPER_A, [member("MM-A-01", 5)], APRIL))
    said.append(federation.refresh(DAY[2]))
    told.append(snapshot(federation))
    federation.send(f"{MAY}/bv_4.xlsx", sheet("members", LONE, [*wrong, member("MM-C-01", 4)]))
    said.append(federation.refresh(DAY[3]))
    told.append(snapshot(federation))
    return federation, said, told


def snapshot(federation):
    return {
        "may": people(federation),
        "april": people(federation, APRIL),
        "status": {n: s["status"] for n, s in federation.submissions().items()},
        "findings": {
            f["check_id"]: f for f in federation.findings("unit_code in ('MM-C-01', 'MM') and check_id <> 'return_missing'")
        },
        "gifts": federation.query("select sender_code, gift_count from core.aid where period = '2023-05' order by all"),
        "months": {p: state(federation, f"period = '{p}'") for p in (APRIL, MAY)},
    }


def test_a_refresh_without_new_bytes_says_so(story):
    _, said, _ = story
    assert [s["new"] for s in said] == [True, False, True, True, True]
    assert said[1]["files"] == []


def test_a_newer_list_replaces_only_the_rows_of_its_sender(story):
    before, after = story[2][0]["may"], story[2][1]["may"]
    assert [p for p in before if p[2] == UPPER_A] == [("MM-A-01", 1, UPPER_A), ("MM-A-02", 2, UPPER_A)]
    assert [p for p in after if p[2] == UPPER_A] == [("MM-A-01", 7, UPPER_A), ("MM-A-02", 8, UPPER_A)]
    assert ("MM-C-01", 2, LONE) in before
    assert ("MM-C-01", 2, LONE) in after


def test_the_older_return_is_superseded_and_keeps_its_counts(story):
    federation, _, told = story
    assert told[0]["status"][f"{MAY}/an.xlsx#Đoàn viên"] == "accepted"
    assert told[1]["status"][f"{MAY}/an.xlsx#Đoàn viên"] == "superseded"
    assert told[1]["status"][f"{MAY}/an.xlsx#Chăm lo"] == "accepted"  # the newer file has no such sheet
    assert federation.submissions()[f"{MAY}/an.xlsx#Đoàn viên"]["rows_loaded"] == 2


def test_of_two_senders_of_one_units_people_the_newer_wins(story):
    assert ("MM-B-01", 3, UPPER_B) in story[2][0]["may"]
    assert [p for p in story[2][1]["may"] if p[0] == "MM-B-01"] == [("MM-B-01", 9, PROVINCE)]


def test_gifts_of_two_senders_add_up_and_the_same_line_from_both_is_a_duplicate(story):
    told = story[2][1]
    assert [g["sender_code"] for g in told["gifts"]] == [PROVINCE, PROVINCE, UPPER_A]
    duplicate = told["findings"]["aid_duplicate"]
    assert duplicate["unit_code"] in (PROVINCE, UPPER_A)
    assert "dòng 11 trong bản của đơn vị gửi MM" in duplicate["message"]


def test_a_row_inserted_above_neither_fixes_nor_opens_a_finding(story):
    first, second = (t["findings"]["members_sex_unreadable"] for t in story[2][:2])
    assert (first["finding_id"], first["first_seen_at"]) == (second["finding_id"], second["first_seen_at"])
    assert (first["row"], second["row"]) == (11, 12)
    assert "dòng 12" in second["message"]
    assert first["state"] == second["state"] == "open"


def test_a_corrected_return_fixes_the_finding_and_the_same_fault_opens_it_again(story):
    _, fixed, again = (t["findings"]["members_sex_unreadable"] for t in story[2][1:])
    assert (fixed["state"], fixed["resolved_at"]) == ("fixed", DAY[2])
    assert (again["state"], again["resolved_at"], again["first_seen_at"]) == ("open", None, DAY[0])
    assert fixed["finding_id"] == again["finding_id"]
    assert (story[1][3]["findings_fixed"], story[1][4]["findings_opened"]) == (1, 1)


def test_a_file_for_a_closed_month_changes_that_month_and_no_other(story):
    before, after = story[2][1], story[2][2]
    assert (before["april"], after["april"]) == ([("MM-A-01", 1, UPPER_A)], [("MM-A-01", 5, UPPER_A)])
    may = [
        {t: rows for t, rows in told["months"][MAY].items() if t in ("core.aid", "marts.aid_month", "core.initiative")}
        for told in (before, after)
    ]
    assert may[0] == may[1]
    assert [p for p in before["may"] if p[2] != LONE] == [p for p in after["may"] if p[2] != LONE]


def test_no_sheet_of_any_version_loses_a_row(story):
    for name, s in story[0].submissions().items():
        assert s["rows_read"] == s["rows_loaded"] + s["rows_rejected"] + s["rows_control"] + s["rows_ignored"], name
    assert len(story[0].submissions()) == 14


def everything():
    """Returns of two months, some faulty, some newer than others; the clock of their files says which."""
    at = [SENT.replace(minute=m) for m in range(10)]
    return [
        (f"{APRIL}/an.xlsx", [sheet("members", UPPER_A, [member("MM-A-01")], APRIL), nil("aid", UPPER_A, APRIL)], at[0]),
        (
            f"{MAY}/an.xlsx",
            [sheet("members", UPPER_A, [member("MM-A-01"), member("MM-A-02")]), sheet("aid", UPPER_A, [gift("MM-A-01")])],
            at[1],
        ),
        (f"{MAY}/an_2.xlsx", [sheet("members", UPPER_A, [member("MM-A-01", 3, sex="?"), member("MM-A-02")])], at[2]),
        (
            f"{MAY}/tinh.xlsx",
            [sheet("aid", PROVINCE, [gift("MM-A-01"), gift("MM-A-01", 2)]), sheet("activity", PROVINCE, [indicator(PROVINCE)])],
            at[3],
        ),
        (f"{MAY}/nh.xlsx", [sheet("initiatives", CENTRAL, [initiative(CENTRAL), initiative(CENTRAL)])], at[4]),
        (f"{MAY}/khong_ky.xlsx", [sheet("members", UPPER_B, [member("MM-B-01")], stated_period=APRIL)], at[5]),
    ]


def test_the_order_and_number_of_refreshes_does_not_matter(tmp_path):
    homes = [make_federation(tmp_path / name) for name in ("once", "backwards", "in_two")]
    for h in homes:
        (h.root / ".secret").write_text("the same key in all three")
    once, backwards, in_two = homes
    for name, sheets, at in everything():
        once.send(name, *sheets, at=at)
    once.refresh()
    for n, (name, sheets, at) in enumerate(reversed(everything())):
        backwards.send(f"{chr(97 + n)}/{name}", *sheets, at=at)
    backwards.refresh()
    for n, (name, sheets, at) in enumerate(everything()[::-1]):
        in_two.send(name, *sheets, at=at)
        if n == 2:
            in_two.refresh()
    in_two.refresh()
    expected = state(once)
    assert sum(map(len, expected.values())) > 100
    assert state(in_two) == expected
    assert {t: sorted(re.sub("'[a-f]/", "'", r) for r in rows) for t, rows in state(backwards).items()} == expected
    life = "check_id, unit_code, period, row, column_name, state, message"
    findings = [h.query(f"select finding_id, {life} from quality.finding order by all") for h in homes]
    assert findings[0] == findings[1] == findings[2]
    assert len(findings[0]) >= 4


@pytest.mark.parametrize("together", [True, False])
def test_the_same_bytes_in_the_folders_of_two_months_are_a_return_of_each(federation, tmp_path, together):
    unstated = sheet("members", UPPER_A, [member("MM-A-01", 1), member("MM-A-02", 2)], period="")
    content = federation.send(f"{APRIL}/an.xlsx", unstated).read_bytes()
    if not together:
        federation.refresh()
    (tmp_path / MAY).mkdir()
    (tmp_path / MAY / "an.xlsx").write_bytes(content)
    (told,) = check(federation.settings(), [tmp_path / MAY / "an.xlsx"])["files"]
    assert [form["period"] for form in told["forms"]] == [MAY]
    federation.drop(f"{MAY}/an.xlsx", content)
    said = federation.refresh()
    assert {f["file"]: f["forms"][0]["period"] for f in said["files"]}[f"{MAY}/an.xlsx"] == MAY
    assert len(said["files"]) == 1 + together
    assert said["repeated"] == []
    assert people(federation, APRIL) == people(federation, MAY) == [("MM-A-01", 1, UPPER_A), ("MM-A-02", 2, UPPER_A)]
    federation.drop(f"{MAY}/an lan 2.xlsx", content)
    again = federation.refresh()
    assert (again["files"], again["repeated"]) == ([], [f"{MAY}/an lan 2.xlsx"])


def test_a_file_that_states_its_month_is_a_repeat_in_the_folder_of_another(federation):
    content = federation.send(f"{APRIL}/an.xlsx", sheet("members", UPPER_A, [member("MM-A-01")], APRIL)).read_bytes()
    federation.refresh()
    federation.drop(f"{MAY}/an.xlsx", content)
    said = federation.refresh()
    assert (said["files"], said["repeated"], people(federation)) == ([], [f"{MAY}/an.xlsx"], [])
    assert len(federation.submissions()) == 1
