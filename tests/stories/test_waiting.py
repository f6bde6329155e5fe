"""Pull requests that wait are looked at in bulk; what moved, and what is not known, in full."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from octobot.flows.reconcile.lane import reconcile
from octobot.model.ids import Key
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import ReasonCode
from octobot.sandbox.http.call import Answer, Call
from octobot.sandbox.state.nouns import CI_APP
from tests.stories.story import NAME, Story
from tests.stories.test_gate import NO_AGE, proposed

Act = Callable[[Story, PullRequest], Awaitable[None]]


def is_glance(call: Call) -> bool:
    """Return whether a call is the one look at many pull requests."""
    return b"fragment Glance" in call.body


def is_about_people(call: Call) -> bool:
    """Return whether a call reads who objects to one pull request."""
    return b"fragment People" in call.body


def fulls(tale: Story) -> int:
    """Count how often a pull request was read in full since the log was cleared."""
    return sum(b"fragment People" in one.body for one in tale.sandbox.log)


def glances(tale: Story) -> int:
    """Count the looks at many since the log was cleared."""
    return sum(b"fragment Glance" in one.body for one in tale.sandbox.log)


async def at_rest(tale: Story, config: str = NO_AGE) -> PullRequest:
    """Bring a pull request to where it waits for its check, and was looked at twice."""
    pull = await proposed(tale, config=config)
    tale.sandbox.post_check_run(NAME, pull.head, "build", status="queued")
    assert await tale.later(minutes=10) is ReasonCode.CHECKS_PENDING
    assert await tale.later(minutes=10) is ReasonCode.CHECKS_PENDING
    tale.sandbox.log.clear()
    return pull


async def test_what_did_not_move_is_not_read_in_full(tale: Story) -> None:
    """One query of one point each time, for hours."""
    await at_rest(tale)
    for _ in range(5):
        assert await tale.later(minutes=10) is ReasonCode.CHECKS_PENDING
    assert (fulls(tale), glances(tale)) == (0, 5)
    assert not [one for one in tale.sandbox.log if one.path.endswith("/reviews?per_page=100")]


async def test_a_day_later_it_is_read_in_full_all_the_same(tale: Story) -> None:
    """Whatever no glance shows is found then."""
    await at_rest(tale)
    await tale.later(hours=25)
    assert fulls(tale) == 1


async def green(tale: Story, pull: PullRequest) -> None:
    """Let the check succeed."""
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")


async def red(tale: Story, pull: PullRequest) -> None:
    """Let the check fail."""
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="failure")


async def red_after_green(tale: Story, pull: PullRequest) -> None:
    """Let a second run of the check fail."""
    await green(tale, pull)
    await red(tale, pull)


async def push(tale: Story, pull: PullRequest) -> None:
    """Push to its branch, as a person."""
    tale.pardoned = frozenset({"S1"})
    await tale.sandbox.person("ann", "write", on=NAME).push(
        NAME, pull.branch, {"hello.yaml": b"evil: true\n"}, "By hand"
    )


async def label(tale: Story, pull: PullRequest) -> None:
    """Put a label on it that the repository's file names."""
    await tale.sandbox.person("ann", "write", on=NAME).label(NAME, pull.number, "do-not-merge")


async def request_changes(tale: Story, pull: PullRequest) -> None:
    """Request changes, as somebody who can write."""
    ann = tale.sandbox.person("ann", "write", on=NAME)
    await ann.review(NAME, pull.number, "REQUEST_CHANGES", "Not like this.")


async def draft(tale: Story, pull: PullRequest) -> None:
    """Make it a draft."""
    await tale.sandbox.person("ann", "write", on=NAME).set_draft(NAME, pull.number)


async def close(tale: Story, pull: PullRequest) -> None:
    """Close it, as a person."""
    await tale.sandbox.person("ann", "write", on=NAME).close(NAME, pull.number)


MOVES: tuple[tuple[Act, ReasonCode], ...] = (
    (green, ReasonCode.MERGED),
    (red, ReasonCode.CHECKS_FAILED),
    (push, ReasonCode.UNKNOWN_COMMIT),
    (label, ReasonCode.BLOCKING_LABEL),
    (request_changes, ReasonCode.CHANGES_REQUESTED),
    (draft, ReasonCode.DRAFT),
    (close, ReasonCode.CLOSED_BY_USER),
)


@pytest.mark.parametrize(("act", "reason"), MOVES, ids=lambda each: getattr(each, "__name__", ""))
async def test_what_moved_is_found_without_a_delivery(
    tale: Story, act: Act, reason: ReasonCode
) -> None:
    """The next look shows it, whatever it is."""
    pull = await at_rest(tale)
    await act(tale, pull)
    assert await tale.later(minutes=10) is reason


