"""Right reference files of the invented federation, and how tests write other ones and see them refused."""

from pathlib import Path

import pytest
from federation import HEADER, UNITS

from pipelines.config import UserError
from pipelines.reference import checked_reference, read_reference

RIGHT = {
    "unit_events.csv": "event_id,date,kind,decision_no,from_unit,to_unit\nE1,2023-01-01,dissolved,1/QĐ,MM-OLD,\n",
    "aliases.csv": "name,unit_code\nLĐLĐ H. An,MM-A\n",
    "targets.csv": "metric_id,period,unit_code,target\nmembers_total,2023,MM,100\n",
    "periods.csv": "period,label_vi,start_date,end_date,cutoff_date,issue_date\n2023-H1,6 tháng,2023-01-01,2023-06-30,2023-05-31,2023-06-13\n",
    "indicators.csv": "indicator_id,label_vi,unit\ntournaments,Giải,giải\n",
    "published.csv": "document_no,period,metric_id,unit_code,value,qualifier\n714/BC,2023-H1,members_total,MM,100,exact\n",
    "units.csv": "\n".join([HEADER, *UNITS, ""]),
}
PERIOD_HEADER = RIGHT["periods.csv"].splitlines(keepends=True)[0]
EVENT_HEADER = RIGHT["unit_events.csv"].splitlines(keepends=True)[0]
UPPER = "MM-D,LĐLĐ huyện Đỗ,upper,MM,,direct,,2000-01-01,"
LAST = len(UNITS) + 2  # the line of a unit added at the end
REFOUNDED = (UPPER + "2010-01-01", UPPER.replace("2000", "2020") + "2023-01-01", UPPER.replace("2000", "2023"))


def units(*more, without=()):
    return "\n".join([HEADER, *(u for u in UNITS if u.split(",")[0] not in without), *more, ""])


def of_periods(*lines):
    return PERIOD_HEADER + "".join(f"{p},x,{start},{cutoff},{cutoff},\n" for p, start, cutoff in lines)


def assert_refused(reference: Path, name: str, content: str | bytes, said: str) -> None:
    """A file of this content is told in sentences, `said` in one of them, and stands in the way of a refresh."""
    (reference / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    problems = read_reference(reference).problems
    assert any(said in p for p in problems), problems
    assert all(p.endswith(".") for p in problems)
    with pytest.raises(UserError, match="reference/ is broken"):
        checked_reference(reference)
