"""Everything the sandbox's GitHub stores outside git, and look-ups in it."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from octobot.model.ids import Sha
from octobot.sandbox.state.live import Live
from octobot.sandbox.state.nouns import (
    CI_APP,
    GHOST,
    Account,
    CheckRunState,
    CheckSuite,
    Comment,
    Issue,
    Label,
    Protection,
    Pull,
    Reaction,
    RefIntent,
    ReleaseState,
    RepositoryState,
    Review,
    ReviewComment,
    Role,
    Status,
)
from octobot.sandbox.state.nouns_app import (
    AppState,
    Collaborator,
    DeliveryState,
    InstallationState,
    Token,
)
from octobot.sandbox.state.nouns_pull import ReviewThread, TimelineEvent
from octobot.sandbox.state.tables import Database, Table

FIRST_ID = 100_000
"""Above the real ids that are used here: the ghost's and the CI App's."""


class State:
    """The tables; every change is on disk when the call returns."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._database = database = Database(path)
        self._clock = clock
        self.comment_drift = timedelta()
        """How much later than its creation a new comment's `updated_at` is, without an edit."""
        self.live = Live()
        self.accounts = Table(database, Account)
        self.apps = Table(database, AppState)
        self.installations = Table(database, InstallationState, "app")
        self.tokens = Table(database, Token)
        self.repositories = Table(database, RepositoryState)
        self.collaborators = Table(database, Collaborator)
        self.protections = Table(database, Protection)
        self.issues = Table(database, Issue, within="number")
        self.pulls = Table(database, Pull, within="number")
        self.labels = Table(database, Label)
        self.comments = Table(database, Comment)
        self.reactions = Table(database, Reaction)
        self.reviews = Table(database, Review)
        self.review_comments = Table(database, ReviewComment)
        self.threads = Table(database, ReviewThread, within="number")
        self.timeline = Table(database, TimelineEvent, within="number")
        self.check_suites = Table(database, CheckSuite)
        self.check_runs = Table(database, CheckRunState, within="head_sha")
        self.statuses = Table(database, Status)
        self.releases = Table(database, ReleaseState)
        self.deliveries = Table(database, DeliveryState)
        self.intents = Table(database, RefIntent)
        self._last = max(FIRST_ID, database.highest())
        self._by_name = {r.full_name.lower(): r.id for r in self.repositories}
        self._by_login = {a.login.lower(): a.id for a in self.accounts}
        self._by_secret = {t.secret: t.id for t in self.tokens}

    @property
    def actions_app(self) -> int:
        """The App id of GitHub Actions on this server."""
        return self.live.actions_app or CI_APP

    def close(self) -> None:
        """Close the file behind the tables."""
        self._database.close()

    def now(self) -> datetime:
        """Return the sandbox's time, in whole seconds as GitHub does."""
        return self._clock().replace(microsecond=0)

    def next_id(self) -> int:
        """Draw a number never used before."""
        self._last += 1
        return self._last

    def account(self, login: str) -> Account | None:
        """Find an account by login, in any case."""
        number = self._by_login.get(login.lower())
        return None if number is None else self.accounts[number]

    def add_account(self, account: Account) -> Account:
        """Store an account and its login."""
        self._by_login[account.login.lower()] = account.id
        return self.accounts.put(account)

    def who(self, number: int | None) -> Account:
        """Return the account with an id; the ghost when it does not exist."""
        found = self.accounts.get(number) if number is not None else None
        return found or self.accounts.get(GHOST) or Account(GHOST, "ghost", "User", self.now())

    def repository(self, full_name: str) -> RepositoryState | None:
        """Find a repository by `owner/name`, in any case."""
        number = self._by_name.get(full_name.lower())
        return None if number is None else self.repositories[number]

    def put_repository(self, repository: RepositoryState) -> RepositoryState:
        """Store a repository and its name."""
        self._by_name[repository.full_name.lower()] = repository.id
        return self.repositories.put(repository)

    def token(self, secret: str) -> Token | None:
        """Find a credential by its secret."""
        number = self._by_secret.get(secret)
        return None if number is None else self.tokens.get(number)

    def add_token(self, token: Token) -> Token:
        """Store a credential."""
        self._by_secret[token.secret] = token.id
        return self.tokens.put(token)

    def installation_of(self, app: int, repository: RepositoryState) -> InstallationState | None:
        """Find the App's installation that covers a repository."""
        covering = (i for i in self.installations.of(app) if repository.id in i.repositories)
        return next(covering, None)

    def role(self, repository: RepositoryState, user: int) -> Role:
        """Return a person's role; everybody can read what is public."""
        if user == repository.owner:
            return "admin"
        for one in self.collaborators.of(repository.id):
            if one.user == user:
                return one.role
        return "none" if repository.private else "read"

    def issue(self, repo: int, number: int) -> Issue | None:
        """Find an issue or the issue half of a pull request."""
        return next(iter(self.issues.find(repo, number)), None)

    def pull(self, repo: int, number: int) -> Pull | None:
        """Find a pull request."""
        return next(iter(self.pulls.find(repo, number)), None)

    def open_pulls(self, repo: int) -> Iterable[tuple[Pull, Issue]]:
        """Yield the open pull requests with their issue halves."""
        for pull in self.pulls.of(repo):
            issue = self.issue(repo, pull.number)
            if issue is not None and issue.state == "open":
                yield pull, issue

    def published_releases(self, repo: int) -> list[ReleaseState]:
        """Return a repository's releases, newest first, without drafts."""
        return [one for one in self.all_releases(repo) if not one.draft]

    def all_releases(self, repo: int) -> list[ReleaseState]:
        """Return a repository's releases, newest first."""
        return sorted(self.releases.of(repo), key=lambda r: (r.created_at, r.id), reverse=True)

    def latest_release(self, repo: int) -> ReleaseState | None:
        """Return the newest release that is neither draft nor prerelease."""
        return next((r for r in self.published_releases(repo) if not r.prerelease), None)

    def next_number(self, repo: int) -> int:
        """Draw the next number that issues and pull requests share."""
        return max((i.number for i in self.issues.of(repo)), default=0) + 1

    def runs_on(self, repo: int, sha: Sha) -> tuple[CheckRunState, ...]:
        """Return all check runs on a commit, oldest first."""
        return self.check_runs.find(repo, sha)

    def statuses_on(self, repo: int, sha: Sha) -> tuple[Status, ...]:
        """Return the latest status of each context on a commit."""
        latest = {s.context: s for s in self.statuses.of(repo) if s.sha == sha}
        return tuple(latest.values())
