"""Many files are read by a process for each core: what comes of them is what one process makes of them."""

import multiprocessing

import pytest
from federation import UPPER_A, UPPER_B, gift, make_federation, member, sheet

from pipelines import intake, readers
from pipelines.receiving import receive
from pipelines.reference import checked_reference


def send_some(home):
    home.send(
        "a.xlsx", sheet("members", UPPER_A, [member("MM-A-01", n) for n in range(1, 6)]), sheet("aid", UPPER_A, [gift("MM-A-01")])
    )
    home.send("b.xlsx", sheet("members", UPPER_B, [member("MM-B-01")]))
    home.send("c.xlsx", sheet("members", "MM-C-01", [member("MM-C-01"), member("XX", 2)]))
    home.drop("d.xlsx", b"no workbook")
    home.drop("e.csv", "một;hai;ba\n1;2;3\n".encode())


def tables(home):
    """What the files became, without clocks and the names of parts."""
    return {
        table: sorted(str(r) for r in home.query(f"select * {left_out} from {table}"))
        for table, left_out in (
            ("raw.submission", "exclude (received_at, modified_at, lake_part)"),
            ("raw.issue", ""),
            ("raw.members", ""),
            ("raw.aid", ""),
            ("core.member", "exclude (row_key, person_key)"),  # keyed by the home's own secret
        )
    }


def test_processes_come_to_what_one_comes_to(tmp_path, monkeypatch):
    made = []
    for many in (1000, 2):
        monkeypatch.setattr(readers, "MANY", many)
        monkeypatch.setattr(readers, "TURN", 1)
        home = make_federation(tmp_path / str(many))
        send_some(home)
        home.refresh()
        made.append(tables(home))
        assert not multiprocessing.active_children()
    assert made[0]["raw.members"]
    assert made[0] == made[1]


@pytest.fixture
def received(federation, monkeypatch):
    monkeypatch.setattr(readers, "MANY", 2)
    monkeypatch.setattr(readers, "TURN", 1)
    send_some(federation)
    return federation.home, receive(federation.home, federation.now), checked_reference(federation.home.reference)


def test_what_stops_a_process_is_raised_here_and_leaves_none_behind(received):
    home, receipts, registry = received
    home.lake.parent.mkdir(exist_ok=True)
    home.lake.rmdir()
    home.lake.write_bytes(b"a file where a folder must be")
    with pytest.raises(OSError, match=r"\w"):
        list(readers.read_all(home, receipts, registry))
    assert not multiprocessing.active_children()


def test_a_reader_that_is_left_early_leaves_no_process(received):
    reading = readers.read_all(*received)
    assert isinstance(next(reading), intake.Reading)
    reading.close()
    assert not multiprocessing.active_children()
