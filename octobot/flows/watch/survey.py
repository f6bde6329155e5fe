"""What is outdated?  A check of specs on a disk: nothing is remembered, nothing is written.

The same selection as `watch`, for `octobot check` and `octobot update`, without an App.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from octobot.flows.lookup.contain import Caught
from octobot.flows.lookup.drive import answer, ask
from octobot.flows.lookup.pins import gone, look_up
from octobot.flows.lookup.plausible import Evidence
from octobot.flows.lookup.prove import proven
from octobot.flows.lookup.select import Lookup, select_contained, upstream_of
from octobot.flows.upstreams import Upstreams
from octobot.model.bump import Bumped
from octobot.model.ids import Version
from octobot.model.lookup import Request, Response, Unreachable
from octobot.model.package import Package, Upstream
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.release import Candidate, Release
from octobot.model.version import order_key
from octobot.specs.bump.bump import bump
from octobot.specs.read.nodes import Map
from octobot.specs.read.package import read
from octobot.specs.read.parsing import read_tree
from octobot.specs.read.update_block import BACKENDS

TRIED = 5
"""Versions whose pins are looked for: a monitor may list many that nobody tagged."""

CONCLUSIVE = frozenset(
    {
        ReasonCode.UP_TO_DATE,
        ReasonCode.UPDATE_FOUND,
        ReasonCode.MANUAL,
        ReasonCode.NOT_ENABLED,
        ReasonCode.NOT_SCHEDULED,
        ReasonCode.IGNORED,
        ReasonCode.LEAVES_STREAM,
    }
)
"""Reasons with which it is known whether the spec is outdated, or that nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One spec's line in the survey."""

    path: str
    text: str
    package: Package | None
    """None when the spec cannot be read."""
    upstream: Upstream | None
    """The upstream that was asked; None when none was."""
    found: Lookup
    shown: tuple[Release, ...] = ()
    """All that the upstream shows."""
    by_git: bool = False
    """Whether GitHub was asked as any other git host, since it answers strangers no GraphQL."""

    @property
    def name(self) -> str:
        """The package's name, or the file's where the spec cannot be read."""
        return self.package.name if self.package else self.path.removesuffix(".yaml")

    @property
    def outdated(self) -> bool:
        """Whether there is a newer version."""
        return self.found.target is not None

    @property
    def unknown(self) -> bool:
        """Whether nobody knows if the spec is outdated, which is never fine."""
        return self.found.reason.code not in CONCLUSIVE or self._own_version_is_missing

    @property
    def _own_version_is_missing(self) -> bool:
        """Whether everything that passes the filters is older than the spec.

        The spec's own version does not pass them, so a newer one may not either: tags got a `v` in
        front, or lost it.  A spec at a pre-release or a snapshot waits for the next release.
        """
        package, selection = self.package, self.found.selection
        if (
            package is None
            or selection is None
            or selection.newest is None
            or "_" in package.version
        ):
            return False
        return order_key(selection.newest.version) < order_key(package.version)

    @property
    def asked(self) -> str:
        """What was read of the upstream: `releases`, `tags` or `branch`; empty: nothing."""
        if self.upstream is None:
            return ""
        return "tags" if self.tags_for_releases else self.upstream.kind

    @property
    def tags_for_releases(self) -> bool:
        """Whether tags were read in place of the releases on GitHub that the spec follows.

        They are where there is no token.  The App reads releases, and may choose another version:
        only they show what is a draft or a pre-release.
        """
        who = self.upstream
        return self.by_git and who is not None and (who.datasource, who.kind) == _RELEASES


_RELEASES = ("github", "releases")


class _Noting:
    """Carries requests to upstreams, and notes whether GitHub answers GraphQL at all."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        self.closed = False

    async def send(self, request: Request) -> Response:
        """Carry one request."""
        response = await self._upstreams.send(request)
        self.closed |= isinstance(response, Unreachable) and response.closed
        return response

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download and hash."""
        return await self._upstreams.digest(uri, algorithm)


