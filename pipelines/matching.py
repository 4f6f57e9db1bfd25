"""Unit names that nobody has confirmed: which they are, the units they may mean, and a person's choice, kept in aliases.csv.

Nothing is matched here: `reference` looks names up, and near is never enough. Words units share are in assets/reference/unit_words.csv.
"""

import codecs
import csv
import io
import itertools
import os
import re
import shutil
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.config import Home, UserError
from pipelines.models import ASSETS
from pipelines.reference import Registry, checked_reference, delimiter
from pipelines.reference_rows import CONTROL, Alias, Unit
from pipelines.reference_rules import contradictions
from pipelines.vietnamese import fold, squash
from pipelines.warehouse import lock, owner_only, read_only

SHOWN = 5  # candidates of a name
FAR = 60  # of 100; a name that is less near is no candidate
_READINGS = 8  # a name full of ambiguous abbreviations is read in so many ways at most


def unmatched(home: Home, today: date) -> list[dict[str, Any]]:
    """Names nobody has confirmed as of the last refresh, most rows first: where they stand, and what they may mean."""
    registry = checked_reference(home.reference)
    con = read_only(home.private)
    try:
        found = con.execute("""
            select min(name), sender_code, cast(sum(row_count) as bigint) as row_count, list(distinct file_name order by file_name),
                coalesce(list(distinct period order by period) filter (where period is not null), [])
            from core.unmatched_name
            group by name_key, sender_code
            order by 3 desc, name_key, sender_code""").fetchall()
    finally:
        con.close()
    units = _in_force(registry, today)
    return [
        dict(zip(("name", "sender_code", "rows", "files", "periods"), row, strict=True))
        | {"candidates": candidates(row[0], row[1], registry, units)}
        for row in found
        if registry.find(row[0]) is None  # else confirmed since; the next refresh takes its rows
    ]


# ---- what a name may mean


def candidates(name: str, sender: str | None, registry: Registry, units: dict[str, Unit]) -> list[dict[str, Any]]:
    """Units in force whose official name or alias is near, with a score of 100; those below the sender come first."""
    from rapidfuzz import fuzz

    asked = _readings(name)
    called = {code: [*_readings(unit.name)] for code, unit in units.items()}
    for known, code in registry.names.items():
        if code in called:
            called[code] += _readings(known)
    scored = []
    for code, known in called.items():
        # one rewards the same words, the other forgives words too many or too few
        near = max((fuzz.token_sort_ratio(a, k) + fuzz.token_set_ratio(a, k)) / 2 for a, k in itertools.product(asked, known))
        if near >= FAR:
            scored.append((sender not in registry.ancestors(code), -near, code))
    return [{"code": code, "name": units[code].name, "score": round(-near, 1)} for _, near, code in sorted(scored)[:SHOWN]]


@cache
def _readings(name: str) -> list[str]:
    """The ways a name can be read: folded, abbreviations in full, without what every unit is called."""
    longs, short, generic = _words()
    text = _tokens(name)
    parts, at = [], 0
    for m in short.finditer(text):
        parts += [[text[at : m.start()]], longs[m[0]]]
        at = m.end()
    read = map("".join, itertools.islice(itertools.product(*parts, [text[at:]]), _READINGS))
    return sorted({" ".join(generic.sub(" ", full).split()) or full for full in read})


@cache
def _words() -> tuple[dict[str, list[str]], re.Pattern[str], re.Pattern[str]]:
    """Abbreviation → what it may stand for; patterns of the abbreviations, and of the words that tell no unit from another."""
    longs: dict[str, list[str]] = {}
    generic = set()
    with (ASSETS / "reference" / "unit_words.csv").open(encoding="utf-8") as f:
        for row in csv.DictReader(f):
            longs.setdefault(_tokens(row["short"]), []).append(_tokens(row["long"]))
            if row["is_generic"]:
                generic.add(_tokens(row["long"]))
    return longs, _any_of(longs), _any_of(generic)


def _tokens(text: str) -> str:
    return " ".join(re.findall(r"[\w&]+", fold(text)))


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(re.escape(p) for p in longest_first)})\b")


def _in_force(registry: Registry, today: date) -> dict[str, Unit]:
    return {u.code: u for u in registry.rows["units"] if u.valid_from <= today and (u.valid_to is None or today < u.valid_to)}


# ---- what a person decides


def confirm(home: Home, name: str, code: str, today: date) -> dict[str, Any]:
    """Keeps in aliases.csv that a name means a unit; `is_new` is false when it was known already and nothing was written.

    UserError when the unit is not there or no longer there, or the name means another one.
    """
    name, code = squash(name), code.strip().upper()
    with lock(home), owner_only():
        registry = checked_reference(home.reference)
        if not name:
            raise UserError("The name is empty; nothing was written.")
        if CONTROL.search(name):
            raise UserError("The name holds a control character that nobody sees; mend it in the return; nothing was written.")
        if code not in registry.parents:
            raise UserError(f"No unit has the code {code}: see `congdoan units`; nothing was written.")
        if code not in _in_force(registry, today):
            raise UserError(f"{code} is not in force on {today}; nothing was written.")
        is_new = registry.find(name) != code
        if is_new:
            alias = Alias(name=name, unit_code=code)
            alias._at = "Nothing was written"
            for refusal in contradictions([*registry.rows["aliases"], alias], registry.rows["units"]):
                raise UserError(refusal)
            path = home.reference / "aliases.csv"
            _replace(path, _with_line(path.read_bytes() if path.is_file() else b"", {"name": name, "unit_code": code}))
    return {"name": name, "code": code, "is_new": is_new}


def _with_line(content: bytes, row: dict[str, str]) -> bytes:
    """A csv file with one more line, written as the file is: its delimiter, order of columns and line ends; a header where none is."""
    text = content.decode("utf-8-sig")
    if not text.strip():
        content = content[: len(codecs.BOM_UTF8)] if content.startswith(codecs.BOM_UTF8) else b""
        text = ""
    lines = text.splitlines()
    end = "\r\n" if "\r\n" in text else "\n"
    sign = delimiter(lines[0]) if lines else ","
    header = next(csv.reader(lines[:1], delimiter=sign), list(row))
    out = io.StringIO()
    write = csv.writer(out, delimiter=sign, lineterminator=end)
    if not lines:
        write.writerow(header)
    write.writerow([row[column] for column in header])
    return content + ("" if not text or text.endswith(("\n", "\r")) else end).encode() + out.getvalue().encode()


def _replace(path: Path, content: bytes) -> None:
    """The whole new file or the old one, never a part; where the name is a link, what it points to."""
    target = path.resolve()
    partial = target.with_name(f".{target.name}.partial")
    with partial.open("wb") as f:
        f.write(content)
        f.flush()
        os.fsync(f.fileno())
    if target.exists():
        shutil.copymode(target, partial)
    os.replace(partial, target)
