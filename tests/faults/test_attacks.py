"""Somebody who knows octobot's source tries to get past the gate, or to stop it silently."""

from dataclasses import replace
from datetime import timedelta

from octobot.commands.obey import REFUSALS, obey
from octobot.flows.land.judge import judge
from octobot.flows.settings import configured
from octobot.flows.view import Member
from octobot.model.package import Package
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import ReasonCode
from octobot.model.verdict import Outcome
from octobot.sandbox.http.faults import anything, fault
from octobot.sandbox.state.nouns import CI_APP
from tests.stories.story import HELLO, NAME, Away, Story, spec


async def proposed(tale: Story, version: str = "1.1") -> PullRequest:
    """Let a version be proposed; return its pull request."""
    await tale.look()
    await tale.release(version)
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    (pull,) = await tale.pulls()
    return pull


async def moved(tale: Story, version: str) -> None:
    """Let a version's tag name another commit."""
    other = await tale.release(f"0.{version}")
    await tale.sandbox.publish_tag("example/hello", f"v{version}", commit=other, force=True)


async def frozen_by_another_tag(tale: Story) -> None:
    """Let 1.1 be the target, and freeze the package because the spec's own tag moved."""
    await proposed(tale)
    await moved(tale, "1.0")
    assert await tale.later(hours=1) is ReasonCode.TAG_MOVED
    assert await tale.pulls() == ()


async def test_a_storm_of_500s_does_not_thaw_a_package(tale: Story) -> None:
    """A freeze for another tag than the target's outlives every reason that a bad hour gives."""
    await frozen_by_another_tag(tale)
    faults = tale.sandbox.faults()
    faults.strike("storm", anything, answer=fault(503), times=10**6)
    tale.clock.ahead += timedelta(hours=1)
    await tale.queue.hint(tale.key)
    await tale.work()
    faults.clear()
    assert await tale.later(hours=1) is ReasonCode.TAG_MOVED
    assert await tale.pulls() == ()


async def test_a_moved_tag_that_is_deleted_does_not_thaw_a_package(tale: Story) -> None:
    """Whoever moved the tag tidies up and publishes a newer version: it stays frozen."""
    await frozen_by_another_tag(tale)
    await tale.sandbox.delete_ref("example/hello", "refs/tags/v1.0")
    await tale.release("1.3")
    assert await tale.later(hours=1) is ReasonCode.TAG_MOVED
    assert await tale.later(days=2) is ReasonCode.TAG_MOVED
    assert await tale.pulls() == ()
    await tale.write_spec("1.2")  # a person looked, and made the bump by hand
    assert await tale.later(hours=1) is ReasonCode.CHECKS_PENDING


async def test_recheck_does_not_thaw_a_package(tale: Story) -> None:
    """Who may only triage says `recheck`: the lane comes before the look, and rests."""
    await frozen_by_another_tag(tale)
    trudy = tale.sandbox.person("trudy", "triage")
    issue = await trudy.open_issue(NAME, "hello", "")
    comment = await trudy.comment(NAME, issue, "/octobot recheck hello")
    await obey(tale.world, comment.id)
    await tale.work()  # before the next pass looks
    assert await tale.pulls() == ()
    assert await tale.look() is ReasonCode.TAG_MOVED


async def test_an_edit_of_the_same_spec_meanwhile_does_not_stop_the_line(tale: Story) -> None:
    """Somebody edits another line of the spec while its bump waits: recreated, then merged."""
    await proposed(tale)
    text = await tale.spec()
    edited = text + "# Ask before you change the schedule.\n"
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": edited.encode()}, "Say so")
    await tale.check()
    await tale.check()
    assert await tale.store.repositories.merging_halted(tale.world.watched.id) is None
    assert (await tale.row()).reason.code is ReasonCode.MERGED
    now = await tale.spec()
    assert "Ask before" in now
    assert 'version: "1.1"' in now


