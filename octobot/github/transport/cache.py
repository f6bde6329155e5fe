"""Answers kept with their ETags, so that an unchanged one costs no rate limit.

One cache belongs to one installation; it is bounded in entries and in bytes, oldest use out first.
Source: docs.github.com, "Best practices for using the REST API", conditional requests.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer of 200 with its ETag."""

    etag: str
    headers: Mapping[str, str]
    body: bytes


class Cache:
    """The answers of one installation, by address and media type."""

    def __init__(self, *, entries: int = 4096, size: int = 64 << 20) -> None:
        self._entries, self._size = entries, size
        self._kept: OrderedDict[tuple[str, str], Kept] = OrderedDict()
        self._held = 0

    def find(self, url: str, accept: str) -> Kept | None:
        """Return what is kept for this address."""
        found = self._kept.get((url, accept))
        if found is not None:
            self._kept.move_to_end((url, accept))
        return found

    def keep(self, url: str, accept: str, kept: Kept) -> None:
        """Keep an answer in place of the former one."""
        former = self._kept.pop((url, accept), None)
        self._held += len(kept.body) - (len(former.body) if former else 0)
        self._kept[url, accept] = kept
        while len(self._kept) > self._entries or self._held > self._size:
            _, dropped = self._kept.popitem(last=False)
            self._held -= len(dropped.body)
