"""Every mess of the corpus comes to the rows it must, with every row of its sheets accounted for."""

import shutil
import subprocess
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from corpus import WHOLE, WHOLE_AID, book, cases, gifts, people
from federation import SENT, UNITS, UPPER_A, make_federation

COLUMNS = {
    "members": ("core.member", "unit_code, full_name, birth_date, sex, qualification, is_member, income_vnd"),
    "aid": ("core.aid", "unit_code, recipient, kind, occasion, given_by, gift_count, amount_vnd, given_date"),
}


NAMES = list(cases(Path(tempfile.mkdtemp())))
SENDER = {name: f"MM-K{n:02}" for n, name in enumerate(NAMES)}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A union for each mess, with two units, whose return of May it is; what came earlier was refreshed earlier."""
    made = {name: cases(tmp_path_factory.mktemp("corpus"), SENDER[name])[name] for name in NAMES}
    units = [f"{code},Liên hiệp {code},upper,MM,,direct,,2000-01-01," for code in SENDER.values()]
    units += [f"{code}-{n:02},CĐCS số {word} của {code},grassroots,{code},public,direct,,2000-01-01,"
              for code in SENDER.values() for n, word in ((1, "một"), (2, "hai"))]  # fmt: skip
    federation = make_federation(tmp_path_factory.mktemp("federation") / "home", units=[UNITS[0], *units])
    for name, case in made.items():
        for path, content in case.also.items():
            federation.drop(f"{SENDER[name]}/{path}", content, SENT - timedelta(days=1))
    federation.refresh()
    for name, case in made.items():
        federation.drop(f"{SENDER[name]}/{case.name}", case.content)
    federation.refresh()
    return federation, made


@pytest.mark.parametrize("mess", NAMES)
def test_a_mess_comes_to_the_rows_it_must(corpus, mess):
    federation, made = corpus
    settled(federation, made[mess], SENDER[mess], f"{SENDER[mess]}/{made[mess].name}")


def settled(federation, case, sender, path):
    """The rows of the case stand in core under its sender, its sheets are counted, and nothing else is said of them."""
    for form, rows in case.rows.items():
        table, columns = COLUMNS[form]
        found = federation.query(f"select {columns} from {table} where sender_code = ? order by unit_code", [sender])
        assert [tuple(r.values()) for r in found] == [(r[0].replace(UPPER_A, sender), *r[1:]) for r in rows]
    sheets = federation.query("select * from core.submission where file_name = ?", [path])
    current = {s["form"]: s for s in sheets}
    for form, counts in case.counts.items():
        s = current[form]
        assert (s["rows_loaded"], s["rows_rejected"], s["rows_control"], s["rows_ignored"]) == counts
    raised = {f["check_id"] for f in federation.findings() if f["file_name"] == path and not f["check_id"].endswith("_absent")}
    assert raised == set(case.findings)
    assert all(s["rows_read"] == s["rows_loaded"] + s["rows_rejected"] + s["rows_control"] + s["rows_ignored"] for s in sheets)


def test_the_same_bytes_twice_count_once_and_a_newer_file_replaces_them(corpus):
    federation, _ = corpus
    sender = SENDER["sent again with more rows, after the same bytes twice"]
    found = federation.query(
        "select file_name, status from core.submission where unit_code = ? order by received_at, status", [sender]
    )
    assert sorted(r["status"] for r in found) == ["accepted_with_findings", "superseded"]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice writes these formats")
@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_older_and_free_formats_are_read_too(tmp_path, suffix):
    for name, table, case in (("nguoi", WHOLE, people), ("qua", WHOLE_AID, gifts)):
        (tmp_path / f"{name}.xlsx").write_bytes(book(table))
        subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/office", "--convert-to", suffix, "--outdir",
                        str(tmp_path), str(tmp_path / f"{name}.xlsx")], check=True, capture_output=True)  # fmt: skip
        content = (tmp_path / f"{name}.{suffix}").read_bytes()
        federation = make_federation(tmp_path / f"home-{name}")
        federation.drop(f"{name}.{suffix}", content)
        federation.refresh()
        settled(federation, case(content, f"{name}.{suffix}"), UPPER_A, f"{name}.{suffix}")
