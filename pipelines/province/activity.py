"""Each sender's activity indicators, cumulative by month and fitted to the report; labels are in reference/indicators.csv."""

from datetime import date
from random import Random
from typing import Any

from pipelines.province.reference import indicators
from pipelines.province.registry import PROVINCE, Unit, senders
from pipelines.province.sums import share_out

_DONE_BY = (0.1, 0.3, 0.5, 0.75, 1.0, 1.15, 1.3, 1.45, 1.6, 1.75, 1.9, 2.0)  # of May's figure, by month of the year
_YEAR_BEFORE = 0.88  # 2022 came to so much of 2023
_JOINED_BY = (0.55, 0.68, 0.77, 0.82, 0.86, 0.88, 0.9, 0.92, 0.93, 0.94, 0.95, 0.96)  # part that had joined in, by month of 2022
_OF_MAY = ("enterprises_visited",)  # visits of Workers' Month: none before, none after
_OF_60_YEARS = ("fed_merit60_collectives", "fed_merit60_individuals")  # an anniversary of 2023
_AWARDS = {
    "ppc_merit_collectives": 7,
    "ppc_merit_individuals": 22,
    "fed_merit60_collectives": 10,
    "fed_merit60_individuals": 72,
    "vgcl_merit_collectives": 1,
    "vgcl_merit_individuals": 1,
    "fed_merit05_collectives": 11,
    "fed_merit05_individuals": 18,
    "nguyen_duc_canh": 1,
}
_BY_ALL = {"tournaments": 203, "tournament_participations": 3045, "propaganda_participations": 92_140}
_BY_OFFICES = {
    "works_registered": 18,
    "works_plaqued": 14,
    "works_tasks": 21,
    "works_products": 10,
    "enterprises_visited": 13,
}  # by the province and the upper unions
_PARTS = ("works_plaqued", "works_tasks", "works_products")
_MOVEMENTS = ("grassroots_registered", "grassroots_rolled_out", "grassroots_office_culture", "grassroots_sports")
_ORDER = [i["indicator_id"] for i in indicators()]
_LABELS = {i["indicator_id"]: i for i in indicators()}


def make_activity(units: list[Unit], seed: int) -> dict[str, dict[str, int]]:
    """The May figures of every sender: {sender: {indicator: value}}."""
    rng = Random(f"{seed}-activity")
    everyone = senders(units)
    offices = [u for u in everyone if u.level != "grassroots"]
    final: dict[str, dict[str, int]] = {u.code: {} for u in everyone}
    for total_by, of in ((_BY_ALL, everyone), (_BY_OFFICES, offices)):
        for indicator, total in total_by.items():
            for u, value in zip(of, share_out(rng, total, len(of)), strict=True):
                final[u.code][indicator] = value
    final[PROVINCE] |= _AWARDS | {"blocks_counted": 6}
    for u in offices:
        final[u.code]["fulltime_officers"] = rng.randint(2, 5) if u.level == "upper" else 18
    for u in everyone:
        final[u.code]["officers_counted"] = rng.randint(3, 9) * (10 if u.level == "upper" else 1)
        if u.level != "province":
            final[u.code]["registrations_due"] = rng.randint(30, 90) * (30 if u.level == "upper" else 1)
    return final


def listed(sender: Unit, final: dict[str, int], units: list[Unit], period: str) -> list[dict[str, Any]]:
    """The sender's lines as they stood at the end of a month."""
    done = _DONE_BY[int(period[5:]) - 1] * (1 if period >= "2023" else _YEAR_BEFORE)
    # small figures of the year before are rounded by chance, since none of them would change otherwise
    up = {i: 0.5 if period >= "2023" else Random(f"{sender.code}-{i}").random() for i in final}
    values = {i: int(v * done + up[i]) for i, v in final.items()}
    if "fulltime_officers" in final:
        values["fulltime_officers"] = final["fulltime_officers"]
        values["fulltime_officers_registered"] = _reached(final["fulltime_officers"], period, "2023-03")
        values["works_completed"] = sum(values[p] for p in _PARTS)
    may = int(final.get("enterprises_visited", 0) * (1 if period >= "2023" else _YEAR_BEFORE) + up.get("enterprises_visited", 0))
    values |= {i: may if period[5:] >= "05" else 0 for i in _OF_MAY if i in final}
    values |= {i: 0 for i in _OF_60_YEARS if i in final and period < "2023"}
    values["officers_counted"] = final["officers_counted"]
    values["officers_trained"] = int(final["officers_counted"] * min(done, 1))
    if sender.level == "province":
        values |= {
            "blocks_counted": final["blocks_counted"],
            "blocks_signed": _reached(final["blocks_counted"], period, "2023-02"),
        }
    else:
        values |= _local(sender, final, units, period)
    return [_line(sender.code, i, values[i]) for i in _ORDER if i in values]


def _local(sender: Unit, final: dict[str, int], units: list[Unit], period: str) -> dict[str, int]:
    month_end = date(int(period[:4]), int(period[5:]), 28)
    here = sum(u.level == "grassroots" and u.sender == sender.code and u.valid_from <= month_end for u in units)
    values = {
        "grassroots_counted": here,
        **{i: _reached(here, period, "2023-03") for i in _MOVEMENTS},
        "registrations_due": final["registrations_due"],
        "registrations_made": _reached(final["registrations_due"], period, "2023-04"),
    }
    if sender.level == "upper":
        values |= {"upper_counted": 1, "upper_rolled_out": 1, "mutual_fund_kept": 1, "upper_plans": int(period >= "2023-02")}
    return values


def _reached(total: int, period: str, complete_from: str) -> int:
    if period < "2023":
        return int(total * _JOINED_BY[int(period[5:]) - 1])
    return total if period >= complete_from else int(total * 0.9)


def _line(unit_code: str, indicator: str, value: int) -> dict[str, Any]:
    label = _LABELS[indicator]
    return {
        "unit_code": unit_code,
        "indicator_id": indicator,
        "indicator_label": label["label_vi"],
        "value": value,
        "unit_of_measure": label["unit"],
    }
