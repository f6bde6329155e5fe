import asyncio

import pytest

from octobot.github.transport.download import download
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import InstallationId, RepositoryId
from tests.github.loopback import Say, Scene

BAD = {"message": "Bad credentials"}
LACKING = {"message": "Resource not accessible by integration"}


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


async def test_a_token_lives_until_two_minutes_before_its_end(stage: Scene) -> None:
    """And not shorter, since every ETag dies with it."""
    road = stage.app().installation(InstallationId(3))
    stage.far.say(*[Say()] * 3)
    for later in (0, 3470, 20):
        stage.ticker.seconds += later
        await road.get("/x")
    used = [one.headers["authorization"] for one in stage.far.heard if one.method == "GET"]
    assert used == ["token secret1", "token secret1", "token secret2"]


async def test_a_refused_token_is_replaced_once(stage: Scene) -> None:
    """A 401 to an old token heals with a new one, even for a POST."""
    road = stage.app().installation(InstallationId(3))
    stage.far.say(Say(201, {"id": 1}), Say(401, BAD), Say(201, {"id": 2}))
    await road.exchange("POST", "/x", {})
    stage.ticker.seconds += 600
    assert (await road.exchange("POST", "/x", {})).status == 201
    assert (stage.far.minted, stage.ticker.slept) == (2, [])


@pytest.mark.parametrize(
    ("method", "path", "lag"),
    [
        ("GET", "/repos/o/n/x", Say(401, BAD)),
        ("POST", "/repos/o/n/pulls", Say(401, BAD)),
        ("POST", "/repos/o/n/pulls", Say(403, LACKING)),
        ("PUT", "/repos/o/n/pulls/1/merge", Say(403, {"message": "Forbidden"})),
        ("GET", "/repos/o/private/contents/x", Say(404, {"message": "Not Found"})),
    ],
)
async def test_a_new_token_is_believed_in_for_some_seconds(
    stage: Scene, method: str, path: str, lag: Say
) -> None:
    """GitHub does not know it everywhere at once: the same request, with the same token."""
    road = stage.app().installation(InstallationId(3))
    stage.far.say(*[lag] * 4, Say(json={"id": 1}))
    assert (await road.exchange(method, path)).data == {"id": 1}
    assert stage.far.minted == 1
    assert 5 <= sum(stage.ticker.slept) <= 6


async def test_graphql_lags_with_a_200(stage: Scene) -> None:
    """Nothing was done, so even a mutation is repeated; where something was, it is not."""
    road = stage.app().installation(InstallationId(3))
    lacking = [{"type": "FORBIDDEN", "path": ["a"], **LACKING}]
    stage.far.say(Say(json={"data": {"a": None}, "errors": lacking}), Say(json={"data": {"a": 1}}))
    assert (await road.graphql_response("mutation { a }", {})).data == {"a": 1}
    half = Say(json={"data": {"a": None, "b": {"x": 1}}, "errors": lacking})
    stage.far.say(half)
    with pytest.raises(TryLater, match="does not know a new token yet"):
        await road.graphql_response("mutation { b a }", {})
    stage.far.say(half)
    assert (await road.graphql_response("query { b a }", {})).errors == tuple(lacking)


@pytest.mark.parametrize(("status", "said"), [(401, BAD), (403, LACKING)])
async def test_a_lag_of_more_than_that_is_nobodys_fault(
    stage: Scene, status: int, said: dict[str, str]
) -> None:
    """It is tried again soon; what an old token may not do is the operator's."""
    road = stage.app().installation(InstallationId(3))
    stage.far.say(*[Say(status, said)] * 10)
    with pytest.raises(TryLater) as told:
        await road.exchange("POST", "/repos/o/n/pulls", {})
    assert told.value.after.total_seconds() == 60
    assert len([one for one in stage.far.heard if one.path.endswith("/pulls")]) == 5
    stage.far.lined_up.clear()
    stage.ticker.seconds += 60
    stage.far.say(Say(201), Say(403, LACKING))
    await road.exchange("POST", "/repos/o/n/pulls", {})
    with pytest.raises(Misconfigured, match="not accessible by integration"):
        await road.exchange("POST", "/repos/o/n/pulls", {})


@pytest.mark.parametrize(
    "final",
    [
        "Upgrade to GitHub Pro or make this repository public to enable this feature.",
        "refusing to allow a GitHub App to update workflow `x` without `workflows` permission",
        "This installation has been suspended",
    ],
)
async def test_a_final_refusal_is_not_repeated(stage: Scene, final: str) -> None:
    """However new the token is; GitHub's reason is not hidden behind a permission."""
    road = stage.app().installation(InstallationId(3))
    needed = {"X-Accepted-GitHub-Permissions": "metadata=read"}
    stage.far.say(Say(403, {"message": final}, needed))
    with pytest.raises(Misconfigured, match=final[:20]):
        await road.get("/repos/o/n/rules/branches/main")
    assert stage.ticker.slept == []


async def test_what_a_token_that_can_read_does_not_find_is_not_there(stage: Scene) -> None:
    """Only the first answers may be of a GitHub that does not know the token."""
    road = stage.app().installation(InstallationId(3))
    stage.far.say(Say(), Say(404, {"message": "Not Found"}))
    await road.get("/repos/o/n")
    assert await road.find("/repos/o/n/contents/x") is None
    assert stage.ticker.slept == []


async def test_an_etag_is_good_for_its_token_alone(stage: Scene) -> None:
    """The next token asks for the whole answer, since GitHub would not say 304 to it."""
    road = stage.app().installation(InstallationId(3))
    stage.far.say(Say(json=[1], headers={"ETag": '"a"'}), Say(304))
    assert [await road.get("/x"), await road.get("/x")] == [[1], [1]]
    stage.ticker.seconds += 3600
    stage.far.say(Say(json=[2], headers={"ETag": '"b"'}), Say(304))
    assert [await road.get("/x"), await road.get("/x")] == [[2], [2]]
    asked = [one.headers.get("if-none-match") for one in stage.far.heard if one.path == "/x"]
    assert asked == [None, '"a"', None, '"b"']


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
