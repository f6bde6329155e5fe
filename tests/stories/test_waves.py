"""Waves: what is built with a toolchain is rebuilt behind its merge, level by level."""

from collections.abc import Mapping

from octobot.model.wave import Wave
from octobot.store.packages import AT_ONCE
from tests.specs.graph.small_distro import builds_with, makes, spec
from tests.stories.story import NAME, Story
from tests.stories.test_commands import ann

ENABLED = "minimum-release-age: 0s\nrebuild: {enabled: true}\n"
TOOL = makes("tool-dev") + "update:\n  enabled: true\n  shared: true\n"
USERS = {
    "base": spec("base", builds_with("tool-dev")),
    "left": spec("left", builds_with("tool-dev", "base")),
    "right": spec("right", builds_with("tool-dev")),
    "apart": spec("apart", builds_with("base")),
}


async def put(tale: Story, specs: Mapping[str, str]) -> None:
    """Let a person push specs, and octobot look."""
    files = {f"{name}.yaml": text.encode() for name, text in specs.items()}
    await tale.sandbox.commit_files(NAME, "main", files, "By a person")
    await tale.look()


async def landed(tale: Story, config: str = ENABLED, version: str = "2.0") -> None:
    """Let a new version of the tool land on the default branch of a distro that octobot knows."""
    await tale.configure(config)
    await put(tale, {"tool": spec("tool", TOOL), **USERS})
    await put(tale, {"tool": spec("tool", TOOL, version=version)})


async def opened(tale: Story) -> list[str]:
    """List the branches of octobot's open pull requests."""
    return sorted(pull.branch for pull in await tale.pulls())


async def waves(tale: Story) -> tuple[Wave, ...]:
    """Return every wave."""
    return await tale.store.waves.recent(tale.world.watched.id, since=AT_ONCE)


def tracking(tale: Story) -> list[tuple[str, str]]:
    """Read title and text of the tracking issues."""
    issues = tale.sandbox.hub.state.issues.of(tale.world.watched.id)
    return [
        (one.title, one.body or "") for one in issues if one.title.startswith("Rebuilds behind")
    ]


async def test_users_are_rebuilt_level_by_level(tale: Story) -> None:
    """The second level opens when the first is merged; what only uses a user stays as it is."""
    await landed(tale)
    assert await opened(tale) == ["octobot/base/1.0-r1", "octobot/right/1.0-r1"]
    await tale.check()
    await tale.later(minutes=11)
    assert await opened(tale) == ["octobot/left/1.0-r1"]
    await tale.check()
    await tale.later(minutes=11)
    assert await opened(tale) == []
    (wave,) = await waves(tale)
    assert (wave.state, sorted(wave.specs)) == ("done", ["base", "left", "right"])


async def text_of(tale: Story, name: str) -> str:
    """Read a spec as the default branch has it."""
    found = await tale.sandbox.hub.git(tale.sandbox.repository(NAME)).read(f"main:{name}.yaml")
    assert found
    return found[2].decode()


async def checked(tale: Story, *failing: str) -> None:
    """Let every open build end, some of them badly, and octobot look twice."""
    for pull in await tale.pulls():
        red = pull.branch.split("/")[1] in failing
        tale.sandbox.post_check_run(
            NAME, pull.head, "build", conclusion="failure" if red else "success"
        )
    await tale.later(minutes=11)
    await tale.later(minutes=11)


async def test_what_failed_holds_back_only_what_is_built_with_it(tale: Story) -> None:
    """The others continue, and the tracking issue says which one failed."""
    await landed(tale)
    await checked(tale, "right")
    assert await opened(tale) == ["octobot/left/1.0-r1", "octobot/right/1.0-r1"]
    await checked(tale, "right")
    ((title, text),) = tracking(tale)
    assert title == "Rebuilds behind tool 2.0"
    assert "**2 of 3** rebuilds behind `tool 2.0` are merged" in text
    assert "| `right` | failed: #" in text
    (wave,) = await waves(tale)
    assert wave.state == "open"


