"""What must hold before a branch takes a commit: required checks, reviews, being up to date.

GitHub counts neutral and skipped as passing, and a check without an App is met by anybody's
check run or status; octobot's own rule is stricter.  The rules of rulesets are shown here, too.
"""

from collections.abc import Iterable, Iterator

from octobot.model.ids import Sha
from octobot.sandbox.http.fields import Json
from octobot.sandbox.state.hub import Hub
from octobot.sandbox.state.nouns import Protection, Pull, RepositoryState, Review
from octobot.sandbox.views.git import is_signed

OUT_OF_DATE = "Head branch is out of date with the base branch."
_PASSING = ("success", "neutral", "skipped")


def protections(hub: Hub, repo: RepositoryState, branch: str) -> tuple[Protection, ...]:
    """Return all that guards a branch."""
    return tuple(p for p in hub.state.protections.of(repo.id) if p.branch == branch)


def unmet_checks(hub: Hub, repo: RepositoryState, branch: str, sha: Sha) -> list[str]:
    """Return a sentence for each required check that this commit lacks."""
    required = (pair for p in protections(hub, repo, branch) for pair in p.required)
    reasons = (_unmet_reason(name, _outcomes(hub, repo, sha, name, app)) for name, app in required)
    return [reason for reason in reasons if reason]


def _outcomes(
    hub: Hub, repo: RepositoryState, sha: Sha, name: str, app: int | None
) -> list[str | None]:
    """Return how each check run or status of this name ended; None for one that is pending.

    Of one App the newest counts, whatever its suite: a later green hides a red here.  Reports about
    GitHub's own gate differ; this is the case in which octobot alone must see the red.
    """
    runs = {(run.name, run.app): run for run in hub.state.runs_on(repo.id, sha)}
    found: list[str | None] = [
        run.conclusion for run in runs.values() if run.name == name and app in (None, run.app)
    ]
    if app is None:
        states = (s.state for s in hub.state.statuses_on(repo.id, sha) if s.context == name)
        found += [None if state == "pending" else state for state in states]
    return found


def _unmet_reason(name: str, outcomes: list[str | None]) -> str | None:
    if not outcomes:
        return f'Required status check "{name}" is expected.'
    if None in outcomes:
        return f'Required status check "{name}" is pending.'
    if any(outcome not in _PASSING for outcome in outcomes):
        return f'Required status check "{name}" is failing.'
    return None


async def _unsigned(hub: Hub, repo: RepositoryState, pull: Pull) -> bool:
    commit = await hub.git(repo).commit_of(pull.head_sha)
    return commit is None or not is_signed(commit)


def _unmet_reviews(hub: Hub, repo: RepositoryState, pull: Pull, needed: int) -> Iterator[str]:
    if approvals(hub, repo, pull) < needed:
        yield f"At least {needed} approving review is required by reviewers with write access."
    opinions = writers_opinions(hub, repo, pull)
    if needed and any(one.state == "CHANGES_REQUESTED" for one in opinions):
        yield "Changes were requested by a reviewer with write access."


async def unmet(hub: Hub, repo: RepositoryState, pull: Pull) -> list[str]:
    """Return a sentence for each thing that blocks merging, besides conflicts."""
    reasons = unmet_checks(hub, repo, pull.base_ref, pull.head_sha)
    rules = protections(hub, repo, pull.base_ref)
    reasons += _unmet_reviews(hub, repo, pull, max((rule.reviews for rule in rules), default=0))
    if any(rule.conversations for rule in rules) and unresolved(hub, repo, pull):
        reasons.append("A conversation must be resolved before this pull request can be merged.")
    if any(rule.signatures for rule in rules) and await _unsigned(hub, repo, pull):
        reasons.append("Commits must have verified signatures.")
    if any(rule.strict for rule in rules):
        git = hub.git(repo)
        tip = await git.ref(f"refs/heads/{pull.base_ref}")
        if tip is not None and not await git.is_ancestor(tip, pull.head_sha):
            reasons.append(OUT_OF_DATE)
    return reasons


def allowed_methods(repo: RepositoryState, rules: Iterable[Protection]) -> frozenset[str]:
    """Return the merge methods that the repository and all its rules allow."""
    allowed = repo.merge_methods
    for rule in rules:
        allowed &= allowed if rule.methods is None else rule.methods
        allowed -= {"merge"} if rule.linear else set()
        allowed -= {"rebase"} if rule.signatures else set()
    return allowed


def unresolved(hub: Hub, repo: RepositoryState, pull: Pull) -> int:
    """Count the conversations that nobody resolved."""
    return sum(one.resolved_by is None for one in hub.state.threads.find(repo.id, pull.number))


def approvals(hub: Hub, repo: RepositoryState, pull: Pull) -> int:
    """Count the people with write access whose latest review approves."""
    return sum(one.state == "APPROVED" for one in writers_opinions(hub, repo, pull))


def opinions(hub: Hub, repo: RepositoryState, pull: Pull) -> tuple[Review, ...]:
    """Return each person's latest review that is more than a comment, oldest first."""
    latest = {
        review.author: review
        for review in hub.state.reviews.of(repo.id)
        if review.number == pull.number and review.state != "COMMENTED"
    }
    return tuple(sorted(latest.values(), key=lambda review: review.id))


def writers_opinions(hub: Hub, repo: RepositoryState, pull: Pull) -> tuple[Review, ...]:
    """Return the latest opinions of people who have write access now."""
    able = ("write", "maintain", "admin")
    found = opinions(hub, repo, pull)
    return tuple(one for one in found if hub.state.role(repo, one.author) in able)


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
    plain = {"required_signatures": rule.signatures, "required_linear_history": rule.linear}
    shown += [{"type": name, **source} for name, wants in plain.items() if wants]
    if rule.reviews or rule.conversations or rule.methods is not None:
        wanted: Json = {
            "required_approving_review_count": rule.reviews,
            "dismiss_stale_reviews_on_push": False,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_review_thread_resolution": rule.conversations,
        }
        if rule.methods is not None:
            wanted["allowed_merge_methods"] = sorted(rule.methods)
        shown.append({"type": "pull_request", "parameters": wanted, **source})
    return shown


def _check(name: str, app: int | None) -> Json:
    return {"context": name} | ({"integration_id": app} if app is not None else {})
