"""Slash commands that must not be obeyed, or only once: SAFETY.md's rows 42, 70 and 71."""

import asyncio
import json
from datetime import timedelta

import psycopg
import pytest
from markdown_it import MarkdownIt

from octobot.commands.listening import listen
from octobot.commands.obey import RATE, REFUSALS, obey
from octobot.github.webhooks.deliveries import read
from octobot.model.errors import TryLater
from octobot.model.events import Commented
from octobot.model.orders import Hold
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import ReasonCode
from octobot.sandbox.changes.issues import add_comment
from octobot.sandbox.changes.person import Person
from octobot.sandbox.http.call import Answer
from octobot.sandbox.http.faults import fault, of
from octobot.sandbox.state.nouns import Comment, Role
from tests.stories.story import NAME, Story

PERMISSION = r"/repos/.+/collaborators/.+/permission"


async def proposed(tale: Story) -> PullRequest:
    """Let a version be proposed; return its pull request."""
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    return pull


def person(tale: Story, role: Role = "admin", login: str = "ann") -> Person:
    """Return somebody with a role."""
    return tale.sandbox.person(login, role)


async def told(tale: Story, comment: Comment, *, author: int | None = None) -> str:
    """Let octobot hear of a comment and do what follows; return the answer, empty for none."""
    tale.clock.ahead += timedelta(seconds=2)
    await obey(tale.world, comment.id, author=author)
    await tale.work()
    return answer(tale, comment)


def answer(tale: Story, comment: Comment) -> str:
    """Return octobot's answer to a comment."""
    return tale.answer(comment.number, comment.id)


async def orders(tale: Story) -> int:
    """Count what is in force by anybody's order."""
    return len(await tale.store.orders.by_package(tale.world.watched.id))


async def test_who_may_not_write_is_refused(tale: Story) -> None:
    """Row 70: everybody may comment on a public repository; who may only read gets a reaction."""
    pull = await proposed(tale)
    for command in ("hold", "pause", "merge", "close", "ignore 1.1", "bump hello", "epoch hello"):
        comment = await person(tale, "read", "eve").comment(
            NAME, pull.number, f"/octobot {command}"
        )
        assert await told(tale, comment) == ""
        assert reactions(tale, comment) == ["-1"]
    assert await orders(tale) == 0
    assert len(await tale.pulls()) == 1
    acts = await tale.store.audit.whole(since=None)
    assert all("This needs the role `" in act.answer for act in acts)


async def test_who_may_triage_is_told_what_is_missing(tale: Story) -> None:
    """A role in the repository is no stranger's."""
    pull = await proposed(tale)
    tim = person(tale, "triage", "tim")
    comment = await tim.comment(NAME, pull.number, "/octobot merge")
    assert "This needs the role `write`" in await told(tale, comment)


def reactions(tale: Story, comment: Comment) -> list[str]:
    """Return octobot's reactions to a comment."""
    mine = tale.sandbox.hub.state.reactions.of(tale.world.watched.id)
    return [r.content for r in mine if (r.subject, r.user) == (comment.id, tale.world.bot)]


async def test_the_author_of_a_pull_request_has_no_special_right(tale: Story) -> None:
    """Row 70: eve opened it, eve may do no more on it than elsewhere."""
    await tale.look()
    eve = person(tale, "write", "eve")
    await eve.push(NAME, "octobot/hello/6.6", {"hello.yaml": b"evil"})
    number = await eve.open_pull(NAME, "octobot/hello/6.6")
    person(tale, "triage", "eve")
    comment = await eve.comment(NAME, number, "/octobot merge")
    assert "yours is `triage`" in await told(tale, comment)
    admin = await person(tale).comment(NAME, number, "/octobot merge")
    assert "did not open this" in await told(tale, admin)


