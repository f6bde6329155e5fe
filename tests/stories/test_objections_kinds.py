"""Row 89: every form of a person's no on GitHub, and the pull requests that come after it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from octobot.model.pull_request import PullRequest
from octobot.model.reasons import ReasonCode
from octobot.sandbox.changes.person import Person
from tests.stories.story import NAME, Story
from tests.stories.test_commands import say
from tests.stories.test_gate import NO_AGE, proposed, writes
from tests.stories.test_groups import found, versions
from tests.stories.test_objections import person, said

KINDS = {
    "draft": ReasonCode.DRAFT,
    "label": ReasonCode.BLOCKING_LABEL,
    "conversation": ReasonCode.UNRESOLVED_CONVERSATION,
    "review": ReasonCode.CHANGES_REQUESTED,
}
"""What can be done at any time, in any way of merging."""


def wants_conversations(tale: Story) -> None:
    """Let protection require that conversations are resolved."""
    tale.sandbox.demand(NAME, "main", conversations=True)


async def object_by(tale: Story, kind: str, number: int, login: str = "ann") -> Person:
    """Let somebody say no in one way."""
    who = person(tale, login)
    match kind:
        case "draft":
            await who.set_draft(NAME, number)
        case "label":
            await who.label(NAME, number, "Do-Not-Merge")
        case "conversation":
            await who.start_conversation(NAME, number)
        case "review":
            await who.review(NAME, number, "REQUEST_CHANGES", "No.")
    return who


async def lift(tale: Story, kind: str, number: int, who: Person) -> None:
    """Let the person take it back where it was said."""
    match kind:
        case "draft":
            await who.set_draft(NAME, number, draft=False)
        case "label":
            await who.unlabel(NAME, number, "Do-Not-Merge")
        case "conversation":
            (thread,) = tale.sandbox.hub.state.threads.find(tale.world.watched.id, number)
            await who.resolve_conversation(NAME, thread.id)
        case "review":
            tale.clock.ahead += timedelta(seconds=2)
            await who.approve(NAME, number)


def shown(tale: Story, pull: PullRequest) -> tuple[str | None, str]:
    """Read octobot's check run on a head: its conclusion and title."""
    runs = tale.sandbox.hub.state.runs_on(tale.world.watched.id, pull.head)
    [*_, own] = [run for run in runs if run.name == "octobot"]
    return own.conclusion, own.output.title or ""


def asked(tale: Story) -> list[str]:
    """List the requests to merge."""
    merging = {"enqueuePullRequest", "enablePullRequestAutoMerge", "PUT merge"}
    return [each for each in writes(tale) if each in merging]


@pytest.mark.parametrize("kind", KINDS)
async def test_it_waits_until_the_person_lifts_it(tale: Story, kind: str) -> None:
    """The reason has its code and the person, the check run is not green, nothing is asked for."""
    wants_conversations(tale)
    pull = await proposed(tale)
    who = await object_by(tale, kind, pull.number)
    tale.sandbox.log.clear()
    assert await tale.check() is KINDS[kind]
    assert "ann" in await said(tale)
    assert await tale.later(days=2) is KINDS[kind]
    conclusion, title = shown(tale, pull)
    assert conclusion == "neutral"
    assert title.startswith(f"Waiting: {KINDS[kind].value}: ")
    assert asked(tale) == []
    await lift(tale, kind, pull.number, who)
    assert await tale.later(minutes=10) is ReasonCode.MERGED


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("merge_by", ["queue", "auto"])
async def test_what_was_left_to_github_is_taken_back(tale: Story, kind: str, merge_by: str) -> None:
    """In both ways of leaving a merge to GitHub."""
    wants_conversations(tale)
    pull = await proposed(tale, config=NO_AGE + f"merge-by: {merge_by}\n")
    if merge_by == "queue":
        tale.sandbox.require_queue(NAME, "main")
    else:
        tale.sandbox.protect(NAME, "main", [("build", 15368)], reviews=1)
        wants_conversations(tale)
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    await object_by(tale, kind, pull.number)
    assert await tale.later(minutes=10) is KINDS[kind]
    assert await tale.world.github.merge_queue.left_to_github(pull.number) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("there", [True, False])
async def test_it_outlives_a_newer_version(tale: Story, kind: str, *, there: bool) -> None:
    """The successor names the old pull request, and waits until the same person lifts it.

    Either there, or by an approval of the successor; somebody else's approval lifts nothing.
    """
    wants_conversations(tale)
    old = await proposed(tale)
    who = await object_by(tale, kind, old.number)
    await tale.check("failure")
    await tale.release("1.2")
    await tale.later(minutes=10)
    (pull,) = await tale.pulls()
    assert pull.number != old.number
    assert await tale.check() is KINDS[kind]
    assert f"ann on #{old.number}" in await said(tale)
    await person(tale, "bob", "admin").approve(NAME, pull.number)
    assert await tale.later(minutes=10) is KINDS[kind]
    if there:
        await lift(tale, kind, old.number, who)
    else:
        tale.clock.ahead += timedelta(seconds=2)
        await who.approve(NAME, pull.number)
    assert await tale.later(minutes=10) is ReasonCode.MERGED


