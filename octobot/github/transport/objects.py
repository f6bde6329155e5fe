"""What never changes is asked once: git's objects by their ids, in memory, for one installation.

Only what was read in full and proved as far as it can be is stored here, so that a second read
would bring the same.  What can change (a branch, a check, a review, a setting) never comes here.
Keys name the repository: that one repository has an object proves nothing about another.
"""

from collections import OrderedDict
from typing import TypeVar

T = TypeVar("T")
_SIZE = 64 << 20


class Objects:
    """Values by key, bounded in bytes; what was used least recently is dropped first."""

    def __init__(self, *, size: int = _SIZE) -> None:
        self._size = size
        self._held: OrderedDict[tuple[object, ...], tuple[object, int]] = OrderedDict()
        self._bytes = 0

    def find(self, kind: type[T], *key: object) -> T | None:
        """Return what was stored with this key, if it is of this kind."""
        found = self._held.get(key)
        if found is None or not isinstance(found[0], kind):
            return None
        self._held.move_to_end(key)
        return found[0]

    def store(self, value: object, *key: object, size: int) -> None:
        """Store a value that takes about `size` bytes."""
        former = self._held.pop(key, None)
        self._bytes += size - (former[1] if former else 0)
        self._held[key] = value, size
        while self._bytes > self._size:
            _, (_, dropped) = self._held.popitem(last=False)
            self._bytes -= dropped
