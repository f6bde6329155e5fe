"""What every part of the sandbox's GitHub shares: state, git, outbox, clock and address."""

import asyncio
import hmac
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from octobot.model.ids import Sha
from octobot.sandbox.git.git import ENVIRONMENT, Git
from octobot.sandbox.git.readers import Readers
from octobot.sandbox.state.deliveries import Outbox
from octobot.sandbox.state.nouns import RepositoryState
from octobot.sandbox.state.nouns_app import AppState
from octobot.sandbox.state.state import State

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
OnHead = Callable[[str, Sha, int | None, str], Awaitable[None]]
"""Called with repository, head commit, pull request number and branch."""


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """The credentials that octobot gets when it is registered as an App."""

    app_id: int
    slug: str
    client_id: str
    private_key: str
    """PEM."""
    webhook_secret: str
    bot_id: int
    bot_login: str


class Hub:
    """One GitHub."""

    def __init__(self, home: Path, state: State, outbox: Outbox, app: AppState) -> None:
        self.home, self.state, self.outbox = home, state, outbox
        self._app = app.id
        self.url = ""
        """`http://127.0.0.1:PORT`, set when the server listens."""
        self.readers = Readers(ENVIRONMENT)
        self.on_head: list[OnHead] = []
        self.mounted: dict[str, Handler] = {}
        """Path prefix → who answers everything under it, instead of GitHub."""
        self.merges_stale_trees = False
        """A fault: merging takes the head's tree as it is and reverts changes of the base."""
        self.memo: dict[tuple[object, ...], object] = {}
        """Results of git that never change, by their inputs."""
        self._gits: dict[int, Git] = {}
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def app(self) -> AppState:
        """The App under test: the one deliveries are for."""
        return self.state.apps[self._app]

    @property
    def api(self) -> str:
        """Where the REST API is."""
        return f"{self.url}/api/v3"

    def git(self, repository: RepositoryState) -> Git:
        """Return the repository's git."""
        if repository.id not in self._gits:
            self._gits[repository.id] = Git(Path(repository.git_dir), self.readers)
        return self._gits[repository.id]

    def lock(self, repository: RepositoryState) -> asyncio.Lock:
        """Return the lock under which this repository's refs move."""
        return self._locks[repository.id]

    def repo_url(self, repository: RepositoryState) -> str:
        """Where the REST API shows a repository."""
        return f"{self.api}/repos/{repository.full_name}"

    def html_url(self, repository: RepositoryState) -> str:
        """Where people (and git) find a repository."""
        return f"{self.url}/{repository.full_name}"

    def signed(self, path: str) -> str:
        """Return an address whose token proves that its bearer was authorized."""
        return f"{self.url}{path}?token={self.token_for(path)}"

    def token_for(self, path: str) -> str:
        """Return the token for a path."""
        return hmac.new(self.outbox.secret.encode(), path.encode(), "sha256").hexdigest()
