"""What a merged bump costs of GitHub's limits: reads, points and writes, counted in the log."""

from datetime import timedelta

from octobot.model.reasons import ReasonCode
from tests.bench.bench_requests import Costs, bumps, distro
from tests.stories.story import NAME, Story
from tests.stories.test_gate import proposed

OF_A_PASS = ("watching upstreams", "query: left to GitHub")
"""What costs a point for many packages, or for an hour."""


async def test_a_merged_bump_costs_little(tale: Story) -> None:
    """Eight reads that GitHub counts, five points and three content writes, each on average."""
    count = 5
    async with distro(tale, count):
        tale.sandbox.log.clear()
        await bumps(tale, count)
        costs = Costs.of(tale.sandbox.log, tale.sandbox.app.bot_login)
    of_a_pass = ("GET /issues", "GET /issues/comments", "GET /pulls/comments", "GET /issues?")
    reads = {path: n for path, n in costs.reads.items() if not path.startswith(of_a_pass)}
    points = {name: n for name, n in costs.points.items() if name not in OF_A_PASS}
    assert sum(reads.values()) <= 8 * count, reads
    assert sum(points.values()) <= 5 * count, points
    assert costs.content == 3 * count, costs.writes
    assert sum(costs.points.values()) <= sum(points.values()) + 3, costs.points


async def test_a_look_at_what_waits_costs_one_point(tale: Story) -> None:
    """Of one that was seen before, nothing is read by REST that GitHub counts."""
    await proposed(tale)
    tale.sandbox.log.clear()
    await tale.queue.hint(tale.key)
    assert await tale.work() is ReasonCode.CHECKS_PENDING
    costs = Costs.of(tale.sandbox.log, tale.sandbox.app.bot_login)
    assert (sum(costs.reads.values()), sum(costs.points.values())) == (0, 1)


async def test_a_merge_queue_is_asked_about_once_an_hour(tale: Story) -> None:
    """Where octobot leaves nothing to GitHub; a queue that came since refuses, and is asked for."""
    await proposed(tale)

    async def asked() -> int:
        tale.sandbox.log.clear()
        await tale.queue.hint(tale.key)
        await tale.work()
        return sum(b"mergeQueueEntry" in one.body for one in tale.sandbox.log)

    assert [await asked(), await asked()] == [0, 0]
    tale.clock.ahead += timedelta(hours=1)
    assert [await asked(), await asked()] == [1, 0]
    tale.world.github.merge_queue.forget()
    assert [await asked(), await asked()] == [1, 0]


async def test_what_a_person_closed_is_not_remembered_as_open(tale: Story) -> None:
    """The list is a moment old: the pull request itself is read before anything is done."""
    pull = await proposed(tale)
    await tale.look()
    await tale.sandbox.person("ann", "write", on=NAME).close(NAME, pull.number)
    await tale.queue.hint(tale.key)
    assert await tale.work() is ReasonCode.CLOSED_BY_USER


async def test_what_a_person_reopened_is_listed_at_once(tale: Story) -> None:
    """Nothing that ended is taken from memory."""
    pull = await proposed(tale)
    ann = tale.sandbox.person("ann", "write", on=NAME)
    await ann.close(NAME, pull.number)
    await tale.queue.hint(tale.key)
    assert await tale.work() is ReasonCode.CLOSED_BY_USER
    await ann.reopen(NAME, pull.number)
    await tale.queue.hint(tale.key)
    assert await tale.work() is ReasonCode.CHECKS_PENDING


async def test_settings_that_change_during_the_final_check_hold(tale: Story) -> None:
    """The file's own id shows that it is another one, whatever the cache has."""
    await proposed(tale)
    faults = tale.sandbox.faults()
    pause = b"minimum-release-age: 0s\npaused: true\n"

    async def change() -> None:
        files: dict[str, bytes | None] = {".github/octobot.yaml": pause}
        await tale.sandbox.commit_files(NAME, "main", files, "Pause")

    faults.meanwhile("pause", lambda call: call.path.endswith("/rules/branches/main"), change)
    assert await tale.check() is ReasonCode.PAUSED
    assert 'version: "1.0"' in await tale.spec()
