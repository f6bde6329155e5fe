"""From a failed build to an edit that a person applies, and to what octobot learns of it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from octobot.flows.diagnose.apply import Applied, NotApplied, apply
from octobot.flows.diagnose.votes import count_votes
from octobot.model.ids import PullNumber
from octobot.model.pull_request import CheckRun, FailedCheck
from octobot.model.reasons import ReasonCode
from octobot.model.suggestion import Allowance
from octobot.sandbox.changes.issues import delete_comment, react
from octobot.sandbox.model import FakeModel
from octobot.sandbox.state.nouns import CI_APP
from octobot.triage.model.ask import Adviser, Model
from tests.stories.story import NAME, Story

SPEC_TAIL = """
environment:
  contents:
    packages:
      - build-base
      - busybox
"""
HEADER = """\
2026-05-01T12:00:00.0000000Z ##[group]Run melange build hello.yaml
2026-05-01T12:00:01.0000000Z hello.c:3:10: fatal error: zlib.h: No such file or directory
2026-05-01T12:00:01.0000000Z compilation terminated.
2026-05-01T12:00:01.0000000Z ##[error]Process completed with exit code 1.
"""
RIDDLE = """\
2026-05-01T12:00:00.0000000Z ##[group]Run melange build hello.yaml
2026-05-01T12:00:01.0000000Z frobnicator: FATAL: the greeting is out of phase
2026-05-01T12:00:01.0000000Z ##[error]Process completed with exit code 1.
"""
NETWORK = """\
2026-05-01T12:00:00.0000000Z ##[group]Run melange build hello.yaml
2026-05-01T12:00:01.0000000Z curl: (6) Could not resolve host: example.org
2026-05-01T12:00:01.0000000Z ##[error]Process completed with exit code 1.
"""
CHECK = CheckRun(1, "build", CI_APP, "completed", "failure")
ANSWER = {
    "cause": "library-missing",
    "title": "The greeting needs its phase library",
    "line": 2,
    "explanation": "Add the package phase-dev.",
    "confidence": 0.8,
    "edits": [{"field": "environment.contents.packages[+]", "text": "phase-dev"}],
}


@pytest.fixture
async def advised(tale: Story) -> AsyncIterator[Story]:
    """Yield a tale whose octobot remembers what helped, and asks nobody."""
    async with Adviser.open(None) as adviser:
        tale.world = replace(tale.world, adviser=adviser)
        yield tale


@pytest.fixture
async def model(tale: Story) -> AsyncIterator[FakeModel]:
    """Yield a tale whose octobot asks a model."""
    async with (
        FakeModel(answer=ANSWER) as service,
        Adviser.open(Model("openai", "tiny", "sk-key", service.url, loopback=True)) as adviser,
    ):
        tale.world = replace(tale.world, adviser=adviser, allowance=Allowance(10, 10))
        yield service


async def fail(tale: Story, log: str, version: str = "1.1") -> PullNumber:
    """Release a version, propose it, and let its build fail."""
    spec = await tale.spec()
    if "environment:" not in spec:
        files = {"hello.yaml": (spec + SPEC_TAIL).encode()}
        await tale.sandbox.commit_files(NAME, "main", files, "What it is built with")
        await tale.look()
    await tale.release(version)
    await tale.look()
    await tale.check("failure", log)
    (pull,) = await tale.pulls()
    return pull.number


def told(tale: Story, number: int) -> str:
    """Return the one comment about the failure."""
    (comment,) = (one for one in tale.comments(number) if "octobot:failure" in one)
    return comment


async def test_a_rules_edit_is_offered_and_applied(advised: Story) -> None:
    """The diff is shown, a person's word commits it, and the new head is judged like any other."""
    tale = advised
    tale.pardoned = frozenset({"S3"})  # the merge has the suggestion's line, as it should
    number = await fail(tale, HEADER)
    comment = told(tale, number)
    assert "+      - zlib-dev" in comment
    assert "/octobot apply" in comment
    assert "Unverified" not in comment
    (pull,) = await tale.pulls()
    result = await apply(tale.world, number, pull.head, by="ann")
    assert isinstance(result, Applied)
    (pull,) = await tale.pulls()
    assert pull.head == result.commit
    assert await tale.check() is ReasonCode.NEEDS_APPROVAL
    await tale.sandbox.person("ann", "write").approve(NAME, number)
    assert await tale.later(minutes=10) is ReasonCode.MERGED
    merged = await tale.spec()
    assert "      - busybox\n      - zlib-dev\n" in merged
    assert 'version: "1.1"' in merged
    assert await tale.store.repositories.merging_halted(tale.world.watched.id) is None
    (past,) = await tale.store.suggestions.past(tale.world.watched.id)
    assert past.green is True


