"""GitHub answers late, wrongly, in halves or not at all: SAFETY.md's rows 10 to 31.

What the transport alone does about a broken line is tested in `tests/github`; here the whole bot
goes through it, and the oracle looks at what became of the repository.
"""

import asyncio
from datetime import timedelta

import pytest

from octobot.flows.reconcile.lane import reconcile
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.reasons import ReasonCode
from octobot.sandbox.http.call import Answer, Call
from octobot.sandbox.http.faults import Faults, anything, cut, fault, is_effect, mutation, of
from tests.sampling import sampled
from tests.stories.story import NAME, Story

PULLS = f"/repos/{NAME}/pulls"
MERGE = of("PUT", f"{PULLS}/\\d+/merge")


async def proposed(tale: Story) -> Faults:
    """Let 1.1 be proposed, then put the faults in."""
    await tale.look()
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    return tale.sandbox.faults()


async def passing(tale: Story, **units: int) -> None:
    """Make a pass as the bot does: what is refused is put off."""
    try:
        await tale.later(**units)
    except (TryLater, Misconfigured):
        tale.queue.keys.clear()


async def converge(tale: Story) -> None:
    """Let what is left be done; the bump ends merged."""
    for _ in range(4):
        await passing(tale, hours=1)
        if await tale.pulls():
            await tale.check()
    assert (await tale.row()).reason.code is ReasonCode.MERGED
    assert 'version: "1.1"' in await tale.spec()


async def test_a_storm_of_500s_is_waited_out(tale: Story) -> None:
    """Row 10: half an hour of 503 for everything; few requests, and then it continues."""
    await tale.look()
    faults = tale.sandbox.faults()
    await tale.release("1.1")
    faults.strike("storm", anything, answer=fault(503), times=10**6)
    tale.sandbox.log.clear()
    for _ in range(6):
        await passing(tale, minutes=5)
    assert 0 < faults.met["storm"] < 200
    assert tale.sandbox.log.content_writes() == []
    faults.clear()
    await converge(tale)


@pytest.mark.parametrize(
    ("status", "seconds", "headers"),
    sampled(
        [
            (403, 3000, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "RESET"}),
            (429, 90, {"Retry-After": "90"}),
            (403, 90, {"Retry-After": "90"}),
            (403, 60, {}),
            (429, 60, {}),
        ],
        2,
    ),
    ids=["primary", "429", "retry-after", "no-header", "429-no-header"],
)
@pytest.mark.parametrize("at", sampled(["reads", "commit", "merge", "pull"], 2))
async def test_nothing_is_sent_inside_a_limits_window(
    tale: Story, status: int, seconds: int, headers: dict[str, str], at: str
) -> None:
    """Rows 11 to 14: whatever is refused, GitHub is left alone until it may be asked again."""
    struck = {
        "reads": of("GET", f"{PULLS}"),
        "commit": mutation("createCommitOnBranch"),
        "pull": of("POST", PULLS),
        "merge": MERGE,
    }[at]
    await tale.look()
    faults = tale.sandbox.faults()
    primary = "X-RateLimit-Reset" in headers
    resource = ("graphql" if at == "commit" else "core") if primary else ""
    faults.limit(at, struck, status=status, seconds=seconds, headers=headers, resource=resource)
    await tale.release("1.1")
    await passing(tale, seconds=1)
    for _ in range(3):
        await passing(tale, minutes=1)
    await converge(tale)
    assert faults.met[at] == 1
    tale.windows = faults.windows


PARTIAL = Answer(
    {"data": {"repository": None}, "errors": [{"message": "Something went wrong"}]}, broken=True
)
EMPTY = Answer({"data": None, "errors": [{"type": "RATE_LIMITED", "message": "x"}]}, broken=True)


@pytest.mark.parametrize("said", [PARTIAL, EMPTY], ids=["partial", "rate-limited"])
async def test_half_an_answer_of_graphql_is_never_empty(tale: Story, said: Answer) -> None:
    """Row 15: data missing from a 200 is a failure, not "nothing there": waits, and continues."""
    faults = await proposed(tale)

    def reading(call: Call) -> bool:
        return "graphql" in call.path and not is_effect(call)

    faults.strike("graphql", reading, answer=said, times=10**6)
    await tale.check()
    assert faults.met["graphql"]
    assert (await tale.row()).reason.code is not ReasonCode.MERGED
    assert len(await tale.pulls()) == 1
    faults.clear()
    await converge(tale)


