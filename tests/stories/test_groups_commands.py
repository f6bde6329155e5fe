"""Every slash command about a group: in its pull request, by its name, by a package's name."""

from dataclasses import replace
from typing import Literal

import pytest

from octobot.model.pull_request import PullRequest
from octobot.model.reasons import ReasonCode
from octobot.triage.model.ask import Adviser
from tests.faults.lives.dying import Died, Fate, Memory, Mortal
from tests.stories.story import NAME, Story, spec
from tests.stories.test_commands import LOG, TAIL, ann, say
from tests.stories.test_groups import (
    BRANCH,
    GROUP,
    NAMES,
    OWN,
    codes,
    found,
    named,
    reasons,
    tools,
    versions,
)

RAILS = GROUP.replace("name: hello", "name: rails")
"""A group with a name that no package has."""
LANE = "octobot/group/rails/{}"


async def proposed(tale: Story, version: str = "1.1", *, config: str = RAILS) -> PullRequest:
    """Found the group and let a version be proposed; return its pull request."""
    await found(tale, config=config)
    await tale.release(version)
    await tale.look()
    (pull,) = await tale.pulls()
    return pull


async def issue(tale: Story) -> int:
    """Open an issue that is about nothing."""
    return await ann(tale).open_issue(NAME, "Please")


async def done(tale: Story, text: str, *, on: int) -> str:
    """Say something that is to be done."""
    said = await say(tale, text, on=on)
    assert said.startswith("✅"), said
    return said


async def refused(tale: Story, text: str, *, on: int) -> str:
    """Say something that is not to be done."""
    said = await say(tale, text, on=on)
    assert said.startswith("❌"), said
    return said


async def test_close_is_for_good_until_bump(tale: Story) -> None:
    """The group's version is not proposed again, unless somebody asks for it."""
    pull = await proposed(tale)
    await done(tale, "/octobot close", on=pull.number)
    assert await codes(tale) == [ReasonCode.CLOSED_BY_USER] * 3
    await tale.later(days=1)
    assert await tale.pulls() == ()
    await done(tale, "/octobot bump rails", on=await issue(tale))
    (again,) = await tale.pulls()
    assert (again.branch, again.number != pull.number) == (pull.branch, True)
    await tale.check()
    assert await versions(tale) == ["1.1"] * 3


@pytest.mark.parametrize("side", ["before", "after"])
async def test_a_death_on_the_way_changes_nothing_about_a_close(
    tale: Story, side: Literal["before", "after"]
) -> None:
    """Closed on GitHub and not noted: it is settled as what the person wanted."""
    pull = await proposed(tale)
    sound = tale.world.store
    mortal = Mortal(tale, tale.sandbox.faults(), Fate(side=side, named="ledger.update_proposed"))
    tale.world = replace(tale.world, store=Memory(sound, mortal))
    with pytest.raises(Died):
        await say(tale, "/octobot close", on=pull.number)
    tale.world = replace(tale.world, store=sound)
    tale.queue.keys.clear()
    await tale.later(hours=1)
    await tale.later(days=1)
    assert await tale.pulls() == ()
    assert await codes(tale) == [ReasonCode.CLOSED_BY_USER] * 3


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize(
    "write", ["ledger.intend", "ledger.enter", "ledger.update_proposed", "packages.record"]
)
async def test_a_death_on_the_way_of_a_rebuild_changes_nothing_in_the_end(
    tale: Story, write: str, side: Literal["before", "after"]
) -> None:
    """Built again once, from one pull request."""
    await found(tale, config=RAILS)
    number = await issue(tale)
    sound = tale.world.store
    mortal = Mortal(tale, tale.sandbox.faults(), Fate(side=side, named=write))
    tale.world = replace(tale.world, store=Memory(sound, mortal))
    with pytest.raises(Died):
        await say(tale, "/octobot rebuild rails", on=number)
    tale.world = replace(tale.world, store=sound)
    tale.queue.keys.clear()
    for _ in range(3):
        await tale.later(hours=1)
        if await tale.pulls():
            await tale.check()
    assert "epoch: 4" in await tale.spec()
    assert await tale.pulls() == ()


