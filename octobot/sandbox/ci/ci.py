"""A small CI that really checks what a pull request changes, and leaves a log worth reading.

Two jobs run on each new head commit: `lint` (the spec parses, its version is greater than before)
and `build` (the same, and every source is fetched, compared with its pin and patched).  They are
posted as check runs of the App that GitHub Actions is.
"""

import asyncio
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

import structlog

from octobot.model.ids import Sha
from octobot.model.pull_request import Conclusion
from octobot.sandbox.ci.log import Log
from octobot.sandbox.ci.sources import Build, Upstreams, Workspace, evaluated
from octobot.sandbox.ci.spec import Spec, Unreadable, read
from octobot.sandbox.ci.version import key, order
from octobot.sandbox.git.git import GitFailed
from octobot.sandbox.state.hub import OnHead
from octobot.sandbox.state.nouns import CI_APP, CheckRunState, CheckStatus, RepositoryState
from octobot.sandbox.upstreams import git

_LOG = structlog.get_logger()
_SPEC = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_.-]*\.yaml")
_AT_ONCE = 2
"""Heads examined at the same time: git is fast, machines are small."""


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


Job = Literal["lint", "build"]
JOBS: tuple[Job, ...] = ("lint", "build")


@dataclass(frozen=True, slots=True)
class Result:
    """How one job ended."""

    conclusion: Literal["success", "failure"]
    summary: str
    log: str


@dataclass(frozen=True, slots=True)
class Head:
    """A commit under examination, in its distro's repository."""

    git_dir: Path
    commit: str
    base: str
    """The commit that it is compared with."""


async def examine(
    job: Job, head: Head, *, upstreams: Upstreams, clock: Callable[[], datetime]
) -> Result:
    """Run one job over the specs that a head commit changes."""
    log = Log(clock)
    log.begin("Run actions/checkout")
    log.say(f"HEAD is now at {head.commit}")
    for path in await _changed_specs(head):
        log.begin(f"Run melange {job} {path}")
        await _examine_spec(job, head, path, log=log, upstreams=upstreams)
    log.end()
    if log.failures:
        return Result("failure", f"{job} failed: {log.failures[0]}", log.text)
    return Result("success", f"{job} passed.", log.text)


async def _changed_specs(head: Head) -> Sequence[str]:
    out = await git.run_git(
        head.git_dir, "diff", "--name-only", "--diff-filter=d", "-z", head.base, head.commit, "--"
    )
    return [path for path in out.decode().split("\0") if _SPEC.fullmatch(path)]


async def _examine_spec(job: Job, head: Head, path: str, *, log: Log, upstreams: Upstreams) -> None:
    after = read(await _text(head, head.commit, path))
    if isinstance(after, Unreadable):
        log.fail(f"failed to load {path}: {after.because}")
        return
    log.melange(f"loaded {path}: {after.name} {after.version}-r{after.epoch}")
    before = read(await _text(head, head.base, path))
    _compare_versions(before if isinstance(before, Spec) else None, after, path, log)
    if job == "build":
        await _build(head, before, after, log=log, upstreams=upstreams)


async def _text(head: Head, commit: str, path: str) -> str:
    return (await git.read(head.git_dir, commit, path) or b"").decode(errors="replace")


def _compare_versions(before: Spec | None, after: Spec, path: str, log: Log) -> None:
    """Check what a package index would: the new full version must come after the old one."""
    if path != f"{after.name}.yaml":
        log.fail(f"{path}: the file is not named after its package {after.name!r}")
    new = key(after.version)
    if new is None:
        log.fail(f"{path}: version {after.version!r} is outside apk's grammar")
        return
    old = key(before.version) if before else None
    if before is None or old is None:
        return
    if (order(new), after.epoch) <= (order(old), before.epoch):
        log.fail(
            f"{path}: {after.version}-r{after.epoch} is not greater than "
            f"{before.version}-r{before.epoch}"
        )