@pytest.mark.parametrize("kind", KINDS)
async def test_it_outlives_many_newer_versions(tale: Story, kind: str) -> None:
    """However many failed pull requests lie between."""
    wants_conversations(tale)
    old = await proposed(tale)
    await object_by(tale, kind, old.number)
    for minor in range(2, 15):
        await tale.check("failure")
        await tale.release(f"1.{minor}")
        await tale.later(minutes=10)
    assert await tale.check() is KINDS[kind]
    assert f"#{old.number}" in await said(tale)


@pytest.mark.parametrize("kind", KINDS)
async def test_it_outlives_a_recreation(tale: Story, kind: str) -> None:
    """Another commit of octobot's lifts nothing."""
    wants_conversations(tale)
    pull = await proposed(tale)
    await object_by(tale, kind, pull.number)
    tale.clock.ahead += timedelta(seconds=5)
    await say(tale, "/octobot recreate", on=pull.number)
    assert await tale.check() is KINDS[kind]


async def test_a_merge_by_a_person_ends_it(tale: Story) -> None:
    """What is proposed after that replaces nothing."""
    old = await proposed(tale)
    await object_by(tale, "review", old.number)
    tale.sandbox.post_check_run(NAME, old.head, "build", conclusion="success")
    await person(tale, "bob").merge(NAME, old.number)
    await tale.release("1.2")
    await tale.later(minutes=10)
    assert await tale.check() is ReasonCode.MERGED


async def test_the_version_on_the_default_branch_ends_it(tale: Story) -> None:
    """A person made the bump themselves: the newer version replaces nothing."""
    old = await proposed(tale)
    await object_by(tale, "review", old.number)
    await tale.write_spec("1.1")
    await tale.later(minutes=10)
    assert await tale.pulls() == ()
    await tale.release("1.2")
    await tale.later(minutes=10)
    assert await tale.check() is ReasonCode.MERGED


async def test_it_follows_a_package_into_a_group(tale: Story) -> None:
    """One of its packages had a pull request of its own that somebody objects to."""
    first = await proposed(tale)
    await object_by(tale, "review", first.number)
    await found(tale)
    await tale.look()
    await tale.later(minutes=10)
    assert first.number not in [pull.number for pull in await tale.pulls()]
    assert await tale.check() is ReasonCode.CHANGES_REQUESTED
    assert f"#{first.number}" in await said(tale)
    assert "1.1" not in await versions(tale)


async def test_the_file_names_the_labels(tale: Story) -> None:
    """Its own list replaces the default, and others do nothing."""
    pull = await proposed(tale, config=NO_AGE + "blocking-labels: ['wait: ABI']\n")
    await person(tale, "ann").label(NAME, pull.number, "wait: abi", "do-not-merge")
    assert await tale.check() is ReasonCode.BLOCKING_LABEL
    assert "labeled wait: abi by ann" in await said(tale)
    await person(tale, "bob").unlabel(NAME, pull.number, "wait: abi")
    assert await tale.later(minutes=10) is ReasonCode.MERGED


async def test_a_conversation_counts_only_where_protection_wants_that(tale: Story) -> None:
    """Everybody may comment on a public repository."""
    pull = await proposed(tale)
    await object_by(tale, "conversation", pull.number, "eve")
    assert await tale.check() is ReasonCode.MERGED


async def test_a_draft_of_nobody_known_waits_too(tale: Story) -> None:
    """The timeline lacks the event: the state alone is enough."""
    pull = await proposed(tale)
    state = tale.sandbox.hub.state
    one = state.pull(tale.world.watched.id, pull.number)
    assert one
    state.pulls.put(replace(one, draft=True))
    assert await tale.check() is ReasonCode.DRAFT


# auto-merge and the merge queue


def left(tale: Story, merge_by: str) -> None:
    """Let something be missing that only GitHub wants, or let it have a queue."""
    if merge_by == "queue":
        tale.sandbox.require_queue(NAME, "main")
    else:
        tale.sandbox.protect(NAME, "main", [("build", 15368)], reviews=1)


STOPPED = {"queue": ReasonCode.DEQUEUED, "auto": ReasonCode.AUTO_MERGE_DISABLED}