async def test_recreate_uses_the_present_base(tale: Story) -> None:
    """Another head, which has the base that moved; all packages are merged from it."""
    pull = await proposed(tale)
    await tale.sandbox.commit_files(NAME, "main", {"README": b"moved"}, "Move on")
    await done(tale, "/octobot recreate", on=pull.number)
    (again,) = await tale.pulls()
    assert again.head != pull.head
    await tale.check()
    assert await versions(tale) == ["1.1"] * 3


async def test_reset_discards_others_commits(tale: Story) -> None:
    """Not by `recreate`, and not where octobot made every commit."""
    pull = await proposed(tale)
    assert "nothing to discard" in await refused(tale, "/octobot reset", on=pull.number)
    pushed = await ann(tale).push(NAME, pull.branch, {"hello.yaml": b"broken"})
    assert await tale.check() is ReasonCode.UNKNOWN_COMMIT
    assert "reset" in await refused(tale, "/octobot recreate", on=pull.number)
    assert "reset" in await refused(tale, "/octobot close", on=pull.number)
    assert "reset" in await refused(tale, "/octobot merge", on=pull.number)
    await done(tale, f"/octobot reset {pushed}", on=pull.number)
    await tale.check()
    assert await versions(tale) == ["1.1"] * 3


async def test_ignore_closes_and_the_next_version_is_chosen(tale: Story) -> None:
    """In the pull request its own version is meant; every package goes to the next one."""
    pull = await proposed(tale, "2.0")
    said = await done(tale, "/octobot ignore", on=pull.number)
    assert "ignores `2.0` of `rails`" in said
    assert await tale.pulls() == ()
    assert set(await codes(tale)) == {ReasonCode.IGNORED}
    await tale.release("1.5")
    await tale.look()
    (other,) = await tale.pulls()
    assert other.branch == LANE.format("1.5")
    assert "Ignored of `rails`: `2.0`" in await refused(
        tale, "/octobot unignore 3.x", on=pull.number
    )
    await tale.check("failure")
    await done(tale, "/octobot unignore 2.0", on=pull.number)
    (again,) = await tale.pulls()
    assert again.branch == pull.branch


@pytest.mark.parametrize("name", ["rails", "group/rails", "hello-core"])
async def test_ignore_by_name_is_for_the_whole_group(tale: Story, name: str) -> None:
    """A group's name, with its lane's or without, and the name of any package mean the group."""
    await proposed(tale)
    number = await issue(tale)
    await done(tale, f"/octobot ignore {name} 1.x", on=number)
    assert await tale.pulls() == ()
    await done(tale, f"/octobot unignore {name} 1.x", on=number)
    assert len(await tale.pulls()) == 1


async def test_one_package_that_ignores_a_version_keeps_the_others_from_it(tale: Story) -> None:
    """Ordered while it was alone: the group does not wait for a version that it will not get."""
    await found(tale, config="minimum-release-age: 0s\n")
    number = await issue(tale)
    await done(tale, "/octobot ignore hello-core 1.2", on=number)
    await tale.configure(RAILS)
    await tale.release("1.1")
    await tale.release("1.2")
    await tale.look()
    assert await tale.pulls() == ()
    told = await reasons(tale)
    assert str(told["hello"]) == "ignored: 1.2, by ann"


@pytest.mark.parametrize("name", ["rails", "hello-tools"])
async def test_bump_takes_the_whole_group_to_a_version(tale: Story, name: str) -> None:
    """A pre-release that the filters drop, asked for by the group's or a package's name."""
    await proposed(tale)
    await tale.release("1.2_rc1")
    await tale.look()
    said = await done(tale, f"/octobot bump {name} 1.2_rc1", on=await issue(tale))
    assert "`rails` `1.2_rc1`" in said
    (pull,) = await tale.pulls()
    assert pull.branch == LANE.format("1.2_rc1")
    await tale.check()
    assert await versions(tale) == ["1.2_rc1"] * 3


