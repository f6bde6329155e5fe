"""Read each spec once per blob: a distro is read again at every check, and few specs change.

The result depends only on the path and the text, and the blob id identifies the text, so the cache
can never be out of date; it drops the least recently used entries.
"""

from collections import OrderedDict

from octobot.model.ids import Sha
from octobot.model.package import Package
from octobot.model.reasons import Reason
from octobot.specs.read.package import read

REMEMBERED = 20_000
"""Specs: several distros of 3,401."""


class Reader:
    """Reads specs and remembers each result, also a refusal."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._known: OrderedDict[tuple[str, Sha], Package | Reason] = OrderedDict()
        self._remembered = remembered

    def read(self, path: str, blob: Sha, text: str) -> Package | Reason:
        """Read one spec; `blob` is git's id of `text`."""
        key = (path, blob)
        found = self._known.get(key)
        if found is None:
            found = read(path, text)
            # An empty text means that the blob could not be read.
            if text:
                self._known[key] = found
            if len(self._known) > self._remembered:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return found

    def knows(self, path: str, blob: Sha) -> bool:
        """Return whether this spec is in the cache."""
        return (path, blob) in self._known
