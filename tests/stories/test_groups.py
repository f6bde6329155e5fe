"""Packages that move together: one pull request, one verdict, one merge, one audit."""

from collections import Counter
from dataclasses import replace
from typing import cast

import pytest

from octobot.github.repository.trees import Trees
from octobot.model.ids import Sha
from octobot.model.orders import Hold, Issued
from octobot.model.pull_request import MergedTree
from octobot.model.reasons import Reason, ReasonCode
from tests.stories.story import NAME, Story, spec
from tests.stories.test_line import Crooked
from tests.stories.test_sources import register

NAMES = ("hello", "hello-core", "hello-tools")
BRANCH = "octobot/group/hello/{}"
OWN = "https://github.com/example/tools"

GROUP = """\
minimum-release-age: 0s
groups:
  - name: hello
    match: ["hello*"]
"""


async def found(tale: Story, *, config: str = GROUP, own: bool = False) -> None:
    """Put three packages of one upstream into the distro; `own`: hello-tools has another one."""
    commit = await tale.release("1.0")
    files = {f"{name}.yaml": named(spec("1.0", commit), name).encode() for name in NAMES}
    if own:
        first = await tale.upstreams.provide_ref(OWN, "refs/tags/v1.0")
        text = named(spec("1.0", first), "hello-tools").replace("example/hello", "example/tools")
        files["hello-tools.yaml"] = text.encode()
    files[".github/octobot.yaml"] = config.encode()
    await tale.sandbox.commit_files(NAME, "main", files, "Three packages")
    await tale.look()


def named(text: str, name: str) -> str:
    """Let a spec be another package's."""
    return text.replace("name: hello", f"name: {name}")


async def tools(tale: Story, version: str) -> None:
    """Publish a tag of hello-tools' own upstream."""
    await tale.upstreams.provide_ref(OWN, f"refs/tags/v{version}")


async def reasons(tale: Story) -> dict[str, Reason]:
    """Read what octobot says of each package."""
    rows = await tale.store.packages.rows(tale.world.watched.id)
    return {row.key.package: row.reason for row in rows}


async def codes(tale: Story) -> list[ReasonCode]:
    """Read the reason codes of hello, hello-core and hello-tools."""
    told = await reasons(tale)
    return [told[name].code for name in NAMES]


async def versions(tale: Story) -> list[str]:
    """Read the packages' versions on the default branch from git."""
    git = tale.sandbox.hub.git(tale.sandbox.repository(NAME))
    texts = [await git.read(f"main:{name}.yaml") for name in NAMES]
    return [text[2].decode().split('version: "')[1].split('"')[0] for text in texts if text]


def written(tale: Story) -> Counter[str]:
    """Count what octobot wrote of content."""
    return Counter(
        each.mutations[-1] if each.mutations else f"{each.method} {each.path.split('/')[-1]}"
        for each in tale.sandbox.log.content_writes()
    )


async def test_a_group_is_one_pull_request_and_one_merge(tale: Story) -> None:
    """Three packages, one commit with three files, three content writes, one audited merge."""
    await found(tale)
    commit = await tale.release("1.1")
    tale.sandbox.log.clear()
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    (pull,) = await tale.pulls()
    assert (pull.title, pull.branch) == ("hello/1.1 package update", BRANCH.format("1.1"))
    state = await tale.world.github.snapshots.state(pull.number)
    assert [change.path for change in state.changes] == sorted(f"{n}.yaml" for n in NAMES)
    assert len(state.commits) == 1
    assert await codes(tale) == [ReasonCode.CHECKS_PENDING] * 3
    assert await tale.check() is ReasonCode.MERGED
    assert await codes(tale) == [ReasonCode.MERGED] * 3
    assert await versions(tale) == ["1.1"] * 3
    assert f"expected-commit: {commit}" in await tale.spec()
    wrote = written(tale)
    assert (wrote["createCommitOnBranch"], wrote["POST pulls"], wrote["PUT merge"]) == (1, 1, 1)
    assert sum(wrote.values()) == 4  # and the branch's deletion
    assert await tale.store.repositories.merging_halted(tale.world.watched.id) is None
    tale.sandbox.log.clear()
    assert await tale.later(hours=2) is ReasonCode.MERGED
    assert written(tale) == {}


