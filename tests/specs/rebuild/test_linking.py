"""A model of linking: a made-up distro whose built packages are linked as its specs do not say.

Some build with a `-dev` package for its tool alone, some are linked with what another one
brings in; the index that the model writes is read like a real one.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from octobot.specs.graph.apkindex import Keys, read_index
from octobot.specs.graph.distro import Distro
from octobot.specs.rebuild.plan import plan, read_trigger
from octobot.specs.rebuild.triggers.selection import NOTHING_KNOWN, Known
from tests.specs.graph.apkindexes import NAME, entry, key, packed, signed
from tests.specs.graph.small_distro import builds_with, distro, makes, spec

LIBRARIES = 12
USERS = 150


@dataclass(frozen=True)
class World:
    """A distro, and what its packages are linked with."""

    distro: Distro
    linked: Mapping[str, frozenset[int]]
    known: Known


def world(seed: int) -> World:
    """Make a distro of libraries and users, build it, and publish it."""
    dice = random.Random(seed)  # noqa: S311  (a made-up distro)
    specs, entries, linked = {}, [], {}
    for number in range(LIBRARIES):
        name = f"lib{number}"
        specs[name] = spec(name, makes(f"{name}-dev", f"{name}-libs"))
        entries.append(entry(f"{name}-libs", o=name, p=f"so:{name}.so.1=1 so:{name}-extra.so.1=1"))
        entries.append(entry(f"{name}-dev", o=name, D=f"{name}-libs", p=f"pc:{name}=1"))
    for number in range(USERS):
        name = f"user{number}"
        named = dice.sample(range(LIBRARIES), dice.randint(0, 4))
        # A fifth of what is named is used for its tool; a tenth is linked without being named.
        links = {each for each in named if dice.random() < 0.8}
        links |= {each for each in range(LIBRARIES) if dice.random() < 0.1 / LIBRARIES}
        linked[name] = frozenset(links)
        specs[name] = spec(name, builds_with("base", *(f"lib{each}-dev" for each in named)))
        sonames = [f"so:lib{each}{dice.choice(('', '-extra'))}.so.1" for each in sorted(links)]
        parts = [[], sonames] if dice.random() < 0.5 else [sonames]
        for position, part in enumerate(parts):
            package = f"{name}-part{position}" if position else name
            entries.append(entry(package, o=name, D=" ".join(("so:libc.so.6", *part))))
    data = signed(packed("\n".join(entries)))
    index = read_index([data], Keys({NAME: key(0).public_key()}))
    return World(distro(specs), linked, Known(index=index))


def hits(made: World, known: Known) -> tuple[int, int, int]:
    """Plan every library; return how many are right, on a plan, and had to be."""
    right = on_plan = wanted = 0
    for number in range(LIBRARIES):
        graph = made.distro.graph
        names = plan(graph, read_trigger(f"lib{number}", graph), known).specs.keys()
        truth = {name for name, links in made.linked.items() if number in links}
        right, on_plan = right + len(names & truth), on_plan + len(names)
        wanted += len(truth)
    return right, on_plan, wanted


def test_with_an_index_a_plan_is_exactly_what_is_linked() -> None:
    """From specs alone, a fifth is too much and a little is missing."""
    for seed in range(3):
        made = world(seed)
        right, on_plan, wanted = hits(made, made.known)
        assert right == on_plan == wanted > USERS
        right, on_plan, wanted = hits(made, NOTHING_KNOWN)
        assert 0.7 < right / on_plan < 0.9
        assert 0.9 < right / wanted < 1