@pytest.mark.parametrize("at", ["commit", "pull", "check", "merge", "branch"])
async def test_an_answer_that_breaks_off_is_looked_up(tale: Story, at: str) -> None:
    """Row 16: half of the JSON arrived; it took place, so nothing is made twice."""
    await tale.look()
    faults = tale.sandbox.faults()
    struck = {
        "commit": mutation("createCommitOnBranch"),
        "pull": of("POST", PULLS),
        "check": of("POST", f"/repos/{NAME}/check-runs"),
        "merge": MERGE,
        "branch": mutation("updateRefs"),
    }[at]
    faults.strike(at, struck, side="after", answer=cut)
    await tale.release("1.1")
    await passing(tale, seconds=1)
    await converge(tale)
    assert faults.met[at] == 1


async def test_a_base_that_moved_is_merged_at_the_next_try(tale: Story) -> None:
    """Row 21: 405 "Base branch was modified" thrice: the fourth try merges, within seconds."""
    faults = await proposed(tale)
    refusal = Answer({"message": "Base branch was modified."}, 405, broken=True)
    faults.strike("405", MERGE, answer=refusal, times=3)
    assert await tale.check() is ReasonCode.MERGED
    assert faults.met["405"] == 3


async def test_a_push_right_before_the_merge_wins(tale: Story) -> None:
    """Rows 21 and 64: pushed between green and merge: 409, not merged, and left to its person."""
    faults = await proposed(tale)
    (pull,) = await tale.pulls()
    ann = tale.sandbox.person("ann", "write")

    async def push() -> None:
        await ann.push(NAME, pull.branch, {"hello.yaml": b"package:\n  name: evil\n"})

    faults.meanwhile("push", MERGE, push)
    await tale.check()
    assert faults.met["push"] == 1
    assert await tale.later(hours=1) is ReasonCode.UNKNOWN_COMMIT
    assert 'version: "1.0"' in await tale.spec()


async def test_mergeable_that_is_never_computed_is_never_merged(tale: Story) -> None:
    """Row 22: unknown is not yes; it is visible, and asked for at the pace of the recheck."""
    await proposed(tale)
    live = tale.sandbox.hub.state.live
    live.mergeability_lag = timedelta(days=999)
    for _ in range(3):
        assert await tale.check() is ReasonCode.NOT_MERGEABLE
    live.mergeability_lag = timedelta()
    await converge(tale)


