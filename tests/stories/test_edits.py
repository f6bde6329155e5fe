"""Row 90: comments whose words may be somebody else's, edited at any moment, or dated like that."""

from datetime import timedelta

import pytest

from octobot.commands.listening import listen
from octobot.commands.obey import obey
from octobot.model.errors import TryLater
from octobot.sandbox.changes.issues import add_comment, edit_comment
from octobot.sandbox.http.call import Answer, Call
from octobot.sandbox.http.faults import GRAPHQL, of
from octobot.sandbox.state.nouns import Comment
from tests.stories.story import NAME, Story
from tests.stories.test_commands import answer, proposed

HARMLESS = "Thank you, I read it tomorrow."
ROADS = pytest.mark.parametrize("road", ["delivery", "tick"])


async def ready(tale: Story) -> int:
    """Let octobot propose something and listen from now on; return the pull request's number."""
    pull = await proposed(tale)
    for _ in range(2):
        await listen(tale.world)
        tale.clock.ahead += timedelta(minutes=5)
    return pull.number


async def hear(tale: Story, comment: Comment, road: str) -> None:
    """Let octobot hear about a comment by its delivery, or find it."""
    if road == "delivery":
        await obey(tale.world, comment.id, author=comment.author)
    else:
        await listen(tale.world)


async def written(tale: Story, number: int, text: str, *, edit: str | None = None) -> Comment:
    """Let ann, an admin, write; `edit`: a writer replaces her words within the same second."""
    hub, here = tale.sandbox.hub, tale.sandbox.repository(NAME)
    issue = hub.state.issue(here.id, number)
    assert issue
    comment = add_comment(hub, here, issue, text, tale.sandbox.person("ann", "admin").account)
    if edit is not None:
        mallory = tale.sandbox.person("mallory", "write", on=NAME)
        edited = edit_comment(hub, here, comment, edit, mallory.account)
        comment = hub.state.comments.put(
            Comment(
                *(comment.id, comment.repo, number, comment.author, edit),
                comment.created_at,
                comment.created_at,  # whatever second it was, GitHub dates both alike
                edited_at=edited.edited_at,
                editor=edited.editor,
            )
        )
        assert comment.updated_at == comment.created_at
    return comment


async def outcomes(tale: Story, comment: Comment) -> list[str]:
    """Return what became of the comment's commands."""
    return [act.outcome for act in await tale.store.audit.acts(tale.world.watched.id, comment.id)]


@ROADS
@pytest.mark.parametrize("first", [HARMLESS, "/octobot help"])
async def test_words_that_were_replaced_within_the_second_are_nobodys(
    tale: Story, road: str, first: str
) -> None:
    """Both times are equal, and the words are not those of the author."""
    number = await ready(tale)
    comment = await written(tale, number, first, edit="/octobot pause")
    await hear(tale, comment, road)
    assert await outcomes(tale, comment) == []
    assert await tale.store.orders.by_package(tale.world.watched.id) == {}


@ROADS
async def test_a_comment_that_is_dated_later_is_obeyed(tale: Story, road: str) -> None:
    """GitHub dates it a second after its creation, and nobody touched it."""
    number = await ready(tale)
    tale.sandbox.hub.state.comment_drift = timedelta(seconds=1)
    comment = await written(tale, number, "/octobot hold for a while")
    assert comment.updated_at != comment.created_at
    await hear(tale, comment, road)
    assert await outcomes(tale, comment) == ["done"]


@ROADS
async def test_words_that_are_replaced_while_they_are_read_are_nobodys(
    tale: Story, road: str
) -> None:
    """Between the two reads of one comment, somebody edits it: the later one counts."""
    number = await ready(tale)
    comment = await written(tale, number, "/octobot hold")
    mallory = tale.sandbox.person("mallory", "write", on=NAME)

    async def edits() -> None:
        await mallory.edit_comment(NAME, comment.id, "/octobot pause")

    faults = tale.sandbox.faults()
    path = f"/repos/{NAME}/issues/comments/{comment.id}"
    faults.meanwhile("edited", of("GET", path), edits, side="after")
    await hear(tale, comment, road)
    assert faults.met["edited"] == 1
    assert await outcomes(tale, comment) == []


