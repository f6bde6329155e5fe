"""A distro's busiest hour: after every merge GitHub computes anew what else can be merged.

The sandbox does so by default.  octobot keeps GitHub's real limits here, and the clock is that of
stories: what is counted is what would have been merged, asked and waited for.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from octobot.flows.reconcile.lane import reconcile
from octobot.flows.watch.watch import watch
from octobot.github.transport.throttle import UNHURRIED
from octobot.model.reasons import ReasonCode
from octobot.sandbox.http.call import Call
from octobot.store.store import Store
from tests.faults.lives.many import names, publish, spec_of
from tests.faults.oracle import violations
from tests.stories.story import CONFIG, NAME, Story, story
from tests.stories.test_gate import proposed

SWEEP = timedelta(seconds=5)
RECHECK = timedelta(minutes=5)
"""As by default."""


@pytest.fixture
async def busy(tmp_path: Path, store: Store) -> AsyncIterator[Story]:
    """Yield a distro whose octobot keeps GitHub's limits and the default pauses."""
    async with story(tmp_path / "stage", store, limits=UNHURRIED) as made:
        made.world = replace(made.world, recheck=RECHECK)
        yield made
        assert await violations(made.sandbox, NAME) == []


async def found(tale: Story, count: int) -> None:
    """Put so many packages beside `hello`, and let a version of each come out."""
    files: dict[str, bytes | None] = {".github/octobot.yaml": CONFIG + b"open-pull-requests: 500\n"}
    for name in names(count):
        files[f"{name}.yaml"] = spec_of(name, await publish(tale.upstreams, name, "1.0"))
    await tale.sandbox.commit_files(NAME, "main", files, "Add packages")
    await watch(tale.world)
    for name in names(count):
        await publish(tale.upstreams, name, "1.1")


async def work(tale: Story) -> None:
    """Take the steps that are due, each once: what sleeps lets the clock go on."""
    for key in await tale.store.packages.due(tale.world.clock(), limit=500):
        await tale.queue.hint(key)
    for key in list(tale.queue.keys):
        del tale.queue.keys[key]
        await reconcile(tale.world, key)


def green(tale: Story) -> None:
    """Let the CI succeed on every open pull request that waits for it."""
    for pull, _ in tuple(tale.sandbox.hub.state.open_pulls(tale.world.watched.id)):
        if not [one for one in tale.sandbox.check_runs(NAME, pull.head_sha) if one.name == "build"]:
            tale.sandbox.post_check_run(NAME, pull.head_sha, "build", conclusion="success")


def merged(tale: Story) -> int:
    """Count what was merged."""
    pulls = tale.sandbox.hub.state.pulls.of(tale.world.watched.id)
    return sum(pull.merged_at is not None for pull in pulls)


@pytest.mark.parametrize("count", [6, pytest.param(66, marks=pytest.mark.long)])
async def test_as_many_are_merged_in_an_hour_as_come_out(busy: Story, count: int) -> None:
    """All are proposed and merged, though each merge makes GitHub forget about the others."""
    await found(busy, count)
    busy.sandbox.log.clear()
    began = busy.world.clock()
    ends = began + timedelta(hours=1) * count / 66
    while busy.world.clock() < ends and merged(busy) < count:
        busy.clock.ahead += SWEEP
        await watch(busy.world)
        await work(busy)
        green(busy)
    calls = Counter(
        "merge" if one.path.endswith("/merge") else "read" if _reads_a_pull(one.path) else "other"
        for one in busy.sandbox.log
    )
    took = busy.world.clock() - began
    print(f"{merged(busy)} merges in {took}, {calls}")  # noqa: T201  (the figures are wanted)
    assert merged(busy) == count
    assert calls["merge"] == count
    assert calls["read"] <= 8 * count


def _reads_a_pull(path: str) -> bool:
    return path.partition("?")[0].rpartition("/")[0].endswith(f"{NAME}/pulls")


async def test_what_is_never_computed_is_not_asked_for_all_the_time(tale: Story) -> None:
    """Every 15 seconds for two minutes, then at the pace of the recheck."""
    tale.world = replace(tale.world, recheck=RECHECK)
    await proposed(tale)
    tale.sandbox.hub.state.live.mergeability_lag = timedelta(days=9)
    assert await tale.check() is ReasonCode.NOT_MERGEABLE
    tale.sandbox.log.clear()
    for _ in range(60 * 4):
        tale.clock.ahead += timedelta(seconds=15)
        await tale.work()
    assert (await tale.row()).reason.code is ReasonCode.NOT_MERGEABLE
    looks = sum("/rules/branches/main" in one.path for one in tale.sandbox.log)
    assert 12 < looks < 24
    tale.sandbox.hub.state.live.mergeability_lag = timedelta()
    assert await tale.later(minutes=5) is ReasonCode.MERGED