@pytest.mark.parametrize("merge_by", STOPPED)
async def test_what_a_person_stopped_stays_stopped(tale: Story, merge_by: str) -> None:
    """Auto-merge that somebody disabled and a queue that somebody left are a no by that person."""
    pull = await proposed(tale, config=NO_AGE + f"merge-by: {merge_by}\n")
    left(tale, merge_by)
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    ann = person(tale, "ann")
    await ann.cancel(NAME, pull.number, "queue" if merge_by == "queue" else "auto")
    tale.sandbox.log.clear()
    assert await tale.later(minutes=10) is STOPPED[merge_by]
    assert "by ann" in await said(tale)
    assert await tale.later(days=1) is STOPPED[merge_by]
    assert asked(tale) == []
    tale.clock.ahead += timedelta(seconds=5)
    await say(tale, "/octobot recreate", on=pull.number)
    assert await tale.check() is STOPPED[merge_by]
    assert asked(tale) == []
    tale.clock.ahead += timedelta(seconds=5)
    await person(tale, "bob").approve(NAME, pull.number)
    assert await tale.later(minutes=10) is STOPPED[merge_by]


@pytest.mark.parametrize("merge_by", STOPPED)
async def test_the_person_who_stopped_it_lifts_it(tale: Story, merge_by: str) -> None:
    """Their approval is enough; then it is left to GitHub again."""
    pull = await proposed(tale, config=NO_AGE + f"merge-by: {merge_by}\n")
    left(tale, merge_by)
    if merge_by == "auto":
        tale.sandbox.protect(NAME, "main", [("build", 15368)], reviews=2)
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    ann = person(tale, "ann")
    await ann.cancel(NAME, pull.number, "queue" if merge_by == "queue" else "auto")
    assert await tale.later(minutes=10) is STOPPED[merge_by]
    await ann.approve(NAME, pull.number)
    assert await tale.later(minutes=10) is ReasonCode.LEFT_TO_GITHUB


@pytest.mark.parametrize("merge_by", STOPPED)
async def test_a_stop_outlives_a_newer_version(tale: Story, merge_by: str) -> None:
    """The successor is not left to GitHub; the person's approval of it is what it waits for."""
    old = await proposed(tale, config=NO_AGE + f"merge-by: {merge_by}\n")
    left(tale, merge_by)
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    ann = person(tale, "ann")
    await ann.cancel(NAME, old.number, "queue" if merge_by == "queue" else "auto")
    await tale.check("failure")
    await tale.release("1.2")
    tale.sandbox.log.clear()
    await tale.later(minutes=10)
    assert await tale.check() is STOPPED[merge_by]
    assert f"ann on #{old.number}" in await said(tale)
    assert asked(tale) == []


async def test_auto_merge_that_ended_without_a_trace_stays_off(tale: Story) -> None:
    """GitHub does not show who disabled it: it is not enabled again for this head."""
    pull = await proposed(tale, config=NO_AGE + "merge-by: auto\n")
    left(tale, "auto")
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    state = tale.sandbox.hub.state
    one = state.pull(tale.world.watched.id, pull.number)
    assert one
    state.pulls.put(replace(one, deferred=None))
    assert await tale.later(minutes=10) is ReasonCode.AUTO_MERGE_DISABLED
    assert await tale.world.github.merge_queue.left_to_github(pull.number) is None


# closed and reopened


async def test_reopened_is_a_yes_again(tale: Story) -> None:
    """A person closed it, and thought better of it."""
    pull = await proposed(tale)
    ann = person(tale, "ann")
    await ann.close(NAME, pull.number)
    assert await tale.later(minutes=10) is ReasonCode.CLOSED_BY_USER
    await ann.reopen(NAME, pull.number)
    tale.queue.keys[tale.key] = None
    assert await tale.check() is ReasonCode.MERGED
    assert 'version: "1.1"' in await tale.spec()


async def test_what_a_command_closed_is_reopened_too(tale: Story) -> None:
    """The order to close it is over: it is not closed a second time."""
    pull = await proposed(tale)
    await say(tale, "/octobot close", on=pull.number)
    await tale.work()
    assert await tale.pulls() == ()
    git = tale.sandbox.hub.git(tale.sandbox.repository(NAME))
    await git.move(f"refs/heads/{pull.branch}", old=None, new=pull.head)
    await person(tale, "ann").reopen(NAME, pull.number)
    tale.queue.keys[tale.key] = None
    await tale.work()
    assert await tale.check() is ReasonCode.MERGED


async def test_reopened_is_no_yes_to_an_objection(tale: Story) -> None:
    """What was asked for before it was closed still is."""
    pull = await proposed(tale)
    ann = await object_by(tale, "review", pull.number)
    await ann.close(NAME, pull.number)
    await tale.later(minutes=10)
    await person(tale, "bob").reopen(NAME, pull.number)
    tale.queue.keys[tale.key] = None
    assert await tale.check() is ReasonCode.CHANGES_REQUESTED
