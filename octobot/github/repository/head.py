"""A pull request with its commits and check runs, as the query of `merge_state` shows them.

REST has the same in three reads.  What is not shown to its end here (a list with another page, a
part that GitHub hides, a word that is new) is read there: nothing is concluded from a gap.
Mergeability and "behind" are as REST has them: both make GitHub compute the former.
Source: docs.github.com, GraphQL `PullRequest`, `Commit` and `CheckSuite`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from octobot.github.repository.checks import run_of
from octobot.github.repository.trees import Commit
from octobot.github.repository.workflows import HEAD, SUITE_FIELDS
from octobot.github.transport.json_fields import Unexpected, at, items, maybe_number, number, sha
from octobot.github.transport.json_fields import text as text_at
from octobot.model.ids import PullNumber, RepositoryId, Sha
from octobot.model.pull_request import CheckRun, PullRequest

CORE = """number title state mergeable mergeStateStatus headRefOid headRefName baseRefName
      author { ... on Bot { databaseId } ... on User { databaseId } }
      headRepository { databaseId }
      commits(first: 5) {
        nodes { commit {
          oid
          tree { oid }
          signature { isValid }
          parents(first: 4) { nodes { oid } pageInfo { hasNextPage } }
        } }
        pageInfo { hasNextPage }
      }"""
"""The pull request itself and its commits."""
SUITES = f"""{HEAD}: commits(last: 1) {{ nodes {{ commit {{
        oid
        checkSuites(last: 40) {{
          nodes {{
            {SUITE_FIELDS}
            app {{ databaseId }}
            checkRuns(first: 100, filterBy: {{ checkType: LATEST }}) {{
              nodes {{
                databaseId name status conclusion url summary startedAt completedAt
              }}
              pageInfo {{ hasNextPage }}
            }}
          }}
          pageInfo {{ hasPreviousPage }}
        }}
      }} }} }}"""
"""Its last commit's check runs.  Both are 48 connections beside those of people: with them, and
with one older pull request, it is 96, which is one point."""
_MERGEABLE: Mapping[str, bool | None] = MappingProxyType(
    {"MERGEABLE": True, "CONFLICTING": False, "UNKNOWN": None}
)


@dataclass(frozen=True, slots=True)
class Head:
    """An open pull request and the commits on its branch."""

    pull: PullRequest
    commits: Mapping[Sha, Commit]
    """All of them, oldest first."""
    signed: bool
    """GitHub verified the signature of each commit."""
    runs: tuple[CheckRun, ...] | None
    """The latest run of each name in each suite of the head; None: not all are shown."""


def read_head(shown: object, *, whole: bool) -> Head | None:
    """Read one out of a query's answer; None where it is not open, or not shown in full.

    `whole` is False where an error says that some of the head's check suites are missing.
    """
    try:
        head = _head(shown, whole=whole)
    except Unexpected:
        return None
    return head if list(head.commits)[-1:] == [head.pull.head] else None


def _head(shown: object, *, whole: bool) -> Head:
    if text_at(shown, "state") != "OPEN" or _more(shown, "commits"):
        raise Unexpected("state", "open pull request, with all of its commits")
    commits = [at(node, "commit") for node in items(shown, "commits", "nodes")]
    return Head(
        pull=_pull(shown),
        commits={sha(one, "oid"): _commit(one) for one in commits},
        signed=all(at(one, "signature", "isValid") is True for one in commits),
        runs=_runs(shown) if whole else None,
    )


def _pull(shown: object) -> PullRequest:
    mergeable = text_at(shown, "mergeable")
    if mergeable not in _MERGEABLE:
        raise Unexpected("mergeable", "state known to octobot")
    repository = maybe_number(at(shown, "headRepository"), "databaseId")
    return PullRequest(
        number=PullNumber(number(shown, "number")),
        title=text_at(shown, "title"),
        state="open",
        author=maybe_number(at(shown, "author"), "databaseId") or 0,
        head=sha(shown, "headRefOid"),
        branch=text_at(shown, "headRefName"),
        head_repository=None if repository is None else RepositoryId(repository),
        base=text_at(shown, "baseRefName"),
        mergeable=_MERGEABLE[mergeable],
        behind=text_at(shown, "mergeStateStatus") == "BEHIND",
    )


def _commit(shown: object) -> Commit:
    if _more(shown, "parents"):
        raise Unexpected("parents", "list to its end")
    parents = tuple(sha(one, "oid") for one in items(shown, "parents", "nodes"))
    return Commit(sha(shown, "tree", "oid"), parents)


def _runs(shown: object) -> tuple[CheckRun, ...] | None:
    """Return all check runs of the last commit; None where not every one is shown."""
    last = [at(node, "commit") for node in items(shown, HEAD, "nodes")]
    if [at(one, "oid") for one in last] != [at(shown, "headRefOid")]:
        return None
    suites = at(last[0], "checkSuites")
    if at(suites, "pageInfo", "hasPreviousPage") is not False:
        return None
    shown_in_full = [suite for suite in items(suites, "nodes") if not _more(suite, "checkRuns")]
    if len(shown_in_full) < len(items(suites, "nodes")):
        return None
    return tuple(
        run_of(run, suite) for suite in shown_in_full for run in items(suite, "checkRuns", "nodes")
    )


def _more(shown: object, name: str) -> bool:
    """Return whether a list has another page, or may have one."""
    return at(shown, name, "pageInfo", "hasNextPage") is not False
