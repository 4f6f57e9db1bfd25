"""`congdoan check` says of files what the refresh that follows says, and leaves no trace in the home."""

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from federation import (
    LONE,
    MAY,
    PROVINCE,
    SENT,
    UNITS,
    UPPER_A,
    UPPER_B,
    citizen_id,
    gift,
    house,
    make_federation,
    member,
    nil,
    sheet,
)
from planted import MACHINE, ONLY_CAUSED, planted, unit_lines

from pipelines import cli
from pipelines.blank import write_return
from pipelines.check import check
from pipelines.config import Settings
from pipelines.rules import rules

NOW = datetime(2023, 6, 6, 8)  # after the deadline of May
OF_RETURNS = [r for r in rules() if r not in MACHINE | ONLY_CAUSED]
SENDER = {rule_id: f"MM-R{n:03d}" for n, rule_id in enumerate(OF_RETURNS)}
APRIL = "2023-04"


def write(path, content, at=SENT):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content) if isinstance(content, bytes) else write_return(path, content)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def told(result, folder=None):
    """File → what is said of it; `folder` is where checked files lie as they will in the inbox."""
    return {f["file"].removeprefix(f"{folder}/"): {k: v for k, v in f.items() if k != "file"} for f in result["files"]}


def send_and_refresh(federation, folder, now=None):
    for path in folder.rglob("*.*"):
        target = federation.home.inbox / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return federation.refresh(now)


def of(result):
    """The one file of a result: its status and findings."""
    (entry,) = result["files"]
    return entry["status"], [f["check_id"] for f in entry["findings"]]


# ---- the same verdict


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """A sender for each rule, whose files have that one fault: what check says in a home never refreshed, then what refresh says."""
    units = [line for rule_id, unit in SENDER.items() for line in unit_lines(rule_id, unit)]
    federation = make_federation(tmp_path_factory.mktemp("home"), NOW, [UNITS[0], UNITS[-1], *units])
    folder = tmp_path_factory.mktemp("files")
    for rule_id, unit in SENDER.items():
        with suppress(LookupError):  # test_rules says so by name
            for n, (name, content) in enumerate(planted(rule_id, unit).items()):
                write(folder / name, content, SENT + timedelta(minutes=n))
    write(folder / MAY / f"{PROVINCE}.xlsx", [nil("aid", PROVINCE), nil("activity", PROVINCE)])
    checked = told(check(federation.settings(), sorted(p for p in folder.rglob("*.*") if p.is_file())), folder)
    return checked, told(send_and_refresh(federation, folder)), folder, federation


@pytest.mark.parametrize("rule_id", OF_RETURNS)
def test_each_planted_fault_is_told_as_refresh_tells_it(verdicts, rule_id):
    checked, refreshed, *_ = verdicts
    for name in planted(rule_id, SENDER[rule_id]):
        assert checked[name] == refreshed[name]
    found = {f["check_id"] for name in planted(rule_id, SENDER[rule_id]) for f in checked[name]["findings"]}
    assert found == ({rule_id} if rule_id != "return_missing" else set())  # no file of theirs is missing: the mail says so


def test_every_file_is_told_the_same_and_none_is_left_out(verdicts):
    checked, refreshed, *_ = verdicts
    assert checked == refreshed
    assert {s["status"] for s in checked.values()} == {
        "accepted",
        "accepted_with_findings",
        "waiting",
        "rejected",
        "quarantined",
        "superseded",
    }


@pytest.mark.parametrize(
    "rule_id", ["aid_duplicate", "members_income_vnd_unreadable", "aid_gift_count_total_differs", "unit_outside_sender"]
)
def test_a_file_alone_is_told_the_same(verdicts, tmp_path, rule_id):
    _, refreshed, folder, federation = verdicts
    units = (federation.home.reference / "units.csv").read_text("utf-8").splitlines()[1:]
    home = make_federation(tmp_path, NOW, units)
    (name,) = planted(rule_id, SENDER[rule_id])
    assert told(check(home.settings(), [folder / name]), folder) == {name: refreshed[name]}


