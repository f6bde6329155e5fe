"""The npm registry's abbreviated metadata.

Source: npm/registry, docs/responses/package-metadata.md.  Unpublished versions are not listed; a
deprecated one carries the message that asks people not to use it.
"""

import re
from collections.abc import Sequence
from urllib.parse import quote

from octobot.datasources.reading import Json, read_json
from octobot.datasources.registry import Registry
from octobot.model.release import Release

_NAME = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[A-Za-z0-9~_-][A-Za-z0-9._~-]{0,213}")


def _address(identifier: str) -> str | None:
    if not _NAME.fullmatch(identifier):
        return None
    return f"https://registry.npmjs.org/{quote(identifier, safe='@')}"


def _read(_: str, body: bytes) -> Sequence[Release] | None:
    match read_json(body):
        case {"versions": dict(versions)}:
            return [
                # Semantic versioning: a hyphen begins a pre-release, before any build metadata.
                Release(name, prerelease="-" in name.partition("+")[0], yanked=_deprecated(about))
                for name, about in versions.items()
            ]
        case _:
            return None


def _deprecated(about: Json) -> bool:
    return isinstance(about, dict) and bool(about.get("deprecated"))


NPM = Registry(
    name="npm",
    summary="versions of a package on the npm registry; deprecated ones count as yanked",
    address=_address,
    read=_read,
    accept="application/vnd.npm.install-v1+json",
)
