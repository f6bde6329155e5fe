"""Maven Central's list of an artifact's versions.

Source: maven.apache.org, Maven repository metadata: `maven-metadata.xml` of `group:artifact`.
"""

import re
from collections.abc import Mapping, Sequence

from octobot.datasources.markup import parse
from octobot.datasources.registry import Registry
from octobot.model.release import Release

_NAME = re.compile(r"([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*):([A-Za-z0-9_.-]+)")
_VERSION = ("metadata", "versioning", "versions", "version")


def _address(identifier: str) -> str | None:
    found = _NAME.fullmatch(identifier)
    if found is None or found[2].strip(".") == "" or len(identifier) > 300:  # noqa: PLR2004  (far beyond the longest)
        return None
    group, artifact = found[1].replace(".", "/"), found[2]
    return f"https://repo1.maven.org/maven2/{group}/{artifact}/maven-metadata.xml"


def _read(_: str, body: bytes) -> Sequence[Release] | None:
    found: list[Release] = []

    def ended(path: tuple[str, ...], _: Mapping[str, str], text: str) -> None:
        if path == _VERSION:
            found.append(Release(text, prerelease=text.endswith("-SNAPSHOT")))

    return found if parse(body, ended) else None


MAVEN = Registry(
    name="maven",
    summary="versions of an artifact on Maven Central; `group:artifact`",
    address=_address,
    read=_read,
    accept="application/xml, text/xml",
)
