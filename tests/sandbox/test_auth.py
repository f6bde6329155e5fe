"""Who may do what."""

from datetime import timedelta

import pytest

from octobot.sandbox.changes.bootstrap import private_key
from octobot.sandbox.server import Sandbox
from octobot.sandbox.state.nouns import Level, Role
from tests.sandbox.visitor import DISTRO, Visitor, Watch, app_jwt


async def test_a_good_jwt_shows_the_app(sandbox: Sandbox, app: Visitor) -> None:
    """The App sees itself and where it is installed."""
    assert (await app.get("/app"))["id"] == sandbox.app.app_id
    (one,) = await app.get("/app/installations")
    assert one["permissions"]["contents"] == "write"
    assert (await app.get(f"/repos/{DISTRO}/installation"))["id"] == one["id"]


async def test_the_client_id_is_an_issuer_too(
    sandbox: Sandbox, anybody: Visitor, watch: Watch
) -> None:
    """GitHub recommends it by now."""
    token = app_jwt(sandbox, watch.now, iss=sandbox.app.client_id)
    assert (await anybody.with_token(token).send("GET", "/app")).status == 200


@pytest.mark.parametrize(
    "wrong",
    [{"exp": -1}, {"exp": 3600}, {"iat": 300}, {"iss": "7"}, {"exp": None}, {"iat": -4000}],
)
async def test_a_wrong_jwt_is_refused(
    sandbox: Sandbox, anybody: Visitor, watch: Watch, wrong: dict[str, object]
) -> None:
    """Expired, too long, from the future, of somebody else, or timeless: 401."""
    now = int(watch.now.timestamp())
    claims = {k: now + v if isinstance(v, int) else v for k, v in wrong.items()}
    reply = await anybody.with_token(app_jwt(sandbox, watch.now, **claims)).send("GET", "/app")
    assert reply.status == 401


async def test_a_forged_jwt_is_refused(sandbox: Sandbox, anybody: Visitor, watch: Watch) -> None:
    """The signature counts."""
    head, body, signature = app_jwt(sandbox, watch.now).split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    assert (await anybody.with_token(forged).send("GET", "/app")).status == 401
    assert (await anybody.with_token("ghs_nobody").send("GET", "/rate_limit")).status == 401


async def test_a_token_is_as_narrow_as_asked_for(
    sandbox: Sandbox, app: Visitor, bot: Visitor
) -> None:
    """Permissions and repositories not asked for are not there."""
    await sandbox.create_repository("acme/other", {"a": b"1\n"}, private=True)
    number = await sandbox.install_app("acme/other")
    asked = {"permissions": {"contents": "read"}, "repositories": ["distro"]}
    reply = await app.send("POST", f"/app/installations/{number}/access_tokens", asked)
    assert reply.body["permissions"] == {"metadata": "read", "contents": "read"}
    narrow = bot.with_token(reply.body["token"])
    listed = await narrow.get("/installation/repositories")
    assert [one["full_name"] for one in listed["repositories"]] == [DISTRO]
    assert (await narrow.send("GET", "/repos/acme/other")).status == 404
    refused = await narrow.send("POST", f"/repos/{DISTRO}/issues", {"title": "x"})
    assert refused.status == 403
    assert refused.body["message"] == "Resource not accessible by integration"
    assert refused.headers["X-Accepted-GitHub-Permissions"] == "issues=write"


@pytest.mark.parametrize(
    "asked",
    [
        {"permissions": {"workflows": "write"}},
        {"permissions": {"statuses": "write"}},
        {"repositories": ["nowhere"]},
        {"repository_ids": [1]},
    ],
)
async def test_a_token_is_never_wider_than_granted(
    sandbox: Sandbox, app: Visitor, asked: dict[str, object]
) -> None:
    """More than the installation has is 422."""
    number = await sandbox.install_app(DISTRO)
    reply = await app.send("POST", f"/app/installations/{number}/access_tokens", asked)
    assert reply.status == 422


async def test_a_token_ends_after_an_hour(bot: Visitor, watch: Watch) -> None:
    """Then it is nobody's."""
    assert (await bot.send("GET", f"/repos/{DISTRO}")).status == 200
    watch.advance(minutes=61)
    assert (await bot.send("GET", f"/repos/{DISTRO}")).status == 401