async def test_bump_refuses_what_one_package_does_not_show(tale: Story) -> None:
    """All or none: the message says which lacks it, and what can be done."""
    await found(tale, config=RAILS, own=True)
    await tale.release("1.1")
    await tools(tale, "1.0.5")
    await tale.look()
    number = await issue(tale)
    said = await refused(tale, "/octobot bump hello 1.1", on=number)
    assert "3 packages of the group `rails` move together" in said
    assert "upstream of `hello-tools` has no version `1.1`. Its newest versions: `1.0.5`" in said
    assert "upstream of `hello`" not in said
    assert "not newer" in await refused(tale, "/octobot bump rails 1.0", on=number)
    assert await tale.pulls() == ()
    await tools(tale, "1.1")
    await done(tale, "/octobot bump rails 1.1", on=number)
    (pull,) = await tale.pulls()
    assert pull.branch == LANE.format("1.1")


async def test_bump_says_when_one_package_is_ahead_manual_or_ignores_it(tale: Story) -> None:
    """Nobody is left behind, and no other order is overruled."""
    await found(tale, config=RAILS)
    await tale.release("1.1")
    commit = await tale.release("1.2")
    number = await issue(tale)
    await done(tale, "/octobot ignore rails 1.1", on=number)
    assert "is ignored at the request of `ann`" in await refused(
        tale, "/octobot bump rails 1.1", on=number
    )
    await done(tale, "/octobot unignore rails 1.1", on=number)
    ahead = named(spec("1.2", commit), "hello-core")
    await tale.sandbox.commit_files(NAME, "main", {"hello-core.yaml": ahead.encode()}, "By hand")
    await tale.look()
    said = await refused(tale, "/octobot bump rails 1.1", on=number)
    assert "not newer than `1.2`, the version of `hello-core` now" in said
    text = named(spec("1.0", await tale.release("1.0"), "  manual: true\n"), "hello")
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": text.encode()}, "A person's")
    await tale.look()
    assert "`hello` says `manual: true`" in await refused(tale, "/octobot bump rails", on=number)


async def test_hold_and_release_the_group_in_its_pull_request(tale: Story) -> None:
    """Held as one, it says so for every package; released, it is merged."""
    pull = await proposed(tale)
    assert "the group `rails`" in await done(tale, "/octobot hold not now", on=pull.number)
    await tale.check()
    assert await codes(tale) == [ReasonCode.ON_HOLD] * 3
    said = await say(tale, "/octobot status", on=pull.number)
    assert f"| #{pull.number} | `group/rails` | `on-hold`" in said
    assert "| `group/rails` | on hold: not now | `ann` |" in said
    await done(tale, "/octobot unhold", on=pull.number)
    assert await versions(tale) == ["1.1"] * 3


async def test_hold_and_release_one_package_of_the_group(tale: Story) -> None:
    """A package's hold holds the group; the group's ends with that of its packages."""
    pull = await proposed(tale)
    number = await issue(tale)
    said = await done(tale, "/octobot hold hello-core new ABI", on=number)
    assert "`hello-core` is on hold" in said
    assert "nothing of the group `rails`" in said
    await done(tale, "/octobot hold rails all of it", on=number)
    said = await done(tale, "/octobot unhold hello-core", on=number)
    assert "`/octobot unhold group/rails` ends that" in said
    await tale.check()
    assert await versions(tale) == ["1.0"] * 3
    await done(tale, "/octobot hold hello-tools", on=number)
    await done(tale, "/octobot unhold", on=pull.number)
    assert await versions(tale) == ["1.1"] * 3
    assert "No command holds `rails`" in await refused(tale, "/octobot unhold rails", on=number)


async def test_a_hold_ends_the_groups_waiver(tale: Story) -> None:
    """Whoever holds a package after `merge` is the last to have spoken."""
    pull = await proposed(tale)
    await done(tale, "/octobot merge", on=pull.number)
    await done(tale, "/octobot hold hello-core", on=await issue(tale))
    await tale.check()
    assert await versions(tale) == ["1.0"] * 3


async def test_merge_waives_what_stops_any_package(tale: Story) -> None:
    """The rules that the file lets a person waive are waived for the pull request."""
    pull = await proposed(
        tale, config=RAILS + "packages: [{match: hello-core, automerge: false}]\n"
    )
    await tale.check()
    assert await versions(tale) == ["1.0"] * 3
    await done(tale, "/octobot merge", on=pull.number)
    await tale.later(minutes=10)
    assert await versions(tale) == ["1.1"] * 3