async def test_edited_comments_are_never_commands(tale: Story) -> None:
    """Row 70: neither when the text became a command, nor when only a letter changed.

    Who edited the own words learns why nothing follows.
    """
    pull = await proposed(tale)
    ann = person(tale)
    comment = await ann.comment(NAME, pull.number, "looks good")
    tale.clock.ahead += timedelta(seconds=5)
    await ann.edit_comment(NAME, comment.id, "/octobot pause")
    assert "the text was edited" in await told(tale, comment)
    assert await orders(tale) == 0
    other = await ann.comment(NAME, pull.number, "/octobot hold for now")
    await person(tale, "write", "mallory").edit_comment(NAME, other.id, "/octobot pause")
    assert await told(tale, other) == ""
    assert await orders(tale) == 0


async def test_old_words_are_never_commands(tale: Story) -> None:
    """What they were about has moved on; their author learns it."""
    pull = await proposed(tale)
    comment = await person(tale).comment(NAME, pull.number, "/octobot pause")
    tale.clock.ahead += timedelta(days=4)
    assert "older than three days" in await told(tale, comment)
    assert await orders(tale) == 0


async def test_somebody_elses_comment_under_that_id_is_not_obeyed(tale: Story) -> None:
    """Row 70: the delivery names the author; another one now is not believed."""
    pull = await proposed(tale)
    comment = await person(tale).comment(NAME, pull.number, "/octobot pause")
    assert await told(tale, comment, author=4711) == ""
    assert await orders(tale) == 0


async def test_a_comment_deleted_before_it_is_handled_does_nothing(tale: Story) -> None:
    """Row 70: an order that its author deleted or edited is not executed."""
    pull = await proposed(tale)
    ann = person(tale)
    comment = await ann.comment(NAME, pull.number, "/octobot pause")
    await ann.delete_comment(NAME, comment.id)
    assert await told(tale, comment) == ""
    assert await orders(tale) == 0


async def test_five_hundred_commands_are_refused_as_one(tale: Story) -> None:
    """Row 70: one answer, one line in the log, nothing done."""
    pull = await proposed(tale)
    comment = await person(tale).comment(NAME, pull.number, "/octobot pause\n" * 500)
    assert "at most 10 commands" in await told(tale, comment)
    assert await orders(tale) == 0
    assert len(await tale.store.audit.whole(since=None)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "> /octobot pause",
        "```\n/octobot pause\n```",
        "`/octobot pause`",
        "<!-- /octobot pause -->",
        "/\u043ectobot pause",
        "<details>\n\n/octobot pause\n\n</details>",
    ],
)
async def test_what_is_no_command_is_not_even_answered(tale: Story, text: str) -> None:
    """Row 70: quoted, code, hidden, or a look-alike."""
    pull = await proposed(tale)
    comment = await person(tale).comment(NAME, pull.number, text)
    assert await told(tale, comment) == ""
    assert await orders(tale) == 0


async def test_arguments_are_data(tale: Story) -> None:
    """Row 70: `; rm`, mark-up and mentions are a hold's reason, made inert in the answer."""
    pull = await proposed(tale)
    evil = "/octobot hold ; rm -rf / $(id) @everyone www.evil.example &lt;img&gt;"
    comment = await person(tale).comment(NAME, pull.number, evil)
    said = await told(tale, comment)
    assert said.startswith("✅")
    page = MarkdownIt("commonmark").enable("table").parse(said)
    kinds = {child.type for token in page for child in token.children or []}
    assert not kinds & {"image", "link_open", "html_inline"}
    outside = [c.content for t in page for c in t.children or [] if c.type == "text"]
    assert not any("@everyone" in text for text in outside)
    steering = await tale.store.orders.of_package(tale.world.watched.id, "hello")
    assert steering.hold is not None
    assert steering.hold.reason.startswith("; rm -rf / $(id) @everyone")


async def test_an_unknown_command_gets_a_hint(tale: Story) -> None:
    """Row 70: with the nearest name; a look-alike letter in the name is unknown, too."""
    pull = await proposed(tale)
    ann = person(tale)
    typo = await ann.comment(NAME, pull.number, "/octobot relase")
    assert "`/octobot unhold`?" in await told(tale, typo)
    lookalike = await ann.comment(NAME, pull.number, "/octobot p\u0430use")
    assert "There is no command" in await told(tale, lookalike)
    assert await orders(tale) == 0


