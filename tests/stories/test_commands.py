"""Every slash command, said on the sandbox as a person would, through every room and back."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from octobot.commands.listening import listen
from octobot.commands.obey import obey
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import ReasonCode
from octobot.sandbox.changes.person import Person
from octobot.sandbox.state.nouns import Role
from octobot.triage.model.ask import Adviser
from tests.stories.story import NAME, Story, spec

WAITS = "waits for a person"
TAIL = """
environment:
  contents:
    packages:
      - build-base
      - busybox
"""
LOG = """\
2026-05-01T12:00:00.0000000Z ##[group]Run melange build hello.yaml
2026-05-01T12:00:01.0000000Z hello.c:3:10: fatal error: zlib.h: No such file or directory
2026-05-01T12:00:01.0000000Z compilation terminated.
2026-05-01T12:00:01.0000000Z ##[error]Process completed with exit code 1.
"""


async def proposed(tale: Story, version: str = "1.1") -> PullRequest:
    """Let a version be proposed; return its pull request."""
    await tale.look()
    await tale.release(version)
    await tale.look()
    (pull,) = await tale.pulls()
    return pull


def ann(tale: Story, role: Role = "admin") -> Person:
    """Return ann, who may do this much."""
    return tale.sandbox.person("ann", role)


async def say(tale: Story, text: str, *, on: int, by: Person | None = None) -> str:
    """Say something, let octobot obey and take all steps; return its answer without the mark-up."""
    tale.clock.ahead += timedelta(seconds=2)
    comment = await (by or ann(tale)).comment(NAME, on, text)
    await obey(tale.world, comment.id, author=(by or ann(tale)).id)
    await tale.look()
    return answer(tale, comment.id, on)


def answer(tale: Story, comment: int, thread: int) -> str:
    """Return the answer to a comment; empty without one."""
    return tale.answer(thread, comment)


def thumbs(tale: Story, comment: int) -> set[str]:
    """Return octobot's reactions to a comment."""
    bot = tale.world.bot
    mine = tale.sandbox.hub.state.reactions.of(tale.world.watched.id)
    return {one.content for one in mine if (one.subject, one.user) == (comment, bot)}


async def test_help_shows_every_command_and_who_may(tale: Story) -> None:
    """The table has the repository's own minimum and says what the asker may not."""
    await tale.configure("minimum-release-age: 0s\ncommands: {pause: admin, retry: nobody}\n")
    pull = await proposed(tale)
    said = await say(tale, "/octobot help", on=pull.number, by=ann(tale, "triage"))
    assert "`/octobot pause` | " in said
    assert "`admin` (not you)" in said
    assert "nobody may" in said
    assert "Your role here: `triage`" in said


async def test_hold_until_a_date_ends_by_itself(tale: Story) -> None:
    """Green and old enough, it waits for the date and not longer."""
    pull = await proposed(tale)
    day = f"{tale.clock() + timedelta(days=3):%Y-%m-%d}"
    said = await say(tale, f"/octobot hold {WAITS} until {day}", on=pull.number)
    assert said.startswith("✅")
    assert WAITS in said
    assert await tale.check() is ReasonCode.ON_HOLD
    await tale.later(days=1)
    assert 'version: "1.0"' in await tale.spec()
    await tale.later(days=3)
    assert 'version: "1.1"' in await tale.spec()


async def test_unhold_ends_a_hold(tale: Story) -> None:
    """On hold, it is not merged; afterwards it is."""
    pull = await proposed(tale)
    await say(tale, "/octobot hold", on=pull.number)
    assert await tale.check() is ReasonCode.ON_HOLD
    said = await say(tale, "/octobot unhold", on=pull.number)
    assert said.startswith("✅")
    assert 'version: "1.1"' in await tale.spec()


async def test_a_former_name_is_obeyed_and_answered_by_the_new_one(tale: Story) -> None:
    """People have written `release` for long; the answer and the audit log say `unhold`."""
    pull = await proposed(tale)
    await say(tale, "/octobot hold", on=pull.number)
    said = await say(tale, "/octobot release", on=pull.number)
    assert said.startswith("✅ `/octobot unhold`")
    acts = await tale.store.audit.whole(since=None)
    assert [act.command for act in acts] == ["hold", "unhold"]


