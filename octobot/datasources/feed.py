"""Atom (RFC 4287) and RSS 2.0: each entry is one release."""

from collections.abc import Mapping, Sequence

from octobot.datasources.anywhere import address, split
from octobot.datasources.markup import parse
from octobot.datasources.picking import Pick, compile_pick, is_pick
from octobot.datasources.registry import Registry
from octobot.model.release import Release

_ENTRIES = frozenset({"entry", "item"})
_NAMES = ("title", "link", "id", "guid")
"""Where an entry may hold its version, in this order."""


def _read(identifier: str, body: bytes) -> Sequence[Release] | None:
    """Without a pattern an entry's title is its name."""
    what = split(identifier)[1]
    pick = compile_pick(what) if what else None
    found: list[Release] = []
    parts: dict[str, str] = {}

    def ended(path: tuple[str, ...], attributes: Mapping[str, str], text: str) -> None:
        name = path[-1]
        if name in _ENTRIES:
            version = _version([parts[part] for part in _NAMES if part in parts], pick)
            found.extend([Release(version)] if version else [])
            parts.clear()
        elif len(path) > 1 and path[-2] in _ENTRIES and name in _NAMES:
            parts.setdefault(name, attributes.get("href", "") or text)

    return found if parse(body, ended) else None


def _version(texts: Sequence[str], pick: Pick | None) -> str | None:
    if pick is None:
        return texts[0] if texts else None
    return next((version for text in texts if (version := pick.of(text)) is not None), None)


FEED = Registry(
    name="feed",
    summary="the entries of an Atom or RSS feed; `URL` (their titles) or `URL PATTERN`",
    address=address(lambda what: not what or is_pick(what)),
    read=_read,
    accept="application/atom+xml, application/rss+xml, application/xml, text/xml",
    batch=1,
)
