"""The environment variables: the one list of what can be set.

The manual's table, the settings and their errors come from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable."""

    name: str
    default: str | None
    """None: no default; whoever needs it refuses to start without."""
    meaning: str


VARIABLES = (
    Variable("OCTOBOT_APP_ID", None, "The App's id, from its settings page."),
    Variable("OCTOBOT_PRIVATE_KEY_FILE", None, "File with the App's private key (PEM)."),
    Variable("OCTOBOT_PRIVATE_KEY", None, "The key itself, where a file is impractical."),
    Variable("OCTOBOT_SIGNER_URL", "", "A service that signs instead: the key stays there."),
    Variable("OCTOBOT_SIGNER_TOKEN_FILE", "", "File with the token that this service asks for."),
    Variable("OCTOBOT_WEBHOOK_SECRET", None, "The deliveries' secret; `poll` needs none."),
    Variable("OCTOBOT_WEBHOOK_SECRET_OLD", "", "The secret before a rotation, accepted beside it."),
    Variable("OCTOBOT_GITHUB_URL", "https://api.github.com", "The API; GHES: `…/api/v3`."),
    Variable("OCTOBOT_DATABASE_URL", "", "PostgreSQL; empty starts the embedded one."),
    Variable("OCTOBOT_HOME", "~/.local/share/octobot", "Where the embedded database lives."),
    Variable("OCTOBOT_LISTEN", "127.0.0.1:8080", "Address of the web server."),
    Variable("OCTOBOT_WORKERS", "8", "Packages that one process works on at the same time."),
    Variable("OCTOBOT_PASS_INTERVAL", "30s", "Time between two passes over what is due."),
    Variable("OCTOBOT_CHECK_INTERVAL", "1m", "Shortest time between checks of a GitHub upstream."),
    Variable("OCTOBOT_CHECK_INTERVAL_OTHER_HOSTS", "5m", "The same for upstreams on other hosts."),
    Variable("OCTOBOT_PR_RECHECK_INTERVAL", "5m", "Time between checks of a waiting pull request."),
    Variable("OCTOBOT_PAUSED", "false", "`true`: nothing at all is written to GitHub."),
    Variable("OCTOBOT_LOG", "text", "`text` for people, `json` for collectors."),
    Variable("OCTOBOT_MODEL_PROVIDER", "", "`openai`, `gemini` or `anthropic`; empty: rules only."),
    Variable("OCTOBOT_MODEL_NAME", "", "The model, as its service calls it."),
    Variable("OCTOBOT_MODEL_KEY_FILE", "", "File with the service's key; none for a local one."),
    Variable("OCTOBOT_MODEL_KEY", "", "The key itself, where a file is impractical."),
    Variable("OCTOBOT_MODEL_URL", "", "The API's address, for another service than the usual one."),
    Variable("OCTOBOT_MODEL_TIMEOUT", "60s", "How long to wait for one answer."),
    Variable("OCTOBOT_MODEL_LOOPBACK", "false", "`true`: the service may be on this machine."),
    Variable("OCTOBOT_MODEL_BUDGET_DAY", "200", "Questions a day, of all repositories together."),
    Variable("OCTOBOT_MODEL_BUDGET_REPOSITORY", "50", "Questions a day of one repository."),
    Variable("GITHUB_TOKEN", "", "For `check` and `update` only: lifts GitHub's limits."),
)


FORMER_VARIABLES: Mapping[str, str] = {
    "OCTOBOT_LOOK_EVERY": "OCTOBOT_CHECK_INTERVAL",
    "OCTOBOT_LOOK_EVERY_HOST": "OCTOBOT_CHECK_INTERVAL_OTHER_HOSTS",
    "OCTOBOT_LANES": "OCTOBOT_WORKERS",
    "OCTOBOT_TICK": "OCTOBOT_PASS_INTERVAL",
    "OCTOBOT_RECHECK": "OCTOBOT_PR_RECHECK_INTERVAL",
}
"""What variables were called until 0.1 → their names; an old name is refused with the new one."""