async def test_ignore_closes_and_the_next_version_is_chosen(tale: Story) -> None:
    """An ignored stream is not proposed; an older version outside of it is."""
    pull = await proposed(tale, "2.0")
    assert (await say(tale, "/octobot ignore 2.x", on=pull.number)).startswith("✅")
    assert (await tale.row()).reason.code is ReasonCode.IGNORED
    assert await tale.pulls() == ()
    await tale.release("1.5")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    (other,) = await tale.pulls()
    assert other.branch == "octobot/hello/1.5"
    await tale.check("failure")
    await say(tale, "/octobot unignore 2.x", on=pull.number)
    (again,) = await tale.pulls()
    assert again.branch == "octobot/hello/2.0"


async def test_bump_proposes_what_selection_would_not(tale: Story) -> None:
    """A pre-release that the filters drop, asked for by number in an issue."""
    await proposed(tale)
    await tale.release("1.2_rc1")
    await tale.look()
    number = await ann(tale).open_issue(NAME, "Please")
    said = await say(tale, "/octobot bump hello 1.2_rc1", on=number)
    assert said.startswith("✅"), said
    (pull,) = await tale.pulls()
    assert pull.branch == "octobot/hello/1.2_rc1"
    await tale.check()
    assert 'version: "1.2_rc1"' in await tale.spec()


async def test_bump_refuses_what_upstream_does_not_show(tale: Story) -> None:
    """No such tag, and nothing that is not greater."""
    pull = await proposed(tale)
    assert "has no version" in await say(tale, "/octobot bump hello 7.7", on=pull.number)
    assert "not newer" in await say(tale, "/octobot bump 1.0", on=pull.number)
    number = await ann(tale).open_issue(NAME, "Please")
    assert "no package `goodbye`" in await say(tale, "/octobot bump goodbye 1.0", on=number)


async def test_close_is_for_good_until_bump(tale: Story) -> None:
    """The version is not proposed again, unless somebody asks for it."""
    pull = await proposed(tale)
    assert (await say(tale, "/octobot close", on=pull.number)).startswith("✅")
    assert (await tale.row()).reason.code is ReasonCode.CLOSED_BY_USER
    await tale.later(days=1)
    assert await tale.pulls() == ()
    await say(tale, "/octobot bump hello", on=pull.number)
    (again,) = await tale.pulls()
    assert (again.branch, again.number) != (pull.branch, pull.number)
    assert again.branch == pull.branch


async def test_recreate_replaces_the_commit_on_the_current_base(tale: Story) -> None:
    """Another commit in the same pull request, on the base that moved."""
    pull = await proposed(tale)
    await tale.sandbox.commit_files(NAME, "main", {"README": b"moved"}, "Move on")
    assert (await say(tale, "/octobot recreate", on=pull.number)).startswith("✅")
    (again,) = await tale.pulls()
    assert again.number == pull.number
    assert again.head != pull.head
    await tale.check()
    assert 'version: "1.1"' in await tale.spec()


async def test_reset_discards_others_commits(tale: Story) -> None:
    """The branch is octobot's own again, and merges."""
    pull = await proposed(tale)
    pushed = await ann(tale).push(NAME, pull.branch, {"hello.yaml": b"broken"})
    assert await tale.check() is ReasonCode.UNKNOWN_COMMIT
    assert "/octobot reset" in await say(tale, "/octobot recreate", on=pull.number)
    assert pushed[:12] in await say(tale, "/octobot reset", on=pull.number)
    assert (await say(tale, f"/octobot reset {pushed[:12]}", on=pull.number)).startswith("✅")
    (again,) = await tale.pulls()
    assert again.number == pull.number
    await tale.check()
    assert 'version: "1.1"' in await tale.spec()


async def test_merge_waives_automerge_off_and_nothing_else(tale: Story) -> None:
    """Red checks stop it; green, it is merged though the file leaves merging to people."""
    await tale.configure("minimum-release-age: 0s\nautomerge: false\n")
    pull = await proposed(tale)
    await tale.check("failure")
    assert (await say(tale, "/octobot merge", on=pull.number)).startswith("✅")
    assert 'version: "1.0"' in await tale.spec()
    await tale.check("success")
    await tale.later(hours=1)
    assert 'version: "1.1"' in await tale.spec()


