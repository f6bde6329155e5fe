"""release-monitoring.org: the versions that Anitya collected of a project.

Source: anitya/api_v2.py, `GET /api/v2/versions/?project_id=N`.  The API has no batch: a project is
asked by its number, and only whole listings of all projects come in pages.  Anitya's own filter
decides what is stable; the rest are its pre-releases.  It knows no commits.
"""

from collections.abc import Sequence

from octobot.datasources.reading import read_json
from octobot.datasources.registry import Registry, named
from octobot.model.release import Release


def _read(_: str, body: bytes) -> Sequence[Release] | None:
    match read_json(body):
        case {"versions": [*versions], "stable_versions": [*stable]}:
            kept = {name for name in stable if isinstance(name, str)}
            return [
                Release(name, prerelease=name not in kept)
                for name in versions
                if isinstance(name, str)
            ]
        case _:
            return None


RELEASE_MONITOR = Registry(
    name="release-monitor",
    summary="versions that release-monitoring.org (Anitya) collected; the project's number",
    address=named("[0-9]{1,9}", "https://release-monitoring.org/api/v2/versions/?project_id={}"),
    read=_read,
)
