"""Words that a command does not take, and packages that a command names: each command of the table.

Whatever is not meant for sure is refused, and the thread's package is never acted on in place of
another one that was named.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

import pytest

from octobot.commands.calls import Command
from octobot.commands.grammar import MOST
from octobot.commands.table import TABLE
from octobot.model.pull_request import PullRequest
from tests.stories.story import NAME, Story, spec
from tests.stories.test_commands import ann, proposed, say
from tests.stories.test_groups import named

SENTENCES = (
    "once the release notes are written",
    "deadbeef is what I mean",
    "deadbeef!",
    "!",
    "-- deadbeef",
    "hello please",
    "HEAD",
    "deadbe",
    "0" * 41,
    "1234567 7654321",
)
"""None of them is a name, a commit, a version or a stream alone."""
STRICT = [each for each in TABLE.values() if each.rest != "reason"]
PULL = [each for each in TABLE.values() if each.about == "pull request"]
PACKAGE = [each for each in TABLE.values() if each.about.startswith("package")]
SPELLINGS = ("go", "GO", "go.yaml", "go:")
FITTING = {"nothing": "", "commit": "", "version": "9.9", "reason": ""}
"""Words that a command takes after a package's name."""


async def two(tale: Story, *, extra: str = "", config: str = "") -> PullRequest:
    """Put the package `go` beside hello, and let a version of hello be proposed alone."""
    await tale.configure(f"minimum-release-age: 0s\npackages: [{{match: go, hold: no}}]\n{config}")
    text = named(spec("1.0", await tale.release("1.0"), extra), "go")
    await tale.sandbox.commit_files(NAME, "main", {"go.yaml": text.encode()}, "Go")
    return await proposed(tale)


async def each_said(tale: Story, lines: Iterable[str], *, on: int) -> Sequence[str]:
    """Say many commands, as many in a comment as it may have; return each one's answer."""
    answers: list[str] = []
    asked = list(lines)
    for start in range(0, len(asked), MOST):
        tale.clock.ahead += timedelta(minutes=30)  # nobody may say very many in an hour
        said = await say(
            tale, "\n".join(f"/octobot {line}" for line in asked[start : start + MOST]), on=on
        )
        found = re.split(r"^(?=[✅❌])", said.replace("\n\n_To `ann`._", ""), flags=re.MULTILINE)
        answers += [one for one in found if one.startswith(("✅", "❌"))]
    return answers


async def untouched(tale: Story, pull: PullRequest) -> None:
    """Nothing is ordered about hello or everything, and its pull request is as it was."""
    orders = await tale.store.orders.by_package(tale.world.watched.id)
    assert set(orders) <= {"go"}
    assert await tale.pulls() == (pull,)


async def test_words_that_a_command_does_not_take_are_refused(tale: Story) -> None:
    """On a pull request that each of them could be about; the answer has the command's usage."""
    pull = await proposed(tale)
    for sentence in SENTENCES:
        await refused_with_usage(tale, sentence, on=pull.number)
    await untouched(tale, pull)


async def refused_with_usage(tale: Story, sentence: str, *, on: int) -> None:
    """Say a sentence after every command that takes no reason."""
    taken = [each for each in STRICT if " " in sentence or each.rest != "version"]
    said = await each_said(tale, [f"{each.name} {sentence}" for each in taken], on=on)
    assert len(said) == len(taken)
    for command, text in zip(taken, said, strict=True):
        assert text.startswith("❌"), text
        if not (command.rest == "version" and sentence.startswith("hello")):
            assert f"`/octobot {command.usage}`" in text, text


async def test_a_sentence_does_not_merge_what_waits_for_a_person(tale: Story) -> None:
    """Neither a plain one nor one that begins with the head's own commit; the commit alone does."""
    await tale.configure("minimum-release-age: 0s\nautomerge: false\n")
    pull = await proposed(tale)
    await tale.check()
    lines = ["merge once this is settled", f"merge {pull.head} looks wrong", f"merge {pull.head}."]
    said = await each_said(tale, lines, on=pull.number)
    assert [text[0] for text in said] == ["❌"] * 3
    await tale.later(hours=1)
    assert 'version: "1.0"' in await tale.spec()
    (done,) = await each_said(tale, [f"merge {pull.head[:9].upper()}"], on=pull.number)
    assert done.startswith("✅"), done
    await tale.later(hours=1)
    assert 'version: "1.1"' in await tale.spec()


