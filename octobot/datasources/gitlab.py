"""GitLab's releases and tags.  Source: docs.gitlab.com, Releases API and Tags API."""

from collections.abc import Callable
from urllib.parse import quote

from octobot.datasources.forges import Forge, member
from octobot.datasources.reading import Json, read_time
from octobot.model.ids import read_sha
from octobot.model.release import Release


def _path(what: str) -> Callable[[str], str]:
    return lambda project: f"/api/v4/projects/{quote(project, safe='')}/{what}?per_page=100"


def _release(row: dict[str, Json]) -> Release | None:
    match row:
        case {"tag_name": str(name)}:
            return Release(
                name,
                commit=read_sha(member(row.get("commit"), "id")),
                # A release dated ahead is announced, not out.
                draft=row.get("upcoming_release") is True,
                published=read_time(row.get("released_at")),
            )
        case _:
            return None


def _tag(row: dict[str, Json]) -> Release | None:
    match row:
        case {"name": str(name)}:
            commit = read_sha(member(row.get("commit"), "id"))
            return Release(name, commit=commit, tag_object=read_sha(row.get("target")) or commit)
        case _:
            return None


GITLAB_RELEASES = Forge(
    name="gitlab-releases",
    summary="releases of a GitLab project; `group/project` (gitlab.com) or its URL",
    host="gitlab.com",
    path=_path("releases"),
    read=_release,
)

GITLAB_TAGS = Forge(
    name="gitlab-tags",
    summary="tags of a GitLab project, by its API",
    host="gitlab.com",
    path=_path("repository/tags"),
    read=_tag,
)