async def test_recheck_looks_again_at_every_package(tale: Story) -> None:
    """A tag that came since is proposed at once, by whichever name."""
    pull = await proposed(tale)
    await tale.check("failure")
    await tale.release("1.2")
    await done(tale, "/octobot recheck", on=pull.number)
    (newer,) = await tale.pulls()
    assert newer.branch == LANE.format("1.2")
    number = await issue(tale)
    assert "`rails`" in await done(tale, "/octobot recheck rails", on=number)
    assert "`hello-core`" in await done(tale, "/octobot recheck hello-core", on=number)


async def test_retry_runs_failed_checks_again(tale: Story) -> None:
    """The failed check of the group's head is queued again."""
    pull = await proposed(tale)
    await tale.check("failure", log="E: something broke")
    said = await done(tale, "/octobot retry", on=pull.number)
    assert "Running again: `build`" in said


async def test_explain_shows_every_rule_of_all_packages(tale: Story) -> None:
    """The strictest counts; elsewhere each package's reason, or all that is known of one."""
    await found(tale, config=RAILS + "packages: [{match: hello-core, hold: new ABI}]\n")
    await tale.release("1.1")
    await tale.look()
    number = await issue(tale)
    said = await done(tale, "/octobot explain rails", on=number)
    assert "| `hello-core` | `on-hold`" in said
    assert "hello-core: on-hold" in await done(tale, "/octobot explain hello-core", on=number)


async def test_explain_on_the_pull_request_shows_the_verdict(tale: Story) -> None:
    """As the check run has it, for all packages together."""
    pull = await proposed(tale)
    said = await done(tale, "/octobot explain", on=pull.number)
    assert "⏳ waiting | `checks-pending`" in said


@pytest.mark.parametrize("name", ["rails", "hello hello-core hello-tools"])
async def test_epoch_builds_a_group_again_in_one_pull_request(tale: Story, name: str) -> None:
    """One commit with every epoch raised, merged once, and not made again."""
    await found(tale, config=RAILS)
    before = await tale.spec()
    await done(tale, f"/octobot rebuild {name} new compiler", on=await issue(tale))
    (pull,) = await tale.pulls()
    assert (pull.branch, pull.title) == (LANE.format("1.0-r4"), "rails/1.0-r4 package update")
    state = await tale.world.github.snapshots.state(pull.number)
    assert [change.path for change in state.changes] == sorted(f"{n}.yaml" for n in NAMES)
    await tale.check()
    assert await tale.spec() == before.replace("epoch: 3", "epoch: 4")
    assert await tale.pulls() == ()
    await tale.later(days=1)
    assert await tale.pulls() == ()


async def test_epoch_builds_one_package_of_a_group_again(tale: Story) -> None:
    """The version stays, so it need not wait for the others; one more joins in."""
    await found(tale, config=RAILS)
    number = await issue(tale)
    await done(tale, "/octobot rebuild hello-core", on=number)
    (first,) = await tale.pulls()
    state = await tale.world.github.snapshots.state(first.number)
    assert [change.path for change in state.changes] == ["hello-core.yaml"]
    assert (await reasons(tale))["hello"].code is ReasonCode.UP_TO_DATE
    await done(tale, "/octobot rebuild hello", on=number)
    (pull,) = await tale.pulls()
    state = await tale.world.github.snapshots.state(pull.number)
    assert [change.path for change in state.changes] == ["hello-core.yaml", "hello.yaml"]
    await tale.check()
    assert await tale.pulls() == ()
    assert "epoch: 4" in await tale.spec()
    await done(tale, "/octobot rebuild hello-tools", on=number)
    (last,) = await tale.pulls()
    assert last.branch == LANE.format("1.0-r5")  # theirs had the name that it would have
    await tale.check()
    assert await tale.pulls() == ()


async def test_epoch_is_left_to_an_open_bump(tale: Story) -> None:
    """The bump builds every package that it has."""
    pull = await proposed(tale)
    said = await refused(tale, "/octobot rebuild hello-core", on=await issue(tale))
    assert f"#{pull.number} is open for `hello-core` and builds it again anyway" in said