@pytest.mark.parametrize("command", PULL, ids=lambda one: one.name)
async def test_a_command_about_a_pull_request_names_no_other_package(
    tale: Story, command: Command
) -> None:
    """Refused in every spelling, with the package that the thread is about."""
    pull = await two(tale)
    lines = [f"{command.name} {name}{more}" for name in SPELLINGS for more in ("", " is broken")]
    for text in await each_said(tale, lines, on=pull.number):
        assert text.startswith("❌"), text
        assert "about `hello`, not `go`" in text
    await untouched(tale, pull)


@pytest.mark.parametrize("command", PULL, ids=lambda one: one.name)
async def test_a_pull_requests_own_package_may_be_named(tale: Story, command: Command) -> None:
    """It says no more than the thread does; a commit may follow it, and a sentence may not."""
    pull = await two(tale)
    lines = [f"{command.name} hello is broken", f"{command.name} Hello.yaml"]
    sentence, own = await each_said(tale, lines, on=pull.number)
    assert sentence.startswith("❌")
    assert f"`/octobot {command.usage}`" in sentence
    assert f"`/octobot {command.usage}`" not in own
    if command.name in ("close", "recreate"):
        assert own.startswith("✅")


@pytest.mark.parametrize("command", PACKAGE, ids=lambda one: one.name)
async def test_a_command_about_a_package_obeys_the_name(tale: Story, command: Command) -> None:
    """Said on another package's pull request, it is about the named one, and says so."""
    pull = await two(tale)
    lines = [f"{command.name} {name} {FITTING[command.rest]}".strip() for name in SPELLINGS]
    for said in await each_said(tale, lines, on=pull.number):
        assert "go" in re.sub(r"/octobot [^`]*", "", said)
        assert said.startswith("❌") or "about `hello`" in said
        assert f"`/octobot {command.usage}`" not in said
        if command.name in ("hold", "ignore", "recheck", "explain"):
            assert said.startswith("✅"), said
    await untouched(tale, pull)


async def test_the_threads_own_name_is_no_part_of_the_reason(tale: Story) -> None:
    """It names what is held already; the reason begins after it."""
    pull = await two(tale)
    for name in ("hello", "HELLO", "hello.yaml", "hello:"):
        (said,) = await each_said(tale, [f"hold {name} after {name}"], on=pull.number)
        steering = await tale.store.orders.of_package(tale.world.watched.id, "hello")
        assert steering.hold
        assert steering.hold.reason == f"after {name}"
        assert "about `hello`" not in said


@pytest.mark.parametrize("command", ["hold", "rebuild"])
async def test_a_reason_that_begins_with_another_package_is_refused(
    tale: Story, command: str
) -> None:
    """Either may be meant; the two spellings of the answer do what they say."""
    pull = await two(tale)
    theirs = own = ""
    for first in ("Go", "go,", "go's", "(go)", '"go"', "go/stdlib"):
        (said,) = await each_said(tale, [f"{command} {first} has a CVE"], on=pull.number)
        assert said.startswith("❌"), said
        _, theirs, own = re.findall(r"`/octobot ([^`]*)`", said)
        assert theirs == f"{command} go: has a CVE"
        assert own == f"{command} hello: {first} has a CVE"
    assert await tale.store.orders.by_package(tale.world.watched.id) == {}
    (done,) = await each_said(tale, [theirs], on=pull.number)
    assert done.startswith("✅"), done
    assert set(await tale.store.orders.by_package(tale.world.watched.id)) == {"go"}
    (done,) = await each_said(tale, [own], on=pull.number)
    assert "`go`" not in done
    assert "`hello`" in done


@pytest.mark.parametrize("words", ["go.yaml has a CVE", "go: has a CVE", "GO.yaml: has a CVE"])
async def test_a_spelling_that_is_surely_a_name_is_obeyed(tale: Story, words: str) -> None:
    """A file's name or a colon: the package is held, and the answer says that hello is not."""
    pull = await two(tale)
    (said,) = await each_said(tale, [f"hold {words}"], on=pull.number)
    assert said.startswith("✅")
    assert "`go` is on hold" in said
    assert "this thread is about `hello`" in said
    hold = (await tale.store.orders.of_package(tale.world.watched.id, "go")).hold
    assert hold
    assert hold.reason == "has a CVE"
    await untouched(tale, pull)


