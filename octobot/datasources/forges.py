"""A forge lists a project's releases or tags page by page, on whatever host it runs."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from octobot.datasources.reading import Json, read_json
from octobot.datasources.registry import Requests, each, not_an_identifier, pages
from octobot.model.lookup import Lookup
from octobot.model.package import Upstream
from octobot.model.release import Release

_PROJECT = re.compile("[A-Za-z0-9_.][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.][A-Za-z0-9_.-]*){1,20}")
_HOST = re.compile("[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?")
_URL = re.compile("https://([^/]+)/(.*)")


@dataclass(slots=True, eq=False)
class Forge:
    """A datasource that lists a project of a forge."""

    name: str
    summary: str
    host: str
    """Of identifiers that name none."""
    path: Callable[[str], str]
    """From the project to the list's path."""
    read: Callable[[dict[str, Json]], Release | None]
    """From one row of the list to its release; None when the row is not of the documented form."""
    batch: int = 1

    def lookup(self, upstreams: Sequence[Upstream]) -> Lookup:
        """List each project, page by page."""
        return (yield from each(upstreams, self._ask))

    def _ask(self, upstream: Upstream) -> Requests:
        host, project = _located(upstream.identifier, self.host)
        if not _HOST.fullmatch(host) or not _PROJECT.fullmatch(project) or ".." in project:
            return not_an_identifier(upstream)
        url = f"https://{host}{self.path(project)}"
        return (yield from pages(url, {"Accept": "application/json"}, self._rows))

    def _rows(self, _: str, body: bytes) -> Sequence[Release] | None:
        match read_json(body):
            case [*rows]:
                read = (self.read(row) for row in rows if isinstance(row, dict))
                return [release for release in read if release is not None]
            case _:
                return None


def member(value: Json, key: str) -> Json:
    """Return the member of an object; None when it is missing."""
    return value.get(key) if isinstance(value, dict) else None


def _located(identifier: str, host: str) -> tuple[str, str]:
    found = _URL.fullmatch(identifier)
    if found is None:
        return host, identifier
    return found[1], found[2].strip("/").removesuffix(".git")
