"""An invented federation for tests: eight units, rows as an officer writes them, a home to send them to.

Every person is made up: names say so, citizen ids start with 9, which no real one does.
"""

import io
import os
import shutil
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
from walking import walk

from pipelines.blank import Sheet, write_return
from pipelines.config import Home, Settings
from pipelines.demo import make_home
from pipelines.forms import forms
from pipelines.models import ASSETS
from pipelines.refresh import refresh
from pipelines.warehouse import read_only

NOW = datetime(2023, 6, 3, 8)  # before the deadline of May: nothing is missing yet
SENT = datetime(2023, 6, 1, 9)  # when files were last touched, unless a test says otherwise
MAY = "2023-05"
PROVINCE, UPPER_A, UPPER_B, LONE, CENTRAL = "MM", "MM-A", "MM-B", "MM-C-01", "MM-T-01"
HEADER = "code,name,level,parent,sector,managed,officer_email,valid_from,valid_to"
UNITS = (
    "MM,LĐLĐ tỉnh Mẫu (giả định),province,,,direct,,2000-01-01,",
    "MM-A,LĐLĐ huyện An,upper,MM,,direct,an@example.invalid,2000-01-01,",
    "MM-B,LĐLĐ huyện Bình,upper,MM,,direct,binh@example.invalid,2000-01-01,",
    "MM-A-01,CĐCS Trường Mầm non Hoa Giấy,grassroots,MM-A,public,direct,,2000-01-01,",
    "MM-A-02,CĐCS Công ty Gỗ Tưởng Tượng,grassroots,MM-A,business,direct,,2000-01-01,",
    "MM-B-01,CĐCS Xã Không Có,grassroots,MM-B,public,direct,,2000-01-01,",
    "MM-C-01,CĐCS Bệnh viện Tưởng Tượng,grassroots,MM,public,direct,,2000-01-01,",
    "MM-T-01,CĐCS Ngân hàng Giả Định,grassroots,MM,business,central,,2000-01-01,",
    "MM-OLD,CĐCS Đã Giải Thể,grassroots,MM,business,direct,,2000-01-01,2023-01-01",
)
_NAMES = {line.split(",")[0]: line.split(",")[1] for line in UNITS}


# ---- rows


def member(unit: str, n: int = 1, **cells: Any) -> dict[str, Any]:
    return {
        "unit_code": unit,
        "full_name": f"Người Giả Định {unit} số {n}",
        "birth_date": date(1985, 8, 15),
        "sex": "Nữ",
        "ethnicity": "Thái",
        "citizen_id": citizen_id(unit, n),
        "is_member": "x",
        "joined_date": "09/2010",
        "schooling": "THPT",
        "qualification": "Đại học",
        "political_theory": "Sơ cấp",
        "income_vnd": 7_000_000,
    } | cells


def citizen_id(unit: str, n: int) -> str:
    return "9" + f"{int.from_bytes(unit.encode()) % 10**8:08d}{n:03d}"


def initiative(unit: str, n: int = 1, **cells: Any) -> dict[str, Any]:
    return {
        "unit_code": unit,
        "title": f"Sáng kiến giả định {n}",
        "authors": f"Tác Giả Giả Định {n}",
        "recognised_level": "Cơ sở",
        "decision_no": f"{n}/QĐ-GĐ",
        "decision_date": date(2023, 2, 20),
        "benefit_vnd": 15_000_000,
        "on_portal": "x",
        "portal_date": date(2023, 2, 25),
    } | cells


def gift(unit: str, n: int = 1, **cells: Any) -> dict[str, Any]:
    return {
        "unit_code": unit,
        "recipient": f"Người Nhận Giả Định {unit} số {n}",
        "hardship": "Khó khăn",
        "kind": "Quà",
        "occasion": "Tháng Công nhân",
        "given_by": "Cơ sở",
        "gift_count": 1,
        "unit_amount_vnd": 500_000,
        "amount_vnd": 500_000,
        "given_date": date(2023, 5, 15),
    } | cells


def house(unit: str, n: int = 1, **cells: Any) -> dict[str, Any]:
    plain = gift(unit, n, kind="Nhà lưu trú", amount_vnd=400_000_000, model_code=f"NLT-{unit}", rooms_count=6, area_m2=120)
    return {k: v for k, v in plain.items() if k not in ("gift_count", "unit_amount_vnd")} | cells


def indicator(unit: str, indicator_id: str = "tournaments", value: Any = 3, **cells: Any) -> dict[str, Any]:
    return {"unit_code": unit, "indicator_id": indicator_id, "indicator_label": "Chỉ tiêu", "value": value} | cells


def sheet(form: str, unit: str, rows: Iterable[dict[str, Any]] = (), period: str = MAY, **options: Any) -> Sheet:
    return Sheet(forms()[form], unit, _NAMES.get(unit, "Đơn vị Giả Định"), _NAMES[PROVINCE], period, rows=list(rows), **options)


def nil(form: str, unit: str, period: str = MAY) -> Sheet:
    return sheet(form, unit, period=period, nil=True)


def by_hand(*rows: Iterable[Any], merged: Iterable[str] = ()) -> bytes:
    """A workbook of one sheet with these rows, as somebody types it without our form."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# ---- the home


@dataclass(frozen=True)
class Federation:
    """A home with the registry above; what a test does to it is what an officer or operator would do."""

    root: Path
    now: datetime = NOW
    in_dagster: bool = False  # whether a refresh is a Dagster run, as an operator's is; half its time is Dagster's

    @property
    def home(self) -> Home:
        return Home(self.root)

    def send(self, name: str, *sheets: Sheet, at: datetime = SENT) -> Path:
        """A workbook of these form sheets into the inbox, last touched at `at`."""
        path = self.home.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_return(path, list(sheets))
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    def drop(self, name: str, content: bytes, at: datetime = SENT) -> Path:
        """Any bytes into the inbox."""
        path = self.home.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    def settings(self, now: datetime | None = None) -> Settings:
        return Settings(home=self.root, now=now or self.now, _env_file=None)

    def refresh(self, now: datetime | None = None) -> dict[str, Any]:
        with nullcontext() if self.in_dagster else patch("pipelines.refresh._run", walk):
            return refresh(self.settings(now))

    def query(self, sql: str, params: object = None) -> list[dict[str, Any]]:
        """Rows of the private snapshot as dicts."""
        con = read_only(self.home.private)
        try:
            found = con.execute(sql, params)
            names = [d[0] for d in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        finally:
            con.close()

    def findings(self, where: str = "state = 'open'") -> list[dict[str, Any]]:
        return self.query(f"select * from quality.finding where {where} order by file_name, sheet, row, check_id")

    def submissions(self) -> dict[str, dict[str, Any]]:
        """core.submission by file name, with the sheet after a `#` where a file has several."""
        rows = self.query("select *, count(*) over (partition by sha256) as sheets from core.submission order by submission_id")
        return {r["file_name"] + (f"#{r['sheet']}" if r["sheets"] > 1 else ""): r for r in rows}


def make_federation(root: Path, now: datetime = NOW, units: Iterable[str] = UNITS) -> Federation:
    federation = Federation(root, now)
    make_home(federation.home)
    (federation.home.reference / "units.csv").write_text("\n".join([HEADER, *units, ""]), "utf-8")
    shutil.copyfile(ASSETS / "reference" / "indicators.csv", federation.home.reference / "indicators.csv")
    return federation
