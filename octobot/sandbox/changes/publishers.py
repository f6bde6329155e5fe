"""Changes by people and publishers: commits, tags, releases."""

from collections.abc import Mapping
from datetime import datetime

from octobot.model.ids import Sha
from octobot.sandbox.changes import bootstrap
from octobot.sandbox.changes.announce import RefChange
from octobot.sandbox.changes.issues import publish
from octobot.sandbox.changes.merge_queue import eject, merge_deferred
from octobot.sandbox.changes.person import Person
from octobot.sandbox.changes.refs import put_ref
from octobot.sandbox.changes.repositories import Repositories
from octobot.sandbox.state.nouns import ReleaseState, Role


class Changes(Repositories):
    """Changes made by people and publishers, which bypass all protection."""

    def person(self, login: str, permission: Role = "read", *, on: str | None = None) -> Person:
        """Return a person with a role in one repository, or in all."""
        account = bootstrap.account(self._state, login, "User")
        for repo in self._state.repositories:
            if on in (None, repo.full_name) and repo.owner != account.id:
                bootstrap.set_role(self._state, repo, account, permission)
        return Person(self.hub, account, bootstrap.personal_token(self._state, account))

    async def commit_files(
        self,
        name: str,
        branch: str,
        files: Mapping[str, bytes | None],
        message: str,
        *,
        by: str | None = None,
        at: datetime | None = None,
    ) -> Sha:
        """Commit on a branch, bypassing protection; a missing branch is created."""
        repo = self.repository(name)
        account = bootstrap.account(self._state, by, "User") if by else self._state.who(repo.owner)
        me = bootstrap.identity(account, at or self._state.now())
        async with self.hub.lock(repo):
            return await bootstrap.commit(self.hub, repo, branch, files, (message, me, account))

    async def publish_tag(
        self,
        name: str,
        tag: str,
        *,
        commit: Sha | None = None,
        annotated: bool = False,
        force: bool = False,
    ) -> Sha:
        """Tag a commit (default: the default branch's tip); return what the ref points to."""
        repo = self.repository(name)
        git, ref = self.hub.git(repo), f"refs/tags/{tag}"
        by = self._state.who(repo.owner)
        async with self.hub.lock(repo):
            sha = commit or await git.resolve(f"refs/heads/{repo.default_branch}")
            old = await git.ref(ref)
            if sha is None or (old is not None and not force):
                raise LookupError(f"{tag} exists already" if old else f"{name} is empty")
            if annotated:
                me = bootstrap.identity(by, self._state.now())
                sha = await git.write_tag(sha, "commit", tag, f"Release {tag}", me)
            await put_ref(self.hub, repo, RefChange(ref, old, sha), by)
        return sha

    async def delete_ref(self, name: str, ref: str) -> None:
        """Delete a branch or tag by its full name, bypassing protection."""
        repo = self.repository(name)
        async with self.hub.lock(repo):
            old = await self.hub.git(repo).ref(ref)
            change = RefChange(ref, old, None)
            await put_ref(self.hub, repo, change, self._state.who(repo.owner))

    async def publish_release(
        self, name: str, tag: str, *, prerelease: bool = False, draft: bool = False
    ) -> int:
        """Publish a release of a tag, which is created when missing; return its id."""
        repo = self.repository(name)
        if not draft and await self.hub.git(repo).ref(f"refs/tags/{tag}") is None:
            await self.publish_tag(name, tag)
        now = self._state.now()
        release = ReleaseState(
            id=self._state.next_id(),
            repo=repo.id,
            tag=tag,
            name=tag,
            body="",
            author=repo.owner,
            target=repo.default_branch,
            created_at=now,
            published_at=None if draft else now,
            draft=draft,
            prerelease=prerelease,
        )
        return publish(self.hub, repo, release, self._state.who(repo.owner)).id

    async def eject(self, name: str, number: int, reason: str = "failed_checks") -> None:
        """Let GitHub itself remove a pull request from its queue, or disable its auto-merge."""
        repo = self.repository(name)
        pull = self._state.pull(repo.id, number)
        if pull is None:
            raise LookupError(f"no pull request {number}")
        async with self.hub.lock(repo):
            await eject(self.hub, repo, pull, reason)

    async def merge_deferred(self, name: str) -> tuple[int, ...]:
        """Run GitHub's merge queue and auto-merges once; return the numbers of the merged."""
        repo = self.repository(name)
        async with self.hub.lock(repo):
            return await merge_deferred(self.hub, repo)
