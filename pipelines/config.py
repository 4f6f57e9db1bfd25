"""Settings and the folders of a home; the only reader of the environment. No pipeline logic here."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DEMO_MARK = ".demo"  # in the home of a made-up province: the instant its clock stands at


class Settings(BaseSettings):
    """Everything an operator may set, by environment or `.env`, each as CONGDOAN_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="CONGDOAN_", env_file=".env", extra="ignore")
    home: Path = Path("data")
    now: datetime | None = None  # the clock of deadlines, for tests and the demo
    deadline_day: int = Field(5, ge=1, le=28)  # returns are due on this day of the next month
    smtp_url: SecretStr | None = None  # smtp://user:pass@host:587 or smtps://; unset = mails are written into outbox/
    mail_from: str = "bao-cao@example.invalid"  # whom officers answer
    send: Literal["manual", "auto"] = "manual"  # whether a refresh sends its messages, or a person looks at them first
    secret: SecretStr | None = None  # key of the pseudonyms; unset = made once into the home

    def clock(self) -> datetime:
        """Local time without zone, as officers read it: CONGDOAN_NOW, else the day a demo home stands at, else now."""
        demo = self.home / DEMO_MARK
        now = self.now or (datetime.fromisoformat(demo.read_text().strip()) if demo.is_file() else datetime.now(ZONE))
        return (now.astimezone(ZONE) if now.tzinfo else now).replace(tzinfo=None, microsecond=0)

    def deadlines_passed(self, at: datetime) -> int:
        """How many monthly deadlines lie before an instant; the day of the deadline itself is still on time."""
        return at.year * 12 + at.month + (at.day > self.deadline_day)


@dataclass(frozen=True)
class Home:
    """The folders where state lives; nothing is created by naming them."""

    root: Path

    @cached_property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @cached_property
    def archive(self) -> Path:
        return self.root / "archive"

    @cached_property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @cached_property
    def lake(self) -> Path:
        return self.root / "lake" / "raw"

    @cached_property
    def reference(self) -> Path:
        return self.root / "reference"

    @cached_property
    def outbox(self) -> Path:
        return self.root / "outbox"

    @cached_property
    def accepted(self) -> Path:
        return self.root / "accepted.jsonl"

    @cached_property
    def public(self) -> Path:
        return self.root / "public"

    @cached_property
    def build(self) -> Path:
        return self.root / "build.duckdb"

    @cached_property
    def private(self) -> Path:
        return self.root / "warehouse.duckdb"

    @cached_property
    def published(self) -> Path:
        return self.public / "warehouse.duckdb"

    @cached_property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @cached_property
    def lock(self) -> Path:
        return self.root / ".lock"

    @cached_property
    def key(self) -> Path:
        return self.root / ".secret"

    def exists(self) -> bool:
        return (self.reference / "units.csv").is_file()


class UserError(Exception):
    """Something the person at the keyboard can mend; its text is one clear sentence, shown without a trace. Exit 2."""


def open_home(settings: Settings) -> Home:
    """The home of these settings; UserError when it was never made."""
    home = Home(settings.home.absolute())
    if not home.exists() and home.archive.is_dir():
        raise UserError(f"units.csv is missing in {home.reference}: a home needs its unit registry; nothing in archive/ is lost.")
    if not home.exists():
        raise UserError(f"No home at {settings.home}: run `congdoan init` or `congdoan demo` first.")
    return home