@ROADS
async def test_a_comment_that_goes_while_it_is_read_does_nothing(tale: Story, road: str) -> None:
    """It is looked for once more, and then it is forgotten."""
    number = await ready(tale)
    comment = await written(tale, number, "/octobot hold")
    ann = tale.sandbox.person("ann", "admin")

    async def deletes() -> None:
        await ann.delete_comment(NAME, comment.id)

    faults = tale.sandbox.faults()
    path = f"/repos/{NAME}/issues/comments/{comment.id}"
    faults.meanwhile("deleted", of("GET", path), deletes, side="after")
    if road == "delivery":
        with pytest.raises(TryLater):
            await hear(tale, comment, road)
    else:
        await hear(tale, comment, road)
    tale.clock.ahead += timedelta(minutes=10)
    assert await listen(tale.world) == 1
    assert await listen(tale.world) == 0
    assert await outcomes(tale, comment) == []


def edits_asked(call: Call) -> bool:
    """Match the query for the edits of a comment."""
    return call.path == GRAPHQL and b"lastEditedAt" in call.body


def blind(answer: Answer) -> Answer:
    """Leave a field out, and say so, as GitHub does when a part of it is down."""
    body = answer.body if isinstance(answer.body, dict) else {}
    wrong = [{"type": "SERVICE_UNAVAILABLE", "message": "Something went wrong"}]
    return Answer({**body, "errors": wrong}, answer.status, answer.headers, broken=True)


def nothing(answer: Answer) -> Answer:
    """Show no comment at all."""
    return Answer({"data": {"node": None}}, answer.status, answer.headers, broken=True)


def unsaid(answer: Answer) -> Answer:
    """Show the comment without its edits."""
    body = answer.body if isinstance(answer.body, dict) else {}
    node = dict(body["data"]["node"])
    del node["lastEditedAt"]
    return Answer({"data": {"node": node}}, answer.status, answer.headers, broken=True)


@ROADS
@pytest.mark.parametrize("change", [blind, nothing, unsaid])
async def test_unknown_is_not_obeyed_now_and_tried_again(
    tale: Story, road: str, change: object
) -> None:
    """While GitHub does not show the edits nothing is done; afterwards the command is."""
    assert callable(change)
    number = await ready(tale)
    comment = await written(tale, number, "/octobot hold")
    other = await written(tale, number, "/octobot status")
    faults = tale.sandbox.faults()
    faults.strike("unknown", edits_asked, side="after", answer=change)
    if road == "delivery":
        with pytest.raises(TryLater):
            await hear(tale, comment, road)
        await hear(tale, other, road)
    else:
        await hear(tale, comment, road)
    assert faults.met["unknown"] == 1
    assert await outcomes(tale, comment) == []
    assert await outcomes(tale, other) == ["done"]  # one that cannot be read stops no other
    tale.clock.ahead += timedelta(minutes=10)
    await listen(tale.world)
    assert await outcomes(tale, comment) == ["done"]
    assert answer(tale, comment.id, number)
    tale.sandbox.judge.objections.clear()  # these answers were not GitHub's


@ROADS
async def test_a_listed_bots_words_are_nobodys_once_they_are_edited(tale: Story, road: str) -> None:
    """A bot in `command-bots` is obeyed by the same rule as a person."""
    hub, here = tale.sandbox.hub, tale.sandbox.repository(NAME)
    ci = hub.state.apps[15368]
    bot = hub.state.who(ci.bot)
    await tale.configure(f"minimum-release-age: 0s\ncommand-bots: [{ci.bot}]\n")
    number = await ready(tale)
    issue = hub.state.issue(here.id, number)
    assert issue
    hub.state.comment_drift = timedelta(seconds=1)
    good = add_comment(hub, here, issue, "/octobot hold", bot, ci.id)
    first = add_comment(hub, here, issue, HARMLESS, bot, ci.id)
    mallory = tale.sandbox.person("mallory", "write", on=NAME)
    bad = edit_comment(hub, here, first, "/octobot unhold", mallory.account)
    hub.state.comments.put(
        Comment(
            *(bad.id, bad.repo, bad.number, bad.author, bad.body, bad.created_at, bad.created_at),
            app=bad.app,
            edited_at=bad.edited_at,
            editor=bad.editor,
        )
    )
    for comment in (good, bad):
        await hear(tale, comment, road)
    assert await outcomes(tale, good) == ["done"]
    assert await outcomes(tale, bad) == []
