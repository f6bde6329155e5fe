"""A group's build fails: the suggestion names and edits the specs that failed, and no other."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from octobot.flows.diagnose.apply import Applied, NotApplied, apply
from octobot.model.ids import PullNumber
from octobot.model.reasons import ReasonCode
from octobot.model.suggestion import Allowance
from octobot.sandbox.model import FakeModel
from octobot.triage.model.ask import Adviser, Model
from tests.stories.story import NAME, Story, spec
from tests.stories.test_commands import say
from tests.stories.test_groups import GROUP, NAMES, codes, found, named, versions
from tests.stories.test_suggestions import SPEC_TAIL, told

STAMP = "2026-05-01T12:00:00.0000000Z "
BROKEN = (
    f"{STAMP}hello.c:3:10: fatal error: zlib.h: No such file or directory\n"
    f"{STAMP}compilation terminated.\n"
    f"{STAMP}##[error]Process completed with exit code 1.\n"
)
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


def builds(*names: str) -> str:
    """Write a log that builds these packages, of which the last one breaks."""
    return "".join(f"{STAMP}melange build {name}.yaml\n" for name in names) + BROKEN


async def fail(tale: Story, logs: dict[str, str], *, config: str = GROUP) -> PullNumber:
    """Propose 1.1 of a group whose specs can all be fixed, and let its checks fail with logs."""
    await found(tale, config=config)
    commit = await tale.release("1.0")
    files = {f"{name}.yaml": (named(spec("1.0", commit), name) + SPEC_TAIL) for name in NAMES}
    texts = {path: text.encode() for path, text in files.items()}
    await tale.sandbox.commit_files(NAME, "main", texts, "What they are built with")
    tale.sandbox.protect(NAME, "main", required=[(check, None) for check in logs])
    await tale.look()
    await tale.release("1.1")
    await tale.look()
    await checked(tale, logs)
    (pull,) = await tale.pulls()
    return pull.number


async def checked(tale: Story, logs: dict[str, str]) -> ReasonCode:
    """Let every check of the group's head end: with a log it fails, without one it succeeds."""
    (pull,) = await tale.pulls()
    for check, log in logs.items():
        tale.sandbox.post_check_run(
            NAME, pull.head, check, conclusion="failure" if log else "success", log=log
        )
    return await tale.later(minutes=10)


async def with_zlib(tale: Story) -> list[str]:
    """Name the specs of the open pull request that have zlib-dev."""
    (pull,) = await tale.pulls()
    state = await tale.world.github.snapshots.state(pull.number)
    return [change.path for change in state.changes if "zlib-dev" in (change.after or "")]


async def applied(tale: Story, number: PullNumber) -> Applied | NotApplied:
    """Apply what is suggested for the present head."""
    (pull,) = await tale.pulls()
    return await apply(tale.world, number, pull.head, by="ann")


async def test_the_spec_that_failed_is_edited_and_not_the_first(advised: Story) -> None:
    """Its path is shown above the diff and in it; the gate judges the commit like any other."""
    tale = advised
    tale.pardoned = frozenset({"S3"})  # the merge has the suggestion's line, as it should
    number = await fail(tale, {"build": builds("hello", "hello-tools")})
    comment = told(tale, number)
    assert "In `hello-tools.yaml`:" in comment
    assert "+++ b/hello-tools.yaml" in comment
    assert "b/hello.yaml" not in comment
    assert isinstance(await applied(tale, number), Applied)
    assert await with_zlib(tale) == ["hello-tools.yaml"]
    assert await checked(tale, {"build": ""}) is ReasonCode.NEEDS_APPROVAL
    await tale.sandbox.person("ann", "write").approve(NAME, number)
    assert await tale.later(minutes=10) is ReasonCode.MERGED
    assert await versions(tale) == ["1.1"] * 3
    assert await tale.store.repositories.merging_halted(tale.world.watched.id) is None
    (past,) = await tale.store.suggestions.past(tale.world.watched.id)
    assert past.green is True


async def test_all_that_failed_in_the_same_way_are_edited_at_once(advised: Story) -> None:
    """Two of three jobs lack the same package: one commit, two files, judged together."""
    tale = advised
    tale.pardoned = frozenset({"S3"})
    logs = {"build (hello)": BROKEN, "build (hello-core)": "", "build (hello-tools)": BROKEN}
    number = await fail(tale, logs)
    comment = told(tale, number)
    assert "In `hello-tools.yaml`, `hello.yaml`:" in comment
    assert comment.count("+      - zlib-dev") == 2
    (before,) = await tale.pulls()
    assert isinstance(await applied(tale, number), Applied)
    assert await with_zlib(tale) == ["hello-tools.yaml", "hello.yaml"]
    (after,) = await tale.pulls()
    assert (await tale.world.github.trees.commit(after.head)).parents == (before.head,)
    assert await checked(tale, dict.fromkeys(logs, "")) is ReasonCode.NEEDS_APPROVAL
    assert await codes(tale) == [ReasonCode.NEEDS_APPROVAL] * 3
    await tale.sandbox.person("ann", "write").approve(NAME, number)
    assert await tale.later(minutes=10) is ReasonCode.MERGED
    assert await tale.store.repositories.merging_halted(tale.world.watched.id) is None


