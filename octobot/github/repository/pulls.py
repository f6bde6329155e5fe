"""Pull requests: finding, opening, closing and merging them; a doubtful result is read again.

GitHub's lists lag behind its writes, so nothing found there right after a write proves absence.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from octobot.github.repository.open_pulls import OpenPulls
from octobot.github.transport.json_fields import at, maybe_number, moment, number, sha, text
from octobot.github.transport.request import Answer, AnswerLost, refusal
from octobot.github.transport.session import Handle
from octobot.model.errors import UserError
from octobot.model.ids import PullNumber, RepositoryId, Sha
from octobot.model.pull_request import Merged, MergeMethod, NotMerged, PullRequest

_PREFIX = "octobot/"
_WAITS = (0.0, 1.0, 2.0, 4.0)
"""Seconds before each read of something that a lagging replica may not show yet."""
_CREATED = 201
_INVALID = 422
_DECLINED = frozenset({405, 409, 422})
"""Not mergeable, or the head is not `sha`; source: docs.github.com, REST "Merge a pull request"."""
_BASE_MOVED = "base branch was modified"
"""The base moved between GitHub's test merge and the merge.  Only the words differ from the other
reasons for a 405.  Source: github.com/cli/cli, issue 8092."""


@dataclass(frozen=True, slots=True)
class Pulls:
    """The pull requests of one repository."""

    handle: Handle
    _open: OpenPulls = field(default_factory=OpenPulls)

    async def list_open(self) -> tuple[PullRequest, ...]:
        """List the open pull requests whose head branch starts with `octobot/`."""
        began = self.handle.session.clock.steady()
        found = await self.handle.session.pages(self.handle.path("pulls", state="open"))
        pulls = tuple(pull for pull in map(_read, found) if pull.branch.startswith(_PREFIX))
        self._open.listed(pulls, began)
        return pulls

    def recall_open(self) -> tuple[PullRequest, ...] | None:
        """Return what was listed within the last minute; None: it has to be listed."""
        return self._open.recall(self.handle.session.clock.steady())

    def forget_open(self) -> bool:
        """Forget what was listed; return whether it was recalled since."""
        return self._open.forget()

    async def get(self, pull_number: PullNumber, *, fresh: bool = False) -> PullRequest:
        """Read one pull request and, when it was closed unmerged, who closed it."""
        data = await self.handle.session.get(self.handle.path("pulls", pull_number), fresh=fresh)
        closed_by = None
        if at(data, "state") == "closed" and not _is_merged(data):
            issue = await self.handle.session.get(
                self.handle.path("issues", pull_number), fresh=fresh
            )
            closed_by = maybe_number(at(issue, "closed_by"), "id")
        return _read(data, closed_by)

    async def computed(self, pull: PullRequest) -> PullRequest:
        """Read again, for 7 seconds at most, whether GitHub can merge an open pull request.

        The reading before made GitHub compute it.  Nothing else is taken from the new readings, and
        nothing at all when they show another head or base.
        """
        for wait in _WAITS[1:]:
            await self.handle.session.clock.sleep(wait)
            now = await self.get(pull.number, fresh=True)
            if (now.head, now.base, now.state) != (pull.head, pull.base, pull.state):
                break
            if now.mergeable is not None:
                return replace(pull, mergeable=now.mergeable, behind=now.behind)
        return pull

    async def of_branch(self, branch: str) -> PullRequest | None:
        """Find the newest pull request of any state from this branch of this repository."""
        found = await self._from_branch(branch, state="all")
        return await self.get(max(one.number for one in found)) if found else None

    async def open(self, *, branch: str, title: str, body: str) -> PullRequest:
        """Open a pull request against the default branch, or return octobot's open one.

        One by somebody else from this branch is a `UserError`.
        """
        base = self.handle.watched.default_branch
        wanted = {"title": title, "body": body, "head": branch, "base": base}
        path = self.handle.path("pulls")
        try:
            answer = await self.handle.session.exchange("POST", path, wanted)
        except AnswerLost:
            existing = await self._existing(branch)
            if existing is None:
                raise
            return existing
        if answer.status == _CREATED:
            pull = _read(answer.data)
            self._open.opened(pull)
            return pull
        existing = await self._existing(branch) if answer.status == _INVALID else None
        if existing is None:
            raise refusal(f"POST {path}", answer)
        return existing

    async def edit(self, pull_number: PullNumber, *, title: str, body: str) -> None:
        """Replace the title and body of a pull request."""
        path = self.handle.path("pulls", pull_number)
        await self.handle.session.write("PATCH", path, {"title": title, "body": body})

    async def label(self, pull_number: PullNumber, name: str, *, family: str) -> None:
        """Put one label of a family, those whose names begin alike, on a pull request.

        What is so already costs no write; a label that the repository does not have, GitHub makes.
        """
        session, path = self.handle.session, self.handle.path("issues", pull_number, "labels")
        present = {text(each, "name") for each in await session.pages(path, fresh=True)}
        if name not in present:
            await session.write("POST", path, {"labels": [name]})
        for other in sorted(present - {name}):
            if other.startswith(family):
                place = self.handle.path("issues", pull_number, "labels", other)
                await session.write("DELETE", place, None)

    async def close(self, pull_number: PullNumber) -> None:
        """Close a pull request unmerged; a closed one stays as it is."""
        path = self.handle.path("pulls", pull_number)
        answer = await self.handle.session.exchange("PATCH", path, {"state": "closed"})
        if not answer.fine and (await self.get(pull_number, fresh=True)).state == "open":
            raise refusal(f"PATCH {path}", answer)
        self._open.ended(pull_number)

    async def merge(
        self,
        pull_number: PullNumber,
        *,
        head: Sha,
        method: MergeMethod,
        message: tuple[str, str],
        still: Callable[[], Awaitable[bool]],
    ) -> Merged | NotMerged:
        """Merge exactly `head`; while its base moves, try up to three times more.

        `still`: asked before each of those tries, because the push may have changed what the merge
        rests on.
        """
        wanted: dict[str, str] = {"sha": head, "merge_method": method}
        if method != "rebase":  # a rebase keeps the commit's own words
            wanted |= {"commit_title": message[0], "commit_message": message[1]}
        result = await self._merge(pull_number, head, wanted)
        for wait in _WAITS[1:]:
            if isinstance(result, Merged) or not result.base_moved:
                break
            await self.handle.session.clock.sleep(wait)
            if not await still():
                break
            result = await self._merge(pull_number, head, wanted)
        if isinstance(result, Merged):
            self._open.ended(pull_number)
        return result

    async def _merge(
        self, pull_number: PullNumber, head: Sha, wanted: Mapping[str, str]
    ) -> Merged | NotMerged:
        """Request one merge; any answer but success is checked by reading.

        aiohttp may repeat a PUT by itself when a kept connection breaks: the second answer is then
        a 405, which reads the same way.
        """
        path = self.handle.path("pulls", pull_number, "merge")
        try:
            answer = await self.handle.session.exchange("PUT", path, wanted)
        except AnswerLost:
            merged = await self._became_merged(pull_number, head, waits=_WAITS)
            if merged is None:
                raise
            return merged
        if answer.fine and at(answer.data, "merged") is True:
            return Merged(sha(answer.data, "sha"))
        merged = await self._became_merged(pull_number, head, waits=_WAITS[:1])
        return merged or _declined(path, answer)

    async def _became_merged(
        self, pull_number: PullNumber, head: Sha, *, waits: tuple[float, ...]
    ) -> Merged | None:
        """Return the merge if it took place all the same; None when no read shows it."""
        for wait in waits:
            await self.handle.session.clock.sleep(wait)
            now = await self.get(pull_number, fresh=True)
            if now.state == "merged" and now.head == head and now.merge_commit:
                return Merged(now.merge_commit)
        return None

    async def _existing(self, branch: str) -> PullRequest | None:
        """Find the open pull request from this branch against the default branch, lag in mind."""
        base = self.handle.watched.default_branch
        for wait in _WAITS:
            await self.handle.session.clock.sleep(wait)
            found = await self._from_branch(branch, state="open")
            here = [one for one in found if one.base == base and one.state == "open"]
            own = [one for one in here if one.author == self.handle.bot.id]
            if here and not own:
                raise UserError(f"#{here[0].number} from {branch} was opened by somebody else")
            if own:
                return own[0]
        return None

    async def _from_branch(self, branch: str, *, state: str) -> list[PullRequest]:
        owner = self.handle.watched.repository.owner
        query: Mapping[str, str] = {"head": f"{owner}:{branch}", "state": state}
        found = [
            _read(each)
            for each in await self.handle.session.pages(self.handle.path("pulls", **query))
        ]
        # GitHub ignores a `head` that it cannot read and then lists everything.
        return [
            one
            for one in found
            if one.branch == branch and one.head_repository == self.handle.watched.id
        ]


def _declined(path: str, answer: Answer) -> NotMerged:
    if answer.fine or answer.status in _DECLINED:
        words = answer.words or "GitHub gave no reason"
        return NotMerged(words, base_moved=_BASE_MOVED in words.lower())
    raise refusal(f"PUT {path}", answer)


def _is_merged(data: object) -> bool:
    return at(data, "merged_at") is not None or at(data, "merged") is True


def _read(data: object, closed_by: int | None = None) -> PullRequest:
    """Read a pull request from its JSON, in a list or alone."""
    merged = _is_merged(data)
    mergeable = at(data, "mergeable")
    head_repository = maybe_number(at(data, "head", "repo"), "id")
    open_ = text(data, "state") == "open"
    return PullRequest(
        number=PullNumber(number(data, "number")),
        title=text(data, "title"),
        state="merged" if merged else "open" if open_ else "closed",
        author=maybe_number(at(data, "user"), "id") or 0,
        head=sha(data, "head", "sha"),
        branch=text(data, "head", "ref"),
        head_repository=None if head_repository is None else RepositoryId(head_repository),
        base=text(data, "base", "ref"),
        mergeable=mergeable if isinstance(mergeable, bool) else None,
        closed_by=closed_by,
        merge_commit=sha(data, "merge_commit_sha") if merged else None,
        merged_at=moment(data, "merged_at") if at(data, "merged_at") else None,
        merged_by=maybe_number(at(data, "merged_by"), "id"),
        merged_by_person=at(data, "merged_by", "type") == "User",
        behind=at(data, "mergeable_state") == "behind",
    )
