"""A person at a keyboard: pushes, comments, reviews and closes, with the rights they have."""

from collections.abc import Mapping
from dataclasses import replace

from octobot.model.ids import Sha
from octobot.model.pull_request import LeftToGitHub
from octobot.sandbox.changes.announce import RefChange
from octobot.sandbox.changes.checks import set_status
from octobot.sandbox.changes.issues import (
    add_comment,
    delete_comment,
    edit_comment,
    open_issue,
    put_labels,
    react,
)
from octobot.sandbox.changes.merge import Merging, merge
from octobot.sandbox.changes.merge_queue import cancel, enable_auto, enqueue
from octobot.sandbox.changes.pulls import (
    Opening,
    close_issue,
    dismiss_review,
    edit,
    edit_review,
    new_review,
    open_pull,
    submit_review,
)
from octobot.sandbox.changes.refs import move_ref
from octobot.sandbox.changes.review_comments import add_review_comment, edit_review_comment
from octobot.sandbox.changes.timeline import (
    resolve_conversation,
    set_draft,
    start_conversation,
)
from octobot.sandbox.git.draft import draft_of
from octobot.sandbox.http.auth import Need, admit
from octobot.sandbox.http.call import Actor, missing
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import (
    Account,
    Comment,
    DeferredMerge,
    Issue,
    Level,
    Pull,
    RepositoryState,
    Review,
    ReviewComment,
    Status,
    StatusState,
)
from octobot.sandbox.state.nouns_pull import ReviewThread
from octobot.sandbox.views.pulls import signed_by


