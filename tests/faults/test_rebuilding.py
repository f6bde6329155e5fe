"""The database is lost: what was open is taken up again, or left to people.  Row 45 of SAFETY.md.

Only what a pull request holds counts: octobot computes the bump again and compares bytes.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

import pytest

from octobot.flows.upstreams import Upstreams
from octobot.model.lookup import GraphQLRequest, Request, Response, Unreachable
from octobot.model.reasons import ReasonCode
from octobot.sandbox.git.draft import Draft, Identity, Put
from octobot.store.store import Store
from tests.faults.test_people import amended, pointed, proposed, unmerged
from tests.stories.story import NAME, Away, Story

Losing = Callable[[Story], Awaitable[Story]]


@pytest.fixture
async def losing(empty_database_url: str) -> AsyncIterator[Losing]:
    """Yield the same world with a database that knows nothing."""
    async with Store.open(empty_database_url) as fresh:

        async def lose(tale: Story) -> Story:
            await fresh.repositories.set_watched([tale.world.watched])
            tale.queue.keys.clear()
            return replace(tale, store=fresh, world=replace(tale.world, store=fresh))

        yield lose


def said(tale: Story, number: int) -> str:
    """Return what octobot says on a pull request."""
    return "\n".join(tale.comments(number))


async def test_an_open_pull_request_is_taken_up_and_merged(tale: Story, losing: Losing) -> None:
    """The same text comes out of the same specs and upstreams: no second one, one merge."""
    head = await proposed(tale)
    tale = await losing(tale)
    await tale.look()
    (pull,) = await tale.pulls()
    assert head in await tale.store.ledger.heads(tale.world.watched.id, pull.branch)
    assert "octobot continues with this pull request" in said(tale, pull.number)
    assert await tale.check() is ReasonCode.MERGED
    assert 'version: "1.1"' in await tale.spec()


async def test_its_age_counts_from_zero(tale: Story, losing: Losing) -> None:
    """When the release was first seen is lost, too: a merge waits for the whole age again."""
    await tale.configure("minimum-release-age: 24h\n")
    await proposed(tale)
    await tale.later(hours=23)
    tale = await losing(tale)
    await tale.look()
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    await tale.later(hours=20)
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    assert await tale.later(hours=5) is ReasonCode.MERGED


@pytest.mark.parametrize("lost", ["before", "after"])
async def test_one_that_was_changed_is_left_to_people(
    tale: Story, losing: Losing, lost: str
) -> None:
    """Octobot's name and e-mail on another text prove nothing, whenever it was put there."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    text = (await tale.spec()).replace('version: "1.0"', 'version: "1.1"')
    evil: dict[str, Put | None] = {"hello.yaml": Put(text.replace("A greeting", "A trap").encode())}
    if lost == "after":
        await amended(tale, pull.branch, evil)
    tale = await losing(tale)
    if lost == "before":
        await amended(tale, pull.branch, evil)
    await tale.look()
    assert await tale.check() is ReasonCode.UNKNOWN_COMMIT
    await unmerged(tale)
    assert len(await tale.pulls()) == 1
    assert said(tale, pull.number).count("does not recognise the pull request") == 1
    tale.sandbox.log.clear()
    await tale.later(hours=2)
    (pull,) = await tale.pulls()
    again = f"/repos/{NAME}/git/commits/{pull.head}"
    assert [one for one in tale.sandbox.log if one.path == again] == []  # not computed again


