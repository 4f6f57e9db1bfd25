"""A person's choice in aliases.csv: one line more, as the file is written, and nothing that cannot be."""

import os
from datetime import date

import pytest
from federation import NOW

from pipelines.config import UserError
from pipelines.matching import confirm
from pipelines.reference import read_reference

TODAY = NOW.date()
VARIANTS = {
    "absent": None,
    "empty": b"",
    "blank": b" \n\n",
    "header only": b"name,unit_code",
    "comma": "name,unit_code\nBà Mụ,MM-B-01\n".encode(),
    "semicolon of Excel": "\ufeffname;unit_code\r\nBà Mụ;MM-B-01\r\n".encode(),
    "tab": "name\tunit_code\nBà Mụ\tMM-B-01\n".encode(),
    "columns the other way": 'unit_code,name\nMM-B-01,"Bà, Mụ"\n'.encode(),
    "no final newline": "name,unit_code\nBà Mụ,MM-B-01".encode(),
    "no final newline, Windows": "\ufeffname;unit_code\r\nBà Mụ;MM-B-01".encode(),
}
NAMES = ["LĐLĐ H. An", 'Trường "Hoa; Giấy", khu\tB\nMai', "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("before", VARIANTS.values(), ids=list(VARIANTS))
@pytest.mark.parametrize("name", NAMES)
def test_a_line_is_added_as_the_file_is_written_and_what_was_there_stays(federation, before, name):
    path = federation.home.reference / "aliases.csv"
    if before is not None:
        path.write_bytes(before)
    old = len(read_reference(path.parent).rows["aliases"])
    assert confirm(federation.home, name, "mm-a", TODAY)["is_new"]
    after = path.read_bytes()
    assert after.startswith((before or b"").strip() or b"name,unit_code\n")
    assert (b"\r\n" in after, after.count(b"\xef\xbb\xbf")) == (
        b"\r\n" in (before or b""),
        (before or b"").count(b"\xef\xbb\xbf"),
    )
    registry = read_reference(path.parent)
    assert (registry.problems, len(registry.rows["aliases"])) == ([], old + 1)
    assert registry.find(name) == "MM-A"
    assert not confirm(federation.home, name.upper(), "MM-A", TODAY)["is_new"]
    assert path.read_bytes() == after
    assert confirm(federation.home, "Còn một tên", "MM-B", TODAY)["is_new"]
    assert read_reference(path.parent).find("còn MỘT tên") == "MM-B"


def test_a_link_and_a_mode_outlive_the_change(federation, tmp_path):
    shared = tmp_path / "shared.csv"
    shared.write_text("name,unit_code\n", "utf-8")
    shared.chmod(0o640)
    (federation.home.reference / "aliases.csv").symlink_to(shared)
    confirm(federation.home, "LĐLĐ H. An", "MM-A", TODAY)
    assert (federation.home.reference / "aliases.csv").is_symlink()
    assert "H. An" in shared.read_text("utf-8")
    assert shared.stat().st_mode & 0o777 == 0o640


def test_a_write_that_fails_leaves_the_file_whole(federation, monkeypatch):
    path = federation.home.reference / "aliases.csv"
    path.write_text("name,unit_code\nBà Mụ,MM-B-01\n", "utf-8")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        confirm(federation.home, "LĐLĐ H. An", "MM-A", TODAY)
    assert path.read_text("utf-8") == "name,unit_code\nBà Mụ,MM-B-01\n"


REFUSED = {
    "an unknown code": ("Tên", "MM-X", "No unit has the code MM-X"),
    "a unit that ended": ("Tên", "MM-OLD", "MM-OLD is not in force on 2023-06-03"),
    "the name of another": ("ldld huyen BÌNH", "MM-A", "cannot mean MM-A, since it is the name of MM-B"),
    "the code of another": ("mm-b", "MM-A", "cannot mean MM-A, since it is the code of MM-B"),
    "an alias of another": ("bà  mụ", "MM-A", "cannot mean MM-A, since it is in line 2 an alias of MM-B-01"),
    "no name": ("  ", "MM-A", "The name is empty"),
    "a control character": ("Bà\x7fMụ", "MM-A", "The name holds a control character"),
}


@pytest.mark.parametrize(("name", "code", "said"), REFUSED.values(), ids=list(REFUSED))
def test_a_choice_that_cannot_be_is_refused_in_one_sentence(federation, name, code, said):
    path = federation.home.reference / "aliases.csv"
    path.write_text("name,unit_code\nBà Mụ,MM-B-01\n", "utf-8")
    with pytest.raises(UserError) as refused:
        confirm(federation.home, name, code, TODAY)
    assert said in str(refused.value)
    assert "othing was written" in str(refused.value)
    assert path.read_text("utf-8") == "name,unit_code\nBà Mụ,MM-B-01\n"


def test_a_unit_not_founded_yet_is_refused_and_a_name_that_passed_on_is_taken(federation):
    with pytest.raises(UserError, match="not in force on 1999"):
        confirm(federation.home, "LĐLĐ H. An", "MM-A", date(1999, 1, 1))
    assert confirm(federation.home, "CĐCS Đã Giải Thể", "MM-A-02", TODAY)["is_new"]
    assert read_reference(federation.home.reference).find("CĐCS Đã Giải Thể") == "MM-A-02"


def test_a_file_that_is_no_list_of_aliases_or_a_broken_registry_is_left_alone(federation):
    (federation.home.reference / "aliases.csv").write_text("ten,ma\n", "utf-8")
    with pytest.raises(UserError, match=r"aliases\.csv line 1: the header lacks name, unit_code"):
        confirm(federation.home, "LĐLĐ H. An", "MM-A", TODAY)
    (federation.home.reference / "aliases.csv").write_text("name,unit_code\nAi đó,MM-X\n", "utf-8")
    with pytest.raises(UserError, match="reference/ is broken"):
        confirm(federation.home, "LĐLĐ H. An", "MM-A", TODAY)
