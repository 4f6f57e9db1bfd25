"""Homes that tests share: the made-up province, made once for all workers."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from federation import Federation, make_federation
from hypothesis import settings
from registry import RIGHT

from pipelines.sheets import read_workbook

settings.register_profile("shared machine", deadline=None)  # a property is about values; a busy machine is slow at times
settings.load_profile("shared machine")
Run = Callable[..., subprocess.CompletedProcess]


@pytest.fixture(scope="session")
def congdoan() -> Run:
    """Runs one command as its user does, in a process of its own."""

    def run(*args: str, home: Path, **env: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(Path(sys.executable).parent / "congdoan"), *args],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "CONGDOAN_HOME": str(home), **env},
        )

    return run


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory, congdoan) -> Path:
    """The made-up province after its corrections; read it, do not change it."""
    return _made_once(tmp_path_factory, congdoan, "demo")


@pytest.fixture(scope="session")
def open_home(tmp_path_factory, congdoan) -> Path:
    """The made-up province before its corrections; read it, do not change it."""
    return _made_once(tmp_path_factory, congdoan, "open", "--uncorrected")


@pytest.fixture(scope="session")
def history_home(tmp_path_factory, congdoan) -> Path:
    """The made-up province with the year before; read it, do not change it."""
    return _made_once(tmp_path_factory, congdoan, "history", "--history")


@pytest.fixture(scope="session")
def demo_figures(demo_home, congdoan) -> dict[str, dict]:
    """What `metrics --period 2023-H1 --json` prints, by id."""
    done = congdoan("metrics", "--period", "2023-H1", "--json", home=demo_home)
    assert done.returncode == 0, done.stderr
    return {f["id"]: f for f in json.loads(done.stdout)}


@pytest.fixture
def federation(tmp_path) -> Federation:
    """The small invented federation of federation.py, to send to and refresh."""
    return make_federation(tmp_path / "home")


def _made_once(tmp_path_factory, congdoan: Run, name: str, *options: str) -> Path:
    shared = tmp_path_factory.getbasetemp().parent if os.environ.get("PYTEST_XDIST_WORKER") else tmp_path_factory.getbasetemp()
    home = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "public" / "index.html").is_file():
            done = congdoan("demo", *options, home=home)
            assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def reference(federation):
    for name, text in RIGHT.items():
        (federation.home.reference / name).write_text(text, "utf-8")
    return federation.home.reference


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sheets")


@pytest.fixture
def read(folder):
    """Rows of cells → the one sheet that a workbook of them reads as."""

    def grid(*rows):
        book = openpyxl.Workbook()
        for r, row in enumerate(rows, 1):
            for c, value in enumerate(row, 1):
                book.active.cell(r, c, value)
        book.save(folder / "grid.xlsx")
        return read_workbook(folder / "grid.xlsx")[0]

    return grid
