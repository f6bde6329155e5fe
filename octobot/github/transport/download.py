"""Downloads: what GitHub keeps elsewhere and redirects to, such as logs and archives."""

from datetime import timedelta

import aiohttp
from yarl import URL

from octobot.github.transport.request import AGENT, CHUNK, Again, too_large
from octobot.github.transport.session import Session
from octobot.model.errors import TryLater

_DEADLINE = aiohttp.ClientTimeout(total=180, connect=10, sock_connect=10, sock_read=30)
_LARGEST = 512 << 20


async def download(session: Session, path: str, *, limit: int) -> bytes | None:
    """Follow a download's one redirect without credentials; the last `limit` bytes.

    None when GitHub has it no more.
    """
    answer = await session.exchange("GET", path)
    location = answer.headers.get("location", "")
    if answer.status != 302:  # noqa: PLR2004  (Found)
        return answer.data.encode()[-limit:] if isinstance(answer.data, str) else None
    if not location.startswith(("https://", f"{session.base_url.partition('//')[0]}//")):
        raise TryLater(f"GET {path} redirects away from https", after=timedelta(hours=1))
    return await session.retrying.copy()(_tail, session.http, location, limit)


async def _tail(http: aiohttp.ClientSession, url: str, limit: int) -> bytes | None:
    """Download without credentials and keep the last `limit` bytes; None when it is gone.

    Raises `Again` for everything that another try may fix, `TryLater` above 512 MiB.
    """
    end, seen = bytearray(), 0
    try:
        async with http.get(
            URL(url, encoded=True),
            headers={"user-agent": AGENT},
            allow_redirects=False,
            timeout=_DEADLINE,
        ) as response:
            if response.status != 200:  # noqa: PLR2004  (OK)
                _faulty(response.status)
                return None
            async for chunk in response.content.iter_chunked(CHUNK):
                seen += len(chunk)
                if seen > _LARGEST:
                    raise too_large("a download", _LARGEST)
                end += chunk
                if len(end) > limit + (1 << 20):
                    del end[:-limit]
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Again(f"a download broke off ({type(error).__name__})") from error
    return bytes(end[-limit:])


def _faulty(status: int) -> None:
    if status >= 500 or status == 429:  # noqa: PLR2004  (server errors; Too Many Requests)
        raise Again(f"a download answered {status}")
