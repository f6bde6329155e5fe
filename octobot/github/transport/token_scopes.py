"""Which permissions one request needs: the token it travels with can do that and nothing else.

Reading never travels with a token that can write, and a token that posts a check run cannot push.
A stolen or logged token is worth as little as possible for the hour that it lives.
Source: docs.github.com, "Permissions required for GitHub Apps".
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

Needs = frozenset[tuple[str, str]]
"""(permission, level) pairs."""

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "actions": "write",  # the logs of failed jobs, and their one re-run
        "checks": "write",  # the check run `octobot`, and everybody else's conclusions
        "contents": "write",  # specs, commits, branches, merges
        "issues": "write",  # issues and the comments on pull requests
        "metadata": "read",  # rulesets, and who may write
        "pull_requests": "write",
        "statuses": "read",  # the event `status`
    }
)
"""Everything the App asks for; `app.yaml` says the same.  `workflows` is left out on purpose."""

EVERYTHING: Needs = frozenset(PERMISSIONS.items())
READING: Needs = frozenset((name, "read") for name in PERMISSIONS)
"""For whatever changes nothing."""

_CONTENTS: Needs = frozenset({("contents", "write"), ("metadata", "read")})
_CHECKS: Needs = frozenset({("checks", "write"), ("metadata", "read")})
_ACTIONS: Needs = frozenset({("actions", "write"), ("metadata", "read")})
_PULLS: Needs = frozenset({("contents", "read"), ("metadata", "read"), ("pull_requests", "write")})
_MERGING: Needs = _CONTENTS | {("pull_requests", "write")}
_WORDS: Needs = frozenset({("issues", "write"), ("metadata", "read"), ("pull_requests", "write")})
"""An issue and the comments on a pull request have one address; GitHub asks for the one of two."""

_PATHS: tuple[tuple[re.Pattern[str], Needs], ...] = tuple(
    (re.compile(pattern), needs)
    for pattern, needs in (
        (r".*/check-(?:runs|suites)(?:/\d+(?:/rerequest)?)?", _CHECKS),
        (r".*/actions/(?:runs|jobs)/\d+/rerun(?:-failed-jobs)?", _ACTIONS),
        (r".*/pulls/\d+/merge", _MERGING),
        (r".*/pulls(?:/\d+(?:/requested_reviewers)?)?", _PULLS),
        (r".*/git/.*", _CONTENTS),
        (r".*/issues(?:/.*)?", _WORDS),
    )
)
_MUTATIONS: Mapping[bytes, Needs] = MappingProxyType(
    {
        b"createCommitOnBranch": _CONTENTS,
        b"createRef": _CONTENTS,
        b"updateRefs": _CONTENTS,
        b"deleteRef": _CONTENTS,
        b"enqueuePullRequest": _MERGING,
        b"dequeuePullRequest": _MERGING,
        b"enablePullRequestAutoMerge": _MERGING,
        b"disablePullRequestAutoMerge": _MERGING,
    }
)
_CALLED = re.compile(rb"\b([a-z][A-Za-z]*)\s*\(\s*input\s*:")


def needs_of(method: str, path: str, body: bytes, *, write: bool) -> Needs:
    """Tell what a request to one repository needs; `path` has no query.

    A write that no line of the tables describes needs everything: it works, and a test tells.
    """
    if not write:
        return READING
    if path.endswith("/graphql"):
        called = [_MUTATIONS.get(name, EVERYTHING) for name in _CALLED.findall(body)]
        return frozenset().union(*called) if called else EVERYTHING
    found = [needs for pattern, needs in _PATHS if pattern.fullmatch(path)]
    return found[0] if found and method in ("POST", "PATCH", "PUT", "DELETE") else EVERYTHING