async def test_a_groups_rebuild_that_a_person_closes_does_not_come_back(tale: Story) -> None:
    """Asked for again, it does."""
    await found(tale, config=RAILS)
    number = await issue(tale)
    await done(tale, "/octobot rebuild rails", on=number)
    (pull,) = await tale.pulls()
    await ann(tale).close(NAME, pull.number)
    await tale.later(days=1)
    assert await tale.pulls() == ()
    await done(tale, "/octobot rebuild rails once more", on=number)
    (again,) = await tale.pulls()
    assert again.branch == pull.branch


@pytest.mark.parametrize("own", [False, True])
async def test_accept_tag_move_ends_the_freeze_of_all(tale: Story, *, own: bool) -> None:
    """In the group's issue: the wanted version's tag, or the one that the specs pin."""
    tag = "v1.0" if own else "v1.1"
    if own:
        await found(tale, config=RAILS)
    else:
        await proposed(tale)
    moved = await tale.release("9.9-elsewhere")
    await tale.sandbox.publish_tag("example/hello", tag, commit=moved, force=True)
    assert await tale.later(minutes=10) is ReasonCode.TAG_MOVED
    assert await tale.pulls() == ()
    number = (await tale.row()).issue
    assert number
    await done(tale, "/octobot accept-tag-move", on=number)
    await tale.later(minutes=30)
    (pull,) = await tale.pulls()
    assert pull.branch == LANE.format("1.0-r4" if own else "1.1")
    state = await tale.world.github.snapshots.state(pull.number)
    assert [change.path for change in state.changes] == sorted(f"{n}.yaml" for n in NAMES)
    await tale.check()
    assert f"expected-commit: {moved}" in await tale.spec()
    assert await tale.pulls() == ()


async def test_accept_tag_move_of_the_one_package_whose_tag_moved(tale: Story) -> None:
    """Named by any package: the group continues, and only that tag is trusted."""
    await found(tale, config=RAILS, own=True)
    await tale.release("1.1")
    await tools(tale, "1.1")
    await tale.look()
    other = await tale.upstreams.provide_ref(OWN, "refs/tags/v9.9-elsewhere")
    await tale.sandbox.publish_tag("example/tools", "v1.1", commit=other, force=True)
    await tale.check()
    assert (await reasons(tale))["hello-tools"].code is ReasonCode.TAG_MOVED
    said = await done(tale, "/octobot accept-tag-move hello", on=await issue(tale))
    assert f"accepts `v1.1` of `hello-tools` at commit `{other}`" in said
    assert "`v1.1` of `hello` " not in said
    await tale.later(minutes=30)
    await tale.check()
    assert await versions(tale) == ["1.1"] * 3


async def test_apply_puts_the_suggestion_on_the_groups_branch(tale: Story) -> None:
    """One commit more of octobot's own, judged like any other."""
    await found(tale, config=RAILS)
    files = {"hello.yaml": (await tale.spec() + TAIL).encode()}
    await tale.sandbox.commit_files(NAME, "main", files, "What it is built with")
    async with Adviser.open(None) as adviser:
        tale.world = replace(tale.world, adviser=adviser)
        await tale.look()
        await tale.release("1.1")
        await tale.look()
        (pull,) = await tale.pulls()
        assert "no edit to apply" in await refused(tale, "/octobot apply", on=pull.number)
        await tale.check("failure", LOG)
        await done(tale, "/octobot apply", on=pull.number)
        (mended,) = await tale.pulls()
        assert mended.head in await tale.store.ledger.heads(tale.world.watched.id, pull.branch)
        assert await tale.check() is ReasonCode.NEEDS_APPROVAL


async def test_pause_and_resume_hold_for_groups(tale: Story) -> None:
    """Nothing is merged meanwhile."""
    pull = await proposed(tale)
    await done(tale, "/octobot pause", on=pull.number)
    await tale.check()
    assert await codes(tale) == [ReasonCode.PAUSED] * 3
    await done(tale, "/octobot resume", on=pull.number)
    assert await versions(tale) == ["1.1"] * 3


@pytest.mark.parametrize("command", ["close", "recreate", "reset", "merge", "retry", "apply"])
async def test_what_is_about_a_pull_request_is_said_on_one(tale: Story, command: str) -> None:
    """In an issue the answer says so."""
    await found(tale, config=RAILS)
    said = await refused(tale, f"/octobot {command}", on=await issue(tale))
    assert "comment it on one that octobot opened" in said


