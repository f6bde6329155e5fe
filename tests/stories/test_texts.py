"""Commands wherever people write them, as their devices write them, and the one reply to them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from octobot.app.events import on_event
from octobot.commands.listening import listen
from octobot.commands.obey import STRANGERS, obey
from octobot.model.errors import TryLater
from octobot.model.events import Commented, PullRequestChanged
from octobot.model.orders import TextKind, TextRef
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import ReasonCode
from octobot.sandbox.changes.person import Person
from octobot.sandbox.http.faults import fault, of
from tests.faults.test_deliveries import Doors, doors
from tests.stories.story import NAME, Story
from tests.stories.test_commands import proposed, thumbs
from tests.stories.texts import write

KINDS: tuple[TextKind, ...] = get_args(TextKind)
HOLD = "/octobot hold hello the ABI is broken"


async def edit(by: Person, ref: TextRef, text: str) -> None:
    """Let somebody replace a text."""
    edits: dict[TextKind, Callable[[], Awaitable[object]]] = {
        "comment": lambda: by.edit_comment(NAME, ref.id, text),
        "review": lambda: by.edit_review(NAME, ref.id, text),
        "review comment": lambda: by.edit_review_comment(NAME, ref.id, text),
        "issue": lambda: by.edit_issue(NAME, ref.id, text),
    }
    await edits[ref.kind]()


def answer(tale: Story, ref: TextRef, number: int) -> str:
    """Return octobot's answer to a text."""
    return tale.answer(ref.id if ref.kind == "issue" else number, ref.id, ref.kind)


def ann(tale: Story) -> Person:
    """Return an admin."""
    return tale.sandbox.person("ann", "admin", on=NAME)


async def ready(tale: Story) -> PullRequest:
    """Let a version be proposed, and octobot listen from now on."""
    pull = await proposed(tale)
    tale.clock.ahead += timedelta(minutes=2)
    await listen(tale.world)
    return pull


async def hold_of(tale: Story) -> str:
    """Return the reason of the hold in force; empty without one."""
    hold = (await tale.store.orders.of_package(tale.world.watched.id, "hello")).hold
    return hold.reason if hold else ""


@pytest.mark.parametrize("kind", KINDS)
async def test_a_hold_in_any_text_is_found_without_a_delivery(tale: Story, kind: TextKind) -> None:
    """It is obeyed before anything is merged, and answered under its thread."""
    pull = await ready(tale)
    ref = await write(ann(tale), kind, pull.number, HOLD)
    assert await tale.check() is ReasonCode.ON_HOLD
    assert await hold_of(tale) == "the ABI is broken"
    assert answer(tale, ref, pull.number).startswith("✅")
    assert await listen(tale.world) in (0, 1)
    assert len(await tale.store.audit.whole(since=None)) == 1


class Bot:
    """What the table of events needs of the bot."""

    def __init__(self, tale: Story) -> None:
        self.store, self.lanes, self._tale = tale.store, tale.queue, tale

    async def obey(self, event: Commented) -> None:
        """Obey, as the bot does."""
        await obey(self._tale.world, event.ref, author=event.author)


async def test_what_is_written_in_the_second_of_the_first_look_is_heard(tale: Story) -> None:
    """GitHub dates texts by whole seconds, so such a one seems older than the look was."""
    number = await ann(tale).open_issue(NAME, "Please")
    tale.clock.ahead += timedelta(minutes=2) - timedelta(microseconds=tale.clock().microsecond)
    assert await listen(tale.world) == 0
    await ann(tale).comment(NAME, number, "/octobot status")
    assert await listen(tale.world) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_a_delivery_of_any_text_is_obeyed(tale: Story, kind: TextKind) -> None:
    """The door names the text; a review is also a reason to look at the pull request."""
    pull = await ready(tale)
    async with doors(tale, door := Doors(tale)):
        ref = await write(ann(tale), kind, pull.number, HOLD)
        await door.worked_off()
    for event in door.heard:
        await on_event(Bot(tale), event)  # type: ignore[arg-type]
    assert answer(tale, ref, pull.number).startswith("✅")
    changed = [one for one in door.heard if isinstance(one, PullRequestChanged)]
    assert bool(changed) is (kind in ("review", "review comment"))


