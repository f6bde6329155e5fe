"""RubyGems' versions of a gem; yanked ones are not listed.

Source: guides.rubygems.org, `GET /api/v1/versions/NAME.json`.
"""

import re
from collections.abc import Sequence

from octobot.datasources.reading import read_json, read_time
from octobot.datasources.registry import Registry
from octobot.model.release import Release

_NAME = re.compile("[A-Za-z0-9_.-]{1,200}")


def _address(identifier: str) -> str | None:
    if not _NAME.fullmatch(identifier):
        return None
    return f"https://rubygems.org/api/v1/versions/{identifier}.json"


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
    name="rubygems", summary="versions of a gem on RubyGems", address=_address, read=_read
)