async def test_a_suspended_installation_does_nothing(sandbox: Sandbox, bot: Visitor) -> None:
    """Its tokens are refused until it works again."""
    number = await sandbox.install_app(DISTRO)
    sandbox.suspend(number)
    assert (await bot.send("GET", f"/repos/{DISTRO}")).status == 403
    sandbox.suspend(number, suspended=False)
    assert (await bot.send("GET", f"/repos/{DISTRO}")).status == 200


async def test_an_uninstalled_app_is_out(sandbox: Sandbox, app: Visitor, bot: Visitor) -> None:
    """Off its last repository the installation ends."""
    sandbox.uninstall(DISTRO)
    assert await app.get("/app/installations") == []
    assert (await bot.send("GET", f"/repos/{DISTRO}")).status == 401


async def test_the_public_reads_what_is_public(sandbox: Sandbox, anybody: Visitor) -> None:
    """And learns nothing of what is private."""
    await sandbox.create_repository("acme/open", {"a": b"1\n"})
    await sandbox.create_repository("acme/shut", {"a": b"1\n"}, private=True)
    assert (await anybody.send("GET", "/repos/acme/open/branches/main")).status == 200
    assert (await anybody.send("GET", "/repos/acme/shut")).status == 404
    assert (await anybody.send("GET", "/repos/acme/none")).status == 404
    assert (await anybody.send("POST", "/repos/acme/open/issues", {"title": "x"})).status == 401


@pytest.mark.parametrize(
    ("role", "allowed"), [("read", False), ("triage", False), ("write", True), ("admin", True)]
)
async def test_a_person_can_do_what_their_role_can(
    sandbox: Sandbox, bot: Visitor, role: Role, *, allowed: bool
) -> None:
    """Pushing needs write, and the permission endpoint says the same."""
    alice = sandbox.person("alice", role)
    head = (await bot.get(f"/repos/{DISTRO}/git/ref/heads/main"))["object"]["sha"]
    made = {"ref": "refs/heads/x", "sha": head}
    hers = bot.with_token(alice.token)
    reply = await hers.send("POST", f"/repos/{DISTRO}/git/refs", made)
    assert (reply.status == 201) is allowed
    said = await bot.get(f"/repos/{DISTRO}/collaborators/alice/permission")
    assert said["role_name"] == role
    assert said["user"]["id"] == alice.id


async def test_a_smaller_installation_is_refused_by_name(
    sandbox: Sandbox, app: Visitor, bot: Visitor
) -> None:
    """Losing a permission shows as 403 with the permission that is missing."""
    less: dict[str, Level] = {"metadata": "read", "contents": "read"}
    number = await sandbox.install_app(DISTRO, permissions=less)
    reply = await app.send("POST", f"/app/installations/{number}/access_tokens")
    weak = bot.with_token(reply.body["token"])
    refused = await weak.send("PUT", f"/repos/{DISTRO}/pulls/1/merge", {})
    assert refused.headers["X-Accepted-GitHub-Permissions"] == "contents=write"


def test_the_key_is_for_its_owner_only(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nobody else on the machine reads the App's key."""
    path = tmp_path_factory.mktemp("key") / "app.pem"
    private_key(path)
    assert path.stat().st_mode & 0o077 == 0


async def test_a_new_token_becomes_known_by_and_by(
    sandbox: Sandbox, app: Visitor, anybody: Visitor, watch: Watch
) -> None:
    """First it is unknown, then it has no permissions yet, then it is as it was minted."""
    sandbox.hub.state.live.token_lag = timedelta(seconds=4)
    (one,) = await app.get("/app/installations")
    minted = await app.send("POST", f"/app/installations/{one['id']}/access_tokens", {})
    visitor = anybody.with_token(minted.body["token"])
    statuses = []
    for _ in range(5):
        reply = await visitor.send("POST", f"/repos/{DISTRO}/issues", {"title": "x"})
        statuses.append(reply.status)
        watch.advance(seconds=1)
    assert statuses == [401, 401, 403, 403, 201]


async def test_an_etag_belongs_to_one_token(app: Visitor, bot: Visitor) -> None:
    """Another token gets the whole answer again, though nothing changed."""
    path = f"/repos/{DISTRO}"
    first = await bot.send("GET", path)
    known = first.headers["ETag"]
    assert (await bot.send("GET", path, if_none_match=known)).status == 304
    (one,) = await app.get("/app/installations")
    minted = await app.send("POST", f"/app/installations/{one['id']}/access_tokens", {})
    other = bot.with_token(minted.body["token"])
    assert (await other.send("GET", path, if_none_match=known)).status == 200