async def test_the_description_of_a_pull_request_is_read_too(tale: Story) -> None:
    """Somebody's own pull request: it is answered, since octobot did not open it."""
    await ready(tale)
    await ann(tale).push(NAME, "mine", {"README": b"mine"})
    number = await ann(tale).open_pull(NAME, "mine", body="/Octobot merge")
    await listen(tale.world)
    assert "did not open this" in tale.answer(number, number, "issue")


@pytest.mark.parametrize("kind", KINDS)
async def test_an_edited_text_of_any_kind_is_never_obeyed(tale: Story, kind: TextKind) -> None:
    """By its author it is answered; by another person the words are not the author's."""
    pull = await ready(tale)
    mallory = tale.sandbox.person("mallory", "write", on=NAME)
    own = await write(ann(tale), kind, pull.number, "Thank you")
    taken = await write(ann(tale), kind, pull.number, "/octobot status hello")
    await edit(ann(tale), own, HOLD)
    await edit(mallory, taken, "/octobot pause")
    for ref in (own, taken):
        await obey(tale.world, ref)
    assert "the text was edited" in answer(tale, own, pull.number)
    assert answer(tale, taken, pull.number) == ""
    assert await tale.store.orders.by_package(tale.world.watched.id) == {}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_lost_database_lets_no_text_be_obeyed_twice(tale: Story, kind: TextKind) -> None:
    """Reactions show it and, at a review, the answer."""
    pull = await ready(tale)
    ref = await write(ann(tale), kind, pull.number, HOLD)
    await obey(tale.world, ref)
    async with tale.store.database.connection() as connection:
        await connection.execute("alter table audit disable trigger audit_stays")
        for forget in (b"delete from command", b"delete from steering", b"delete from audit"):
            await connection.execute(forget)
        await connection.execute("alter table audit enable trigger audit_stays")
    await obey(tale.world, ref)
    assert await hold_of(tale) == ""


async def test_a_review_of_another_commit_merges_nothing(tale: Story) -> None:
    """It names the commit that was read, which is not the head any more."""
    await tale.configure("minimum-release-age: 0s\nautomerge: false\n")
    pull = await ready(tale)
    review = await ann(tale).review(NAME, pull.number, "COMMENT", "/octobot merge")
    state = tale.sandbox.hub.state
    state.reviews.put(
        replace(
            state.reviews[review.id],
            commit=state.pulls.of(state.reviews[review.id].repo)[0].base_sha,
        )
    )
    tale.clock.ahead += timedelta(seconds=5)
    ref = TextRef("review", review.id, pull.number)
    await obey(tale.world, ref)
    assert "the branch moved after your comment" in answer(tale, ref, pull.number)


SPELLINGS = (
    "/Octobot hold x",
    "/OCTOBOT HOLD x",
    "/octobot\u00a0hold x",
    "\ufeff/octobot hold x",
    "\u200b/octobot hold\u200b x",
    "/octobot hold x\r\n-- \r\nSent from my phone\r\n",
    "/octobot hold x\n---\nAnn",
    "@octobot hold x",
    "@Octobot[bot], hold x",
)


@pytest.mark.parametrize("text", SPELLINGS)
async def test_a_command_is_obeyed_however_a_device_writes_it(tale: Story, text: str) -> None:
    """Letter case, blanks, characters that are not seen, a signature, a mention."""
    pull = await ready(tale)
    ref = await write(ann(tale), "comment", pull.number, text)
    await obey(tale.world, ref)
    assert await hold_of(tale) == "x"
    assert answer(tale, ref, pull.number).startswith("✅")


@pytest.mark.parametrize(
    "text",
    [
        "/octobotpause",
        "/octobot\u200bpause",
        "/\u200boctobot pause",
        "/octobot `pause`",
        "/octobot pause | now\n--|--",
        "a<br>\n/octobot pause",
        "[^1]: a note\n/octobot pause",
        "$$\n/octobot pause\n$$",
        "/octobot pause\n" + "x" * 20_000,
        "/octobot puase",
        "/octobot pause now",
    ],
)
async def test_a_line_that_is_unclear_is_answered_once(tale: Story, text: str) -> None:
    """It says why nothing was done, and nothing was."""
    pull = await ready(tale)
    ref = await write(ann(tale), "comment", pull.number, text)
    await obey(tale.world, ref)
    await listen(tale.world)
    assert answer(tale, ref, pull.number).startswith("❌")
    assert await tale.store.orders.by_package(tale.world.watched.id) == {}


