"""The greatest name upstream is not the next version: streams, aliases, junk, missing tags."""

from datetime import UTC, datetime, timedelta

import pytest

from octobot.commands.obey import obey
from octobot.model.ids import Key
from octobot.model.memory import Row
from octobot.model.reasons import ReasonCode
from octobot.sandbox.upstreams import git
from octobot.store.missing_versions import PATIENCE
from tests.stories.story import HELLO, NAME, Story, spec
from tests.stories.test_commands import say
from tests.stories.test_sources import announce, with_checkout

SPRING = datetime(2026, 4, 1, tzinfo=UTC)


async def tag(
    tale: Story, *names: str, at: datetime = SPRING, moves: bool = False, annotated: bool = False
) -> None:
    """Tag a new commit upstream with all of the names; some may be elsewhere and move there."""
    branch = f"b{at.timestamp()}{names[0]}"
    commit = git.Commit(names[0], at, {"F": branch.encode()}, branch, names, annotated, None, moves)
    await git.write(await tale.upstreams.open(HELLO), [commit])


async def versions(tale: Story) -> list[str]:
    """Name the versions of the open pull requests."""
    return [pull.branch.rpartition("/")[2] for pull in await tale.pulls()]


# streams


async def in_a_stream(tale: Story, version: str = "2.0.1") -> None:
    """Have `hello-2.0` beside hello, with no filter that says so."""
    text = spec(version, await tale.release(version)).replace("name: hello", "name: hello-2.0")
    files = {"hello-2.0.yaml": text.encode(), "hello.yaml": None}
    await tale.sandbox.commit_files(NAME, "main", files, "By hand")


async def stream_row(tale: Story) -> Row:
    """Read what octobot says of `hello-2.0`."""
    row = await tale.store.packages.row(Key(tale.world.watched.id, "hello-2.0"))
    assert row
    return row


async def test_a_later_stream_is_not_proposed(tale: Story) -> None:
    """The newest inside is, and once it is merged the later one is said to be outside."""
    await in_a_stream(tale)
    await tag(tale, "v2.1.0")
    await tale.look_without()
    row = await stream_row(tale)
    assert (row.reason.code, row.target) == (ReasonCode.LEAVES_STREAM, None)
    assert "2.1.0 is outside the version stream 2.0" in row.reason.detail
    await tag(tale, "v2.0.2")
    await tale.look_without()
    assert await versions(tale) == ["2.0.2"]
    (pull,) = await tale.pulls()
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success", summary="", log="")
    await tale.look_without()
    for _ in range(3):
        tale.clock.ahead += timedelta(minutes=10)
        await tale.look_without()
    assert await tale.pulls() == ()
    assert (await stream_row(tale)).reason.code is ReasonCode.LEAVES_STREAM


async def test_a_person_may_order_another_stream_and_must_approve_it(tale: Story) -> None:
    """The order makes the pull request; only an approval of exactly its head lets it in."""
    await in_a_stream(tale)
    await tag(tale, "v2.1.0")
    await tale.look_without()
    ann = tale.sandbox.person("ann", "admin")
    issue = await ann.open_issue(NAME, "Please")
    tale.clock.ahead += timedelta(seconds=2)
    comment = await ann.comment(NAME, issue, "/octobot bump hello-2.0 2.1.0")
    await obey(tale.world, comment.id, author=ann.id)
    await tale.look_without()
    (pull,) = await tale.pulls()
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success", summary="", log="")
    tale.clock.ahead += timedelta(minutes=10)
    await tale.look_without()
    row = await stream_row(tale)
    assert row.reason.code is ReasonCode.LEAVES_STREAM
    assert "approve" in row.reason.detail
    await ann.approve(NAME, pull.number)
    tale.clock.ahead += timedelta(hours=2)
    await tale.look_without()
    assert await tale.pulls() == ()
    found = await tale.sandbox.hub.git(tale.sandbox.repository(NAME)).read("main:hello-2.0.yaml")
    assert found
    assert b'version: "2.1.0"' in found[2]


# aliases


@pytest.mark.parametrize("annotated", [False, True])
async def test_a_rolling_major_tag_is_no_release_and_no_alarm(
    tale: Story, *, annotated: bool
) -> None:
    """`v2` and `v2.0` go along with `v2.0.1`, which takes the place of `v2.0.0`."""
    await tale.look()
    await tag(tale, "v2.0.0", "v2.0", "v2", annotated=annotated)
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    assert await versions(tale) == ["2.0.0"]
    assert await tale.check("failure") is ReasonCode.CHECKS_FAILED
    later = SPRING + timedelta(days=1)
    await tag(tale, "v2.0.1", at=later, annotated=annotated)
    commit = await tale.upstreams.provide_ref(HELLO, "refs/tags/v2.0.1")
    for name in ("v2", "v2.0"):
        await tale.sandbox.publish_tag("example/hello", name, commit=commit, force=True)
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    assert await versions(tale) == ["2.0.1"]
    assert (await tale.row()).issue is None
    assert await tale.check() is ReasonCode.MERGED


