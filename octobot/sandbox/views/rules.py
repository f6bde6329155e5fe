"""How the rules of a ruleset look on a branch."""

from octobot.sandbox.http.fields import Json
from octobot.sandbox.state.nouns import Protection, RepositoryState

_QUEUE: Json = {
    "check_response_timeout_minutes": 60,
    "grouping_strategy": "ALLGREEN",
    "max_entries_to_build": 5,
    "max_entries_to_merge": 5,
    "merge_method": "SQUASH",
    "min_entries_to_merge": 1,
    "min_entries_to_merge_wait_minutes": 5,
}


def rules_of(repo: RepositoryState, rule: Protection) -> list[Json]:
    """Show each kind of rule that a ruleset has."""
    source: Json = {
        "ruleset_source_type": "Repository",
        "ruleset_source": repo.full_name,
        "ruleset_id": rule.id,
    }
    shown: list[Json] = []
    if rule.required:
        parameters: Json = {
            "required_status_checks": [_check(name, app) for name, app in rule.required],
            "strict_required_status_checks_policy": rule.strict,
        }
        shown.append({"type": "required_status_checks", "parameters": parameters, **source})
    if rule.queue:
        shown.append({"type": "merge_queue", "parameters": _QUEUE, **source})
    if rule.reviews:
        wanted: Json = {
            "required_approving_review_count": rule.reviews,
            "dismiss_stale_reviews_on_push": False,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_review_thread_resolution": False,
        }
        shown.append({"type": "pull_request", "parameters": wanted, **source})
    return shown


def _check(name: str, app: int | None) -> Json:
    return {"context": name} | ({"integration_id": app} if app is not None else {})