async def test_a_thread_has_one_reply(tale: Story) -> None:
    """The newest answer is on top, the earlier ones are folded, and their number is bounded."""
    pull = await ready(tale)
    kinds: tuple[TextKind, ...] = ("comment", "review", "review comment", "comment")
    refs = [
        await write(ann(tale), kind, pull.number, f"/octobot hold {n}")
        for n, kind in enumerate(kinds)
    ]
    for ref in refs:
        await obey(tale.world, ref)
    (reply,) = [body for body in tale.comments(pull.number) if "octobot:reply" in body]
    assert reply.startswith("✅ `/octobot hold 3`")
    assert reply.index("<details>") < reply.index("`/octobot hold 2`") < reply.index("hold 1")
    for ref in refs:
        assert answer(tale, ref, pull.number).startswith("✅")
    for _ in range(25):
        tale.clock.ahead += timedelta(minutes=5)
        await obey(tale.world, await write(ann(tale), "comment", pull.number, "/octobot help"))
    (reply,) = [body for body in tale.comments(pull.number) if "octobot:reply" in body]
    assert len(reply) < 40_000
    assert "Older answers are in this comment's history" in reply


async def test_two_processes_write_one_reply(tale: Story) -> None:
    """Whoever wrote last looks whether the other one has added an answer meanwhile."""
    pull = await ready(tale)
    await obey(tale.world, await write(ann(tale), "comment", pull.number, "/octobot status"))
    refs = [await write(ann(tale), "comment", pull.number, f"/octobot hold {n}") for n in range(4)]
    await asyncio.gather(*[obey(tale.world, ref) for ref in refs])
    for ref in refs:
        assert answer(tale, ref, pull.number)


async def test_a_reaction_that_is_refused_keeps_no_order_back(tale: Story) -> None:
    """The writes of the hour may be used up: the hold is in force, the answer comes later."""
    pull = await ready(tale)
    faults = tale.sandbox.faults()
    faults.strike("full", of("POST", rf"/repos/{NAME}/issues/.*"), answer=fault(403), times=99)
    ref = await write(ann(tale), "comment", pull.number, "/octobot hold x")
    with pytest.raises(TryLater):
        await obey(tale.world, ref)
    assert await hold_of(tale) == "x"
    faults.clear()
    tale.clock.ahead += timedelta(minutes=6)
    await listen(tale.world)
    assert answer(tale, ref, pull.number).startswith("✅")
    assert thumbs(tale, ref.id) == {"+1", "eyes"}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_stranger_costs_a_reaction_at_most(tale: Story, kind: TextKind) -> None:
    """Who can only read gets no answer; a review takes no reaction."""
    pull = await ready(tale)
    eve = tale.sandbox.person("eve", "read", on=NAME)
    ref = await write(eve, kind, pull.number, "/octobot help")
    tale.sandbox.log.clear()
    await obey(tale.world, ref)
    paths = [one.path for one in tale.sandbox.log.content_writes()]
    assert len(paths) == (kind != "review")
    assert all(path.endswith("/reactions") for path in paths)


async def test_seventeen_strangers_use_up_nothing(tale: Story) -> None:
    """Row 87: ten comments each cost reactions up to the cap; an admin's order counts at once.

    Then the checks turn green, and the merge goes through.
    """
    pull = await ready(tale)
    tale.sandbox.log.clear()
    for number in range(17):
        eve = tale.sandbox.person(f"eve{number}", "read", on=NAME)
        for _ in range(10):
            await obey(tale.world, await write(eve, "comment", pull.number, "/octobot bump hello"))
    writes = [one.path for one in tale.sandbox.log.content_writes()]
    assert len(writes) == STRANGERS
    assert all(path.endswith("/reactions") for path in writes)
    assert not any("octobot:reply" in body for body in tale.comments(pull.number))
    ref = await write(ann(tale), "comment", pull.number, "/octobot status")
    await obey(tale.world, ref)
    assert answer(tale, ref, pull.number).startswith("✅")
    assert await tale.check() is ReasonCode.MERGED
    assert len(tale.sandbox.log.content_writes()) < STRANGERS + 10
    tale.clock.ahead += timedelta(hours=1)
    eve = tale.sandbox.person("eve0", "read", on=NAME)
    tale.sandbox.log.clear()
    await obey(tale.world, await write(eve, "comment", pull.number, "/octobot bump hello"))
    assert len(tale.sandbox.log.content_writes()) == 1