async def test_what_is_built_with_a_failed_one_waits(tale: Story) -> None:
    """Its own rebuild would be built with the old one."""
    await landed(tale)
    await checked(tale, "base")
    assert await opened(tale) == ["octobot/base/1.0-r1"]


async def test_a_third_of_a_level_that_fails_stops_the_wave(tale: Story) -> None:
    """One cause behind many failures is not cured by more builds; what is open is closed."""
    await tale.configure(ENABLED)
    users = [f"u{n}" for n in range(9)]
    specs = {name: spec(name, builds_with("tool-dev")) for name in users}
    await put(tale, {"tool": spec("tool", TOOL), **specs})
    await put(tale, {"tool": spec("tool", TOOL, version="2.0")})
    await checked(tale, *users[:4])
    (wave,) = await waves(tale)
    assert (wave.state, wave.because) == ("stopped", "4 of 9 rebuilds of level 1 failed")
    await tale.later(minutes=11)
    assert await opened(tale) == []
    ((_, text),) = tracking(tale)
    assert "octobot **stopped** it, because 4 of 9 rebuilds of level 1 failed" in text


async def test_a_trigger_that_is_reverted_stops_its_wave(tale: Story) -> None:
    """What is open is closed, and the same version opens no second wave."""
    await landed(tale)
    await put(tale, {"tool": spec("tool", TOOL)})
    await tale.later(minutes=11)
    assert await opened(tale) == []
    (wave,) = await waves(tale)
    assert (wave.state, wave.because) == ("stopped", "tool went back to 1.0")
    await put(tale, {"tool": spec("tool", TOOL, version="2.0")})
    assert (await opened(tale), len(await waves(tale))) == ([], 1)


async def test_whoever_raised_a_spec_rebuilt_it(tale: Story) -> None:
    """A person's epoch counts as the rebuild: what waited for it alone can begin."""
    await landed(tale)
    await put(tale, {"base": spec("base", builds_with("tool-dev"), epoch="7")})
    await tale.later(minutes=11)
    assert "epoch: 7" in await text_of(tale, "base")
    assert await opened(tale) == ["octobot/left/1.0-r1", "octobot/right/1.0-r1"]


async def test_two_triggers_raise_a_spec_once(tale: Story) -> None:
    """A second version that lands before the first wave is through joins it."""
    await landed(tale)
    await put(tale, {"tool": spec("tool", TOOL, version="2.1")})
    assert len(await waves(tale)) == 2
    for _ in range(4):
        await checked(tale)
    assert {one.state for one in await waves(tale)} == {"done"}
    for name in ("base", "left", "right"):
        assert "epoch: 1" in await text_of(tale, name)


async def test_nothing_is_opened_unless_the_file_says_so(tale: Story) -> None:
    """And at the first sight of a trigger nobody knows what was built before."""
    await landed(tale, config="minimum-release-age: 0s\n")
    assert (await opened(tale), await waves(tale)) == ([], ())
    await tale.configure(ENABLED)
    await tale.later(minutes=11)
    assert (await opened(tale), await waves(tale)) == ([], ())


async def test_a_person_who_closes_a_rebuild_means_it(tale: Story) -> None:
    """It is not opened again, and the wave continues without it."""
    await landed(tale)
    (pull,) = [one for one in await tale.pulls() if one.branch == "octobot/right/1.0-r1"]
    await ann(tale).close(NAME, pull.number)
    await checked(tale)
    await checked(tale)
    (wave,) = await waves(tale)
    assert (wave.state, await opened(tale)) == ("done", [])
    assert "epoch: 0" in await text_of(tale, "right")


async def test_a_held_wave_opens_nothing_more(tale: Story) -> None:
    """What is open goes on; the next level waits until it may continue."""
    await landed(tale)
    (wave,) = await waves(tale)
    here = tale.world.watched.id
    await tale.store.waves.set_state(here, wave.id, "held", "ann")
    await checked(tale)
    assert await opened(tale) == []
    await tale.store.waves.set_state(here, wave.id, "open")
    await tale.later(minutes=11)
    assert await opened(tale) == ["octobot/left/1.0-r1"]
