"""`congdoan demo`: the made-up province arrives day by day, is refreshed, corrected and refreshed again."""

import csv
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.config import DEMO_MARK, Home, Settings, UserError
from pipelines.receiving import receive
from pipelines.refresh import refresh

_LEFT = ".demo-left"  # what the demo left in the home: whoever adds to it has something of their own there
STANDS_AT = datetime(2023, 6, 13, 8, 0)  # the day the seed report was issued


def demo(
    settings: Settings, seed: int, uncorrected: bool, history: bool = False, on_step: Callable[[str], None] = lambda step: None
) -> dict[str, Any]:
    """Makes the province in the home of `settings`, refreshes it, and unless `uncorrected` brings the corrections.

    `history` brings the year before and targets of every union.

    UserError when the home holds returns of its own. Returns the summary of the last refresh, the first one's findings
    and the number of planted errors.
    """
    from pipelines.province.make import make_province

    home = Home(settings.home.absolute())
    _refuse_strangers(home)
    make_home(home)
    (home.root / DEMO_MARK).write_text(STANDS_AT.isoformat())
    with tempfile.TemporaryDirectory(prefix="congdoan-demo-") as folder:
        on_step("making the province")
        deliveries, planted = make_province(Path(folder), home.reference, seed, history)
        _write_answers(home.root / "planted_errors.csv", planted)
        first = [d for d in deliveries if d.wave == "first"]
        _deliver(home, first, on_step)
        all_in = settings.now or max(d.received_at for d in first)  # else corrections would mend faults found that very moment
        result = refresh(settings if uncorrected else settings.model_copy(update={"now": all_in}), on_step)
        found = result["findings_opened"]
        if not uncorrected:
            _deliver(home, [d for d in deliveries if d.wave == "correction"], on_step)
            result = refresh(settings, on_step)
    (home.root / _LEFT).write_text(_holdings(home))
    return result | {"planted": len(planted), "found": found}


def make_home(home: Home) -> None:
    """The folders of an empty home, readable by its owner only, but for public/; makes what is missing, changes nothing."""
    home.root.mkdir(parents=True, exist_ok=True)
    for folder in (home.inbox, home.archive, home.quarantine, home.lake, home.reference, home.outbox):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.lake.parent.chmod(0o700)
    home.public.mkdir(exist_ok=True, mode=0o755)


def _refuse_strangers(home: Home) -> None:
    """An earlier demo that nobody added to is cleared away; anything else in the home is somebody's and stays."""
    left = home.root / _LEFT
    if left.is_file() and left.read_text() != _holdings(home):
        raise UserError(
            f"{home.root} has returns or reference files that the demo did not make; give it another place with --home DIR."
        )
    if (home.root / DEMO_MARK).is_file():
        for path in (
            home.inbox,
            home.archive,
            home.quarantine,
            home.lake.parent,
            home.reference,
            home.outbox,
            home.public,
            home.dagster,
        ):
            shutil.rmtree(path, ignore_errors=True)
        for path in (home.build, home.private, home.root / "build.duckdb.wal"):
            path.unlink(missing_ok=True)
    elif home.exists() or (home.archive / "received.jsonl").exists() or (home.inbox.is_dir() and any(home.inbox.iterdir())):
        raise UserError(f"{home.root} holds returns or a registry of its own; give the demo another place with --home DIR.")


def _holdings(home: Home) -> str:
    """A digest of what was received, what waits in the inbox, and the reference files."""
    digest = hashlib.sha256()
    waiting = [p for p in home.inbox.rglob("*") if p.is_file()]
    for path in [home.archive / "received.jsonl", *sorted(home.reference.glob("*.csv")), *sorted(waiting)]:
        digest.update(path.name.encode() + (path.read_bytes() if path.is_file() else b""))
    return digest.hexdigest()


def _deliver(home: Home, deliveries: list, on_step: Callable[[str], None]) -> None:
    """Drops each day's files into the inbox and takes them in with that day's clock."""
    by_instant: dict[datetime, list] = {}
    for d in deliveries:
        by_instant.setdefault(d.received_at, []).append(d)
    for instant in sorted(by_instant):
        on_step(f"receiving {instant:%Y-%m-%d}")
        for d in by_instant[instant]:
            target = home.inbox / d.inbox_path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(d.path, target)
            os.utime(target, (instant.timestamp(), instant.timestamp()))
        receive(home, instant)


def _write_answers(path: Path, planted: list) -> None:
    with path.open("w", newline="", encoding="utf-8") as f:
        out = csv.writer(f)
        out.writerow(["file", "sheet", "row", "column", "check_id", "unit_code"])
        out.writerows([p.file, p.sheet, p.row, p.column, p.check_id, p.unit_code] for p in planted)
