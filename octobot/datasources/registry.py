"""Registries: datasources with one document for each upstream, or with pages.

A registry's answer is untrusted: whatever it holds, the result is releases or a reason for that one
upstream.  An empty list never means "all gone" (SAFETY.md, row 62), so it is reported as an
upstream that could not be read.
"""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass

from octobot.model.addresses import join, split
from octobot.model.lookup import HttpRequest, HttpResponse, Lookup, Request, Response, Unreachable
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

LARGEST = 32 << 20
"""Bytes of one document; the largest known (abbreviated npm metadata) has about 10 MiB."""
MOST_NAMES = 100_000
"""Names of one upstream; more is not a project's history."""
MOST_PAGES = 100
ONE_HOST = 500
"""The batch of a datasource with one host: one request after another, at the host's pace."""

_GONE = frozenset({404, 410, 451})
_NEXT = re.compile(r'<([^<>]*)>\s*;[^<>]*?\brel="?next"?')

Finding = tuple[Release, ...] | Reason
Requests = Generator[Request, Response, Finding]
Read = Callable[[str, bytes], Sequence[Release] | None]
"""From (identifier, body) to the releases; None when the body is not of the documented form."""


@dataclass(slots=True, eq=False)
class Registry:
    """A datasource that answers with one document for each upstream."""

    name: str
    summary: str
    address: Callable[[str], str | None]
    """From the identifier to the document's URL; None for what cannot be an identifier."""
    read: Read
    accept: str = "application/json"
    batch: int = ONE_HOST

    def lookup(self, upstreams: Sequence[Upstream]) -> Lookup:
        """Ask for each upstream's document, one after another."""
        return (yield from each(upstreams, self._ask))

    def _ask(self, upstream: Upstream) -> Requests:
        url = self.address(upstream.identifier)
        if url is None:
            return not_an_identifier(upstream)
        answer = yield from fetch(url, {"Accept": self.accept})
        if isinstance(answer, Reason):
            return answer
        return concluded(url, self.read(upstream.identifier, answer.body))


def named(pattern: str, url: str) -> Callable[[str], str | None]:
    """Return the `address` of a registry: `url` with the identifier, if it matches the pattern."""
    name = re.compile(pattern)
    return lambda identifier: url.format(identifier) if name.fullmatch(identifier) else None


def each(upstreams: Sequence[Upstream], ask: Callable[[Upstream], Requests]) -> Lookup:
    """Ask for one upstream after another."""
    findings: dict[Upstream, Finding] = {}
    for upstream in upstreams:
        findings[upstream] = yield from ask(upstream)
    return findings


def fetch(
    url: str, headers: Mapping[str, str], *, limit: int = LARGEST
) -> Generator[Request, Response, HttpResponse | Reason]:
    """Ask for one document; anything but HTTP 200 is a Reason."""
    answer = yield HttpRequest(url, headers=headers, limit=limit)
    return accepted(url, answer)


def accepted(url: str, answer: Response) -> HttpResponse | Reason:
    """Return the answer if it is HTTP 200, otherwise what it means."""
    match answer:
        case HttpResponse(status=200):
            return answer
        case HttpResponse(status=status) if status in _GONE:
            return Reason(ReasonCode.UPSTREAM_MISSING, f"{url} answered HTTP {status}")
        case HttpResponse(status=status):
            return unreadable(url, f"answered HTTP {status}")
        case Unreachable(because=because):
            return unreadable(url, because)
        case _:
            return unreadable(url, "the answer is not HTTP's")


def pages(url: str, headers: Mapping[str, str], read: Read) -> Requests:
    """Follow `Link: <...>; rel="next"` on the same host; a list that leads elsewhere is not used.

    Source: RFC 8288.
    """
    found: list[Release] = []
    page: str | None = url
    for _ in range(MOST_PAGES):
        if page is None:
            return concluded(url, found)
        answer = yield from fetch(page, headers)
        if isinstance(answer, Reason):
            return answer
        read_page = read("", answer.body)
        if read_page is None:
            return unreadable(page, "the answer is not of the documented form")
        found += read_page
        following = next_page(page, answer.headers.get("link", ""))
        if isinstance(following, Reason):
            return following
        page = following
    return concluded(url, found) if page is None else unreadable(url, "there are too many pages")


def next_page(url: str, link: str) -> str | Reason | None:
    """Return the next page's address; None without one, a Reason where it leads to another host."""
    found = _NEXT.search(link)
    if found is None:
        return None
    there = join(url, found.group(1))
    here, beyond = split(url), split(there or "")
    if there and here and beyond and here[:2] == beyond[:2]:
        return there
    return unreadable(url, f"the next page is on another host: {found.group(1)[:200]}")


def concluded(url: str, found: Sequence[Release] | None) -> Finding:
    """Return each name once, or why the list is not used."""
    if found is None:
        return unreadable(url, "the answer is not of the documented form")
    if not found:
        return unreadable(url, "the list is empty")
    if len(found) > MOST_NAMES:
        return unreadable(url, f"there are more than {MOST_NAMES} names")
    named: dict[str, Release] = {}
    for release in found:
        named.setdefault(release.name, release)
    return tuple(named.values())


def unreadable(url: str, because: str) -> Reason:
    """Return the reason for an upstream that could not be read."""
    return Reason(ReasonCode.UPSTREAM_UNREACHABLE, f"{url}: {because}")


def not_an_identifier(upstream: Upstream) -> Reason:
    """Return the reason for an identifier that the datasource cannot have."""
    detail = f"{upstream.identifier[:200]!r} is no identifier of {upstream.datasource}"
    return Reason(ReasonCode.BAD_UPDATE_BLOCK, detail)
