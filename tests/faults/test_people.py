"""People, other Apps, clocks and a lost database: SAFETY.md's rows 28, 43 to 45 and 64 to 73."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from octobot.model.ids import Sha
from octobot.model.pull_request import Conclusion
from octobot.model.reasons import ReasonCode
from octobot.sandbox.git.draft import Draft, Identity, Put
from octobot.sandbox.state.nouns import CI_APP
from octobot.store.store import Store
from tests.databases import Databases
from tests.stories.story import HELLO, NAME, Story, spec
from tests.stories.test_withdrawn import delete_tag

EVIL = b"package:\n  name: hello\n  version: evil\n"


async def proposed(tale: Story, version: str = "1.1") -> Sha:
    """Let a version be proposed; return the head."""
    await tale.look()
    await tale.release(version)
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    (pull,) = await tale.pulls()
    return pull.head


async def unmerged(tale: Story, version: str = "1.0") -> None:
    """Let time pass with everything green, and see that nothing was merged by octobot."""
    for _ in range(3):
        await tale.check()
        await tale.later(hours=2)
    assert f'version: "{version}"' in await tale.spec()
    assert [one for one in tale.sandbox.log.whole() if one.path.endswith("/merge")] == []


async def amended(tale: Story, branch: str, changes: dict[str, Put | None]) -> Sha:
    """Replace a branch's commit by one with octobot's name and e-mail; the old one is gone."""
    repo = tale.sandbox.repository(NAME)
    git = tale.sandbox.hub.git(repo)
    old = await git.commit_of(f"refs/heads/{branch}")
    assert old
    me = Identity(old.author.name, old.author.email, old.author.at)
    draft = Draft(old.message, me, me, old.parents, old.tree, changes)
    return await pointed(tale, branch, await git.commit(draft))


async def pointed(tale: Story, branch: str, made: Sha) -> Sha:
    """Force a branch to a commit, as somebody with the right to do so."""
    await tale.sandbox.hub.git(tale.sandbox.repository(NAME)).put("refs/heads/scratch", made)
    ann = tale.sandbox.person("ann", "admin")
    async with (
        aiohttp.ClientSession() as session,
        session.patch(
            f"{tale.sandbox.api_url}/repos/{NAME}/git/refs/heads/{branch}",
            json={"sha": made, "force": True},
            headers={"Authorization": f"Bearer {ann.token}"},
        ) as answer,
    ):
        assert answer.status == 200, await answer.text()
    await tale.sandbox.delete_ref(NAME, "refs/heads/scratch")
    return made


@pytest.mark.parametrize("how", ["push", "force-push", "amend"])
async def test_a_commit_that_is_not_octobots_is_never_merged(tale: Story, how: str) -> None:
    """Row 64: on top, instead, or with octobot's own name and e-mail: the ids show it."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    ann = tale.sandbox.person("ann", "write")
    base = await tale.sandbox.hub.git(tale.sandbox.repository(NAME)).ref("refs/heads/main")
    assert base
    match how:
        case "push":
            made = await ann.push(NAME, pull.branch, {"hello.yaml": EVIL})
        case "force-push":
            made = await ann.push(NAME, pull.branch, {"hello.yaml": EVIL}, force_from=base)
        case _:
            made = await amended(tale, pull.branch, {"hello.yaml": Put(EVIL)})
    assert await tale.check() is ReasonCode.UNKNOWN_COMMIT
    await unmerged(tale)
    assert await tale.world.github.branches.head(pull.branch) == made


