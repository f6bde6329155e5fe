"""The queries of the datasources, executed on GitHub's own schema."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from graphql import (
    GraphQLError,
    GraphQLSchema,
    build_ast_schema,
    graphql_sync,
    parse,
    validate,
)

from octobot.datasources.ancestry import contained
from octobot.datasources.github import GitHub
from octobot.model.lookup import GraphQLRequest, GraphQLResponse, Request, Response
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

FIXTURES = Path(__file__).parents[2] / "fixtures"
SCHEMA = FIXTURES / "github" / "schema.graphql"
T = TypeVar("T")


@cache
def schema() -> GraphQLSchema:
    """Build GitHub's schema, as the sandbox has it."""
    return build_ast_schema(parse(SCHEMA.read_text()), assume_valid=True)


def oid(text: str) -> str:
    """Make an object id of a few digits."""
    return text.zfill(40)


def commit(text: str) -> dict[str, Any]:
    """Make a commit."""
    return {"__typename": "Commit", "oid": oid(text), "committedDate": "2026-02-03T02:05:06Z"}


@dataclass(frozen=True)
class FakeRepository:
    """A repository as GitHub's schema has it; the methods are resolvers."""

    databaseId: int  # noqa: N815  (GitHub's name)
    nameWithOwner: str  # noqa: N815  (as above)
    tags: Sequence[tuple[str, Mapping[str, Any]]] = ()
    published: Sequence[Mapping[str, Any]] = ()
    branches: Mapping[str, Mapping[str, Any]] | None = None
    inside: Mapping[str, str] | None = None

    def refs(self, _info: object, *, first: int, **arguments: object) -> dict[str, Any]:
        """Return a page of tags."""
        nodes = [{"name": name, "target": target} for name, target in self.tags]
        return page(nodes, first, arguments.get("after"))

    def releases(self, _info: object, *, first: int, **arguments: object) -> dict[str, Any]:
        """Return a page of releases."""
        return page(list(self.published), first, arguments.get("after"))

    def ref(self, _info: object, *, qualifiedName: str) -> dict[str, Any] | None:  # noqa: N803  (as above)
        """Return a ref by its whole name."""
        name = qualifiedName.removeprefix("refs/heads/")
        target = (self.branches or {}).get(name)
        if target is None:
            return None
        return {"name": name, "target": target, "compare": self.compare}

    def defaultBranchRef(self, info: object) -> dict[str, Any] | None:  # noqa: N802  (as above)
        """Return the default branch."""
        return self.ref(info, qualifiedName="refs/heads/main")

    def compare(self, _info: object, *, headRef: str) -> dict[str, Any] | None:  # noqa: N803  (as above)
        """Compare a commit with the ref."""
        status = (self.inside or {}).get(headRef)
        return {"status": status, "headTarget": commit(headRef)} if status else None


def page(nodes: list[Any], first: int, after: object) -> dict[str, Any]:
    """Cut a page out of a list; a cursor is an index."""
    start = int(str(after)) if after else 0
    more = start + first < len(nodes)
    about = {"hasNextPage": more, "endCursor": str(start + first)}
    return {"totalCount": len(nodes), "pageInfo": about, "nodes": nodes[start : start + first]}


@dataclass(frozen=True)
class FakeGitHub:
    """The root of the schema."""

    repositories: Mapping[str, FakeRepository]

    def repository(self, _info: object, *, owner: str, name: str, **_: object) -> FakeRepository:
        """Find a repository, or say NOT_FOUND as GitHub does."""
        found = self.repositories.get(f"{owner}/{name}".casefold())
        if found is None:
            raise GraphQLError(
                "Could not resolve to a Repository", extensions={"type": "NOT_FOUND"}
            )
        return found

    def answer(self, request: Request) -> Response:
        """Execute a query on the schema."""
        assert isinstance(request, GraphQLRequest)
        assert validate(schema(), parse(request.query)) == []
        result = graphql_sync(
            schema(), request.query, self, variable_values=dict(request.variables)
        )
        errors = [
            {"message": error.message, "path": error.path, **(error.extensions or {})}
            for error in result.errors or ()
        ]
        return GraphQLResponse(result.data, errors)


def drive(
    conversation: Generator[Request, Response, T], answer: Callable[[Request], Response]
) -> tuple[T, int]:
    """Drive a conversation to its end; return its result and the number of requests."""
    count = 0
    try:
        request = next(conversation)
        while True:
            count += 1
            request = conversation.send(answer(request))
    except StopIteration as end:
        result: T = end.value
        return result, count


def test_every_kind_of_question_is_of_githubs_schema() -> None:
    """Tags over three pages, releases, a branch, the default branch, and a repository gone."""
    many = [(f"v1.{number}", commit(str(number))) for number in range(250)]
    annotated = {"__typename": "Tag", "oid": oid("a"), "target": commit("c")}
    release = {
        "tagName": "v2",
        "isDraft": False,
        "isPrerelease": False,
        "publishedAt": "2026-08-30T10:11:12Z",
        "tagCommit": commit("c"),
        "tag": {"target": annotated},
    }
    github = FakeGitHub(
        {
            "o/many": FakeRepository(1, "O/Many", tags=[("v2", annotated), *many]),
            "o/some": FakeRepository(
                2, "o/some", published=[release], branches={"main": commit("e")}
            ),
        }
    )
    upstreams = [
        Upstream("github", "o/many", "tags"),
        Upstream("github", "o/some", "releases"),
        Upstream("github", "o/some", "branch"),
        Upstream("github", "o/some", "branch", "main"),
        Upstream("github", "o/gone", "tags"),
    ]
    findings, count = drive(GitHub().lookup(upstreams), github.answer)
    found, released, default, main, gone = (findings[upstream] for upstream in upstreams)
    assert not isinstance(found, Reason)
    assert [tag.name for tag in found] == ["v2", *(name for name, _ in many)]
    assert (found[0].commit, found[0].tag_object) == (oid("c"), oid("a"))
    assert not isinstance(released, Reason)
    assert (released[0].commit, released[0].tag_object) == (oid("c"), oid("a"))
    assert default == main
    assert not isinstance(main, Reason)
    assert isinstance(main[0], Release)
    assert main[0].committed is not None
    assert isinstance(gone, Reason)
    assert gone.code is ReasonCode.UPSTREAM_MISSING
    assert count == 3


@pytest.mark.parametrize("ref", ["refs/heads/main", "HEAD"])
def test_the_comparison_is_of_githubs_schema(ref: str) -> None:
    """The tip, an ancestor, a stranger and an unknown commit, in one query."""
    inside = {oid("1"): "BEHIND", oid("2"): "IDENTICAL", oid("3"): "AHEAD"}
    repository = FakeRepository(1, "o/r", branches={"main": commit("2")}, inside=inside)
    github = FakeGitHub({"o/r": repository})
    commits = [oid(digit) for digit in "1234"]
    found, count = drive(contained("https://github.com/o/r", ref, commits), github.answer)
    assert found == frozenset({oid("1"), oid("2")})
    assert count == 1