async def test_another_bot_is_not_heard_unless_it_is_listed(tale: Story) -> None:
    """Row 70: by its number in the repository's file, and then it may no more than write."""
    pull = await proposed(tale)
    hub, here = tale.sandbox.hub, tale.sandbox.repository(NAME)
    ci = hub.state.apps[15368]
    issue = hub.state.issue(here.id, pull.number)
    assert issue
    bot = hub.state.who(ci.bot)
    first = add_comment(hub, here, issue, "/octobot hold", bot, ci.id)
    assert await told(tale, first) == ""
    await tale.configure(f"minimum-release-age: 0s\ncommand-bots: [{ci.bot}]\n")
    second = add_comment(hub, here, issue, "/octobot hold\n/octobot pause", bot, ci.id)
    said = await told(tale, second)
    assert "is on hold" in said
    assert "needs the role `maintain`" in said


async def test_octobots_own_words_never_echo(tale: Story) -> None:
    """Row 42: its answers name commands, and none of its comments is one."""
    pull = await proposed(tale)
    hub, here = tale.sandbox.hub, tale.sandbox.repository(NAME)
    issue = hub.state.issue(here.id, pull.number)
    assert issue
    bot = hub.state.who(tale.world.bot)
    own = add_comment(hub, here, issue, "/octobot pause", bot, tale.world.app)
    assert await told(tale, own) == ""
    await told(tale, await person(tale).comment(NAME, pull.number, "/octobot help"))
    before = len(tale.comments(pull.number))
    for comment in hub.state.comments.of(here.id):
        await obey(tale.world, comment.id)
    await listen(tale.world)
    assert len(tale.comments(pull.number)) == before
    assert await orders(tale) == 0


async def test_a_command_is_carried_out_once(tale: Story) -> None:
    """L1: delivered ten times at once, found by the tick, after a restart: one act, one answer."""
    pull = await proposed(tale)
    comment = await person(tale).comment(NAME, pull.number, "/octobot hold")
    await asyncio.gather(*[obey(tale.world, comment.id) for _ in range(10)])
    await tale.store.comments.listen_from(
        tale.world.watched.id, comment.created_at - timedelta(hours=1)
    )
    await listen(tale.world)
    await told(tale, comment)
    assert len(await tale.store.audit.whole(since=None)) == 1
    posted = [one for one in tale.sandbox.log.whole() if one.path.endswith("/1/comments")]
    assert len([one for one in posted if one.method == "POST" and b"reply" in one.body]) == 1


async def test_a_lost_database_lets_nothing_be_done_twice(tale: Story) -> None:
    """L3: octobot's own reaction to the comment shows that it was handled."""
    pull = await proposed(tale)
    comment = await person(tale).comment(NAME, pull.number, "/octobot hold")
    await told(tale, comment)
    assert await tale.store.orders.revoke(tale.world.watched.id, "hello", Hold)
    await forget(tale, comment)
    await told(tale, comment)
    assert await orders(tale) == 0


async def forget(tale: Story, comment: Comment) -> None:
    """Lose what the database has of a comment."""
    async with tale.store.database.connection() as connection:
        await connection.execute("delete from command where comment = %s", [comment.id])


@pytest.mark.parametrize("strike", ["404", "500", "403"])
async def test_without_an_answer_on_permission_nothing_is_done(tale: Story, strike: str) -> None:
    """Row 71: gone, broken down or forbidden: denied, with a word about it where it is unknown."""
    pull = await proposed(tale)
    faults = tale.sandbox.faults()
    said = Answer({"message": "Not Found"}, 404) if strike == "404" else fault(int(strike))
    faults.strike(strike, of("GET", PERMISSION), answer=said, times=20)
    comment = await person(tale).comment(NAME, pull.number, "/octobot pause")
    text = await told(tale, comment)
    assert text.startswith("❌") is (strike != "404")  # whom GitHub does not know is a stranger
    assert faults.met[strike]
    assert await orders(tale) == 0
    (act,) = await tale.store.audit.whole(since=None)
    assert (act.outcome, act.level) == ("refused", "none")


