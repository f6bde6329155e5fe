"""The distro's graph as the default branch has it: read once, and then only what changed."""

import asyncio
from collections import Counter
from collections.abc import Mapping

from octobot.flows.graphs import DistroAt
from octobot.flows.plan.graph import known_for, plan_at, read_distro_at_head
from octobot.model.config import Config, RebuildRules, Toolchain
from octobot.model.orders import Hold, Issued
from octobot.model.rebuild import Trigger, TriggerKind
from tests.specs.graph.small_distro import builds_with, makes, spec
from tests.stories.story import NAME, Story

PLAIN = Config()
GO = Trigger(TriggerKind.PACKAGE, "go")
BUILD = "pipeline:\n  - uses: go/build\n"
PIPELINES = {"pipelines/go/build.yaml": b"needs:\n  packages:\n    - go\n"}


async def found(tale: Story, specs: Mapping[str, str], **other: bytes) -> None:
    """Put specs by name, and pipelines, into the distro."""
    files = {f"{name}.yaml": text.encode() for name, text in specs.items()}
    await tale.sandbox.commit_files(NAME, "main", {**files, **PIPELINES, **other}, "Specs")


async def toolchain(tale: Story) -> None:
    """Put a toolchain with three users into the distro, one of which needs another."""
    await found(
        tale,
        {
            "go": spec("go", makes("go-doc")),
            "app": spec("app", BUILD + builds_with("lib")),
            "lib": spec("lib", BUILD),
            "held": spec("held", builds_with("go")),
        },
    )


async def levels(tale: Story, at: DistroAt, config: Config = PLAIN) -> list[list[str]]:
    """Plan the toolchain's rebuild."""
    known = await known_for(tale.world, config, at)
    return [[each.spec for each in level] for level in plan_at(at, GO, known).plan.levels]


async def test_a_plan_has_the_repositorys_own_pipelines(tale: Story) -> None:
    """Specs and pipelines come from one commit of the default branch."""
    await toolchain(tale)
    at = await read_distro_at_head(tale.world)
    assert at.commit == await tale.world.github.branches.head("main")
    assert await levels(tale, at) == [["held", "lib"], ["app"]]
    assert (at.distro.unreadable, at.distro.unknown_pipelines) == ({}, {})


async def test_only_what_changed_is_parsed_and_fetched(tale: Story) -> None:
    """A commit with one spec parses one; no commit at all asks for nothing but the branch."""
    await toolchain(tale)
    first = await read_distro_at_head(tale.world)
    tale.sandbox.log.clear()
    assert (await read_distro_at_head(tale.world)).distro is first.distro
    assert [one.path.rsplit("/", 2)[-2:] for one in tale.sandbox.log] == [["branches", "main"]]
    await found(tale, {"lib": spec("lib", BUILD, version="2.0")})
    tale.sandbox.log.clear()
    then = await read_distro_at_head(tale.world)
    new = [path for (path, _), each in then.needs.items() if each not in first.needs.values()]
    kept = [key for key, each in then.needs.items() if first.needs.get(key) is each]
    assert (new, len(kept)) == (["lib.yaml"], 4)
    asked = Counter(one.path.rpartition("/")[2] for one in tale.sandbox.log)
    assert (asked["main"], asked["graphql"], asked.total()) == (1, 1, 3)


async def test_texts_come_from_the_store(tale: Story) -> None:
    """What a pass read is not fetched again, by a process that was started anew either."""
    await toolchain(tale)
    await tale.look()
    await read_distro_at_head(tale.world)
    tale.world.graphs.last.clear()
    tale.sandbox.log.clear()
    await read_distro_at_head(tale.world)
    assert [one.path for one in tale.sandbox.log if one.path.endswith("graphql")] == []


async def test_a_changed_pipeline_parses_all(tale: Story) -> None:
    """What a pipeline needs is part of every spec that uses it; without the folder, none has it."""
    await toolchain(tale)
    await read_distro_at_head(tale.world)
    await found(tale, {}, **{"pipelines/go/build.yaml": b"needs:\n  packages:\n    - lib\n"})
    at = await read_distro_at_head(tale.world)
    assert at.distro.graph.build["app"] == {"lib"}
    assert await levels(tale, at) == [["held"]]


async def test_many_who_ask_read_it_once(tale: Story) -> None:
    """The lanes that follow a merge share one reading."""
    await toolchain(tale)
    every = await asyncio.gather(*(read_distro_at_head(tale.world) for _ in range(5)))
    assert len({id(each.distro) for each in every}) == 1


async def test_holds_and_toolchains_are_respected(tale: Story) -> None:
    """Holds of people and of the file skip a spec; the file says whose users are rebuilt."""
    await toolchain(tale)
    at = await read_distro_at_head(tale.world)
    hold = Hold("broken", None, Issued(7, "ann", tale.clock()))
    await tale.store.orders.order(tale.world.watched.id, "held", hold)
    assert await levels(tale, at) == [["lib"], ["app"]]
    config = Config(rebuild=RebuildRules(toolchains=(Toolchain("go", ("go-doc",)),)))
    assert await levels(tale, at, config) == []


async def test_unreadable_specs_are_named(tale: Story) -> None:
    """One that may be on the plan is said to; a pipeline without sense leaves its users out."""
    await toolchain(tale)
    bad = "environment:\n  contents:\n    packages: [go]\n"
    odd = {"nul.yaml": b"a\0b", "pipelines/odd.yaml": b"a: 1\n"}
    await found(tale, {"bad": bad, "far": "a: 1\n"}, **odd)
    for _ in range(2):
        at = await read_distro_at_head(tale.world)
        assert sorted(at.distro.unreadable) == [
            "bad.yaml",
            "far.yaml",
            "nul.yaml",
            "pipelines/odd.yaml",
        ]
        known = await known_for(tale.world, Config(), at)
        assert plan_at(at, GO, known).missing == ("bad.yaml", "nul.yaml")
        await found(tale, {"another": spec("another")})
