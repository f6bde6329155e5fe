"""The sandbox's repositories: created, forked, configured, protected."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from octobot.sandbox.changes import bootstrap
from octobot.sandbox.git.draft import draft_of
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Protection, RepositoryState


class Repositories:
    """The sandbox's repositories; the classes for other kinds of change build on this one."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self._state = hub, hub.state

    def repository(self, name: str) -> RepositoryState:
        """Return a repository; `LookupError` when it does not exist."""
        found = self._state.repository(name)
        if found is None:
            raise LookupError(f"no repository {name}")
        return found

    async def create_repository(
        self,
        name: str,
        files: Mapping[str, bytes] | None = None,
        *,
        private: bool = False,
        default_branch: str = "main",
    ) -> RepositoryState:
        """Create a repository, with one commit when there are files, or return an existing one."""
        if (known := self._state.repository(name)) is not None:
            return known
        owner = bootstrap.account(self._state, name.partition("/")[0], "Organization")
        number, now = self._state.next_id(), self._state.now()
        git_dir = self.hub.home / "git" / f"{number}.git"
        made = RepositoryState(
            number, owner.id, name, str(git_dir), private, default_branch, now, now
        )
        git = self.hub.git(made)
        await git.init(default_branch)
        if files:
            me = bootstrap.identity(owner, now)
            first = await git.commit(draft_of("Initial commit", me, None, files))
            await git.move(f"refs/heads/{default_branch}", old=None, new=first)
        return self._state.put_repository(made)

    async def fork(self, name: str, owner: str) -> RepositoryState:
        """Fork a repository to a person's or organization's account."""
        origin, account = self.repository(name), bootstrap.account(self._state, owner, "User")
        number, now = self._state.next_id(), self._state.now()
        git_dir = self.hub.home / "git" / f"{number}.git"
        made = replace(
            origin,
            id=number,
            owner=account.id,
            full_name=f"{owner}/{origin.name}",
            git_dir=str(git_dir),
            created_at=now,
            pushed_at=now,
            fork_of=origin.id,
        )
        git = self.hub.git(made)
        await git.init(origin.default_branch)
        await git.copy(Path(origin.git_dir))
        return self._state.put_repository(made)

    def replace_repository(self, name: str) -> RepositoryState:
        """Replace a repository by another one with the same name, branches and tags."""
        old = self.repository(name)
        self._state.repositories.drop(old)
        return self._state.put_repository(replace(old, id=self._state.next_id()))

    def configure(
        self,
        name: str,
        *,
        delete_branch_on_merge: bool | None = None,
        merge_methods: frozenset[str] | None = None,
        archived: bool | None = None,
        allows_auto_merge: bool | None = None,
        has_issues: bool | None = None,
    ) -> None:
        """Change a repository's settings; None leaves one as it is."""
        repo = self.repository(name)
        delete = repo.delete_branch_on_merge
        self._state.put_repository(
            replace(
                repo,
                delete_branch_on_merge=(
                    delete if delete_branch_on_merge is None else delete_branch_on_merge
                ),
                merge_methods=merge_methods or repo.merge_methods,
                has_issues=repo.has_issues if has_issues is None else has_issues,
                archived=repo.archived if archived is None else archived,
                allows_auto_merge=(
                    repo.allows_auto_merge if allows_auto_merge is None else allows_auto_merge
                ),
            )
        )

    def protect(
        self,
        name: str,
        branch: str,
        required: Sequence[tuple[str, int | None]] = (),
        *,
        strict: bool = False,
        reviews: int = 0,
        ruleset: bool = False,
    ) -> None:
        """Protect a branch by branch protection or by a ruleset, replacing its earlier rules."""
        repo = self.repository(name)
        self.unprotect(name, branch, ruleset=ruleset)
        self._state.protections.put(
            Protection(
                id=self._state.next_id(),
                repo=repo.id,
                branch=branch,
                required=tuple(required),
                strict=strict,
                reviews=reviews,
                ruleset=ruleset,
            )
        )

    def demand(
        self,
        name: str,
        branch: str,
        *,
        conversations: bool = False,
        signatures: bool = False,
        linear: bool = False,
        methods: frozenset[str] | None = None,
    ) -> None:
        """Add to what a branch requires; allowed methods are a ruleset's, the rest protection's."""
        number, repo = self._state.next_id(), self.repository(name)
        rule = Protection(number, repo.id, branch, (), ruleset=methods is not None)
        rule = replace(rule, conversations=conversations, signatures=signatures, linear=linear)
        self._state.protections.put(replace(rule, methods=methods))

    def require_queue(self, name: str, branch: str, *, ruleset: bool = True) -> None:
        """Require a merge queue on a branch, by a ruleset or by branch protection."""
        number, repo = self._state.next_id(), self.repository(name)
        rule = Protection(number, repo.id, branch, (), ruleset=ruleset, queue=True)
        self._state.protections.put(rule)

    def unprotect(self, name: str, branch: str, *, ruleset: bool = False) -> None:
        """Remove the protection of a branch."""
        for one in self._state.protections.of(self.repository(name).id):
            if one.branch == branch and one.ruleset == ruleset:
                self._state.protections.drop(one)
