"""The reference files of the made-up province: what a federation keeps itself; no rows of returns."""

import csv
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from pipelines.province.registry import PROVINCE, Unit

DOCUMENT, HALF_YEAR = "714/BC-LĐLĐ", "2023-H1"
_ALIASES = (
    ("Liên đoàn Lao động thành phố Mường Mây", "MM-TP"),
    ("LĐLĐ H. Bản Lìm", "MM-BL"),
    ("Công đoàn ngành Giáo dục tỉnh Mường Mây", "MM-GD"),
)
_TARGETS = (
    ("portal_phase1_initiatives", "programme", PROVINCE, 1200),
    ("portal_total_initiatives", "programme", PROVINCE, 2300),
    ("new_grassroots_members", "2023", PROVINCE, 134),
)
_PERIODS = (
    (HALF_YEAR, "6 tháng đầu năm 2023", "2023-01-01", "2023-06-30", "2023-05-31", "2023-06-13"),
    ("portal-phase1", "1 triệu sáng kiến, giai đoạn 1", "2022-01-08", "2022-05-31", "2022-05-31", ""),
    ("portal-phase2", "1 triệu sáng kiến, giai đoạn 2", "2022-06-01", "2023-09-01", "2023-09-01", ""),
    ("tet-2023", "Tết Quý Mão 2023", "2022-12-01", "2023-01-31", "2023-01-31", ""),
)


def report_714() -> list[dict[str, str]]:
    """The 103 metrics of the real report, with what it published and what rows can give."""
    return _read("report_714.csv")


def indicators() -> list[dict[str, str]]:
    """The activity indicators the project ships with."""
    return _read("indicators.csv")


def write_reference(folder: Path, units: list[Unit], more_targets: Iterable = (), more_periods: Iterable = ()) -> None:
    """Writes every reference file of the province into a folder; `more_…` are further lines of targets.csv and periods.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(
        folder / "units.csv",
        "code,name,level,parent,sector,managed,officer_email,valid_from,valid_to",
        ((u.code, u.name, u.level, u.parent, u.sector, u.managed, u.officer_email, u.valid_from, "") for u in units),
    )
    founded = sorted((u for u in units if u.is_new), key=lambda u: u.valid_from)
    _write(
        folder / "unit_events.csv",
        "event_id,date,kind,decision_no,from_unit,to_unit",
        ((f"E{n:03}", u.valid_from, "established", f"{40 + 7 * n}/QĐ-LĐLĐ", "", u.code) for n, u in enumerate(founded, 1)),
    )
    _write(folder / "targets.csv", "metric_id,period,unit_code,target", (*_TARGETS, *more_targets))
    _write(folder / "periods.csv", "period,label_vi,start_date,end_date,cutoff_date,issue_date", (*_PERIODS, *more_periods))
    _write(folder / "aliases.csv", "name,unit_code", _ALIASES)
    _write(folder / "indicators.csv", "indicator_id,label_vi,unit", (i.values() for i in indicators()))
    _write(
        folder / "published.csv",
        "document_no,period,metric_id,unit_code,value,qualifier",
        ((DOCUMENT, HALF_YEAR, m["id"], PROVINCE, m["published"], m["qualifier"]) for m in report_714()),
    )


def _read(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(files("assets").joinpath("reference", name).read_text("utf-8").splitlines()))


def _write(path: Path, header: str, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)
