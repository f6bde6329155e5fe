"""What the live GitHub does and its description does not say; at first there is nothing of it.

These are no faults of single requests (`http/faults.py`): they last until a test ends them.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(slots=True)
class Quirks:
    """The quirks of one sandbox."""

    token_lag: timedelta = timedelta()
    """How long a new installation token is unknown (the first half of it: 401), and then known
    without its permissions (403, and FORBIDDEN in GraphQL)."""
    graphql_repositories: int = 100
    """Foreign repositories that one query has resources for; RESOURCE_LIMITS_EXCEEDED beyond."""
    ip_allow_lists: frozenset[str] = frozenset()
    """Owners whose repositories are shown to the anonymous only, from everywhere else."""
    refs_need_contents: bool = False
    """In GraphQL an App needs `contents: read` even for the refs of public repositories."""
    without_fields: frozenset[str] = frozenset()
    """Fields that an older GitHub Enterprise Server does not have, as `Mutation.updateRefs`."""
    free_plan: bool = False
    """Private repositories have neither rulesets nor branch protection: 403."""
    actions_app: int | None = None
    """The App id of GitHub Actions, where it is not github.com's."""
