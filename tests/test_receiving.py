"""Inbox → archive: nothing is lost, nothing is doubled, nothing strange is opened."""

import errno
import hashlib
import os
import stat
from datetime import datetime

import pytest
from federation import LONE, MAY, NOW, nil

from pipelines import receiving
from pipelines.receiving import archived, inbox_files, left, pending, receipts, receive


def names(found):
    return [r.file_name for r in found]


def test_a_file_leaves_the_inbox_for_the_archive_with_its_bytes_and_address(federation):
    federation.drop("2023-05/Báo cáo quý.XLSX", b"bytes")
    (receipt,) = receive(federation.home, NOW)
    assert inbox_files(federation.home) == []
    assert (receipt.file_name, receipt.received_at) == ("2023-05/Báo cáo quý.XLSX", NOW.isoformat())
    assert receipt.sha256 == hashlib.sha256(b"bytes").hexdigest()
    assert archived(federation.home, receipt).read_bytes() == b"bytes"
    assert receipts(federation.home) == [receipt]


def test_same_bytes_twice_are_two_receipts_and_one_file(federation):
    for name in ("a.xlsx", "b.xlsx"):
        federation.drop(name, b"same")
    first = receive(federation.home, NOW)
    federation.drop("a.xlsx", b"same", at=datetime(2023, 6, 3, 10))
    again = receive(federation.home, datetime(2023, 6, 4))
    assert names(first) + names(again) == names(receipts(federation.home)) == ["a.xlsx", "b.xlsx", "a.xlsx"]
    assert len({archived(federation.home, r) for r in first + again}) == 1
    assert len(list(federation.home.archive.rglob("*.xlsx"))) == 1


def test_a_ledger_line_cut_off_by_a_crash_is_passed_over_and_the_next_stands_on_its_own(federation):
    federation.drop("a.xlsx", b"a")
    receive(federation.home, NOW)
    with (federation.home.archive / "received.jsonl").open("a") as ledger:
        ledger.write('{"received_at": "2023-06-03T08:0')
    federation.drop("b.xlsx", b"b")
    receive(federation.home, NOW)
    assert names(receipts(federation.home)) == ["a.xlsx", "b.xlsx"]


def test_a_ledger_cut_inside_a_letter_is_still_read(federation):
    federation.drop("a.xlsx", b"a")
    receive(federation.home, NOW)
    with (federation.home.archive / "received.jsonl").open("ab") as ledger:
        ledger.write('{"file_name": "Đ'.encode()[:-1])
    assert names(receipts(federation.home)) == ["a.xlsx"]


def test_links_pipes_dot_files_and_lock_files_stay_where_they_are(federation, tmp_path):
    secret = tmp_path / "secret.xlsx"
    secret.write_bytes(b"not yours")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "in.xlsx").write_bytes(b"not yours either")
    inbox = federation.home.inbox
    (inbox / "link.xlsx").symlink_to(secret)
    (inbox / "folder").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(inbox / "pipe.xlsx")
    federation.drop(".hidden.xlsx", b"1")
    federation.drop("~$open.xlsx", b"2")
    federation.drop(".Trash/old.xlsx", b"3")
    before = sorted(p.name for p in inbox.rglob("*"))
    assert receive(federation.home, NOW) == []
    assert {e["file"]: e["reason"].split(",")[0] for e in left(federation.home)} == {
        "folder": "a link",
        "link.xlsx": "a link",
        "pipe.xlsx": "a pipe",
    }
    assert sorted(p.name for p in inbox.rglob("*")) == before
    assert not (federation.home.archive / "received.jsonl").exists()


def test_a_file_that_still_grows_waits_and_its_neighbours_do_not(federation, monkeypatch):
    growing = federation.drop("growing.xlsx", b"half")
    os.utime(growing)  # touched just now
    federation.drop("whole.xlsx", b"whole")
    monkeypatch.setattr(receiving.time, "sleep", lambda _: growing.write_bytes(b"half and a bit"))
    assert names(receive(federation.home, NOW)) == ["whole.xlsx"]
    assert growing.exists()
    monkeypatch.setattr(receiving.time, "sleep", lambda _: None)
    assert names(receive(federation.home, NOW)) == ["growing.xlsx"]


def test_a_copy_that_stalled_waits_until_its_writer_closes_it_and_none_of_it_is_lost(federation):
    with federation.drop("slow.xlsx", b"").open("wb") as copy:
        copy.write(b"half")
        copy.flush()
        os.utime(copy.name, (1e9, 1e9))  # nothing came for ages
        assert receive(federation.home, NOW) == []
        assert [(e["file"], "still being copied" in e["reason"]) for e in left(federation.home)] == [("slow.xlsx", True)]
        copy.write(b" and half")
    (receipt,) = receive(federation.home, NOW)
    assert archived(federation.home, receipt).read_bytes() == b"half and half"


def test_a_file_system_without_leases_holds_nothing_up(federation, monkeypatch):
    def refuse(*args):
        raise OSError(errno.EINVAL, "no leases here")

    monkeypatch.setattr(receiving.fcntl, "fcntl", refuse)
    federation.drop("a.xlsx", b"a")
    assert names(receive(federation.home, NOW)) == ["a.xlsx"]


def test_a_file_that_vanishes_while_it_is_looked_at_is_no_error(federation, monkeypatch):
    gone = federation.drop("gone.xlsx", b"1")
    os.utime(gone)
    monkeypatch.setattr(receiving.time, "sleep", lambda _: gone.unlink())
    assert receive(federation.home, NOW) == []


