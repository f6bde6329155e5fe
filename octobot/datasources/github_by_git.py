"""GitHub without a token: its GraphQL refuses strangers, its git server does not.

Tags stand in for releases here, so drafts never show, and a pre-release shows as any other tag.
"""

from collections.abc import Sequence
from itertools import groupby

from octobot.datasources.git import pick, prefix_of
from octobot.datasources.git_refs import advertise
from octobot.datasources.gitwire.refs import Advertised
from octobot.model.addresses import split
from octobot.model.lookup import Lookup
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release


def look_by_git(upstreams: Sequence[Upstream]) -> Lookup:
    """Ask each repository once; a renamed one is not followed."""
    findings: dict[Upstream, tuple[Release, ...] | Reason] = {}
    in_order = sorted(upstreams, key=lambda upstream: upstream.identifier)
    for identifier, group in groupby(in_order, key=lambda upstream: upstream.identifier):
        asked = tuple(group)
        prefixes = sorted({prefix_of(upstream) for upstream in asked})
        advertised = yield from advertise(f"https://github.com/{identifier}", prefixes)
        findings.update((yield from pick(_unmoved(identifier, advertised), asked)))
    return findings


def _unmoved(identifier: str, advertised: Advertised | Reason) -> Advertised | Reason:
    if isinstance(advertised, Reason):
        return advertised
    there = split(advertised.base)
    now = there.path.strip("/").removesuffix(".git") if there else advertised.base
    if now.casefold() == identifier.casefold():
        return advertised
    because = f"{identifier} was renamed to {now}: the spec must say which"
    return Reason(ReasonCode.UPSTREAM_MISSING, because)
