"""GitHub's own list of the deliveries to this App, and asking for one of them again.

Source: docs.github.com, REST "Webhooks" of GitHub Apps; the list goes back three days.
"""

from datetime import datetime
from typing import Literal

import structlog
from yarl import URL

from octobot.github.transport.json_fields import Unexpected, at, items, number, text
from octobot.github.transport.request import Answer
from octobot.github.transport.session import Session
from octobot.model.delivery import Attempt, Attempts
from octobot.model.ids import Guid

log = structlog.get_logger()

_FINE = range(200, 400)


class HookLog:
    """The deliveries of the App's own hook; `session` is signed as the App itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def attempts(self, cursor: str | None) -> Attempts:
        """Read one page, newest first; an App without a hook, or a cursor too old, has none."""
        url = URL("/app/hook/deliveries").with_query({"per_page": "100"})
        if cursor:
            url = url.update_query(cursor=cursor)
        answer = await self._session.exchange("GET", str(url), fresh=True)
        if not answer.fine:
            log.info("no list of deliveries", status=answer.status, because=answer.words)
            return Attempts((), None)
        return Attempts(tuple(_attempt(each) for each in items(answer.data)), _next(answer))

    async def again(self, attempt: int) -> bool:
        """Ask for a delivery once more; False when GitHub has it no more."""
        answer = await self._session.exchange("POST", f"/app/hook/deliveries/{attempt}/attempts")
        return answer.fine


def _next(answer: Answer) -> str | None:
    return URL(answer.next).query.get("cursor") if answer.next else None


def _attempt(data: object) -> Attempt:
    return Attempt(
        id=number(data, "id"),
        guid=Guid(text(data, "guid")),
        at=_moment(text(data, "delivered_at")),
        outcome=_outcome(text(data, "status"), number(data, "status_code")),
        again=at(data, "redelivery") is True,
    )


def _outcome(status: str, code: int) -> Literal["fine", "failed", "pending"]:
    if status == "OK" or code in _FINE:
        return "fine"
    return "pending" if status.lower() == "pending" else "failed"


def _moment(iso: str) -> datetime:
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        raise Unexpected("delivered_at", "time") from None
    if moment.tzinfo is None:
        raise Unexpected("delivered_at", "time with its zone")
    return moment