class Person:
    """A person with an account; what they may not do is refused as by GitHub."""

    def __init__(self, hub: Hub, account: Account, token: str) -> None:
        self._hub, self.account = hub, account
        self.token = token
        """Their personal token, for REST, GraphQL and git."""

    @property
    def id(self) -> int:
        """The numeric user id."""
        return self.account.id

    @property
    def login(self) -> str:
        """The login."""
        return self.account.login

    def _enter(self, name: str, need: str, level: Level) -> RepositoryState:
        repo = self._hub.state.repository(name)
        if repo is None:
            raise missing()
        needs: tuple[Need, ...] = ((need, level),)
        admit(self._hub.state, Actor("person", self.account), repo, needs)
        return repo

    def _issue(self, repo: RepositoryState, number: int) -> Issue:
        found = self._hub.state.issue(repo.id, number)
        if found is None:
            raise missing()
        return found

    def _pull(self, repo: RepositoryState, number: int) -> Pull:
        found = self._hub.state.pull(repo.id, number)
        if found is None:
            raise missing()
        return found

    async def push(
        self,
        repo: str,
        branch: str,
        files: Mapping[str, bytes | None],
        message: str = "Change by hand",
        *,
        force_from: Sha | None = None,
    ) -> Sha:
        """Push one commit; `force_from` replaces the branch by that commit and this one."""
        there = self._enter(repo, "contents", "write")
        git, ref = self._hub.git(there), f"refs/heads/{branch}"
        async with self._hub.lock(there):
            old = await git.ref(ref)
            parent = force_from or old or await git.ref(f"refs/heads/{there.default_branch}")
            me = signed_by(self.account, self._hub)
            made = await git.commit(draft_of(message, me, parent, files))
            forced = force_from is not None
            await move_ref(self._hub, there, RefChange(ref, old, made), self.account, force=forced)
        return made

    async def open_pull(
        self, repo: str, head: str, *, base: str = "main", title: str = "A change", body: str = ""
    ) -> int:
        """Open a pull request; return its number."""
        there = self._enter(repo, "pull_requests", "write")
        wanted = Opening(title, body, head, base)
        async with self._hub.lock(there):
            return (await open_pull(self._hub, there, wanted, self.account)).number

    async def comment(self, repo: str, number: int, body: str) -> Comment:
        """Comment on an issue or pull request."""
        there = self._enter(repo, "issues", "write")
        async with self._hub.lock(there):
            return add_comment(self._hub, there, self._issue(there, number), body, self.account)

    async def edit_comment(self, repo: str, comment: int, body: str) -> Comment:
        """Replace the text of a comment."""
        there = self._enter(repo, "issues", "write")
        async with self._hub.lock(there):
            known = self._hub.state.comments[comment]
            return edit_comment(self._hub, there, known, body, self.account)

    async def delete_comment(self, repo: str, comment: int) -> None:
        """Delete a comment."""
        there = self._enter(repo, "issues", "write")
        async with self._hub.lock(there):
            delete_comment(self._hub, there, self._hub.state.comments[comment], self.account)

    async def review_comment(
        self, repo: str, number: int, body: str, *, path: str = "hello.yaml"
    ) -> ReviewComment:
        """Comment on a file of a pull request's changes."""
        there = self._enter(repo, "pull_requests", "write")
        async with self._hub.lock(there):
            pull = self._pull(there, number)
            return await add_review_comment(self._hub, there, pull, path, body, self.account)

    async def edit_review_comment(self, repo: str, comment: int, body: str) -> ReviewComment:
        """Replace the text of a review comment."""
        there = self._enter(repo, "pull_requests", "write")
        async with self._hub.lock(there):
            known = self._hub.state.review_comments[comment]
            return await edit_review_comment(self._hub, there, known, body, self.account)

    async def edit_issue(self, repo: str, number: int, body: str) -> None:
        """Replace the first text of an issue."""
        there = self._enter(repo, "issues", "write")
        async with self._hub.lock(there):
            changed = replace(self._issue(there, number), body=body)
            close_issue(self._hub, there, changed, self.account)

    async def open_issue(self, repo: str, title: str, body: str = "") -> int:
        """Open an issue; return its number."""
        there = self._enter(repo, "issues", "write")
        async with self._hub.lock(there):
            return open_issue(self._hub, there, title, body, self.account).number

    async def close(self, repo: str, number: int) -> None:
        """Close an issue or pull request."""
        there = self._enter(repo, "contents", "write")
        async with self._hub.lock(there):
            changed = replace(self._issue(there, number), state="closed")
            pull = self._hub.state.pull(there.id, number)
            if pull is not None:
                await edit(self._hub, there, pull, changed, self.account)
            else:
                close_issue(self._hub, there, changed, self.account)

    async def edit_pull(
        self, repo: str, number: int, *, title: str | None = None, body: str | None = None
    ) -> None:
        """Change the title or description of a pull request."""
        there = self._enter(repo, "contents", "write")
        async with self._hub.lock(there):
            one = self._issue(there, number)
            changed = replace(
                one, title=title or one.title, body=one.body if body is None else body
            )
            await edit(self._hub, there, self._pull(there, number), changed, self.account)

    async def approve(self, repo: str, number: int) -> None:
        """Approve a pull request's present head."""
        await self.review(repo, number, "APPROVE")

    async def review(self, repo: str, number: int, event: str, body: str = "") -> Review:
        """Review a pull request: APPROVE, REQUEST_CHANGES or COMMENT."""
        there = self._enter(repo, "pull_requests", "write")
        async with self._hub.lock(there):
            pull = self._pull(there, number)
            one = new_review(self._hub, pull, self.account, event, body)
            return await submit_review(self._hub, there, pull, one, self.account)

    async def edit_review(self, repo: str, review: int, body: str) -> None:
        """Replace the text of a review."""
        there = self._enter(repo, "pull_requests", "write")
        async with self._hub.lock(there):
            one = self._hub.state.reviews[review]
            pull = self._pull(there, one.number)
            await edit_review(self._hub, there, pull, one, body, self.account)

    async def dismiss(self, repo: str, review: int) -> None:
        """Dismiss somebody's review."""
        there = self._enter(repo, "pull_requests", "write")
        async with self._hub.lock(there):
            one = self._hub.state.reviews[review]
            await dismiss_review(self._hub, there, self._pull(there, one.number), one, self.account)

    async def set_status(self, repo: str, sha: Sha, context: str, state: StatusState) -> None:
        """Set a commit status, as any script with a token can."""
        there = self._enter(repo, "statuses", "write")
        number, now = self._hub.state.next_id(), self._hub.state.now()
        one = Status(number, there.id, sha, context, state, None, None, self.id, now)
        await set_status(self._hub, there, one, self.account)

    async def reopen(self, repo: str, number: int) -> None:
        """Reopen a pull request."""
        there = self._enter(repo, "contents", "write")
        async with self._hub.lock(there):
            changed = replace(self._issue(there, number), state="open")
            await edit(self._hub, there, self._pull(there, number), changed, self.account)

    async def label(self, repo: str, number: int, *names: str) -> None:
        """Put labels on a pull request."""
        there = self._enter(repo, "issues", "write")
        async with self._hub.lock(there):
            one = self._issue(there, number)
            put_labels(self._hub, there, one, (*one.labels, *names), self.account)

    async def unlabel(self, repo: str, number: int, name: str) -> None:
        """Remove a label from a pull request."""
        there = self._enter(repo, "issues", "write")
        async with self._hub.lock(there):
            one = self._issue(there, number)
            left = tuple(each for each in one.labels if each != name)
            put_labels(self._hub, there, one, left, self.account)

    async def set_draft(self, repo: str, number: int, *, draft: bool = True) -> None:
        """Convert a pull request to a draft, or mark it ready for review."""
        there = self._enter(repo, "contents", "write")
        async with self._hub.lock(there):
            set_draft(self._hub, self._pull(there, number), self.account, draft=draft)

    async def start_conversation(self, repo: str, number: int, body: str = "Why?") -> ReviewThread:
        """Start a conversation on a line of a pull request."""
        there = self._enter(repo, "pull_requests", "write")
        async with self._hub.lock(there):
            return start_conversation(self._hub, self._pull(there, number), body, self.account)

    async def resolve_conversation(self, repo: str, thread: int) -> None:
        """Resolve a conversation."""
        there = self._enter(repo, "contents", "write")
        async with self._hub.lock(there):
            resolve_conversation(self._hub, self._hub.state.threads[thread], self.account)

    async def cancel(self, repo: str, number: int, kind: LeftToGitHub) -> None:
        """Remove a pull request from the merge queue, or disable its auto-merge."""
        there = self._enter(repo, "contents", "write")
        async with self._hub.lock(there):
            await cancel(self._hub, there, self._pull(there, number), kind, self.account)

    async def enable_auto_merge(self, repo: str, number: int) -> None:
        """Enable auto-merge."""
        there = self._enter(repo, "contents", "write")
        async with self._hub.lock(there):
            wanted = DeferredMerge("auto", self.id, self._hub.state.now())
            await enable_auto(self._hub, there, self._pull(there, number), None, wanted)

    async def enqueue(self, repo: str, number: int) -> None:
        """Put a pull request into the merge queue."""
        there = self._enter(repo, "contents", "write")
        async with self._hub.lock(there):
            await enqueue(self._hub, there, self._pull(there, number), None, self.account)

    async def merge(self, repo: str, number: int) -> Sha:
        """Merge a pull request, if its requirements are met."""
        there = self._enter(repo, "contents", "write")
        async with self._hub.lock(there):
            return await merge(self._hub, there, self._pull(there, number), Merging(), self.account)

    async def react(
        self, repo: str, number: int, content: str = "+1", *, comment: int | None = None
    ) -> None:
        """React to an issue or pull request, or to a comment."""
        there = self._enter(repo, "issues", "write")
        async with self._hub.lock(there):
            subject = self._issue(there, number).id if comment is None else comment
            react(self._hub, there, subject, content, self.account)
