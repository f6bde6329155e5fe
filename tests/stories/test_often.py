"""An upstream that releases often: what only waits is kept, and then the newest has its turn."""

import pytest

from octobot.model.ids import Sha
from octobot.model.reasons import ReasonCode
from tests.stories.story import NAME, Story, spec
from tests.stories.test_commands import say
from tests.stories.test_gate import URGENT, advisories, registry
from tests.stories.test_groups import GROUP, NAMES, found, named, tools
from tests.stories.test_groups import versions as of_group
from tests.stories.test_withdrawn import delete_tag

DAY = "minimum-release-age: 24h\n"


@pytest.fixture
async def waiting(tale: Story) -> Story:
    """Return a tale whose 1.1 is open, green, and has to grow a day old."""
    return await opened(tale)


async def opened(tale: Story, config: str = DAY) -> Story:
    """Open the pull request of 1.1 and let its checks pass."""
    await tale.configure(config)
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    return tale


async def branches(tale: Story) -> list[str]:
    """List what is open."""
    return [pull.branch.removeprefix("octobot/") for pull in await tale.pulls()]


async def base(tale: Story) -> str:
    """Read hello's version on the default branch."""
    return (await tale.spec()).partition('version: "')[2].partition('"')[0]


async def test_a_flood_of_tags_is_one_pull_request(tale: Story) -> None:
    """Twenty tags in twenty minutes cost no more writes than one."""
    await tale.configure(DAY)
    await tale.look()
    tale.sandbox.log.clear()
    for patch in range(1, 21):
        await tale.release(f"1.0.{patch}")
        await tale.later(minutes=1)
    assert await branches(tale) == ["hello/1.0.1"]
    assert len(tale.sandbox.log.content_writes()) == 2  # the commit and the pull request


async def test_an_upstream_that_releases_every_20_hours_is_merged_every_day(tale: Story) -> None:
    """Each version is a day old when it is merged; then the newest that is known is next."""
    await tale.configure(DAY)
    await tale.look()
    seen = []
    for patch in range(1, 10):
        await tale.release(f"1.0.{patch}")
        await tale.later(minutes=2)
        for _ in range(4):
            await tale.check()
            await tale.later(hours=5)
            seen.append(await base(tale))
    assert seen[-1] == "1.0.8"
    waits = [len(list(run)) for run in runs(seen)]
    assert max(waits) <= 10  # steps of five hours


def runs(seen: list[str]) -> list[list[str]]:
    """Cut what was seen into runs of one version."""
    cut: list[list[str]] = []
    for version in seen:
        if cut and cut[-1][0] == version:
            cut[-1].append(version)
        else:
            cut.append([version])
    return cut


async def test_the_newer_version_is_shown_and_has_its_turn(waiting: Story) -> None:
    """The reason names it; its age counts from when it was seen, not from its pull request."""
    tale = waiting
    await tale.later(hours=20)
    await tale.release("1.2")
    tale.sandbox.log.clear()
    assert await tale.later(hours=1) is ReasonCode.MINIMUM_RELEASE_AGE
    detail = (await tale.row()).reason.detail
    assert "1.2 waits until this one is merged, or fails" in detail
    assert tale.sandbox.log.content_writes() == []
    await tale.later(hours=3)
    assert await base(tale) == "1.1"
    await tale.later(minutes=5)
    assert await branches(tale) == ["hello/1.2"]
    await tale.check()
    await tale.later(hours=21)
    assert await base(tale) == "1.2"


async def test_one_that_failed_is_replaced_at_once(waiting: Story) -> None:
    """What broke may be fixed by the next version."""
    tale = waiting
    await tale.check("failure")
    assert await tale.later(hours=1) is ReasonCode.CHECKS_FAILED
    await tale.release("1.2")
    await tale.later(minutes=1)
    assert await branches(tale) == ["hello/1.2"]


