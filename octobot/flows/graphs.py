"""What is remembered of each repository's distro: its graph, and every spec and pipeline in it.

It is in memory only: a restart reads the specs again, from the store.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from octobot.model.ids import RepositoryId, Sha
from octobot.model.reasons import Reason
from octobot.specs.graph.distro import Distro, OwnPipelines
from octobot.specs.graph.needs import Needs


@dataclass(frozen=True, slots=True)
class DistroAt:
    """The distro of a repository at one commit of its default branch."""

    commit: Sha
    tree: Sha
    """The commit's root tree: what has the same tree has the same graph."""
    distro: Distro
    blobs: Mapping[str, Sha]
    """Path of each spec → its blob."""
    unreadable: Mapping[str, str | None]
    """The texts of the specs and pipelines that are left out; None: it could not be fetched."""
    folder: Sha | None
    """The tree of the repository's own pipelines."""
    own: OwnPipelines
    needs: Mapping[tuple[str, Sha], Needs | Reason]
    """Path and blob of a spec → what was read of it with these pipelines."""


@dataclass(slots=True)
class Graphs:
    """The last distro of each repository; one for the whole process."""

    last: dict[RepositoryId, DistroAt] = field(default_factory=dict)
    reading: dict[RepositoryId, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )
    """One at a time reads a distro, and the others wait for what it finds."""
