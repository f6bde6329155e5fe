"""The datasource `github`, against recorded answers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from octobot.datasources.github import GitHub
from octobot.datasources.github_reading import MOST_PAGES
from octobot.model.ids import Sha
from octobot.model.lookup import (
    Findings,
    GraphQLRequest,
    GraphQLResponse,
    Request,
    Response,
    Unreachable,
)
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release
from tests.datasources.conftest import GitRepository, Server

RECORDED = Path(__file__).parents[2] / "fixtures" / "upstream" / "github"


def recorded(name: str) -> GraphQLResponse:
    """Read a recorded answer."""
    answer = json.loads((RECORDED / f"{name}.json").read_text())
    return GraphQLResponse(answer.get("data"), answer.get("errors", ()))


def look(
    upstreams: list[Upstream],
    answer: Callable[[GraphQLRequest], Response],
    *,
    git: Server | None = None,
    source: GitHub | None = None,
) -> tuple[Findings, list[GraphQLRequest]]:
    """Drive one look-up to its end; return the findings and what was asked of GraphQL."""
    lookup, asked = (source or GitHub()).lookup(upstreams), list[GraphQLRequest]()
    try:
        request: Request = next(lookup)
        while True:
            if git and not isinstance(request, GraphQLRequest):
                request = lookup.send(git(request))
                continue
            assert isinstance(request, GraphQLRequest)
            asked.append(request)
            request = lookup.send(answer(request))
    except StopIteration as end:
        findings: Findings = end.value
        return findings, asked


def tags(name: str) -> Upstream:
    """Return the upstream that asks for a repository's tags."""
    return Upstream("github", name, "tags")


def aliases(request: GraphQLRequest) -> list[str]:
    """Return the repositories of a query, in order of alias."""
    variables = request.variables
    count = sum(name.startswith("owner") for name in variables)
    return [f"{variables[f'owner{i}']}/{variables[f'name{i}']}" for i in range(count)]


def tagged(request: GraphQLRequest, *, more: str | None = None) -> GraphQLResponse:
    """Answer for each repository with one tag, and with a next page on request."""
    page = {"hasNextPage": more is not None, "endCursor": more}
    data = {}
    for index, name in enumerate(aliases(request)):
        target = {"__typename": "Commit", "oid": f"{index:040x}"}
        node = {"name": f"after-{request.variables[f'tags{index}']}", "target": target}
        shown = {"totalCount": 1, "pageInfo": page, "nodes": [node]}
        data[f"r{index}"] = {"databaseId": 1, "nameWithOwner": name, "tags": shown}
    return GraphQLResponse(data)


def test_tags_and_releases_of_one_repository_are_one_question() -> None:
    """Two upstreams that share a repository, spelled differently, share its alias."""
    both = [tags("example/widget"), Upstream("github", "Example/Widget", "releases")]
    findings, asked = look(both, lambda _: recorded("tags-and-releases"))
    assert len(asked) == 1
    assert aliases(asked[0]) == ["example/widget"]
    assert findings[both[0]] == (
        Release("v2.0.0", Sha("cc" + "2".zfill(38)), Sha("aa" + "2".zfill(38))),
        Release("v1.9.0-signed", Sha("cc" + "19".zfill(38)), Sha("aa" + "19".zfill(38))),
        Release("v1.0.0", Sha("cc" + "1".zfill(38)), Sha("cc" + "1".zfill(38))),
        Release("docs-tree", None, Sha("dd" + "1".zfill(38))),
        Release("v1.0$(id)", Sha("cc" + "666".zfill(38)), Sha("cc" + "666".zfill(38))),
    )


def test_releases_carry_what_the_choice_needs() -> None:
    """Drafts and pre-releases are marked, not dropped: dropping is the choice's business."""
    upstream = Upstream("github", "Example/Widget", "releases")
    both = [tags("Example/Widget"), upstream]
    findings, _ = look(both, lambda _: recorded("tags-and-releases"))
    found = findings[upstream]
    assert not isinstance(found, Reason)
    draft, final, candidate = found
    assert draft == Release("v3.0.0", draft=True)
    assert final == Release(
        "v2.0.0",
        Sha("cc" + "2".zfill(38)),
        Sha("aa" + "2".zfill(38)),
        published=datetime(2026, 8, 30, 10, 11, 12, tzinfo=UTC),
    )
    assert candidate.prerelease


def test_each_error_is_one_repositorys_alone() -> None:
    """Missing and incomplete ones get their reason; a renamed one and the fourth get their tags."""
    names = ["example/gone", "example/gadget", "example/holey", "example/well"]
    findings, _ = look([tags(name) for name in names], lambda _: recorded("partly-told"))
    gone, renamed, holey, well = (findings[tags(name)] for name in names)
    assert isinstance(gone, Reason)
    assert gone.code is ReasonCode.UPSTREAM_MISSING
    assert not isinstance(renamed, Reason)
    assert isinstance(holey, Reason)
    assert holey.code is ReasonCode.UPSTREAM_UNREACHABLE
    assert well == (Release("1.2.3", Sha("cc" + "123".zfill(38)), Sha("cc" + "123".zfill(38))),)


