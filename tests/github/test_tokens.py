import asyncio

import pytest

from octobot.github.transport.download import download
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import InstallationId, RepositoryId
from tests.github.loopback import Say, Scene


async def test_an_installation_token_is_minted_once_and_narrow(stage: Scene) -> None:
    """Five askers at once cause one minting, for this repository and these permissions."""
    road = stage.app().installation(
        InstallationId(3), repositories=frozenset({RepositoryId(9)}), permissions={"checks": "read"}
    )
    stage.far.say(*[Say(json=n) for n in range(5)])
    await asyncio.gather(*(road.get(f"/x{n}") for n in range(5)))
    minting = [one for one in stage.far.heard if one.path.endswith("/access_tokens")]
    assert [one.path for one in minting] == ["/app/installations/3/access_tokens"]
    assert minting[0].json == {"permissions": {"checks": "read"}, "repository_ids": [9]}
    assert {one.headers["authorization"] for one in stage.far.heard if one.method == "GET"} == {
        "token secret1"
    }


async def test_a_token_is_renewed_five_minutes_early(stage: Scene) -> None:
    """And not before."""
    road = stage.app().installation(InstallationId(3))
    stage.far.say(*[Say()] * 3)
    for later in (0, 3290, 20):
        stage.ticker.seconds += later
        await road.get("/x")
    used = [one.headers["authorization"] for one in stage.far.heard if one.method == "GET"]
    assert used == ["token secret1", "token secret1", "token secret2"]


async def test_a_refused_token_is_replaced_once(stage: Scene) -> None:
    """The first 401 heals, even for a POST; the second is the operator's."""
    road = stage.app().installation(InstallationId(3))
    stage.far.say(Say(401, {"message": "Bad credentials"}), Say(201, {"id": 1}))
    assert (await road.exchange("POST", "/x", {})).status == 201
    assert stage.far.minted == 2
    stage.far.say(*[Say(401, {"message": "Bad credentials"})] * 2)
    with pytest.raises(Misconfigured, match="Bad credentials"):
        await road.exchange("POST", "/x", {})
    assert stage.far.minted == 3


async def test_a_wrong_clock_is_corrected_by_githubs(stage: Scene) -> None:
    """Ten minutes behind, the first JWT is refused; the second is dated by GitHub's answer."""
    stage.far.ahead = 600
    stage.far.say(Say(401, {"message": "'Expiration time' claim"}), Say(json={"id": 7}))
    assert await stage.app().session.get("/app") == {"id": 7}
    first, second = (one.headers["authorization"] for one in stage.far.heard)
    now = int(stage.ticker.clock.now())
    assert first == f"Bearer exp={now + 480}.iat={now - 60}.iss=7"
    assert second == f"Bearer exp={now + 1080}.iat={now + 540}.iss=7"


async def test_a_jwt_serves_for_some_minutes(stage: Scene) -> None:
    """It is signed again well before its ninth minute."""
    app = stage.app()
    stage.far.say(*[Say()] * 3)
    for later in (0, 400, 30):
        stage.ticker.seconds += later
        await app.session.get("/app")
    one, two, three = (heard.headers["authorization"] for heard in stage.far.heard)
    assert one == two != three


@pytest.mark.parametrize("status", [404, 422])
async def test_an_installation_without_token_is_the_operators(stage: Scene, status: int) -> None:
    """Gone, or not granted what is asked for."""
    mint = {"For": "mint"}
    stage.far.say(Say(status, {"message": "not granted"}, mint))
    with pytest.raises(Misconfigured, match="checks=read"):
        await stage.app().installation(InstallationId(3), permissions={"checks": "read"}).get("/x")


async def test_a_token_of_odd_shape_is_not_used(stage: Scene) -> None:
    """Neither without a date nor after a strange status."""
    mint = {"For": "mint"}
    road = stage.app().installation(InstallationId(3))
    stage.far.say(Say(201, {"token": "s", "expires_at": "tomorrow"}, mint))
    with pytest.raises(TryLater, match="no time at expires_at"):
        await road.get("/x")
    stage.far.say(Say(400, {"message": "odd"}, mint))
    with pytest.raises(TryLater, match="400 odd"):
        await road.get("/x")


async def test_a_download_follows_its_redirect_without_credentials(stage: Scene) -> None:
    """Only the tail is kept."""
    road = stage.public("ghp_x")
    stage.far.say(
        Say(302, headers={"Location": f"{stage.far.url}/blob?sig=a%2Bb"}), Say(raw=b"0123456789")
    )
    assert await download(road, "/repos/o/n/actions/jobs/1/logs", limit=4) == b"6789"
    assert stage.far.heard[1].path == "/blob?sig=a%2Bb"
    assert "authorization" not in stage.far.heard[1].headers


async def test_a_download_keeps_only_what_it_may(stage: Scene) -> None:
    """Also when the file is larger than the memory it gets."""
    redirect = Say(302, headers={"Location": f"{stage.far.url}/blob"})
    stage.far.say(redirect, Say(raw=b"x" * (3 << 20) + b"end"))
    kept = await download(stage.public(), "/x", limit=1000)
    assert kept == b"x" * 997 + b"end"


async def test_a_download_that_is_gone_is_empty(stage: Scene) -> None:
    """GitHub keeps logs for some weeks; broken lines are tried again."""
    road = stage.public()
    stage.far.say(Say(410, {"message": "Gone"}))
    assert await download(road, "/x", limit=4) is None
    redirect = Say(302, headers={"Location": f"{stage.far.url}/blob"})
    stage.far.say(redirect, Say(503), Say(drop=True), Say(404))
    assert await download(road, "/x", limit=4) is None
    stage.far.say(Say(raw=b"plain", headers={"Content-Type": "text/plain"}))
    assert await download(road, "/x", limit=4) == b"lain"


async def test_a_download_from_nowhere_is_reported(stage: Scene) -> None:
    """After some tries."""
    redirect = Say(302, headers={"Location": "http://127.0.0.1:1/blob"})
    stage.far.say(redirect)
    with pytest.raises(TryLater, match="broke off"):
        await download(stage.public(), "/x", limit=4)


async def test_a_persons_token_cannot_be_renewed(stage: Scene) -> None:
    """One refusal is the last."""
    stage.far.say(Say(401, {"message": "Bad credentials"}))
    with pytest.raises(Misconfigured, match="Bad credentials"):
        await stage.public("ghp_x").get("/user")
    assert len(stage.far.heard) == 1


async def test_a_download_does_not_leave_for_other_schemes(stage: Scene) -> None:
    """No file, no gopher."""
    stage.far.say(Say(302, headers={"Location": "file:///etc/passwd"}))
    with pytest.raises(TryLater, match="away from https"):
        await download(stage.public(), "/x", limit=4)
