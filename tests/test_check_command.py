"""`congdoan check` as a command: what it prints, its exit codes, how it calls a file, and what it does not import."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from federation import (
    LONE,
    MAY,
    gift,
    member,
    nil,
    sheet,
)
from planted import planted
from test_bad_input import NO_FORM, UNREADABLE
from test_check import APRIL, NOW, of, write

from pipelines import cli
from pipelines.check import check
from pipelines.config import UserError


@pytest.fixture
def run(federation, monkeypatch, capsys):
    """Runs `congdoan check …` in this process; exit code, stdout, stderr."""
    monkeypatch.setenv("CONGDOAN_HOME", str(federation.root))
    monkeypatch.setenv("CONGDOAN_NOW", NOW.isoformat())

    def command(*args):
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main(["check", *map(str, args)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return stopped.value.code, said.out, said.err

    return command


FORM_KEYS = {
    "form",
    "sheet",
    "unit_code",
    "period",
    "rows_read",
    "rows_loaded",
    "rows_rejected",
    "rows_control",
    "rows_ignored",
    "control_totals",
}


def test_the_json_has_the_shape_of_the_contract(run, tmp_path):
    path = write(tmp_path / MAY / "le.xlsx", [sheet("aid", LONE, [gift(LONE)], totals={"gift_count": 7})])
    code, out, _ = run(path, "--json")
    (entry,) = json.loads(out)["files"]
    assert code == 1
    assert set(entry) == {"file", "sha256", "status", "forms", "findings"}
    assert entry["file"] == str(path)
    assert [set(f) for f in entry["forms"]] == [FORM_KEYS]
    assert {"column": "gift_count", "declared": 7, "computed": 1} in entry["forms"][0]["control_totals"]
    assert [set(f) for f in entry["findings"]] == [{"check_id", "severity", "sheet", "row", "column", "message"}]


@pytest.mark.parametrize(("name", "content", "code", "status"), [
    ("tot.xlsx", [sheet("members", LONE, [member(LONE)])], 0, "accepted"),
    ("khong_phat_sinh.xlsx", [nil("aid", LONE)], 0, "accepted"),
    ("chi_de_biet.xlsx", planted("sheet_hidden", LONE)[f"{MAY}/{LONE}.xlsx"], 0, "accepted_with_findings"),
    ("can_xem.xlsx", [sheet("members", LONE, [member(LONE, income_vnd=7)])], 1, "accepted_with_findings"),
    ("phai_sua.xlsx", [sheet("members", LONE, [member(LONE, full_name=None)])], 1, "accepted_with_findings"),
    ("rong.xlsx", b"", 1, "quarantined"),
    *((Path(name).name, content, 1, "quarantined") for name, (content, _) in UNREADABLE.items()),
    *((Path(name).name, content, 1, "rejected") for name, content in NO_FORM.items()),
])  # fmt: skip
def test_the_exit_code_says_whether_there_is_something_to_mend(run, tmp_path, name, content, code, status):
    got, out, _ = run(write(tmp_path / MAY / name, content), "--json")
    (entry,) = json.loads(out)["files"]
    assert (got, entry["status"]) == (code, status)


def test_what_cannot_be_checked_is_one_sentence_and_exit_2(run, tmp_path, federation):
    path = write(tmp_path / MAY / "le.xlsx", [sheet("members", LONE, [member(LONE)])])
    for args, sentence in (
        ([tmp_path / "khong_co.xlsx"], "không có ở đây"),
        ([path, tmp_path / "khong_co.xlsx"], "không có ở đây"),
        ([tmp_path / MAY], "không phải là một tệp"),
        ([], "requires an argument"),
        ([path, "--home", tmp_path / "nowhere"], "congdoan init --units"),
        ([path, "--workbook", "x.xlsx"], "--workbook"),
    ):
        code, out, err = run(*args)
        assert (code, out) == (2, "")
        assert sentence in err
        assert len(err.strip().splitlines()) == 1


def test_on_a_terminal_it_is_told_in_vietnamese(run, tmp_path):
    good = write(tmp_path / MAY / "tot.xlsx", [nil("aid", LONE)])
    faulty = write(tmp_path / MAY / "sai.xlsx", [sheet("members", LONE, [member(LONE, income_vnd=7, full_name=None)])])
    code, out, err = run(good, faulty)
    assert code == 1
    assert f"{good}: nhận được\n" in out
    assert f"{faulty}: nhận được, có chỗ cần xem\n" in out
    assert re.search(r"Đoàn viên +Đoàn viên +MM-C-01 +2023-05 +0 +1", out)
    assert re.search(r"phải sửa +Trang «Đoàn viên», dòng 11, cột «Họ và tên»", out)
    assert err == "1 chỗ phải sửa, 1 chỗ cần xem lại.\n"
    assert run(good)[::2] == (0, "Không có gì phải sửa.\n")


def test_many_faults_of_a_kind_are_told_in_a_few_lines(run, tmp_path):
    rows = [member(LONE, n, income_vnd=700_000_000 if n not in (12, 14) else 7_000_000) for n in range(1, 21)]
    _, out, err = run(write(tmp_path / MAY / "le.xlsx", [sheet("members", LONE, rows)]))
    assert out.count("thu nhập dưới 1 triệu") == 10
    assert "cần xem lại   Trang «Đoàn viên», dòng 21, 23, 25–30: còn 8 chỗ giống 10 chỗ trên, xin sửa như vậy." in out
    assert err == "18 chỗ cần xem lại.\n"


# ---- the name of a file


@pytest.mark.parametrize(("place", "status"), [
    (MAY, "accepted"), (f"{MAY}/An/Hoa", "accepted"), (f"{APRIL}/{MAY}", "accepted"), ("", "waiting"), (f"luu-{MAY}-cu", "waiting"),
])  # fmt: skip
def test_the_nearest_month_folder_states_the_month(federation, tmp_path, place, status):
    path = write(tmp_path / "gui" / place / "le.xlsx", [sheet("members", LONE, [member(LONE)], period="")])
    assert of(check(federation.settings(), [path]))[0] == status


def test_a_relative_path_does_too_and_a_file_in_the_inbox_is_called_as_refresh_calls_it(federation, tmp_path, monkeypatch):
    content = [sheet("members", LONE, [member(LONE)], period="")]
    write(tmp_path / MAY / "le.xlsx", content)
    waiting = federation.home.inbox / "Thang 5-2023" / "le.xlsx"
    write(waiting, content)
    monkeypatch.chdir(tmp_path)
    assert of(check(federation.settings(), [Path(MAY) / "le.xlsx"]))[0] == "accepted"
    assert of(check(federation.settings(), [waiting]))[0] == "accepted"
    assert waiting.is_file()


def test_a_name_that_is_no_text_and_a_path_given_twice_are_answered(federation, tmp_path):
    path = write(Path(os.fsdecode(os.fsencode(tmp_path / MAY) + b"/l\xe9.xlsx")), [sheet("members", LONE, [member(LONE)])])
    files = check(federation.settings(), [path, path])["files"]
    assert files[0] == files[1]
    assert files[0]["file"].endswith("l\ufffd.xlsx")


def test_a_broken_registry_is_told(federation, tmp_path):
    (federation.home.reference / "units.csv").write_text("code\nX\n")
    with pytest.raises(UserError, match="reference/ is broken"):
        check(federation.settings(), [write(tmp_path / "a.xlsx", b"")])


def test_it_imports_neither_dagster_nor_great_expectations_nor_what_draws(federation, tmp_path):
    path = write(tmp_path / MAY / "le.xlsx", [sheet("aid", LONE, [gift(LONE, gift_count=3)])])
    code = f"""
import sys
from pipelines.cli import main
try:
    main(["check", {str(path)!r}, "--home", {str(federation.root)!r}])
except SystemExit as e:
    print(e.code, [m for m in ("dagster", "great_expectations", "plotly", "pandas", "pyarrow", "sqlglot", "xlsxwriter") if m in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(cli.__file__).parent.parent
    )
    assert done.stdout.splitlines()[-1] == "1 []"
