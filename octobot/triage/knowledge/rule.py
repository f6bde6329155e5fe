"""One entry of the knowledge base: the pattern of a line, its meaning, and its fix.

An entry matches one line.  Three more patterns find what it needs from the lines around (the name
of the patch, the test that made the request), so that an entry stays a value.  Patterns are RE2's:
a build can write anything into its log, and none of it may cost much time.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from octobot.model.triage import CauseClass, Fix

Known = Collection[str] | None
"""The names of the distro's packages; None when they are not known: every name is plausible."""

Fixer = Callable[[Mapping[str, str], Known], tuple[Fix, ...]]
"""From the groups of a line's match to the fixes; there may be no fix."""


def nothing(_groups: Mapping[str, str], _known: Known) -> tuple[Fix, ...]:
    """Propose no fix: a person, or a model, must look."""
    return ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of line that says why a build failed."""

    kind: CauseClass
    patterns: tuple[str, ...]
    """One of them must be found in the line; their named groups fill `title` and `says`."""
    title: str
    says: str = ""
    weight: int = 12
    """How much it outweighs others; 13 names the missing thing itself, 8 is some error."""
    near: str = ""
    """Must be found within `AROUND` lines of it; empty: not needed."""
    back: str = ""
    """Its named groups come from the nearest line before that has it."""
    ahead: str = ""
    """The same for the nearest line after."""
    fixes: Fixer = nothing
    confidence: float = 0.9
    """How likely the line means this, as an estimate."""


AROUND = 40
"""Lines before and after that `near`, `back` and `ahead` look at."""
