"""The npm registry's abbreviated metadata.

Unpublished versions are not listed; a deprecated one carries the message that asks people not to
use it.  `dist-tags.latest` is the version that the publisher recommends: what is greater counts as
a pre-release, whatever it is called.
Source: npm/registry, docs/responses/package-metadata.md; docs.npmjs.com, "npm dist-tag".
"""

import re
from collections.abc import Sequence
from urllib.parse import quote

from octobot.datasources.reading import Json, read_json
from octobot.datasources.registry import Registry
from octobot.model.release import Release

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(-.+)?")
"""Without build metadata, which the registry does not keep.  Source: semver.org, 2.0.0."""
_LONGEST = 256
"""Characters; npm takes no longer version."""
_NAME = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[A-Za-z0-9~_-][A-Za-z0-9._~-]{0,213}")


def _address(identifier: str) -> str | None:
    if not _NAME.fullmatch(identifier):
        return None
    return f"https://registry.npmjs.org/{quote(identifier, safe='@')}"


def _read(_: str, body: bytes) -> Sequence[Release] | None:
    match read_json(body):
        case {"versions": dict(versions), **rest}:
            latest = _latest(rest.get("dist-tags"))
            return [
                Release(name, prerelease=_is_early(name, latest), yanked=_deprecated(about))
                for name, about in versions.items()
            ]
        case _:
            return None


def _latest(tags: object) -> str:
    """Return the version that is recommended; empty where none is."""
    match tags:
        case {"latest": str(latest)}:
            return latest
        case _:
            return ""


def _is_early(name: str, latest: str) -> bool:
    """Return whether a version is a pre-release, or greater than the one that is recommended."""
    # Semantic versioning: a hyphen begins a pre-release, before any build metadata.
    if "-" in name.partition("+")[0]:
        return True
    own, top = _order(name), _order(latest)
    return own is not None and top is not None and own > top


def _order(name: str) -> tuple[int, ...] | None:
    """Return the sort key of a version; pre-releases of one version are all alike before it."""
    found = _VERSION.fullmatch(name) if len(name) < _LONGEST else None
    return found and (*map(int, found.group(1, 2, 3)), found[4] is None)


def _deprecated(about: Json) -> bool:
    return isinstance(about, dict) and bool(about.get("deprecated"))


NPM = Registry(
    name="npm",
    summary=(
        "versions of a package on the npm registry; deprecated ones count as yanked, and those "
        "above the tag `latest` as pre-releases"
    ),
    address=_address,
    read=_read,
    accept="application/vnd.npm.install-v1+json",
)