BUMPED = spec("1.1", Sha("a" * 40)).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"README.md": Put(b"#\n")},
        {"hello.yaml": Put(BUMPED, "100755")},
        {"hello.yaml": Put(b"/etc/passwd", "120000")},
        {"hello.yaml": None, "Hello.yaml": Put(BUMPED)},
        {"hello.yaml": Put(b"\xef\xbb\xbf" + BUMPED)},
        {"hello.yaml": Put(BUMPED.replace(b"\n", b"\r\n"))},
        {"hello.yaml": Put(BUMPED + b"package:\n  version: '9'\n")},
        {".github/workflows/x.yaml": Put(b"on: push\n")},
    ],
    ids=["second-file", "mode", "link", "rename", "bom", "crlf", "two-versions", "workflow"],
)
async def test_an_edited_pull_request_is_never_merged(
    tale: Story, changes: dict[str, Put | None]
) -> None:
    """Row 66: whatever else it changes, and under octobot's own name."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    await amended(tale, pull.branch, changes)
    await unmerged(tale)


async def test_a_fork_that_looks_like_octobot_is_nobody(tale: Story) -> None:
    """Row 65: branch, title and file as octobot's own, from a fork: neither merged nor touched."""
    await tale.look()
    ann = tale.sandbox.person("ann", "read")
    fork = await tale.sandbox.fork(NAME, "ann")
    await ann.push(fork.full_name, "octobot/hello/1.1", {"hello.yaml": BUMPED})
    tale.sandbox.person("ann", "write", on=NAME)
    number = await ann.open_pull(NAME, "ann:octobot/hello/1.1", title="hello/1.1 package update")
    await tale.release("1.1")
    await tale.look()
    assert await tale.check() is ReasonCode.MERGED
    pull = tale.sandbox.hub.state.pull(tale.world.watched.id, number)
    issue = tale.sandbox.hub.state.issue(tale.world.watched.id, number)
    assert pull
    assert issue
    assert (pull.merged_at, issue.closed_by) == (None, None)
    assert tale.comments(number) == []


async def test_a_pull_request_turned_to_another_base_is_not_merged(tale: Story) -> None:
    """Row 65: retargeted by a person: wrong base, however green."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    await tale.sandbox.commit_files(NAME, "release", {"other.yaml": b"a: b\n"}, "Another line")
    ann = tale.sandbox.person("ann", "write")
    async with (
        aiohttp.ClientSession() as session,
        session.patch(
            f"{tale.sandbox.api_url}/repos/{NAME}/pulls/{pull.number}",
            json={"base": "release"},
            headers={"Authorization": f"Bearer {ann.token}"},
        ) as answer,
    ):
        assert answer.status == 200
    assert await tale.check() is ReasonCode.WRONG_BASE
    await unmerged(tale)


async def test_somebody_elses_pull_request_from_octobots_branch_is_not_taken(tale: Story) -> None:
    """Row 65: a person was there first, under octobot's branch name: avoided, and reported."""
    await tale.look()
    ann = tale.sandbox.person("ann", "write")
    await ann.push(NAME, "octobot/hello/1.1", {"hello.yaml": BUMPED})
    number = await ann.open_pull(NAME, "octobot/hello/1.1", title="hello/1.1 package update")
    await tale.release("1.1")
    await tale.look()
    for _ in range(3):
        tale.sandbox.post_check_run(
            NAME, (await tale.pulls())[0].head, "build", conclusion="success"
        )
        assert await tale.later(hours=2) is ReasonCode.UNKNOWN_COMMIT
    assert {pull.number for pull in await tale.pulls()} == {number}
    assert 'version: "1.0"' in await tale.spec()


ODD = {
    "link": {"link.yaml": Put(b"hello.yaml", "120000")},
    "folder": {"deep/hello.yaml": Put(BUMPED)},
    "case": {"Hello.yaml": Put(BUMPED.replace(b'"1.1"', b'"0.1"'))},
    "stem": {"other.yaml": Put(BUMPED.replace(b'"1.1"', b'"0.1"'))},
    "odd": {"-x.yaml": Put(BUMPED), "a b.yaml": Put(BUMPED)},
}


