"""`Store`: the tables of octobot by noun, each with its queries, over one database.

Each query borrows a connection for one call, and may raise `TryLater` when PostgreSQL is away.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from octobot.store.checked_pins import CheckedPins
from octobot.store.comments import Audit, Comments
from octobot.store.deliveries import Deliveries, Redeliveries
from octobot.store.engine.database import PATIENCE, Database
from octobot.store.ledger import Ledger
from octobot.store.merge_line import MergeLine
from octobot.store.merge_tries import MergeTries
from octobot.store.missing_versions import MissingVersions
from octobot.store.orders import Orders
from octobot.store.packages import Packages
from octobot.store.posted import Posted
from octobot.store.questions import Questions
from octobot.store.rate_limits import RateLimits
from octobot.store.rebuilds.asked import AskedRebuilds
from octobot.store.rebuilds.indexes import PackageIndexes
from octobot.store.rebuilds.waves import Waves
from octobot.store.repositories import ConfigFiles, Repositories
from octobot.store.schedule import Schedule
from octobot.store.sightings import Identities, Sightings
from octobot.store.specs import Specs
from octobot.store.stuck import StuckPackages
from octobot.store.suggestions import Suggestions
from octobot.store.upstream_cache import UpstreamCache
from octobot.store.votes import Votes


class Store:
    """What octobot remembers."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.asked_rebuilds = AskedRebuilds(database)
        self.audit = Audit(database)
        self.checked_pins = CheckedPins(database)
        self.comments = Comments(database)
        self.config_files = ConfigFiles(database)
        self.deliveries = Deliveries(database)
        self.identities = Identities(database)
        self.ledger = Ledger(database)
        self.merge_line = MergeLine(database)
        self.merge_tries = MergeTries(database)
        self.missing_versions = MissingVersions(database)
        self.orders = Orders(database)
        self.package_indexes = PackageIndexes(database)
        self.packages = Packages(database)
        self.posted = Posted(database)
        self.questions = Questions(database)
        self.rate_limits = RateLimits(database)
        self.redeliveries = Redeliveries(database)
        self.repositories = Repositories(database)
        self.schedule = Schedule(database)
        self.sightings = Sightings(database)
        self.specs = Specs(database)
        self.stuck = StuckPackages(database)
        self.suggestions = Suggestions(database)
        self.upstream_cache = UpstreamCache(database)
        self.votes = Votes(database)
        self.waves = Waves(database)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, connections: int = 6, patience: float = PATIENCE
    ) -> AsyncIterator[Self]:
        """Migrate and connect; see `Database.open`."""
        async with Database.open(url, connections=connections, patience=patience) as database:
            yield cls(database)

    @asynccontextmanager
    async def together(self) -> AsyncIterator["Store"]:
        """Return a store whose writes take effect together when all is over, or not at all."""
        async with self.database.together() as database:
            yield Store(database)