async def test_an_edit_is_bound_to_its_head(advised: Story) -> None:
    """Applied twice, for another head, or after somebody's push: nothing happens."""
    tale = advised
    number = await fail(tale, HEADER)
    (pull,) = await tale.pulls()
    ann = tale.sandbox.person("ann", "write")
    pushed = await ann.push(NAME, pull.branch, {"hello.yaml": b"package:\n  name: hello\n"})
    for head in (pull.head, pushed):
        assert isinstance(await apply(tale.world, number, head, by="ann"), NotApplied)
    (pull,) = await tale.pulls()
    assert pull.head == pushed


async def test_two_at_once_apply_it_once(advised: Story) -> None:
    """The second is answered so; there is one commit."""
    tale = advised
    number = await fail(tale, HEADER)
    (pull,) = await tale.pulls()
    first = await apply(tale.world, number, pull.head, by="ann")
    second = await apply(tale.world, number, pull.head, by="bob")
    assert isinstance(first, Applied)
    assert isinstance(second, NotApplied)
    assert "already" in second.because


async def test_an_application_that_died_is_taken_up(advised: Story) -> None:
    """The commit was made and its id lost: it is made again, and only that one is trusted."""
    tale = advised
    number = await fail(tale, HEADER)
    (pull,) = await tale.pulls()
    suggestion = await tale.store.suggestions.of_head(tale.world.watched.id, number, pull.head)
    assert suggestion
    here, now = tale.world.watched.id, tale.world.clock()
    assert await tale.store.suggestions.begin_applying(here, number, pull.head, now=now)
    orphan = await tale.world.github.commits.create(
        branch=pull.branch,
        base=pull.head,
        files={"hello.yaml": suggestion.after},
        message=("x", ""),
    )
    await tale.later(minutes=30)
    await tale.later(minutes=90)
    (pull,) = await tale.pulls()
    heads = await tale.store.ledger.heads(here, pull.branch)
    assert pull.head in heads
    assert orphan not in heads
    assert await tale.check() is ReasonCode.NEEDS_APPROVAL


async def test_an_application_that_died_early_is_taken_up(advised: Story) -> None:
    """It was written down and not done: the lane does it, once."""
    tale = advised
    number = await fail(tale, HEADER)
    (before,) = await tale.pulls()
    here, now = tale.world.watched.id, tale.world.clock()
    assert await tale.store.suggestions.begin_applying(here, number, before.head, now=now)
    await tale.later(minutes=90)
    (after,) = await tale.pulls()
    (applied,) = await tale.store.suggestions.applied_on(here, number)
    assert applied.commit == after.head != before.head
    assert after.head in await tale.store.ledger.heads(here, after.branch)


async def test_a_push_in_between_is_not_overwritten(advised: Story) -> None:
    """It was written down, and a person pushed: theirs stays, and nothing is applied any more."""
    tale = advised
    number = await fail(tale, HEADER)
    (pull,) = await tale.pulls()
    here, now = tale.world.watched.id, tale.world.clock()
    assert await tale.store.suggestions.begin_applying(here, number, pull.head, now=now)
    ann = tale.sandbox.person("ann", "write")
    pushed = await ann.push(NAME, pull.branch, {"hello.yaml": b"package:\n  name: hello\n"})
    assert await tale.later(minutes=90) is ReasonCode.UNKNOWN_COMMIT
    (pull,) = await tale.pulls()
    assert pull.head == pushed
    assert await tale.store.suggestions.applied_on(here, number) == ()


async def test_the_file_lets_a_class_of_edits_go_all_the_way(advised: Story) -> None:
    """Applied by itself, checked, merged without an approval: what the file says, and no more."""
    tale = advised
    tale.pardoned = frozenset({"S3"})
    await tale.configure(
        "minimum-release-age: 0s\n"
        "suggestions: {apply: [add-build-package], merge: [add-build-package]}\n"
    )
    number = await fail(tale, HEADER)
    assert "applies this edit by itself" in told(tale, number)
    await tale.later(minutes=10)
    assert await tale.check() is ReasonCode.MERGED
    assert "- zlib-dev" in await tale.spec()


async def test_what_fails_again_and_again_is_left_to_a_person(advised: Story) -> None:
    """After three edits of its own on one pull request octobot applies nothing more."""
    tale = advised
    await tale.configure("minimum-release-age: 0s\nsuggestions: {apply: [add-build-package]}\n")
    await fail(tale, HEADER)
    headers = ("expat", "curl/curl", "openssl/ssl", "ncurses", "readline/readline")
    for name in headers:
        await tale.later(minutes=10)
        await tale.check("failure", HEADER.replace("zlib", name))
    (pull,) = await tale.pulls()
    applied = await tale.store.suggestions.applied_on(tale.world.watched.id, pull.number)
    assert len(applied) == 3


