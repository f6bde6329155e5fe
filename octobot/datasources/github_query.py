"""The GraphQL that the datasource `github` sends, and its answer read into releases.

One alias a repository; names and cursors travel as variables, never inside the text.
Source: GitHub's public GraphQL schema (`Repository.refs`, `.releases`, `.ref`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from octobot.datasources.reading import read_time
from octobot.model.ids import Repository, Sha, read_sha
from octobot.model.lookup import GraphQLRequest
from octobot.model.release import Release

DEFAULT_BRANCH = ""
PAGE = 100
"""Names on one page; GitHub allows no more."""
BESIDE = 30
"""Newest tags that are asked beside releases, to find those that have none."""
_TAGS = """fragment Tags on RefConnection {
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes { name target { ...Peeled } }
}"""
_NEWEST_TAGS = "orderBy: {field: TAG_COMMIT_DATE, direction: DESC}"
_RELEASES = """fragment Releases on ReleaseConnection {
  totalCount
  pageInfo { hasNextPage endCursor }
  nodes {
    tagName isDraft isPrerelease publishedAt
    tagCommit { oid committedDate } tag { target { oid } }
  }
}"""
_HEAD = """fragment Head on Ref {
  name target { __typename oid ... on Commit { committedDate } }
}"""
# A tag of a tag is legal and rare; what is deeper than this stays without a commit.
_PEELED = """fragment Peeled on GitObject {
  __typename oid ...Dated
  ... on Tag { target { __typename oid ...Dated
    ... on Tag { target { __typename oid ...Dated
      ... on Tag { target { __typename oid ...Dated } } } } } }
}"""
_DATED = "fragment Dated on Commit { committedDate }"


@dataclass(frozen=True, slots=True)
class Question:
    """What one query asks of one repository."""

    repository: Repository
    cursors: Mapping[str, str | None]
    """`tags` and `releases`: whichever is asked, with the cursor that its page comes after."""
    branches: Sequence[str] = ()
    """Names of branches whose head is asked; `DEFAULT_BRANCH` for the default one."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """How many names of each connection to ask for; a hundred where it is not said."""
    beside: bool = False
    """Ask for the newest tags, too."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of tags or releases."""

    releases: tuple[Release, ...]
    next: str | None
    """The cursor of the page that follows; None: this was the last."""
    total: int = 0
    """How many there are on all pages."""


@dataclass(frozen=True, slots=True)
class Answer:
    """GitHub's answer about one repository."""

    id: int
    name: str
    """`owner/name` as it is today; differs from what was asked after a rename."""
    pages: Mapping[str, Page]
    heads: Mapping[str, Release | None] = field(default_factory=dict)
    """Branch as asked to its head; None: there is no such branch."""
    beside: tuple[Release, ...] = ()
    """The newest tags, where they were asked."""


def query(questions: Sequence[Question]) -> GraphQLRequest:
    """Ask about all of `questions` at once, under the aliases `r0`, `r1`, …."""
    variables: dict[str, str | None] = {}
    parts = [_part(number, question, variables) for number, question in enumerate(questions)]
    declared = ", ".join(f"${name}: {_type(name)}" for name in variables)
    fragments = _fragments(questions)
    text = "\n".join(
        [
            f"query({declared}) {{",
            "rateLimit { cost limit remaining resetAt }",
            *parts,
            "}",
            *fragments,
        ]
    )
    return GraphQLRequest(text, variables)


def _type(variable: str) -> str:
    return "String" if variable.startswith(("tags", "releases")) else "String!"


def _part(number: int, question: Question, variables: dict[str, str | None]) -> str:
    variables[f"owner{number}"] = question.repository.owner
    variables[f"name{number}"] = question.repository.name
    fields = ["databaseId nameWithOwner"]
    for connection, cursor in question.cursors.items():
        variables[f"{connection}{number}"] = cursor
        size = question.sizes.get(connection, PAGE)
        fields.append(_connection(connection, f"${connection}{number}", size))
    if question.beside:
        arguments = f'refPrefix: "refs/tags/", first: {BESIDE}, {_NEWEST_TAGS}'
        fields.append(f"beside: refs({arguments}) {{ ...Tags }}")
    for index, branch in enumerate(question.branches):
        if branch == DEFAULT_BRANCH:
            fields.append(f"b{index}: defaultBranchRef {{ ...Head }}")
        else:
            variables[f"branch{number}x{index}"] = f"refs/heads/{branch}"
            fields.append(f"b{index}: ref(qualifiedName: $branch{number}x{index}) {{ ...Head }}")
    names = f"owner: $owner{number}, name: $name{number}"
    return f"r{number}: repository({names}) {{ {' '.join(fields)} }}"


