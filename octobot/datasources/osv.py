"""OSV.dev: which known vulnerabilities a version has.  No releases come from here.

Source: google.github.io/osv.dev/post-v1-query and /post-v1-querybatch; the form is the OSV schema
(ossf.github.io/osv-schema).  Withdrawn advisories do not count, and an incomplete answer is no
answer.
"""

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from octobot.datasources.reading import Json, read_json
from octobot.model.ids import Sha
from octobot.model.lookup import HttpRequest, HttpResponse, Request, Response, Unreachable
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode

ADDRESS = "https://api.osv.dev/v1/query"
BATCH_ADDRESS = "https://api.osv.dev/v1/querybatch"
MOST_AT_ONCE = 1000
"""Subjects of one batch; OSV takes no more."""
MOST_PAGES = 10
_OK = 200
_LARGEST = 16 << 20

ECOSYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        "crate": "crates.io",
        "go": "Go",
        "hackage": "Hackage",
        "maven": "Maven",
        "npm": "npm",
        "pypi": "PyPI",
        "rubygems": "RubyGems",
    }
)
"""What OSV calls the registries of the datasources; the others have no advisories of their own."""

_Result = TypeVar("_Result")
Requests = Generator[Request, Response, _Result | Reason]


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a query: a package of a registry at a version, or a commit."""

    ecosystem: str = ""
    name: str = ""
    version: str = ""
    sha: str = ""

    @classmethod
    def of(cls, upstream: Upstream) -> "Subject | None":
        """Name the registry's package; None for an upstream that is no registry of OSV's."""
        ecosystem = ECOSYSTEMS.get(upstream.datasource)
        return cls(ecosystem, upstream.identifier) if ecosystem else None

    @classmethod
    def commit(cls, sha: Sha) -> "Subject":
        """Name a commit."""
        return cls(sha=sha)

    def at(self, version: str) -> "Subject":
        """Name the package at a version."""
        return replace(self, version=version)

    @property
    def query(self) -> Mapping[str, Json]:
        """The subject as OSV wants it."""
        if self.sha:
            return {"commit": self.sha}
        package: Json = {"ecosystem": self.ecosystem, "name": self.name}
        return {"version": self.version, "package": package}


def vulnerabilities(subject: Subject) -> Requests[frozenset[str]]:
    """Return the ids of all known vulnerabilities of the subject, every page, or why not."""
    found: set[str] = set()
    token: str | None = None
    for _ in range(MOST_PAGES):
        wanted = {**subject.query, **({"page_token": token} if token else {})}
        page = _read((yield _post(ADDRESS, wanted)))
        if isinstance(page, Reason):
            return page
        ids, token = page
        found |= ids
        if token is None:
            return frozenset(found)
    return _silent(f"more than {MOST_PAGES} pages of vulnerabilities")


def vulnerable(subjects: Sequence[Subject]) -> Requests[Sequence[bool]]:
    """Return for each of at most `MOST_AT_ONCE` subjects whether a vulnerability is known.

    One request; it counts withdrawn advisories too, so use it only to choose an order.
    """
    queries: list[Json] = [dict(each.query) for each in subjects]
    answer = yield _post(BATCH_ADDRESS, {"queries": queries})
    data = _document(answer)
    if isinstance(data, Reason):
        return data
    results = data.get("results")
    if not isinstance(results, list) or len(results) != len(subjects):
        return _silent("another form than documented")
    return tuple(isinstance(each, dict) and bool(each.get("vulns")) for each in results)


def _post(url: str, wanted: Mapping[str, Json]) -> HttpRequest:
    headers, body = {"content-type": "application/json"}, json.dumps(wanted).encode()
    return HttpRequest(url, "POST", headers, body, limit=_LARGEST)


def _read(answer: Response) -> tuple[frozenset[str], str | None] | Reason:
    """Read a page's ids and the token of the next one."""
    data = _document(answer)
    if isinstance(data, Reason):
        return data
    vulns, token = data.get("vulns", []), data.get("next_page_token")
    if not isinstance(vulns, list) or not isinstance(token, str | None):
        return _silent("another form than documented")
    ids = [_id(one) for one in vulns if not _is_withdrawn(one)]
    if None in ids:
        return _silent("a vulnerability without an id")
    return frozenset(one for one in ids if one), token or None


def _document(answer: Response) -> Mapping[str, Json] | Reason:
    if isinstance(answer, Unreachable):
        return _silent(answer.because)
    if not isinstance(answer, HttpResponse) or answer.status != _OK:
        return _silent("no answer of the documented form")
    data = read_json(answer.body)
    return data if isinstance(data, dict) else _silent("not a JSON object")


def _id(one: Json) -> str | None:
    found = one.get("id") if isinstance(one, dict) else None
    return found if isinstance(found, str) and found else None


def _is_withdrawn(one: Json) -> bool:
    return isinstance(one, dict) and one.get("withdrawn") is not None


def _silent(because: str) -> Reason:
    return Reason(ReasonCode.UPSTREAM_UNREACHABLE, f"OSV: {because}")
