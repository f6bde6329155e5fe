"""A directory as a web server shows it: the versions are in its links."""

import html
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

import re2

from octobot.datasources.anywhere import address, split
from octobot.datasources.picking import compile_pick, is_pick
from octobot.datasources.registry import Registry
from octobot.model.release import Release

# RE2: the page is a stranger's and may be large.
_HREF = re2.compile(r"""(?i)\bhref\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""")


def _read(identifier: str, body: bytes) -> Sequence[Release] | None:
    pick = compile_pick(split(identifier)[1])
    if pick is None:
        return None
    picked = (pick.of(link) for link in _links(body.decode(errors="replace")))
    return [Release(version) for version in picked if version is not None]


def _links(page: str) -> Iterator[str]:
    for match in _HREF.finditer(page):
        link = next((group for group in match.groups() if group), "")
        yield unquote(html.unescape(link))


LISTING = Registry(
    name="listing",
    summary="the links of a directory's page; `URL PATTERN`, whose first group is the version",
    address=address(is_pick),
    read=_read,
    accept="text/html",
    batch=1,
)
