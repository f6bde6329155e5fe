import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from octobot.model.bump import Proposed
from octobot.model.ids import PullNumber, RepositoryId, Sha, Version
from octobot.model.orders import Person
from octobot.model.suggestion import Allowance, SpecEdit, Suggestion, Thumb, Unasked
from octobot.model.triage import (
    AddBuildPackage,
    Cause,
    CauseClass,
    DropCherryPick,
    DropDependency,
    DropPatch,
    LogLine,
    RaiseDependency,
    SetField,
)
from octobot.store.store import Store

HERE = RepositoryId(101)
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HEAD, FIXED, BLOB = Sha("a" * 40), Sha("b" * 40), Sha("c" * 40)
PULL = PullNumber(7)
PLENTY = Allowance(100, 100)
CAUSE = Cause(
    CauseClass.HEADER_MISSING,
    "zlib.h is missing \x00\ud800",
    LogLine(3, "zlib.h: No such file"),
    "It needs zlib-dev.",
    (
        AddBuildPackage("zlib-dev"),
        DropPatch("a.patch"),
        DropCherryPick("1234567"),
        DropDependency("a/b"),
        RaiseDependency("a/c", "v1.2.3"),
        SetField("a.b", None),
    ),
    by="model",
    confidence=0.5,
)
TOLD = Suggestion(
    number=PULL,
    package="hello",
    path="hello.yaml",
    branch="octobot/hello/1.1",
    head=HEAD,
    fingerprint="print",
    templates=("fatal error: <*>", "make: *** <*>"),
    cause=CAUSE,
    before="a: 1\r\n",
    after="a: 2\r\n",
    at=NOW,
)


def thumb(person: int, *, up: bool, at: datetime) -> Thumb:
    """Make a person's thumb."""
    return Thumb(Person(person, f"p{person}", bot=False), up=up, at=at)


async def test_a_suggestion_comes_back_byte_for_byte(store: Store) -> None:
    """Every kind of fix, both texts with their line ends; what cannot be stored is replaced."""
    await store.suggestions.put(HERE, TOLD)
    found = await store.suggestions.of_head(HERE, PULL, HEAD)
    assert found == replace(TOLD, cause=replace(CAUSE, title="zlib.h is missing \ufffd?"))
    assert await store.suggestions.of_head(HERE, PULL, FIXED) is None
    assert await store.suggestions.of_head(RepositoryId(102), PULL, HEAD) is None


async def test_a_groups_edit_has_several_specs(store: Store) -> None:
    """Byte for byte, with what JSON of the database cannot have."""
    others = (SpecEdit("other.yaml", "a: \x00é\n", "b: 😀\n"),)
    await store.suggestions.put(HERE, replace(TOLD, others=others))
    told = await _told(store)
    assert told.others == others
    assert told.cause.fixes == TOLD.cause.fixes
    assert [each.path for each in told.edits] == [TOLD.path, "other.yaml"]


async def test_a_suggestion_is_replaced_unless_it_is_applied(
    store: Store,
) -> None:
    """The same head has one suggestion; what a person applied is history."""
    await store.suggestions.put(HERE, TOLD)
    await store.suggestions.put(HERE, replace(TOLD, after="a: 3\n"))
    assert (await _told(store)).after == "a: 3\n"
    assert await store.suggestions.begin_applying(HERE, PULL, HEAD, now=NOW)
    await store.suggestions.put(HERE, replace(TOLD, after="a: 4\n"))
    assert (await _told(store)).after == "a: 3\n"


async def _told(store: Store) -> Suggestion:
    found = await store.suggestions.of_head(HERE, PULL, HEAD)
    assert found
    return found


async def test_one_applies_and_a_dead_ones_work_is_taken_up(store: Store) -> None:
    """Of ten at once one begins; what it left is another's after a while."""
    await store.suggestions.put(HERE, TOLD)
    tries = [store.suggestions.begin_applying(HERE, PULL, HEAD, now=NOW) for _ in range(10)]
    assert sorted(await asyncio.gather(*tries)) == [False] * 9 + [True]
    soon, late = NOW + timedelta(minutes=1), NOW + timedelta(minutes=3)
    assert await store.suggestions.left_applying(HERE, PULL, now=soon) is None
    left = await store.suggestions.left_applying(HERE, PULL, now=late)
    assert left
    assert await store.suggestions.begin_applying(HERE, PULL, HEAD, now=late)
    await store.suggestions.not_applied(HERE, left)
    assert (await _told(store)).state == "offered"


