"""PyGithub on a `Session`: its object model for the operator's commands, and no I/O of its own.

PyGithub's connection class is replaced, so that each of its requests becomes one of a
`Session`.  Left alone it would repeat a POST that was answered 502, and sleep without a cap.
PyGithub is synchronous: use what `pygithub` gives in `asyncio.to_thread`.
"""

import asyncio
import itertools
from collections.abc import Iterable, Mapping
from typing import cast

from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester

from octobot.github.transport.session import Session

_SCHEME = "session "
_LONGEST = 300
"""Seconds that a thread waits for one request; the session's own deadlines come first."""
_SESSIONS: dict[str, tuple[Session, asyncio.AbstractEventLoop]] = {}
_NUMBERS = itertools.count(1)


class _Response:
    """What PyGithub reads of an answer."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self._headers, self._body = status, headers, body

    def getheaders(self) -> Iterable[tuple[str, str]]:
        return list(self._headers.items())

    def read(self) -> str:
        return self._body.decode("utf-8", "replace")


class _Connection:
    """A connection that hands its request to the session which the request names."""

    def __init__(self, host: str, port: int | None = None, **_options: object) -> None:
        self.host, self.port = host, port
        self._asked: tuple[str, str, bytes, dict[str, str]] = ("", "", b"", {})

    def request(
        self,
        verb: str,
        url: str,
        body: str | None,
        headers: dict[str, str],
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002  (PyGithub's own signature)
    ) -> None:
        self._asked = verb, url, (body or "").encode(), dict(headers)

    def getresponse(self) -> _Response:
        verb, url, body, headers = self._asked
        transport, loop = _SESSIONS[headers.pop("Authorization", "").removeprefix(_SCHEME)]
        origin = "/".join(transport.base_url.split("/", 3)[:3])
        sending = transport._request(verb, origin + url, headers, body)  # noqa: SLF001  (gidgethub's one hook)
        return _Response(*asyncio.run_coroutine_threadsafe(sending, loop).result(_LONGEST))

    def close(self) -> None:
        """Nothing is held open here."""


class _Ticket(Auth.Auth):
    """Names a session where PyGithub would put a token; PyGithub never sees a real one."""

    def __init__(self, session: str) -> None:
        self._session = session

    @property
    def token_type(self) -> str:
        return _SCHEME.strip()

    @property
    def token(self) -> str:
        return self._session

    @property
    def _masked_token(self) -> str:
        return self._session

    def authentication(self, headers: dict[str, str]) -> None:
        headers["Authorization"] = _SCHEME + self._session


def pygithub(transport: Session) -> Github:
    """Return PyGithub on this session; call it on the event loop, use the result in a thread."""
    Requester.injectConnectionClasses(
        cast("type[HTTPRequestsConnectionClass]", _Connection),
        cast("type[HTTPSRequestsConnectionClass]", _Connection),
    )
    session = str(next(_NUMBERS))
    _SESSIONS[session] = transport, asyncio.get_running_loop()
    return Github(
        auth=_Ticket(session),
        base_url=transport.base_url,
        per_page=100,
        lazy=True,
        # The session itself repeats and paces.
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
