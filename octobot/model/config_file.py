"""A settings file as it stands on a default branch, before anybody has read it."""

from dataclasses import dataclass

from octobot.model.ids import Sha


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One settings file at one moment."""

    path: str
    """As its author names it: `.github/octobot.yaml`; the organisation's: `OWNER/.github: …`."""
    blob: Sha
    """What it holds, as git names it."""
    text: str | None
    """None: something stands there that is no UTF-8 text of less than 1 MB."""


@dataclass(frozen=True, slots=True)
class ConfigIssue:
    """The issue that says what is wrong with a repository's file."""

    digest: str
    """Of what it says."""
    number: int | None
    """None from the intent until GitHub has answered."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong with a settings file, and its remedy."""

    line: int
    """Counted from 1, like `column`."""
    column: int
    says: str
