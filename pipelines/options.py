"""Options that commands share."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from pipelines.config import Settings

Json = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON document on stdout, nothing else.")]
HomeDir = Annotated[Path | None, Parameter(name="--home", help="Where state lives instead of CONGDOAN_HOME.")]
Period = Annotated[str, Parameter(help="2023-05, 05/2023, 2023-Q2, 2023-H1, 2023-9M, 2023, or a campaign such as tet-2023.")]
UnitCode = Annotated[str | None, Parameter(name="--unit", help="Its code, see `congdoan units`; the province unless given.")]
Output = Annotated[Path, Parameter(name=["--output", "-o"])]


def settings_of(home: Path | None) -> Settings:
    """The settings of the environment, with the home of `--home` where it is given."""
    return Settings(home=home) if home else Settings()