async def test_the_failing_check_on_the_second_page_counts(tale: Story) -> None:
    """Row 23: 120 green ones before it; and a page that cannot be read is no page at all."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="failure")
    for number in range(120):
        tale.sandbox.post_check_run(NAME, pull.head, f"lint-{number}", conclusion="success")
    assert await tale.later(minutes=10) is ReasonCode.CHECKS_FAILED
    faults = tale.sandbox.faults()

    def second(call: Call) -> bool:
        return call.path.endswith("/check-runs") and call.query.get("page") == "2"

    faults.strike("page", second, answer=fault(), times=10**6)
    assert await tale.later(hours=2) is ReasonCode.RETRY_LATER
    assert faults.met["page"]


async def test_a_renamed_repository_is_not_followed(tale: Story) -> None:
    """Row 24: a redirect for everything: nothing is written, and the package says why."""
    faults = await proposed(tale)
    moved = Answer({"message": "Moved Permanently"}, 301, {"Location": "/x"}, broken=True)
    faults.strike("301", lambda call: call.path.startswith("/repos/"), answer=moved, times=10**6)
    tale.sandbox.log.clear()
    await passing(tale, hours=1)
    await tale.queue.hint(tale.key)
    assert await tale.work() is ReasonCode.RETRY_LATER
    assert tale.sandbox.log.content_writes() == []


async def test_a_token_that_expires_in_between_is_renewed(tale: Story) -> None:
    """Row 26: sixty-one minutes between any two steps, and a 401 in the middle of a write."""
    await tale.look()
    faults = tale.sandbox.faults()
    faults.strike("401", of("POST", PULLS), answer=Answer({"message": "Bad"}, 401, broken=True))
    await tale.release("1.1")
    await tale.later(minutes=61)
    await tale.later(minutes=61)
    assert await tale.check() is ReasonCode.MERGED
    assert faults.met["401"] == 1


async def test_a_suspended_installation_is_left_alone(tale: Story) -> None:
    """Row 27: no writes and no loop while suspended; it continues when unsuspended."""
    await proposed(tale)
    installation = tale.world.watched.installation
    tale.sandbox.suspend(installation)
    (pull,) = [p for p, _ in tale.sandbox.hub.state.open_pulls(tale.world.watched.id)]
    tale.sandbox.post_check_run(NAME, pull.head_sha, "build", conclusion="success")
    tale.sandbox.log.clear()
    for _ in range(3):
        await passing(tale, hours=1)
        await tale.queue.hint(tale.key)
        assert await tale.work() is ReasonCode.MISCONFIGURED
    assert len(tale.sandbox.log) < 60
    assert tale.sandbox.log.content_writes() == []
    tale.sandbox.suspend(installation, suspended=False)
    await converge(tale)


async def test_a_permission_that_was_taken_away_is_reported(tale: Story) -> None:
    """Row 27: 403 on the merge: the operator must fix it; no retries in a loop."""
    faults = await proposed(tale)
    refusal = Answer({"message": "Resource not accessible by integration"}, 403, broken=True)
    faults.strike("403", MERGE, answer=refusal, times=10**6)
    assert await tale.check() is ReasonCode.RETRY_LATER  # the token is new, so it proves nothing
    assert await tale.later(minutes=2) is ReasonCode.MISCONFIGURED
    met = faults.met["403"]
    await tale.later(minutes=10)
    assert faults.met["403"] == met
    faults.clear()
    await converge(tale)


async def test_protection_that_is_removed_after_green_stops_the_merge(tale: Story) -> None:
    """Row 28: what is required is read again right before; empty is not green."""
    await tale.configure("minimum-release-age: 1h\n")
    await proposed(tale)
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    tale.sandbox.unprotect(NAME, "main")
    assert await tale.later(hours=2) is ReasonCode.NO_REQUIRED_CHECKS


@pytest.mark.parametrize("change", ["red", "unprotected", "pushed", "closed", "paused"])
async def test_a_304_that_lies_does_not_merge(tale: Story, change: str) -> None:
    """Row 29: everything that a merge rests on is read in full, past every kept answer."""
    await tale.configure("minimum-release-age: 1h\n")
    await proposed(tale)
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    await tale.later(minutes=10)
    faults = tale.sandbox.faults()
    (pull,) = await tale.pulls()
    ann = tale.sandbox.person("ann", "write")
    match change:
        case "red":
            tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="failure")
        case "unprotected":
            tale.sandbox.unprotect(NAME, "main")
        case "pushed":
            await ann.push(NAME, pull.branch, {"README.md": b"#\n"})
        case "closed":
            await ann.close(NAME, pull.number)
        case "paused":
            await tale.configure("minimum-release-age: 1h\npaused: true\n")
    faults.always_unmodified = True
    for _ in range(3):
        await passing(tale, hours=1)
        await tale.queue.hint(tale.key)
        await tale.work()
    assert 'version: "1.0"' in await tale.spec()


async def test_a_merge_onto_a_stale_base_stops_the_line(tale: Story) -> None:
    """Row 31: GitHub's merge reverts what the base got meanwhile: found in the same step."""
    tale.pardoned = frozenset({"S3"})
    await proposed(tale)
    await tale.sandbox.commit_files(NAME, "main", {"other.yaml": b"package: {}\n"}, "Add other")
    tale.sandbox.hub.merges_stale_trees = True
    await tale.check()
    assert await tale.store.repositories.merging_halted(tale.world.watched.id)
    tale.sandbox.hub.merges_stale_trees = False
    await tale.release("1.2")
    await tale.later(hours=1)
    assert await tale.check() is ReasonCode.MERGING_HALTED


async def test_the_same_bump_by_hand_ends_the_pull_request(tale: Story) -> None:
    """Row 20: a person was quicker; nothing is left between the commits, so it is withdrawn."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    there = await tale.sandbox.hub.git(tale.sandbox.repository(NAME)).read(
        f"{pull.head}:hello.yaml"
    )
    assert there
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": there[2]}, "By hand")
    await tale.later(hours=1)
    assert await tale.pulls() == ()
    assert (await tale.row()).reason.code is ReasonCode.UP_TO_DATE


async def test_two_at_once_do_it_once(tale: Story) -> None:
    """Row 25: two processes take the same step at the same time: one commit, one merge."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion="success")
    tale.clock.ahead += timedelta(minutes=10)
    done = await asyncio.gather(
        *(reconcile(tale.world, tale.key) for _ in range(2)), return_exceptions=True
    )
    assert [each for each in done if isinstance(each, BaseException)] == []
    await tale.later(hours=1)
    merges = [one for one in tale.sandbox.log.whole() if one.path.endswith("/merge")]
    assert [one.status for one in merges].count(200) == 1
    assert (await tale.row()).reason.code is ReasonCode.MERGED
    assert await tale.store.repositories.merging_halted(tale.world.watched.id) is None