async def test_a_package_that_lags_keeps_the_group_waiting(tale: Story) -> None:
    """Nothing is proposed until each has the version; which waits for which is shown."""
    await found(tale, own=True)
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.WAITS_FOR_GROUP
    assert await tale.pulls() == ()
    told = await reasons(tale)
    assert told["hello"].detail == "hello-tools has no 1.1 yet, only 1.0"
    assert told["hello-tools"].code is ReasonCode.UP_TO_DATE
    await tools(tale, "1.1")
    assert await tale.later(minutes=1) is ReasonCode.CHECKS_PENDING
    assert await tale.check() is ReasonCode.MERGED
    assert await versions(tale) == ["1.1"] * 3


async def test_a_package_that_is_there_already_is_left_out(tale: Story) -> None:
    """A person bumped one of them: the pull request has the others."""
    await found(tale)
    commit = await tale.release("1.1")
    by_hand = {"hello-core.yaml": named(spec("1.1", commit), "hello-core").encode()}
    await tale.sandbox.commit_files(NAME, "main", by_hand, "By hand")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    (pull,) = await tale.pulls()
    state = await tale.world.github.snapshots.state(pull.number)
    assert [change.path for change in state.changes] == ["hello-tools.yaml", "hello.yaml"]
    assert await tale.check() is ReasonCode.MERGED
    assert await versions(tale) == ["1.1"] * 3


async def test_a_package_bumped_by_hand_meanwhile_recreates_the_proposal(tale: Story) -> None:
    """The open pull request would change one file less than judged: it is taken back first."""
    await found(tale)
    commit = await tale.release("1.1")
    await tale.look()
    (first,) = await tale.pulls()
    by_hand = {"hello-core.yaml": named(spec("1.1", commit), "hello-core").encode()}
    await tale.sandbox.commit_files(NAME, "main", by_hand, "By hand")
    await tale.later(hours=1)
    (second,) = await tale.pulls()
    assert second.number != first.number
    assert await tale.check() is ReasonCode.MERGED
    assert await versions(tale) == ["1.1"] * 3