async def test_a_check_that_is_pending_waits_for_no_mergeability(tale: Story) -> None:
    """Nothing is read twice as long as it decides nothing."""
    await proposed(tale)
    tale.sandbox.hub.state.live.mergeability_lag = timedelta(days=9)
    await tale.sandbox.commit_files(NAME, "main", {"other": b"1"}, "Move on")
    slept = tale.clock.slept
    assert await tale.later(minutes=10) is ReasonCode.CHECKS_PENDING
    assert tale.clock.slept == slept


def asked(tale: Story) -> list[tuple[str, int]]:
    """List the merges that were asked for: the head, and the answer's status."""
    merges = [one for one in tale.sandbox.log.writes() if one.path.endswith("/merge")]
    return [(json.loads(one.body)["sha"], one.status) for one in merges]


async def test_a_base_that_moves_right_before_the_merge_is_a_race(tale: Story) -> None:
    """The same head is merged a moment later; no refusal is remembered."""
    pull = await proposed(tale)
    tale.sandbox.hub.state.live.base_settles = timedelta(seconds=2)
    faults = tale.sandbox.faults()
    faults.meanwhile("push", _is_merge, lambda: _move_on(tale))
    assert await tale.check() is ReasonCode.MERGED
    *refused, last = asked(tale)
    assert set(refused) == {(pull.head, 405)}
    assert last == (pull.head, 200)
    assert await tale.store.merge_tries.of_pull(tale.world.watched.id, pull.number) == ()


@pytest.mark.long
async def test_a_base_that_never_settles_is_asked_for_less_and_less(tale: Story) -> None:
    """Four tries a look, soon at the pace of the recheck; no try of the day is used up."""
    tale.world = replace(tale.world, recheck=RECHECK)
    pull = await proposed(tale)
    tale.sandbox.hub.state.live.base_settles = timedelta(days=9)
    assert await tale.check() is ReasonCode.NOT_MERGEABLE
    assert len(asked(tale)) == 4
    for _ in range(60 * 4):
        tale.clock.ahead += timedelta(seconds=15)
        await tale.work()
    assert {one[0] for one in asked(tale)} == {pull.head}
    assert 4 < len(asked(tale)) <= 4 * 21
    assert await tale.store.merge_tries.of_pull(tale.world.watched.id, pull.number) == ()
    tale.sandbox.hub.state.live.base_settles = timedelta()
    assert await tale.later(minutes=5) is ReasonCode.MERGED


PUSHED = {
    "pause": ({".github/octobot.yaml": CONFIG + b"paused: true\n"}, ReasonCode.PAUSED),
    "hold": (
        {".github/octobot.yaml": CONFIG + b"packages:\n  - match: hello\n    hold: ABI\n"},
        ReasonCode.ON_HOLD,
    ),
}


@pytest.mark.parametrize("what", PUSHED)
async def test_what_the_push_to_the_base_says_is_read_before_the_next_try(
    tale: Story, what: str
) -> None:
    """The base moved because somebody paused octobot: it is not merged a moment later."""
    pull = await proposed(tale)
    tale.sandbox.hub.state.live.base_settles = timedelta(seconds=1)
    files, code = PUSHED[what]

    async def push() -> None:
        await tale.sandbox.commit_files(NAME, "main", files, "Stop it")

    tale.sandbox.faults().meanwhile("push", _is_merge, push)
    await tale.check()
    assert await tale.later(minutes=10) is code
    assert asked(tale) == [(pull.head, 405)]


async def test_an_objection_during_the_race_counts(tale: Story) -> None:
    """Somebody asks for changes between two tries."""
    pull = await proposed(tale)
    tale.sandbox.hub.state.live.base_settles = timedelta(seconds=1)
    ann = tale.sandbox.person("ann", "write", on=NAME)

    async def object_to() -> None:
        await _move_on(tale)
        await ann.review(NAME, pull.number, "REQUEST_CHANGES", "No.")

    tale.sandbox.faults().meanwhile("no", _is_merge, object_to)
    await tale.check()
    assert await tale.later(minutes=10) is ReasonCode.CHANGES_REQUESTED
    assert asked(tale) == [(pull.head, 405)]


async def test_another_text_on_the_base_ends_the_race(tale: Story) -> None:
    """Somebody changed the spec: what was judged is no bump of it."""
    pull = await proposed(tale)
    tale.sandbox.hub.state.live.base_settles = timedelta(seconds=1)

    async def edit() -> None:
        text = (await tale.spec()).replace("A greeting", "A greeting, by hand")
        await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": text.encode()}, "By hand")

    tale.sandbox.faults().meanwhile("edit", _is_merge, edit)
    await tale.check()
    assert asked(tale) == [(pull.head, 405)]
    await tale.later(minutes=1)
    (other,) = await tale.pulls()
    assert other.head != pull.head
    assert await tale.check() is ReasonCode.MERGED
    assert "by hand" in await tale.spec()


async def _move_on(tale: Story) -> None:
    await tale.sandbox.commit_files(NAME, "main", {"other": b"1"}, "Move on")


def _is_merge(call: Call) -> bool:
    return call.method == "PUT" and call.path.endswith("/merge")
