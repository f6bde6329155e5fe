"""One package in work, with what the store has of it."""

from dataclasses import dataclass

from octobot.model.memory import Row
from octobot.model.package import Package


@dataclass(frozen=True, slots=True)
class Member:
    """A package of a proposal; most proposals have one, a group's has several."""

    row: Row
    package: Package
