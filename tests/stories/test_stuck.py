"""A package whose upstream goes on without it: said at once, and after a while in one issue."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from octobot.flows.reconcile.stuck import LABEL
from octobot.model.reasons import ReasonCode
from octobot.sandbox.state.nouns import Issue
from octobot.sandbox.upstreams import git
from tests.stories.story import CONFIG, HELLO, NAME, Story, spec

SPRING = datetime(2026, 4, 1, tzinfo=UTC)


async def tag(tale: Story, *names: str, at: datetime = SPRING) -> None:
    """Tag a new commit upstream, on top of the default branch."""
    branch = f"b{at.timestamp()}{names[0]}"
    commit = git.Commit(names[0], at, {"F": branch.encode()}, branch, names)
    await git.write(await tale.upstreams.open(HELLO), [commit])


def issues(tale: Story) -> Sequence[Issue]:
    """List the issues in the distro."""
    return tale.sandbox.hub.state.issues.of(tale.world.watched.id)


def open_issues(tale: Story) -> list[Issue]:
    """List those that are open."""
    return [one for one in issues(tale) if one.state == "open" and not one.is_pull]


async def by_releases(tale: Story) -> None:
    """Have hello follow releases, of which upstream makes the first one."""
    text = spec("1.0", await tale.release("1.0")).replace("    use-tag: true\n", "")
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": text.encode()}, "By hand")
    await tale.sandbox.publish_release("example/hello", "v1.0")


async def test_releases_that_stopped_are_reported_once(tale: Story) -> None:
    """Tags go on; after seven days one issue has the block that works, until releases go on."""
    await by_releases(tale)
    assert await tale.look() is ReasonCode.UP_TO_DATE
    await tale.release("1.1")
    assert await tale.later(days=1) is ReasonCode.RELEASES_STOPPED
    assert (
        "v1.1 has a tag and no release; the newest release is v1.0"
        in (await tale.row()).reason.detail
    )
    assert await tale.later(days=6) is ReasonCode.RELEASES_STOPPED
    assert issues(tale) == ()
    assert await tale.later(days=1) is ReasonCode.RELEASES_STOPPED
    (issue,) = open_issues(tale)
    assert (issue.title, issue.labels) == (
        "hello: upstream's releases stopped, its tags go on",
        (LABEL,),
    )
    block = "```yaml\nupdate:\n  enabled: true\n  github:\n    identifier: example/hello"
    assert block in (issue.body or "")
    assert "    use-tag: true\n```" in (issue.body or "")
    assert "it finds `1.1`, which is named `v1.1`" in (issue.body or "")
    await tale.release("1.2")
    await tale.later(days=2)
    (issue,) = open_issues(tale)
    assert "it finds `1.2`" in (issue.body or "")
    await tale.sandbox.publish_release("example/hello", "v1.2")
    assert await tale.later(hours=1) is ReasonCode.CHECKS_PENDING
    assert open_issues(tale) == []
    assert any("This is over" in text for text in tale.comments(issue.number))
    assert len([one for one in issues(tale) if not one.is_pull]) == 1


async def test_the_specs_tag_was_deleted_after_its_merge(tale: Story) -> None:
    """It cannot be built any more: never `merged`, and never up to date."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    assert await tale.check() is ReasonCode.MERGED
    await tale.sandbox.delete_ref("example/hello", "refs/tags/v1.1")
    assert await tale.later(days=1) is ReasonCode.TAG_DELETED
    assert "what is there: v1.0" in (await tale.row()).reason.detail
    assert await tale.later(days=8) is ReasonCode.TAG_DELETED
    (issue,) = open_issues(tale)
    assert "No update block changes that" in (issue.body or "")
    await tale.release("1.1")
    await tale.later(hours=1)
    assert (await tale.row()).reason.code in {ReasonCode.MERGED, ReasonCode.TAG_MOVED}
    assert issue.number not in [one.number for one in open_issues(tale)]


async def test_a_deleted_tag_of_followed_releases_is_found(tale: Story) -> None:
    """A release need not be there for every tag, so GitHub is asked for the tag itself."""
    await by_releases(tale)
    assert await tale.look() is ReasonCode.UP_TO_DATE
    await tale.sandbox.delete_ref("example/hello", "refs/tags/v1.0")
    await tale.later(hours=7)
    assert await tale.later(minutes=1) is ReasonCode.TAG_DELETED


async def test_a_tag_that_lost_its_v_is_named(tale: Story) -> None:
    """The issue says what the checkout has to ask for."""
    await tale.look()
    await tag(tale, "1.1", at=datetime.now(UTC) + timedelta(hours=1))
    assert await tale.look() is ReasonCode.TAG_SCHEME_CHANGED
    detail = "upstream's tag is named 1.1, the spec asks for v1.1"
    assert (await tale.row()).reason.detail == detail
    await tale.later(days=8)
    (issue,) = open_issues(tale)
    assert "its tag becomes `${{package.version}}`" in (issue.body or "")
    # A person follows it.
    text = (await tale.spec()).replace("tag: v$", "tag: $").replace('"1.0"', '"1.1"')
    commit = await tale.upstreams.provide_ref(HELLO, "refs/tags/1.1")
    first = text.split("expected-commit: ")[1][:40]
    text = text.replace(first, commit)
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": text.encode()}, "By hand")
    assert await tale.look() is ReasonCode.UP_TO_DATE
    assert open_issues(tale) == []


