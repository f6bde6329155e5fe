"""The CI at work on heads: what it posts, and what it does when asked again."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from octobot.model.ids import Sha
from octobot.model.pull_request import Conclusion
from octobot.sandbox.ci.ci import Ci
from octobot.sandbox.server import Sandbox
from octobot.sandbox.state.hub import OnHead
from octobot.sandbox.state.nouns import CI_APP, CheckRunState, CheckStatus, RepositoryState
from octobot.sandbox.upstreams import git
from octobot.sandbox.upstreams.upstreams import Source

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NAME = "sample/distro"
SPEC = 'package:\n  name: quill\n  version: "{}"\n  epoch: 0\n'


@dataclass
class GitHub:
    """A GitHub of one repository, as far as the CI sees it."""

    distro: RepositoryState
    runs: dict[int, CheckRunState] = field(default_factory=dict)
    history: list[tuple[str, str]] = field(default_factory=list)
    """(check run's name, status or conclusion) in the order posted."""

    def repository(self, name: str) -> RepositoryState:
        """Return the one repository."""
        assert name == NAME
        return self.distro

    def on_head(self, callback: OnHead) -> None:
        """Take no notice: the test calls by itself."""

    def check_runs(self, name: str, head_sha: Sha) -> Sequence[CheckRunState]:
        """Return the runs of a head."""
        assert name == NAME
        return [run for run in self.runs.values() if run.head_sha == head_sha]

    def post_check_run(
        self, name: str, head_sha: Sha, check: str, *, app_id: int, status: CheckStatus
    ) -> int:
        """Keep a new run."""
        assert name == NAME
        number = len(self.runs) + 1
        self.runs[number] = CheckRunState(
            number, 1, 1, app_id, check, head_sha, status, conclusion=None, started_at=AT
        )
        self.history.append((check, status))
        return number

    def update_check_run(
        self,
        number: int,
        *,
        status: CheckStatus,
        conclusion: Conclusion | None = None,
        summary: str | None = None,
        log: str | None = None,
    ) -> None:
        """Change a run."""
        run = self.runs[number]
        text = f"{summary}\n{log}"
        self.runs[number] = replace(run, status=status, conclusion=conclusion, log=text)
        self.history.append((run.name, conclusion or status))


class NoUpstreams:
    """A world without upstreams."""

    def locate(self, url: str) -> None:
        """Find nothing."""
        assert url

    def download(self, uri: str) -> None:
        """Find nothing."""
        assert uri


@pytest.fixture
async def github(tmp_path: Path) -> GitHub:
    """Set up a distro with one spec."""
    git_dir = tmp_path / "distro.git"
    await git.create(git_dir)
    await git.write(git_dir, [git.Commit("Begin", AT, {"quill.yaml": SPEC.format("1").encode()})])
    return GitHub(
        RepositoryState(
            id=1,
            owner=1,
            full_name=NAME,
            git_dir=str(git_dir),
            private=False,
            default_branch="main",
            created_at=AT,
            pushed_at=AT,
        )
    )


def ci_of(github: GitHub) -> Ci:
    """Start a CI."""
    return Ci(github, NoUpstreams(), clock=lambda: AT)


async def push(github: GitHub, text: str) -> Sha:
    """Put a commit with this spec on a branch of its own."""
    files = {"quill.yaml": text.encode()}
    await git.write(
        Path(github.distro.git_dir), [git.Commit("Bump", AT, files, branch="octobot/quill/2")]
    )
    head = await git.resolve(Path(github.distro.git_dir), "octobot/quill/2")
    assert head is not None
    return head


async def test_both_jobs_go_through_their_states(github: GitHub) -> None:
    """Each check run is queued, in progress and then completed, all by the CI's App."""
    head = await push(github, SPEC.format("2"))
    await ci_of(github).head_changed(NAME, head, 1, "octobot/quill/2")
    assert github.history == [
        ("lint", "queued"),
        ("build", "queued"),
        ("lint", "in_progress"),
        ("build", "in_progress"),
        ("lint", "success"),
        ("build", "success"),
    ]
    assert {run.app for run in github.runs.values()} == {CI_APP}


async def test_a_failure_is_posted_with_its_log(github: GitHub) -> None:
    """Who reads the check run learns what broke."""
    head = await push(github, SPEC.format("0.9"))
    await ci_of(github).head_changed(NAME, head, 1, "octobot/quill/2")
    assert [run.conclusion for run in github.runs.values()] == ["failure", "failure"]
    assert "0.9-r0 is not greater than 1-r0" in github.runs[1].log


async def test_a_head_that_was_examined_is_left_alone(github: GitHub) -> None:
    """Being asked twice changes nothing."""
    head = await push(github, SPEC.format("2"))
    await ci_of(github).head_changed(NAME, head, 1, "octobot/quill/2")
    before = list(github.history)
    await ci_of(github).head_changed(NAME, head, 1, "octobot/quill/2")
    assert github.history == before


async def test_a_job_that_was_cut_off_is_finished_after_a_restart(github: GitHub) -> None:
    """A run left in progress is taken up again, under its own number."""
    head = await push(github, SPEC.format("2"))
    github.post_check_run(NAME, head, "build", app_id=CI_APP, status="in_progress")
    await ci_of(github).head_changed(NAME, head, 1, "octobot/quill/2")
    assert github.runs[1].conclusion == "success"
    assert len(github.runs) == 2


async def test_another_apps_run_of_the_same_name_does_not_count(github: GitHub) -> None:
    """A name can be imitated; the CI posts its own."""
    head = await push(github, SPEC.format("2"))
    github.post_check_run(NAME, head, "build", app_id=CI_APP + 1, status="completed")
    await ci_of(github).head_changed(NAME, head, 1, "octobot/quill/2")
    ours = [run for run in github.runs.values() if run.app == CI_APP]
    assert {run.name for run in ours} == {"lint", "build"}


async def test_only_pull_requests_are_examined(github: GitHub) -> None:
    """A push without a pull request starts nothing."""
    head = await push(github, SPEC.format("2"))
    await ci_of(github).head_changed(NAME, head, None, "octobot/quill/2")
    assert github.history == []


async def test_a_runner_that_breaks_down_fails_its_job(github: GitHub) -> None:
    """Git losing an object is a failure with its words, not a check that never ends."""
    text = SPEC.format("2") + "pipeline:\n  - uses: git-checkout\n    with: {repository: x}\n"
    head = await push(github, text)
    broken = Ci(github, BrokenUpstreams(Path(github.distro.git_dir)), clock=lambda: AT)
    await broken.head_changed(NAME, head, 1, "octobot/quill/2")
    assert github.runs[2].conclusion == "failure"
    assert "build could not run: git " in github.runs[2].log


@dataclass(frozen=True)
class BrokenUpstreams:
    """A world whose repository has lost the files of its head."""

    git_dir: Path

    def locate(self, url: str) -> Source:
        """Find the repository, less the tree of its head."""
        assert url
        for folder in (self.git_dir / "objects").iterdir():
            for item in folder.iterdir():
                if item.stat().st_size and folder.name not in {"info", "pack"}:
                    _lose_if_tree(item)
        return Source(self.git_dir, placeholder=False)

    def download(self, uri: str) -> None:
        """Find nothing."""
        assert uri


def _lose_if_tree(item: Path) -> None:
    if zlib.decompress(item.read_bytes()).startswith(b"tree"):
        item.unlink()


async def test_a_pull_request_of_the_sandbox_is_examined(tmp_path: Path) -> None:
    """On the sandbox itself: opened, pushed to again, each head gets its check runs and logs."""
    async with Sandbox(tmp_path / "github") as sandbox:
        await sandbox.create_repository(NAME, {"quill.yaml": SPEC.format("1").encode()})
        Ci(sandbox, NoUpstreams(), clock=lambda: AT)
        alice = sandbox.person("alice", "write")
        bad = await alice.push(NAME, "bump", {"quill.yaml": SPEC.format("0.9").encode()})
        await alice.open_pull(NAME, "bump")
        await sandbox.settle()
        assert _ends(sandbox, bad) == {("lint", "failure"), ("build", "failure")}
        good = await alice.push(NAME, "bump", {"quill.yaml": SPEC.format("2").encode()})
        await sandbox.settle()
        assert _ends(sandbox, good) == {("lint", "success"), ("build", "success")}
        assert "quill 2-r0" in sandbox.check_runs(NAME, good)[0].log


async def test_a_head_that_a_restart_cut_off_is_examined_after_it(tmp_path: Path) -> None:
    """A pull request that no CI saw before the sandbox went down has its check runs afterwards."""
    async with Sandbox(tmp_path / "github") as sandbox:
        await sandbox.create_repository(NAME, {"quill.yaml": SPEC.format("1").encode()})
        alice = sandbox.person("alice", "write")
        head = await alice.push(NAME, "bump", {"quill.yaml": SPEC.format("2").encode()})
        await alice.open_pull(NAME, "bump")
        sandbox.post_check_run(NAME, head, "build", app_id=CI_APP, status="in_progress")
    async with Sandbox(tmp_path / "github") as sandbox:
        Ci(sandbox, NoUpstreams(), clock=lambda: AT)
        await sandbox.settle()
        assert _ends(sandbox, head) == {("lint", "success"), ("build", "success")}


def _ends(sandbox: Sandbox, head: Sha) -> set[tuple[str, Conclusion | None]]:
    return {(run.name, run.conclusion) for run in sandbox.check_runs(NAME, head)}