@pytest.fixture
def history(tmp_path):
    """Two months of two unions, refreshed: May with two units of A and a gift, April with most of a house."""
    federation = make_federation(tmp_path / "home", NOW)
    federation.send(f"{APRIL}/an.xlsx", sheet("aid", UPPER_A, [house("MM-A-01", given_date=datetime(2023, 4, 3))], APRIL))
    federation.send(f"{MAY}/an.xlsx", sheet("members", UPPER_A, [member("MM-A-01"), member("MM-A-02", 2)]))
    federation.send(f"{MAY}/an_aid.xlsx", sheet("aid", UPPER_A, [gift("MM-A-01")]))
    federation.send(f"{MAY}/le.xlsx", sheet("members", LONE, [member(LONE, income_vnd=7_000)]))
    federation.refresh()
    return federation


def test_what_other_files_and_months_hold_counts(history, tmp_path):
    """One unit less than the file before; a person, a gift and a house that others reported; a fault that stays."""
    folder = tmp_path / "files"
    write(folder / MAY / "an2.xlsx", [sheet("members", UPPER_A, [member("MM-A-01")])])
    taken = member("MM-B-01", citizen_id=citizen_id("MM-A-01", 1))
    same = gift("MM-A-01")
    few = house("MM-B-01", amount_vnd=250_000, model_code="NLT-MM-A-01")
    write(folder / MAY / "binh.xlsx", [sheet("members", UPPER_B, [taken]), sheet("aid", UPPER_B, [few])])
    write(folder / MAY / "tinh.xlsx", [sheet("aid", PROVINCE, [same])])
    write(folder / MAY / "le2.xlsx", [sheet("members", LONE, [member(LONE, income_vnd=8_000)])])
    checked = told(check(history.settings(), sorted((folder / MAY).iterdir())), folder)
    assert {name: sorted(f["check_id"] for f in said["findings"]) for name, said in checked.items()} == {
        f"{MAY}/an2.xlsx": ["unit_disappeared"],
        f"{MAY}/binh.xlsx": ["aid_funder_share_implausible", "aid_model_code_of_two_units", "members_citizen_id_duplicate"],
        f"{MAY}/tinh.xlsx": ["aid_duplicate"],
        f"{MAY}/le2.xlsx": ["members_income_implausible"],
    }
    assert checked == told(send_and_refresh(history, folder))


def test_files_given_together_see_each_other_and_other_senders_findings_are_not_told(history, tmp_path):
    a = write(tmp_path / MAY / "a.xlsx", [sheet("aid", UPPER_B, [gift("MM-B-01")])])
    b = write(tmp_path / MAY / "b.xlsx", [sheet("aid", PROVINCE, [gift("MM-B-01")])])
    alone = [check(history.settings(), [path]) for path in (a, b)]
    assert [of(result)[1] for result in alone] == [[], []]
    together = check(history.settings(), [b, a])
    assert [f["file"] for f in together["files"]] == [str(b), str(a)]
    assert sorted(f["check_id"] for said in together["files"] for f in said["findings"]) == ["aid_duplicate"]


def test_bytes_that_came_before_answer_as_what_they_became(history, tmp_path):
    shown = told({"files": check(history.settings(), [_archived(history, f"{MAY}/le.xlsx", tmp_path / MAY)])["files"]})
    (entry,) = shown.values()
    assert (entry["status"], [f["check_id"] for f in entry["findings"]]) == (
        "accepted_with_findings",
        ["members_income_implausible"],
    )
    history.send(f"{MAY}/le_moi.xlsx", sheet("members", LONE, [member(LONE)]), at=SENT + timedelta(hours=1))
    history.refresh()
    old = _archived(history, f"{MAY}/le.xlsx", tmp_path / MAY)
    assert of(check(history.settings(), [old])) == ("superseded", [])


def test_bytes_that_wait_are_released_by_the_month_folder_they_are_given_in(history, tmp_path):
    history.send("khong_ky.xlsx", sheet("members", UPPER_B, [member("MM-B-01")], period=""))
    history.refresh()
    path = _archived(history, "khong_ky.xlsx", tmp_path / MAY)
    assert of(check(history.settings(), [path]))[0] == "accepted"
    assert of(check(history.settings(), [Path(shutil.copy2(path, tmp_path))])) == ("waiting", ["period_missing"])


