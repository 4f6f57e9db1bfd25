"""Reads a YAML declaration of assets/ or expectations/; what it means is with its user."""

from typing import Any

import yaml


def declared(text: str) -> Any:
    """The content of a YAML text; by libyaml, which is ten times as fast, where the wheel has it."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe loaders)
