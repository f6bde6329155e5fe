import asyncio

import pytest
from github import UnknownObjectException

from octobot.github.app.pygithub_adapter import pygithub
from octobot.github.transport.request import AnswerLost
from octobot.model.errors import TryLater
from octobot.model.ids import InstallationId
from tests.github.loopback import Say, Scene

REPOSITORY = {"id": 1, "full_name": "o/n", "url": "https://x/repos/o/n", "allow_squash_merge": True}


async def test_pygithub_uses_the_client(stage: Scene) -> None:
    """Its requests carry the client's token, version and retries."""
    stage.far.say(Say(502), Say(json=REPOSITORY))
    hub = pygithub(stage.app().installation(InstallationId(3)))
    assert await asyncio.to_thread(lambda: hub.get_repo("o/n").allow_squash_merge) is True
    last = stage.far.heard[-1]
    assert last.path == "/repos/o/n"
    assert last.headers["authorization"] == "token secret1"
    assert last.headers["x-github-api-version"] == "2022-11-28"


async def test_pygithub_repeats_no_post(stage: Scene) -> None:
    """Left alone it would send three."""
    hub = pygithub(stage.public("t"))
    stage.far.say(Say(502))
    with pytest.raises(AnswerLost):
        await asyncio.to_thread(lambda: hub.get_repo("o/n").create_issue("title"))
    assert stage.far.asked == ["POST /repos/o/n/issues"]


async def test_pygithub_follows_no_rename(stage: Scene) -> None:
    """By itself it would return an empty repository."""
    hub = pygithub(stage.public("t"))
    stage.far.say(Say(307, headers={"Location": f"{stage.far.url}/repositories/1"}))
    with pytest.raises(TryLater, match="renamed"):
        await asyncio.to_thread(lambda: hub.get_repo("o/n").id)


async def test_pygithubs_own_errors_stay(stage: Scene) -> None:
    """And it never sees a token."""
    hub = pygithub(stage.public("ghp_x"))
    stage.far.say(Say(404, {"message": "Not Found"}))
    with pytest.raises(UnknownObjectException):
        await asyncio.to_thread(lambda: hub.get_repo("o/n").id)
    auth = hub.requester.auth
    assert auth is not None
    assert (auth.token_type, auth.token.isdigit(), str(auth).count("ghp_x")) == ("session", True, 0)
    hub.close()
