"""Apps, their installations and tokens, and the deliveries to them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from octobot.sandbox.state.nouns import Level, Role

TOKEN_LIFE = timedelta(hours=1)
"""Of an installation token."""


@dataclass(frozen=True, slots=True)
class AppState:
    """A GitHub App known to the sandbox: octobot, the CI, or another one."""

    id: int
    slug: str
    owner: int
    bot: int
    permissions: tuple[tuple[str, Level], ...]
    events: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class InstallationState:
    """The App on one account."""

    id: int
    app: int
    account: int
    repositories: tuple[int, ...]
    permissions: tuple[tuple[str, Level], ...]
    created_at: datetime
    updated_at: datetime
    suspended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A credential: an installation token (narrowed, for an hour) or a person's."""

    id: int
    secret: str
    account: int
    installation: int | None = None
    permissions: tuple[tuple[str, Level], ...] = ()
    repositories: tuple[int, ...] = ()
    expires_at: datetime | None = None

    @property
    def minted_at(self) -> datetime | None:
        """When it was made; None for a person's."""
        return self.expires_at - TOKEN_LIFE if self.expires_at else None


@dataclass(frozen=True, slots=True)
class Collaborator:
    """A person's role in a repository."""

    id: int
    repo: int
    user: int
    role: Role


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """One attempt to deliver; a redelivery is another attempt with the same GUID."""

    id: int
    guid: str
    event: str
    action: str | None
    body: bytes
    installation: int | None
    repository: int | None
    delivered_at: datetime
    redelivery: bool = False
    duration: float = 0.0
    status_code: int = 0
    """0 while it is unanswered."""
    answer: str = ""
