import pytest

from octobot.github.repository.commits import _ON_BRANCH, _ON_NEW_BRANCH, _RECREATED
from octobot.github.transport.request import Request, kind_of
from octobot.github.transport.scopes import EVERYTHING, PERMISSIONS, READING, Needs, needs_of
from octobot.model.ids import InstallationId, RepositoryId
from tests.github.loopback import Say, Scene

R = "/repos/o/n"
QUERY = b'{"query": "query($x: Int) { viewer { login } }"}'


def writing(needs: Needs) -> set[str]:
    """Return what can be changed with these needs."""
    return {name for name, level in needs if level == "write"}


@pytest.mark.parametrize(
    ("method", "path", "body", "wanted"),
    [
        ("GET", f"{R}/pulls/1", b"", set()),
        ("POST", "/graphql", QUERY, set()),
        ("POST", f"{R}/check-runs", b"", {"checks"}),
        ("PATCH", f"{R}/check-runs/7", b"", {"checks"}),
        ("POST", f"{R}/check-runs/7/rerequest", b"", {"checks"}),
        ("POST", f"{R}/actions/runs/7/rerun-failed-jobs", b"", {"actions"}),
        ("POST", f"{R}/pulls", b"", {"pull_requests"}),
        ("PATCH", f"{R}/pulls/7", b"", {"pull_requests"}),
        ("PUT", f"{R}/pulls/7/merge", b"", {"contents", "pull_requests"}),
        ("DELETE", f"{R}/git/refs/heads/octobot/a/1", b"", {"contents"}),
        ("POST", f"{R}/issues/7/comments", b"", {"issues", "pull_requests"}),
        ("PATCH", f"{R}/issues/comments/7", b"", {"issues", "pull_requests"}),
        ("POST", "/graphql", _ON_BRANCH.encode(), {"contents"}),
        ("POST", "/graphql", _ON_NEW_BRANCH.encode(), {"contents"}),
        ("POST", "/api/graphql", _RECREATED.encode(), {"contents"}),
        ("POST", "/graphql", b"mutation { mergeBranch(input: $x) { id } }", writing(EVERYTHING)),
        ("POST", f"{R}/merges", b"", writing(EVERYTHING)),
    ],
)
def test_each_request_needs_what_it_does(
    method: str, path: str, body: bytes, wanted: set[str]
) -> None:
    """And nothing beyond what the App has."""
    kind = kind_of(method, path, body)
    needs = needs_of(Request(method, f"https://api.github.com{path}", {}, body, kind))
    assert writing(needs) == wanted
    assert {name for name, _ in needs} <= PERMISSIONS.keys()
    assert all(level == "read" or PERMISSIONS[name] == "write" for name, level in needs)


def test_reading_can_change_nothing() -> None:
    """It is what most requests travel with."""
    assert writing(READING) == set()


async def test_each_job_gets_the_narrowest_token(stage: Scene) -> None:
    """A reader's token cannot write, a check run's cannot push; all are for one repository."""
    road = stage.app().installation(InstallationId(3), repositories=frozenset({RepositoryId(9)}))
    stage.far.say(*[Say()] * 4)
    await road.get(f"{R}/pulls/1")
    await road.get(f"{R}/pulls/2")
    await road.exchange("POST", f"{R}/check-runs", {})
    await road.exchange("PUT", f"{R}/pulls/1/merge", {})
    minted = [one.json for one in stage.far.heard if one.path.endswith("/access_tokens")]
    assert minted == [
        {"permissions": dict(sorted(READING)), "repository_ids": [9]},
        {"permissions": {"checks": "write", "metadata": "read"}, "repository_ids": [9]},
        {
            "permissions": {"contents": "write", "metadata": "read", "pull_requests": "write"},
            "repository_ids": [9],
        },
    ]
    used = [one.headers["authorization"] for one in stage.far.heard if "9" not in one.path]
    assert [each for each in used if each.startswith("token")] == [
        "token secret1", "token secret1", "token secret2", "token secret3",
    ]  # fmt: skip