async def test_one_that_fails_while_a_newer_one_waits_is_replaced(waiting: Story) -> None:
    """As soon as more than time is missing."""
    tale = waiting
    await tale.release("1.2")
    await tale.later(minutes=1)
    assert await branches(tale) == ["hello/1.1"]
    await tale.check("failure")
    await tale.later(hours=1)
    assert await branches(tale) == ["hello/1.2"]


@pytest.mark.parametrize("order", ["bump hello 1.3", "bump hello", "recreate"])
async def test_a_persons_order_overtakes(waiting: Story, order: str) -> None:
    """Somebody who asks for a newer version does not wait for the older one."""
    tale = waiting
    await tale.release("1.2")
    await tale.release("1.3")
    await tale.later(minutes=1)
    (pull,) = await tale.pulls()
    assert pull.branch == "octobot/hello/1.1"
    await say(tale, f"/octobot {order}", on=pull.number)
    await tale.later(minutes=2)
    assert await branches(tale) == ["hello/1.3"]
    await tale.release("1.4")
    await tale.later(minutes=2)
    assert await branches(tale) == ["hello/1.3"]


async def test_a_version_that_upstream_withdrew_makes_way(waiting: Story) -> None:
    """Its tag is gone, and the newer one takes its place."""
    tale = waiting
    await tale.release("1.2")
    await tale.later(minutes=1)
    await delete_tag(tale, "v1.1")
    await tale.later(days=2)
    assert await branches(tale) == ["hello/1.2"]


async def test_a_tag_that_moves_while_a_newer_one_waits_freezes(waiting: Story) -> None:
    """What is open is not merged, although another version is the target by now."""
    tale = waiting
    await tale.release("1.2")
    await tale.later(minutes=1)
    other = await tale.release("9.9-somewhere-else")
    await tale.sandbox.publish_tag("example/hello", "v1.1", commit=other, force=True)
    assert await tale.later(hours=30) is ReasonCode.TAG_MOVED
    assert await base(tale) == "1.0"


async def test_a_newer_base_recreates_what_is_open(waiting: Story) -> None:
    """An edit of the spec meets the proposal: it is made again, at its own version and age."""
    tale = waiting
    (before,) = await tale.pulls()
    await tale.release("1.2")
    await tale.later(minutes=1)
    edited = (await tale.spec()).replace("A greeting", "A warm greeting")
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": edited.encode()}, "Edit")
    await tale.later(hours=1)
    (pull,) = await tale.pulls()
    assert (pull.number, pull.branch) == (before.number, "octobot/hello/1.1")
    assert pull.head != before.head
    await tale.check()
    await tale.later(hours=24)
    assert await base(tale) == "1.1"
    assert "A warm greeting" in await tale.spec()


async def test_a_fix_of_a_vulnerability_overtakes(tale: Story) -> None:
    """On both signals: the advisories, and the second source."""
    registry(tale, "1.0", "1.1")
    known = {"v1_0": ["GHSA-1"], "v1_1": ["GHSA-1"], "v1_2": list[str]()}
    advisories(tale, **known)
    await opened(tale, URGENT.replace("packages", "package-pull-requests-per-day: 1\npackages"))
    await tale.release("1.2")
    registry(tale, "1.0", "1.1", "1.2")
    await tale.later(minutes=1)
    assert await branches(tale) == ["hello/1.2"]
    await tale.check()
    assert await tale.later(hours=1) is ReasonCode.MERGED


@pytest.mark.parametrize("signal", ["registry", "advisories", "setting"])
async def test_what_may_be_no_fix_does_not_overtake(tale: Story, signal: str) -> None:
    """One signal is none, and without the setting nobody is asked."""
    registry(tale, "1.0", "1.1")
    left = ["GHSA-1"] if signal == "advisories" else []
    advisories(tale, v1_0=["GHSA-1"], v1_1=["GHSA-1"], v1_2=left)
    without = URGENT.replace("vulnerability-release-age: 1h\n", "")
    await opened(tale, without if signal == "setting" else URGENT)
    await tale.release("1.2")
    if signal != "registry":
        registry(tale, "1.0", "1.1", "1.2")
    await tale.later(minutes=1)
    assert await branches(tale) == ["hello/1.1"]