async def test_calendar_versions_that_became_semantic_ones(tale: Story) -> None:
    """Newer in time and lower in order; no block helps."""
    await tale.write_spec("2024.1")
    assert await tale.look() is ReasonCode.UP_TO_DATE
    await tag(tale, "v1.1", at=datetime.now(UTC) + timedelta(hours=1))
    assert await tale.look() is ReasonCode.NUMBERING_RESTARTED
    await tale.later(days=8)
    (issue,) = open_issues(tale)
    assert "v1.1 is newer than the spec's 2024.1" in (issue.body or "")
    assert "apk does not replace a version by a lower one" in (issue.body or "")


async def test_the_settings_say_when(tale: Story) -> None:
    """`never` and 0 open none; a pause posts nothing and forgets nothing."""
    await tale.configure(CONFIG.decode() + "stuck-issue-after: never\n")
    await by_releases(tale)
    await tale.look()
    await tale.release("1.1")
    await tale.later(days=1)
    assert await tale.later(days=90) is ReasonCode.RELEASES_STOPPED
    assert issues(tale) == ()
    await tale.configure(CONFIG.decode() + "stuck-issue-after: 1d\npaused: true\n")
    await tale.queue.hint(tale.key)
    assert await tale.look() is ReasonCode.PAUSED
    assert issues(tale) == ()
    await tale.configure(CONFIG.decode() + "stuck-issue-after: 1d\n")
    assert await tale.later(minutes=5) is ReasonCode.RELEASES_STOPPED
    assert len(open_issues(tale)) == 1


async def test_an_issue_that_a_person_closed_stays_closed(tale: Story) -> None:
    """Also when upstream goes on; the reason stays."""
    await by_releases(tale)
    await tale.look()
    await tale.release("1.1")
    await tale.later(days=1)
    await tale.later(days=8)
    (issue,) = open_issues(tale)
    await tale.world.github.issues.close(issue.number)
    await tale.release("1.2")
    assert await tale.later(days=2) is ReasonCode.RELEASES_STOPPED
    assert open_issues(tale) == []


async def test_the_issue_of_a_package_without_a_spec_is_closed(tale: Story) -> None:
    """It was removed from the distro."""
    await by_releases(tale)
    await tale.look()
    await tale.release("1.1")
    await tale.later(days=1)
    await tale.later(days=8)
    assert open_issues(tale)
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": None}, "By hand")
    tale.clock.ahead += timedelta(hours=1)
    await tale.look_without()
    assert open_issues(tale) == []


# Whose repository another checkout comes from


async def with_helper(tale: Story) -> None:
    """Give hello a checkout of another repository than the watched one."""
    helper = "https://github.com/example/helper"
    commit = await tale.upstreams.provide_ref(helper, "refs/tags/v3")
    step = (
        f"  - uses: git-checkout\n    with:\n      repository: {helper}\n"
        f"      tag: v3\n      expected-commit: {commit}\n"
    )
    text = (await tale.spec()).replace("\nupdate:", f"{step}\nupdate:")
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": text.encode()}, "By hand")


async def test_another_owner_of_a_second_checkout_freezes_the_package(tale: Story) -> None:
    """Its id is remembered as the watched repository's is, until a person accepts the other one."""
    await with_helper(tale)
    assert await tale.look() is ReasonCode.UP_TO_DATE
    await tale.release("1.1")
    tale.sandbox.replace_repository("example/helper")
    await tale.later(hours=7)
    assert (await tale.row()).reason.code is ReasonCode.UPSTREAM_REPLACED
    assert "example/helper was repository" in (await tale.row()).reason.detail
    assert await tale.pulls() == ()
    assert await tale.later(hours=7) is ReasonCode.UPSTREAM_REPLACED
    assert await tale.store.identities.accept("github", "example/helper")
    assert await tale.store.checked_pins.select_again_at("Example/Helper") == 1
    assert await tale.look() is ReasonCode.CHECKS_PENDING


async def test_a_deleted_tag_of_a_second_checkout_is_found(tale: Story) -> None:
    """The spec cannot be built without it."""
    await with_helper(tale)
    await tale.look()
    await tale.sandbox.delete_ref("example/helper", "refs/tags/v3")
    await tale.later(hours=7)
    assert (await tale.row()).reason.code is ReasonCode.TAG_DELETED
    assert "v3 is not upstream any more" in (await tale.row()).reason.detail


async def test_the_issue_is_posted_once_across_a_crash(tale: Story) -> None:
    """Its number was lost before it was noted: the next step finds the issue by its tag."""
    await by_releases(tale)
    await tale.look()
    await tale.release("1.1")
    await tale.later(days=1)
    await tale.later(days=8)
    (issue,) = open_issues(tale)
    async with tale.store.database.connection() as connection:
        await connection.execute("update stuck set issue = null, digest = null")
    await tale.queue.hint(tale.key)
    assert await tale.later(hours=1) is ReasonCode.RELEASES_STOPPED
    assert [one.number for one in open_issues(tale)] == [issue.number]
    noted = await tale.store.stuck.of(tale.world.watched.id, ["hello"])
    assert noted["hello"].issue == issue.number
