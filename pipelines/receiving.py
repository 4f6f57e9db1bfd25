"""Inbox → archive: every byte ever received, content-addressed, with a receipt; what is inside is not looked at here."""

import errno
import fcntl
import hashlib
import json
import os
import re
import signal
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
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
        """How the archived bytes end: of the name's suffix what any file system takes, else nothing."""
        suffix = Path(self.file_name).suffix.lower()
        return suffix if re.fullmatch(r"\.[a-z0-9]{1,9}", suffix) else ""


def inbox_files(home: Home) -> list[Path]:
    """Regular files to take, in name order; links, FIFOs, sockets, dot files and Excel's lock files stay untouched."""
    return [path for path, kind in _scan(home) if kind == "file"]


def receive(home: Home, now: datetime) -> list[Receipt]:
    """Moves every settled file of the inbox into the archive and writes its receipt; safe to kill at any instant.

    The bytes are durable in the archive and the receipt written before the inbox loses the file, so a crash leaves
    at worst a file that is recognised as already received. Only what was archived is removed: a file that changed
    meanwhile stays for the next refresh. A file that cannot be read or removed holds nothing up; see `left`.
    """
    files = inbox_files(home)
    before = {p: _state(p) for p in files}
    if any(time.time() - mtime / 1e9 < SETTLED_SECONDS for _, mtime in before.values()):
        time.sleep(SETTLED_SECONDS / 2)
    taken = [(path, receipt) for path in files if (receipt := _keep(home, path, before[path], now))]
    written = _arrivals(home)
    new = [r for _, r in taken if _arrival(r) not in written]
    if new:
        append_receipts(home, new)
    for path, _ in taken:
        if _state(path) == before[path]:
            with suppress(OSError):
                path.unlink()
    return new


def pending(home: Home) -> list[Path]:
    """Files that a refresh would do something with: not those that were taken in and cannot be removed, nor unreadable ones."""
    written = _arrivals(home)
    return [
        p for p in inbox_files(home) if os.access(p, os.R_OK) and (os.access(p.parent, os.W_OK) or not _is_kept(home, p, written))
    ]


def left(home: Home) -> list[dict[str, str]]:
    """What stays in the inbox after a refresh and why: `{"file", "reason"}` each."""
    written = _arrivals(home)
    found = []
    for path, kind in _scan(home):
        if kind != "file":
            reason = f"{kind}, which is never opened"
        elif not os.access(path, os.R_OK):
            reason = "not readable"
        elif _is_kept(home, path, written):
            reason = "taken in, but the inbox does not let go of it; make inbox/ writable or remove it"
        else:
            reason = "new or still being copied; the next refresh takes it"
        found.append({"file": _name(home, path), "reason": reason})
    return found


def _keep(home: Home, path: Path, state: tuple[int, int], now: datetime) -> Receipt | None:
    """Archives one file as it was when it was listed; None when it changed since or is still open: the next refresh takes it."""
    if _state(path) != state:
        return None
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None  # gone, replaced by a link, or not ours to read
    with open(handle, "rb") as source:
        if _is_written_to(handle):
            return None
        receipt = keep(home, source, _name(home, path), now)
    return receipt if _state(path) == state else None


def keep(home: Home, source: BinaryIO, name: str, now: datetime) -> Receipt:
    """Archives an open file; the receipt is not written down yet."""
    modified = _modified(os.fstat(source.fileno()).st_mtime_ns)
    receipt = Receipt(now.isoformat(timespec="seconds"), modified, "", name)
    return replace(receipt, sha256=archive(home, source, receipt.suffix))


def _is_written_to(handle: int) -> bool:
    """Whether another process has the file open for writing: a copy that stalled looks finished by its size and time.

    Only the kernel knows, and refuses us a lease; where a file system has none to give, size and time must do.
    """
    try:
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)  # told of a writer by a signal that is ignored, not by one that kills
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as e:
        return e.errno == errno.EAGAIN
    return False


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
    return home.archive / f"{receipt.sha256[:2]}/{receipt.sha256}{receipt.suffix}"


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
    target = home.archive / digest.hexdigest()[:2] / f"{digest.hexdigest()}{suffix}"
    target.parent.mkdir(exist_ok=True, mode=0o700)
    os.replace(partial, target)
    return digest.hexdigest()


def _arrival(receipt: Receipt) -> tuple[str, str, str]:
    """What makes an arrival the same one: a file that could not be removed is not received again on every try."""
    return (receipt.file_name, receipt.modified_at, receipt.sha256)


def _arrivals(home: Home) -> set[tuple[str, str, str]]:
    return {_arrival(r) for r in receipts(home)}


def _is_kept(home: Home, path: Path, written: set[tuple[str, str, str]]) -> bool:
    """Whether the ledger has this very file; its bytes are read only when name and time are known."""
    name, modified = _name(home, path), _modified(_state(path)[1])
    if not any(w[:2] == (name, modified) for w in written):
        return False
    try:
        with path.open("rb") as source:
            return (name, modified, hashlib.file_digest(source, "sha256").hexdigest()) in written
    except OSError:
        return False


def _modified(mtime_ns: int) -> str:
    return datetime.fromtimestamp(mtime_ns / 1e9).isoformat(timespec="seconds")


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


def append_receipts(home: Home, new: list[Receipt]) -> None:
    """Writes receipts into the ledger; durable when it returns."""
    ledger = home.archive / "received.jsonl"
    whole = not ledger.is_file() or ledger.read_bytes().endswith(b"\n") or ledger.stat().st_size == 0
    with os.fdopen(os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as out:
        out.write("" if whole else "\n")
        out.writelines(json.dumps(vars(r), ensure_ascii=False) + "\n" for r in new)
        out.flush()
        os.fsync(out.fileno())
