"""What a new sandbox begins with: the App, its key and secret, the CI's App, people, roles."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from octobot.model.ids import Sha
from octobot.sandbox.changes.announce import RefChange
from octobot.sandbox.changes.refs import put_ref
from octobot.sandbox.git.draft import Identity, draft_of
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import CI_APP, GHOST, Account, Level, RepositoryState, Role
from octobot.sandbox.state.nouns_app import AppState, Collaborator, Token
from octobot.sandbox.state.state import State

APP_ID = 1_001
SLUG = "octobot"
HOOK_FILE = "webhook-secret"
PERMISSIONS: dict[str, Level] = {
    "actions": "write",
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "read",
}
EVENTS = (
    *("check_run", "check_suite", "create", "delete", "issue_comment", "issues"),
    *("pull_request", "pull_request_review", "pull_request_review_comment", "push", "release"),
    *("repository", "status"),
)


@cache
def _new_key() -> bytes:
    """Create one key per process: it takes a tenth of a second, and tests have many sandboxes."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def private_key(path: Path) -> rsa.RSAPrivateKey:
    """Read the App's key, or create it."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(_new_key())
    # Its primes are not proved again: that takes a tenth of a second, and the key was made here.
    key = serialization.load_pem_private_key(
        path.read_bytes(), None, unsafe_skip_rsa_key_validation=True
    )
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} holds no RSA key")
    return key


def secret(path: Path) -> str:
    """Read the webhook secret, or create it."""
    return path.read_text() if path.exists() else keep_secret(path, secrets.token_hex(20))


def keep_secret(path: Path, value: str) -> str:
    """Write the webhook secret down, for its owner only."""
    path.touch(mode=0o600)
    path.write_text(value)
    return value


def register(state: State) -> AppState:
    """Register the ghost, the CI's App and octobot; return octobot."""
    if state.accounts.get(GHOST) is None:
        state.add_account(Account(GHOST, "ghost", "User", state.now()))
    app(state, CI_APP)
    return app(state, APP_ID)


def app(state: State, number: int) -> AppState:
    """Return an App; an unknown one is registered, with its bot."""
    known = state.apps.get(number)
    if known is not None:
        return known
    slug = {CI_APP: "github-actions", APP_ID: SLUG}.get(number, f"app-{number}")
    owner = account(state, "github" if number == CI_APP else "octobot-makers", "Organization")
    bot = account(state, f"{slug}[bot]", "Bot")
    mine = number == APP_ID
    held = tuple(PERMISSIONS.items()) if mine else (("checks", "write"),)
    events = EVENTS if mine else ()
    return state.apps.put(AppState(number, slug, owner.id, bot.id, held, events, state.now()))


def account(state: State, login: str, kind: str) -> Account:
    """Return an account by login; an unknown one is created."""
    known = state.account(login)
    if known is not None:
        return known
    match kind:
        case "Bot":
            made = Account(state.next_id(), login, "Bot", state.now())
        case "Organization":
            made = Account(state.next_id(), login, "Organization", state.now())
        case _:
            made = Account(state.next_id(), login, "User", state.now())
    return state.add_account(made)


def personal_token(state: State, one: Account) -> str:
    """Return a person's token; a missing one is created."""
    for token in state.tokens:
        if token.account == one.id and token.installation is None:
            return token.secret
    made = Token(state.next_id(), f"ghp_{secrets.token_hex(18)}", one.id)
    return state.add_token(made).secret


def set_role(state: State, repo: RepositoryState, one: Account, role: Role) -> None:
    """Set a person's role in a repository."""
    for known in state.collaborators.of(repo.id):
        if known.user == one.id:
            state.collaborators.drop(known)
    state.collaborators.put(Collaborator(state.next_id(), repo.id, one.id, role))


def identity(one: Account, at: datetime) -> Identity:
    """Return the name and address under which somebody commits."""
    return Identity(one.login, f"{one.id}+{one.login}@users.noreply.github.com", at)


async def commit(
    hub: Hub,
    repo: RepositoryState,
    branch: str,
    files: Mapping[str, bytes | None],
    how: tuple[str, Identity, Account],
) -> Sha:
    """Commit on a branch (made from the default one when missing), bypassing protection."""
    message, me, by = how
    git, ref = hub.git(repo), f"refs/heads/{branch}"
    old = await git.ref(ref)
    parent = old or await git.ref(f"refs/heads/{repo.default_branch}")
    made = await git.commit(draft_of(message, me, parent, files))
    await put_ref(hub, repo, RefChange(ref, old, made), by)
    return made
