"""Every mess of the corpus comes to the rows it must, with every row of its sheets accounted for."""

import shutil
import subprocess

import pytest
from corpus import WHOLE, WHOLE_AID, book, cases, gifts, people
from federation import make_federation

COLUMNS = {
    "members": ("core.member", "unit_code, full_name, birth_date, sex, qualification, is_member, income_vnd"),
    "aid": ("core.aid", "unit_code, recipient, kind, occasion, given_by, gift_count, amount_vnd, given_date"),
}


def settle(federation, case):
    for name, content in case.also.items():
        federation.drop(name, content)
        federation.refresh()
    federation.drop(case.name, case.content)
    federation.refresh()
    for form, rows in case.rows.items():
        table, columns = COLUMNS[form]
        assert [tuple(r.values()) for r in federation.query(f"select {columns} from {table} order by unit_code")] == rows
    current = {
        s["form"]: s
        for s in federation.query("select * from core.submission where file_name = ? and form is not null", [case.name])
    }
    for form, counts in case.counts.items():
        s = current[form]
        assert (s["rows_loaded"], s["rows_rejected"], s["rows_control"], s["rows_ignored"]) == counts
    raised = {f["check_id"] for f in federation.findings() if not f["check_id"].endswith("_absent")}
    assert raised == set(case.findings)
    for s in federation.query("select * from core.submission"):
        assert s["rows_read"] == s["rows_loaded"] + s["rows_rejected"] + s["rows_control"] + s["rows_ignored"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return cases(tmp_path_factory.mktemp("corpus"))


def pytest_generate_tests(metafunc):
    if "mess" in metafunc.fixturenames:
        import tempfile
        from pathlib import Path

        with tempfile.TemporaryDirectory() as folder:
            metafunc.parametrize("mess", cases(Path(folder)))


def test_a_mess_comes_to_the_rows_it_must(federation, corpus, mess):
    settle(federation, corpus[mess])


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice writes these formats")
@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_older_and_free_formats_are_read_too(tmp_path, suffix):
    for name, table, case in (("nguoi", WHOLE, people), ("qua", WHOLE_AID, gifts)):
        (tmp_path / f"{name}.xlsx").write_bytes(book(table))
        subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/office", "--convert-to", suffix, "--outdir",
                        str(tmp_path), str(tmp_path / f"{name}.xlsx")], check=True, capture_output=True)  # fmt: skip
        content = (tmp_path / f"{name}.{suffix}").read_bytes()
        settle(make_federation(tmp_path / f"home-{name}"), case(content, f"{name}.{suffix}"))
