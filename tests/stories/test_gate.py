"""The gate on its sandbox: who merges, what a person lets in, clocks, limits, the kill switch."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from octobot.datasources.osv import ADDRESS
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import ReasonCode
from tests.stories.story import HELLO, NAME, Story

NO_AGE = "minimum-release-age: 0s\n"


async def proposed(tale: Story, version: str = "1.1", config: str = NO_AGE) -> PullRequest:
    """Bring a release to a pull request under these settings."""
    await tale.configure(config)
    await tale.look()
    await tale.release(version)
    await tale.look()
    (pull,) = await tale.pulls()
    return pull


def writes(tale: Story) -> list[str]:
    """Name what octobot wrote since the log was cleared, tokens aside."""
    found = [each for each in tale.sandbox.log.writes() if "access_tokens" not in each.path]
    return [
        each.mutations[-1] if each.mutations else f"{each.method} {each.path.split('/')[-1]}"
        for each in found
    ]


# jumps (row 57)


async def test_a_huge_jump_waits_for_a_person(tale: Story) -> None:
    """`99999` after `1.0` is blocked, until somebody who can write approves exactly this head."""
    pull = await proposed(tale, "99999")
    assert await tale.check() is ReasonCode.UNUSUAL_JUMP
    assert 'version: "1.0"' in await tale.spec()
    ann = tale.sandbox.person("ann", "write", on=NAME)
    await ann.approve(NAME, pull.number)
    assert await tale.later(hours=2) is ReasonCode.MERGED


async def test_a_date_after_a_number_waits_for_a_person(tale: Story) -> None:
    """Once a distro has a date in place of a version, no usual version is ever greater."""
    await proposed(tale, "20240101")
    assert await tale.check() is ReasonCode.UNUSUAL_JUMP


# who merges


async def test_the_merge_queue_gets_the_judged_head(tale: Story) -> None:
    """The head is enqueued, not merged; GitHub merges it, and the merge is audited."""
    pull = await proposed(tale, config=NO_AGE + "merge-by: queue\n")
    tale.sandbox.require_queue(NAME, "main")
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    assert 'version: "1.0"' in await tale.spec()
    assert await tale.later(minutes=10) is ReasonCode.LEFT_TO_GITHUB
    assert await tale.sandbox.merge_deferred(NAME) == (pull.number,)
    assert await tale.later(minutes=10) is ReasonCode.MERGED
    assert 'version: "1.1"' in await tale.spec()
    asked = [one for one in tale.sandbox.log.writes() if "enqueuePullRequest" in one.mutations]
    assert len(asked) == 1


async def test_a_queued_merge_is_taken_back_when_the_verdict_changes(tale: Story) -> None:
    """A required check that is run again and fails takes the pull request out of the queue."""
    await proposed(tale, config=NO_AGE + "merge-by: queue\n")
    tale.sandbox.require_queue(NAME, "main")
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    assert await tale.check("failure") is ReasonCode.CHECKS_FAILED
    (pull,) = await tale.pulls()
    assert await tale.world.github.merge_queue.left_to_github(pull.number) is None
    assert await tale.sandbox.merge_deferred(NAME) == ()


async def test_a_pause_takes_a_queued_merge_back(tale: Story) -> None:
    """The kill switch stops what GitHub would merge by itself, too; then nothing is written."""
    await proposed(tale, config=NO_AGE + "merge-by: queue\n")
    tale.sandbox.require_queue(NAME, "main")
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    await tale.configure("paused: true\nmerge-by: queue\n")
    tale.sandbox.log.clear()
    assert await tale.later(minutes=10) is ReasonCode.PAUSED
    assert writes(tale) == ["dequeuePullRequest"]
    tale.sandbox.log.clear()
    await tale.later(hours=2)
    assert writes(tale) == []


async def test_auto_merge_waits_for_what_only_github_wants(tale: Story) -> None:
    """All that octobot asks for is there, GitHub wants a review: auto-merge is switched on."""
    pull = await proposed(tale, config=NO_AGE + "merge-by: auto\n")
    tale.sandbox.protect(NAME, "main", [("build", 15368)], reviews=1)
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    assert await tale.later(minutes=10) is ReasonCode.LEFT_TO_GITHUB
    assert await tale.world.github.merge_queue.left_to_github(pull.number) == "auto"
    await tale.sandbox.person("ann", "write", on=NAME).approve(NAME, pull.number)
    assert await tale.sandbox.merge_deferred(NAME) == (pull.number,)
    assert await tale.later(minutes=10) is ReasonCode.MERGED


async def test_auto_merge_is_not_needed_where_nothing_is_missing(tale: Story) -> None:
    """GitHub refuses auto-merge for what is clean; octobot merges it with the judged head."""
    await proposed(tale, config=NO_AGE + "merge-by: auto\n")
    assert await tale.check() is ReasonCode.MERGED
    assert not any("enablePullRequestAutoMerge" in one.mutations for one in tale.sandbox.log)


async def test_auto_merge_is_switched_off_when_somebody_pushes(tale: Story) -> None:
    """Auto-merge takes whatever head there is, so a foreign commit ends it."""
    pull = await proposed(tale, config=NO_AGE + "merge-by: auto\n")
    tale.sandbox.protect(NAME, "main", [("build", 15368)], reviews=1)
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    ann = tale.sandbox.person("ann", "write", on=NAME)
    await ann.push(NAME, pull.branch, {"hello.yaml": b"package: {}\n"})
    assert await tale.later(minutes=10) is ReasonCode.UNKNOWN_COMMIT
    assert await tale.world.github.merge_queue.left_to_github(pull.number) is None


async def test_what_auto_merge_took_beyond_the_ledger_stops_the_line(tale: Story) -> None:
    """A push and GitHub's merge came before octobot could look: the audit finds it."""
    tale.pardoned = frozenset({"S1", "S3"})
    pull = await proposed(tale, config=NO_AGE + "merge-by: auto\n")
    tale.sandbox.protect(NAME, "main", [("build", 15368)], reviews=1)
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    ann = tale.sandbox.person("ann", "write", on=NAME)
    head = await ann.push(NAME, pull.branch, {"hello.yaml": b"package: {}\n"})
    tale.sandbox.post_check_run(NAME, head, "build", conclusion="success")
    await ann.approve(NAME, pull.number)
    assert await tale.sandbox.merge_deferred(NAME) == (pull.number,)
    await tale.later(minutes=10)
    assert await tale.store.repositories.merging_halted(tale.world.watched.id)