async def test_applying_enters_the_commit_into_the_ledger(store: Store) -> None:
    """Head, blob and suggestion move together; the proposal is then that text."""
    await store.suggestions.put(HERE, TOLD)
    await store.ledger.intend(HERE, _proposed())
    await store.ledger.enter(HERE, TOLD.branch, HEAD)
    await store.suggestions.begin_applying(HERE, PULL, HEAD, now=NOW)
    await store.suggestions.applied(HERE, TOLD, commit=FIXED, blobs={TOLD.path: BLOB})
    (proposed,) = await store.ledger.proposed(HERE, "hello")
    assert (proposed.head, proposed.blob) == (FIXED, BLOB)
    assert await store.ledger.heads(HERE, TOLD.branch) == {HEAD, FIXED}
    (applied,) = await store.suggestions.applied_on(HERE, PULL)
    assert (applied.state, applied.commit) == ("applied", FIXED)
    assert not await store.suggestions.begin_applying(HERE, PULL, HEAD, now=NOW + timedelta(days=1))


async def test_applying_to_a_group_changes_one_of_its_files(store: Store) -> None:
    """The other files' blobs stay as they were proposed."""
    files = (("hello.yaml", HEAD), ("other.yaml", HEAD))
    await store.suggestions.put(HERE, TOLD)
    await store.ledger.intend(HERE, replace(_proposed(), package="group/x", files=files))
    await store.suggestions.applied(HERE, TOLD, commit=FIXED, blobs={TOLD.path: BLOB})
    (proposed,) = await store.ledger.proposed(HERE, "hello")
    assert proposed.files == (("hello.yaml", BLOB), ("other.yaml", HEAD))
    assert proposed.blob == HEAD


async def test_applying_to_several_files_of_a_group_enters_every_blob(store: Store) -> None:
    """What is not edited stays as it was proposed."""
    files = (("hello.yaml", HEAD), ("other.yaml", HEAD), ("third.yaml", HEAD))
    told = replace(TOLD, others=(SpecEdit("other.yaml", "a\n", "b\n"),))
    await store.suggestions.put(HERE, told)
    await store.ledger.intend(HERE, replace(_proposed(), package="group/x", files=files))
    await store.ledger.enter(HERE, TOLD.branch, HEAD)
    blobs = {"hello.yaml": BLOB, "other.yaml": FIXED}
    await store.suggestions.applied(HERE, told, commit=FIXED, blobs=blobs)
    (proposed,) = await store.ledger.proposed(HERE, "group/x")
    assert proposed.files == (
        ("hello.yaml", BLOB),
        ("other.yaml", FIXED),
        ("third.yaml", HEAD),
    )


def _proposed() -> Proposed:
    return Proposed(
        package="hello",
        version=Version("1.1"),
        branch=TOLD.branch,
        base=HEAD,
        blob=HEAD,
        head=None,
        number=None,
        state="intended",
        at=NOW,
    )


async def test_votes_are_counted_once_and_for_what_was_said(store: Store) -> None:
    """Each poll replaces the last; a thumb from before a comment changed is for what it said."""
    await store.suggestions.put(HERE, TOLD)
    later = replace(TOLD, head=FIXED, at=NOW + timedelta(hours=1), fingerprint="other")
    await store.suggestions.put(HERE, later)
    early, late = NOW + timedelta(minutes=1), NOW + timedelta(hours=2)
    await store.votes.put(HERE, PULL, [thumb(1, up=True, at=early), thumb(2, up=False, at=late)])
    newest, first = await store.suggestions.past(HERE)
    assert (first.fingerprint, first.ups, first.downs) == ("print", 1, 0)
    assert (newest.fingerprint, newest.ups, newest.downs) == ("other", 0, 1)
    await store.votes.put(HERE, PULL, [thumb(1, up=False, at=early)])
    newest, first = await store.suggestions.past(HERE)
    assert (first.ups, first.downs, newest.downs) == (0, 1, 0)
    await store.votes.put(HERE, PULL, [])
    assert {one.score for one in await store.suggestions.past(HERE)} == {0}


async def test_the_checks_weigh_more_than_votes(store: Store) -> None:
    """Green after it was applied outweighs a few thumbs down."""
    await store.suggestions.put(HERE, TOLD)
    await store.suggestions.applied(HERE, TOLD, commit=FIXED, blobs={TOLD.path: BLOB})
    await store.suggestions.judged(HERE, FIXED, green=True)
    downs = [thumb(person, up=False, at=NOW) for person in (1, 2, 3)]
    await store.votes.put(HERE, PULL, downs)
    (past,) = await store.suggestions.past(HERE)
    assert (past.green, past.downs) == (True, 3)
    assert past.score > 0
    await store.suggestions.judged(HERE, FIXED, green=False)
    (past,) = await store.suggestions.past(HERE)
    assert past.score < 0


