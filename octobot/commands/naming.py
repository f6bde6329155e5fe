"""Which package or group a word names: people write names in many ways.

A name that is written out is obeyed.  A word that only contains one (`openvault's`, `(go)`) is
obeyed by nobody; it shows that a sentence may be about another package than the thread is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from octobot.flows.settings import group_lane, lane_named
from octobot.messages.commands import reading as words
from octobot.model.config import Config
from octobot.model.errors import UserError
from octobot.model.ids import display_name, group_named
from octobot.model.reasons import Reason

_SPEC = ".yaml"
_CONTAINED = re.compile(r"(?:group/)?[0-9a-z][0-9a-z+._-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    """The packages and groups that octobot knows in a repository."""

    config: Config | Reason
    packages: frozenset[str]
    """Also those that are not kept current, or cannot be read."""
    own: str
    """The package, or the group's lane, that the thread is about, whether it is there or not."""

    def of(self, word: str) -> str | None:
        """Return the package, or the group's lane, that a word names.

        `NAME`, `NAME.yaml`, `group/NAME`, in any letter case, maybe with a colon or a comma after
        it.  Raises `UserError` where several names differ in their letters' case only.
        """
        return self._known(stem(word))

    def within(self, word: str) -> str | None:
        """Return the one that a word names or contains: `openvault's`, `(go)`, `go/stdlib`."""
        found = _CONTAINED.search(word)
        return self.of(word) or (self._known(stem(found[0].rstrip("."))) if found else None)

    def related(self, name: str) -> bool:
        """Return whether a name is the thread's own, its group, or a package of its group."""
        return (group_lane(self.config, name) or name) == (
            group_lane(self.config, self.own) or self.own
        )

    def _known(self, name: str) -> str | None:
        if exact := self._exact(name):
            return exact
        near = sorted({one for one in self._all() if one.casefold() == name.casefold()})
        found = dict.fromkeys(self._exact(one) for one in near)
        if len(found) > 1:
            raise UserError(words.several_spellings(near))
        return next(iter(found), None)

    def _exact(self, name: str) -> str | None:
        """A package goes before a group of the same name."""
        if name in self.packages:
            return name
        if lane := lane_named(self.config, name):
            return lane
        return self.own if self.own and name in (self.own, display_name(self.own)) else None

    def _all(self) -> Iterator[str]:
        yield from self.packages
        for group in () if isinstance(self.config, Reason) else self.config.groups:
            yield from (group.name, group.lane)
        yield from (self.own, display_name(self.own))


def stem(word: str) -> str:
    """Return a name without what may come after it."""
    name = word.rstrip(",:")
    return name[: -len(_SPEC)] if name.casefold().endswith(_SPEC) else name


def is_surely_name(word: str) -> bool:
    """Return whether a word is a spec's file or a group's lane, which begins no sentence."""
    return stem(word) != word.rstrip(",:") or group_named(word.casefold()) is not None


def ends_names(word: str) -> bool:
    """Return whether a reason follows a name for sure."""
    return word.endswith(":")
