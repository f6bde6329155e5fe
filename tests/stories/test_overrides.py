"""A raised dependency outlives a new version whose `go.mod` builds it from elsewhere."""

from datetime import UTC, datetime

import pytest

from octobot.model.reasons import ReasonCode
from octobot.sandbox.upstreams.git import Commit
from tests.stories.story import HELLO, NAME, Story, spec

M = "example.com/m"
STEP = f"""
  - uses: go/bump
    with:
      deps: |-
        {M}@v1.5.3
        example.com/n@v1.0.0
"""
AT = datetime(2026, 1, 1, tzinfo=UTC)


async def released(tale: Story, go_mod: str) -> ReasonCode:
    """Publish 1.1 with this `go.mod` where hello 1.0 raises two modules; return what is said."""
    tale.pardoned = frozenset({"S3"})  # a bump that drops an entry changes more than pins
    await tale.look()
    text = spec("1.0", await tale.release("1.0")).replace("\n\nupdate:", f"\n{STEP}\nupdate:")
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": text.encode()}, "Raise two")
    head = f"module example.com/hello\n\nrequire (\n\t{M} v1.5.3\n\texample.com/n v1.0.0\n)\n"
    files = {"go.mod": (head + go_mod).encode()}
    await tale.upstreams.write(HELLO, [Commit("Release", AT, files, tags=("v1.1",))])
    await tale.look()
    return await tale.check()


@pytest.mark.parametrize(
    "go_mod",
    [
        f"replace {M} => example.com/fork v2.0.0+incompatible\n",
        f"replace {M} v1.5.3 => ./third_party/m\n",
        f"replace (\n\t{M} =>../m\n)\n",
    ],
)
async def test_a_fork_or_a_folder_keeps_the_entry(tale: Story, go_mod: str) -> None:
    """Nobody knows what a fork has; what upstream asks for by itself goes as before."""
    assert await released(tale, go_mod) is ReasonCode.MERGED
    assert f"{M}@v1.5.3" in await tale.spec()
    assert "example.com/n" not in await tale.spec()


async def test_another_version_of_itself_makes_the_entry_needless(tale: Story) -> None:
    """A replacement by a version of the same module says what is built of it."""
    assert await released(tale, f"replace {M} => {M} v1.5.4\n") is ReasonCode.MERGED
    assert "go/bump" not in await tale.spec()


async def test_where_two_readers_disagree_a_person_looks(tale: Story) -> None:
    """One reader dropped the entry; the gate has another one, which does not know."""
    assert await released(tale, f"require {M} v1.5.4\n") is ReasonCode.OVERRIDE_DROPPED
    assert f"{M}@v1.5.3" in await tale.spec()
    (pull,) = await tale.pulls()
    ann = tale.sandbox.person("ann", "write", on=NAME)
    await ann.approve(NAME, pull.number)
    assert await tale.later(hours=2) is ReasonCode.MERGED
