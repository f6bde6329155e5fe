"""What people write on pull requests and issues, and their permissions here.

A delivery only names a comment; its text, its author and whether it was edited are read here, when
the command runs and in one query.  Whoever can write may edit anybody's comment, and REST's
times do not show that: only GraphQL's `lastEditedAt` and `editor` do, which are null unless it was
edited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from octobot.github.transport.json_fields import (
    Unexpected,
    at,
    items,
    maybe_number,
    moment,
    number,
    text,
)
from octobot.github.transport.request import refusal
from octobot.github.transport.session import Handle
from octobot.model.errors import TryLater
from octobot.model.orders import LEVELS, Comment, Level, Person

_PAGES = 3
"""Pages of a hundred comments that one call reads."""
_ABSENT = frozenset({404, 410})
_OVERLAP = timedelta(seconds=60)
"""A replica may show a comment later than a newer one, so each read begins a little earlier."""
_LAST_PAGE_SIZE = 100
_SOON = timedelta(minutes=1)
_AS_IT_IS = """query($id: ID!) {
  node(id: $id) {
    ... on IssueComment {
      body
      lastEditedAt
      editor { login }
      author { ... on Bot { databaseId } ... on User { databaseId } }
    }
  }
}"""


@dataclass(frozen=True, slots=True)
class PeopleComments:
    """What people write in one repository, and what they may do there."""

    handle: Handle

    async def level_of(self, person: Person) -> Level:
        """Read a person's permission now; "none" for one unknown to GitHub.

        `author_association` in a comment is not reliable, and a login can change hands; the answer
        has the id of the person that it is about.
        A custom role of the organisation counts as the coarse `permission` that it is based on.
        """
        path = self.handle.path("collaborators", person.login, "permission")
        found = await self.handle.session.find(path, fresh=True)
        if found is None or number(found, "user", "id") != person.id:
            return "none"
        for level in (at(found, "role_name"), at(found, "permission")):
            if level in LEVELS:
                return level
        return "none"

    async def get(self, comment: int) -> Comment | None:
        """Read a comment now, and whether it was edited; None when it was deleted.

        REST knows by which App it was written, GraphQL alone whether it was edited.
        """
        path = self.handle.path("issues/comments", comment)
        found = await self.handle.session.find(path, absent=_ABSENT, fresh=True)
        if found is None:
            return None
        return await self._as_it_is(text(found, "node_id"), _read(found))

    async def _as_it_is(self, node: str, comment: Comment) -> Comment:
        """Read text, author and edits together; `TryLater` when GitHub does not show them all."""
        answer = await self.handle.session.graphql_response(_AS_IT_IS, {"id": node})
        shown = at(answer.data, "node")
        if shown is None or answer.errors:  # deleted meanwhile, lag, a fault: read again later
            errors = "; ".join(str(at(error, "message")) for error in answer.errors)
            raise TryLater(f"GitHub did not show comment {comment.id}: {errors}", after=_SOON)
        author = maybe_number(shown, "author", "databaseId") or 0
        # Unless REST and GraphQL agree on the author, it is no person.
        foreign = author != comment.author.id
        return replace(
            comment,
            author=replace(comment.author, id=author, bot=comment.author.bot or foreign),
            body=text(shown, "body"),
            edited=_shown(shown, "lastEditedAt") is not None or _shown(shown, "editor") is not None,
        )

    async def since(self, since: datetime | None) -> tuple[tuple[Comment, ...], datetime]:
        """List comments changed since a time, oldest first, and the time to continue from."""
        if since is None:
            await self.handle.session.get(self.handle.path())
            return (), self._now() + _OVERLAP
        wanted = f"{since.astimezone(UTC) - _OVERLAP:%Y-%m-%dT%H:%M:%SZ}"
        path = self.handle.path("issues/comments", since=wanted, sort="updated", direction="asc")
        url: str | None = f"{path}&per_page={_LAST_PAGE_SIZE}"
        found: list[Comment] = []
        for _ in range(_PAGES):
            if url is None:
                break
            answer = await self.handle.session.exchange("GET", url)
            if not answer.fine:
                raise refusal(f"GET {path}", answer)
            found += [_read(each) for each in items(answer.data)]
            url = answer.next
        return tuple(found), _next_since(since, found, more=url is not None)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.handle.session.server.now(), UTC)


def _shown(node: object, key: str) -> object:
    """Read a field that may be null but must be there."""
    if not isinstance(node, Mapping) or key not in node:
        raise Unexpected(key, "value")
    return node[key]


def _next_since(since: datetime, found: Sequence[Comment], *, more: bool) -> datetime:
    """Return the time of the newest one; past a full list of equal times, a second later."""
    newest = max((each.updated for each in found), default=since)
    if more and newest <= since - _OVERLAP:
        return since + timedelta(seconds=1)
    return newest + _OVERLAP if more else max(newest, since)


def _read(data: object) -> Comment:
    url = text(data, "issue_url")
    thread = url.rpartition("/")[2]
    if not thread.isascii() or not thread.isdigit():
        raise Unexpected("issue_url", "number")
    user = at(data, "user")
    app = at(data, "performed_via_github_app") is not None
    return Comment(
        id=number(data, "id"),
        thread=int(thread),
        is_pull="/pull/" in text(data, "html_url"),
        author=Person(
            maybe_number(user, "id") or 0,
            text(user, "login") if user is not None else "",
            bot=app or at(user, "type") != "User",
        ),
        body=text(data, "body"),
        created=moment(data, "created_at"),
        updated=moment(data, "updated_at"),
    )
