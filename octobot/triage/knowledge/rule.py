"""One entry of the knowledge base: the shape of a line, what it means, and what mends it.

An entry knows one line.  What it needs from the lines around (the name of the patch, the test that
made the request) it finds through three more patterns, so that an entry stays a value.  Patterns
are RE2's: a build writes what it likes into its log, and nothing in it may cost time.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from octobot.model.triage import CauseClass, Mend

Known = Collection[str] | None
"""The names of the distro's packages; None when nobody told, and then every name is plausible."""

Fixer = Callable[[Mapping[str, str], Known], tuple[Mend, ...]]
"""From what a line's groups caught to the mends; none is an answer."""


def nothing(_groups: Mapping[str, str], _known: Known) -> tuple[Mend, ...]:
    """Propose no mend: a person, or a model, must look."""
    return ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of line that tells why a build failed."""

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
    mends: Fixer = nothing
    confidence: float = 0.9
    """How often the line means this, as far as anybody can say."""


AROUND = 40
"""Lines before and after that `near`, `back` and `ahead` look at."""
