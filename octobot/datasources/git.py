"""Any git repository over HTTPS: `git ls-remote` as one POST, without a clone and without git.

Servers of protocol v2 answer `ls-refs` at once, narrowed to the refs of interest.  A server that
does not is asked for `info/refs` first, which also shows where a redirect leads, as git does it.
"""

from collections.abc import Generator, Mapping, Sequence
from itertools import groupby
from typing import assert_never
from urllib.parse import urlsplit

from octobot.datasources.gitwire.pack import committed, first_commit
from octobot.datasources.gitwire.pktline import pack_of, unpack
from octobot.datasources.gitwire.refs import (
    Advertised,
    Capable,
    Ref,
    ls_refs,
    read_dumb_refs,
    read_info_refs,
    read_ls_refs,
    want,
)
from octobot.model.ids import Sha
from octobot.model.lookup import (
    HttpRequest,
    HttpResponse,
    Lookup,
    Request,
    Response,
    Unreachable,
)
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

_SERVICE = "git-upload-pack"
_RESULT = f"application/x-{_SERVICE}-result"
_ADVERTISEMENT = f"application/x-{_SERVICE}-advertisement"
# Some hosts answer git's own client only, and tell it by its name.
_AGENT = {"User-Agent": "git/2.45 octobot", "Git-Protocol": "version=2"}
_GONE = frozenset({401, 404, 410})
"""401 is how GitHub and GitLab say 404 to somebody without an account."""
_OK = 200
_COMMIT_ONLY = 64 << 10
_WITH_FILES = 4 << 20

Asking = Generator[Request, Response, Advertised | Reason]


class Git:
    """The datasource `git`: tags, or the head of a branch."""

    name = "git"
    summary = "tags, or the head of a branch, of any git repository served over HTTPS"
    batch = 1

    def lookup(self, upstreams: Sequence[Upstream]) -> Lookup:
        """Ask each repository once, whatever is wanted of it."""
        findings: dict[Upstream, tuple[Release, ...] | Reason] = {}
        in_order = sorted(upstreams, key=lambda upstream: upstream.identifier)
        for repository, group in groupby(in_order, key=lambda upstream: upstream.identifier):
            asked = tuple(group)
            prefixes = sorted({prefix_of(upstream) for upstream in asked})
            advertised = yield from advertise(repository, prefixes)
            findings.update((yield from pick(advertised, asked)))
        return findings


def pick(advertised: Advertised | Reason, asked: Sequence[Upstream]) -> Lookup:
    """Find what each upstream wants in the refs of its repository."""
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
    """Give the narrowest beginning of the refs that an upstream is about."""
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
        because = f"{advertised.base} did not tell the date of commit {ref.commit}"
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
        if isinstance(answer, HttpResponse) and _is(answer, _RESULT):
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


def advertise(repository: str, prefixes: Sequence[str]) -> Asking:
    """Ask which refs start with one of `prefixes`; older servers tell of others too."""
    if urlsplit(repository).scheme not in {"http", "https"}:
        return Reason(ReasonCode.UNSUPPORTED_SOURCE, f"{repository} is not an https address")
    base = repository.rstrip("/")
    advertised = yield from _ls_refs(base, prefixes)
    match advertised:
        case Unreachable():
            return _unreachable(base, advertised.because)
        case None:
            return (yield from _by_introduction(base, prefixes))
        case _:
            return advertised


def _ls_refs(
    base: str, prefixes: Sequence[str]
) -> Generator[Request, Response, Advertised | Unreachable | None]:
    answer = yield upload_pack(base, ls_refs(prefixes))
    if isinstance(answer, Unreachable):
        return answer
    if not isinstance(answer, HttpResponse) or not _is(answer, _RESULT):
        return None
    refs = read_ls_refs(answer.body)
    return None if refs is None else Advertised(_landed(answer, base, f"/{_SERVICE}"), "v2", refs)


def _landed(answer: HttpResponse, base: str, suffix: str) -> str:
    """Give the repository's URL after redirects, as git finds it: by what is left of the path."""
    return answer.url.removesuffix(suffix) if answer.url.endswith(suffix) else base


def _by_introduction(base: str, prefixes: Sequence[str]) -> Asking:
    suffix = f"/info/refs?service={_SERVICE}"
    answer = yield HttpRequest(base + suffix, headers=_AGENT)
    match answer:
        case HttpResponse(status=200):
            return (yield from _introduced(_landed(answer, base, suffix), answer, prefixes))
        case HttpResponse(status=status) if status in _GONE:
            return Reason(ReasonCode.UPSTREAM_MISSING, f"{base} answered HTTP {status}")
        case HttpResponse(status=status):
            return _unreachable(base, f"HTTP {status}")
        case Unreachable(because=because):
            return _unreachable(base, because)
        case _:
            return _unreachable(base, "the answer is not HTTP's")


def _introduced(base: str, answer: HttpResponse, prefixes: Sequence[str]) -> Asking:
    if not _is(answer, _ADVERTISEMENT):
        dumb = read_dumb_refs(answer.body) if _is(answer, "text/plain") else None
        if dumb is None:
            return _unreachable(base, "the answer is not git's")
        return Advertised(base, "dumb", dumb)
    listed = read_info_refs(answer.body)
    if isinstance(listed, Capable):
        told = yield from _ls_refs(base, prefixes)
        if told is None or isinstance(told, Unreachable):
            return _unreachable(base, told.because if told else "ls-refs was not answered")
        return told
    if listed is None:
        return _unreachable(base, "the list of refs is cut off")
    return Advertised(base, "v0", listed)


def upload_pack(base: str, body: bytes, *, limit: int = 0) -> HttpRequest:
    """Address one message to the repository's upload-pack; with `limit`, its beginning will do."""
    headers = {
        **_AGENT,
        "Content-Type": f"application/x-{_SERVICE}-request",
        "Accept": _RESULT,
    }
    url = f"{base}/{_SERVICE}"
    if limit:
        return HttpRequest(
            url, method="POST", headers=headers, body=body, limit=limit, partial=True
        )
    return HttpRequest(url, method="POST", headers=headers, body=body)


def _is(answer: HttpResponse, content_type: str) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return answer.status == _OK and kind == content_type


def _unreachable(base: str, because: str) -> Reason:
    return Reason(ReasonCode.UPSTREAM_UNREACHABLE, f"{base}: {because}")