@pytest.mark.parametrize(
    "told",
    [
        {"r0": None},
        {"r0": {"databaseId": 1, "nameWithOwner": "a/b", "tags": None}},
        {"r0": {"databaseId": None, "nameWithOwner": "a/b"}},
        {"r0": {"databaseId": 1, "nameWithOwner": "a/b", "tags": {"nodes": []}}},
        {
            "r0": {
                "databaseId": 1,
                "nameWithOwner": "a/b",
                "tags": {
                    "totalCount": 1,
                    "nodes": [],
                    "pageInfo": {"hasNextPage": True, "endCursor": None},
                },
            }
        },
        {
            "r0": {
                "databaseId": 1,
                "nameWithOwner": "a/b",
                "tags": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}},
            }
        },
        {"r1": {}},
    ],
)
def test_what_was_not_answered_is_never_taken_for_gone(told: dict[str, object]) -> None:
    """Without GitHub's word NOT_FOUND on the repository itself, an absence is "no news"."""
    findings, _ = look([tags("a/b")], lambda _: GraphQLResponse(told))
    reason = findings[tags("a/b")]
    assert isinstance(reason, Reason)
    assert reason.code is ReasonCode.UPSTREAM_UNREACHABLE


def test_something_not_found_inside_a_repository_is_not_the_repository() -> None:
    """NOT_FOUND on one tag's target leaves the repository unknown, not gone."""
    error = {"type": "NOT_FOUND", "path": ["r0", "tags", "nodes", 0], "message": "?"}
    findings, _ = look([tags("a/b")], lambda _: GraphQLResponse({"r0": {}}, [error]))
    reason = findings[tags("a/b")]
    assert isinstance(reason, Reason)
    assert reason.code is ReasonCode.UPSTREAM_UNREACHABLE


def test_a_hundred_repositories_go_into_one_query() -> None:
    """Two hundred and one repositories are three queries."""
    upstreams = [tags(f"owner/r{number}") for number in range(201)]
    findings, asked = look(upstreams, tagged)
    assert [len(aliases(request)) for request in asked] == [100, 100, 1]
    assert len(findings) == 201


def test_only_repositories_with_more_are_asked_again() -> None:
    """The second query carries the cursor of the one repository whose page was full."""

    def answer(request: GraphQLRequest) -> Response:
        first = tagged(request)
        if request.variables["tags0"] is None:
            assert first.data is not None
            first.data["r1"]["tags"]["pageInfo"] = {"hasNextPage": True, "endCursor": "C1"}
        return first

    upstreams = [tags("o/a"), tags("o/b"), tags("o/c")]
    findings, asked = look(upstreams, answer)
    assert [aliases(request) for request in asked] == [["o/a", "o/b", "o/c"], ["o/b"]]
    found = findings[tags("o/b")]
    assert not isinstance(found, Reason)
    assert [release.name for release in found] == ["after-None", "after-C1"]


def test_a_repository_without_end_gets_a_reason() -> None:
    """A million tags are not read: the cap is visible and is not "up to date"."""
    findings, asked = look([tags("o/endless")], lambda request: tagged(request, more="C"))
    reason = findings[tags("o/endless")]
    assert isinstance(reason, Reason)
    assert "more than 100 pages" in reason.detail
    assert len(asked) == MOST_PAGES


def test_a_repository_that_is_replaced_while_it_is_read_is_not_believed() -> None:
    """Pages of two repositories with the same name are not put together."""
    numbers = iter([1, 2])

    def answer(request: GraphQLRequest) -> Response:
        told = tagged(request, more="C")
        assert told.data is not None
        told.data["r0"]["databaseId"] = next(numbers)
        return told

    findings, _ = look([tags("o/taken")], answer)
    assert isinstance(findings[tags("o/taken")], Reason)


def test_a_whole_failure_is_met_with_smaller_queries() -> None:
    """After timeouts 100 becomes 50, 25, 10; at 10 it works and everything is found."""

    def answer(request: GraphQLRequest) -> Response:
        return recorded("timeout") if len(aliases(request)) > 10 else tagged(request)

    upstreams = [tags(f"owner/r{number}") for number in range(100)]
    findings, asked = look(upstreams, answer)
    assert [len(aliases(request)) for request in asked] == [100, 50, 25, *[10] * 10]
    assert not any(isinstance(finding, Reason) for finding in findings.values())


@pytest.mark.parametrize("failure", [recorded("timeout"), Unreachable("HTTP 502")])
def test_a_dead_github_is_not_asked_for_ever(failure: Response) -> None:
    """Two smallest queries in a row that fail end the look-up, with a reason for each upstream."""
    upstreams = [tags(f"owner/r{number}") for number in range(300)]
    findings, asked = look(upstreams, lambda _: failure)
    assert [len(aliases(request)) for request in asked] == [100, 50, 25, 10, 10]
    assert {finding.code for finding in findings.values() if isinstance(finding, Reason)} == {
        ReasonCode.UPSTREAM_UNREACHABLE
    }
    assert len(findings) == 300


