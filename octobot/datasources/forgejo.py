"""Forgejo's and Gitea's releases and tags, Codeberg's among them.

Source: their OpenAPI description, `/repos/{owner}/{repo}/releases` and `/tags`.
"""

from collections.abc import Callable
from urllib.parse import quote

from octobot.datasources.forges import Forge, member
from octobot.datasources.reading import Json, read_time
from octobot.model.ids import read_sha
from octobot.model.release import Release


def _path(what: str) -> Callable[[str], str]:
    return lambda project: f"/api/v1/repos/{quote(project)}/{what}?limit=50"


def _release(row: dict[str, Json]) -> Release | None:
    match row:
        case {"tag_name": str(name), "draft": bool(draft), "prerelease": bool(early)}:
            moment = read_time(row.get("published_at"))
            return Release(name, draft=draft, prerelease=early, published=moment)
        case _:
            return None


def _tag(row: dict[str, Json]) -> Release | None:
    match row:
        case {"name": str(name)}:
            commit = read_sha(member(row.get("commit"), "sha"))
            return Release(name, commit=commit, tag_object=read_sha(row.get("id")) or commit)
        case _:
            return None


FORGEJO_RELEASES = Forge(
    name="forgejo-releases",
    summary="releases on Forgejo or Gitea; `owner/name` (codeberg.org) or its URL",
    host="codeberg.org",
    path=_path("releases"),
    read=_release,
)

FORGEJO_TAGS = Forge(
    name="forgejo-tags",
    summary="tags on Forgejo or Gitea, by its API",
    host="codeberg.org",
    path=_path("tags"),
    read=_tag,
)
