"""What a branch requires before it takes a merge, and who has approved.

Branch protection and rulesets are two stores; both are read, to the last page, past every cache.
"""

import asyncio
from dataclasses import dataclass

from octobot.github.repository.handle import Handle
from octobot.github.transport.json_fields import at, items, maybe_number, number, sha, text
from octobot.github.transport.transport import refusal
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import RequiredCheck

_ANY_APP = -1
_DECIDING = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
_WRITERS = frozenset({"admin", "write"})
"""`permission` of the endpoint is coarse: maintain counts as write, triage as read."""
_ABSENT = 404


@dataclass(frozen=True, slots=True)
class Guard:
    """What keeps a branch."""

    checks: tuple[RequiredCheck, ...]
    """Sorted, each once."""
    tip: Sha
    """The branch's commit, read at the same moment."""
    strict: bool
    """A ruleset wants the tip in every head.  Branch protection shows this to administrators only;
    there the pull request's own state tells."""
    queue: bool
    """A ruleset takes merges from a merge queue only."""


async def required_checks(handle: Handle, branch: str) -> tuple[RequiredCheck, ...]:
    """Read the checks that protection and rulesets require together, sorted, each once."""
    return (await guard(handle, branch)).checks


async def guard(handle: Handle, branch: str) -> Guard:
    """Read everything that keeps a branch, from both stores."""
    shown, rules = await asyncio.gather(
        handle.road.get(handle.path("branches", branch), fresh=True),
        handle.road.pages(handle.path("rules/branches", branch), fresh=True),
    )
    found = {*_of_protection(shown), *(check for rule in rules for check in _of_rule(rule))}
    return Guard(
        checks=tuple(sorted(found, key=lambda check: (check.name, check.app or 0))),
        tip=sha(shown, "commit", "sha"),
        strict=any(_is_strict(rule) for rule in rules),
        queue=any(at(rule, "type") == "merge_queue" for rule in rules),
    )


def _of_protection(branch: object) -> list[RequiredCheck]:
    """Read `protection`; `contexts` is the older spelling, without the App."""
    required = at(branch, "protection", "required_status_checks")
    if required is None:
        return []
    bound = [] if at(required, "checks") is None else items(required, "checks")
    found = [_required(check, "app_id") for check in bound]
    contexts = [] if at(required, "contexts") is None else items(required, "contexts")
    known = {check.name for check in found}
    return found + [RequiredCheck(name) for name in map(text, contexts) if name not in known]


def _is_strict(rule: object) -> bool:
    policy = at(rule, "parameters", "strict_required_status_checks_policy")
    return at(rule, "type") == "required_status_checks" and policy is True


def _of_rule(rule: object) -> list[RequiredCheck]:
    if at(rule, "type") != "required_status_checks":
        return []
    bound = items(rule, "parameters", "required_status_checks")
    return [_required(check, "integration_id") for check in bound]


def _required(check: object, app_key: str) -> RequiredCheck:
    app = maybe_number(check, app_key)
    return RequiredCheck(text(check, "context"), None if app == _ANY_APP else app)


async def is_approved(handle: Handle, pull_number: PullNumber, head: Sha) -> bool:
    """Tell whether somebody who can write approves exactly this commit; bots do not count.

    Of each person the last deciding review counts, in GitHub's order, oldest first.
    """
    found = await handle.road.pages(handle.path("pulls", pull_number, "reviews"), fresh=True)
    last: dict[int, object] = {}
    for review in found:
        user = maybe_number(at(review, "user"), "id")
        if user is not None and at(review, "state") in _DECIDING:
            last[user] = review
    approving = [
        (user, text(review, "user", "login"))
        for user, review in sorted(last.items())
        if user != handle.bot.id
        and at(review, "user", "type") == "User"
        and at(review, "state") == "APPROVED"
        and at(review, "commit_id") == head
    ]
    for user, login in approving:
        if await _can_write(handle, user, login):
            return True
    return False


async def _can_write(handle: Handle, user: int, login: str) -> bool:
    """Ask for the person's permission: `author_association` is not reliable."""
    path = handle.path("collaborators", login, "permission")
    answer = await handle.road.exchange("GET", path, fresh=True)
    if answer.status == _ABSENT:
        return False
    if not answer.fine:
        raise refusal(f"GET {path}", answer)
    same = number(answer.data, "user", "id") == user  # a login can change hands between two reads
    return same and at(answer.data, "permission") in _WRITERS