async def test_a_moved_tag_of_one_package_freezes_all(tale: Story) -> None:
    """The pull request goes, one issue reports it, and the others show what they wait for."""
    await found(tale, own=True)
    await tale.release("1.1")
    await tools(tale, "1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    other = await tale.upstreams.provide_ref(OWN, "refs/tags/v9.9-elsewhere")
    await tale.sandbox.publish_tag("example/tools", "v1.1", commit=other, force=True)
    assert await tale.check() is ReasonCode.WAITS_FOR_GROUP
    assert await tale.pulls() == ()
    told = await reasons(tale)
    assert told["hello-tools"].code is ReasonCode.TAG_MOVED
    assert told["hello"].detail.startswith("hello-tools: tag-moved: ")
    mine = tale.sandbox.hub.state.issues.of(tale.world.watched.id)
    assert [one.title for one in mine if not one.is_pull] == ["hello: upstream tag moved"]
    assert await versions(tale) == ["1.0"] * 3
    tale.sandbox.log.clear()
    assert await tale.later(hours=2) is ReasonCode.WAITS_FOR_GROUP
    assert written(tale) == {}


async def test_a_persons_push_to_the_groups_branch_is_left_alone(tale: Story) -> None:
    """Never merged, never overwritten; the next version is proposed beside it."""
    await found(tale)
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    ann = tale.sandbox.person("ann", "write")
    await ann.push(NAME, pull.branch, {"hello.yaml": b"package:\n  name: hello\n"})
    assert await tale.check() is ReasonCode.UNKNOWN_COMMIT
    assert await codes(tale) == [ReasonCode.UNKNOWN_COMMIT] * 3
    assert await versions(tale) == ["1.0"] * 3
    assert [one.number for one in await tale.pulls()] == [pull.number]


async def test_a_newer_version_supersedes_the_groups_pull_request(tale: Story) -> None:
    """Three packages, a second version: one pull request again, and the old one has a word."""
    await found(tale)
    await tale.release("1.1")
    await tale.look()
    (first,) = await tale.pulls()
    await tale.check("failure")
    await tale.release("1.2")
    assert await tale.later(hours=1) is ReasonCode.CHECKS_PENDING
    (second,) = await tale.pulls()
    assert second.branch == BRANCH.format("1.2")
    assert f"Superseded by #{second.number}" in tale.comments(first.number)[-1]
    assert await tale.world.github.branches.head(first.branch) is None
    assert await tale.check() is ReasonCode.MERGED
    assert await versions(tale) == ["1.2"] * 3


async def test_a_version_that_a_person_closed_is_not_proposed_again(tale: Story) -> None:
    """A no to the group's pull request is a no for all its packages."""
    await found(tale)
    await tale.release("1.1")
    await tale.look()
    (pull,) = await tale.pulls()
    await tale.sandbox.person("ann", "write").close(NAME, pull.number)
    assert await tale.later(hours=1) is ReasonCode.CLOSED_BY_USER
    assert await codes(tale) == [ReasonCode.CLOSED_BY_USER] * 3
    assert await tale.pulls() == ()


async def test_the_strictest_package_decides(tale: Story) -> None:
    """One package's hold, age or missing approval keeps all of them from merging."""
    await found(tale)
    await tale.configure(GROUP + "packages: [{match: hello-core, hold: new ABI}]\n")
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.WAITS_FOR_GROUP
    told = await reasons(tale)
    assert str(told["hello-core"]) == "on-hold: new ABI"
    assert told["hello"].detail == "hello-core: on-hold: new ABI"
    await tale.configure(GROUP + "packages: [{match: hello-core, minimum-release-age: 24h}]\n")
    assert await tale.later(minutes=10) is ReasonCode.CHECKS_PENDING
    assert await tale.check() is ReasonCode.WAITS_FOR_GROUP
    assert (await reasons(tale))["hello-core"].code is ReasonCode.MINIMUM_RELEASE_AGE
    await tale.configure(GROUP + "packages: [{match: hello-core, approval: true}]\n")
    assert await tale.later(hours=2) is ReasonCode.WAITS_FOR_GROUP
    assert (await reasons(tale))["hello-core"].code is ReasonCode.NEEDS_APPROVAL
    (pull,) = await tale.pulls()
    await tale.sandbox.person("ann", "write").review(NAME, pull.number, "APPROVE")
    assert await tale.later(hours=1) is ReasonCode.MERGED
    assert await versions(tale) == ["1.1"] * 3


async def test_a_manual_package_makes_the_group_a_persons(tale: Story) -> None:
    """One issue for all of them, closed when the specs have the version."""
    await found(tale)
    commit = await tale.release("1.0")
    text = named(spec("1.0", commit, "  manual: true\n"), "hello-core")
    files = {"hello-core.yaml": text.encode()}
    await tale.sandbox.commit_files(NAME, "main", files, "A person's")
    commit = await tale.release("1.1")
    assert await tale.look() is ReasonCode.MANUAL
    assert await tale.pulls() == ()
    rows = await tale.store.packages.rows(tale.world.watched.id)
    (issue,) = {row.issue for row in rows}
    assert issue
    files = {f"{name}.yaml": named(spec("1.1", commit), name).encode() for name in NAMES}
    await tale.sandbox.commit_files(NAME, "main", files, "By hand")
    assert await tale.later(hours=1) is ReasonCode.UP_TO_DATE
    rows = await tale.store.packages.rows(tale.world.watched.id)
    assert {row.issue for row in rows} == {None}
    told = tale.sandbox.hub.state.issue(tale.world.watched.id, issue)
    assert told
    assert told.state == "closed"


async def test_packages_that_become_a_group_give_up_what_they_had_alone(tale: Story) -> None:
    """Their own pull requests are closed, and one of the group takes their place."""
    await found(tale, config="minimum-release-age: 0s\n")
    await tale.release("1.1")
    await tale.look()
    assert len(await tale.pulls()) == 3
    await tale.configure(GROUP)
    await tale.later(hours=1)
    assert [pull.branch for pull in await tale.pulls()] == [BRANCH.format("1.1")]
    assert await tale.check() is ReasonCode.MERGED


async def test_packages_that_leave_a_group_continue_alone(tale: Story) -> None:
    """The group's pull request is closed before any of its packages has one of its own."""
    await found(tale)
    await tale.release("1.1")
    await tale.look()
    await tale.configure("minimum-release-age: 0s\n")
    await tale.later(hours=1)
    branches = {pull.branch for pull in await tale.pulls()}
    assert branches == {f"octobot/{name}/1.1" for name in NAMES}
    assert await tale.check() is ReasonCode.MERGED


async def test_a_smaller_group_proposes_again(tale: Story) -> None:
    """One package leaves while the pull request is open: it goes alone, the others together."""
    await found(tale)
    await tale.release("1.1")
    await tale.look()
    await tale.configure(GROUP.replace('"hello*"', "hello, hello-core"))
    await tale.later(hours=1)
    branches = {pull.branch for pull in await tale.pulls()}
    assert branches == {BRANCH.format("1.1"), "octobot/hello-tools/1.1"}
    await tale.check()
    await tale.later(hours=1)
    assert await versions(tale) == ["1.1"] * 3


async def test_a_package_in_two_groups_is_reported_with_the_line(tale: Story) -> None:
    """Neither group moves until the file says which one it is in."""
    await found(tale, config=GROUP + '  - name: tools\n    match: ["*-tools"]\n')
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.WAITS_FOR_GROUP
    told = (await reasons(tale))["hello-tools"]
    assert told.code is ReasonCode.BAD_CONFIG
    assert str(told.where) == ".github/octobot.yaml:5"
    assert await tale.pulls() == ()
    await tale.configure(GROUP)
    assert await tale.later(hours=1) is ReasonCode.CHECKS_PENDING


async def test_a_package_that_is_not_enabled_does_not_hold_the_others(tale: Story) -> None:
    """What is not kept current at all is not a part of the group."""
    await found(tale)
    commit = await tale.release("1.0")
    text = named(spec("1.0", commit), "hello-core").replace("enabled: true", "enabled: false")
    await tale.sandbox.commit_files(NAME, "main", {"hello-core.yaml": text.encode()}, "Off")
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    assert await tale.check() is ReasonCode.MERGED
    assert await versions(tale) == ["1.1", "1.0", "1.1"]
    assert (await reasons(tale))["hello-core"].code is ReasonCode.NOT_ENABLED


async def test_a_persons_hold_of_one_package_holds_the_group(tale: Story) -> None:
    """An order by comment counts like a line of the file: before the proposal, and after it."""
    await found(tale)
    said = Issued(7, "ann", tale.clock())
    await tale.store.orders.order(tale.world.watched.id, "hello-core", Hold("new ABI", None, said))
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.WAITS_FOR_GROUP
    assert str((await reasons(tale))["hello-core"]) == "on-hold: ann: new ABI"
    await tale.store.orders.revoke(tale.world.watched.id, "hello-core", Hold)
    assert await tale.later(hours=1) is ReasonCode.CHECKS_PENDING
    await tale.store.orders.order(tale.world.watched.id, "hello-tools", Hold("not now", None, said))
    assert await tale.check() is ReasonCode.WAITS_FOR_GROUP
    assert (await reasons(tale))["hello-tools"].code is ReasonCode.ON_HOLD
    assert await versions(tale) == ["1.0"] * 3


async def test_a_registry_ahead_of_one_package_holds_the_group(tale: Story) -> None:
    """At rest the package itself shows it; what the others wait for is shown when they do."""
    second_source = "packages: [{match: hello-core, datasource: pypi, identifier: hello}]\n"
    register(tale, ["1.0", "1.1", "1.2"])
    await found(tale, config=GROUP + second_source)
    assert await codes(tale) == [
        ReasonCode.UP_TO_DATE,
        ReasonCode.SECOND_SOURCE_AHEAD,
        ReasonCode.UP_TO_DATE,
    ]
    await tale.release("1.1")
    assert await tale.later(hours=2) is ReasonCode.WAITS_FOR_GROUP
    assert (await reasons(tale))["hello-core"].code is ReasonCode.SECOND_SOURCE_AHEAD
    assert await tale.pulls() == ()
    register(tale, ["1.0", "1.1"])
    assert await tale.later(hours=2) is ReasonCode.CHECKS_PENDING


class Forgetful(Crooked):
    """Trees of a GitHub whose merges leave a file as it was."""

    async def merged(self, commit: Sha) -> MergedTree:
        """Show one path less than was merged."""
        tree = await self._trees.merged(commit)
        return replace(tree, paths=tree.paths[1:])


class Swapping(Crooked):
    """Trees of a GitHub whose merges put another text into a file."""

    async def merged(self, commit: Sha) -> MergedTree:
        """Show the right paths with a wrong blob."""
        tree = await self._trees.merged(commit)
        return replace(tree, paths=(*tree.paths[:-1], (tree.paths[-1][0], Sha("f" * 40))))


@pytest.mark.parametrize("crooked", [Crooked, Forgetful, Swapping])
async def test_a_groups_wrong_merge_stops_the_line(tale: Story, crooked: type[Crooked]) -> None:
    """The audit wants the base's tree with exactly the proposed blobs, all of them."""
    await found(tale)
    straight = tale.world.github
    await tale.release("1.1")
    await tale.look()
    tale.through(replace(straight, trees=cast("Trees", crooked(straight.trees))))
    await tale.check()
    tale.through(straight)
    assert await tale.store.repositories.merging_halted(tale.world.watched.id)
    await tale.release("1.2")
    await tale.later(hours=1)
    assert await tale.check() is ReasonCode.MERGING_HALTED
    assert await versions(tale) == ["1.1"] * 3
