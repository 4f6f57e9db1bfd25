"""A program, not a test: `python tests/mutate_workbooks.py [COUNT]` sends damaged workbooks through a refresh and counts what became of them.

Bytes flipped or cut, cells swapped or filled with nonsense, rows, columns and sheets removed, XML parts emptied. Exit 1 when a file is
lost, a row is not accounted for, or a refresh breaks.
"""

import hashlib
import io
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import openpyxl
from federation import MAY, UPPER_A, Federation, gift, indicator, initiative, make_federation, member, sheet

from pipelines.blank import write_return

NONSENSE = ("", "   ", "#REF!", "=1+1", "Tổng cộng", "Nơi nhận:", "Không phát sinh", "Mã đơn vị", "1.2.3.4", -1, 10**30, 0.1, True,
            "Ð" * 300, "\u202e", "tháng 13/2023", "Kỳ báo cáo: 02/2023", "Đơn vị: MM-B", "a\nb", "\ufeff", "ÑÒÓ")  # fmt: skip


def whole(folder: Path) -> bytes:
    """A right workbook of four forms."""
    path, units = folder / "whole.xlsx", ("MM-A-01", "MM-A-02")
    sheets = [
        sheet(form, UPPER_A, [make(u, n) for u in units for n in range(1, 6)])
        for form, make in (("members", member), ("initiatives", initiative), ("aid", gift))
    ]
    write_return(path, [*sheets, sheet("activity", UPPER_A, [indicator(u) for u in units])])
    return path.read_bytes()


def flip_bytes(rng: Random, content: bytes) -> bytes:
    damaged = bytearray(content)
    for _ in range(rng.choice((1, 1, 3, 20, 400))):
        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
    return bytes(damaged)


def cut(rng: Random, content: bytes) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] if rng.random() < 0.7 else content[at:]


def change_cells(rng: Random, content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = rng.choice(book.worksheets)
    for _ in range(rng.choice((1, 2, 5, 40))):
        a, b = (page.cell(rng.randint(1, page.max_row), rng.randint(1, page.max_column)) for _ in "ab")
        if type(a) is type(b) and type(a).__name__ == "Cell":
            if rng.random() < 0.5:
                a.value, b.value = b.value, a.value
            else:
                a.value = rng.choice(NONSENSE)
    return _saved(book)


def change_shape(rng: Random, content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = rng.choice(book.worksheets)
    at, many = rng.randint(1, page.max_row), rng.randint(1, 4)
    match rng.randrange(5):
        case 0:
            page.delete_rows(at, many)
        case 1:
            page.delete_cols(rng.randint(1, page.max_column), many)
        case 2:
            page.insert_rows(at, many)
        case 3:
            page.insert_cols(rng.randint(1, page.max_column), many)
        case _:
            if len(book.sheetnames) > 1:
                book.remove(page)
                book.worksheets[0].sheet_state = "visible"
    return _saved(book)


def change_parts(rng: Random, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        victim = rng.choice(old.namelist())
        for name in old.namelist():
            text = old.read(name)
            if name == victim:
                text = rng.choice((b"", text[: len(text) // 2], text.replace(b"<", b"&lt;"), text * 2, b"<a/>"))
            if name != victim or rng.random() < 0.8:
                new.writestr(name, text)
    return out.getvalue()


def _saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


MUTATIONS: dict[str, Callable[[Random, bytes], bytes]] = {
    "bytes": flip_bytes,
    "cut": cut,
    "cells": change_cells,
    "shape": change_shape,
    "parts": change_parts,
}


def main(count: int, seed: int = 714) -> int:
    rng = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        federation = make_federation(Path(folder) / "home")
        content = whole(Path(folder))
        sent: Counter[str] = Counter()
        for n in range(count):
            name = list(MUTATIONS)[n % len(MUTATIONS)]
            damaged = MUTATIONS[name](rng, content)
            sent[hashlib.sha256(damaged).hexdigest()] += 1
            federation.drop(f"{MAY}/{n:05}_{name}{rng.choice(('.xlsx', '.xlsx', '.xlsx', '.xls', '.xlsm', '.csv'))}", damaged)
        federation.refresh()
        return report(federation, sent)


def report(federation: Federation, sent: Counter[str]) -> int:
    """Prints what became of them; the exit code."""
    found = federation.query("select * from core.submission")
    by_status = Counter(r["status"] for r in found)
    lost = set(sent) - {r["sha256"] for r in found}
    unkept = [s for s in sent if not list((federation.home.archive / s[:2]).glob(f"{s}*"))]
    counts = ("rows_loaded", "rows_rejected", "rows_control", "rows_ignored")
    unequal = [r["file_name"] for r in found if r["rows_read"] != sum(r[c] for c in counts)]
    left = [p for p in federation.home.inbox.rglob("*") if p.is_file()]
    print(f"{sum(sent.values())} workbooks, {len(sent)} different; {len(found)} sheets: {dict(by_status)}")
    print(f"lost {len(lost)}, not archived {len(unkept)}, rows unaccounted for {len(unequal)}, left in the inbox {len(left)}")
    return int(bool(lost or unkept or unequal or left))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