async def test_merge_waives_the_age_only_where_the_file_lets(tale: Story) -> None:
    """By default the cooldown stands for everybody."""
    await tale.configure("minimum-release-age: 7d\n")
    pull = await proposed(tale)
    await tale.check()
    await say(tale, "/octobot merge", on=pull.number)
    assert (await tale.row()).reason.code is ReasonCode.MINIMUM_RELEASE_AGE
    await tale.configure("minimum-release-age: 7d\nwaive: {age: admin}\n")
    await tale.later(hours=2)
    assert 'version: "1.1"' in await tale.spec()


async def test_epoch_builds_again_and_changes_nothing_else(tale: Story) -> None:
    """One line of the spec, through ledger and gate like any other."""
    await tale.look()
    number = await ann(tale).open_issue(NAME, "Rebuild")
    before = await tale.spec()
    said = await say(tale, "/octobot rebuild hello new compiler", on=number)
    assert said.startswith("✅"), said
    (pull,) = await tale.pulls()
    assert pull.branch == "octobot/hello/1.0-r4"
    await tale.check()
    assert await tale.spec() == before.replace("epoch: 3", "epoch: 4")
    assert await tale.pulls() == ()
    await tale.later(days=1)
    assert await tale.pulls() == ()


async def test_explain_shows_every_rule(tale: Story) -> None:
    """The verdict in full on the pull request, the package's reason elsewhere."""
    pull = await proposed(tale)
    said = await say(tale, "/octobot explain", on=pull.number)
    assert "⏳ waiting | `checks-pending`" in said
    number = await ann(tale).open_issue(NAME, "Why?")
    assert "hello: checks-pending" in await say(tale, "/octobot explain hello", on=number)


async def test_status_shows_what_is_open_and_ordered(tale: Story) -> None:
    """Pull requests with their reasons, holds and ignored versions with who ordered them."""
    pull = await proposed(tale)
    await say(tale, "/octobot hold for now\n/octobot ignore 9.x", on=pull.number)
    number = await ann(tale).open_issue(NAME, "How are you?")
    said = await say(tale, "/octobot status", on=number)
    assert f"| #{pull.number} | `hello` |" in said
    assert "| `hello` | on hold: for now | `ann` |" in said
    assert "`9.x` is ignored" in said


async def test_pause_and_resume_the_repository(tale: Story) -> None:
    """Nothing is proposed or merged meanwhile."""
    pull = await proposed(tale)
    await say(tale, "/octobot pause", on=pull.number)
    assert await tale.check() is ReasonCode.PAUSED
    assert 'version: "1.0"' in await tale.spec()
    await say(tale, "/octobot resume", on=pull.number)
    assert 'version: "1.1"' in await tale.spec()


async def test_recheck_looks_again(tale: Story) -> None:
    """A tag that came since is proposed at once."""
    pull = await proposed(tale)
    await tale.check("failure")
    await tale.release("1.2")
    assert (await say(tale, "/octobot recheck", on=pull.number)).startswith("✅")
    (newer,) = await tale.pulls()
    assert newer.branch == "octobot/hello/1.2"


async def test_retry_runs_failed_checks_again(tale: Story) -> None:
    """The failed check is queued again; without one there is nothing to do."""
    pull = await proposed(tale)
    assert "can be run again" in await say(tale, "/octobot retry", on=pull.number)
    await tale.check("failure", log="E: something broke")
    said = await say(tale, "/octobot retry", on=pull.number)
    assert "Running again: `build`" in said, said


@pytest.mark.parametrize("own", [False, True])
async def test_accept_tag_move_ends_the_freeze(tale: Story, *, own: bool) -> None:
    """A tag that moved, the wanted version's or the spec's own, is trusted by somebody's word."""
    tag = "v1.0" if own else "v1.1"
    if not own:
        await proposed(tale)
    await tale.look()
    moved = await tale.release("9.9-elsewhere")
    await tale.sandbox.publish_tag("example/hello", tag, commit=moved, force=True)
    tale.clock.ahead += timedelta(minutes=10)
    assert await tale.look() is ReasonCode.TAG_MOVED
    number = (await tale.row()).issue
    assert number
    said = await say(tale, "/octobot accept-tag-move", on=number)
    assert said.startswith("✅"), said
    await tale.later(minutes=30)
    (pull,) = await tale.pulls()
    assert pull.branch == ("octobot/hello/1.0-r4" if own else "octobot/hello/1.1")
    await tale.check()
    assert f"expected-commit: {moved}" in await tale.spec()


