"""What an operator does to a home: rebuilds a month, moves it, interrupts it, names things strangely."""

import shutil
import subprocess
import sys
from dataclasses import replace

import duckdb
import pytest
from federation import LONE, MAY, NOW, Federation, indicator, member, sheet

from pipelines import cli, terminal
from pipelines.config import UserError
from pipelines.forms import forms
from pipelines.reference import checked_reference
from pipelines.refresh import refresh
from pipelines.rules import rules
from pipelines.sheets import DATA, read_workbook
from pipelines.template import write_template
from pipelines.trace import trace


def test_a_month_is_rebuilt_on_demand_and_only_a_month_that_is_there(federation):
    federation.send("a.xlsx", sheet("members", LONE, [member(LONE, i) for i in (1, 2, 3)]))
    federation.refresh()
    with duckdb.connect(str(federation.home.build)) as con:
        con.execute("delete from core.member")
    refresh(federation.settings(), period=MAY)
    assert federation.query("select count(*) as n from core.member") == [{"n": 3}]
    for month, sentence in (
        ("2023-13", "Only a month"),
        ("", "Only a month"),
        ("2023-H1", "Only a month"),
        ("2021-01", "No return"),
    ):
        with pytest.raises(UserError, match=sentence):
            refresh(federation.settings(), period=month)


def test_a_moved_home_traces_and_fills_forms_at_once_and_mends_its_views_in_the_next_refresh(federation, tmp_path):
    federation.send("a.xlsx", sheet("members", LONE, [member(LONE)]), sheet("activity", LONE, [indicator(LONE)]))
    federation.refresh()
    moved = Federation(tmp_path / "moved")
    shutil.move(federation.root, moved.root)
    assert len(trace(moved.home, "workers_total", MAY, LONE)["rows"]) == 1
    write_template(moved.home, "activity", LONE, "2023-06", tmp_path / "a.xlsx")
    assert moved.refresh(NOW)["new"] is True
    assert moved.query("select count(*) as n from raw.members where row_kind = 'data'") == [{"n": 1}]
    assert moved.refresh(NOW)["new"] is False


INTERRUPTED = """
import os, signal, sys
from pipelines import __main__

class Finder:
    def find_spec(self, name, *rest):
        if name == AT:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
signal.signal(signal.SIGINT, signal.default_int_handler)
__main__.main()
"""


@pytest.mark.parametrize("at", ["pydantic", "duckdb", "dagster", "great_expectations"])
def test_ctrl_c_ends_in_one_word_during_any_import(federation, at):
    federation.send("a.xlsx", sheet("members", LONE, [member(LONE)]))
    code = INTERRUPTED.replace("AT", repr(at))
    done = subprocess.run(
        [sys.executable, "-c", code, "refresh", "--home", str(federation.root)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Stopped.\n")


def test_names_in_brackets_and_escapes_are_printed_as_they_are(capsys):
    terminal.table(["[/x] unit", "[red]"], [["a[/b].xlsx", "[bold]\x1b[2J"]])
    shown = capsys.readouterr().out
    assert all(text in shown for text in ("[/x] unit", "[red]", "a[/b].xlsx", "[bold]"))
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["query", ""], "Give one SELECT"),
        (["query", "select 1; select 2"], "Give one SELECT, not several"),
        (["template", "aid", "--unit", LONE, "--period", "2023-05", "-o", "."], ". is a folder"),
        (["template", "aid", "--unit", LONE, "--period", "2023-05", "-o", "/proc/a.xlsx"], "No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(federation, capsys, command, sentence):
    duckdb.connect(str(federation.home.published)).close()
    with pytest.raises(SystemExit) as left:
        cli.main([*command, "--home", str(federation.root)])
    said = capsys.readouterr().err
    assert left.value.code == 2
    assert said.startswith(sentence)
    assert said.count("\n") == 1


def test_the_activity_form_lists_every_indicator_after_the_rows_of_last_month(federation, tmp_path):
    federation.send("a.xlsx", sheet("activity", LONE, [indicator(LONE)]))
    federation.refresh()
    write_template(federation.home, "activity", LONE, "2023-06", tmp_path / "a.xlsx")
    (filled,) = read_workbook(tmp_path / "a.xlsx")
    rows = [cells for _, kind, _, cells in filled.rows if kind == DATA]
    names = [c.name for c in forms()["activity"].columns]
    listed = [row[names.index("indicator_id")] or "" for row in rows]
    assert listed[0] == "tournaments"
    assert sorted(listed) == sorted(i.indicator_id for i in checked_reference(federation.home.reference).rows["indicators"])
    assert {row[names.index("value")] for row in rows} == {None}


def test_figures_that_contradict_each_other_are_not_published(federation, monkeypatch):
    federation.send("a.xlsx", sheet("members", LONE, [member(LONE, i) for i in (1, 2, 3)]))
    federation.refresh()
    page = (federation.home.public / "index.html").read_bytes()
    wrong = rules()["identities_broken"].bad_rows.replace("t.factor * v.value", "v.value")
    assert wrong != rules()["identities_broken"].sql
    monkeypatch.setitem(rules(), "identities_broken", replace(rules()["identities_broken"], sql=wrong))
    federation.send("b.xlsx", sheet("members", LONE, [member(LONE, i) for i in (1, 2)]), at=NOW)
    with pytest.raises(UserError, match="stopped before publishing, because our own rules failed: identities_broken"):
        federation.refresh()
    assert (federation.home.public / "index.html").read_bytes() == page
    assert federation.query("select count(*) as n from core.member") == [{"n": 3}]
    monkeypatch.undo()
    federation.refresh()
    assert federation.query("select count(*) as n from core.member") == [{"n": 2}]
