"""The inbox sensor asks once for what is new, and again while it stays."""

import dagster as dg
import pytest

from pipelines import definitions
from pipelines.definitions import RETRY_SECONDS, build_defs


@pytest.fixture
def tick(federation, monkeypatch):
    """Evaluates the sensor at a second of a clock, with the cursor of the tick before; gives the run keys asked for."""
    sensor = build_defs({"home": str(federation.root)}).resolve_sensor_def("inbox")
    cursor: list[str | None] = [None]

    def at(seconds: float) -> list[str | None]:
        monkeypatch.setattr(definitions.time, "time", lambda: 2e9 + seconds)
        result = sensor.evaluate_tick(dg.build_sensor_context(cursor=cursor[0]))
        cursor[0] = result.cursor
        return [r.run_key for r in result.run_requests or []]

    return at


def test_files_that_stay_are_asked_for_again_after_a_while_and_not_at_every_tick(tick, federation):
    assert tick(0) == []
    federation.drop("a.xlsx", b"a")
    (first,) = tick(60)
    assert tick(120) == tick(180) == []
    (again,) = tick(60 + RETRY_SECONDS)
    assert again != first
    assert tick(120 + RETRY_SECONDS) == []
    federation.drop("b.xlsx", b"b")
    assert len(tick(180 + RETRY_SECONDS)) == 1


def test_the_same_file_sent_again_later_is_asked_for_again(tick, federation):
    path = federation.drop("a.xlsx", b"a")
    (first,) = tick(0)
    path.unlink()
    assert tick(60) == []
    federation.drop("a.xlsx", b"a")
    (second,) = tick(120)
    assert first != second
