"""What a branch requires before it takes a merge.

Branch protection and rulesets are two stores; both are read, to the last page.  What a merge rests
on is read past every cache.
"""

import asyncio
import hashlib
from dataclasses import dataclass, replace
from typing import get_args

from octobot.github.transport.json_fields import at, items, maybe_number, sha, text
from octobot.github.transport.session import Handle
from octobot.model.ids import Sha
from octobot.model.pull_request import MergeMethod, RequiredCheck

_ANY_APP = -1
METHODS: frozenset[MergeMethod] = frozenset(get_args(MergeMethod))


@dataclass(frozen=True, slots=True)
class Guard:
    """What a branch requires."""

    checks: tuple[RequiredCheck, ...]
    """Sorted, each once."""
    tip: Sha
    """The branch's commit, read at the same moment."""
    strict: bool
    """A ruleset wants the tip in every head.  Branch protection shows this to administrators only;
    there the pull request's own state shows it."""
    queue: bool
    """A ruleset takes merges from a merge queue only."""
    conversations: bool = False
    """A ruleset wants every conversation resolved."""
    signatures: bool = False
    """A ruleset wants every commit signed."""
    methods: frozenset[MergeMethod] = METHODS
    """The merge methods that all rulesets allow."""
    reviews: int = 0
    """How many approving reviews a ruleset requires."""


@dataclass(frozen=True, slots=True)
class BranchProtection:
    """What the branches of one repository require."""

    handle: Handle

    async def digest(self, branch: str) -> str:
        """Return what stands for all that a branch requires, whatever commit it is at.

        It is read as far as it changed: a hint that something did, and nothing to judge by.
        """
        guard = replace(await self.guard(branch, fresh=False), tip=Sha(""))
        methods = sorted(guard.methods)
        said = repr((methods, replace(guard, methods=frozenset())))
        return hashlib.sha256(said.encode()).hexdigest()

    async def guard(self, branch: str, *, fresh: bool = True) -> Guard:
        """Read everything that a branch requires, from both stores.

        `fresh` reads in full, past the cache; otherwise GitHub is asked whether it changed.
        """
        shown, rules = await asyncio.gather(
            self.handle.session.get(self.handle.path("branches", branch), fresh=fresh),
            self.rules(branch, fresh=fresh),
        )
        return self.guard_of(shown, rules)

    async def rules(self, branch: str, *, fresh: bool) -> list[object]:
        """Read the rules that rulesets have for a branch."""
        path = self.handle.path("rules/branches", branch)
        return await self.handle.session.pages(path, fresh=fresh)

    def guard_of(self, shown: object, rules: list[object]) -> Guard:
        """Return what a branch, as GitHub shows it, and its rules require."""
        found = {*_of_protection(shown), *(check for rule in rules for check in _of_rule(rule))}
        return Guard(
            checks=tuple(sorted(found, key=lambda check: (check.name, check.app or 0))),
            tip=sha(shown, "commit", "sha"),
            strict=any(_is_strict(rule) for rule in rules),
            queue="merge_queue" in {at(rule, "type") for rule in rules},
            conversations=any(map(_wants_conversations, rules)),
            signatures="required_signatures" in {at(rule, "type") for rule in rules},
            methods=_methods(rules),
            reviews=max(map(_reviews, rules), default=0),
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


def _wants_conversations(rule: object) -> bool:
    return at(rule, "parameters", "required_review_thread_resolution") is True


def _reviews(rule: object) -> int:
    return maybe_number(rule, "parameters", "required_approving_review_count") or 0


def _methods(rules: list[object]) -> frozenset[MergeMethod]:
    """Return what every rule allows; GitHub signs no rebased commit."""
    allowed = METHODS
    for rule in rules:
        if at(rule, "type") == "required_linear_history":
            allowed -= {"merge"}
        if at(rule, "type") == "required_signatures":
            allowed -= {"rebase"}
        if at(rule, "parameters", "allowed_merge_methods") is not None:
            named = items(rule, "parameters", "allowed_merge_methods")
            allowed &= {method for method in METHODS if method in named}
    return allowed


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
