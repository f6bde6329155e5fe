"""What all of GraphQL's git objects have, and who signed and stamped them."""

from dataclasses import dataclass

from octobot.model.ids import Sha
from octobot.sandbox.git.git import Git
from octobot.sandbox.git.objects import Stamp
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import RepositoryState
from octobot.sandbox.views.views import node_id


@dataclass(frozen=True, slots=True)
class GitActorNode:
    """Who a commit says made it."""

    stamp: Stamp
    typename = "GitActor"

    @property
    def name(self) -> str:
        """The name."""
        return self.stamp.name

    @property
    def email(self) -> str:
        """The address."""
        return self.stamp.email

    @property
    def date(self) -> str:
        """The time, with its zone."""
        return self.stamp.at.isoformat()


@dataclass(frozen=True, slots=True)
class ObjectNode:
    """What all git objects have."""

    hub: Hub
    repo: RepositoryState
    oid: Sha

    @property
    def id(self) -> str:
        """The node's id."""
        return node_id("GO", f"{self.repo.id}_{self.oid}")

    @property
    def abbreviated_oid(self) -> str:
        """The first digits."""
        return self.oid[:7]

    @property
    def commit_url(self) -> str:
        """The page of the object."""
        return f"{self.hub.html_url(self.repo)}/commit/{self.oid}"

    @property
    def git(self) -> Git:
        """Where it lives."""
        return self.hub.git(self.repo)


@dataclass(frozen=True, slots=True)
class SignatureNode:
    """GitHub's signature under a commit it made itself."""

    email: str
    typename = "GpgSignature"
    is_valid = True
    state = "VALID"
    was_signed_by_git_hub = True
    payload = ""
    signature = "-----BEGIN PGP SIGNATURE-----"
    signer = None
