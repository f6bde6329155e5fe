"""Answers kept in order to ask the host whether they changed.  Source: RFC 9110, section 13."""

from collections import OrderedDict
from collections.abc import Mapping

from octobot.model.lookup import HttpRequest, HttpResponse

_Key = tuple[str, tuple[tuple[str, str], ...]]
_LARGEST_SHARE = 8
_OK, _NOT_MODIFIED = 200, 304
_ASKED_BY = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


class Memory:
    """The answers to GETs that carried a validator; the longest unused ones go first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._answers: OrderedDict[_Key, HttpResponse] = OrderedDict()

    def conditions(self, request: HttpRequest) -> Mapping[str, str]:
        """Give the headers that ask for an answer only if it changed."""
        kept = self._answers.get(_key(request)) if request.method == "GET" else None
        if kept is None:
            return {}
        return {_ASKED_BY[name]: kept.headers[name] for name in _ASKED_BY if name in kept.headers}

    def settle(self, request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        """Take in an answer; for "not modified", give the one that was kept."""
        key = _key(request)
        if answer.status == _NOT_MODIFIED and key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        if request.method == "GET":
            self._forget(key)
            if self._worth_keeping(request, answer):
                self._keep(key, answer)
        return answer

    def _worth_keeping(self, request: HttpRequest, answer: HttpResponse) -> bool:
        if answer.status != _OK or request.partial:
            return False
        small = len(answer.body) <= self._size // _LARGEST_SHARE
        return small and any(name in answer.headers for name in _ASKED_BY)

    def _keep(self, key: _Key, answer: HttpResponse) -> None:
        self._answers[key] = answer
        self._used += len(answer.body)
        while self._used > self._size:
            self._forget(next(iter(self._answers)))

    def _forget(self, key: _Key) -> None:
        kept = self._answers.pop(key, None)
        self._used -= len(kept.body) if kept else 0


def _key(request: HttpRequest) -> _Key:
    return request.url, tuple(sorted(request.headers.items()))
