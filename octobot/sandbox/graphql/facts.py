"""What GraphQL knows of an account or a repository without looking into it."""

from dataclasses import dataclass

from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Account, RepositoryState
from octobot.sandbox.views.views import node_id, when


@dataclass(frozen=True, slots=True)
class AccountNode:
    """A person, bot or organization."""

    hub: Hub
    account: Account

    @property
    def typename(self) -> str:
        """User, Bot or Organization."""
        return self.account.kind

    @property
    def login(self) -> str:
        """The login; GraphQL leaves a bot's `[bot]` out, except for the viewer."""
        return self.account.login.removesuffix("[bot]")

    @property
    def id(self) -> str:
        """The node's id."""
        return node_id("U", self.account.id)

    @property
    def database_id(self) -> int:
        """REST's number."""
        return self.account.id


@dataclass(frozen=True, slots=True)
class ViewerNode(AccountNode):
    """Who asks."""

    typename = "User"

    @property
    def login(self) -> str:
        """The whole login."""
        return self.account.login


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """A repository."""

    hub: Hub
    repo: RepositoryState
    typename = "Repository"

    @property
    def id(self) -> str:
        """The node's id."""
        return node_id("R", self.repo.id)

    @property
    def database_id(self) -> int:
        """REST's number, which survives renames."""
        return self.repo.id

    @property
    def name(self) -> str:
        """The part after the slash."""
        return self.repo.name

    @property
    def name_with_owner(self) -> str:
        """`owner/name`."""
        return self.repo.full_name

    @property
    def owner(self) -> AccountNode:
        """Whose it is."""
        return AccountNode(self.hub, self.hub.state.who(self.repo.owner))

    @property
    def url(self) -> str:
        """Its page."""
        return self.hub.html_url(self.repo)

    @property
    def is_private(self) -> bool:
        """Whether the public cannot see it."""
        return self.repo.private

    @property
    def is_archived(self) -> bool:
        """Whether it is read-only for good."""
        return self.repo.archived

    @property
    def is_fork(self) -> bool:
        """Whether it is a fork."""
        return self.repo.fork_of is not None

    @property
    def is_disabled(self) -> bool:
        """Never here."""
        return False

    @property
    def description(self) -> str | None:
        """What its owner says of it."""
        return self.repo.description

    @property
    def created_at(self) -> str | None:
        """When it was made."""
        return when(self.repo.created_at)

    @property
    def pushed_at(self) -> str | None:
        """When a ref moved last."""
        return when(self.repo.pushed_at)

    @property
    def updated_at(self) -> str | None:
        """When anything changed last."""
        return when(self.repo.pushed_at)