def _connection(name: str, cursor: str, size: int) -> str:
    if name == "tags":
        arguments = f'refPrefix: "refs/tags/", first: {size}, after: {cursor}, {_NEWEST_TAGS}'
        return f"tags: refs({arguments}) {{ ...Tags }}"
    order = "orderBy: {field: CREATED_AT, direction: DESC}"
    return f"releases(first: {size}, after: {cursor}, {order}) {{ ...Releases }}"


def _fragments(questions: Sequence[Question]) -> Iterable[str]:
    # GraphQL refuses a query with a fragment that nothing uses.
    if any("tags" in question.cursors or question.beside for question in questions):
        yield from (_TAGS, _PEELED, _DATED)
    if any("releases" in question.cursors for question in questions):
        yield _RELEASES
    if any(question.branches for question in questions):
        yield _HEAD


@dataclass(frozen=True, slots=True)
class Budget:
    """The installation's points for this hour."""

    limit: int
    remaining: int
    reset: datetime | None


def read_budget(answer: Mapping[str, Any]) -> Budget | None:
    """Read the budget that comes with the answer; None when it is missing."""
    points = answer.get("rateLimit")
    if not isinstance(points, dict):
        return None
    limit, remaining = points.get("limit"), points.get("remaining")
    if not isinstance(limit, int) or not isinstance(remaining, int):
        return None
    return Budget(limit, remaining, read_time(points.get("resetAt")))


def read(question: Question, answer: Mapping[str, Any]) -> Answer | None:
    """Read the answer about one repository; None when it is incomplete."""
    number, name = answer.get("databaseId"), answer.get("nameWithOwner")
    if not isinstance(number, int) or not isinstance(name, str):
        return None
    pages: dict[str, Page] = {}
    for connection in question.cursors:
        page = _page(connection, answer.get(connection))
        if page is None:
            return None
        pages[connection] = page
    heads = {
        branch: _head(answer.get(f"b{index}")) for index, branch in enumerate(question.branches)
    }
    beside = _page("tags", answer.get("beside")) if question.beside else None
    return Answer(number, name, pages, heads, beside.releases if beside else ())


def _page(connection: str, answer: object) -> Page | None:
    if not isinstance(answer, dict):
        return None
    nodes = answer.get("nodes")
    if not isinstance(nodes, list) or not all(isinstance(node, dict) for node in nodes):
        return None
    about = answer.get("pageInfo")
    if not isinstance(about, dict):
        return None
    more, after = about.get("hasNextPage"), about.get("endCursor")
    total = answer.get("totalCount")
    if (more and not after) or not isinstance(total, int):
        return None
    one = _tag if connection == "tags" else _release
    return Page(tuple(one(node) for node in nodes), after if more else None, total)


def _tag(node: Mapping[str, Any]) -> Release:
    target = node.get("target")
    named = target if isinstance(target, dict) else {}
    commit, committed = _peel(named)
    oid = named.get("oid")
    return Release(
        str(node.get("name")),
        commit=commit,
        tag_object=commit if oid == commit else read_sha(oid),
        committed=committed,
    )


def _peel(target: object) -> tuple[Sha | None, datetime | None]:
    """Return the commit behind a tag, and its date."""
    while isinstance(target, dict) and target.get("__typename") == "Tag":
        target = target.get("target")
    if isinstance(target, dict) and target.get("__typename") == "Commit":
        return read_sha(target.get("oid")), read_time(target.get("committedDate"))
    return None, None  # a tag of a tree or a blob cannot be checked out


def _release(node: Mapping[str, Any]) -> Release:
    named, tag = node.get("tagCommit") or {}, node.get("tag") or {}
    commit, oid = read_sha(named.get("oid")), (tag.get("target") or {}).get("oid")
    return Release(
        str(node.get("tagName")),
        commit=commit,
        # Mostly the same: one text in memory for a hundred thousand releases is worth it.
        tag_object=commit if oid == commit else read_sha(oid),
        prerelease=node.get("isPrerelease") is True,
        draft=node.get("isDraft") is True,
        published=read_time(node.get("publishedAt")),
        committed=read_time(named.get("committedDate")),
    )


def _head(answer: object) -> Release | None:
    if not isinstance(answer, dict) or not isinstance(target := answer.get("target"), dict):
        return None
    commit, committed = _peel(target)
    if commit is None:
        return None
    return Release(str(answer.get("name")), commit=commit, committed=committed)