async def survey(specs: Mapping[str, str], upstreams: Upstreams) -> tuple[Finding, ...]:
    """Check every spec (path → text) once, in the order of their paths."""
    packages = {path: _read(path, text) for path, text in sorted(specs.items())}
    asked = {path: _upstream(package) for path, package in packages.items()}
    noting = _Noting(upstreams)
    found = await ask(noting, (one for one in asked.values() if isinstance(one, Upstream)))
    readable = [one for one in packages.values() if isinstance(one, Package) and one.upstream]
    there, wanted = await look_up(readable, noting)
    findings = []
    for path, package in packages.items():
        missing = gone(wanted.get(path, {}), there)
        news = _news(asked[path], found)
        finding = await _finding((path, specs[path]), package, news, noting, missing)
        findings.append(replace(finding, by_git=noting.closed))
    return tuple(findings)


async def bumped(finding: Finding, upstreams: Upstreams) -> Bumped | Reason:
    """Return the spec's text at its newest version that can be pinned, or why it has none."""
    target, missing, first = finding.found.target, dict[Version, str](), finding.found.reason
    while target and finding.package and target.version not in missing and len(missing) < TRIED:
        made = await _made(finding, target, upstreams)
        if isinstance(made, Bumped) or made.code is not ReasonCode.PIN_UNRESOLVED:
            return made
        first = first if missing else made
        missing[target.version] = made.detail
        evidence = Evidence(finding.text, missing)
        target = select_contained(finding.package, finding.shown, evidence=evidence).target
    return first


async def _made(finding: Finding, target: Candidate, upstreams: Upstreams) -> Bumped | Reason:
    with Caught() as caught:
        return await answer(bump(finding.path, finding.text, target), upstreams)
    return caught.reason("writing a bump", path=finding.path)


def _read(path: str, text: str) -> Package | Reason:
    with Caught() as caught:
        return read(path, text)
    return caught.reason("reading a spec", path=path)


def _upstream(package: Package | Reason) -> Upstream | Reason:
    return package if isinstance(package, Reason) else upstream_of(package)


def _news(
    upstream: Upstream | Reason, found: Mapping[Upstream, tuple[Release, ...] | Reason]
) -> tuple[Upstream, tuple[Release, ...] | Reason] | Reason:
    return upstream if isinstance(upstream, Reason) else (upstream, found[upstream])


async def _finding(
    spec: tuple[str, str],
    package: Package | Reason,
    news: tuple[Upstream, tuple[Release, ...] | Reason] | Reason,
    upstreams: Upstreams,
    missing: Sequence[str],
) -> Finding:
    path, text = spec
    if isinstance(package, Reason):
        return Finding(path, text, None, None, Lookup(package))
    if isinstance(news, Reason):
        return Finding(path, text, package, None, Lookup(news))
    upstream, shown = news
    selected = select_contained(package, shown, evidence=Evidence(text, gone=missing))
    selected = await proven(selected, package, upstreams)
    if selected.target and package.update.manual:
        selected = replace(selected, reason=Reason(ReasonCode.MANUAL, selected.reason.detail))
    if selected.reason.code is ReasonCode.BAD_UPDATE_BLOCK and selected.reason.where is None:
        reason = replace(selected.reason, where=_update_block(path, text))
        selected = replace(selected, reason=reason)
    releases = () if isinstance(shown, Reason) else shown
    return Finding(path, text, package, upstream, selected, releases)


def _update_block(path: str, text: str) -> Where:
    """Return where a spec names its upstream: what a datasource refuses has no place else."""
    tree = read_tree(path, text)
    update = tree.map("update") if isinstance(tree, Map) else None
    for name in BACKENDS:
        if update and name in update.keys:
            backend = update.map(name)
            node = backend.keys.get("identifier") if backend else None
            return Where(path, (node or update.keys[name]).line)
    return Where(path, 1)
