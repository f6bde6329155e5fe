"""GraphQL's view of people, bots and organizations."""

from dataclasses import dataclass

from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Account
from octobot.sandbox.views.views import node_id


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