@pytest.mark.parametrize("kind", sorted(ODD))
async def test_an_odd_file_is_no_package(tale: Story, kind: str) -> None:
    """Row 69: links, folders, another case, a name not the file's: hello alone is bumped."""
    repo = tale.sandbox.repository(NAME)
    git = tale.sandbox.hub.git(repo)
    base = await git.commit_of("refs/heads/main")
    assert base
    me = Identity("ann", "ann@example.org", datetime.now(UTC))
    await git.put(
        "refs/heads/main", await git.commit(Draft("odd", me, me, (base.sha,), base.tree, ODD[kind]))
    )
    await proposed(tale)
    assert {pull.branch for pull in await tale.pulls()} == {"octobot/hello/1.1"}
    assert await tale.check() is ReasonCode.MERGED


CONCLUSIONS: tuple[Conclusion, ...] = (
    *("neutral", "skipped", "cancelled", "timed_out", "action_required", "failure"),
)


@pytest.mark.parametrize("conclusion", CONCLUSIONS)
async def test_nothing_but_success_is_green(tale: Story, conclusion: Conclusion) -> None:
    """Row 72: GitHub lets skipped and neutral pass; octobot does not (`stale`: tests/policy)."""
    head = await proposed(tale)
    tale.sandbox.post_check_run(NAME, head, "build", conclusion=conclusion)
    assert await tale.later(hours=1) is ReasonCode.CHECKS_FAILED
    assert 'version: "1.0"' in await tale.spec()


async def test_a_check_of_another_app_counts_for_nothing(tale: Story) -> None:
    """Row 72: the right name from the wrong App, and a status of that name."""
    head = await proposed(tale)
    tale.sandbox.post_check_run(NAME, head, "build", app_id=CI_APP + 1, conclusion="success")
    bob = tale.sandbox.person("bob", "write")
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{tale.sandbox.api_url}/repos/{NAME}/statuses/{head}",
            json={"state": "success", "context": "build"},
            headers={"Authorization": f"Bearer {bob.token}"},
        ) as answer,
    ):
        assert answer.status == 201
    assert await tale.later(hours=1) is ReasonCode.CHECKS_PENDING
    assert 'version: "1.0"' in await tale.spec()


async def test_a_check_that_runs_again_is_waited_for(tale: Story) -> None:
    """Rows 72 and 73: green, then run again before the merge, then red: never merged."""
    await tale.configure("minimum-release-age: 1h\n")
    head = await proposed(tale)
    run = tale.sandbox.post_check_run(NAME, head, "build", conclusion="success")
    assert await tale.later(minutes=10) is ReasonCode.MINIMUM_RELEASE_AGE
    tale.sandbox.update_check_run(run, status="in_progress")
    assert await tale.later(hours=2) is ReasonCode.CHECKS_PENDING
    tale.sandbox.update_check_run(run, conclusion="failure")
    assert await tale.later(hours=2) is ReasonCode.CHECKS_FAILED
    assert 'version: "1.0"' in await tale.spec()


async def test_a_check_that_is_newly_required_is_waited_for(tale: Story) -> None:
    """Row 73: required only after everything else was green."""
    await tale.configure("minimum-release-age: 1h\n")
    head = await proposed(tale)
    tale.sandbox.post_check_run(NAME, head, "build", conclusion="success")
    assert await tale.later(minutes=10) is ReasonCode.MINIMUM_RELEASE_AGE
    tale.sandbox.protect(NAME, "main", required=[("build", CI_APP), ("sign", CI_APP)])
    assert await tale.later(hours=2) is ReasonCode.CHECKS_PENDING
    tale.sandbox.post_check_run(NAME, head, "sign", conclusion="success")
    assert await tale.later(hours=2) is ReasonCode.MERGED


@pytest.mark.parametrize("wrong", [-10, 10], ids=["behind", "ahead"])
async def test_a_clock_ten_minutes_off_changes_nothing(tale: Story, wrong: int) -> None:
    """Row 43: GitHub's clock is right, octobot's is not, and then it is set right in between."""
    right = tale.world.clock
    tale.world = replace(tale.world, clock=lambda: right() + timedelta(minutes=wrong))
    await proposed(tale)
    tale.world = replace(tale.world, clock=right)
    await tale.later(minutes=20)
    assert await tale.check() is ReasonCode.MERGED