async def test_a_login_that_changed_hands_has_no_rights(tale: Story) -> None:
    """Row 71: the permission is that of another number now."""
    pull = await proposed(tale)
    ann, bob = person(tale), person(tale, "read", "bob")
    faults = tale.sandbox.faults()
    path = f"/repos/{NAME}/collaborators/{bob.login}/permission"
    user = {"id": ann.id, "login": bob.login}  # an admin's answer, of another number
    forged = Answer({"permission": "admin", "role_name": "admin", "user": user})
    faults.strike("taken over", of("GET", path), answer=forged, times=5)
    tale.sandbox.judge.objections.clear()
    comment = await bob.comment(NAME, pull.number, "/octobot pause")
    assert await told(tale, comment) == ""
    (act,) = await tale.store.audit.whole(since=None)
    assert (act.outcome, act.level) == ("refused", "none")
    tale.sandbox.judge.objections.clear()  # a forged answer is not GitHub's
    assert await orders(tale) == 0


async def test_a_head_that_moved_after_the_comment_is_not_merged(tale: Story) -> None:
    """S9: who said merge meant another commit; who names a commit means that one only."""
    await tale.configure("minimum-release-age: 0s\nautomerge: false\n")
    pull = await proposed(tale)
    ann = person(tale)
    comment = await ann.comment(NAME, pull.number, "/octobot merge")
    named = await ann.comment(NAME, pull.number, f"/octobot merge {pull.head[:12]}")
    tale.clock.ahead += timedelta(seconds=5)
    rebase = await ann.comment(NAME, pull.number, "/octobot recreate")
    await tale.sandbox.commit_files(NAME, "main", {"README": b"moved"}, "Move on")
    await told(tale, rebase)
    (again,) = await tale.pulls()
    assert (again.number, again.head != pull.head) == (pull.number, True)
    assert "moved after your comment" in await told(tale, comment)
    early = await ann.comment(NAME, again.number, "/octobot merge")
    other = await ann.comment(NAME, again.number, f"/octobot merge {pull.head[:12]}")
    tale.sandbox.hub.state.comments.put(backdated(early))
    assert "moved after your comment" in await told(tale, early)
    assert "not the commit you named" in await told(tale, other)
    assert "not the commit you named" in await told(tale, named)
    await tale.check()
    await tale.later(hours=2)
    assert 'version: "1.0"' in await tale.spec()


def backdated(comment: Comment) -> Comment:
    """Return a comment as if it had been written an hour earlier."""
    before = comment.created_at - timedelta(hours=1)
    return Comment(
        id=comment.id,
        repo=comment.repo,
        number=comment.number,
        author=comment.author,
        body=comment.body,
        created_at=before,
        updated_at=before,
        app=comment.app,
    )


async def test_a_waiver_is_spent_when_the_head_moves(tale: Story) -> None:
    """S9: it was given for one commit, and merges no other one."""
    await tale.configure("minimum-release-age: 0s\nautomerge: false\n")
    pull = await proposed(tale)
    ann = person(tale)
    tale.clock.ahead += timedelta(seconds=5)
    assert "✅" in await told(tale, await ann.comment(NAME, pull.number, "/octobot merge"))
    await tale.sandbox.commit_files(NAME, "main", {"README": b"moved"}, "Move on")
    await told(tale, await ann.comment(NAME, pull.number, "/octobot recreate"))
    await tale.check()
    await tale.later(hours=2)
    assert (await tale.row()).reason.code is ReasonCode.AUTOMERGE_OFF
    assert 'version: "1.0"' in await tale.spec()


async def test_merge_never_waives_what_keeps_the_distro_safe(tale: Story) -> None:
    """Foreign commits, red checks and a missing protection stay what they are, for an admin too."""
    await tale.configure(
        "minimum-release-age: 0s\nwaive: {age: read, hold: read, automerge: read}\n"
    )
    pull = await proposed(tale)
    ann = person(tale)
    await tale.check("failure")
    tale.clock.ahead += timedelta(seconds=5)
    await told(tale, await ann.comment(NAME, pull.number, "/octobot merge"))
    await tale.later(hours=2)
    assert 'version: "1.0"' in await tale.spec()
    await ann.push(NAME, pull.branch, {"hello.yaml": b"evil"})
    tale.clock.ahead += timedelta(seconds=5)
    comment = await ann.comment(NAME, pull.number, "/octobot merge")
    assert "octobot did not make" in await told(tale, comment)
    await tale.check()
    await tale.later(hours=2)
    assert 'version: "1.0"' in await tale.spec()


