"""RubyGems' versions of a gem; yanked ones are not listed.

Source: guides.rubygems.org, `GET /api/v1/versions/NAME.json`.
"""

from collections.abc import Sequence

from octobot.datasources.reading import read_json, read_time
from octobot.datasources.registry import Registry, named
from octobot.model.release import Release


def _read(_: str, body: bytes) -> Sequence[Release] | None:
    match read_json(body):
        case [*versions]:
            return [
                Release(name, prerelease=bool(early), published=read_time(about.get("created_at")))
                for about in versions
                if isinstance(about, dict)
                and isinstance(name := about.get("number"), str)
                and isinstance(early := about.get("prerelease"), bool)
            ]
        case _:
            return None


RUBYGEMS = Registry(
    name="rubygems",
    summary="versions of a gem on RubyGems",
    address=named("[A-Za-z0-9_.-]{1,200}", "https://rubygems.org/api/v1/versions/{}.json"),
    read=_read,
)
