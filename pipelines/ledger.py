"""The outbox ledger: what was told to whom, one line of outbox/ledger.jsonl per step of a message; what is due is decided in `alerts`.

A message is `sending` before it leaves and `sent` or `refused` after. One that a crash left at `sending` may have left or not: it is
due again, and as the same message it carries the same Message-ID, so that the receiver's server can tell.
"""

import json
import os
from dataclasses import asdict, dataclass
from typing import Literal

from pipelines.config import Home

Event = Literal["sending", "sent", "refused"]


@dataclass(frozen=True)
class Entry:
    """One step of one message. `items` are the findings it told, `returns` the returns it answers; nothing personal is here."""

    message_id: str
    event: Event
    at: str  # ISO time of the clock
    kind: str
    to_unit: str
    to: str
    period: str
    items: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    why: str = ""  # the server's answer to a refused one


def write(home: Home, entry: Entry) -> None:
    """Adds a step and has it on disk before it returns."""
    home.outbox.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home.outbox / "ledger.jsonl"
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
        if file.seek(0, os.SEEK_END) and file.seek(-1, os.SEEK_END) is not None and file.read(1) != b"\n":
            file.write(b"\n")  # a line that a crash cut short
        file.write(json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def entries(home: Home) -> list[Entry]:
    """Every step, oldest first; a line cut short by a crash is no step."""
    path = home.outbox / "ledger.jsonl"
    found = []
    for line in path.read_bytes().split(b"\n") if path.is_file() else ():
        try:
            said = json.loads(line)
            found.append(Entry(**said | {"items": tuple(said["items"]), "returns": tuple(said["returns"])}))
        except (ValueError, TypeError, KeyError):
            continue
    return found


def told(home: Home) -> list[Entry]:
    """Messages that left, oldest first."""
    return [e for e in entries(home) if e.event == "sent"]


def refused(home: Home) -> list[Entry]:
    """The newest step of every address that the mail server would not take, while nothing reached it since."""
    newest = {e.to: e for e in entries(home) if e.event != "sending"}
    return [e for e in newest.values() if e.event == "refused"]