async def test_an_alias_that_came_first_is_replaced_and_may_move(tale: Story) -> None:
    """`v2` was taken for a release while it stood alone; its move is nobody's alarm any more."""
    await tale.look()
    await tag(tale, "v2")
    await tale.look()
    assert await versions(tale) == ["2"]
    commit = await tale.upstreams.provide_ref(HELLO, "refs/tags/v2")
    await tale.sandbox.publish_tag("example/hello", "v2.0.0", commit=commit)
    await tale.look()
    assert await versions(tale) == ["2.0.0"]
    await tag(tale, "v2.0.1", at=SPRING + timedelta(days=1))
    commit = await tale.upstreams.provide_ref(HELLO, "refs/tags/v2.0.1")
    await tale.sandbox.publish_tag("example/hello", "v2", commit=commit, force=True)
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    assert await versions(tale) == ["2.0.0"]  # which only waits, and so is kept
    await tale.check("failure")
    assert await versions(tale) == ["2.0.1"]


async def test_a_targets_own_move_stays_an_alarm_beside_an_alias(tale: Story) -> None:
    """`v2.0.0` itself must not move."""
    await tale.look()
    await tag(tale, "v2.0.0", "v2")
    await tale.look()
    await tag(tale, "other", at=SPRING + timedelta(days=1))
    commit = await tale.upstreams.provide_ref(HELLO, "refs/tags/other")
    for name in ("v2", "v2.0.0"):
        await tale.sandbox.publish_tag("example/hello", name, commit=commit, force=True)
    assert await tale.look() is ReasonCode.TAG_MOVED
    assert await tale.pulls() == ()


# junk


async def test_old_junk_is_never_proposed(tale: Story) -> None:
    """A date of long ago, greater than every version: alone, before and after a real release."""
    await tag(tale, "v19971201", at=datetime(1997, 12, 1, tzinfo=UTC))
    assert await tale.look() is ReasonCode.UP_TO_DATE
    assert "19971201" in (await tale.row()).reason.detail
    await tag(tale, "v1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    assert await versions(tale) == ["1.1"]
    assert await tale.check() is ReasonCode.MERGED
    assert await tale.later(days=1) is ReasonCode.MERGED
    assert await tale.pulls() == ()


async def test_a_usual_version_takes_an_unusual_ones_place(tale: Story) -> None:
    """A new build number is proposed while it is alone; a real release closes its pull request."""
    await tale.look()
    await tag(tale, "v4711.0")
    await tale.look()
    assert await versions(tale) == ["4711.0"]
    await tag(tale, "v1.1", at=SPRING + timedelta(days=1))
    await tale.look()
    assert await versions(tale) == ["1.1"]


async def test_the_repositorys_file_says_what_is_usual(tale: Story) -> None:
    """With a `largest-jump` of two the second major is usual."""
    await tale.configure("minimum-release-age: 0s\nlargest-jump: 2\n")
    await tale.look()
    await tag(tale, "v1.1")
    await tag(tale, "v3.0", at=SPRING + timedelta(days=1))
    await tale.look()
    assert await versions(tale) == ["3.0"]


# what is listed and missing


async def test_a_version_that_nobody_tagged_gives_way_for_hours(tale: Story) -> None:
    """A monitor lists 2.0, which was never tagged: 1.1 is proposed, and merged."""
    await with_checkout(tale)
    await tale.look()
    await tale.release("1.1")
    announce(tale, ["2.0", "1.1", "1.0"])
    assert await tale.look() is ReasonCode.PIN_UNRESOLVED
    assert "2.0 is listed, but refs/tags/v2.0" in (await tale.row()).reason.detail
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    assert await versions(tale) == ["1.1"]
    assert await tale.check() is ReasonCode.MERGED
    assert await tale.later(minutes=10) is ReasonCode.PIN_UNRESOLVED  # alone it may come yet
    await tale.release("2.0")
    assert await tale.later(seconds=int(PATIENCE.total_seconds())) is ReasonCode.CHECKS_PENDING
    assert await versions(tale) == ["2.0"]


async def test_a_scheme_that_changed_is_said_and_heals(tale: Story) -> None:
    """1.1 without its `v` cannot be checked out; the missing tag ends it."""
    await tale.look()
    await tag(tale, "1.1")
    assert await tale.look() is ReasonCode.TAG_SCHEME_CHANGED
    detail = "upstream's tag is named 1.1, the spec asks for v1.1"
    assert (await tale.row()).reason.detail == detail
    assert await tale.pulls() == ()
    await tag(tale, "v1.1", at=SPRING + timedelta(days=1))
    assert await tale.look() is ReasonCode.CHECKS_PENDING


async def test_an_order_for_what_the_two_tools_disagree_about_is_refused(tale: Story) -> None:
    """1.5.3 after 1.027 is no bump, whoever asks for it."""
    await tale.write_spec("1.027")
    await tag(tale, "v1.5.3")
    await tag(tale, "v1.028")
    await tale.look()
    (pull,) = await tale.pulls()
    assert pull.branch == "octobot/hello/1.028"
    assert "1.5.3" in await say(tale, "/octobot bump hello 1.5.3", on=pull.number)
    assert await versions(tale) == ["1.028"]
