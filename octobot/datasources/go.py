"""The Go module proxy: the versions of a module, the newest one's commit, and what was retracted.

Source: go.dev/ref/mod, "GOPROXY protocol" and "retract directive".  Retractions are in the
`go.mod` of the newest version.  The commit comes with `.info`'s `Origin`, where the proxy has it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import quote

from octobot.datasources.gomod import directives
from octobot.datasources.reading import read_json, read_time
from octobot.datasources.registry import (
    ONE_HOST,
    Requests,
    concluded,
    each,
    fetch,
    not_an_identifier,
)
from octobot.model.ids import read_sha
from octobot.model.lookup import HttpResponse, Lookup
from octobot.model.package import Upstream
from octobot.model.reasons import Reason
from octobot.model.release import Release

_MODULE = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[A-Za-z0-9._~-]+)*")
_VERSION = re.compile(r"v([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})(-[0-9A-Za-z.-]+)?(\+[a-z]+)?")
_SMALL = 1 << 20

Key = tuple[int, int, int, bool]


class Go:
    """The datasource `go`."""

    name = "go"
    summary = "versions of a Go module by the module proxy, without the retracted ones"
    batch = ONE_HOST

    def lookup(self, upstreams: Sequence[Upstream]) -> Lookup:
        """Ask for each module's list, then for its newest version."""
        return (yield from each(upstreams, _ask))


def _ask(upstream: Upstream) -> Requests:
    if not _MODULE.fullmatch(upstream.identifier) or ".." in upstream.identifier:
        return not_an_identifier(upstream)
    # Escaped as the protocol has it: a capital letter is `!` and the small one.
    escaped = re.sub("[A-Z]", lambda found: f"!{found[0].lower()}", upstream.identifier)
    base = f"https://proxy.golang.org/{quote(escaped, safe='/!~')}/@v"
    answer = yield from fetch(f"{base}/list", {"Accept": "text/plain"})
    if isinstance(answer, Reason):
        return answer
    keys = dict(_keys(answer.body.decode(errors="replace").split()))
    if not keys:
        return concluded(base, ())
    newest = max(keys, key=lambda version: keys[version])
    about = yield from fetch(f"{base}/{newest}.info", {}, limit=_SMALL)
    mod = yield from fetch(f"{base}/{newest}.mod", {}, limit=_SMALL)
    if isinstance(mod, Reason):
        return mod  # with an unread retraction a retracted version would be trusted
    retracted = tuple(_retracted(mod.body.decode(errors="replace")))
    found = [_release(version, keys[version], retracted) for version in keys]
    return concluded(base, [_with_commit(release, about, newest) for release in found])


def _keys(versions: Sequence[str]) -> Iterator[tuple[str, Key]]:
    for version in versions:
        if (key := _key(version)) is not None:
            yield version, key


def _key(version: str) -> Key | None:
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    return int(found[1]), int(found[2]), int(found[3]), found[4] is None


def _release(version: str, key: Key, retracted: Sequence[tuple[Key, Key]]) -> Release:
    gone = any(low <= key <= high for low, high in retracted)
    # `+incompatible` is the proxy's own mark on versions of modules without a go.mod.
    return Release(version.partition("+")[0], prerelease=not key[3], yanked=gone)


def _with_commit(release: Release, about: HttpResponse | Reason, newest: str) -> Release:
    if isinstance(about, Reason) or release.name != newest.partition("+")[0]:
        return release
    match read_json(about.body):
        case {"Origin": {"Hash": commit}, **rest}:
            published = read_time(rest.get("Time"))
            return replace(release, commit=read_sha(commit), published=published)
        case _:
            return release


def _retracted(text: str) -> Iterator[tuple[Key, Key]]:
    """Yield the ranges that a go.mod retracts: `retract v1.0.0` or `retract [v1.0.0, v1.0.9]`."""
    for verb, words in directives(text):
        named = [word for word in words if word not in "[],"] if verb == "retract" else []
        bounds = [_key(word) for word in named]
        match bounds:
            case [tuple() as only]:
                yield only, only
            case [tuple() as low, tuple() as high]:
                yield low, high
            case _:
                pass