def limited(request: GraphQLRequest, most: int, *, path: bool = True) -> GraphQLResponse:
    """Answer for as many repositories as GitHub has resources for; the others are null."""
    told, names = tagged(request), aliases(request)
    assert told.data is not None
    error = {"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query ..."}
    late = {f"r{number}": None for number in range(most, len(names))}
    beyond = {**error, "path": [f"r{most}", "tags"]} if path else error
    return GraphQLResponse({**told.data, **late}, [beyond] if late else [])


@pytest.mark.parametrize("path", [True, False])
def test_a_query_beyond_githubs_resources_becomes_smaller(path: bool) -> None:  # noqa: FBT001 (a case)
    """Nobody is unreachable: neither the one that is named, nor those that come after it."""
    upstreams = [tags(f"owner/r{number}") for number in range(100)]
    findings, asked = look(upstreams, lambda request: limited(request, 20, path=path))
    assert not any(isinstance(found, Reason) for found in findings.values())
    sizes = [len(aliases(request)) for request in asked]
    assert sizes[:3] == [100, 50, 25]
    assert max(sizes[3:]) <= 25


def test_a_repository_beyond_githubs_resources_is_asked_alone_and_then_by_git(
    repository: GitRepository,
) -> None:
    """One that is too much even for a query of its own shows its tags by git."""

    def answer(request: GraphQLRequest) -> Response:
        names = aliases(request)
        return limited(request, names.index("o/huge")) if "o/huge" in names else tagged(request)

    upstreams = [tags("o/huge"), *(tags(f"o/r{number}") for number in range(12))]
    findings, asked = look(upstreams, answer, git=repository.server())
    assert ["o/huge"] in [aliases(request) for request in asked]
    assert not any(isinstance(found, Reason) for found in findings.values())
    found = findings[tags("o/huge")]
    assert not isinstance(found, Reason)
    assert {"v1.0", "v2.0"} <= {release.name for release in found}


def test_what_an_ip_allow_list_hides_is_asked_by_git(repository: GitRepository) -> None:
    """The anonymous may read it; the others of the query are not asked again."""
    hidden = {"type": "FORBIDDEN", "path": ["r1"], "message": "... an IP allow list enabled ..."}

    def answer(request: GraphQLRequest) -> Response:
        told = tagged(request)
        assert told.data is not None
        return GraphQLResponse({**told.data, "r1": None}, [hidden])

    findings, asked = look(
        [tags("o/a"), tags("o/hidden"), tags("o/b")], answer, git=repository.server()
    )
    assert len(asked) == 1
    found = findings[tags("o/hidden")]
    assert not isinstance(found, Reason)
    assert {"v1.0", "v2.0"} <= {release.name for release in found}


def test_the_size_that_worked_is_remembered() -> None:
    """The next look begins with it; after many good queries a larger one is tried."""
    source = GitHub()

    def answer(request: GraphQLRequest) -> Response:
        return recorded("timeout") if len(aliases(request)) > 25 else tagged(request)

    upstreams = [tags(f"owner/r{number}") for number in range(250)]
    sizes = [
        [len(aliases(request)) for request in look(upstreams, answer, source=source)[1]]
        for _ in range(3)
    ]
    assert sizes[0] == [100, 50, *[25] * 10]
    assert sizes[1] == [25] * 10
    assert sizes[2] == [50, *[25] * 10]


def test_one_poisoned_query_costs_ten_repositories_at_most() -> None:
    """What fails even at ten gets a reason; the others are still asked."""

    def answer(request: GraphQLRequest) -> Response:
        poisoned = "owner/r42" in aliases(request)
        return recorded("timeout") if poisoned else tagged(request)

    findings, _ = look([tags(f"owner/r{number}") for number in range(100)], answer)
    failed = [upstream for upstream, found in findings.items() if isinstance(found, Reason)]
    assert len(failed) == 10
    assert tags("owner/r42") in failed


def test_a_spent_budget_ends_the_look_up_at_once() -> None:
    """Asking on while limited is what gets an App blocked."""
    upstreams = [tags(f"owner/r{number}") for number in range(100)]
    findings, asked = look(upstreams, lambda _: recorded("rate-limited"))
    assert len(asked) == 1
    assert all(isinstance(found, Reason) for found in findings.values())


def test_an_invalid_identifier_is_the_specs_fault() -> None:
    """Nothing of a malformed identifier reaches a query."""
    odd = Upstream("github", 'owner/name") { id } #', "tags")
    findings, asked = look([odd], tagged)
    reason = findings[odd]
    assert isinstance(reason, Reason)
    assert reason.code is ReasonCode.BAD_UPDATE_BLOCK
    assert asked == []