@pytest.mark.parametrize("shape", ["executable", "two-parents", "two-files"])
async def test_the_same_text_in_another_shape_is_not_octobots(
    tale: Story, losing: Losing, shape: str
) -> None:
    """A file that can be executed; a commit that claims to have merged what it then drops."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    repo = tale.sandbox.repository(NAME)
    git = tale.sandbox.hub.git(repo)
    old = await git.commit_of(pull.head)
    found = await git.read(f"{pull.head}:hello.yaml")
    assert old
    assert found
    parents, changes = old.parents, dict[str, Put | None]()
    if shape == "executable":
        changes = {"hello.yaml": Put(found[2], "100755")}
    elif shape == "two-files":
        changes = {"other.yaml": Put(b"package: {}\n")}
    else:
        await tale.sandbox.commit_files(NAME, "main", {"other.yaml": b"package: {}\n"}, "By hand")
        main = await git.commit_of("refs/heads/main")
        assert main
        parents = (*parents, main.sha)
    me = Identity(old.author.name, old.author.email, old.author.at)
    made = await git.commit(Draft(old.message, me, me, parents, old.tree, changes))
    await pointed(tale, pull.branch, made)
    tale = await losing(tale)
    await tale.look()
    await tale.check()
    (pull,) = await tale.pulls()
    assert await tale.store.ledger.heads(tale.world.watched.id, pull.branch) == frozenset()
    await unmerged(tale)


async def test_another_pin_is_another_text(tale: Story, losing: Losing) -> None:
    """The tag moved while octobot knew nothing: what was proposed is not what it would propose."""
    await proposed(tale)
    tale = await losing(tale)
    other = await tale.release("0.1-elsewhere")
    await tale.sandbox.publish_tag("example/hello", "v1.1", commit=other, force=True)
    await tale.look()
    assert await tale.check() is ReasonCode.UNKNOWN_COMMIT
    await unmerged(tale)


async def test_a_second_commit_is_not_octobots(tale: Story, losing: Losing) -> None:
    """Even one that changes nothing in the end."""
    await proposed(tale)
    (pull,) = await tale.pulls()
    ann = tale.sandbox.person("ann", "write")
    repo = tale.sandbox.repository(NAME)
    found = await tale.sandbox.hub.git(repo).read(f"{pull.branch}:hello.yaml")
    assert found
    await ann.push(NAME, pull.branch, {"hello.yaml": b"package: {}\n"})
    await ann.push(NAME, pull.branch, {"hello.yaml": found[2]})
    tale = await losing(tale)
    await tale.look()
    assert await tale.check() is ReasonCode.UNKNOWN_COMMIT
    await unmerged(tale)
    assert "not exactly one commit" in said(tale, pull.number)


async def test_a_persons_pull_request_is_never_adopted(tale: Story, losing: Losing) -> None:
    """Byte for byte what octobot would propose, from a branch of its kind, by somebody else."""
    head = await proposed(tale)
    (own,) = await tale.pulls()
    ann = tale.sandbox.person("ann", "write")
    await ann.close(NAME, own.number)
    number = await ann.open_pull(NAME, own.branch, title="hello/1.1 package update")
    tale = await losing(tale)
    await tale.look()
    await tale.check()
    assert head not in await tale.store.ledger.heads(tale.world.watched.id, own.branch)
    assert said(tale, number) == ""
    await unmerged(tale)


async def test_the_next_version_supersedes_what_was_found(tale: Story, losing: Losing) -> None:
    """What failed and was found again is closed for a newer release that came meanwhile."""
    await proposed(tale)
    await tale.check("failure")
    tale = await losing(tale)
    await tale.release("1.2")
    await tale.later(minutes=10)
    await tale.later(minutes=10)
    (pull,) = await tale.pulls()
    assert pull.branch == "octobot/hello/1.2"
    assert await tale.check() is ReasonCode.MERGED


async def test_what_was_merged_by_hand_meanwhile_is_closed(tale: Story, losing: Losing) -> None:
    """The default branch caught up: nothing is left open."""
    await proposed(tale)
    tale = await losing(tale)
    await tale.write_spec("1.2")
    await tale.look()
    assert await tale.pulls() == ()


async def test_an_upstream_that_is_away_concludes_nothing(tale: Story, losing: Losing) -> None:
    """Neither adopted nor refused; when it is back the pull request is taken up."""
    await proposed(tale)
    tale = await losing(tale)
    roads = tale.world.upstreams
    tale.world = replace(tale.world, upstreams=Away())
    await tale.look()
    await tale.later(hours=1)
    (pull,) = await tale.pulls()
    assert said(tale, pull.number) == ""
    tale.world = replace(tale.world, upstreams=roads)
    await tale.later(hours=2)
    assert await tale.check() is ReasonCode.MERGED


@dataclass
class WithoutGit:
    """Upstreams whose API answers, and whose git does not."""

    whole: Upstreams

    async def send(self, request: Request) -> Response:
        """Let queries pass."""
        if isinstance(request, GraphQLRequest):
            return await self.whole.send(request)
        return Unreachable("timed out")

    async def digest(self, uri: str, algorithm: Literal["sha256", "sha512"]) -> str | None:
        """Download."""
        return await self.whole.digest(uri, algorithm)


async def test_pins_that_cannot_be_had_just_now_conclude_nothing(
    tale: Story, losing: Losing
) -> None:
    """The release is shown, its commit cannot be looked up: later is soon enough."""
    await proposed(tale)
    tale = await losing(tale)
    roads = tale.world.upstreams
    tale.world = replace(tale.world, upstreams=WithoutGit(roads))
    await tale.look()
    (pull,) = await tale.pulls()
    assert said(tale, pull.number) == ""
    tale.world = replace(tale.world, upstreams=roads)
    await tale.later(hours=2)
    assert await tale.check() is ReasonCode.MERGED


async def test_while_paused_nothing_is_said(tale: Story, losing: Losing) -> None:
    """The pause holds for this, too."""
    await proposed(tale)
    tale = await losing(tale)
    await tale.configure("paused: true\n")
    tale.sandbox.log.clear()
    await tale.look()
    assert tale.sandbox.log.content_writes() == []


async def test_a_death_in_between_is_made_good(tale: Story, losing: Losing) -> None:
    """Said and not entered: the next step does it again, and says it in the same place."""
    await proposed(tale)
    tale = await losing(tale)
    faults = tale.sandbox.faults()
    faults.strike(
        "lost",
        lambda call: call.method == "POST" and "comments" in call.path,
        side="after",
        times=4,
    )
    await tale.look()
    faults.clear()
    await tale.later(hours=1)
    (pull,) = await tale.pulls()
    assert said(tale, pull.number).count("octobot continues with this pull request") == 1
    assert await tale.check() is ReasonCode.MERGED