async def test_a_lost_delivery_is_found_by_the_tick(tale: Story) -> None:
    """What was said before octobot listened is left alone; what comes after is obeyed once."""
    number = await ann(tale).open_issue(NAME, "Hello", "/octobot pause")
    await ann(tale).comment(NAME, number, "/octobot pause")
    tale.clock.ahead += timedelta(minutes=2)
    assert await listen(tale.world) == 0
    pull = await proposed(tale)
    tale.clock.ahead += timedelta(minutes=5)
    assert await listen(tale.world) == 0
    comment = await ann(tale).comment(NAME, pull.number, "/octobot hold\n/octobot hold twice")
    assert await listen(tale.world) == 1
    assert await listen(tale.world) in (0, 1)
    assert answer(tale, comment.id, pull.number).count("✅") == 2
    assert thumbs(tale, comment.id) == {"eyes", "+1"}
    acts = await tale.store.audit.whole(since=None)
    assert [(act.command, act.words, act.outcome) for act in acts] == [
        ("hold", "", "done"),
        ("hold", "twice", "done"),
    ]


async def test_apply_puts_the_suggestion_on_the_branch(tale: Story) -> None:
    """The edit that the failure's comment shows becomes octobot's own commit, judged again."""
    text = await tale.spec()
    files = {"hello.yaml": (text + TAIL).encode()}
    await tale.sandbox.commit_files(NAME, "main", files, "What it is built with")
    async with Adviser.open(None) as adviser:
        tale.world = replace(tale.world, adviser=adviser)
        pull = await proposed(tale)
        assert "no edit to apply" in await say(tale, "/octobot apply", on=pull.number)
        await tale.check("failure", LOG)
        said = await say(tale, "/octobot apply", on=pull.number)
        assert said.startswith("✅"), said
        (mended,) = await tale.pulls()
        assert mended.number == pull.number
        assert f"`{mended.head}`" in said
        assert mended.head in await tale.store.ledger.heads(tale.world.watched.id, pull.branch)


async def test_a_package_is_held_from_its_own_issue(tale: Story) -> None:
    """The issue of a manual bump is about its package; elsewhere it must be named."""
    await tale.write_spec("1.0", extra="  manual: true\n")
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    issue = (await tale.row()).issue
    assert issue
    assert "`hello` is on hold" in await say(tale, "/octobot hold for now", on=issue)
    assert "people bump it by hand" in await say(tale, "/octobot bump hello", on=issue)
    other = await ann(tale).open_issue(NAME, "Something else")
    said = await say(tale, "/octobot hold", on=other)
    assert "write the package's name after the command" in said
    assert "The hold on `hello` is over" in await say(tale, "/octobot unhold hello", on=other)


async def test_ignoring_the_stream_of_a_pull_request(tale: Story) -> None:
    """`stream` is the one that the version belongs to; `unignore` lists what is ignored."""
    pull = await proposed(tale, "1.1")
    assert "ignores `1.x`" in await say(tale, "/octobot ignore stream", on=pull.number)
    assert await tale.pulls() == ()
    said = await say(tale, "/octobot unignore 3.x", on=pull.number)
    assert "Ignored of `hello`: `1.x`" in said


async def test_epoch_takes_many_packages_and_says_what_became_of_each(tale: Story) -> None:
    """A package with an open bump is built by that one; an unknown first word is no package."""
    pull = await proposed(tale)
    number = await ann(tale).open_issue(NAME, "Rebuild")
    said = await say(tale, "/octobot rebuild hello", on=number)
    assert f"#{pull.number} is open for `hello` and builds it again anyway" in said
    assert "no package `goodbye`" in await say(tale, "/octobot rebuild goodbye", on=number)


async def test_a_rebuild_is_closed_for_good_by_a_person(tale: Story) -> None:
    """Closed, it does not come back; asked for again, it does."""
    await tale.look()
    number = await ann(tale).open_issue(NAME, "Rebuild")
    await say(tale, "/octobot rebuild hello", on=number)
    (pull,) = await tale.pulls()
    await ann(tale).close(NAME, pull.number)
    await tale.later(days=1)
    assert await tale.pulls() == ()
    await say(tale, "/octobot rebuild hello once more", on=number)
    (again,) = await tale.pulls()
    assert again.branch == pull.branch


def test_the_specs_epoch_is_where_the_stories_think() -> None:
    """The rebuild's branch is named by it."""
    assert re.search(r"epoch: 3", spec("1.0", "a" * 40))  # type: ignore[arg-type]
