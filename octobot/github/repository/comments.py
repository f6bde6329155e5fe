"""Comments and issues of ours: found again by author and hidden tag, replaced in place.

The tag alone could be typed by anybody and the author alone has many comments; together they are
ours.  The tag is the text's last line, so that foreign text quoted within cannot pose as it.
"""

import re

from octobot.github.repository.handle import Handle
from octobot.github.transport.json_fields import at, maybe_number, number
from octobot.github.transport.request import AnswerLost
from octobot.github.transport.transport import refusal

_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_. -]{0,200}")


async def comment(handle: Handle, thread: int, *, tag: str, body: str) -> None:
    """Put one comment of ours on a pull request or issue, in place of the one with this tag."""
    wanted = tagged(tag, body)
    path = handle.path("issues", thread, "comments")
    standing = await _find(handle, path, tag)
    if standing is None:
        await _create(handle, path, {"body": wanted}, tag)
    elif _plain(standing) != wanted:
        place = handle.path("issues/comments", number(standing, "id"))
        await _write(handle, "PATCH", place, {"body": wanted})


async def issue(handle: Handle, *, tag: str, title: str, body: str) -> int:
    """Open an issue of ours, or bring the open one with this tag up to date; give its number."""
    wanted: dict[str, object] = {"title": title, "body": tagged(tag, body)}
    standing = await _find(handle, _open_issues(handle), tag)
    if standing is None:
        made = await _create(handle, handle.path("issues"), wanted, tag)
        return number(made, "number")
    if at(standing, "title") != title or _plain(standing) != wanted["body"]:
        place = handle.path("issues", number(standing, "number"))
        await _write(handle, "PATCH", place, wanted)
    return number(standing, "number")


async def close_issue(handle: Handle, issue_number: int) -> None:
    """Close an issue; closed already stays so."""
    wanted: dict[str, object] = {"state": "closed", "state_reason": "completed"}
    await _write(handle, "PATCH", handle.path("issues", issue_number), wanted)


async def has_said(handle: Handle, thread: int | None, tag: str) -> bool:
    """Tell whether our comment with this tag is shown; `thread` None: our open issue."""
    path = _open_issues(handle) if thread is None else handle.path("issues", thread, "comments")
    return await _find(handle, path, tag) is not None


async def find(handle: Handle, thread: int, tag: str) -> object | None:
    """Find our comment with this tag; None when there is none (any more)."""
    return await _find(handle, handle.path("issues", thread, "comments"), tag)


def tagged(tag: str, body: str) -> str:
    """End a text with its hidden tag; a tag may name a package and a version."""
    if not _TAG.fullmatch(tag):
        raise ValueError(f"{tag!r} cannot be hidden in a comment")
    return f"{body.rstrip()}\n\n{_hidden(tag)}"


def _hidden(tag: str) -> str:
    return f"<!-- octobot:{tag} -->"


def _open_issues(handle: Handle) -> str:
    return handle.path("issues", state="open", creator=handle.bot.login)


def _plain(standing: object) -> str:
    """Give a text as it was sent: GitHub may keep it with CR LF."""
    shown = at(standing, "body")
    return shown.replace("\r\n", "\n").rstrip() if isinstance(shown, str) else ""


async def _find(handle: Handle, path: str, tag: str) -> object | None:
    """Find the oldest of ours with this tag; a pull request is no issue."""
    for each in await handle.road.pages(path):
        ours = maybe_number(at(each, "user"), "id") == handle.bot.id
        tagged_so = _plain(each).splitlines()[-1:] == [_hidden(tag)]
        if ours and tagged_so and at(each, "pull_request") is None:
            return each
    return None


async def _create(handle: Handle, path: str, wanted: dict[str, object], tag: str) -> object:
    try:
        return await _write(handle, "POST", path, wanted)
    except AnswerLost:
        made = await _find(handle, f"{path}?state=open" if path.endswith("/issues") else path, tag)
        if made is None:
            raise
        return made


async def _write(handle: Handle, method: str, path: str, wanted: dict[str, object]) -> object:
    answer = await handle.road.exchange(method, path, wanted)
    if not answer.fine:
        raise refusal(f"{method} {path}", answer)
    return answer.data
