"""Whether repositories on GitHub are who they were, and have the tags that specs pin of them.

Asked of repositories that are not watched, or whose releases are.  A query costs one point however
many repositories are in it, since it has no connection; a hundred are.  Whatever GitHub does not
say stays unknown.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from octobot.datasources.git import resolve
from octobot.datasources.github_failures import errors_by_alias, is_exceeded
from octobot.model.ids import Repository
from octobot.model.lookup import (
    GraphQLRequest,
    GraphQLResponse,
    Request,
    Response,
    Unreachable,
)
from octobot.model.reasons import Reason

AT_ONCE = 100
"""Repositories of one query."""
_MOST_TAGS = 20
"""Tags of one repository that one query asks for."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """What GitHub said of one repository."""

    id: int | None
    """None: it is not known, or there is no such repository."""
    tags: Mapping[str, bool] = field(default_factory=dict)
    """Each tag that was asked for: whether it is there."""


Wanted = Mapping[str, Sequence[str]]
"""Repository, as owner/name → tags."""
_Answers = Mapping[str, Pinned]


def look_up_pins(wanted: Wanted) -> Generator[Request, Response, _Answers]:
    """Ask for repositories and tags of theirs; what is not in the answer is not known."""
    found: dict[str, Pinned] = {}
    waiting = [(name, tuple(tags)) for name, tags in wanted.items()]
    size = AT_ONCE
    while waiting:
        some, waiting = waiting[:size], waiting[size:]
        answer = yield _query(some)
        if isinstance(answer, Unreachable) and answer.closed:
            return (yield from _by_git(wanted))
        smaller = is_exceeded(answer) and len(some) > 1
        if not isinstance(answer, GraphQLResponse) or not (answer.data or smaller):
            return found
        found.update(_read(some, answer))
        found.update((yield from _by_git(_hidden(some, answer))))
        if smaller:
            size = len(some) // 2
            waiting = [one for one in some if one[0] not in found] + waiting
    return found


def _hidden(asked: Sequence[tuple[str, Sequence[str]]], answer: GraphQLResponse) -> Wanted:
    """Return what an organisation's IP allow list hides from a token; git shows it."""
    errors = errors_by_alias(answer.errors)
    return {
        name: tags
        for number, (name, tags) in enumerate(asked)
        if errors.get(f"r{number}", {}).get("type") == "FORBIDDEN"
    }


def _query(asked: Sequence[tuple[str, Sequence[str]]]) -> GraphQLRequest:
    variables: dict[str, str] = {}
    parts = []
    for number, (name, tags) in enumerate(asked):
        repository = Repository.parse(name)
        variables[f"owner{number}"] = repository.owner
        variables[f"name{number}"] = repository.name
        refs = []
        for index, tag in enumerate(_few(tags)):
            variables[f"ref{number}x{index}"] = f"refs/tags/{tag}"
            refs.append(f"t{index}: ref(qualifiedName: $ref{number}x{index}) {{ name }}")
        names = f"owner: $owner{number}, name: $name{number}"
        parts.append(f"r{number}: repository({names}) {{ databaseId {' '.join(refs)} }}")
    declared = ", ".join(f"${name}: String!" for name in variables)
    budget = "rateLimit { cost limit remaining resetAt }"
    return GraphQLRequest("\n".join([f"query({declared}) {{", budget, *parts, "}"]), variables)


def _read(asked: Sequence[tuple[str, Sequence[str]]], answer: GraphQLResponse) -> _Answers:
    failed, missing = _errors(answer.errors)
    found: dict[str, Pinned] = {}
    for number, (name, all_tags) in enumerate(asked):
        alias, there, tags = f"r{number}", (answer.data or {}).get(f"r{number}"), _few(all_tags)
        if alias in missing:
            found[name] = Pinned(None, dict.fromkeys(tags, False))
        elif alias not in failed and isinstance(there, dict):
            id_, refs = there.get("databaseId"), [there.get(f"t{i}", "") for i in range(len(tags))]
            if isinstance(id_, int) and "" not in refs:
                found[name] = Pinned(id_, dict(zip(tags, map(bool, refs), strict=True)))
    return found


def _few(tags: Sequence[str]) -> Sequence[str]:
    return tags[:_MOST_TAGS]


def _by_git(wanted: Wanted) -> Generator[Request, Response, _Answers]:
    """Ask git, which knows no ids, where nobody answers GraphQL."""
    found: dict[str, Pinned] = {}
    for name, tags in wanted.items():
        shown: dict[str, bool] = {}
        for tag in tags:
            there = yield from resolve(f"https://github.com/{name}", f"refs/tags/{tag}")
            if not isinstance(there, Reason):
                shown[tag] = there is not None
        if len(shown) == len(tags):
            found[name] = Pinned(None, shown)
    return found


def _errors(errors: Sequence[Mapping[str, Any]]) -> tuple[set[str], set[str]]:
    """Return the aliases that have an error, and those of which GitHub says that none is there."""
    failed: set[str] = set()
    missing: set[str] = set()
    for error in errors:
        path = error.get("path") or []
        failed |= {str(path[0])} if path else set()
        missing |= {str(path[0])} if len(path) == 1 and error.get("type") == "NOT_FOUND" else set()
    return failed, missing