async def test_a_model_is_asked_what_no_rule_knows(tale: Story, model: FakeModel) -> None:
    """Its edit is shown as unverified, and merges only with a person's approval."""
    tale.pardoned = frozenset({"S3"})
    await tale.configure(
        "minimum-release-age: 0s\nsuggestions: {apply: [add-build-package],"
        " merge: [add-build-package, set-field]}\n"
    )
    number = await fail(tale, RIDDLE)
    comment = told(tale, number)
    assert "Unverified" in comment
    assert "+      - phase-dev" in comment
    assert "The greeting needs its phase library" in comment
    (pull,) = await tale.pulls()
    assert isinstance(await apply(tale.world, number, pull.head, by="ann"), Applied)
    assert await tale.check() is ReasonCode.NEEDS_APPROVAL
    await tale.sandbox.person("ann", "write").approve(NAME, number)
    assert await tale.later(minutes=10) is ReasonCode.MERGED
    assert len(model.requests) == 1


async def test_a_models_edit_applies_itself_only_where_the_file_says_so(
    tale: Story, model: FakeModel
) -> None:
    """`apply-model` commits it; for the merge a person is needed all the same."""
    await tale.configure(
        "minimum-release-age: 0s\nsuggestions: {apply-model: [add-build-package],"
        " merge: [add-build-package]}\n"
    )
    await fail(tale, RIDDLE)
    await tale.later(minutes=10)
    assert await tale.check() is ReasonCode.NEEDS_APPROVAL
    assert len(model.requests) == 1


@pytest.mark.parametrize("log", [HEADER, NETWORK])
async def test_a_model_is_not_asked_what_a_rule_knows(
    tale: Story, model: FakeModel, log: str
) -> None:
    """A rule's edit needs no model, and no edit fixes the network."""
    number = await fail(tale, log)
    assert told(tale, number)
    assert model.requests == []


async def test_the_file_keeps_a_repository_from_every_model(tale: Story, model: FakeModel) -> None:
    """`model: false`, and without a day's allowance: rules only, and the comment all the same."""
    await tale.configure("minimum-release-age: 0s\nsuggestions: {model: false}\n")
    assert "out of phase" in told(tale, await fail(tale, RIDDLE))
    tale.world = replace(tale.world, allowance=Allowance(0, 0))
    await tale.configure("minimum-release-age: 0s\n")
    await tale.release("1.2")
    await tale.look()
    await tale.check("failure", RIDDLE)
    assert model.requests == []


async def test_the_same_failure_is_asked_and_reported_once(tale: Story, model: FakeModel) -> None:
    """The next version fails alike: it points to the first, and nobody is asked again."""
    first = await fail(tale, RIDDLE)
    await tale.release("1.2")
    await tale.look()
    await tale.check("failure", RIDDLE)
    (pull,) = await tale.pulls()
    assert pull.number != first
    comment = told(tale, pull.number)
    assert f"see #{first}, which failed for the same reason" in comment
    assert "+      - phase-dev" in comment
    assert "Add the package" not in comment
    assert len(model.requests) == 1


async def test_a_question_under_way_elsewhere_is_waited_for(tale: Story, model: FakeModel) -> None:
    """Another process asks: the comment says so, and gets the answer when it is there."""
    print_ = tale.world.triage.diagnose(FailedCheck(CHECK, RIDDLE)).fingerprint
    soon = tale.world.clock() + timedelta(minutes=8)
    claim = await tale.store.questions.claim(
        tale.world.watched.id, print_, now=soon, allowance=Allowance(9, 9)
    )
    assert claim == "mine"
    number = await fail(tale, RIDDLE)
    assert "A model is being asked" in told(tale, number)
    assert model.requests == []
    await tale.later(minutes=11)
    assert "Add the package phase-dev" in told(tale, number)
    assert len(model.requests) == 1


async def test_what_helped_is_offered_first_and_what_did_not_is_buried(
    tale: Story, model: FakeModel
) -> None:
    """Two thumbs down bury a rule's edit; the model's next idea for it is asked for instead."""
    number = await fail(tale, HEADER)
    assert "zlib-dev" in told(tale, number)
    vote(tale, number, ann="-1", bob="-1")
    assert await polled(tale) == (0, 2)
    await tale.release("1.2")
    await tale.look()
    await tale.check("failure", HEADER)
    (pull,) = await tale.pulls()
    comment = told(tale, pull.number)
    assert "zlib-dev" not in comment
    assert "phase-dev" in comment
    vote(tale, pull.number, ann="+1", bob="+1")
    await polled(tale)
    await tale.release("1.3")
    await tale.look()
    await tale.check("failure", HEADER.replace("hello.c:3", "hello.c:4"))
    (newest,) = await tale.pulls()
    assert f"helped in #{pull.number}" in told(tale, newest.number)
    assert len(model.requests) == 1