async def test_a_rebase_merge_of_several_commits_is_audited_as_a_whole(advised: Story) -> None:
    """The last commit has one file of three; the line stops for none of them."""
    tale = advised
    tale.pardoned = frozenset({"S3"})
    logs = {"build": builds("hello", "hello-tools")}
    number = await fail(tale, logs, config=GROUP + "merge-method: rebase\n")
    assert isinstance(await applied(tale, number), Applied)
    assert await checked(tale, {"build": ""}) is ReasonCode.NEEDS_APPROVAL
    await tale.sandbox.person("ann", "write").approve(NAME, number)
    assert await tale.later(minutes=10) is ReasonCode.MERGED
    assert await versions(tale) == ["1.1"] * 3
    assert await tale.store.repositories.merging_halted(tale.world.watched.id) is None


async def test_what_was_applied_to_several_stays_when_it_is_recreated(advised: Story) -> None:
    """A person rebases: every file's edit is in the new commit, too."""
    tale = advised
    logs = {"build (hello)": BROKEN, "build (hello-tools)": BROKEN}
    number = await fail(tale, logs)
    assert isinstance(await applied(tale, number), Applied)
    (before,) = await tale.pulls()
    await tale.sandbox.commit_files(NAME, "main", {"README": b"moved"}, "Move on")
    assert (await say(tale, "/octobot recreate", on=number)).startswith("✅")
    (after,) = await tale.pulls()
    assert (after.number, after.head != before.head) == (number, True)
    assert await with_zlib(tale) == ["hello-tools.yaml", "hello.yaml"]
    assert await checked(tale, dict.fromkeys(logs, "")) is ReasonCode.NEEDS_APPROVAL


async def test_an_application_to_several_that_died_is_taken_up(advised: Story) -> None:
    """It was written down and not done: the lane does it, with every file."""
    tale = advised
    logs = {"build (hello)": BROKEN, "build (hello-tools)": BROKEN}
    number = await fail(tale, logs)
    (pull,) = await tale.pulls()
    here, now = tale.world.watched.id, tale.world.clock()
    assert await tale.store.suggestions.begin_applying(here, number, pull.head, now=now)
    await tale.later(minutes=90)
    assert await with_zlib(tale) == ["hello-tools.yaml", "hello.yaml"]
    (after,) = await tale.pulls()
    assert after.head in await tale.store.ledger.heads(here, after.branch)


async def test_where_the_log_does_not_show_it_nothing_is_guessed(advised: Story) -> None:
    """The edit would fit each of them; a person decides."""
    number = await fail(advised, {"build": BROKEN})
    comment = told(advised, number)
    assert "the log does not say which of 3 specs" in comment
    assert "```diff" not in comment
    assert isinstance(await applied(advised, number), NotApplied)


async def test_the_file_lets_a_class_of_edits_go_all_the_way(advised: Story) -> None:
    """Applied by itself to the spec that failed, checked, merged."""
    tale = advised
    tale.pardoned = frozenset({"S3"})
    allowed = "suggestions: {apply: [add-build-package], merge: [add-build-package]}\n"
    await fail(tale, {"build": builds("hello-core")}, config=GROUP + allowed)
    await tale.later(minutes=10)
    assert await with_zlib(tale) == ["hello-core.yaml"]
    assert await checked(tale, {"build": ""}) is ReasonCode.MERGED


async def test_a_model_is_asked_about_the_spec_that_failed(tale: Story) -> None:
    """It sees that one; without knowing which, nobody is asked."""
    riddle = f"{STAMP}frobnicator: FATAL: the greeting is out of phase\n"
    end = f"{STAMP}##[error]Process completed with exit code 1.\n"
    async with (
        FakeModel(answer=ANSWER) as service,
        Adviser.open(Model("openai", "tiny", "sk-key", service.url, loopback=True)) as adviser,
    ):
        tale.world = replace(tale.world, adviser=adviser, allowance=Allowance(10, 10))
        number = await fail(tale, {"build": riddle + end})
        assert service.requests == []
        await tale.release("1.2")
        await tale.look()
        log = f"{STAMP}melange build hello-core.yaml\n{riddle}{end}"
        await checked(tale, {"build": log})
        (pull,) = await tale.pulls()
        assert pull.number != number
        assert len(service.requests) == 1
        assert "name: hello-core" in str(service.requests)
        assert "In `hello-core.yaml`:" in told(tale, pull.number)
