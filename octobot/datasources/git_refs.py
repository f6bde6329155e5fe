"""Which refs a repository has: the request of `git ls-remote`, and its answer.

A mark is the digest of an answer's bytes with the protocol that was used: equal bytes are not read
again, and a host that requires a request for `info/refs` first gets it at once the next time.
"""

import hashlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from octobot.datasources.gitwire.refs import (
    Advertised,
    Capable,
    ls_refs,
    read_dumb_refs,
    read_info_refs,
    read_ls_refs,
)
from octobot.model.addresses import scheme_of, split
from octobot.model.lookup import (
    HttpRequest,
    HttpResponse,
    Request,
    Response,
    Unchanged,
    Unreachable,
)
from octobot.model.reasons import Reason, ReasonCode

_SERVICE = "git-upload-pack"
_RESULT = f"application/x-{_SERVICE}-result"
_ADVERTISEMENT = f"application/x-{_SERVICE}-advertisement"
# Some hosts answer only git's own client, which they recognise by this name.
_AGENT = {"User-Agent": "git/2.45 octobot", "Git-Protocol": "version=2"}
_GONE = frozenset({401, 404, 410})
"""401 is how GitHub and GitLab say 404 to somebody without an account."""
_OK = 200
_NOT_HTTPS = "not an https address, and no other is asked; write https://"
_INTRODUCED = "get:"
"""The prefix of the mark of a repository whose host requires `info/refs` first."""

Requests = Generator[Request, Response, Advertised | Reason]
ConditionalRequests = Generator[Request, Response, Advertised | Reason | Unchanged]


def advertise(repository: str, prefixes: Sequence[str]) -> Requests:
    """Ask which refs start with one of `prefixes`; older servers return others too."""
    advertised = yield from advertise_again(repository, prefixes, mark="")
    if isinstance(advertised, Unchanged):
        return Reason(ReasonCode.INTERNAL_ERROR, "nothing was known that could be unchanged")
    return advertised


def advertise_again(repository: str, prefixes: Sequence[str], *, mark: str) -> ConditionalRequests:
    """Ask as `advertise` does; `Unchanged` when the answer has this mark."""
    if split(repository) is None:
        return Reason(ReasonCode.UNSUPPORTED_SOURCE, f"{repository[:200]!r} is not an address")
    if scheme_of(repository) != "https":
        return Reason(ReasonCode.UNSUPPORTED_SOURCE, f"{repository} is {_NOT_HTTPS}")
    base = repository.rstrip("/")
    question = _Question(tuple(prefixes), mark)
    if mark.startswith(_INTRODUCED):
        return (yield from _by_introduction(base, question))
    advertised = yield from _ls_refs(base, question)
    match advertised:
        case Unreachable():
            return _unreachable(base, advertised.because)
        case None:
            return (yield from _by_introduction(base, question))
        case _:
            return advertised


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of a repository, and the mark of the last answer."""

    prefixes: tuple[str, ...]
    mark: str

    def mark_of(self, body: bytes, *, introduced: bool) -> str:
        digest = hashlib.sha256("\n".join(self.prefixes).encode("utf-8", "surrogatepass") + body)
        return (_INTRODUCED if introduced else "") + digest.hexdigest()[:32]


def _ls_refs(
    base: str, question: _Question, *, introduced: bool = False
) -> Generator[Request, Response, Advertised | Unchanged | Unreachable | None]:
    answer = yield upload_pack(base, ls_refs(question.prefixes))
    if isinstance(answer, Unreachable):
        return answer
    if not isinstance(answer, HttpResponse) or not _is(answer, _RESULT):
        return None
    mark = question.mark_of(answer.body, introduced=introduced)
    if mark == question.mark:
        return Unchanged()
    refs = read_ls_refs(answer.body)
    if refs is None:
        return None
    return Advertised(_landed(answer, base, f"/{_SERVICE}"), "v2", refs, mark)


def _landed(answer: HttpResponse, base: str, suffix: str) -> str:
    """Return the repository's URL after redirects, as git finds it: by what is left of the path."""
    return answer.url.removesuffix(suffix) if answer.url.endswith(suffix) else base


def _by_introduction(base: str, question: _Question) -> ConditionalRequests:
    suffix = f"/info/refs?service={_SERVICE}"
    answer = yield HttpRequest(base + suffix, headers=_AGENT)
    match answer:
        case HttpResponse(status=200):
            return (yield from _introduced(_landed(answer, base, suffix), answer, question))
        case HttpResponse(status=status) if status in _GONE:
            return Reason(ReasonCode.UPSTREAM_MISSING, f"{base} answered HTTP {status}")
        case HttpResponse(status=status):
            return _unreachable(base, f"HTTP {status}")
        case Unreachable(because=because):
            return _unreachable(base, because)
        case _:
            return _unreachable(base, "the answer is not HTTP's")


def _introduced(base: str, answer: HttpResponse, question: _Question) -> ConditionalRequests:
    mark = question.mark_of(answer.body, introduced=True)
    if mark == question.mark:
        return Unchanged()
    if not _is(answer, _ADVERTISEMENT):
        return _dumb(base, answer, mark)
    listed = read_info_refs(answer.body)
    if isinstance(listed, Capable):
        refs = yield from _ls_refs(base, question, introduced=True)
        if refs is None or isinstance(refs, Unreachable):
            return _unreachable(base, refs.because if refs else "ls-refs was not answered")
        return refs
    if listed is None:
        return _unreachable(base, "the list of refs is cut off")
    return Advertised(base, "v0", listed, mark)


def _dumb(base: str, answer: HttpResponse, mark: str) -> Advertised | Reason:
    dumb = read_dumb_refs(answer.body) if _is(answer, "text/plain") else None
    if dumb is None:
        return _unreachable(base, "the answer is not git's")
    return Advertised(base, "dumb", dumb, mark)


def upload_pack(base: str, body: bytes, *, limit: int = 0) -> HttpRequest:
    """Make a request to the repository's upload-pack; with `limit`, read only the beginning."""
    headers = {**_AGENT, "Content-Type": f"application/x-{_SERVICE}-request", "Accept": _RESULT}
    url = f"{base}/{_SERVICE}"
    if limit:
        return HttpRequest(
            url, method="POST", headers=headers, body=body, limit=limit, partial=True
        )
    return HttpRequest(url, method="POST", headers=headers, body=body)


def is_result(answer: HttpResponse) -> bool:
    """Return whether this is an answer of upload-pack."""
    return _is(answer, _RESULT)


def _is(answer: HttpResponse, content_type: str) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return answer.status == _OK and kind == content_type


def _unreachable(base: str, because: str) -> Reason:
    return Reason(ReasonCode.UPSTREAM_UNREACHABLE, f"{base}: {because}")
