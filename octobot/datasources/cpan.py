"""MetaCPAN's releases of a distribution.

Source: metacpan-api, `GET /v1/release/versions/DISTRIBUTION`.  What left CPAN is `backpan`; an
upload by somebody without the right to the namespace is not `authorized`, and is no release.
"""

from collections.abc import Sequence

from octobot.datasources.reading import read_json
from octobot.datasources.registry import Registry, named
from octobot.model.release import Release


def _read(_: str, body: bytes) -> Sequence[Release] | None:
    match read_json(body):
        case {"releases": [*releases]}:
            return [
                Release(
                    version,
                    prerelease=about.get("maturity") != "released",
                    yanked=about.get("status") == "backpan",
                )
                for about in releases
                if isinstance(about, dict)
                and isinstance(version := about.get("version"), str)
                and about.get("authorized")
            ]
        case _:
            return None


CPAN = Registry(
    name="cpan",
    summary="releases of a distribution on CPAN, by MetaCPAN",
    address=named(
        "[A-Za-z0-9_][A-Za-z0-9_.+-]{0,200}", "https://fastapi.metacpan.org/v1/release/versions/{}"
    ),
    read=_read,
)
