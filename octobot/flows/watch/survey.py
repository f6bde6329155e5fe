"""What is outdated?  A check of specs on a disk: nothing is remembered, nothing is written.

The same selection as `watch`, for `octobot check` and `octobot update`, without an App.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from octobot.flows.lookup.contain import Caught
from octobot.flows.lookup.drive import answer, ask
from octobot.flows.lookup.pins import gone, look_up
from octobot.flows.lookup.plausible import Evidence
from octobot.flows.lookup.prove import proven
from octobot.flows.lookup.select import Lookup, select_contained, upstream_of
from octobot.flows.upstreams import Upstreams
from octobot.model.bump import Bumped
from octobot.model.package import Package, Upstream
from octobot.model.reasons import STUCK, Reason, ReasonCode
from octobot.model.release import Release
from octobot.specs.bump.bump import bump
from octobot.specs.read.package import read

INCONCLUSIVE = frozenset(
    {
        ReasonCode.BAD_SPEC,
        ReasonCode.BAD_UPDATE_BLOCK,
        ReasonCode.INVALID_REGEX,
        ReasonCode.UNKNOWN_TEMPLATE,
        ReasonCode.UNSUPPORTED_SOURCE,
        ReasonCode.UPSTREAM_MISSING,
        ReasonCode.UPSTREAM_UNREACHABLE,
        ReasonCode.TAG_MOVED,
        ReasonCode.PIN_UNRESOLVED,
        ReasonCode.INTERNAL_ERROR,
        *STUCK,
    }
)
"""Reasons with which nobody knows whether the spec is outdated."""


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
        return self.found.reason.code in INCONCLUSIVE


async def survey(specs: Mapping[str, str], upstreams: Upstreams) -> tuple[Finding, ...]:
    """Check every spec (path → text) once, in the order of their paths."""
    packages = {path: _read(path, text) for path, text in sorted(specs.items())}
    asked = {path: _upstream(package) for path, package in packages.items()}
    found = await ask(upstreams, (one for one in asked.values() if isinstance(one, Upstream)))
    readable = [one for one in packages.values() if isinstance(one, Package) and one.upstream]
    there, wanted = await look_up(readable, upstreams)
    return tuple(
        [
            await _finding(
                (path, specs[path]),
                package,
                _news(asked[path], found),
                upstreams,
                gone(wanted.get(path, {}), there),
            )
            for path, package in packages.items()
        ]
    )


async def bumped(finding: Finding, upstreams: Upstreams) -> Bumped | Reason:
    """Return the spec's text at its newest version, or why it has none."""
    if finding.found.target is None:
        return finding.found.reason
    with Caught() as caught:
        return await answer(bump(finding.path, finding.text, finding.found.target), upstreams)
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
    upstream, releases = news
    selected = select_contained(package, releases, evidence=Evidence(text, gone=missing))
    selected = await proven(selected, package, upstreams)
    if selected.target and package.update.manual:
        selected = replace(selected, reason=Reason(ReasonCode.MANUAL, selected.reason.detail))
    return Finding(path, text, package, upstream, selected)