async def _build(
    head: Head, before: Spec | Unreadable, after: Spec, *, log: Log, upstreams: Upstreams
) -> None:
    async def patch_file(name: str) -> bytes | None:
        return await git.read(head.git_dir, head.commit, f"{after.name}/{name}")

    untouched = frozenset(map(evaluated, before.steps if isinstance(before, Spec) else ()))
    with tempfile.TemporaryDirectory(prefix="octobot-ci-") as folder:
        scratch = Path(folder, "work.git")
        await git.create(scratch)
        build = Build(log, upstreams, Workspace(scratch), untouched, patch_file)
        failures = len(log.failures)
        await build.run(after)
    if len(log.failures) > failures:
        log.melange(
            f"failed to build package: unable to run package {after.name} pipeline: exit status 1",
            level="ERROR",
        )
    else:
        log.melange(f"the sources of {after.name}-{after.version}-r{after.epoch} are as pinned")


class GitHub(Protocol):
    """What the CI needs of the sandbox's GitHub."""

    def repository(self, name: str) -> RepositoryState:
        """Return a repository."""
        ...

    def on_head(self, callback: OnHead) -> None:
        """Call back for every head of a pull request that appears or changes."""
        ...

    def check_runs(self, name: str, head_sha: Sha) -> Sequence[CheckRunState]:
        """Return all check runs on a commit, oldest first."""
        ...

    def post_check_run(
        self, name: str, head_sha: Sha, check: str, *, app_id: int, status: CheckStatus
    ) -> int:
        """Create a check run; return its number."""
        ...

    def update_check_run(
        self,
        number: int,
        *,
        status: CheckStatus,
        conclusion: Conclusion | None = None,
        summary: str | None = None,
        log: str | None = None,
    ) -> None:
        """Change a check run; None leaves summary or log as they are."""
        ...


class Ci:
    """The CI at work: each new head commit is queued, examined and reported."""

    def __init__(
        self, github: GitHub, upstreams: Upstreams, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._github, self._upstreams, self._clock = github, upstreams, clock
        self._turns = asyncio.Semaphore(_AT_ONCE)
        github.on_head(self.head_changed)

    async def head_changed(self, name: str, commit: Sha, number: int | None, branch: str) -> None:
        """Run the jobs that this head still lacks; a job that is queued again runs again.

        Calling twice is fine, so after a restart it is called again for every open head.
        """
        if number is None:
            return
        log = _LOG.bind(repository=name, head=commit, pull=number, branch=branch)
        git_dir = Path(self._github.repository(name).git_dir)
        queued = [(job, self._queue(name, commit, job)) for job in JOBS]
        waiting = [(job, run) for job, run in queued if run is not None]
        async with self._turns:
            head = Head(git_dir, commit, await _base(git_dir, commit))
            results = [(run, await self._run(job, run, head)) for job, run in waiting]
        # Completed together: after a crash the head has no result at all, and is examined again.
        for run, result in results:
            self._github.update_check_run(
                run,
                status="completed",
                conclusion=result.conclusion,
                summary=result.summary,
                log=result.log,
            )
            log.info("job finished", run=run, conclusion=result.conclusion)

    def _queue(self, name: str, commit: Sha, job: Job) -> int | None:
        """Return the check run to fill; None when this job is done."""
        runs = self._github.check_runs(name, commit)
        known = [run for run in runs if run.app == CI_APP and run.name == job]
        if known:
            return None if known[-1].status == "completed" else known[-1].id
        return self._github.post_check_run(name, commit, job, app_id=CI_APP, status="queued")

    async def _run(self, job: Job, run: int, head: Head) -> Result:
        self._github.update_check_run(run, status="in_progress")
        try:
            return await examine(job, head, upstreams=self._upstreams, clock=self._clock)
        except (GitFailed, ValueError) as error:
            # A runner that breaks down fails its job, as GitHub's does, and says why.
            log = Log(self._clock)
            log.fail(str(error))
            log.end()
            return Result("failure", f"{job} could not run: {error}", log.text)


async def _base(git_dir: Path, head: Sha) -> str:
    """Find where the head left the default branch."""
    out = await git.run_git(git_dir, "merge-base", "HEAD", head)
    return out.decode().strip()
