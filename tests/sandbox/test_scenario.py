"""The sample distro and its scenario: consistent at the beginning, and the story that it covers."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from octobot.model.reasons import ReasonCode
from octobot.sandbox.ci import ci
from octobot.sandbox.server import Sandbox
from octobot.sandbox.upstreams import git
from octobot.sandbox.upstreams.scenario import Scenario, Step
from octobot.sandbox.upstreams.upstreams import Upstreams

FIXTURES = Path(__file__).parents[2] / "fixtures"
AT = datetime(2026, 1, 2, tzinfo=UTC)
MARROW = "https://github.com/marrow-sh/marrow"


@pytest.fixture
def scenario() -> Scenario:
    """Read the scenario of the sample distro."""
    return Scenario.load(FIXTURES / "world.yaml")


@pytest.fixture
async def upstreams(tmp_path: Path) -> AsyncIterator[Upstreams]:
    """Open upstreams on a sandbox of their own."""
    async with Sandbox(tmp_path / "github") as sandbox:
        yield Upstreams(sandbox, tmp_path / "upstreams")


async def at_once(step: Step) -> None:
    """Wait for nothing."""


async def ref(upstreams: Upstreams, url: str, name: str) -> str | None:
    """Read a ref of an upstream."""
    source = upstreams.locate(url)
    assert source is not None
    return await git.resolve(source.git_dir, name)


async def test_every_pin_of_the_distro_is_true(
    scenario: Scenario, upstreams: Upstreams, tmp_path: Path
) -> None:
    """The CI finds every commit, every digest and every patch of every spec as it should be."""
    await scenario.build(upstreams)
    distro = tmp_path / "distro.git"
    await git.create(distro)
    await git.write(
        distro, [git.Commit("Nothing", AT, {}), git.Commit("All", AT, scenario.distro_files())]
    )
    commits = [await git.resolve(distro, name) for name in ("main", "main~1")]
    head = ci.Head(distro, str(commits[0]), str(commits[1]))
    result = await ci.examine("build", head, upstreams=upstreams, clock=lambda: AT)
    assert result.conclusion == "success", result.log
    assert result.log.count("##[group]Run melange build ") == len(scenario.expectations)
    assert "skipped" not in result.log


async def test_commits_are_the_same_on_every_machine(
    scenario: Scenario, upstreams: Upstreams
) -> None:
    """A commit id is a function of the scenario's text alone."""
    await scenario.build(upstreams)
    commit = await ref(upstreams, MARROW, "refs/tags/v4.1.0")
    assert commit == "ef9b0e5671f1393ca4c46f84b3d8f79fa5522904"


async def test_all_news_is_published_once_only(scenario: Scenario, upstreams: Upstreams) -> None:
    """A restart in the middle publishes the rest; what was out stays as it was."""
    await scenario.build(upstreams)
    for step in scenario.news[:3]:
        await scenario.publish(step, upstreams)
    first = await ref(upstreams, MARROW, "refs/tags/v4.2.0")
    await scenario.build(upstreams)
    titles = [step.title async for step in scenario.publish_news(upstreams, at_once)]
    assert titles == [step.title for step in scenario.news]
    moved = await ref(upstreams, MARROW, "refs/tags/v4.2.0")
    assert moved not in {None, first}
    async for _ in scenario.publish_news(upstreams, at_once):
        pass
    assert await ref(upstreams, MARROW, "refs/tags/v4.2.0") == moved


async def test_a_step_waits_for_its_conditions(scenario: Scenario, upstreams: Upstreams) -> None:
    """The tag moves only after the bot has seen it where it was first; a restart asks no more."""
    await scenario.build(upstreams)
    waited: list[tuple[str, ReasonCode]] = []

    async def ready(step: Step) -> None:
        waited.extend((one.package, one.code) for one in step.after)

    for _ in range(2):
        async for _step in scenario.publish_news(upstreams, ready):
            pass
    assert waited == [("marrow", ReasonCode.MINIMUM_RELEASE_AGE)]


def test_each_spec_has_an_end_and_each_end_a_spec(scenario: Scenario) -> None:
    """Nothing of the distro is left without an expectation."""
    specs = {path.removesuffix(".yaml") for path in scenario.distro_files() if "/" not in path}
    assert specs - {"README.md"} == {one.package for one in scenario.expectations}


def test_the_story_has_all_its_ends(scenario: Scenario) -> None:
    """Enough merges, and one of each other end that the demo promises."""
    ends = Counter(one.code for one in scenario.expectations)
    assert ends[ReasonCode.MERGED] >= 8
    for code in (
        ReasonCode.CHECKS_FAILED,
        ReasonCode.MINIMUM_RELEASE_AGE,
        ReasonCode.TAG_MOVED,
        ReasonCode.MANUAL,
        ReasonCode.UP_TO_DATE,
        ReasonCode.NOT_ENABLED,
        ReasonCode.ON_HOLD,
        ReasonCode.NO_CANDIDATE,
    ):
        assert ends[code] == 1
    assert all((one.version is None) == (one.code is not ReasonCode.MERGED)
               for one in scenario.expectations)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("repositries: {}", "unknown keys"),
        ("news: {}", "not a list"),
        ("expectations: {x: {code: splendid}}", "splendid"),
    ],
)
def test_a_wrong_world_is_refused(tmp_path: Path, text: str, because: str) -> None:
    """A slip in the data is said, not guessed around."""
    path = tmp_path / "world.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=because):
        Scenario.load(path)
