"""`Store`: the query functions of all nouns over one database, in the words of the stories.

Each method borrows a connection for one call.  Every method may raise `TryLater` when PostgreSQL
is away.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Self

from octobot.model.ids import Key, RepositoryId, Sha
from octobot.model.memory import Due, Looked, Memo, Remembered, Row, Sighting
from octobot.model.package import Upstream
from octobot.model.reasons import Reason
from octobot.model.release import Release
from octobot.store import packages, specs, upstream_cache
from octobot.store import schedule as looks
from octobot.store import sightings as observations
from octobot.store.config_files import Configs
from octobot.store.deliveries import Deliveries
from octobot.store.engine.database import PATIENCE, Database
from octobot.store.identities import Gate
from octobot.store.ledger import Ledger
from octobot.store.orders import Steerings
from octobot.store.posted import Posted
from octobot.store.questions import Advice
from octobot.store.repositories import Repositories
from octobot.store.suggestions import Suggestions


class Store(Advice, Configs, Gate, Ledger, Posted, Repositories, Steerings, Suggestions):
    """What octobot remembers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.deliveries = Deliveries(database)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, connections: int = 6, patience: float = PATIENCE
    ) -> AsyncIterator[Self]:
        """Migrate and connect; see `Database.open`."""
        async with Database.open(url, connections=connections, patience=patience) as database:
            yield cls(database)

    async def ready(self) -> bool:
        """Say whether PostgreSQL answers and has exactly the code's schema."""
        return await self._database.ready()

    # specs and packages

    async def blobs(self, repository: RepositoryId) -> Mapping[str, Sha]:
        """Give path → blob id of the specs known."""
        async with self._database.connection() as connection:
            return await specs.blobs(connection, repository)

    async def put_specs(
        self, repository: RepositoryId, changed: Mapping[str, tuple[Sha, str]], gone: Sequence[str]
    ) -> None:
        """Take over specs: path → (blob id, text); what changed is due at once."""
        async with self._database.connection() as connection:
            await specs.put(connection, repository, changed, gone)

    async def due_looks(
        self, repository: RepositoryId, *, far: bool, now: datetime, limit: int
    ) -> tuple[Due, ...]:
        """Take the packages whose upstream should be asked, longest due first."""
        async with self._database.connection() as connection:
            return await looks.due(connection, repository, far=far, now=now, limit=limit)

    async def take_back_looks(self) -> int:
        """Make looks due again that a process that died had at hand; gives their number."""
        async with self._database.connection() as connection:
            return await looks.take_back(connection)

    async def record_looks(
        self, repository: RepositoryId, looked: Sequence[Looked]
    ) -> AbstractSet[Key]:
        """Record looks; gives the packages whose target or reason differ from before."""
        async with self._database.connection() as connection:
            return await looks.record(connection, repository, looked)

    async def unchanged(self, keys: Sequence[Key], *, now: datetime, at_least: timedelta) -> None:
        """Put packages off by their own pause, or a longer one: nothing changed upstream."""
        async with self._database.connection() as connection:
            await looks.unchanged(connection, keys, now=now, at_least=at_least)

    async def put_off(self, keys: Sequence[Key], *, until: datetime, far: bool) -> None:
        """Look at packages later, concluding nothing."""
        async with self._database.connection() as connection:
            await looks.put_off(connection, keys, until=until, far=far)

    async def look_now(self, key: Key) -> bool:
        """Make a package the first to be looked at; False when it is unknown."""
        async with self._database.connection() as connection:
            return await looks.look_now(connection, key)

    async def look_now_at(self, identifiers: Sequence[str]) -> int:
        """Make the packages that follow these upstreams the first; gives their number."""
        async with self._database.connection() as connection:
            return await looks.look_now_at(connection, identifiers)

    async def population(self) -> int:
        """Count the upstreams on GitHub that all watched repositories follow together."""
        async with self._database.connection() as connection:
            return await looks.population(connection)

    # what upstreams showed

    async def remembered(self, upstreams: Sequence[Upstream]) -> Mapping[Upstream, Remembered]:
        """Give what is remembered of those upstreams that were looked at before."""
        async with self._database.connection() as connection:
            return await upstream_cache.remembered(connection, upstreams)

    async def recall(self, upstreams: Sequence[Upstream]) -> Mapping[Upstream, tuple[Release, ...]]:
        """Give all releases that those upstreams showed at the last look."""
        async with self._database.connection() as connection:
            return await upstream_cache.recall(connection, upstreams)

    async def remember(self, memos: Mapping[Upstream, Memo], *, now: datetime) -> None:
        """Remember what upstreams showed, in place of what they showed before."""
        async with self._database.connection() as connection:
            await upstream_cache.remember(connection, memos, now=now)

    async def asked(self, upstreams: Sequence[Upstream], *, now: datetime) -> None:
        """Note that upstreams were asked, and showed what they had shown."""
        async with self._database.connection() as connection:
            await upstream_cache.asked(connection, upstreams, now=now)

    async def forget_shown(self, *, before: datetime) -> int:
        """Forget upstreams that nobody asked since then; gives their number."""
        async with self._database.connection() as connection:
            return await upstream_cache.forget(connection, before=before)

    # work on packages

    async def begin(self, key: Key, *, now: datetime) -> Row | None:
        """Start work on a package: next generation, and due again with back-off if we die."""
        async with self._database.connection() as connection:
            return await packages.begin(connection, key, now=now)

    async def record(
        self,
        key: Key,
        *,
        generation: int,
        reason: Reason,
        due: datetime | None,
        issue: int | None,
    ) -> None:
        """Finish work on a package; `due` None means: when a look or a hint brings it back."""
        async with self._database.connection() as connection:
            await packages.record(
                connection, key, generation=generation, reason=reason, due=due, issue=issue
            )

    async def row(self, key: Key) -> Row | None:
        """Read one package."""
        async with self._database.connection() as connection:
            return await packages.row(connection, key)

    async def rows(self, repository: RepositoryId) -> tuple[Row, ...]:
        """Read all packages of a repository, by name."""
        async with self._database.connection() as connection:
            return await packages.rows(connection, repository)

    async def some_rows(self, repository: RepositoryId, names: Sequence[str]) -> tuple[Row, ...]:
        """Read the packages of these names, by name."""
        async with self._database.connection() as connection:
            return await packages.some(connection, repository, names)

    async def find(self, name: str) -> tuple[Row, ...]:
        """Read the packages of this name in all repositories."""
        async with self._database.connection() as connection:
            return await packages.find(connection, name)

    async def due(self, now: datetime, limit: int) -> tuple[Key, ...]:
        """Take the packages of watched repositories that the sweep should hint."""
        async with self._database.connection() as connection:
            return await packages.due(connection, now=now, limit=limit)

    # observations

    async def observe(
        self, seen: Mapping[Upstream, Sequence[Release]], *, now: datetime
    ) -> Mapping[Upstream, tuple[Sighting, ...]]:
        """Record that names were seen; the first sighting's commit and time never change."""
        async with self._database.connection() as connection:
            return await observations.observe(connection, seen, now=now)

    async def first_seen(
        self, upstreams: Sequence[Upstream]
    ) -> Mapping[Upstream, tuple[datetime, ...]]:
        """Give when names of each upstream were seen first, newest first, each moment once."""
        async with self._database.connection() as connection:
            return await observations.first_seen(connection, upstreams)

    async def sighting(self, upstream: Upstream, name: str) -> Sighting | None:
        """Read what was seen of a name."""
        async with self._database.connection() as connection:
            return await observations.sighting(connection, upstream, name)

    async def sightings(self, upstream: Upstream, *, limit: int = 20) -> tuple[Sighting, ...]:
        """Read what was seen of an upstream, newest first."""
        async with self._database.connection() as connection:
            return await observations.sightings(connection, upstream, limit=limit)
