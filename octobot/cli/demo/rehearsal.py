"""A rehearsal over any distro: a next version of every spec, in a world made up to fit it.

The sandbox's upstreams get what the specs will request.  A next tag is derived from the one that
the spec pins now; then the bump itself lists the refs and files that it needs, and all of them are
provided.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from octobot.cli.specs_on_disk import read_specs
from octobot.datasources.release_monitor import RELEASE_MONITOR
from octobot.flows.lookup.source import repository_url
from octobot.model.bump import Answer, Ask, CommitOf, ContainedIn, DigestOf, GoModOf
from octobot.model.errors import UserError
from octobot.model.package import Package, Upstream
from octobot.model.reasons import Reason
from octobot.model.release import Candidate, Release
from octobot.model.version import order_key
from octobot.sandbox.upstreams.upstreams import Upstreams
from octobot.specs.bump.bump import bump
from octobot.specs.read.package import read
from octobot.specs.select.newest import newest

NUMBER = re.compile(r"[0-9]+")


def choose(source: Path, count: int) -> dict[str, str]:
    """Take `count` specs that octobot watches, spread evenly over the distro."""
    watched = {
        path: text
        for path, text in read_specs(source).items()
        if isinstance(package := read(path, text), Package)
        and package.update.enabled
        and package.upstream
    }
    if not watched:
        raise UserError(f"no spec in {source} has an update block that is enabled")
    step = max(len(watched) / count, 1)
    paths = list(watched)
    return {
        paths[int(place * step)]: watched[paths[int(place * step)]]
        for place in range(min(count, len(paths)))
    }


def rehearsed(specs: Mapping[str, str]) -> dict[str, bytes]:
    """Return the repository's files: the specs, and settings that merge new releases at once."""
    settings = {".github/octobot.yaml": b"minimum-release-age: 0s\n"}
    return settings | {path: text.encode() for path, text in specs.items()}


async def publish(upstreams: Upstreams, specs: Mapping[str, str]) -> None:
    """Publish a next version of every spec for which one can be made up."""
    for path, text in specs.items():
        package = read(path, text)
        if isinstance(package, Package) and package.upstream:
            target = next_release(package)
            await _provide(upstreams, package.upstream, target)
            if target:
                await _answer(upstreams, path, text, target)


def next_release(package: Package) -> Candidate | None:
    """Make up the release that would follow the spec's own; None where no name leads to one."""
    for name in _names(package):
        selection = newest(package, (Release(name),))
        if isinstance(selection, Reason) or selection.newest is None:
            continue
        if order_key(selection.newest.version) > order_key(package.version):
            return selection.newest
    return None


def _names(package: Package) -> Iterator[str]:
    """Yield names for a next tag: the pinned one's with a number raised, the last number first."""
    filters = package.update.filters
    plain = f"{filters.strip_prefix or filters.prefix}{package.version}{filters.strip_suffix}"
    pinned = [pin.ref.removeprefix("refs/tags/") for pin in package.pins if "/tags/" in pin.ref]
    for name in (*pinned, plain, f"v{package.version}", package.version):
        for number in reversed(list(NUMBER.finditer(name))):
            raised = str(int(number[0]) + 1).zfill(len(number[0]))
            yield f"{name[: number.start()]}{raised}{name[number.end() :]}"


async def _provide(upstreams: Upstreams, upstream: Upstream, target: Candidate | None) -> None:
    """Make the upstream show the target; without one it shows a branch and no tag."""
    if upstream.datasource == RELEASE_MONITOR.name and target:
        _announce(upstreams, upstream.identifier, target.release.name)
    url = repository_url(upstream)
    if url is None:
        return
    if target is None:
        await upstreams.provide_ref(url, f"refs/heads/{upstream.branch or 'main'}")
    elif upstream.kind == "releases":
        await upstreams.provide_release(upstream.identifier, target.release.name)
    else:
        await upstreams.provide_ref(url, f"refs/tags/{target.release.name}")


def _announce(upstreams: Upstreams, project: str, name: str) -> None:
    """Add a version to the release monitor, beside those of packages with the same project."""
    uri = RELEASE_MONITOR.address(project)
    if uri is None:
        return
    known = upstreams.download(uri)
    names = [*(json.loads(known.content)["versions"] if known else ()), name]
    answer = {"latest_version": name, "versions": names, "stable_versions": names}
    upstreams.put_file(uri, json.dumps(answer).encode())


async def _answer(upstreams: Upstreams, path: str, text: str, target: Candidate) -> None:
    """Hold the bump's own conversation, and make true what it asks for."""
    bumping = bump(path, text, target)
    try:
        question = next(bumping)
        while True:
            question = bumping.send(await _made_true(upstreams, question))
    except StopIteration:
        return


async def _made_true(upstreams: Upstreams, question: Ask) -> Answer:
    match question:
        case CommitOf(repository=repository, ref=ref):
            return await upstreams.provide_ref(repository, ref)
        case DigestOf(uri=uri, algorithm=algorithm):
            return hashlib.new(algorithm, await upstreams.provide_file(uri)).hexdigest()
        case GoModOf() | ContainedIn():
            return None
