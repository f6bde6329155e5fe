"""An older GitHub Enterprise Server: what it lacks fails only itself, and no objection is lost."""

from collections.abc import Iterable
from itertools import cycle

import pytest

from octobot.model.pull_request import LeftToGitHub
from octobot.model.reasons import ReasonCode
from tests.stories.story import NAME, Story
from tests.stories.test_gate import NO_AGE, proposed
from tests.stories.test_objections import person, said
from tests.stories.test_objections_kinds import KINDS, object_by, wants_conversations
from tests.stories.test_refusals import tries

TYPES = "PullRequestTimelineItemsItemType"
QUEUE = {
    *("AddedToMergeQueueEvent", "RemovedFromMergeQueueEvent", "PullRequest.isMergeQueueEnabled"),
    *(f"{TYPES}.ADDED_TO_MERGE_QUEUE_EVENT", f"{TYPES}.REMOVED_FROM_MERGE_QUEUE_EVENT"),
    *("MergeQueueEntry", "Mutation.enqueuePullRequest", "Mutation.dequeuePullRequest"),
}
"""A server from before the merge queue."""
AUTO = {
    *(f"Auto{kind}EnabledEvent" for kind in ("Merge", "Squash", "Rebase")),
    *(f"{TYPES}.AUTO_{kind}_ENABLED_EVENT" for kind in ("MERGE", "SQUASH", "REBASE")),
    *("AutoMergeDisabledEvent", f"{TYPES}.AUTO_MERGE_DISABLED_EVENT"),
    *("Repository.autoMergeAllowed", "PullRequest.autoMergeRequest"),
}
"""A server from before auto-merge."""
RULES = [
    {"Ref.refUpdateRule"},
    {"RefUpdateRule.requiresConversationResolution", "RefUpdateRule.requiresSignatures"},
    {"RefUpdateRule"},
]
DISPENSABLE = [
    *RULES,
    QUEUE,
    AUTO,
    QUEUE | AUTO,
    {f"{TYPES}.ADDED_TO_MERGE_QUEUE_EVENT", f"{TYPES}.REMOVED_FROM_MERGE_QUEUE_EVENT"},
    {"AutoSquashEnabledEvent"},
    {f"{TYPES}.AUTO_REBASE_ENABLED_EVENT"},
    {"ConvertToDraftEvent"},
    {"RemovedFromMergeQueueEvent"},
    {"AutoMergeDisabledEvent.reasonCode", "RemovedFromMergeQueueEvent.reason"},
    {"PullRequest.viewerCanMergeAsAdmin"},
    {"PullRequest.latestOpinionatedReviews(writersOnly)"},
    {"CheckSuite.workflowRun"},
    {"WorkflowRun.event"},
    {"Commit.checkSuites"},
    {"Mutation.updateRefs"},
]
"""What a server may lack, and merges go on."""
NEEDED = [
    "PullRequest.isDraft",
    "PullRequest.labels",
    "PullRequest.reviewDecision",
    "PullRequest.latestOpinionatedReviews",
    "PullRequest.reviewThreads",
    "PullRequest.timelineItems",
    "PullRequestReview.submittedAt",
    "LabeledEvent",
    "Repository.squashMergeAllowed",
]
"""What a verdict rests on."""


def lacks(tale: Story, *names: str) -> None:
    """Let the server be older, from now on."""
    tale.sandbox.hub.state.live.without_fields = frozenset(names)


@pytest.mark.parametrize("names", DISPENSABLE, ids=min)
async def test_what_a_server_lacks_fails_only_itself(tale: Story, names: Iterable[str]) -> None:
    """The pull request is merged all the same."""
    await proposed(tale)
    lacks(tale, *names)
    assert await tale.check() is ReasonCode.MERGED


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        *((QUEUE | AUTO, kind) for kind in KINDS),
        *zip(DISPENSABLE, cycle(KINDS), strict=False),
        *((names, "conversation") for names in RULES),
    ],
)
async def test_an_objection_is_seen_by_what_is_left(
    tale: Story, names: Iterable[str], kind: str
) -> None:
    """Whatever the server lacks beside it."""
    wants_conversations(tale)
    pull = await proposed(tale)
    lacks(tale, *names)
    await object_by(tale, kind, pull.number)
    tale.sandbox.log.clear()
    assert await tale.check() is KINDS[kind]
    assert tries(tale) == 0