async def test_a_persons_own_auto_merge_is_left_alone(tale: Story) -> None:
    """What a person asked GitHub for is theirs."""
    pull = await proposed(tale, config=NO_AGE + "merge-by: queue\nautomerge: false\n")
    tale.sandbox.require_queue(NAME, "main")
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
    ann = tale.sandbox.person("ann", "write", on=NAME)
    await ann.enqueue(NAME, pull.number)
    assert await tale.later(minutes=10) is ReasonCode.AUTOMERGE_OFF
    assert await tale.sandbox.merge_deferred(NAME) == (pull.number,)


async def test_a_branch_that_is_behind_is_recreated(tale: Story) -> None:
    """Where protection wants the newest base, octobot regenerates; the head stays its own."""
    tale.sandbox.protect(NAME, "main", [("build", 15368)], strict=True)
    first = await proposed(tale)
    await tale.sandbox.commit_files(NAME, "main", {"README.md": b"# More\n"}, "By hand")
    tale.sandbox.post_check_run(NAME, first.head, "build", conclusion="success")
    await tale.later(minutes=10)
    (second,) = await tale.pulls()
    assert second.head != first.head
    assert await tale.check() is ReasonCode.MERGED
    assert not any("update-branch" in each.path for each in tale.sandbox.log)


# statuses


async def test_a_status_counts_from_those_the_file_names(tale: Story) -> None:
    """A status of the right name by somebody else is nothing; a second one makes it wait."""
    ann, bob = (tale.sandbox.person(name, "write", on=NAME) for name in ("ann", "bob"))
    wanted = f"required-checks:\n  - {{status: legal, creator: {ann.id}}}\n"
    pull = await proposed(tale, config=NO_AGE + wanted)
    await bob.set_status(NAME, pull.head, "legal", "success")
    assert await tale.check() is ReasonCode.CHECKS_PENDING
    await ann.set_status(NAME, pull.head, "legal", "pending")
    assert await tale.later(minutes=10) is ReasonCode.CHECKS_PENDING
    await ann.set_status(NAME, pull.head, "legal", "success")
    assert await tale.later(minutes=10) is ReasonCode.MERGED


# clocks (row 43)


@pytest.mark.parametrize("skew", [timedelta(days=3), timedelta(minutes=10)])
async def test_a_clock_that_is_ahead_makes_nothing_older(tale: Story, skew: timedelta) -> None:
    """The machine's clock jumps ahead after the first look: GitHub's time decides."""
    await tale.configure("minimum-release-age: 24h\n")
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    await tale.check()
    clock = tale.clock
    tale.world = replace(tale.world, clock=lambda: clock() + skew)
    assert await tale.later(hours=23) is ReasonCode.MINIMUM_RELEASE_AGE
    assert await tale.later(hours=1) is ReasonCode.MERGED


# a fix of a known vulnerability (incident 3)

URGENT = (
    "minimum-release-age: 7d\nvulnerability-release-age: 1h\n"
    "packages: [{match: hello, datasource: pypi, identifier: hello}]\n"
)


