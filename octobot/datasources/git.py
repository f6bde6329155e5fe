"""Any git repository over HTTPS: `git ls-remote` as one POST, without a clone and without git.

Servers of protocol v2 answer `ls-refs` at once, narrowed to the refs of interest.  A server that
does not is asked for `info/refs` first, which also shows where a redirect leads, as git does it.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from itertools import groupby
from typing import assert_never

from octobot.datasources.git_refs import advertise, advertise_again, is_result, upload_pack
from octobot.datasources.gitwire.pack import committed, first_commit
from octobot.datasources.gitwire.pktline import pack_of, unpack
from octobot.datasources.gitwire.refs import Advertised, Ref, want
from octobot.model.ids import Sha
from octobot.model.lookup import (
    ConditionalLookup,
    HttpResponse,
    Known,
    Lookup,
    LookupResult,
    Request,
    Response,
    Shown,
    Unchanged,
)
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

_COMMIT_ONLY = 64 << 10
_WITH_FILES = 4 << 20


class Git:
    """The datasource `git`: tags, or the head of a branch."""

    name = "git"
    summary = "tags, or the head of a branch, of any git repository served over HTTPS"
    batch = 1

    def lookup(self, upstreams: Sequence[Upstream]) -> Lookup:
        """Ask each repository once, for all its upstreams."""
        findings: dict[Upstream, tuple[Release, ...] | Reason] = {}
        in_order = sorted(upstreams, key=lambda upstream: upstream.identifier)
        for repository, group in groupby(in_order, key=lambda upstream: upstream.identifier):
            asked = tuple(group)
            prefixes = sorted({prefix_of(upstream) for upstream in asked})
            advertised = yield from advertise(repository, prefixes)
            findings.update((yield from pick(advertised, asked)))
        return findings

    def lookup_if_changed(self, known: Mapping[Upstream, Known]) -> ConditionalLookup:
        """Ask each repository once, for the names of interest; skip an answer that is unchanged."""
        results: dict[Upstream, LookupResult] = {}
        in_order = sorted(known, key=lambda upstream: upstream.identifier)
        for repository, group in groupby(in_order, key=lambda upstream: upstream.identifier):
            asked = tuple(group)
            advertised = yield from advertise_again(
                repository,
                _prefixes(asked, known),
                mark=_mark_of({known[one].mark for one in asked}),
            )
            if isinstance(advertised, Unchanged):
                results.update(dict.fromkeys(asked, advertised))
                continue
            mark = "" if isinstance(advertised, Reason) else advertised.mark
            found = yield from pick(advertised, asked)
            for upstream, one in found.items():
                results[upstream] = one if isinstance(one, Reason) else Shown(one, mark)
        return results


def _mark_of(marks: set[str]) -> str:
    """Return the mark that all upstreams of a repository share; empty when they differ."""
    return next(iter(marks)) if len(marks) == 1 else ""


def _prefixes(asked: Iterable[Upstream], known: Mapping[Upstream, Known]) -> Sequence[str]:
    """Return the narrowest prefixes that let every name of interest through."""
    wanted = {
        prefix_of(upstream) + ("" if upstream.kind == "branch" else prefix)
        for upstream in asked
        for prefix in known[upstream].prefixes
    }
    return sorted(one for one in wanted if not any(one != o and one.startswith(o) for o in wanted))


def pick(advertised: Advertised | Reason, asked: Sequence[Upstream]) -> Lookup:
    """Return the releases of each upstream, from the refs of its repository."""
    if isinstance(advertised, Reason):
        return dict.fromkeys(asked, advertised)
    findings: dict[Upstream, tuple[Release, ...] | Reason] = {}
    for upstream in asked:
        if upstream.kind == "branch":
            findings[upstream] = yield from _branch(advertised, prefix_of(upstream))
        else:
            findings[upstream] = _tags(advertised.refs)
    return findings


def prefix_of(upstream: Upstream) -> str:
    """Return the narrowest beginning of the refs that an upstream is about."""
    match upstream.kind:
        case "branch":
            return f"refs/heads/{upstream.branch}" if upstream.branch else "HEAD"
        case "tags" | "releases":  # git knows no releases: its tags are what is published
            return "refs/tags/"
        case _:
            assert_never(upstream.kind)


def _tags(refs: Mapping[str, Ref]) -> tuple[Release, ...]:
    return tuple(
        Release(ref.name.removeprefix("refs/tags/"), commit=ref.commit, tag_object=ref.oid)
        for ref in refs.values()
        if ref.name.startswith("refs/tags/")
    )


def _branch(
    advertised: Advertised, name: str
) -> Generator[Request, Response, tuple[Release, ...] | Reason]:
    ref = advertised.refs.get(name)
    if ref is None:
        return Reason(ReasonCode.UPSTREAM_MISSING, f"{advertised.base} has no {name}")
    content = yield from _commit(advertised, ref.commit)
    moment = committed(content) if content is not None else None
    if moment is None:
        because = f"{advertised.base} did not return the date of commit {ref.commit}"
        return Reason(ReasonCode.UPSTREAM_UNREACHABLE, because)
    shown = (ref.target or ref.name).removeprefix("refs/heads/")
    return (Release(shown, commit=ref.commit, committed=moment),)


def _commit(advertised: Advertised, oid: Sha) -> Generator[Request, Response, bytes | None]:
    """Fetch one commit object; without its files where the server knows how to leave them out."""
    if advertised.protocol == "dumb":
        return None
    for filtered in (True, False) if advertised.protocol == "v2" else (False,):
        body = want(oid, advertised.protocol, filtered=filtered)
        limit = _COMMIT_ONLY if filtered else _WITH_FILES
        answer = yield upload_pack(advertised.base, body, limit=limit)
        if isinstance(answer, HttpResponse) and is_result(answer):
            found = first_commit(pack_of(unpack(answer.body)), oid)
            if found is not None:
                return found
    return None


def resolve(repository: str, ref: str) -> Generator[Request, Response, Sha | Reason | None]:
    """Find the commit that `ref` (`refs/tags/X`, `refs/heads/X`, `HEAD`) names, peeled.

    None: the repository has no such ref.
    """
    advertised = yield from advertise(repository, [ref])
    if isinstance(advertised, Reason):
        return advertised
    found = advertised.refs.get(ref)
    return found.commit if found else None
