"""What a merge rebuilds, said in the pull request of the bump that causes it."""

from collections.abc import Mapping

import pytest

from octobot.messages.rebuilds import FAMILY, label
from octobot.model.pull_request import PullRequest
from octobot.model.reasons import ReasonCode
from octobot.sandbox.http.faults import fault, of
from octobot.sandbox.state.nouns import CI_APP
from tests.specs.graph.small_distro import builds_with, spec
from tests.stories.story import CONFIG, NAME, Story
from tests.stories.test_renewing import body

LABELS = rf"/repos/{NAME}/issues/\d+/labels"
TOOLCHAIN = "  annotations:\n    toolchain: 'true'\n"
HEADING = "### What this rebuilds"


async def toolchain(
    tale: Story, specs: Mapping[str, str], *, mark: str = TOOLCHAIN, config: bytes = CONFIG
) -> None:
    """Make hello a toolchain, with these specs beside it."""
    text = (await tale.spec()).replace("  description", f"{mark}  description")
    files = {"hello.yaml": text, **{f"{name}.yaml": each for name, each in specs.items()}}
    raw = {path: each.encode() for path, each in files.items()}
    await tale.sandbox.commit_files(
        NAME, "main", {**raw, ".github/octobot.yaml": config}, "A toolchain"
    )
    await tale.look()


async def proposed(tale: Story, version: str = "1.1") -> PullRequest:
    """Let a version be proposed."""
    await tale.release(version)
    tale.sandbox.log.clear()
    await tale.look()
    (pull,) = await tale.pulls()
    return pull


def labels(tale: Story, pull: PullRequest) -> list[str]:
    """Read the labels of a pull request."""
    thread = tale.sandbox.hub.state.issue(tale.world.watched.id, pull.number)
    assert thread
    return list(thread.labels)


USERS = {
    "app": spec("app", builds_with("hello", "lib")),
    "lib": spec("lib", builds_with("hello")),
    "far": spec("far", builds_with("lib")),
}


async def test_a_toolchains_pull_request_says_what_it_rebuilds(tale: Story) -> None:
    """Specs and levels, with the reason of each; one write more for the label, and it merges."""
    await toolchain(tale, USERS)
    pull = await proposed(tale)
    text = body(tale, pull)
    assert "Merging `hello` rebuilds **2 specs in 2 levels**" in text
    assert "| 1 | `lib` | builds with `hello` |\n| 2 | `app` | builds with `hello` |\n" in text
    assert "`far`" not in text
    assert labels(tale, pull) == [label(2)] == ["rebuilds: 1\N{EN DASH}10"]
    writes = [one.path for one in tale.sandbox.log.content_writes()]
    assert [path for path in writes if "/labels" in path] == writes[-1:]
    await tale.check()
    assert (await tale.row()).reason.code is ReasonCode.MERGED


async def test_a_bump_that_rebuilds_nothing_asks_for_nothing(tale: Story) -> None:
    """Without a trigger there is no text, no label and no look at the distro, whoever uses it."""
    await toolchain(tale, USERS, mark="")
    pull = await proposed(tale)
    assert HEADING not in body(tale, pull)
    assert labels(tale, pull) == []
    assert tale.world.graphs.last == {}
    assert [one.path for one in tale.sandbox.log if one.path.endswith("/labels")] == []


async def test_a_toolchain_without_users_says_so(tale: Story) -> None:
    """Nothing is a number, too; the file may name a toolchain in place of annotations."""
    config = CONFIG + b"rebuild: {toolchains: [{name: hello, packages: [greeting]}]}\n"
    await toolchain(tale, USERS, mark="", config=config)
    pull = await proposed(tale)
    assert "Merging `hello` rebuilds **nothing**" in body(tale, pull)
    assert labels(tale, pull) == [FAMILY + "0"]


async def test_a_shared_library_rebuilds_its_users(tale: Story) -> None:
    """`shared: true` in the update block; who is linked is guessed, and that is said."""
    await toolchain(tale, USERS, mark="")
    text = (await tale.spec()).replace("  enabled: true", "  enabled: true\n  shared: true")
    text += "\nsubpackages:\n  - name: hello-dev\n"
    user = spec("user", builds_with("hello-dev"))
    files = {"hello.yaml": text.encode(), "user.yaml": user.encode()}
    await tale.sandbox.commit_files(NAME, "main", files, "A library")
    pull = await proposed(tale)
    text = body(tale, pull)
    assert "rebuilds **1 spec in 1 level**" in text
    assert "this may be more than needed" in text


async def test_what_cannot_be_read_is_said(tale: Story) -> None:
    """A spec that may belong on the plan, and an index that is not there; neither stops a bump."""
    index = b"{repository: https://packages.example.org/os, architectures: [x86_64]}"
    bad = "environment: {contents: {packages: [hello]}}\n"
    config = CONFIG + b"rebuild: {index: " + index + b"}\n"
    await toolchain(tale, {**USERS, "bad": bad}, config=config)
    text = body(tale, await proposed(tale))
    assert "rebuilds **2 specs in 2 levels**" in text
    assert "may be missing here: `bad.yaml`." in text
    assert "The index of built packages is not used:" in text
    assert "HTTP 404" in text


async def test_another_number_gets_another_label(tale: Story) -> None:
    """A pull request that is recreated says what is true then; people's labels stay."""
    tale.sandbox.protect(NAME, "main", [("build", CI_APP)], strict=True)
    await toolchain(tale, USERS)
    pull = await proposed(tale)
    await tale.sandbox.person("ann", "admin", on=NAME).label(NAME, pull.number, "nice")
    more = {f"user{n}.yaml": spec(f"user{n}", builds_with("hello")).encode() for n in range(10)}
    await tale.sandbox.commit_files(NAME, "main", more, "More users")
    await tale.check()
    assert "rebuilds **12 specs in 2 levels**" in body(tale, pull)
    assert "and 2 more." in body(tale, pull)
    assert sorted(labels(tale, pull)) == ["nice", label(12)]


@pytest.mark.parametrize("status", [403, 404, 422, 502])
async def test_a_label_that_is_refused_stops_nothing(tale: Story, status: int) -> None:
    """The pull request is opened, recorded and merged as any other."""
    await toolchain(tale, USERS)
    faults = tale.sandbox.faults()
    faults.strike("labels", of("POST", LABELS), times=9, answer=lambda _: fault(status, "No"))
    pull = await proposed(tale)
    assert faults.met["labels"]
    assert labels(tale, pull) == []
    await tale.check()
    assert (await tale.row()).reason.code is ReasonCode.MERGED