def advisories(tale: Story, **by_version: list[str]) -> None:
    """Let OSV know these vulnerabilities of versions."""
    for version, ids in by_version.items():
        number = version.removeprefix("v").replace("_", ".")
        package = {"ecosystem": "PyPI", "name": "hello"}
        query = json.dumps({"version": number, "package": package}).encode()
        answer = json.dumps({"vulns": [{"id": each} for each in ids]}).encode()
        tale.upstreams.put_answer(ADDRESS, query, answer)


def registry(tale: Story, *versions: str) -> None:
    """Let the registry have these versions."""
    listed = {
        "name": "hello",
        "versions": list(versions),
        "files": [{"filename": f"hello-{version}.tar.gz"} for version in versions],
    }
    tale.upstreams.put_file("https://pypi.org/simple/hello/", json.dumps(listed).encode())


async def test_a_security_fix_hurries_on_two_signals(tale: Story) -> None:
    """Known to be fixed, and confirmed by the registry: an hour is enough, not a minute."""
    advisories(tale, v1_0=["GHSA-1", "GHSA-2"], v1_1=["GHSA-2"])
    registry(tale, "1.0", "1.1")
    await proposed(tale, config=URGENT)
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    assert await tale.later(hours=1) is ReasonCode.MERGED


async def test_a_security_fix_does_not_hurry_on_advisories_alone(tale: Story) -> None:
    """Nothing is known to be fixed: the full age, although the registry has it."""
    advisories(tale, v1_0=["GHSA-2"], v1_1=["GHSA-2"])
    registry(tale, "1.0", "1.1")
    await proposed(tale, config=URGENT)
    await tale.check()
    assert await tale.later(hours=2) is ReasonCode.MINIMUM_RELEASE_AGE
    assert await tale.later(days=7) is ReasonCode.MERGED


async def test_advisories_that_do_not_answer_hurry_nothing(tale: Story) -> None:
    """No answer speaks for nothing."""
    registry(tale, "1.0", "1.1")
    await proposed(tale, config=URGENT)
    await tale.check()
    assert await tale.later(hours=2) is ReasonCode.MINIMUM_RELEASE_AGE


# limits and the kill switch (row 82)


async def test_only_so_many_are_opened_in_an_hour(tale: Story) -> None:
    """A second version within the hour waits; an hour later it is brought."""
    config = NO_AGE + "new-pull-requests-per-hour: 1\n"
    await proposed(tale, config=config)
    await tale.check("failure")
    await tale.release("1.2")
    await tale.later(minutes=10)
    assert (await tale.row()).reason.code is ReasonCode.PR_LIMIT_REACHED
    assert [pull.branch for pull in await tale.pulls()] == ["octobot/hello/1.1"]
    await tale.later(hours=1)
    assert [pull.branch for pull in await tale.pulls()] == ["octobot/hello/1.2"]


async def test_the_operators_switch_stops_every_write(tale: Story) -> None:
    """Paused by the setting: not a word is written, whatever the repository's file says."""
    await proposed(tale)
    there, tale.world = tale.world, replace(tale.world, paused=True)
    tale.sandbox.log.clear()
    assert await tale.check() is ReasonCode.PAUSED
    await tale.release("1.2")
    assert await tale.later(hours=1) is ReasonCode.PAUSED
    assert writes(tale) == []
    tale.world = there
    await tale.later(hours=1)
    assert await tale.check() is ReasonCode.MERGED


async def test_a_pause_waits_with_what_a_freeze_calls_for(tale: Story) -> None:
    """A tag that moves while octobot is paused is quarantined when the pause is over."""
    await proposed(tale)
    await tale.configure("paused: true\n")
    other = await tale.release("9.9-somewhere-else")
    await tale.sandbox.publish_tag("example/hello", "v1.1", commit=other, force=True)
    tale.sandbox.log.clear()
    await tale.later(hours=1)
    assert writes(tale) == []
    assert len(await tale.pulls()) == 1
    await tale.configure(NO_AGE)
    assert await tale.later(hours=1) is ReasonCode.TAG_MOVED
    assert await tale.pulls() == ()


# whose repository it is (row 24)


async def test_another_repository_under_the_old_name_freezes(tale: Story) -> None:
    """The name was given up and taken by somebody else: no tag moved, yet nothing is taken."""
    await tale.look()
    await tale.release("1.1")
    tale.sandbox.replace_repository("example/hello")
    assert await tale.look() is ReasonCode.UPSTREAM_REPLACED
    assert await tale.pulls() == ()
    assert (await tale.row()).issue
    assert await tale.later(hours=2) is ReasonCode.UPSTREAM_REPLACED
    assert await tale.store.identities.accept("github", "Example/Hello")
    assert await tale.later(hours=2) is ReasonCode.CHECKS_PENDING
    assert HELLO.endswith("example/hello")
