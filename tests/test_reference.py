"""Reference files as editors leave them: read, or named with the line; no refresh runs over a broken one."""

import pytest
from federation import HEADER, UNITS
from registry import RIGHT, UPPER, assert_refused, units

from pipelines.config import UserError
from pipelines.reference import checked_reference, read_reference

BROKEN = {
    "a file of another name": (
        "target.csv",
        RIGHT["targets.csv"],
        "target.csv is not read; the file of that kind is called targets.csv.",
    ),
    "a workbook": ("Units.xlsx", "PK", "called units.csv"),
    "an alias of nobody": ("aliases.csv", "name,unit_code\nAi đó,MM-X\n", "aliases.csv line 2"),
    "an alias for two units": ("aliases.csv", "name,unit_code\nCĐ X,MM-A-01\ncđ  x,MM-B-01\n", "aliases.csv line 3"),
    "an alias that is another's name": ("aliases.csv", "name,unit_code\nLĐLĐ huyện An,MM-B\n", "aliases.csv line 2"),
    "an alias that is another's code": ("aliases.csv", "name,unit_code\nmm-a,MM-B\n", "aliases.csv line 2"),
    "a file separator at the end": ("aliases.csv", "name,unit_code\nCĐ X\x1f,MM-A\n", "aliases.csv line 2, name: the cell holds"),
}


@pytest.mark.parametrize(("name", "content", "said"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_named_with_its_line(reference, name, content, said):
    assert_refused(reference, name, content, said)


def test_right_files_have_no_problem(reference):
    assert read_reference(reference).problems == []
    assert checked_reference(reference).province == "MM"


def test_a_home_without_a_registry_says_so(reference):
    (reference / "units.csv").unlink()
    assert read_reference(reference).problems[0].startswith("units.csv is missing")


def test_a_registry_of_its_header_alone_is_refused_by_refresh(federation, reference):
    (reference / "units.csv").write_text(HEADER + "\n", "utf-8")
    with pytest.raises(UserError, match=r"units\.csv names no unit"):
        federation.refresh()


def test_what_excel_and_editors_leave_behind_does_no_harm(reference):
    (reference / "targets.csv").write_text(RIGHT["targets.csv"] + ",,,\n,,,,,\n", "utf-8")
    for name in ("~$units.xlsx", ".~lock.units.csv#", "units.csv~", "ghi chú.txt"):
        (reference / name).write_text("?", "utf-8")
    assert read_reference(reference).problems == []


def test_a_folder_in_place_of_a_file_is_told(reference):
    (reference / "targets.csv").unlink()
    (reference / "targets.csv").mkdir()
    assert read_reference(reference).problems == ["targets.csv is no file."]


def test_no_sentence_shows_a_pattern_or_an_address(reference):
    (reference / "units.csv").write_text(
        units(UPPER.replace("MM-D", "MM D"), UPPER.replace("direct,,", "direct,an at home,")), "utf-8"
    )
    (reference / "published.csv").write_text(RIGHT["published.csv"].replace("exact", "ish"), "utf-8")
    said = read_reference(reference).problems
    assert len(said) == 3
    assert not [p for p in said if "an at home" in p or "^" in p or "\\" in p or "should" in p]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(reference):
    (reference / "units.csv").write_bytes(b"\xef\xbb\xbf" + RIGHT["units.csv"].replace("\n", "\r\n").encode())
    assert read_reference(reference).problems == []


def test_refresh_refuses_broken_files_and_takes_nothing_from_the_inbox(federation, reference):
    waiting = federation.drop("a.xlsx", b"a")
    (reference / "aliases.csv").write_text(BROKEN["an alias of nobody"][1], "utf-8")
    with pytest.raises(UserError, match=r"aliases\.csv"):
        federation.refresh()
    assert waiting.exists()


def test_a_unit_is_found_by_code_name_or_alias_and_by_nothing_else(reference):
    registry = read_reference(reference)
    spellings = ["MM-A", " mm-a ", "LĐLĐ huyện An", "ldld HUYEN  an", "LĐLĐ H. An"]
    assert [registry.find(s) for s in spellings] == ["MM-A"] * len(spellings)
    assert [registry.find(s) for s in (None, "", "LĐLĐ huyện", "MM-A1")] == [None] * 4
    assert registry.ancestors("MM-A-01") == ["MM-A-01", "MM-A", "MM"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_excel_writes_where_the_comma_is_a_decimal_sign_is_read(reference, delimiter):
    for name in ("units.csv", "aliases.csv"):
        (reference / name).write_text("\ufeff" + RIGHT[name].replace(",", delimiter).replace("\n", "\r\n"), "utf-8")
    registry = read_reference(reference)
    assert registry.problems == []
    assert registry.find("LĐLĐ H. An") == "MM-A"
    assert len(registry.parents) == len(UNITS)