@pytest.mark.parametrize("name", NEEDED)
async def test_what_a_verdict_rests_on_is_missed_by_name(tale: Story, name: str) -> None:
    """It waits, with the remedy; the server that was upgraded merges."""
    await proposed(tale)
    lacks(tale, name)
    tale.sandbox.log.clear()
    assert await tale.check() is ReasonCode.MISCONFIGURED
    assert f"does not know {name}; upgrade the server" in await said(tale)
    assert tries(tale) == 0
    lacks(tale)
    assert await tale.later(hours=2) is ReasonCode.MERGED


STOPS: list[tuple[LeftToGitHub, str]] = [
    ("queue", "RemovedFromMergeQueueEvent"),
    ("queue", f"{TYPES}.REMOVED_FROM_MERGE_QUEUE_EVENT"),
    ("auto", "AutoMergeDisabledEvent"),
    ("auto", f"{TYPES}.AUTO_MERGE_DISABLED_EVENT"),
]


@pytest.mark.parametrize(("way", "name"), STOPS)
async def test_a_stop_that_a_server_does_not_show_is_no_yes(
    tale: Story, way: LeftToGitHub, name: str
) -> None:
    """It shows that somebody left the merge to GitHub, and not who ended that."""
    pull = await proposed(tale, config=NO_AGE)
    ann = person(tale, "ann")
    if way == "queue":
        tale.sandbox.require_queue(NAME, "main")
        tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
        await ann.enqueue(NAME, pull.number)
    else:
        tale.sandbox.protect(NAME, "main", [("build", 15368)], reviews=1)
        await ann.enable_auto_merge(NAME, pull.number)
    await ann.cancel(NAME, pull.number, way)
    tale.sandbox.unprotect(NAME, "main", ruleset=True)
    tale.sandbox.protect(NAME, "main", [("build", 15368)])
    lacks(tale, name)
    tale.sandbox.log.clear()
    assert await tale.check() is ReasonCode.MISCONFIGURED
    event = "RemovedFromMergeQueueEvent" if way == "queue" else "AutoMergeDisabledEvent"
    assert event in await said(tale)
    assert tries(tale) == 0


@pytest.mark.parametrize("merge_by", ["queue", "auto"])
async def test_what_a_server_does_not_have_is_merged_by_the_api(tale: Story, merge_by: str) -> None:
    """As where GitHub does not show it; the way that it has is kept."""
    await proposed(tale, config=NO_AGE + f"merge-by: {merge_by}\n")
    lacks(tale, *QUEUE, *AUTO)
    assert await tale.check() is ReasonCode.MERGED


async def test_auto_merge_works_on_a_server_without_a_queue(tale: Story) -> None:
    """What GitHub wants beyond octobot's own rules is left to it."""
    pull = await proposed(tale, config=NO_AGE + "merge-by: auto\n")
    tale.sandbox.protect(NAME, "main", [("build", 15368)], reviews=1)
    lacks(tale, *QUEUE)
    assert await tale.check() is ReasonCode.LEFT_TO_GITHUB
    assert await tale.world.github.merge_queue.left_to_github(pull.number) == "auto"


@pytest.mark.parametrize("name", ["Repository.refs", "RefOrderField.TAG_COMMIT_DATE"])
async def test_upstreams_that_a_server_does_not_show_are_read_by_git(
    tale: Story, name: str
) -> None:
    """At once, since no smaller query would do."""
    lacks(tale, name)
    pull = await proposed(tale)
    assert pull.branch.endswith("1.1")
    assert await tale.check() is ReasonCode.MERGED