@pytest.mark.parametrize("booted", [-7200.0, 0.0, 1e9], ids=["before-zero", "at-zero", "long-ago"])
async def test_a_clock_that_jumps_back_only_makes_it_wait(tale: Story, booted: float) -> None:
    """Row 43: an hour back (a wrong time zone, a bad server): the age never counts too much."""
    tale.clock.booted = booted
    await tale.configure("minimum-release-age: 2h\n")
    await proposed(tale)
    tale.clock.ahead -= timedelta(hours=1)
    for head in [pull.head for pull in await tale.pulls()]:
        tale.sandbox.post_check_run(NAME, head, "build", conclusion="success")
    await tale.look()
    assert 'version: "1.0"' in await tale.spec()
    await tale.later(hours=2)
    assert 'version: "1.0"' in await tale.spec()
    await tale.later(hours=2)
    assert (await tale.row()).reason.code is ReasonCode.MERGED


@pytest.mark.parametrize("year", [1970, 2001, 2090])
async def test_the_publishers_dates_make_nothing_older(tale: Story, year: int) -> None:
    """Row 44: a commit that claims to be old (or of the future) is as young as its first sight."""
    await tale.configure("minimum-release-age: 24h\n")
    await tale.look()
    commit = await tale.sandbox.commit_files(
        "example/hello",
        "main",
        {"news": str(year).encode()},
        "Old",
        at=datetime(year, 1, 2, tzinfo=UTC),
    )
    await tale.sandbox.publish_tag("example/hello", "v1.1", commit=commit)
    await tale.look()
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    assert await tale.later(hours=23) is ReasonCode.MINIMUM_RELEASE_AGE
    assert await tale.later(hours=2) is ReasonCode.MERGED
    assert HELLO.endswith("example/hello")


@pytest.fixture
async def another(postgres: Databases) -> AsyncIterator[Callable[[Story], Story]]:
    """Yield a way to continue with an empty database."""
    with postgres.fresh() as url:
        async with Store.open(url, connections=3) as empty:

            def lose(tale: Story) -> Story:
                tale.store, tale.world = empty, replace(tale.world, store=empty)
                tale.queue.keys.clear()
                return tale

            yield lose


async def test_without_its_database_a_merged_version_stays_merged(
    tale: Story, another: Callable[[Story], Story]
) -> None:
    """Row 45: what the default branch has is up to date; the next version takes its usual way."""
    await proposed(tale)
    assert await tale.check() is ReasonCode.MERGED
    tale = another(tale)
    await tale.store.repositories.set_watched([tale.world.watched])
    assert await tale.look() is ReasonCode.UP_TO_DATE
    await tale.release("1.2")
    await tale.look()
    assert await tale.check() is ReasonCode.MERGED


async def test_without_its_database_a_persons_no_is_not_asked_again_at_once(
    tale: Story, another: Callable[[Story], Story]
) -> None:
    """Row 45: closed by a person before the loss; GitHub still knows, so it stays closed."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    await tale.sandbox.person("ann", "write").close(NAME, pull.number)
    assert await tale.later(hours=1) is ReasonCode.CLOSED_BY_USER
    tale = another(tale)
    await tale.store.repositories.set_watched([tale.world.watched])
    await tale.look()
    await tale.later(hours=2)
    assert await tale.pulls() == ()


async def test_what_goes_round_in_circles_is_stopped(tale: Story) -> None:
    """A tag comes and goes: five pull requests for one version, then a reason, and rest."""
    await tale.configure("minimum-release-age: 0s\npackage-pull-requests-per-day: 100\n")
    await tale.look()
    for _ in range(8):
        await tale.release("1.1")
        await tale.look()
        await delete_tag(tale, "v1.1")
        for _ in range(3):
            await tale.look()
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.OSCILLATING
    made = [one for one in tale.sandbox.log.whole() if "createCommitOnBranch" in one.mutations]
    assert len(made) == 5
    assert await tale.pulls() == ()
    await tale.release("1.2")
    await tale.look()
    await tale.later(hours=2)
    assert await tale.check() is ReasonCode.MERGED