async def test_another_name_of_the_version_lends_no_age(tale: Story) -> None:
    """`v1.1` is published early, for its age; `1.1`, which the spec takes, right before."""
    await tale.configure("minimum-release-age: 24h\n")
    first = await tale.upstreams.provide_ref(HELLO, "refs/tags/1.0")
    text = spec("1.0", first).replace("tag: v$", "tag: $")
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": text.encode()}, "Without v")
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.TAG_SCHEME_CHANGED
    await tale.later(hours=30)
    await tale.upstreams.provide_ref(HELLO, "refs/tags/1.1")
    assert await tale.later(hours=13) is ReasonCode.CHECKS_PENDING
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    assert await tale.later(hours=24) is ReasonCode.MERGED


async def test_another_version_lends_no_age(tale: Story) -> None:
    """What is remembered of the target counts for the pull request of that very version alone."""
    await tale.configure("minimum-release-age: 24h\n")
    await proposed(tale, "1.0.1")
    old = await tale.row()
    await tale.later(hours=30)
    await tale.check("failure")
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    (pull,) = await tale.pulls()
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
    row = replace(await tale.row(), target=old.target)
    package = tale.world.reader.read(row.path, row.blob, row.text)
    assert isinstance(package, Package)
    settings = await configured(tale.world)
    _, verdict = await judge(tale.world, (Member(row, package),), pull, settings.config)
    assert (verdict.outcome, verdict.reason.code) == (Outcome.WAIT, ReasonCode.MINIMUM_RELEASE_AGE)


async def test_a_persons_merge_onto_an_edited_spec_does_not_stop_the_line(tale: Story) -> None:
    """Somebody merges octobot's commit by hand, onto another edit: theirs, not a wrong merge."""
    pull = await proposed(tale)
    edited = await tale.spec() + "# Ask before you change the schedule.\n"
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": edited.encode()}, "Say so")
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
    await tale.sandbox.person("ann", "admin").merge(NAME, pull.number)
    assert await tale.later(hours=1) is ReasonCode.MERGED
    assert await tale.store.repositories.merging_halted(tale.world.watched.id) is None


async def left_to_github(tale: Story) -> PullRequest:
    """Let a pull request wait in GitHub's auto-merge."""
    pull = await proposed(tale)
    await tale.configure("minimum-release-age: 0s\nmerge-by: auto\n")
    tale.sandbox.protect(NAME, "main", [("build", CI_APP)], reviews=1)
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    return pull


async def test_what_is_not_judged_is_not_left_to_github(tale: Story) -> None:
    """The spec on the default branch is broken: nothing is judged, so nothing may be merged."""
    pull = await left_to_github(tale)
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": b"package: []\n"}, "Oh")
    assert await tale.later(hours=1) is ReasonCode.BAD_SPEC
    assert await tale.world.github.merge_queue.left_to_github(pull.number) is None


async def test_what_is_recreated_is_not_left_to_github(tale: Story) -> None:
    """Somebody says `rebase`, and upstream does not answer: the old commit is not merged."""
    pull = await left_to_github(tale)
    tale.clock.ahead += timedelta(seconds=2)
    comment = await tale.sandbox.person("ann", "write").comment(
        NAME, pull.number, "/octobot recreate"
    )
    tale.world = replace(tale.world, upstreams=Away())
    await obey(tale.world, comment.id)
    await tale.look()
    assert [each.head for each in await tale.pulls()] == [pull.head]
    assert await tale.world.github.merge_queue.left_to_github(pull.number) is None


async def test_whoever_talks_too_much_costs_no_writes(tale: Story) -> None:
    """Ten reactions, and nothing is written any more: GitHub counts reactions as well."""
    pull = await proposed(tale)
    eve = tale.sandbox.person("eve", "read")
    for number in range(REFUSALS + 3):
        comment = await eve.comment(NAME, pull.number, "/octobot pause")
        tale.sandbox.log.clear()
        await obey(tale.world, comment.id)
        assert len(tale.sandbox.log.content_writes()) == (number < REFUSALS)