def test_a_file_rewritten_while_its_neighbour_is_archived_keeps_its_newer_bytes(federation, monkeypatch):
    first = federation.drop("a.xlsx", b"old")
    federation.drop("b.xlsx", b"b")
    archive = receiving.archive

    def rewrite(home, source, suffix):
        digest = archive(home, source, suffix)
        if digest == hashlib.sha256(b"b").hexdigest():
            first.write_bytes(b"new")
        return digest

    with monkeypatch.context() as m:
        m.setattr(receiving, "archive", rewrite)
        assert names(receive(federation.home, NOW)) == ["a.xlsx", "b.xlsx"]
    assert inbox_files(federation.home) == [first]
    (newer,) = receive(federation.home, NOW)
    assert archived(federation.home, newer).read_bytes() == b"new"


def test_a_file_rewritten_while_it_is_read_waits(federation, monkeypatch):
    path = federation.drop("a.xlsx", b"old")
    archive = receiving.archive
    with monkeypatch.context() as m:
        m.setattr(receiving, "archive", lambda *of: (archive(*of), path.write_bytes(b"new"))[0])
        assert receive(federation.home, NOW) == []
    assert path.read_bytes() == b"new"


def test_a_file_that_cannot_be_removed_is_taken_in_once_and_named(federation, monkeypatch):
    federation.drop("a.xlsx", b"a")

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as m:
        m.setattr("pathlib.Path.unlink", refuse)
        assert names(receive(federation.home, NOW)) == ["a.xlsx"]
        assert receive(federation.home, NOW) == []
    assert names(receipts(federation.home)) == ["a.xlsx"]
    assert [(e["file"], e["reason"][:13]) for e in left(federation.home)] == [("a.xlsx", "taken in, but")]
    access = os.access
    with monkeypatch.context() as m:
        m.setattr(receiving.os, "access", lambda path, mode: mode != os.W_OK and access(path, mode))
        assert pending(federation.home) == []  # no reason to refresh again and again
    assert receive(federation.home, NOW) == inbox_files(federation.home) == left(federation.home) == []


class Killed(BaseException):
    """What no handler of ours catches, as SIGKILL."""


@pytest.mark.parametrize("at", ["archive", "append_receipts", "unlink", "replace"])
def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(federation, monkeypatch, at):
    for name in ("a.xlsx", "b.xlsx"):
        federation.drop(f"{MAY}/{name}", name.encode())

    def kill(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as m:
        if at == "unlink":
            m.setattr("pathlib.Path.unlink", kill)
        else:
            m.setattr(receiving.os if at == "replace" else receiving, at, kill)
        with pytest.raises(Killed):
            receive(federation.home, NOW)
    assert len(inbox_files(federation.home)) == 2  # the bytes are where they were
    receive(federation.home, NOW)
    assert inbox_files(federation.home) == []
    kept = {r.sha256: archived(federation.home, r).read_bytes() for r in receipts(federation.home)}
    assert sorted(kept.values()) == [b"a.xlsx", b"b.xlsx"]
    assert all(hashlib.sha256(content).hexdigest() == digest for digest, content in kept.items())
    assert not [p for p in federation.home.archive.rglob("*") if p.is_file() and p.suffix not in (".xlsx", ".jsonl")]


def test_the_receipt_is_written_before_the_inbox_loses_the_file(federation, monkeypatch):
    federation.drop("a.xlsx", b"a")
    seen = []
    monkeypatch.setattr("pathlib.Path.unlink", lambda path: seen.append(names(receipts(federation.home))))
    receive(federation.home, NOW)
    assert seen == [["a.xlsx"]]


def test_what_the_archive_keeps_only_its_owner_reads(federation):
    path = federation.drop("a.xlsx", b"a")
    path.chmod(0o666)
    receive(federation.home, NOW)
    modes = {p: stat.S_IMODE(p.stat().st_mode) for p in federation.home.archive.rglob("*")}
    assert {0o700 if p.is_dir() else 0o600 for p in modes} == set(modes.values())


def test_a_name_that_is_no_text_or_holds_a_line_separator_loses_no_file(federation):
    federation.drop("hai\u2028dòng.xlsx", b"a")
    (federation.home.inbox / os.fsdecode(b"b\xe1o c\xe1o.xlsx")).write_bytes(b"b")
    receive(federation.home, NOW)
    found = receipts(federation.home)
    assert names(found) == ["b\ufffdo c\ufffdo.xlsx", "hai\u2028dòng.xlsx"]
    assert [archived(federation.home, r).read_bytes() for r in found] == [b"b", b"a"]


def test_tricks_in_names_do_not_leave_the_archive(federation):
    federation.drop("..xlsx", b"a")
    federation.drop("2023-05/a;rm -rf $HOME\n'\".xlsx", b"b")
    assert len(receive(federation.home, NOW)) == 1  # a name that begins with a dot is nobody's return
    (receipt,) = receipts(federation.home)
    assert archived(federation.home, receipt).is_relative_to(federation.home.archive)
    assert archived(federation.home, receipt).read_bytes() == b"b"


ODD = ["bao.xls\udcff", "a." + "x" * 245, "a.xl\u0131sx", "a.x y", "a.\u1ed3", "a.", "m.XLSX"]


def test_a_suffix_no_archive_name_can_carry_is_left_off_and_the_bytes_are_found(federation):
    for name in ODD:
        federation.drop(name, os.fsencode(name))
    federation.send("ok.xlsx", nil("aid", LONE))
    statuses = sorted(f["status"] for f in federation.refresh()["files"])
    assert statuses == ["accepted", *["quarantined"] * len(ODD)]
    assert {archived(federation.home, r).suffix for r in receipts(federation.home)} == {"", ".xlsx"}
    assert all(archived(federation.home, r).is_file() for r in receipts(federation.home))
