"""kernel.org's current releases: only the newest of each line, so older ones are not known here.

Source: https://www.kernel.org/releases.json.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from octobot.datasources.reading import Json, read_json
from octobot.datasources.registry import Registry
from octobot.model.release import Release

_MONIKER = re.compile("all|mainline|stable|longterm|linux-next")


def _address(identifier: str) -> str | None:
    return "https://www.kernel.org/releases.json" if _MONIKER.fullmatch(identifier) else None


def _read(identifier: str, body: bytes) -> Sequence[Release] | None:
    match read_json(body):
        case {"releases": [*releases]}:
            return [
                release
                for about in releases
                if isinstance(about, dict) and identifier in ("all", about.get("moniker"))
                if (release := _release(about)) is not None
            ]
        case _:
            return None


def _release(about: dict[str, Json]) -> Release | None:
    match about:
        case {"version": str(version), "moniker": str(moniker), **rest}:
            early = moniker == "linux-next" or "-rc" in version
            return Release(version, prerelease=early, published=_moment(rest.get("released")))
        case _:
            return None


def _moment(released: Json) -> datetime | None:
    match released:
        case {"timestamp": int(seconds)} if 0 < seconds < 1 << 33:  # later: the year 2242
            return datetime.fromtimestamp(seconds, UTC)
        case _:
            return None


KERNEL = Registry(
    name="kernel.org",
    summary="the current kernels: `stable`, `longterm`, `mainline`, `linux-next` or `all`",
    address=_address,
    read=_read,
)