@pytest.mark.parametrize("command", ["close", "recreate", "reset", "merge", "retry", "apply"])
async def test_a_pull_request_that_a_group_replaces_says_where_to_go(
    tale: Story, command: str
) -> None:
    """One with a person's commit stays open when its package joins a group."""
    await found(tale, config="minimum-release-age: 0s\n")
    await tale.release("1.1")
    await tale.look()
    alone = next(one for one in await tale.pulls() if one.branch == "octobot/hello/1.1")
    await ann(tale).push(NAME, alone.branch, {"hello.yaml": b"package: {}\n"})
    await tale.configure(RAILS)
    await tale.later(hours=1)
    said = await refused(tale, f"/octobot {command}", on=alone.number)
    assert "in the group `rails`" in said


@pytest.mark.parametrize("command", ["close", "recreate", "reset", "merge", "retry", "apply"])
async def test_a_pull_request_of_a_group_that_is_gone_says_so(tale: Story, command: str) -> None:
    """One with a person's commit stays open when the file drops the group."""
    pull = await proposed(tale)
    await ann(tale).push(NAME, pull.branch, {"hello.yaml": b"package: {}\n"})
    await tale.configure("minimum-release-age: 0s\n")
    await tale.later(hours=1)
    said = await refused(tale, f"/octobot {command}", on=pull.number)
    assert "The group `rails` was removed" in said


async def test_a_package_goes_before_a_group_of_its_name(tale: Story) -> None:
    """`hello` is the package, `group/hello` the group; for what moves together both are one."""
    await proposed(tale, config=GROUP)
    number = await issue(tale)
    assert "`hello: " not in await done(tale, "/octobot hold hello", on=number)
    assert "hello: " in await done(tale, "/octobot explain hello", on=number)
    assert "| `hello-core` |" in await done(tale, "/octobot explain group/hello", on=number)
    (pull,) = await tale.pulls()
    assert pull.branch == BRANCH.format("1.1")


async def test_a_member_that_is_named_on_the_groups_thread_is_meant(tale: Story) -> None:
    """For what takes one package; its hold holds the group, so a sentence is not doubtful."""
    pull = await proposed(tale)
    said = await done(tale, "/octobot hold hello-core waits for ICU", on=pull.number)
    assert "`hello-core` is on hold" in said
    assert "not about" not in said
    assert "hello-core: " in await done(tale, "/octobot explain hello-core", on=pull.number)
    await done(tale, "/octobot unhold Hello-Core", on=pull.number)
    said = await done(tale, "/octobot ignore hello-tools 7.x", on=pull.number)
    assert "of `rails`" in said


@pytest.mark.parametrize("command", ["close", "recreate", "reset", "merge", "retry", "apply"])
async def test_a_groups_pull_request_is_not_one_members(tale: Story, command: str) -> None:
    """Naming a member is answered that the group is meant; the group may be named."""
    pull = await proposed(tale)
    said = await refused(tale, f"/octobot {command} hello-core", on=pull.number)
    assert "about `group/rails`, not `hello-core`" in said
    assert await tale.pulls() == (pull,)
    for name in ("rails", "group/rails", "Rails"):
        said = await say(tale, f"/octobot {command} {name} now", on=pull.number)
        assert f"`{command}` takes " in said
    assert f"`{command}` takes " not in await say(tale, f"/octobot {command} rails", on=pull.number)


async def test_a_group_that_is_named_on_another_packages_thread_is_meant(tale: Story) -> None:
    """Held as one from a thread about something else, which the answer says is left alone."""
    config = RAILS.replace("hello*", "hello-*")
    await found(tale, config=config)
    await tale.release("1.1")
    await tale.look()
    (alone,) = [one for one in await tale.pulls() if one.branch == "octobot/hello/1.1"]
    assert "`/octobot hold group/rails: has a CVE`" in await refused(
        tale, "/octobot hold rails has a CVE", on=alone.number
    )
    said = await done(tale, "/octobot hold group/rails has a CVE", on=alone.number)
    assert "`rails` is on hold" in said
    assert "this thread is about `hello`" in said
    assert "`/octobot unhold group/rails`" in said
    assert set(await tale.store.orders.by_package(tale.world.watched.id)) == {"group/rails"}
