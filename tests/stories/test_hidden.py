"""What GitHub does not show to a token, or does not have."""

import pytest

from octobot.datasources.github_failures import Memory
from octobot.datasources.table import TABLE
from octobot.model.lookup import HttpRequest, Request, Response, Unreachable
from octobot.model.reasons import ReasonCode
from tests.stories.story import NAME, Story


async def test_behind_an_ip_allow_list_git_shows_what_is_public(tale: Story) -> None:
    """GraphQL is refused for that organisation, and the package moves all the same."""
    tale.sandbox.hub.state.live.ip_allow_lists = frozenset({"example"})
    assert await tale.look() is ReasonCode.UP_TO_DATE
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    await tale.check()
    assert await tale.later(hours=1) is ReasonCode.MERGED


async def test_an_ip_allow_list_hides_no_other_repository(tale: Story) -> None:
    """Who takes over a name cannot hide its number behind such a list."""
    await tale.look()
    await tale.release("1.1")
    tale.sandbox.hub.state.live.ip_allow_lists = frozenset({"example"})
    tale.sandbox.replace_repository("example/hello")
    assert await tale.look() is ReasonCode.UPSTREAM_REPLACED
    assert await tale.pulls() == ()


async def test_a_number_that_nobody_shows_is_not_believed(
    tale: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub lets the anonymous ask seldom: until it answers, nothing new is taken."""
    await tale.look()
    await tale.release("1.1")
    tale.sandbox.hub.state.live.ip_allow_lists = frozenset({"example"})
    send, silent = tale.world.upstreams.send, True

    async def sent(request: Request) -> Response:
        if silent and isinstance(request, HttpRequest) and "api.github.com" in request.url:
            return Unreachable("HTTP 403")
        return await send(request)

    monkeypatch.setattr(tale.world.upstreams, "send", sent)
    assert await tale.look() is ReasonCode.UP_TO_DATE
    silent = False
    assert await tale.later(minutes=10) is ReasonCode.CHECKS_PENDING


async def test_refs_of_public_repositories_may_need_contents(tale: Story) -> None:
    """The token that reads upstreams has it, and can write nothing."""
    tale.sandbox.hub.state.live.refs_need_contents = True
    await tale.look()
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    row = await tale.row()
    assert row.target
    asked = [one.path for one in tale.sandbox.log if "git-upload-pack" in one.path]
    assert asked == []


async def test_more_than_githubs_resources_is_asked_in_smaller_queries(
    tale: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even an only repository becomes unreachable."""
    monkeypatch.setattr(TABLE["github"], "_memory", Memory())
    tale.sandbox.hub.state.live.graphql_repositories = 0
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING


async def test_without_issues_a_package_keeps_its_own_reason(tale: Story) -> None:
    """The alarm has nowhere to go; it is tried once, and is no trouble of GitHub's."""
    await tale.look()
    await tale.release("1.1")
    tale.sandbox.configure(NAME, has_issues=False)
    tale.sandbox.replace_repository("example/hello")
    tale.sandbox.log.clear()
    codes = [await tale.later(minutes=5) for _ in range(12)]
    assert set(codes) == {ReasonCode.UPSTREAM_REPLACED}
    assert len([one for one in tale.sandbox.log if one.status == 410]) == 1
