"""Specs read once for each blob: a distro is re-read at every look, and hardly any of it changes.

What a spec says depends on its path and its text alone, and the blob id stands for the text, so the
memory can never be out of date; it only forgets what was not asked for longest.
"""

from collections import OrderedDict

from octobot.model.ids import Sha
from octobot.model.package import Package
from octobot.model.reasons import Reason
from octobot.specs.read.package import read

REMEMBERED = 20_000
"""Specs: several distros of 3,401."""


class Reader:
    """Reads specs and remembers what came of each, a refusal too."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._known: OrderedDict[tuple[str, Sha], Package | Reason] = OrderedDict()
        self._remembered = remembered

    def read(self, path: str, blob: Sha, text: str) -> Package | Reason:
        """Read one spec; `blob` is git's id of `text`."""
        key = (path, blob)
        found = self._known.get(key)
        if found is None:
            found = read(path, text)
            # An empty text stands for a blob that could not be had, not for what is in it.
            if text:
                self._known[key] = found
            if len(self._known) > self._remembered:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return found

    def knows(self, path: str, blob: Sha) -> bool:
        """Return whether reading this one costs nothing."""
        return (path, blob) in self._known