@pytest.mark.parametrize("thread", ["pull", "issue"])
async def test_two_packages_are_not_taken_for_one(tale: Story, thread: str) -> None:
    """A command about one package is not carried out for half of what was named."""
    pull = await two(tale)
    number = pull.number if thread == "pull" else await ann(tale).open_issue(NAME, "Both")
    lines = [
        *("hold hello go", "hold hello, go wait for ICU", "hold go.yaml hello.yaml"),
        *("hold hello and go wait for ICU", "release hello go", "recheck go hello"),
        *("bump go hello", "ignore hello go", "unignore go hello", "explain hello go"),
        *("accept-tag-move hello go", "epoch hello and go new compiler", "merge hello go"),
    ]
    for text in await each_said(tale, lines, on=number):
        assert text.startswith("❌"), text
    assert await tale.store.orders.by_package(tale.world.watched.id) == {}
    assert await tale.pulls() == (pull,)


async def test_what_is_no_known_name_is_a_reason(tale: Story) -> None:
    """However near it is to one."""
    pull = await two(tale)
    firsts = ("goo", "g0", "hello-core", "nothing", "ago", "broken:", "hello's")
    lines = [f"hold {first} is in the way" for first in firsts]
    for first, said in zip(firsts, await each_said(tale, lines, on=pull.number), strict=True):
        assert "`hello` is on hold" in said
        assert f"{first} is in the way" in said.replace("&#39;", "'")


async def test_a_name_that_is_surely_one_and_unknown_is_refused(tale: Story) -> None:
    """Nobody writes a file's or a group's name and means the thread's package."""
    pull = await two(tale)
    for first in ("gone.yaml", "group/gone", "Group/Gone"):
        lines = [f"{each.name} {first}" for each in PACKAGE]
        for text in await each_said(tale, lines, on=pull.number):
            assert text.startswith("❌"), text
            assert f"no package `{first}`" in text
    await untouched(tale, pull)


async def test_a_package_that_is_not_kept_current_is_known_by_its_name(tale: Story) -> None:
    """`enabled: false`: it is the one that is held, and not the thread's."""
    pull = await two(tale)
    text = named(spec("1.0", await tale.release("1.0")), "go").replace("d: true", "d: false")
    await tale.sandbox.commit_files(NAME, "main", {"go.yaml": text.encode()}, "Off")
    await tale.look()
    lines = ["hold go", "hold go not now", "release go"]
    held, doubtful, released = await each_said(tale, lines, on=pull.number)
    assert "`go` is on hold" in held
    assert doubtful.startswith("❌")
    assert "The hold on `go` is over" in released
    await untouched(tale, pull)


async def test_a_name_that_differs_in_letter_case_only_is_not_guessed(tale: Story) -> None:
    """Where two packages could be meant, they are shown; each is reached by its own spelling."""
    pull = await two(tale)
    text = named(spec("1.0", await tale.release("1.0")), "Go")
    await tale.sandbox.commit_files(NAME, "main", {"Go.yaml": text.encode()}, "Another")
    await tale.look()
    (before,) = [one for one in await tale.pulls() if one.branch == pull.branch]
    doubtful, exact = await each_said(tale, ["hold GO", "hold Go"], on=before.number)
    assert doubtful.startswith("❌")
    assert "Go and go" in doubtful
    assert "`Go` is on hold" in exact


async def test_explain_of_another_package_is_no_verdict_of_this_one(tale: Story) -> None:
    """The pull request's verdict is shown for its own name, and the reason for another's."""
    pull = await two(tale)
    own, other = await each_said(tale, ["explain hello", "explain go"], on=pull.number)
    assert "`checks-pending`" in own
    assert "go: on-hold" in other


async def test_ignore_of_another_package_does_not_take_this_ones_version(tale: Story) -> None:
    """On a pull request its own version may be left out, and for no other package."""
    pull = await two(tale)
    lines = ["ignore go", "unignore go", "ignore go 1.1"]
    bare, undone, done = await each_said(tale, lines, on=pull.number)
    assert "Write `/octobot ignore " in bare
    assert "Write `/octobot unignore " in undone
    assert "ignores `1.1` of `go`" in done
    await untouched(tale, pull)
    (own,) = await each_said(tale, ["ignore hello"], on=pull.number)
    assert "ignores `1.1` of `hello`" in own
