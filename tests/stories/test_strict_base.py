"""Where branches must be up to date, one pull request at a time is recreated: builds are money."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from octobot.model.ids import Key, PullNumber
from octobot.model.pull_request import Conclusion, PullRequest
from octobot.model.reasons import ReasonCode
from octobot.sandbox.state.nouns import CI_APP
from octobot.store.merge_line import Front
from tests.stories.story import HELLO, NAME, Story, spec
from tests.stories.test_objections import person

MANY = 12


async def proposed(tale: Story, many: int) -> Sequence[PullRequest]:
    """Let so many packages have a release each, on a strict base."""
    tale.sandbox.protect(NAME, "main", [("build", CI_APP)], strict=True)
    text = spec("1.0", await tale.upstreams.provide_ref(HELLO, "refs/tags/v1.0"))
    names = [f"p{number}" for number in range(1, many)]
    files = {f"{name}.yaml": text.replace("name: hello", f"name: {name}") for name in names}
    encoded = {path: each.encode() for path, each in files.items()}
    await tale.sandbox.commit_files(NAME, "main", encoded, "More")
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    return await tale.pulls()


async def build(
    tale: Story, built: dict[str, int], *, failing: Sequence[int] = ()
) -> tuple[PullRequest, ...]:
    """Play the CI on every head that it has not built yet, an hour each, at the same time."""
    pulls = await tale.pulls()
    fresh = [pull for pull in pulls if pull.head not in built]
    for pull in fresh:
        built[pull.head] = pull.number
        end: Conclusion = "failure" if pull.number in failing else "success"
        tale.sandbox.post_check_run(NAME, pull.head, "build", conclusion=end)
    await tale.later(minutes=60 if fresh else 1)
    return await tale.pulls()


@pytest.mark.long
async def test_twelve_packages_cost_less_than_two_builds_each(tale: Story) -> None:
    """23 builds in place of 78; they drain in twelve builds' time and a few minutes."""
    await proposed(tale, MANY)
    built: dict[str, int] = {}
    began = tale.clock()
    rounds = 0
    while await build(tale, built):
        rounds += 1
        assert rounds < 40
    took = tale.clock() - began
    assert len(built) == 2 * MANY - 1
    assert took < timedelta(hours=MANY, minutes=5)


async def test_whoever_waits_says_for_whom(tale: Story) -> None:
    """The oldest is recreated, the others name it."""
    await proposed(tale, 3)
    built: dict[str, int] = {}
    pulls = await build(tale, built)
    first = min(pull.number for pull in pulls)
    rows = [await tale.store.packages.row(Key(tale.world.watched.id, n)) for n in ("p1", "p2")]
    waiting = [row for row in rows if row and row.reason.code is ReasonCode.BEHIND]
    assert [row.reason.detail for row in waiting] == [
        f"#{first} is recreated on the newest base first"
    ]


async def test_a_front_that_fails_lets_the_next_one_go(tale: Story) -> None:
    """It is not its turn any more, and two others are merged."""
    await proposed(tale, 4)
    built: dict[str, int] = {}
    pulls = await build(tale, built)
    front = min(pull.number for pull in pulls)
    for _ in range(4):
        pulls = await build(tale, built, failing=[front])
    assert [pull.number for pull in pulls] == [front]


async def test_a_front_that_somebody_objects_to_lets_the_next_one_go(tale: Story) -> None:
    """A person's no stops one, not all."""
    await proposed(tale, 4)
    built: dict[str, int] = {}
    pulls = await build(tale, built)
    front = min(pull.number for pull in pulls)
    await person(tale, "ann").review(NAME, front, "REQUEST_CHANGES", "No.")
    for _ in range(4):
        pulls = await build(tale, built)
    assert [pull.number for pull in pulls] == [front]


async def test_a_front_whose_build_never_ends_keeps_its_turn_for_hours_only(tale: Story) -> None:
    """Then the next one goes, and it comes back when it is green."""
    await proposed(tale, 3)
    built: dict[str, int] = {}
    pulls = await build(tale, built)
    front = min(pulls, key=lambda pull: pull.number)
    built[front.head] = front.number  # it hangs
    await tale.later(hours=1)
    assert len(await tale.pulls()) == 2
    await tale.later(hours=6)
    for _ in range(3):
        pulls = await build(tale, built)
    assert [pull.number for pull in pulls] == [front.number]
    tale.sandbox.post_check_run(NAME, pulls[0].head, "build", conclusion="success")
    for _ in range(4):
        pulls = await build(tale, built)
    assert pulls == ()


async def test_a_base_that_is_not_strict_has_no_line(tale: Story) -> None:
    """Everything that is green is merged at once."""
    await proposed(tale, 5)
    tale.sandbox.protect(NAME, "main", [("build", CI_APP)])
    built: dict[str, int] = {}
    assert await build(tale, built) == ()
    assert len(built) == 5


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_only_one_has_the_turn(tale: Story, order: tuple[int, int]) -> None:
    """Whoever comes first has it; a pull request that is not open has left."""
    (first, *_) = await proposed(tale, 2)
    both = {pull.number: pull for pull in await tale.pulls()}
    line, repository = tale.store.merge_line, tale.world.watched.id
    numbers = [sorted(both)[each - 1] for each in order]
    now = tale.clock()
    turns = [await line.take_turn(repository, PullNumber(n), f"c{n}", now=now) for n in numbers]
    assert turns == [Front(numbers[0], f"c{numbers[0]}", waits=False)] * 2
    assert await line.leave(repository, PullNumber(numbers[1]), now=now) is None
    gone = await line.take_turn(repository, PullNumber(999), "gone", now=now)
    assert gone.number == numbers[0]
    assert await line.leave(repository, PullNumber(numbers[0]), now=now) is None
    assert first.number in both