async def test_a_group_keeps_what_is_open(tale: Story) -> None:
    """Also while the newer version is only there for some of its packages."""
    await found(tale, config=GROUP.replace("0s", "24h"), own=True)
    for version in ("1.1", "1.2"):
        await tale.release(version)
        if version == "1.1":
            await tools(tale, version)
        await tale.later(minutes=1)
        await tale.check()
        assert await branches(tale) == ["group/hello/1.1"]
    await tools(tale, "1.2")
    await tale.later(hours=25)
    assert await of_group(tale) == ["1.1"] * 3
    await tale.later(minutes=2)
    assert await branches(tale) == ["group/hello/1.2"]


async def test_a_group_that_fails_makes_way(tale: Story) -> None:
    """For the newer version of all its packages, as soon as it fails."""
    await found(tale, config=GROUP.replace("0s", "24h"))
    for version in ("1.1", "1.2"):
        await tale.release(version)
        await tale.later(minutes=1)
    assert await branches(tale) == ["group/hello/1.1"]
    await tale.check("failure")
    assert await branches(tale) == ["group/hello/1.2"]


async def test_a_package_that_left_the_group_is_not_kept_in_it(tale: Story) -> None:
    """One of them was bumped by hand: what is open would change too much."""
    await found(tale, config=GROUP.replace("0s", "24h"))
    commit = await tale.release("1.1")
    await tale.later(minutes=1)
    await tale.release("1.2")
    by_hand = {f"{NAMES[1]}.yaml": named(spec("1.1", Sha(commit)), NAMES[1]).encode()}
    await tale.sandbox.commit_files(NAME, "main", by_hand, "By hand")
    await tale.later(hours=1)
    assert await branches(tale) == ["group/hello/1.2"]


async def test_one_package_gets_so_many_pull_requests_a_day(tale: Story) -> None:
    """Each version fails and is replaced; the limit ends that until the day is over."""
    await tale.configure("minimum-release-age: 0s\npackage-pull-requests-per-day: 2\n")
    await tale.look()
    for patch in range(1, 5):
        await tale.release(f"1.0.{patch}")
        await tale.later(minutes=1)
        await tale.check("failure")
    assert await branches(tale) == ["hello/1.0.2"]
    reason = (await tale.row()).reason
    assert reason.code is ReasonCode.PR_LIMIT_REACHED
    assert "2 were opened for it within 24 hours; the next one may be opened at" in reason.detail
    await tale.later(hours=24)
    assert await branches(tale) == ["hello/1.0.4"]


async def test_what_became_green_is_merged_at_the_limit(tale: Story) -> None:
    """The open one is judged as before while its successor may not be opened."""
    await tale.configure("minimum-release-age: 0s\npackage-pull-requests-per-day: 1\n")
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    await tale.check("failure")
    await tale.release("1.2")
    assert await tale.later(minutes=1) is ReasonCode.PR_LIMIT_REACHED
    await tale.check()
    assert await base(tale) == "1.1"


async def test_orders_are_not_limited(tale: Story) -> None:
    """A person may have as many as they ask for."""
    await tale.configure("minimum-release-age: 0s\npackage-pull-requests-per-day: 1\n")
    await tale.look()
    for patch in range(1, 4):
        await tale.release(f"1.0.{patch}")
        await tale.later(minutes=1)
        await tale.check("failure")
        (pull,) = await tale.pulls()
        await say(tale, "/octobot bump hello", on=pull.number)
        await tale.later(minutes=1)
        assert await branches(tale) == [f"hello/1.0.{patch}"]


async def test_the_default_limit_is_four(tale: Story) -> None:
    """Without a setting; and whatever failed four times in a day waits for the next."""
    for patch in range(1, 8):
        await tale.release(f"1.0.{patch}")
        await tale.later(minutes=1)
        await tale.check("failure")
    assert await branches(tale) == ["hello/1.0.4"]