async def test_adopt_is_bound_to_the_head_that_was_seen(tale: Story) -> None:
    """Work that was pushed after the order is not thrown away."""
    pull = await proposed(tale)
    ann = person(tale)
    seen = await ann.push(NAME, pull.branch, {"hello.yaml": b"one"})
    comment = await ann.comment(NAME, pull.number, f"/octobot reset {seen[:10]}")
    await ann.push(NAME, pull.branch, {"hello.yaml": b"two"})
    assert "not the commit you named" in await told(tale, comment)
    (still,) = await tale.pulls()
    assert still.number == pull.number


async def test_one_person_has_a_rate(tale: Story) -> None:
    """More commands than anybody types in an hour are not carried out, and soon not answered."""
    pull = await proposed(tale)
    eve = person(tale, "read", "eve")
    comments = [await eve.comment(NAME, pull.number, "/octobot pause") for _ in range(REFUSALS + 3)]
    assert [await told(tale, comment) for comment in comments] == [""] * len(comments)
    reacted = [len(reactions(tale, comment)) for comment in comments]
    assert reacted == [1] * REFUSALS + [0] * 3
    ann = person(tale)
    for _ in range(RATE // 10):
        await told(tale, await ann.comment(NAME, pull.number, "/octobot recheck\n" * 10))
    one, last = [await ann.comment(NAME, pull.number, "/octobot pause") for _ in range(2)]
    assert "too many commands" in await told(tale, one)
    assert await told(tale, last) == ""
    assert await orders(tale) == 0
    await tale.later(hours=2)
    assert "✅" in await told(tale, await ann.comment(NAME, pull.number, "/octobot pause"))


async def test_a_death_in_the_middle_is_taken_up_by_the_tick(tale: Story) -> None:
    """L3: done and written down but not answered: answered later, and not done again."""
    pull = await proposed(tale)
    await listen(tale.world)
    faults = tale.sandbox.faults()
    replies = of("POST", rf"/repos/{NAME}/issues/{pull.number}/comments")
    faults.strike("no answer", replies, times=30)
    comment = await person(tale).comment(NAME, pull.number, "/octobot hold")
    with pytest.raises(TryLater):
        await obey(tale.world, comment.id)
    assert answer(tale, comment) == ""
    faults.clear()
    tale.clock.ahead += timedelta(minutes=6)
    assert await listen(tale.world) >= 1
    assert "is on hold" in answer(tale, comment)
    assert len(await tale.store.audit.whole(since=None)) == 1


async def test_the_audit_log_cannot_be_changed(tale: Story) -> None:
    """The database refuses it, whoever asks."""
    pull = await proposed(tale)
    await told(tale, await person(tale).comment(NAME, pull.number, "/octobot hold"))
    async with tale.store.database.connection() as connection:
        for statement in ("update audit set login = 'eve'", "delete from audit"):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                await connection.execute(statement)


@pytest.mark.parametrize(
    ("action", "text", "heard"),
    [
        ("created", "/octobot merge", True),
        ("created", "hello", False),
        ("edited", "/octobot x", False),
    ],
)
def test_a_delivery_only_names_the_comment(action: str, text: str, *, heard: bool) -> None:
    """Row 70: created and with a command in it, else nothing; its text is not taken over."""
    payload = {
        "action": action,
        "issue": {"number": 5},
        "comment": {"id": 7, "body": text, "user": {"id": 9}},
        "repository": {"id": 3},
    }
    event = read("issue_comment", json.dumps(payload).encode())
    assert event == (Commented(3, 7, 9) if heard else None)  # type: ignore[arg-type]