def _archived(federation, name, folder):
    """The bytes of a received file, given again from a folder."""
    digest = next(s["sha256"] for n, s in federation.submissions().items() if n.partition("#")[0] == name)
    return write(folder / Path(name).name, (federation.home.archive / digest[:2] / f"{digest}.xlsx").read_bytes())


@pytest.mark.slow
def test_the_planted_errors_of_the_province_are_told_file_by_file(open_home, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(open_home / "reference", home / "reference")
    paths = []
    for line in (open_home / "archive" / "received.jsonl").read_text("utf-8").splitlines():
        r = json.loads(line)
        content = (open_home / "archive" / r["sha256"][:2] / f"{r['sha256']}{Path(r['file_name']).suffix}").read_bytes()
        paths.append(write(tmp_path / r["file_name"], content, datetime.fromisoformat(r["modified_at"])))
    said = told(check(Settings(home=home, now=datetime(2023, 6, 13, 8), _env_file=None), paths), tmp_path)
    with duckdb.connect(str(open_home / "warehouse.duckdb"), read_only=True) as con:
        found = con.execute("""select s.file_name, f.check_id, f.sheet, f.row, f.column_name, f.message from quality.finding f
            join core.submission s on s.submission_id = f.submission_id where f.state = 'open' and f.caused_by is null""").fetchall()
    fields = ("check_id", "sheet", "row", "column", "message")
    key = lambda f: tuple(map(str, f))  # noqa: E731
    assert len(found) > 30
    assert sorted(((name, *(f[k] for k in fields)) for name, s in said.items() for f in s["findings"]), key=key) == sorted(
        found, key=key
    )


# ---- nothing is written


def traces(root):
    return {
        p: (p.lstat().st_mtime_ns, p.lstat().st_mode, p.read_bytes() if p.is_file() else None) for p in [root, *root.rglob("*")]
    }


def test_a_home_is_left_as_it_was(history, tmp_path, monkeypatch):
    path = write(
        tmp_path / MAY / "an.xlsx", [sheet("members", UPPER_A, [member("MM-A-01")]), sheet("aid", UPPER_A, [gift("MM-A-01", 9)])]
    )
    broken = write(tmp_path / MAY / "hong.xlsx", b"no workbook")
    before, scratch = traces(history.root), tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    check(history.settings(), [path, broken])
    assert traces(history.root) == before
    assert list(scratch.iterdir()) == []


def test_a_home_never_refreshed_gets_not_even_a_key(federation, tmp_path):
    path = write(tmp_path / MAY / "le.xlsx", [sheet("members", LONE, [member(LONE)])])
    before = traces(federation.root)
    assert of(check(federation.settings(), [path])) == ("accepted", [])
    assert traces(federation.root) == before


def _obey_permissions():
    """Root too: without CAP_DAC_OVERRIDE (1) after the next exec."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


def test_a_home_that_nobody_may_write_to_is_read(history, tmp_path):
    path = write(tmp_path / MAY / "an.xlsx", [sheet("members", UPPER_A, [member("MM-A-01")])])
    everything = [history.root, *history.root.rglob("*")]
    for p in everything:
        p.chmod(p.stat().st_mode & ~0o222)
    command = [sys.executable, "-m", "pipelines", "check", str(path), "--json", "--home", str(history.root)]
    root = Path(cli.__file__).parent.parent
    environment = {**os.environ, "CONGDOAN_NOW": NOW.isoformat()}
    try:
        touched = subprocess.run(
            ["touch", str(history.root / "x")], check=False, stderr=subprocess.DEVNULL, preexec_fn=_obey_permissions
        )
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=root, env=environment, preexec_fn=_obey_permissions
        )
    finally:
        for p in everything:
            p.chmod(p.stat().st_mode | 0o200)
    assert touched.returncode == 1, "the home could be written to, so nothing is proved"
    assert done.returncode == 1, done.stderr
    assert of(json.loads(done.stdout))[1] == ["unit_disappeared"]
