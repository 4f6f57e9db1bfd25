"""Inbox → archive: every byte ever received, content-addressed, with a receipt; what is inside is not looked at here."""

import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from pipelines.config import Home

SETTLED_SECONDS = 1.0  # a file touched more recently is looked at twice
_KINDS = {"file": stat.S_ISREG, "a link": stat.S_ISLNK, "a pipe": stat.S_ISFIFO, "a socket": stat.S_ISSOCK}


@dataclass(frozen=True)
class Receipt:
    """One arrival of a file: what the archive knows of it. `file_name` is its path under inbox/."""

    received_at: str
    modified_at: str
    sha256: str
    file_name: str

    @property
    def suffix(self) -> str:
        return Path(self.file_name).suffix.lower()


def inbox_files(home: Home) -> list[Path]:
    """Regular files to take, in name order; links, FIFOs, sockets, dot files and Excel's lock files stay untouched."""
    return [path for path, kind in _scan(home) if kind == "file"]


def receive(home: Home, now: datetime) -> list[Receipt]:
    """Moves every settled file of the inbox into the archive and writes its receipt; safe to kill at any instant.

    The bytes are durable in the archive and the receipt written before the inbox loses the file, so a crash leaves
    at worst a file that is recognised as already received. Only what was archived is removed: a file that changed
    meanwhile stays for the next refresh.
    """
    files = inbox_files(home)
    before = {p: _state(p) for p in files}
    if any(time.time() - mtime / 1e9 < SETTLED_SECONDS for _, mtime in before.values()):
        time.sleep(SETTLED_SECONDS / 2)
    taken = [(path, receipt) for path in files if (receipt := _keep(home, path, before[path], now))]
    if taken:
        _append_receipts(home, [r for _, r in taken])
    for path, _ in taken:
        if _state(path) == before[path]:
            path.unlink()
    return [r for _, r in taken]


def _keep(home: Home, path: Path, state: tuple[int, int], now: datetime) -> Receipt | None:
    """Archives one file as it was when it was listed; None when it has changed since: the next refresh takes it."""
    if _state(path) != state:
        return None
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as source:
        digest = archive(home, source, path.suffix)
    if _state(path) != state:
        return None
    modified = datetime.fromtimestamp(state[1] / 1e9).isoformat(timespec="seconds")
    return Receipt(now.isoformat(timespec="seconds"), modified, digest, _name(home, path))


def receipts(home: Home) -> list[Receipt]:
    """Every receipt ever written, oldest first; a last line cut off by a crash is not one (its file is still in the inbox)."""
    ledger = home.archive / "received.jsonl"
    if not ledger.is_file():
        return []
    found = []
    for line in ledger.read_bytes().split(b"\n"):  # by bytes: a crash may cut a letter, a name may hold U+2028
        try:
            found.append(Receipt(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def archived(home: Home, receipt: Receipt) -> Path:
    """Where the bytes of a receipt are."""
    return home.archive / receipt.sha256[:2] / f"{receipt.sha256}{receipt.suffix}"


def archive(home: Home, source: BinaryIO, suffix: str) -> str:
    """Keeps the bytes of an open file under their sha256, which it returns; durable when it does."""
    partial = home.archive / f".incoming-{os.getpid()}"
    partial.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as kept:
        while block := source.read(1 << 20):
            digest.update(block)
            kept.write(block)
        kept.flush()
        os.fsync(kept.fileno())
    target = home.archive / digest.hexdigest()[:2] / f"{digest.hexdigest()}{suffix.lower()}"
    target.parent.mkdir(exist_ok=True, mode=0o700)
    os.replace(partial, target)
    return digest.hexdigest()


def _scan(home: Home) -> Iterator[tuple[Path, str]]:
    """Everything in the inbox that is not hidden, in name order, with its kind: file, or what else it is."""
    for folder, dirs, names in os.walk(home.inbox):
        links = [d for d in dirs if os.path.islink(os.path.join(folder, d))]
        dirs[:] = sorted(d for d in dirs if not d.startswith(".") and d not in links)
        for name in sorted([*names, *links]):
            if name.startswith((".", "~$")):
                continue
            try:
                mode = Path(folder, name).lstat().st_mode
            except FileNotFoundError:
                continue
            yield Path(folder, name), next((kind for kind, test in _KINDS.items() if test(mode)), "a device")


def _name(home: Home, path: Path) -> str:
    """The path under inbox/ as text; Linux takes names that are none."""
    return os.fsencode(path.relative_to(home.inbox)).decode("utf-8", "replace")


def _state(path: Path) -> tuple[int, int]:
    try:
        s = path.lstat()
    except FileNotFoundError:
        return (-1, 0)
    return (s.st_size, s.st_mtime_ns)


def _append_receipts(home: Home, new: list[Receipt]) -> None:
    ledger = home.archive / "received.jsonl"
    whole = not ledger.is_file() or ledger.read_bytes().endswith(b"\n") or ledger.stat().st_size == 0
    with os.fdopen(os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as out:
        out.write("" if whole else "\n")
        out.writelines(json.dumps(vars(r), ensure_ascii=False) + "\n" for r in new)
        out.flush()
        os.fsync(out.fileno())
