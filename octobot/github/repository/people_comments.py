"""What people write on pull requests and issues, and their permissions here.

Four kinds of text are read: comments, reviews, review comments, and the first text of an issue or
pull request.  A delivery only names a text; its words, its author and whether it was edited are
read here, when the command runs and in one query.  Whoever can write may edit anybody's text, and
REST's times do not show that: only GraphQL's `lastEditedAt` and `editor` do, which are null unless
it was edited.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from octobot.model.ids import Sha
from octobot.model.orders import LEVELS, Comment, Level, Person, TextKind, TextRef

_PAGES = 3
"""Pages of a hundred comments that one call reads."""
_ABSENT = frozenset({404, 410})
_OVERLAP = timedelta(seconds=60)
"""A replica may show a comment later than a newer one, so each read begins a little earlier."""
_LAST_PAGE_SIZE = 100
_SOON = timedelta(minutes=1)
_AS_IT_IS = """query($id: ID!) {
  node(id: $id) {
    ... on Comment {
      body
      lastEditedAt
      editor { login ... on Bot { databaseId } ... on User { databaseId } }
      author { ... on Bot { databaseId } ... on User { databaseId } }
    }
  }
}"""
_LISTS: Mapping[TextKind, tuple[str, Mapping[str, str]]] = {
    "comment": ("issues/comments", {}),
    "review comment": ("pulls/comments", {}),
    "issue": ("issues", {"state": "all"}),
}
"""The lists of a whole repository, by what changed; there is no list of reviews."""


@dataclass(frozen=True, slots=True)
class PeopleComments:
    """What people write in one repository, and what they may do there."""

    handle: Handle
    _read: dict[int, datetime] = field(default_factory=dict)
    """When each pull request had changed last whose reviews were read after all lag."""

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

    @property
    def slug(self) -> str:
        """The name by which people mention octobot."""
        return self.handle.bot.slug

    async def get(self, ref: TextRef) -> Comment | None:
        """Read a text now, and whether it was edited; None when it was deleted.

        REST knows by which App it was written, GraphQL alone whether it was edited.
        """
        found = await self.handle.session.find(self._path(ref), absent=_ABSENT, fresh=True)
        read = None if found is None else _READERS[ref.kind](found)
        return read and await self._as_it_is(text(found, "node_id"), read)

    def _path(self, ref: TextRef) -> str:
        match ref.kind:
            case "comment":
                return self.handle.path("issues/comments", ref.id)
            case "review comment":
                return self.handle.path("pulls/comments", ref.id)
            case "review":
                return self.handle.path("pulls", ref.thread, "reviews", ref.id)
            case "issue":
                return self.handle.path("issues", ref.id)

    async def _as_it_is(self, node: str, comment: Comment) -> Comment:
        """Read text, author and edits together; `TryLater` when GitHub does not show them all."""
        answer = await self.handle.session.graphql_response(_AS_IT_IS, {"id": node})
        shown = at(answer.data, "node")
        if shown is None or answer.errors:  # deleted meanwhile, lag, a fault: read again later
            errors = "; ".join(str(at(error, "message")) for error in answer.errors)
            about = f"{comment.kind} {comment.id}"
            raise TryLater(f"GitHub did not show {about}: {errors}", after=_SOON)
        author = maybe_number(shown, "author", "databaseId") or 0
        # Unless REST and GraphQL agree on the author, it is no person.
        foreign = author != comment.author.id
        return replace(
            comment,
            author=replace(comment.author, id=author, bot=comment.author.bot or foreign),
            body=text(shown, "body"),
            edited=_shown(shown, "lastEditedAt") is not None or _shown(shown, "editor") is not None,
            editor=maybe_number(shown, "editor", "databaseId"),
        )

    async def reviews(
        self, pulls: Sequence[Comment]
    ) -> tuple[tuple[Comment, ...], Mapping[int, datetime]]:
        """List the submitted reviews of pull requests that changed, oldest first.

        `pulls` are their first texts.  One that did not change since its reviews were read is left
        out: the list of what changed begins a little earlier each time.  Which were read after all
        lag, and when each had changed, is returned for `have_read`.
        """
        caught_up = self._now() - _OVERLAP
        found = [
            _review(each)
            for pull in pulls
            if self._read.get(pull.thread) != pull.updated
            for each in await self.handle.session.pages(
                self.handle.path("pulls", pull.thread, "reviews")
            )
        ]
        read = {one.thread: one.updated for one in pulls if one.updated < caught_up}
        return tuple(review for review in found if review is not None), read

    def have_read(self, pulls: Mapping[int, datetime]) -> None:
        """Remember that the reviews of these were obeyed, and forget those that changed before."""
        self._read.clear()
        self._read.update(pulls)

    async def since(
        self, since: datetime | None, kind: TextKind = "comment"
    ) -> tuple[tuple[Comment, ...], datetime]:
        """List a kind of texts changed since a time, and the time to continue from.

        They are listed oldest first.
        """
        if since is None:
            await self.handle.session.get(self.handle.path())
            return (), self._now() + _OVERLAP
        wanted = f"{since.astimezone(UTC) - _OVERLAP:%Y-%m-%dT%H:%M:%SZ}"
        place, query = _LISTS[kind]
        path = self.handle.path(place, since=wanted, sort="updated", direction="asc", **query)
        url: str | None = f"{path}&per_page={_LAST_PAGE_SIZE}"
        found: list[Comment] = []
        for _ in range(_PAGES):
            if url is None:
                break
            answer = await self.handle.session.exchange("GET", url)
            if not answer.fine:
                raise refusal(f"GET {path}", answer)
            found += [one for each in items(answer.data) if (one := _READERS[kind](each))]
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


def _comment(data: object) -> Comment:
    return Comment(
        id=number(data, "id"),
        thread=_number_in(data, "issue_url"),
        is_pull="/pull/" in text(data, "html_url"),
        author=_author(data),
        body=text(data, "body"),
        created=moment(data, "created_at"),
        updated=moment(data, "updated_at"),
    )


def _review_comment(data: object) -> Comment:
    return Comment(
        id=number(data, "id"),
        thread=_number_in(data, "pull_request_url"),
        is_pull=True,
        author=_author(data),
        body=text(data, "body"),
        created=moment(data, "created_at"),
        updated=moment(data, "updated_at"),
        kind="review comment",
        about=Sha(text(data, "original_commit_id")),
    )


def _review(data: object) -> Comment | None:
    """Read a review; None while it is pending, and of a commit that is gone nothing is known."""
    if at(data, "submitted_at") is None:
        return None
    commit = at(data, "commit_id")
    return Comment(
        id=number(data, "id"),
        thread=_number_in(data, "pull_request_url"),
        is_pull=True,
        author=_author(data),
        body=_maybe_empty(data),
        created=moment(data, "submitted_at"),
        updated=moment(data, "submitted_at"),
        kind="review",
        about=Sha(commit) if isinstance(commit, str) else None,
    )


def _first_text(data: object) -> Comment:
    return Comment(
        id=number(data, "number"),
        thread=number(data, "number"),
        is_pull=at(data, "pull_request") is not None,
        author=_author(data),
        body=_maybe_empty(data),
        created=moment(data, "created_at"),
        updated=moment(data, "updated_at"),
        kind="issue",
    )


_READERS: Mapping[TextKind, Callable[[object], Comment | None]] = {
    "comment": _comment,
    "review": _review,
    "review comment": _review_comment,
    "issue": _first_text,
}


def _maybe_empty(data: object) -> str:
    return "" if at(data, "body") is None else text(data, "body")


def _number_in(data: object, key: str) -> int:
    """Read the number at the end of an address."""
    found = text(data, key).rpartition("/")[2]
    if not found.isascii() or not found.isdigit():
        raise Unexpected(key, "number")
    return int(found)


def _author(data: object) -> Person:
    user = at(data, "user")
    app = at(data, "performed_via_github_app") is not None
    return Person(
        maybe_number(user, "id") or 0,
        text(user, "login") if user is not None else "",
        bot=app or at(user, "type") != "User",
    )