@pytest.mark.parametrize("act", [red_after_green, push, label, request_changes, draft, close])
async def test_what_happens_after_the_glance_stops_the_merge(tale: Story, act: Act) -> None:
    """The glance showed it green; the merge is decided by what is read in full after it."""
    pull = await at_rest(tale)
    await green(tale, pull)
    tale.clock.ahead += timedelta(minutes=10)
    (key,) = await tale.due()
    assert glances(tale) == 1
    await act(tale, pull)
    await reconcile(tale.world, key)
    assert not [one for one in tale.sandbox.log if one.path.endswith("/merge")]
    assert 'version: "1.0"' in await tale.spec()


async def pause(tale: Story, _pull: PullRequest) -> None:
    """Pause octobot by the repository's file."""
    await tale.configure("paused: true\n")


async def require_more(tale: Story, _pull: PullRequest) -> None:
    """Require another check of the base, as an administrator."""
    tale.pardoned = frozenset({"S2"})
    tale.sandbox.protect(NAME, "main", required=[("build", CI_APP), ("lint", CI_APP)])


@pytest.mark.parametrize(
    "act",
    [pause, require_more, push, label, request_changes, draft, close],
    ids=lambda act: act.__name__,
)
async def test_what_happens_after_the_full_look_stops_the_merge(tale: Story, act: Act) -> None:
    """The final check may take minutes: settings, rules and objections are read once more."""
    pull = await at_rest(tale)
    await green(tale, pull)
    faults = tale.sandbox.faults()
    faults.meanwhile("moved", is_about_people, lambda: act(tale, pull), side="after")
    assert await tale.later(minutes=10) is not ReasonCode.MERGED
    assert 'version: "1.0"' in await tale.spec()
    assert faults.met["moved"] == 1


def _nothing(_: Answer) -> Answer:
    return Answer({"data": None, "errors": [{"message": "Something went wrong"}]})


def _partly(answer: Answer) -> Answer:
    body = json.loads(json.dumps(answer.body))
    shown = body["data"]["repository"]
    for name in [name for name in shown if name != "databaseId"]:
        shown[name] = None
    body["errors"] = [{"message": "timed out", "path": ["repository"]}]
    return Answer(body)


def _cut(answer: Answer) -> Answer:
    body = json.loads(json.dumps(answer.body))
    for name, shown in body["data"]["repository"].items():
        if name != "databaseId":
            shown["statusCheckRollup"]["contexts"]["pageInfo"]["hasNextPage"] = True
    return Answer(body)


@pytest.mark.parametrize("change", [_nothing, _partly, _cut, lambda _: Answer({}, 502)])
async def test_a_glance_with_a_gap_means_a_full_look(
    tale: Story, change: Callable[[Answer], Answer]
) -> None:
    """Failed, in part or cut off: nothing of that reads as "nothing moved"."""
    await at_rest(tale)
    faults = tale.sandbox.faults()
    faults.strike("gap", is_glance, side="after", answer=change, times=9)
    await tale.later(minutes=10)
    assert faults.met["gap"]
    assert fulls(tale) == 1


async def test_news_from_elsewhere_passes_by_the_glance(tale: Story) -> None:
    """Another file, and a newer release, make it due by other means than its recheck."""
    await at_rest(tale)
    await tale.configure("minimum-release-age: 1s\n")
    await tale.later(minutes=10)
    assert fulls(tale) == 1
    await tale.release("1.2")
    await tale.later(minutes=10)
    assert fulls(tale) >= 2
    assert "1.2" in (await tale.row()).reason.detail


async def test_other_rules_of_the_base_are_found(tale: Story) -> None:
    """A check that is required no more, or now, is no change of the pull request."""
    await at_rest(tale)
    tale.sandbox.protect(NAME, "main", required=[("lint", 15368)])
    await tale.later(minutes=10)
    assert fulls(tale) == 1


async def test_another_process_knows_nothing(tale: Story) -> None:
    """What is not remembered is read in full."""
    await at_rest(tale)
    tale.world.waiting.entries.clear()
    await tale.later(minutes=10)
    assert fulls(tale) == 1


async def test_a_hint_passes_by_the_glance(tale: Story) -> None:
    """A delivery says that something happened; the lane reads in full."""
    await at_rest(tale)
    await reconcile(tale.world, Key(tale.world.watched.id, "hello"))
    assert (fulls(tale), glances(tale)) == (1, 0)
