"""Runs rules inside Great Expectations and keeps their bad rows; what rules say is in `rules`, findings in `findings`."""

import duckdb

from pipelines.findings import collect
from pipelines.rules import Rule


class Checker:
    """One validator for all tables of a run; Great Expectations is imported when the first table is checked."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        from pipelines.gx import Validator

        self._con = con
        self._validator = Validator(con)

    def run(self, table: str, rules: list[Rule]) -> dict[Rule, int]:
        """Rule → number of bad rows of `table`; the bad rows of failing rules go to quality.failing."""
        counts = self._validator.failing_counts(table, rules)
        for rule in rules:
            if counts[rule.id] and not rule.machine:
                collect(self._con, rule)
        return {rule: counts[rule.id] for rule in rules}