async def test_what_had_no_edit_is_not_remembered_as_a_suggestion(store: Store) -> None:
    """There is nothing in it to try again."""
    await store.suggestions.put(HERE, replace(TOLD, after=TOLD.before))
    assert await store.suggestions.past(HERE) == ()


async def test_the_same_failure_is_reported_where_it_was_first(store: Store) -> None:
    """Other pull requests point there; the first one does not point at itself."""
    await store.suggestions.put(HERE, TOLD)
    assert await store.suggestions.first_reported_in(HERE, "print", PullNumber(8)) == PULL
    assert await store.suggestions.first_reported_in(HERE, "print", PULL) is None
    assert await store.suggestions.first_reported_in(HERE, "another", PullNumber(8)) is None


async def test_a_question_is_asked_once(store: Store) -> None:
    """Of twenty at once one asks; then its answer is everybody's."""
    claims = await asyncio.gather(*(_claim(store) for _ in range(20)))
    assert sorted(map(str, claims)) == ["mine"] + ["others"] * 19
    await store.questions.answer(HERE, "print", replace(CAUSE, title="zlib"))
    assert await _claim(store) == replace(CAUSE, title="zlib")


async def test_a_question_that_was_lost_or_failed_is_asked_again_later(store: Store) -> None:
    """A dead asker's after minutes, a failed one after hours."""
    assert await _claim(store) == "mine"
    assert await _claim(store, now=NOW + timedelta(minutes=9)) == "others"
    assert await _claim(store, now=NOW + timedelta(minutes=11)) == "mine"
    await store.questions.answer(HERE, "print", Unasked("it refused"))
    assert await _claim(store, now=NOW + timedelta(hours=1)) == Unasked("it refused")
    assert await _claim(store, now=NOW + timedelta(hours=7)) == "mine"


async def test_a_day_has_so_many_questions(store: Store) -> None:
    """Of all repositories together, and of each; the next day starts from zero."""
    little = Allowance(day=3, repository=2)
    claims = [
        await store.questions.claim(
            RepositoryId(where), f"{where}{what}", now=NOW, allowance=little
        )
        for where in (1, 2, 3)
        for what in range(3)
    ]
    asked = [claim == "mine" for claim in claims]
    assert asked == [True, True, False, True, False, False, False, False, False]
    tomorrow = NOW + timedelta(days=1)
    assert await _claim(store, now=tomorrow, allowance=little) == "mine"


async def test_processes_do_not_share_the_last_question(store: Store) -> None:
    """Thirty different failures at once, within an allowance of five."""
    claims = await asyncio.gather(
        *(
            store.questions.claim(HERE, f"f{number}", now=NOW, allowance=Allowance(5, 5))
            for number in range(30)
        )
    )
    assert claims.count("mine") == 5


async def _claim(store: Store, now: datetime = NOW, allowance: Allowance = PLENTY) -> object:
    return await store.questions.claim(HERE, "print", now=now, allowance=allowance)


async def test_thumbs_are_looked_at_less_and_less_often(store: Store) -> None:
    """Minutes at first, a day at last, and after a month never again."""
    await store.suggestions.put(HERE, TOLD)
    now, pauses, last = NOW, [], NOW
    while now < NOW + timedelta(days=40):
        if await store.votes.due(HERE, now=now, limit=5):
            pauses.append(now - last)
            last = now
        now += timedelta(minutes=10)
    assert pauses[:4] == [timedelta(minutes=10) * factor for factor in (1, 1, 2, 4)]
    assert max(pauses) == timedelta(days=1)
    assert timedelta(days=28) < last - NOW <= timedelta(days=30)
    assert len(pauses) < 45


async def test_a_comment_that_is_gone_is_not_looked_at_again(store: Store) -> None:
    """And one with people left to ask about is looked at soon."""
    await store.suggestions.put(HERE, TOLD)
    late = NOW + timedelta(hours=1)
    assert await store.votes.due(HERE, now=late, limit=5) == (PULL,)
    await store.votes.reschedule(HERE, PULL, at=late)
    assert await store.votes.due(HERE, now=late, limit=5) == (PULL,)
    await store.votes.reschedule(HERE, PULL, at=None)
    assert await store.votes.due(HERE, now=NOW + timedelta(days=9), limit=5) == ()


async def test_who_may_write_is_known_for_a_while(store: Store) -> None:
    """Asked again when it was long ago, and replaced then."""
    await store.votes.know_voters(HERE, {1: True, 2: False}, now=NOW)
    assert await store.votes.voters(HERE, [1, 2, 3], since=NOW) == {1: True, 2: False}
    assert await store.votes.voters(HERE, [1], since=NOW + timedelta(seconds=1)) == {}
    await store.votes.know_voters(HERE, {1: False}, now=NOW + timedelta(days=1))
    assert await store.votes.voters(HERE, [1], since=NOW) == {1: False}
