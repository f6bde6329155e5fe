"""The way of a release through every room, and the ways on which it must not go."""

from collections import Counter
from dataclasses import replace

import pytest

from octobot.model.reasons import ReasonCode
from octobot.sandbox.http.faults import of
from tests.stories.story import NAME, Away, Story, spec

FAILING = """\
2026-05-01T12:00:00.0000000Z ##[group]Run melange build hello.yaml
2026-05-01T12:00:01.0000000Z hello.c:3:10: fatal error: greeting.h: No such file or directory
2026-05-01T12:00:01.0000000Z compilation terminated.
2026-05-01T12:00:01.0000000Z ##[error]Process completed with exit code 1.
"""


async def test_a_release_becomes_a_merge(tale: Story) -> None:
    """Seen, proposed, checked, merged; only version, epoch and commit of the spec differ."""
    before = await tale.spec()
    assert await tale.look() is ReasonCode.UP_TO_DATE
    commit = await tale.release("1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    (pull,) = await tale.pulls()
    assert (pull.title, pull.branch) == ("hello/1.1 package update", "octobot/hello/1.1")
    assert await tale.check() is ReasonCode.MERGED
    after = (await tale.spec()).splitlines()
    changed = [line for line in after if line not in before.splitlines()]
    assert changed == [
        '  version: "1.1"',
        "  epoch: 0 # rebuilt",
        f"      expected-commit: {commit}",
    ]
    assert await tale.later(hours=1) is ReasonCode.MERGED


async def test_a_merged_bump_costs_three_content_writes(tale: Story) -> None:
    """Commit, pull request, merge; then the branch is deleted, and nothing is written after."""
    await tale.look()
    await tale.release("1.1")
    tale.sandbox.log.clear()
    await tale.look()
    await tale.check()
    writes = Counter(
        each.mutations[-1] if each.mutations else f"{each.method} {each.path.split('/')[-1]}"
        for each in tale.sandbox.log.content_writes()
    )
    assert writes == {
        "createCommitOnBranch": 1,
        "POST pulls": 1,
        "PUT merge": 1,
        "updateRefs": 1,
    }
    tale.sandbox.log.clear()
    for _ in range(3):
        await tale.later(hours=2)
    assert [each for each in tale.sandbox.log.writes() if "access_tokens" not in each.path] == []


async def test_a_failed_check_is_explained_once(tale: Story) -> None:
    """One comment with the decisive line, in place; a re-run that succeeds merges."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    assert await tale.check("failure", FAILING) is ReasonCode.CHECKS_FAILED
    await tale.later(hours=2)
    (pull,) = await tale.pulls()
    (comment,) = tale.comments(pull.number)
    assert "greeting.h: No such file or directory" in comment
    await tale.check("success")
    assert await tale.later(hours=1) is ReasonCode.MERGED


async def test_a_young_release_waits(tale: Story) -> None:
    """With a minimum age the pull request waits by octobot's own clock, then merges by itself."""
    await tale.configure("minimum-release-age: 24h\n")
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    assert await tale.later(hours=23) is ReasonCode.MINIMUM_RELEASE_AGE
    assert await tale.later(hours=1) is ReasonCode.MERGED


async def test_a_moved_tag_is_quarantined(tale: Story) -> None:
    """A tag moves after it was seen: its pull request is closed, an issue says so, no merge."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    other = await tale.release("9.9-somewhere-else")
    await tale.sandbox.publish_tag("example/hello", "v1.1", commit=other, force=True)
    assert await tale.check() is ReasonCode.TAG_MOVED
    assert await tale.pulls() == ()
    assert 'version: "1.0"' in await tale.spec()
    issue = (await tale.row()).issue
    assert issue
    await tale.release("1.2")
    assert await tale.later(hours=1) is ReasonCode.TAG_MOVED
    assert (await tale.row()).issue == issue


async def test_a_moved_tag_of_the_spec_itself_is_seen(tale: Story) -> None:
    """The tag that the spec pins moved before octobot ever looked: frozen as well."""
    other = await tale.release("0.1")
    await tale.sandbox.publish_tag("example/hello", "v1.0", commit=other, force=True)
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.TAG_MOVED
    assert await tale.pulls() == ()


async def test_a_newer_version_supersedes(tale: Story) -> None:
    """The older pull request is closed with a word, and only the newer one is left."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (old,) = await tale.pulls()
    await tale.check("failure")
    await tale.release("1.2")
    await tale.look()
    (new,) = await tale.pulls()
    assert new.branch == "octobot/hello/1.2"
    assert (await tale.world.github.pulls.get(old.number)).state == "closed"
    assert await tale.check() is ReasonCode.MERGED


async def test_sequential_versions_merge_in_order(tale: Story) -> None:
    """With `require-sequential` the next version comes first, and then the one after it."""
    await tale.write_spec("1.0", extra="  require-sequential: true\n")
    await tale.look()
    await tale.release("1.1")
    await tale.release("1.2")
    await tale.look()
    assert [pull.branch for pull in await tale.pulls()] == ["octobot/hello/1.1"]
    await tale.check()
    await tale.later(hours=1)
    assert [pull.branch for pull in await tale.pulls()] == ["octobot/hello/1.2"]
    assert await tale.check() is ReasonCode.MERGED


async def test_a_persons_commit_takes_the_branch_over(tale: Story) -> None:
    """Somebody pushed to the branch: not merged although green, not closed by a newer version."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    ann = tale.sandbox.person("ann", "write")
    await ann.push(NAME, pull.branch, {"hello.yaml": b"package:\n  name: hello\n"})
    assert await tale.check() is ReasonCode.UNKNOWN_COMMIT
    await tale.release("1.2")
    await tale.look()
    assert {each.branch for each in await tale.pulls()} == {pull.branch, "octobot/hello/1.2"}
    said = tale.comments(pull.number)
    assert any("octobot did not make" in comment for comment in said)


async def test_a_conflict_is_recreated(tale: Story) -> None:
    """The spec changed under an open pull request: it has another commit, on the new base."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (old,) = await tale.pulls()
    rebuilt = (await tale.spec()).replace("epoch: 3", "epoch: 4").encode()
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": rebuilt}, "Rebuild hello")
    await tale.check()
    await tale.later(hours=1)
    (new,) = await tale.pulls()
    assert (new.branch, new.number) == (old.branch, old.number)
    assert new.head != old.head
    assert await tale.check() is ReasonCode.MERGED
    assert "  epoch: 0 # rebuilt" in await tale.spec()


async def test_a_persons_own_merge_is_no_alarm(tale: Story) -> None:
    """Somebody fixes the branch and merges it: octobot notices, and continues to merge others."""
    await tale.look()
    commit = await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    ann = tale.sandbox.person("ann", "admin")
    mended = spec("1.1", commit).replace("A greeting", "Greetings")
    await ann.push(NAME, pull.branch, {"hello.yaml": mended.encode()})
    for head in [each.head for each in await tale.pulls()]:
        tale.sandbox.post_check_run(NAME, head, "build", conclusion="success")
    await ann.merge(NAME, pull.number)
    assert await tale.later(hours=2) is ReasonCode.MERGED
    assert await tale.store.repositories.merging_halted(tale.world.watched.id) is None


async def test_a_person_closing_it_is_a_no(tale: Story) -> None:
    """A version that a person closed is not proposed again; the next one is."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    await tale.sandbox.person("ann", "write").close(NAME, pull.number)
    assert await tale.later(hours=2) is ReasonCode.CLOSED_BY_USER
    assert await tale.pulls() == ()
    await tale.release("1.2")
    assert await tale.look() is ReasonCode.CHECKS_PENDING


async def test_a_manual_package_becomes_an_issue(tale: Story) -> None:
    """One issue for the version; it is closed when a person has made the bump."""
    await tale.write_spec("1.0", extra="  manual: true\n")
    await tale.look()
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.MANUAL
    number = (await tale.row()).issue
    assert number
    await tale.later(hours=2)
    assert (await tale.row()).issue == number
    await tale.write_spec("1.1", extra="  manual: true\n")
    assert await tale.later(hours=2) is ReasonCode.UP_TO_DATE
    assert (await tale.row()).issue is None
    state = tale.sandbox.hub.state.issue(tale.world.watched.id, number)
    assert state
    assert state.state == "closed"


async def test_without_a_required_check_nothing_merges(tale: Story) -> None:
    """Protection that requires nothing is not green."""
    tale.sandbox.unprotect(NAME, "main")
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    assert await tale.check() is ReasonCode.NO_REQUIRED_CHECKS


async def test_the_repositorys_file_rules_within_a_pass(tale: Story) -> None:
    """Pausing stops at once, a broken file changes nothing, and fixing it resumes."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    await tale.configure("paused: true\n")
    assert await tale.check() is ReasonCode.PAUSED
    await tale.configure("minimum-age: 0s\n")
    assert await tale.later(minutes=10) is ReasonCode.PAUSED
    await tale.configure("minimum-release-age: 0s\n")
    assert await tale.later(minutes=10) is ReasonCode.MERGED


async def test_an_upstream_that_is_away_changes_nothing(tale: Story) -> None:
    """No news is never "all gone": an open pull request stays while its upstream is down."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    there, tale.world = tale.world, replace(tale.world, upstreams=Away())
    assert await tale.check() is ReasonCode.UPSTREAM_UNREACHABLE
    assert len(await tale.pulls()) == 1
    tale.world = there
    assert await tale.later(minutes=10) is ReasonCode.MERGED


@pytest.mark.parametrize("foreign", [False, True])
async def test_an_older_one_is_closed_though_a_try_failed(tale: Story, *, foreign: bool) -> None:
    """GitHub does not close the superseded one at first; somebody's own work is left alone."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (old,) = await tale.pulls()
    if foreign:
        await tale.sandbox.person("ann", "write").push(NAME, old.branch, {"hello.yaml": b"mine"})
    await tale.check("failure")
    await tale.release("1.2")
    fails = of("POST", f"/repos/{NAME}/issues/{old.number}/comments")
    tale.sandbox.faults().strike("500", fails, times=20)
    await tale.look()
    assert len(await tale.pulls()) == 2
    tale.sandbox.door.intercept = None
    await tale.later(hours=1)
    assert [one.number for one in await tale.pulls() if one.number == old.number] == (
        [old.number] if foreign else []
    )
    assert sum("step-back" in one for one in tale.comments(old.number)) == int(foreign)
    assert await tale.check() is ReasonCode.MERGED


async def test_a_merged_bump_costs_few_requests(tale: Story) -> None:
    """Counted: what is answered with 304 is free.  A pass without news costs nothing but that."""
    await tale.look()
    await tale.release("1.1")
    tale.sandbox.log.clear()
    await tale.look()
    assert await tale.check() is ReasonCode.MERGED
    log = [one for one in tale.sandbox.log if "/access_tokens" not in one.path]
    queries = [one for one in log if one.path == "/api/graphql"]
    asked = [one for one in log if one.method == "GET" and one.status != 304]
    watching = [one for one in queries if b"rateLimit" in one.body]
    texts = [one.path for one in asked if "since=" in one.path]
    assert len(asked) - len(texts) <= 16, [one.path for one in asked]
    assert len(queries) - len(watching) <= 8
    tree_reads = [one.path for one in asked if "/git/" in one.path]
    assert len(tree_reads) <= 1  # the root's, with the ids of the settings