def vote(tale: Story, number: int, **thumbs: str) -> None:
    """Let people with write access put their thumbs on the comment."""
    for name, content in thumbs.items():
        person = tale.sandbox.person(name, "write")
        put_thumb(tale, number, person.id, content)


def put_thumb(tale: Story, number: int, user: int, content: str) -> None:
    """Put a thumb on the comment about the failure."""
    hub, repo = tale.sandbox.hub, tale.sandbox.repository(NAME)
    comments = hub.state.comments.of(repo.id)
    (comment,) = (c for c in comments if c.number == number and "octobot:failure" in c.body)
    react(hub, repo, comment.id, content, hub.state.who(user))


async def polled(tale: Story) -> tuple[int, int]:
    """Let the time of a poll come; return the votes on the oldest suggestion."""
    tale.clock.ahead += timedelta(days=1)
    await count_votes(tale.world)
    *_, oldest = await tale.store.suggestions.past(tale.world.watched.id)
    return oldest.ups, oldest.downs


async def test_thumbs_are_votes_of_people_who_may_write(advised: Story) -> None:
    """Readers and bots have none, both thumbs of one person are the newer one, flips count."""
    tale = advised
    number = await fail(tale, HEADER)
    vote(tale, number, ann="+1", bob="-1")
    for name in ("carl", "dora"):
        put_thumb(tale, number, tale.sandbox.person(name, "read").id, "-1")
    put_thumb(tale, number, tale.sandbox.app.bot_id, "-1")
    assert await polled(tale) == (1, 1)
    tale.clock.ahead += timedelta(hours=1)
    vote(tale, number, bob="+1", ann="heart")
    assert await polled(tale) == (2, 0)


@pytest.mark.long
async def test_a_thousand_thumbs_are_counted_bit_by_bit(advised: Story) -> None:
    """A thousand strangers cost fifty questions a look, and the writer among them is found."""
    tale = advised
    number = await fail(tale, HEADER)
    for index in range(1000):
        put_thumb(tale, number, tale.sandbox.person(f"stranger{index}", "read").id, "-1")
    vote(tale, number, ann="+1")
    tale.sandbox.log.clear()
    assert await polled(tale) == (0, 0)
    asked = [one for one in tale.sandbox.log if "/permission" in one.path]
    pages = [one for one in tale.sandbox.log if "/reactions" in one.path]
    assert (len(asked), len(pages)) == (50, 11)
    for _ in range(20):
        tale.clock.ahead += timedelta(minutes=10)
        await count_votes(tale.world)
    assert await polled(tale) == (1, 0)


async def test_a_deleted_comment_is_asked_about_no_more(advised: Story) -> None:
    """What was counted stays; nothing is looked at again."""
    tale = advised
    number = await fail(tale, HEADER)
    vote(tale, number, ann="+1")
    assert await polled(tale) == (1, 0)
    hub, repo = tale.sandbox.hub, tale.sandbox.repository(NAME)
    (comment,) = (c for c in hub.state.comments.of(repo.id) if c.number == number)
    delete_comment(hub, repo, comment, hub.state.who(comment.author))
    assert await polled(tale) == (1, 0)
    tale.clock.ahead += timedelta(days=2)
    assert await count_votes(tale.world) == 0


async def test_no_number_of_thumbs_merges_anything(advised: Story) -> None:
    """A hundred thumbs up do not stand for one approval."""
    tale = advised
    number = await fail(tale, HEADER)
    (pull,) = await tale.pulls()
    await apply(tale.world, number, pull.head, by="ann")
    for index in range(100):
        vote(tale, number, **{f"w{index}": "+1"})
    await polled(tale)
    await polled(tale)
    assert await tale.check() is ReasonCode.NEEDS_APPROVAL


async def test_a_base_distro_offers_only_packages_that_it_has(advised: Story) -> None:
    """Where `build-base` is made here, a name that no spec makes is not offered."""
    tale = advised
    base = b"package:\n  name: build-base\n  version: '1'\n  epoch: 0\npipeline:\n  - runs: x\n"
    zlib = (
        b"package:\n  name: zlib\n  version: '1'\n  epoch: 0\npipeline:\n  - runs: x\n"
        b"subpackages:\n  - name: zlib-dev\n"
    )
    files = {"build-base.yaml": base}
    await tale.sandbox.commit_files(NAME, "main", files, "The base")
    await tale.look()
    number = await fail(tale, HEADER)
    assert "zlib-dev\n```" not in told(tale, number)
    await tale.sandbox.commit_files(NAME, "main", {"zlib.yaml": zlib}, "zlib")
    await tale.release("1.2")
    await tale.look()
    await tale.check("failure", HEADER)
    (pull,) = await tale.pulls()
    assert "+      - zlib-dev\n```" in told(tale, pull.number)
