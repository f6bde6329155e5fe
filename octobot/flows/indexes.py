"""What is remembered of the indexes of built packages, and the client that fetches them.

It is in memory only: a restart fetches them again.  What was believed is in the store.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from octobot.model.config import IndexRules
from octobot.model.ids import RepositoryId
from octobot.specs.graph.index import Index
from octobot.upstream.client import Client


@dataclass(frozen=True, slots=True)
class Fetched:
    """One architecture's index, as it was fetched last."""

    index: Index
    etag: str
    """Empty: the server names no version of it."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at one address found."""

    at: datetime
    rules: IndexRules
    """The keys that it was read with."""
    fetched: Fetched | None
    """None: it was never fetched."""
    problem: str
    """Why it cannot be used now; empty: it can."""


@dataclass(slots=True)
class Indexes:
    """The last look at each index; one for the whole process."""

    client: Client | None = None
    """None: nothing can be fetched."""
    last: dict[tuple[RepositoryId, str], Looked] = field(default_factory=dict)
    joined: dict[RepositoryId, tuple[tuple[Index, ...], Index]] = field(default_factory=dict)
    """The indexes of all architectures, and what they are together."""
    reading: dict[RepositoryId, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )
    """One at a time reads them, and the others wait for what it finds."""
