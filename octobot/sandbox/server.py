"""A GitHub on loopback, on real git: start it, put repositories and people in, look at its log.

Everything a caller of the real one would reach is behind one socket: REST under `/api/v3`,
GraphQL at `/api/graphql`, git at `/OWNER/NAME.git`, logs of the CI under `/logs`.  The state
survives `kill -9`: it is on disk before a request is answered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web
from cryptography.hazmat.primitives import serialization

from octobot.model.ids import Sha
from octobot.model.pull_request import Conclusion
from octobot.sandbox import founding
from octobot.sandbox.acts_checks import change_run, create_run
from octobot.sandbox.acts_issues import publish
from octobot.sandbox.acts_merge import finish_intents
from octobot.sandbox.acts_refs import announce_head, put_ref
from octobot.sandbox.announce import RefChange, installed, ping
from octobot.sandbox.auth import client_id
from octobot.sandbox.deliveries import Outbox
from octobot.sandbox.door import Door, Handler
from octobot.sandbox.git import Draft, Put
from octobot.sandbox.hub import AppCredentials, Hub, OnHead
from octobot.sandbox.judge import Judge
from octobot.sandbox.limits import Limits
from octobot.sandbox.log import Log
from octobot.sandbox.nouns import (
    CI_APP,
    CheckRunState,
    CheckStatus,
    InstallationState,
    Level,
    Output,
    Protection,
    ReleaseState,
    RepositoryState,
    Role,
)
from octobot.sandbox.person import Person
from octobot.sandbox.state import State


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


class Sandbox:
    """The sandbox's GitHub."""

    def __init__(
        self, home: Path, *, port: int = 0, clock: Callable[[], datetime] = utc_now
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._port = port
        self._state = State(home / "github.sqlite", clock)
        self._key = founding.private_key(home / "app.pem")
        app = founding.found(self._state)
        outbox = Outbox(self._state, founding.secret(home / "webhook-secret"))
        self.hub = Hub(home, self._state, outbox, app)
        self.judge = Judge()
        """Whether GitHub's own descriptions agree with every exchange so far."""
        self.log = Log()
        """What the outside did."""
        outbox.judge = self.judge.delivery
        self.door = Door(self.hub, self._key.public_key(), clock, self.log, self.judge)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_route("*", "/{path:.*}", self.door.handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.hub.url = f"http://127.0.0.1:{self._port}"
        await finish_intents(self.hub)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.hub.outbox.close()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.hub.readers.close()
        self._state.close()

    # ---- addresses and credentials

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self.hub.url

    @property
    def api_url(self) -> str:
        """Where REST is."""
        return self.hub.api

    @property
    def app(self) -> AppCredentials:
        """All that octobot is told when it is registered."""
        app = self.hub.app
        pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        bot = self._state.who(app.bot)
        return AppCredentials(
            app.id,
            app.slug,
            client_id(app),
            pem.decode(),
            self.hub.outbox.secret,
            bot.id,
            bot.login,
        )

    @property
    def limits(self) -> Limits:
        """The hourly allowances; make them smaller to see what happens."""
        return self.door.meter.limits

    def mount(self, prefix: str, handler: Handler) -> None:
        """Serve everything under a path prefix by another handler."""
        self.door.mounted[prefix] = handler

    # ---- repositories

    def repository(self, name: str) -> RepositoryState:
        """Give a repository that exists."""
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
        """Create a repository, with one commit when there are files; one that exists is given."""
        if (known := self._state.repository(name)) is not None:
            return known
        owner = founding.account(self._state, name.partition("/")[0], "Organization")
        number, now = self._state.next_id(), self._state.now()
        git_dir = self.hub.home / "git" / f"{number}.git"
        made = RepositoryState(
            number, owner.id, name, str(git_dir), private, default_branch, now, now
        )
        git = self.hub.git(made)
        await git.init(default_branch)
        if files:
            me = founding.identity(owner, now)
            puts: dict[str, Put | None] = {path: Put(body) for path, body in files.items()}
            first = await git.commit(Draft("Initial commit\n", me, me, (), None, puts))
            await git.move(f"refs/heads/{default_branch}", old=None, new=first)
        return self._state.put_repository(made)

    async def fork(self, name: str, owner: str) -> RepositoryState:
        """Fork a repository to a person's or organization's account."""
        origin, account = self.repository(name), founding.account(self._state, owner, "User")
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

    def configure(
        self,
        name: str,
        *,
        delete_branch_on_merge: bool | None = None,
        merge_methods: frozenset[str] | None = None,
        archived: bool | None = None,
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
                archived=repo.archived if archived is None else archived,
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
        """Guard a branch, by branch protection or by a ruleset; replaces what was there."""
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

    def unprotect(self, name: str, branch: str, *, ruleset: bool = False) -> None:
        """Take the guard off a branch."""
        for one in self._state.protections.of(self.repository(name).id):
            if one.branch == branch and one.ruleset == ruleset:
                self._state.protections.drop(one)

    # ---- the App

    async def install_app(
        self, name: str, *, permissions: Mapping[str, Level] | None = None
    ) -> int:
        """Install the App on a repository: one installation per owner; give its id."""
        repo, app, now = self.repository(name), self.hub.app, self._state.now()
        by = self._state.who(repo.owner)
        held = tuple(permissions.items()) if permissions else app.permissions
        for one in self._state.installations.of(app.id):
            if one.account != repo.owner:
                continue
            if repo.id not in one.repositories or (permissions and one.permissions != held):
                grown = tuple(dict.fromkeys((*one.repositories, repo.id)))
                held = held if permissions else one.permissions
                one = self._state.installations.put(  # noqa: PLW2901  (its new self)
                    replace(one, repositories=grown, permissions=held, updated_at=now)
                )
                installed(self.hub, one, "added", [repo], by)
            return one.id
        made = InstallationState(
            self._state.next_id(), app.id, repo.owner, (repo.id,), held, now, now
        )
        self._state.installations.put(made)
        installed(self.hub, made, "created", [repo], by)
        return made.id

    def suspend(self, installation: int, *, suspended: bool = True) -> None:
        """Suspend an installation, or let it work again."""
        one, now = self._state.installations[installation], self._state.now()
        changed = replace(one, suspended_at=now if suspended else None, updated_at=now)
        self._state.installations.put(changed)
        owner = self._state.who(one.account)
        installed(self.hub, changed, "suspend" if suspended else "unsuspend", [], owner)

    def uninstall(self, name: str) -> None:
        """Take the App off a repository; off its last one, the installation ends."""
        repo = self.repository(name)
        one = self._state.installation_of(self.hub.app.id, repo)
        if one is None:
            return
        left = tuple(number for number in one.repositories if number != repo.id)
        owner = self._state.who(repo.owner)
        if left:
            changed = self._state.installations.put(replace(one, repositories=left))
            installed(self.hub, changed, "removed", [repo], owner)
        else:
            self._state.installations.drop(one)
            installed(self.hub, one, "deleted", [repo], owner)

    # ---- deliveries

    def deliver_to(self, url: str) -> None:
        """Post deliveries there from now on, beginning with a ping."""
        self.hub.outbox.url = url
        ping(self.hub)

    @property
    def silent(self) -> bool:
        """Whether changes happen without deliveries."""
        return self.hub.outbox.silent

    @silent.setter
    def silent(self, value: bool) -> None:
        self.hub.outbox.silent = value

    async def settle(self) -> None:
        """Wait until all deliveries were answered and all that hangs on heads has run."""
        await self.hub.outbox.settle()

    # ---- people and changes from outside

    def person(self, login: str, permission: Role = "read", *, on: str | None = None) -> Person:
        """Give a person with a role, in one repository or in all there are."""
        account = founding.account(self._state, login, "User")
        for repo in self._state.repositories:
            if on in (None, repo.full_name) and repo.owner != account.id:
                founding.give_role(self._state, repo, account, permission)
        return Person(self.hub, account, founding.personal_token(self._state, account))

    async def commit_files(  # noqa: PLR0913  (each is a plain part of a commit)
        self,
        name: str,
        branch: str,
        files: Mapping[str, bytes | None],
        message: str,
        *,
        by: str | None = None,
        at: datetime | None = None,
    ) -> Sha:
        """Commit on a branch as somebody, past all protection; the branch is made when missing."""
        repo = self.repository(name)
        account = founding.account(self._state, by, "User") if by else self._state.who(repo.owner)
        me = founding.identity(account, at or self._state.now())
        async with self.hub.lock(repo):
            return await founding.commit(self.hub, repo, branch, files, (message, me, account))

    async def publish_tag(
        self,
        name: str,
        tag: str,
        *,
        commit: Sha | None = None,
        annotated: bool = False,
        force: bool = False,
    ) -> Sha:
        """Put a tag on a commit (the default branch's tip); give what the ref points at."""
        repo = self.repository(name)
        git, ref = self.hub.git(repo), f"refs/tags/{tag}"
        by = self._state.who(repo.owner)
        async with self.hub.lock(repo):
            sha = commit or await git.resolve(f"refs/heads/{repo.default_branch}")
            old = await git.ref(ref)
            if sha is None or (old is not None and not force):
                raise LookupError(f"{tag} exists already" if old else f"{name} is empty")
            if annotated:
                me = founding.identity(by, self._state.now())
                sha = await git.write_tag(sha, "commit", tag, f"Release {tag}", me)
            await put_ref(self.hub, repo, RefChange(ref, old, sha), by)
        return sha

    async def delete_ref(self, name: str, ref: str) -> None:
        """Delete a branch or tag by its full name, past all protection."""
        repo = self.repository(name)
        async with self.hub.lock(repo):
            old = await self.hub.git(repo).ref(ref)
            change = RefChange(ref, old, None)
            await put_ref(self.hub, repo, change, self._state.who(repo.owner))

    async def publish_release(
        self, name: str, tag: str, *, prerelease: bool = False, draft: bool = False
    ) -> int:
        """Publish a release of a tag, which is made when missing; give its id."""
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

    def delete_release(self, number: int) -> None:
        """Take a release back."""
        self._state.releases.drop(self._state.releases[number])

    # ---- the CI's doors

    def post_check_run(  # noqa: PLR0913  (each is a plain part of a check run)
        self,
        name: str,
        head_sha: Sha,
        check: str,
        *,
        app_id: int = CI_APP,
        status: CheckStatus = "completed",
        conclusion: Conclusion | None = None,
        summary: str = "",
        log: str = "",
    ) -> int:
        """Post a check run as an App; give its id, which is the job's too."""
        repo, now = self.repository(name), self._state.now()
        founding.app(self._state, app_id)
        run = CheckRunState(
            id=self._state.next_id(),
            repo=repo.id,
            suite=0,
            app=app_id,
            name=check,
            head_sha=head_sha,
            status=status,
            conclusion=conclusion,
            started_at=now,
            completed_at=now if status == "completed" else None,
            output=Output(check if summary else None, summary or None),
            log=log,
        )
        return create_run(self.hub, repo, run).id

    def update_check_run(
        self,
        number: int,
        *,
        status: CheckStatus = "completed",
        conclusion: Conclusion | None = None,
        summary: str | None = None,
        log: str | None = None,
    ) -> None:
        """Change a check run; None leaves summary or log as they are."""
        run = self._state.check_runs[number]
        done = status == "completed"
        changed = replace(
            run,
            status=status,
            conclusion=conclusion,
            completed_at=self._state.now() if done else None,
            output=run.output if summary is None else Output(run.name, summary),
            log=run.log if log is None else log,
        )
        change_run(self.hub, self._state.repositories[run.repo], changed)

    def check_runs(self, name: str, head_sha: Sha) -> tuple[CheckRunState, ...]:
        """Give all check runs on a commit, oldest first."""
        return self._state.runs_on(self.repository(name).id, head_sha)

    def on_head(self, callback: OnHead) -> None:
        """Call back for every head of a pull request that appears or changes.

        After a restart the open heads on which no check of the CI stands are shown again: the
        call that was under way when the sandbox died is not lost.
        """
        self.hub.on_head.append(callback)
        for repo in self._state.repositories:
            for pull, _ in self._state.open_pulls(repo.id):
                runs = self._state.runs_on(repo.id, pull.head_sha)
                if not any(run.app == CI_APP and run.status == "completed" for run in runs):
                    announce_head(self.hub, pull, (callback,))
