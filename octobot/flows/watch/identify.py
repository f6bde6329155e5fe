"""Which repository on GitHub an upstream is: by its number, since a name can be taken over."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from octobot.datasources.github_reading import number_of
from octobot.flows.context import RepoContext
from octobot.flows.lookup.drive import converse
from octobot.flows.lookup.fetch import Counted
from octobot.flows.watch.record import digest_of
from octobot.model.lookup import LookupResult, Postponed, Shown
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode

_News = Mapping[Upstream, LookupResult]


async def with_numbers(
    ctx: RepoContext, upstreams: Counted, news: _News, digests: Mapping[Upstream, str]
) -> _News:
    """Add the number of repositories on GitHub that only git showed, where something is new.

    Without an answer a repository whose number is known is not believed: somebody else may have its
    name.  `digests`: of what each upstream showed before.
    """
    silent = [
        upstream
        for upstream, one in news.items()
        if upstream.datasource == "github"
        and isinstance(one, Shown)
        and one.identity is None
        and digests.get(upstream) != digest_of(one.releases)
    ]
    if not silent:
        return news
    found, known = dict(news), await ctx.store.identities.known(silent)
    for upstream in silent:
        number, one = await converse(number_of(upstream.identifier), upstreams), news[upstream]
        if number is not None and isinstance(one, Shown):
            found[upstream] = replace(one, identity=number)
        elif upstream in known:
            because = f"GitHub does not show which repository {upstream.identifier} is now"
            found[upstream] = Postponed(because)
    return found


async def without_replaced(ctx: RepoContext, news: _News, *, now: datetime) -> _News:
    """Take no news from a repository that has the name of another one."""
    seen = {
        upstream: one.identity
        for upstream, one in news.items()
        if isinstance(one, Shown) and one.identity is not None
    }
    if not seen:
        return news
    found = await ctx.store.identities.identify(seen, now=now)
    replaced = {
        upstream: Reason(
            ReasonCode.UPSTREAM_REPLACED,
            f"{upstream.identifier} was repository {identity.first}, then {identity.other}",
        )
        for upstream, identity in found.items()
        if identity.other is not None
    }
    return {**news, **replaced}
