"""Who is calling and what they may do: App JWTs, installation tokens, people, anonymous callers.

The rules are GitHub's: what the caller may not see does not exist (404); what they may see but not
do is 403, with the missing permission in a header.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import get_args

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.types import Options

from octobot.sandbox.http.call import Actor, Refusal, missing
from octobot.sandbox.http.fields import Fields
from octobot.sandbox.state.nouns import Level, RepositoryState, Role
from octobot.sandbox.state.nouns_app import AppState, Token
from octobot.sandbox.state.state import State

_LONGEST = timedelta(minutes=10)
_SKEW = timedelta(seconds=60)

Need = tuple[str, Level]

ROLE_FOR: dict[Need, Role] = {
    ("contents", "write"): "write",
    ("statuses", "write"): "write",
    ("actions", "write"): "write",
    ("administration", "read"): "admin",
    ("administration", "write"): "admin",
    ("workflows", "write"): "write",
}
"""The role a person needs where an App needs this permission; otherwise reading suffices."""


def bad_credentials() -> Refusal:
    """Return 401."""
    return Refusal(401, "Bad credentials")


def identify(state: State, header: str, app: AppState, key: RSAPublicKey) -> Actor:
    """Return who an `Authorization` header authenticates; 401 when it authenticates nobody."""
    scheme, _, secret = header.partition(" ")
    if not header:
        return Actor("anonymous")
    if scheme.lower() == "basic":
        secret = _password(secret)
    elif scheme.lower() not in ("bearer", "token"):
        raise bad_credentials()
    if secret.count(".") == 2:  # noqa: PLR2004  (a JWT has three parts)
        return _app_actor(state, secret, app, key)
    token = state.token(secret.strip())
    if token is None or (token.expires_at and token.expires_at <= state.now()):
        raise bad_credentials()
    return _token_actor(state, token)


def _password(encoded: str) -> str:
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as wrong:
        raise bad_credentials() from wrong
    return password or user


def _token_actor(state: State, token: Token) -> Actor:
    account = state.who(token.account)
    if token.installation is None:
        return Actor("person", account)
    installation = state.installations.get(token.installation)
    if installation is None:
        raise bad_credentials()
    if installation.suspended_at is not None:
        raise Refusal(403, "This installation has been suspended")
    held = frozenset(token.repositories) & frozenset(installation.repositories)
    return Actor(
        "installation", account, installation.app, installation.id, _replicated(state, token), held
    )


def _replicated(state: State, token: Token) -> Mapping[str, Level]:
    """Return the permissions that are known already; 401 while the token itself is not.

    Source: octokit/auth-app.js, issues 65 and 589.
    """
    minted = token.minted_at
    lag = state.live.token_lag
    age = state.now() - minted if minted else lag
    if age < lag / 2:
        raise bad_credentials()
    return dict(token.permissions) if age >= lag else {"metadata": "read"}


def _app_actor(state: State, secret: str, app: AppState, key: RSAPublicKey) -> Actor:
    try:
        claims = Fields(jwt.decode(secret, key, algorithms=["RS256"], options=_UNTIMED))
    except jwt.InvalidTokenError as wrong:
        raise Refusal(401, "A JSON web token could not be decoded") from wrong
    now = state.now()
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    if expires <= now:
        raise Refusal(
            401,
            "'Expiration time' claim ('exp') must be a numeric value "
            "representing the future time at which the assertion expires",
        )
    if expires - now > _LONGEST + _SKEW or expires - issued > _LONGEST + _SKEW:
        raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
    if issued > now + _SKEW:
        raise Refusal(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time "
            "that the assertion was issued",
        )
    if str(claims.values.get("iss")) not in (str(app.id), client_id(app)):
        raise Refusal(401, "A JSON web token could not be decoded")
    return Actor("app", state.who(app.bot), app.id)


# The sandbox's clock decides, and it may have been set by a test.
_UNTIMED: Options = {
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_aud": False,
}


def client_id(app: AppState) -> str:
    """Return the App's other identifier, which is accepted as `iss` too."""
    return f"Iv23sandbox{app.id}"


def _time(claims: Fields, name: str) -> datetime:
    value = claims.values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(401, f"Missing '{name}' claim in assertion")
    return datetime.fromtimestamp(value, UTC)


def can_see(state: State, actor: Actor, repository: RepositoryState) -> bool:
    """Return whether this caller can see the repository."""
    if not repository.private or repository.id in actor.repositories:
        return True
    return actor.kind == "person" and state.role(repository, actor.id) != "none"


def kept_out(state: State, actor: Actor, repository: RepositoryState) -> str:
    """Say why an IP allow list keeps a caller out; empty for who is let in.

    Source: docs.github.com, "Managing allowed IP addresses for your organization": public resources
    stay open to the anonymous.
    """
    owner = repository.full_name.partition("/")[0]
    if actor.kind == "anonymous" or owner not in state.live.ip_allow_lists:
        return ""
    return (
        "Although you appear to have the correct authorization credentials, the "
        f"`{owner}` organization has an IP allow list enabled, and your IP address is not "
        "permitted to access this resource."
    )


def admit(state: State, actor: Actor, repository: RepositoryState, needs: Sequence[Need]) -> None:
    """Require one of the permissions: 401, 403 or 404 for a caller who has none."""
    if not can_see(state, actor, repository):
        raise missing()
    if message := kept_out(state, actor, repository):
        raise Refusal(403, message)
    if not needs:
        return
    match actor.kind:
        case "app":
            raise Refusal(401, "Requires authentication")
        case "anonymous":
            _admit_anonymous(needs)
        case "installation":
            _admit_installation(actor, repository, needs)
        case "person":
            _admit_person(state.role(repository, actor.id), needs)


def _writes(needs: Sequence[Need]) -> bool:
    return any(level == "write" for _, level in needs)


def _admit_anonymous(needs: Sequence[Need]) -> None:
    if _writes(needs):
        raise Refusal(401, "Requires authentication")
    if ("administration", "read") in needs:
        raise missing()


def _admit_installation(actor: Actor, repository: RepositoryState, needs: Sequence[Need]) -> None:
    """Outside its own repositories an installation reads what is public."""
    if repository.id in actor.repositories:
        allowed = any(_covers(actor, need) for need in needs)
    else:
        allowed = not (_writes(needs) or repository.private or needs[0][0] == "administration")
    if not allowed:
        raise forbidden(needs)


def _admit_person(role: Role, needs: Sequence[Need]) -> None:
    roles = get_args(Role)
    if all(roles.index(role) < roles.index(ROLE_FOR.get(need, "read")) for need in needs):
        message = "Must have admin rights to Repository." if _writes(needs) else "Forbidden"
        raise Refusal(403, message)


def forbidden(needs: Sequence[Need]) -> Refusal:
    """Return 403: the App lacks a permission; a header names those that suffice."""
    accepted = "; ".join(f"{name}={level}" for name, level in needs)
    return Refusal(
        403,
        "Resource not accessible by integration",
        headers={"X-Accepted-GitHub-Permissions": accepted},
    )


def _covers(actor: Actor, need: Need) -> bool:
    name, level = need
    held = actor.permissions.get(name)
    return held == "write" or (held == "read" and level == "read")


def guard_workflows(actor: Actor, paths: Sequence[str]) -> None:
    """Refuse an App that changes workflows without the permission for it."""
    touched = [path for path in paths if path.startswith(".github/workflows/")]
    if touched and actor.kind == "installation" and actor.permissions.get("workflows") != "write":
        raise Refusal(
            403,
            f"refusing to allow a GitHub App to create or update workflow `{touched[0]}` "
            "without `workflows` permission",
        )
